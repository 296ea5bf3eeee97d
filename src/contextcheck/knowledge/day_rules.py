"""Days as a person writes them: one day, a span, the nth weekday of a month, a payday; checked and computed.

Forms: "11-11" · "2026-02-17" · "11-01..11-11" (may run over New Year) · "2026-02-18..2026-03-19" ·
"4th thu of november", "last fri of may", each with "+1" or "-2" days behind it. Any of them may end with "±1": a date
that is estimated and may be off by so many days.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from typing import TYPE_CHECKING

from contextcheck.errors import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contextcheck.knowledge.entries import WhenKind

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_NTH = re.compile(r"^(1st|2nd|3rd|4th|last) (\w+) of (\w+)(?: ([+-]\d{1,2}))?$")
_GIVE_OR_TAKE = re.compile(r"^(.*?) (?:±|\+-)(\d{1,2})$")
_MONTH_DAY = re.compile(r"^\d{2}-\d{2}$")
_LEAP_YEAR = 2024


def check_day_text(kind: WhenKind, text: str, calendars: Iterable[str] = ()) -> str:
    """Give what is wrong with a day text of a `when`, with the remedy; empty when nothing is."""
    if kind == "weekday" and text not in WEEKDAYS:
        return f'"{text}" is no weekday; write {", ".join(WEEKDAYS)}'
    if kind == "payday" and not (text == "last" or (text.isdigit() and 1 <= int(text) <= 31)):
        return f'"{text}" is no payday; write a day of the month from 1 to 31, or last'
    if kind == "dates":
        try:
            spans_of(text, _LEAP_YEAR)
        except ValueError:
            forms = '"11-11", "2026-02-17", "11-01..11-11", "4th thu of november +1"'
            plain = without_margin(text)
            return f'"{plain}" is no day; write {forms} or a calendar\'s name{nearest(plain, calendars)}'
    return ""


def spans_of(text: str, year: int) -> list[tuple[date, date]]:
    """Give first and last day of what a text means in a year; a full date gives itself whatever the year.

    How far an estimated date may be off is left to `margin_of`.

    Raises:
        ValueError: When the text is none of the forms.
    """
    text = without_margin(text)
    found = _NTH.match(text)
    if found:
        day = _nth_weekday(found[1], found[2], found[3], year) + timedelta(days=int(found[4] or 0))
        return [(day, day)]
    start_text, _, end_text = text.partition("..")
    start = _one_day(start_text, year)
    end = _one_day(end_text or start_text, year)
    if start is None or end is None:
        return []
    if end < start and _MONTH_DAY.match(end_text):
        return [(start, end.replace(year=year + 1))]
    if end < start:
        raise ValueError(text)
    return [(start, end)]


def margin_of(text: str) -> int:
    """Give by how many days an estimated date may be off; 0 for a date that is known."""
    found = _GIVE_OR_TAKE.match(text)
    return int(found[2]) if found else 0


def span_days(text: str) -> int:
    """Give how many days in a row a day text names, its margin of doubt included; 0 when it is no day text."""
    try:
        found = spans_of(text, _LEAP_YEAR - 1) or spans_of(text, _LEAP_YEAR)
    except ValueError:
        return 0
    return max((end - start).days + 1 for start, end in found) + 2 * margin_of(text)


def without_margin(text: str) -> str:
    """Give a day text without the "±1" behind it."""
    found = _GIVE_OR_TAKE.match(text)
    return found[1] if found else text


def paydays(text: str, year: int, month: int) -> date:
    """Give the day of the month, cut to the month's length; "last" is the last day."""
    length = monthrange(year, month)[1]
    return date(year, month, length if text == "last" else min(int(text), length))


def _one_day(text: str, year: int) -> date | None:
    """The day in a year; None for 29 February of a common year."""
    if _MONTH_DAY.match(text):
        month, day = int(text[:2]), int(text[3:])
        date(_LEAP_YEAR, month, day)
        return None if (month, day) == (2, 29) and monthrange(year, 2)[1] == 28 else date(year, month, day)
    return date.fromisoformat(text)


def _nth_weekday(nth: str, weekday: str, month_name: str, year: int) -> date:
    month, wanted = MONTHS.index(month_name) + 1, WEEKDAYS.index(weekday)
    length = monthrange(year, month)[1]
    days = [day for day in range(1, length + 1) if date(year, month, day).weekday() == wanted]
    return date(year, month, days[-1] if nth == "last" else days[int(nth[0]) - 1])
