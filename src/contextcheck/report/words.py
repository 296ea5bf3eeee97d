"""How numbers, shares, money, days and names are written, so that every format says the same sentence."""

from __future__ import annotations

import math
import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from contextcheck.records import Course, Estimate, Flag, MoneyEstimate

MINUS = "\N{MINUS SIGN}"
LOCALE = "en_US"
DAY_LOCALE = "en_GB"
WHOLE_AMOUNTS_FROM = 100
"""Amounts from here on are written without cents: nobody decides on them."""

# Direction overrides can make a text read as another one; they have no place in a report.
_UNSEEN = re.compile("[\u061c\u200b-\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
_ESCAPE_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])")
_SPACES = re.compile(r"\s+")


def clean(text: str) -> str:
    """Give a text in one line without anything that a terminal or a reader would obey instead of show."""
    text = _ESCAPE_SEQUENCE.sub("", text)
    text = _SPACES.sub(" ", _UNSEEN.sub("", text))
    return "".join(letter for letter in text if unicodedata.category(letter) not in ("Cc", "Cs")).strip()


def visible(line: str) -> str:
    """Give one line without anything that a terminal would obey; its spaces stay, for layout."""
    line = _UNSEEN.sub("", _ESCAPE_SEQUENCE.sub("", line))
    return "".join(
        " " if letter in "\t\r\n" else letter
        for letter in line
        if letter in "\t\r\n" or unicodedata.category(letter) not in ("Cc", "Cs")
    )


def is_known(value: float | Decimal | None) -> bool:
    """Whether there is a finite number to show."""
    return value is not None and math.isfinite(value)


def number(value: float, digits: int = 0) -> str:
    """2913.4 becomes "2,913"; a negative number has a true minus sign."""
    if not math.isfinite(value):
        return "not known"
    text = f"{abs(value):,.{digits}f}"
    return f"{MINUS}{text}" if value < 0 and any(digit in "123456789" for digit in text) else text


def figure(value: float) -> str:
    """A number without a unit in about three digits: 2,913, 72.1, 0.043."""
    if not math.isfinite(value):
        return "not known"
    size = abs(value)
    if size >= 100 or value == 0:
        return number(value)
    return number(value, 1 if size >= 10 else 2 if size >= 1 else 3)


def counted(amount: float, singular: str, plural: str = "") -> str:
    """Such as "1 flag", "2 flags"."""
    return f"{number(amount)} {singular if round(amount) == 1 else plural or singular + 's'}"


def percent(share: float) -> str:
    """0.184 becomes "18.4 %", 0.71 "71 %", 0.0042 "0.42 %"."""
    return f"{_percent_number(share)} %" if math.isfinite(share) else "not known"


def _percent_number(share: float) -> str:
    if not math.isfinite(share):
        return "not known"
    text = number(share * 100, 2 if 0 < abs(share) < 0.01 else 1)
    return text.removesuffix(".0")


def share(value: float) -> str:
    """A share that is itself an estimate, in whole percents: 0.862 becomes "86 %"."""
    return f"{_share_number(value)} %" if math.isfinite(value) else "not known"


def _share_number(value: float) -> str:
    return number(value * 100, 0 if abs(value) >= 0.01 or value == 0 else 1)


def share_between(estimate: Estimate) -> str:
    """Such as "86 % (79 to 92)"."""
    return f"{share(estimate.value)} ({between(_share_number(estimate.low), _share_number(estimate.high))})"


def percent_between(value: float, low: float, high: float) -> str:
    """Such as "6.1 % (5.4 to 6.9)"."""
    return f"{percent(value)} ({between(_percent_number(low), _percent_number(high))})"


def between(low: str, high: str) -> str:
    """The limits of an interval: "5.4 to 6.9"."""
    return f"{low} to {high}"


def change(ratio: float) -> str:
    """A ratio of 1.152 becomes "+15.2 %"."""
    return f"{_change_number(ratio)} %" if math.isfinite(ratio) else "not known"


def _change_number(ratio: float) -> str:
    points = (ratio - 1) * 100
    text = number(points, 1)
    return text if points < 0 or text == "0.0" else f"+{text}"


def change_between(ratio: Estimate) -> str:
    """Such as "+15.2 % (+13.9 to +16.6)"."""
    return f"{change(ratio.value)} ({between(_change_number(ratio.low), _change_number(ratio.high))})"


def times(ratio: float) -> str:
    """How many times as much, in words a manager would use."""
    if not math.isfinite(ratio) or ratio <= 0:
        return ""
    if 0.95 <= ratio < 1.05:
        return "about as usual"
    for low, high, words in _TIMES:
        if low <= ratio < high:
            return words
    return f"{number(ratio, 1 if ratio < 10 else 0)} times the usual" if ratio > 1 else f"{percent(ratio)} of the usual"


_TIMES = ((0.45, 0.55, "half the usual"), (1.9, 2.1, "twice the usual"), (2.85, 3.15, "three times the usual"))


