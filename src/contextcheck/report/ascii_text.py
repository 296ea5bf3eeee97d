"""Text for a terminal that only knows ASCII."""

from __future__ import annotations

import unicodedata

REPLACEMENTS = {
    "\N{MINUS SIGN}": "-",
    "–": "-",
    "—": "-",
    "→": "->",
    "·": "|",
    "●": "*",
    "◐": "~",
    "○": "o",
    "◌": "?",
    "✓": "+",
    "✗": "x",
    "≤": "<=",
    "≥": ">=",
    "×": "x",
    "±": "+/-",
    "…": "...",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "CN¥": "CNY ",
    "¥": "JPY ",
    "₩": "KRW ",
    "€": "EUR ",
    "£": "GBP ",
    "₹": "INR ",
    "₫": "VND ",
    "₱": "PHP ",
    "₺": "TRY ",
    "₽": "RUB ",
    "₪": "ILS ",
    "฿": "THB ",
    "₦": "NGN ",
}


def ascii_text(text: str) -> str:
    """Give a text in ASCII: marks and currency signs by their plain form, accents dropped, the rest as "?"."""
    if text.isascii():
        return text
    for sign, plain in REPLACEMENTS.items():
        text = text.replace(sign, plain)
    decomposed = unicodedata.normalize("NFKD", text)
    kept = (letter for letter in decomposed if not unicodedata.combining(letter))
    return "".join(letter if letter.isascii() else "?" for letter in kept)
