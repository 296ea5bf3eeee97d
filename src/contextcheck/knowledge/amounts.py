"""Amounts as people write them in a sentence; shared by the steps that put money into words."""

from __future__ import annotations

SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "KRW": "₩", "INR": "₹", "BRL": "R$"}
MINUS = "−"


def money_text(amount: float, currency: str, *, with_sign: bool = False) -> str:
    """Give an amount in a few characters; cents only under ten.

    Example:
        >>> money_text(-1930.4, "USD")
        '−$1,930'
        >>> money_text(7.9, "CHF", with_sign=True)
        '+CHF 7.90'
    """
    size = abs(amount)
    digits = f"{size:,.2f}" if 0.005 <= size < 9.995 else f"{size:,.0f}"
    symbol = SYMBOLS.get(currency, f"{currency} ")
    sign = MINUS if amount < 0 and digits != "0" else ("+" if with_sign and digits != "0" else "")
    return f"{sign}{symbol}{digits}"
