"""The panel as aligned arrays: one row per region × metric, one column per local day, or per week of weekly data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from contextcheck.panel.named_days import NO_NAMES, NamedDays, name_days

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from contextcheck.knowledge.metrics import Metric, MetricKind
    from contextcheck.panel.table import Panel

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]
    Indices = NDArray[np.intp]

COUNTED_KINDS = ("rate", "count", "mean")
WEEK = 7
# fewer dates on one weekday may as well be a few daily rows
MIN_WEEKS = 3


@dataclass(frozen=True, slots=True)
class Grid:
    """Series × days; of a weekly panel series × weeks, each named by the day it is dated with.

    Attributes:
        series: (region, metric) of each row.
        region_of: Index into `regions` per row.
        metric_of: Index into `metrics` per row.
        kinds: rate, count or mean per row.
        days: Consecutive local days, datetime64[D]; of a weekly panel every seventh.
        amount: Events of a rate or count, sum of values of a mean; 0 where nothing is usable.
        exposure: Orders of a rate, number of values of a mean, 1 for a count; 0 where the day is not usable.
        sumsq: Sum of squared values of a mean; 0 for the others.
        is_judged: The day is complete, mature and not set aside as a data fault.
        step_days: Days from one column to the next: 1, or 7 for a weekly panel.
        named: Holidays and commercial dates of a daily panel.
    """

    series: tuple[tuple[str, str], ...]
    regions: tuple[str, ...]
    metrics: tuple[str, ...]
    region_of: Indices
    metric_of: Indices
    kinds: NDArray[np.str_]
    days: NDArray[np.datetime64]
    amount: Floats
    exposure: Floats
    sumsq: Floats
    is_judged: Bools
    step_days: int = 1
    named: NamedDays = NO_NAMES

    @property
    def is_weekly(self) -> bool:
        return self.step_days == WEEK

    def columns(self, days: int) -> int:
        """How many columns so many days are, at least one."""
        return max(days // self.step_days, 1)

    @property
    def weekdays(self) -> Indices:
        """Monday 0 to Sunday 6 per column."""
        # 1970-01-01 was a Thursday
        return np.asarray((self.days.astype(np.int64) + 3) % 7, dtype=np.intp)

    def only(self, rows: Indices) -> Grid:
        """Some of the series."""
        return replace(
            self,
            series=tuple(self.series[row] for row in rows),
            region_of=self.region_of[rows],
            metric_of=self.metric_of[rows],
            kinds=self.kinds[rows],
            amount=self.amount[rows],
            exposure=self.exposure[rows],
            sumsq=self.sumsq[rows],
            is_judged=self.is_judged[rows],
        )

    def newest(self, columns: int) -> Grid:
        """The same series on the last columns only."""
        first = len(self.days) - columns
        if first <= 0:
            return self
        # copies, so that the older columns can be let go
        return replace(
            self,
            days=self.days[first:],
            amount=np.array(self.amount[:, first:]),
            exposure=np.array(self.exposure[:, first:]),
            sumsq=np.array(self.sumsq[:, first:]),
            is_judged=np.array(self.is_judged[:, first:]),
            named=self.named.newest(columns),
        )

    def column_of(self, day: date) -> int:
        """Column of a day; 0 for a day before the first, one past the last for a day after the last."""
        return int(np.searchsorted(self.days, np.datetime64(day, "D")))

    def without(self, is_set_aside: Bools) -> Grid:
        """The same grid with region-days set aside (regions × days, true where nothing may be learned or judged)."""
        keep = self.is_judged & ~is_set_aside[self.region_of]
        amount, exposure, sumsq = (np.where(keep, each, 0.0) for each in (self.amount, self.exposure, self.sumsq))
        return replace(self, amount=amount, exposure=exposure, sumsq=sumsq, is_judged=keep)


def build_grid(panel: Panel, metric_ids: Collection[str]) -> Grid:
    """Align the series of some metrics on one calendar.

    Args:
        panel: Daily sums.
        metric_ids: Metrics wanted; those the panel does not have, and sums, are left out.

    Returns:
        The grid, rows ordered by metric and region, all days from the panel's first to `as_of`. A panel whose rows all
        fall on one weekday, on several weeks, is weekly.
    """
    wanted = [each for each in sorted(metric_ids) if _is_counted(panel.metrics, each)]
    metric_code = _codes(panel.daily["metric"], wanted)
    is_wanted = (metric_code >= 0) & (panel.daily["day"] <= pd.Timestamp(panel.as_of)).to_numpy()
    rows = panel.daily if is_wanted.all() else panel.daily[is_wanted]
    metric_code = metric_code[is_wanted]
    regions = tuple(sorted(str(each) for each in rows["region"].unique()))
    region_code = _codes(rows["region"], regions)
    pair = metric_code * max(len(regions), 1) + region_code
    present, line = np.unique(pair, return_inverse=True)
    day = rows["day"].to_numpy().astype("datetime64[D]")
    step = _step(day)
    days = np.arange(day.min(), day.max() + 1, step) if len(day) else day
    column = (day - days[0]).astype(np.intp) // step if len(day) else np.zeros(0, np.intp)
    metric_of = np.asarray(present // max(len(regions), 1), dtype=np.intp)
    region_of = np.asarray(present % max(len(regions), 1), dtype=np.intp)
    kinds = np.array([panel.metrics[wanted[each]].kind for each in metric_of], dtype="U5")
    arrays = _fill(rows, kinds, line, column, (len(present), len(days)))
    named = NO_NAMES if step == WEEK else name_days(regions, days, panel.named_days)
    series = tuple((regions[r], wanted[m]) for r, m in zip(region_of, metric_of, strict=True))
    return Grid(series, regions, tuple(wanted), region_of, metric_of, kinds, days, *arrays, step, named)


def _codes(column: pd.Series[Any], names: Sequence[str]) -> Indices:
    """Place of each value in `names`; −1 for one that is not there."""
    codes, found = pd.factorize(column)
    place = {name: index for index, name in enumerate(names)}
    target = np.array([place.get(str(each), -1) for each in found] or [-1], dtype=np.intp)
    return np.where(codes >= 0, target[codes], -1)


def _step(day: NDArray[np.datetime64]) -> int:
    """Days between columns: 7 when all rows fall on one weekday of at least three weeks."""
    since = np.unique(day.astype(np.int64))
    is_weekly = len(since) >= MIN_WEEKS and not ((since - since[0]) % WEEK).any()
    return WEEK if is_weekly else 1


def _is_counted(metrics: Mapping[str, Metric], metric: str) -> bool:
    kind: MetricKind | None = metrics[metric].kind if metric in metrics else None
    return kind in COUNTED_KINDS


def _fill(
    rows: pd.DataFrame, kinds: NDArray[np.str_], line: Indices, column: Indices, shape: tuple[int, int]
) -> tuple[Floats, Floats, Floats, Bools]:
    """Amount, exposure, sum of squares and usability as arrays; what is missing is 0 and not usable."""
    usable = (rows["is_complete"] & rows["is_mature"]).to_numpy(dtype=np.bool_)
    at = (line[usable], column[usable])
    is_mean = (kinds == "mean")[line]
    values = rows["value_sum"].to_numpy(dtype=np.float64)
    amount = np.where(is_mean, values, rows["events"].to_numpy(dtype=np.float64))
    filled = []
    for source in (amount, rows["exposure"].to_numpy(dtype=np.float64), rows["value_sumsq"].to_numpy(dtype=np.float64)):
        # the filter reads day by day
        target = np.zeros(shape, order="F")
        target[at] = np.nan_to_num(source[usable])
        filled.append(target)
    is_judged = np.zeros(shape, dtype=np.bool_)
    is_judged[at] = True
    filled[2] = np.where((kinds == "mean")[:, None], filled[2], 0.0)
    return filled[0], filled[1], filled[2], is_judged
