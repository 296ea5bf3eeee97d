"""On which local days an entry can hold: holidays, listed days, nth weekdays, paydays, days after a launch."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from contextcheck.errors import nearest
from contextcheck.knowledge.day_rules import WEEKDAYS, margin_of, paydays, spans_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from contextcheck.knowledge.entries import When
    from contextcheck.records import Launch

ANY = "any"
_ISO_CODE = re.compile(r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")
_BRACKETS = re.compile(r"\s*\([^)]*\)")
_LANGUAGE = "en_US"
_ESTIMATED = "(estimated)"
"""What the holidays package writes behind a feast whose day it has computed and nobody has announced."""
HOLIDAY_MARGIN = 1


def days_of(when: When, region: str, first: date, last: date, launches: Sequence[Launch]) -> frozenset[date]:
    """Give the days from `first` to `last` (both included) on which an entry can hold.

    Args:
        when: The entry's window.
        region: ISO code of the market, such as "KR" or "US-CA".
        first: First local day of interest.
        last: Last local day of interest.
        launches: Every launch of the run; only those of the region count.

    Returns:
        Local days. For `after_launch` the days while the feature is live, or `after_days` days after its start when
        that is given.
    """
    if when.kind == "always":
        return frozenset(_span(first, last))
    if when.kind == "after_launch":
        return frozenset(_launch_days(when, region, first, last, launches))
    return frozenset(day for day, _ in _dated(when, region, first, last))


@dataclass(frozen=True, slots=True)
class Uncertain:
    """Named days that rest on estimated dates.

    Attributes:
        days: All of them, widened by the margin.
        only_by_margin: Those that would not be named if the estimate were exact.
        margin_days: By how many days the dates may be off, at most.
    """

    days: frozenset[date]
    only_by_margin: frozenset[date]
    margin_days: int


def uncertain_days(when: When, region: str, first: date, last: date) -> Uncertain | None:
    """Give the days of a window on which an entry can hold because of an estimated date; None when all are known."""
    if when.kind not in ("holiday", "dates"):
        return None
    dated = list(_dated(when, region, first, last))
    known = {day for day, off in dated if off is None}
    estimated = {day for day, off in dated if off is not None} - known
    if not estimated:
        return None
    exact = {day for day, off in dated if off == 0}
    margin = max(_margins(when, region, first, last))
    return Uncertain(frozenset(estimated), frozenset(estimated - exact), margin)


def _margins(when: When, region: str, first: date, last: date) -> Iterator[int]:
    reach = timedelta(days=when.before_days + when.after_days)
    yield from (margin for _, _, margin in _core_spans(when, region, first - reach, last + reach))


def _dated(when: When, region: str, first: date, last: date) -> Iterator[tuple[date, int | None]]:
    """Each named day between two days, and how far it lies outside its span if that is estimated (None: known)."""
    before, after = timedelta(days=when.before_days), timedelta(days=when.after_days)
    for start, end, margin in _core_spans(when, region, first - after, last + before):
        wide = timedelta(days=margin)
        for day in _span(max(start - before - wide, first), min(end + after + wide, last)):
            if not margin:
                yield day, None
            else:
                yield day, max((start - before - day).days, (day - end - after).days, 0)


def is_in_region(region: str, code: str) -> bool:
    """Say whether a market lies in the region of a code: the same, a part of it ("US-CA" in "US"), or "*"."""
    return code == "*" or region == code or region.startswith(f"{code}-")


def holiday_problem(name: str, region: str, year: int) -> str:
    """Give what is wrong with a holiday's name in a region, with the nearest known ones; empty when it is known."""
    if name == ANY:
        return ""
    known = _holidays(region, year)
    if known is None:
        return f"no public holidays are known for {region}; list the days under dates"
    if _matching(known, name):
        return ""
    names = sorted({each for _, text in known for each in text.split("; ")})
    hint = nearest(name, names) or f"; known are {', '.join(names)}"
    return f'"{name}" is no public holiday of {region} in {year}{hint}'


def public_holidays(region: str, first: date, last: date) -> dict[date, str]:
    """Give the public holidays of a market between two days, by day; empty for a region that is no ISO code.

    The names are English where the list has them, without what is said in brackets (observed, estimated), so that a
    holiday has the same name every year.
    """
    if not _ISO_CODE.match(region):
        return {}
    found: dict[date, str] = {}
    for year in range(first.year, last.year + 1):
        for day, text in _holidays(region, year) or ():
            if first <= day <= last:
                found[day] = _BRACKETS.sub("", text.split("; ")[0]).strip()
    return found


def _span(first: date, last: date) -> Iterator[date]:
    for i in range((last - first).days + 1):
        yield first + timedelta(days=i)


def _launch_days(when: When, region: str, first: date, last: date, launches: Sequence[Launch]) -> Iterator[date]:
    for launch in launches:
        is_named = ANY in when.names or launch.feature in when.names
        if not is_named or not any(is_in_region(region, code) for code in launch.regions):
            continue
        start, end = launch.start - timedelta(days=when.before_days), launch.end or last
        if when.after_days:
            end = min(end, launch.start + timedelta(days=when.after_days))
        yield from _span(max(start, first), min(end, last))


def _core_spans(when: When, region: str, first: date, last: date) -> Iterator[tuple[date, date, int]]:
    """The named days without margins, between two days, and by how many days each may be off."""
    if when.kind == "weekday":
        wanted = {WEEKDAYS.index(name) for name in when.names}
        yield from ((day, day, 0) for day in _span(first, last) if day.weekday() in wanted)
        return
    for year in range(first.year - 1, last.year + 1):
        if when.kind == "payday":
            found = (paydays(name, year, month) for name in when.names for month in range(1, 13))
            yield from ((day, day, 0) for day in found)
        elif when.kind == "dates":
            yield from ((*span, margin_of(name)) for name in when.names for span in spans_of(name, year))
        else:
            yield from ((day, day, margin) for day, margin in _holiday_days(when.names, region, year))


def _holiday_days(names: Iterable[str], region: str, year: int) -> set[tuple[date, int]]:
    known = _holidays(region, year) or ()
    return {
        (day, HOLIDAY_MARGIN if _ESTIMATED in text else 0) for name in names for day, text in _matching(known, name)
    }


def _matching(known: Iterable[tuple[date, str]], name: str) -> list[tuple[date, str]]:
    """Holidays whose name contains the words, in any case; all for "any"."""
    word = name.casefold()
    return [(day, text) for day, text in known if name == ANY or word in text.casefold()]


@lru_cache(maxsize=512)
def _holidays(region: str, year: int) -> tuple[tuple[date, str], ...] | None:
    """Public holidays with English names where there are any; None for a region that the package does not know."""
    import holidays

    country, _, part = region.partition("-")
    for subdivision in (part or None, None):
        try:
            found = holidays.country_holidays(country, subdiv=subdivision, years=[year], language=_LANGUAGE)
        except NotImplementedError:
            continue
        return tuple(sorted((day, text) for day, text in found.items()))
    return None
