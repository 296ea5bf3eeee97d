"""About how much of a currency a US dollar is, to size default unit costs and to doubt a rate: never anybody's money.

The default costs come from studies in dollars and euros. Taken as they stand, 7.00 per returned parcel would be nothing
in won and a fortune in dinars. Amounts of orders are converted at the rates of the settings and at nothing else.

The figures are rounded levels, not the rates of a day. Where the International Monetary Fund lists a currency (currency
values in SDR, 17 January 2025) a test holds them to within a third of it; the others rest on nothing but the year.
"""

from __future__ import annotations

from decimal import Decimal

YEAR = 2025

PER_DOLLAR: dict[str, int] = {
    **{"JPY": 150, "KRW": 1_400, "CNY": 7, "TWD": 31, "HKD": 8, "THB": 33, "MYR": 4, "PHP": 57},
    **{"VND": 26_000, "IDR": 16_000, "INR": 87, "PKR": 280, "BDT": 120, "LKR": 300, "NPR": 140, "KHR": 4_000},
    **{"BRL": 6, "MXN": 19, "CLP": 950, "COP": 4_100, "PEN": 4, "UYU": 41, "CRC": 510, "DOP": 61, "PYG": 7_500},
    **{"PLN": 4, "CZK": 22, "HUF": 350, "RON": 4, "UAH": 41, "TRY": 40, "RUB": 80, "RSD": 103, "ISK": 125},
    **{"SEK": 10, "NOK": 10, "DKK": 7, "ILS": 4, "AED": 4, "SAR": 4, "QAR": 4, "EGP": 50, "MAD": 9},
    **{"ZAR": 18, "NGN": 1_550, "KES": 130, "GHS": 12, "TZS": 2_600, "UGX": 3_600, "KZT": 520, "UZS": 12_500},
}
"""Rounded levels of the year above. A currency that is not here is taken as worth about a dollar."""


NEAR_A_DOLLAR = frozenset({"USD", "EUR", "GBP", "CHF", "AUD", "CAD", "NZD", "SGD", "BND", "JOD", "BGN", "BAM", "AZN"})
"""Currencies worth between half a dollar and two."""


def per_dollar(currency: str) -> Decimal:
    """About how much of a currency a dollar is; 1 where it is near that or not known."""
    return Decimal(PER_DOLLAR.get(currency, 1))


def rough_rate(currency: str, target: str) -> Decimal | None:
    """About how much of the target one unit of a currency is; None where the worth of either is not known.

    Example:
        >>> float(rough_rate("JPY", "CNY")), rough_rate("BTC", "USD")
        (0.04666666666666667, None)
    """
    if not all(code in PER_DOLLAR or code in NEAR_A_DOLLAR for code in (currency, target)):
        return None
    return per_dollar(target) / per_dollar(currency)