def chance(q_value: float) -> str:
    """What a corrected p-value means, with the figure."""
    if not math.isfinite(q_value):
        return "chance not judged (no q-value)"
    size = "q < 0.0001" if q_value < 0.0001 else f"q = {q_value:.4f}" if q_value < 0.01 else f"q = {q_value:.2f}"
    if q_value < 0.01:
        return f"not chance ({size})"
    return f"hardly chance ({size})" if q_value <= 0.05 else f"may be chance ({size})"


def money(amount: Decimal, currency: str, *, signed: bool = False) -> str:
    """Such as "$4,120", "−$310.50", "₩50,000", "+$4,120" when signed; an unknown currency is written by its code."""
    if not amount.is_finite():
        return "not known"
    text = _money_text(abs(amount), currency)
    if not any(digit in "123456789" for digit in text):
        return text
    return f"{MINUS}{text}" if amount < 0 else f"+{text}" if signed else text


def _money_text(amount: Decimal, currency: str) -> str:
    if not currency:
        return number(float(amount), 0 if amount >= WHOLE_AMOUNTS_FROM else 2)
    from babel.numbers import format_currency

    # A code that is not a word of capital letters could be anything a file says; babel prints it as it is.
    code = clean(currency)
    if amount >= WHOLE_AMOUNTS_FROM:
        return str(format_currency(amount, code, format="¤#,##0", locale=LOCALE, currency_digits=False))
    return str(format_currency(amount, code, locale=LOCALE))


def money_between(estimate: MoneyEstimate, currency: str) -> str:
    """Such as "+$4,120 (+2,300 to +5,900)"; the limits carry their sign, not the currency again."""
    return f"{money(estimate.value, currency, signed=True)} ({money_limits(estimate)})"


def money_limits(estimate: MoneyEstimate) -> str:
    """Such as "+2,300 to +5,900"; both with cents or both without."""
    known = [abs(limit) for limit in (estimate.low, estimate.high) if limit.is_finite()]
    digits = 0 if any(size >= WHOLE_AMOUNTS_FROM for size in known) else 2
    return between(_signed_number(estimate.low, digits), _signed_number(estimate.high, digits))


def _signed_number(amount: Decimal, digits: int) -> str:
    if not amount.is_finite():
        return "no limit"
    text = number(float(amount), digits)
    return f"+{text}" if amount > 0 and any(digit in "123456789" for digit in text) else text


@cache
def _formatted_day(day: date, pattern: str) -> str:
    from babel.dates import format_date

    return str(format_date(day, pattern, locale=DAY_LOCALE))


def day_text(day: date, *, with_year: bool = False) -> str:
    """Such as "3 March" or "3 March 2026"."""
    return _formatted_day(day, "d MMMM y" if with_year else "d MMMM")


COURSE_WORDS: dict[Course, str] = {
    "ongoing": ", ongoing",
    "worsening": ", ongoing and growing",
    "easing": ", easing off",
    "over": "",
    "new_level": ", now the new level",
}


def period(flag: Flag, as_of: date) -> str:
    """Such as "since 3 March, 14 days, ongoing" or "3 to 16 March, 14 days"; with the year when it is an old one.

    Where the start is not sure to the day, the days between which it lies (95 %) are told behind it.
    """
    window = flag.window
    length = counted(window.days, "day")
    old = window.start.year != as_of.year
    between = _between(flag)
    if window.is_open or between:
        until = "" if window.is_open else f" until {day_text(window.end, with_year=old)}"
        since = day_text(window.start, with_year=old)
        return f"since {since}{between}{until}, {length}{COURSE_WORDS[flag.course]}"
    if window.days == 1:
        return f"on {day_text(window.start, with_year=old)}, 1 day{COURSE_WORDS[flag.course]}"
    same_month = (window.start.year, window.start.month) == (window.end.year, window.end.month)
    first = str(window.start.day) if same_month else day_text(window.start, with_year=old)
    return f"{first} to {day_text(window.end, with_year=old)}, {length}{COURSE_WORDS[flag.course]}"


def _between(flag: Flag) -> str:
    """Such as " (started 2 to 5 March)"; empty where the start is known to the day."""
    if flag.start_between is None or flag.start_between[0] == flag.start_between[1]:
        return ""
    first, last = flag.start_between
    same_month = (first.year, first.month) == (last.year, last.month)
    return f" (started {first.day if same_month else day_text(first)} to {day_text(last)})"


def region_name(code: str, names: dict[str, str]) -> str:
    """A market's name: the team's own first, then the name of the country; the code itself when neither is known."""
    if names.get(code):
        return clean(names[code])
    from babel import Locale

    return str(Locale.parse(LOCALE).territories.get(code, clean(code)))


def listed(items: list[str] | tuple[str, ...], most: int = 0) -> str:
    """Such as "a, b and c"; from `most` on "a, b and 3 more"."""
    shown = list(items)
    if most and len(shown) > most:
        shown = [*shown[: most - 1], f"{len(items) - most + 1} more"]
    if len(shown) < 2:
        return "".join(shown)
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def sentence(text: str) -> str:
    """A text that starts with a capital and ends with a full stop."""
    text = clean(text)
    if not text:
        return ""
    return text[0].upper() + text[1:] + ("" if text[-1] in ".?!:…" else ".")


def lowered(text: str) -> str:
    """A text that goes on in the middle of a sentence: its first letter is small, unless it begins an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
