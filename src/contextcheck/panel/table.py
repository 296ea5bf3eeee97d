"""The panel: region × local day × metric, the only thing that detectors see."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from contextcheck.panel.counts import Counts, counts_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import pandas as pd

    from contextcheck.errors import Problem
    from contextcheck.knowledge.metrics import Metric
    from contextcheck.records import Unavailable

PANEL_COLUMNS = (
    "region",
    "day",
    "metric",
    "events",
    "exposure",
    "value_sum",
    "value_sumsq",
    "is_complete",
    "is_mature",
)


@dataclass(frozen=True, slots=True)
class Panel:
    """Daily sums per region and metric.

    Attributes:
        daily: Long table, sorted by region, metric, day, one row per region × metric × local day between the region's
            first and last day (a day without orders is a row with exposure 0; a day on which nothing at all was
            loaded for the region is a row too). Columns:
            region (str), day (datetime64, midnight), metric (str id),
            events (float: numerator orders of a rate; number of values of a mean or sum; orders of a count),
            exposure (float: denominator orders of a rate; for mean and sum the number of values; for a count 1.0),
            value_sum (float: sum of the values of a mean or sum, in the metric's unit; NaN for rates and counts),
            value_sumsq (float: sum of their squares; NaN for rates and counts),
            is_complete (bool: the local day lies wholly inside the data),
            is_mature (bool: every order of the day is old enough for the metric's horizon at `as_of`).
        metrics: The available metrics by id.
        unavailable: Metrics that lack columns, with the columns' names.
        as_of: The last local day that may be judged (the newest complete day over all regions).
        zones: Region to the zone its days are counted in.
        problems: Data faults noticed while building (partial days, missing days).
        named_days: Commercial dates of a region by day, beside its public holidays; they come every year.
    """

    daily: pd.DataFrame
    metrics: Mapping[str, Metric]
    unavailable: tuple[Unavailable, ...]
    as_of: date
    zones: Mapping[str, str]
    problems: tuple[Problem, ...] = ()
    named_days: Mapping[str, Mapping[date, str]] = field(default_factory=dict)
    _rows: dict[str, pd.DataFrame] = field(default_factory=dict, init=False, repr=False, compare=False)
    _counts: dict[str, Counts] = field(default_factory=dict, init=False, repr=False, compare=False)
    _tables: dict[tuple[str, str], pd.DataFrame] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def regions(self) -> tuple[str, ...]:
        return tuple(sorted(self.daily["region"].unique()))

    def rows_of(self, metric: str) -> pd.DataFrame:
        """All rows of one metric; kept, since every flag asks for the same ones. Not to be changed by the caller."""
        if metric not in self._rows:
            self._rows[metric] = self.daily[self.daily["metric"] == metric]
        return self._rows[metric]

    def table(self, metric: str, column: str) -> pd.DataFrame:
        """One column of one metric as day × region; kept likewise. A region without a row on a day is missing there."""
        key = (metric, column)
        if key not in self._tables:
            self._tables[key] = self.rows_of(metric).pivot(index="day", columns="region", values=column)
        return self._tables[key]

    def counts(self, metric: str) -> Counts:
        """The sums of one metric on complete, mature days, as arrays; kept likewise."""
        if metric not in self._counts:
            self._counts[metric] = counts_of(self.rows_of(metric))
        return self._counts[metric]

    def usable(self) -> pd.DataFrame:
        """The rows on complete, mature days."""
        return self.daily[self.daily["is_complete"] & self.daily["is_mature"]]

    def series(self, region: str, metric: str) -> pd.DataFrame:
        """All days of one region and metric, indexed by day; empty when there are none."""
        rows = self.rows_of(metric)
        return rows[rows["region"] == region].set_index("day")
