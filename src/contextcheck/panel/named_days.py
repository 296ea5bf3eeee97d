"""Public holidays and commercial dates of each region, under names that come back every year."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.knowledge.dates import is_in_region, public_holidays
from contextcheck.knowledge.day_rules import spans_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from contextcheck.knowledge.entries import Entry
    from contextcheck.panel.table import Panel

    Indices = NDArray[np.intp]

# a longer season of trade moves the level, which is followed
LONGEST_SPAN_DAYS = 10
BESIDE = ("the day before ", "the day after ")


@dataclass(frozen=True, slots=True)
class NamedDays:
    """Names by region and day.

    Attributes:
        names: Every name once.
        of_day: Index into `names`, regions × days; −1 for a day without a name. Empty when no day has one.
    """

    names: tuple[str, ...]
    of_day: Indices

    @property
    def is_beside(self) -> NDArray[np.bool_]:
        """Whether a name is that of a day before or after a holiday; per name."""
        return np.array([each.startswith(BESIDE) for each in self.names], dtype=np.bool_)

    def newest(self, columns: int) -> NamedDays:
        """The same names on the last columns only."""
        return replace(self, of_day=self.of_day[:, -columns:]) if self.names else self

    def on(self, region_of: Indices, column: int) -> Indices:
        """Name of a day in the region of each series."""
        return self.of_day[region_of, column] if self.names else np.full(len(region_of), -1, dtype=np.intp)


NO_NAMES = NamedDays((), np.zeros((0, 0), dtype=np.intp))


def name_days(
    regions: Sequence[str], days: NDArray[np.datetime64], commercial: Mapping[str, Mapping[date, str]]
) -> NamedDays:
    """Name the days of a calendar: public holidays with the days beside them, and commercial dates."""
    if not len(days):
        return NO_NAMES
    first, last = (date.fromisoformat(str(each)) for each in (days[0], days[-1]))
    index: dict[str, int] = {}
    of_day = np.full((len(regions), len(days)), -1, dtype=np.intp)
    for row, region in enumerate(regions):
        for day, name in _named(region, first, last, commercial.get(region, {})).items():
            of_day[row, (day - first).days] = index.setdefault(name, len(index))
    return NamedDays(tuple(index), of_day) if index else NO_NAMES


def with_commercial_days(panel: Panel, entries: Iterable[Entry]) -> Panel:
    """Give the panel the commercial dates that the knowledge base lists for its regions."""
    dated = [each for each in entries if each.when.kind == "dates"]
    if not dated or panel.daily.empty:
        return panel
    first, last = panel.daily["day"].min().date(), panel.daily["day"].max().date()
    named = {}
    for region in panel.regions:
        found: dict[date, str] = {}
        for entry in dated:
            if any(is_in_region(region, code) for code in entry.regions):
                found.update(_dates_of(entry, first, last))
        if found:
            named[region] = found
    return replace(panel, named_days=named)


def _named(region: str, first: date, last: date, commercial: Mapping[date, str]) -> dict[date, str]:
    one = timedelta(days=1)
    holidays = public_holidays(region, first - one, last + one)
    beside = {day + step * one: BESIDE[(step + 1) // 2] + name for step in (1, -1) for day, name in holidays.items()}
    found = {**beside, **commercial, **holidays}
    return {day: name for day, name in sorted(found.items()) if first <= day <= last}


def _dates_of(entry: Entry, first: date, last: date) -> dict[date, str]:
    """Days of an entry's short spans, each numbered within its span."""
    found = {}
    for year in range(first.year - 1, last.year + 1):
        number = 0
        for text in entry.when.names:
            for start, end in spans_of(text, year):
                length = (end - start).days + 1
                if length > LONGEST_SPAN_DAYS:
                    continue
                for step in range(length):
                    day, number = start + timedelta(days=step), number + 1
                    is_full_date = len(text) > 7 and text[:4].isdigit()
                    if first <= day <= last:
                        found[day] = f"{entry.id} day {step + 1 if is_full_date else number}"
    return found
