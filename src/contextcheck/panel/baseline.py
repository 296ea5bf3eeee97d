"""What was to be expected in each region on each day, from the past only; shared by detection, placebo and impact."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.panel.baseline_filter import FEWEST_COLUMNS, KEPT_ARRAYS, run_filter
from contextcheck.panel.baseline_grid import build_grid
from contextcheck.panel.baseline_known import known_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from contextcheck.panel.baseline_grid import Floats, Grid, Indices
    from contextcheck.panel.table import Panel

GUARD_DAYS = 1


@dataclass(frozen=True, slots=True)
class Baseline:
    """Level, spread and day effects of each series as they were known before each day.

    Column t of `level`, `level_variance`, `extra_variance`, `value_variance`, `history` and `drift` uses the days
    before t only; `offset` (weekday and what all regions share) may use the other regions' day t.

    Attributes:
        grid: The series.
        level: Log of the rate, count or mean.
        level_variance: Its variance.
        offset: Log-scale weekday effect plus common wobble of the day.
        extra_variance: Variance of the daily log rate beyond counting noise.
        value_variance: Of a mean: squared coefficient of variation of single values; 1 for rates and counts.
        history: Days with data before day t.
        drift: Variance per day with which the level wanders.
        common: What the other regions share on the day, part of `offset`.
        offset_variance: Variance of `offset` on the day, from holidays whose effect is not well known.
        likeness: Correlation of the departures of successive days, as the metric has shown it.
        first_judged: The first column that is to be judged; what lies before it is there to learn from.
    """

    grid: Grid
    level: Floats
    level_variance: Floats
    offset: Floats
    extra_variance: Floats
    value_variance: Floats
    history: Floats
    drift: Floats
    common: Floats
    offset_variance: Floats
    likeness: Floats
    first_judged: int = 0

    @property
    def base(self) -> Floats:
        """Exposure times day effect: expected amount at a level of 1."""
        return np.asarray(self.grid.exposure * np.exp(self.offset))

    def only(self, rows: Indices) -> Baseline:
        """Some of the series."""
        arrays = {name: getattr(self, name)[rows] for name in KEPT_ARRAYS}
        return replace(self, grid=self.grid.only(rows), **arrays)

    def before(self, day: Indices | int) -> Indices:
        """Column whose level may judge a window that starts on column `day`: the guard lies between."""
        return np.asarray(np.maximum(np.asarray(day) - GUARD_DAYS, 0), dtype=np.intp)


def estimate_baseline(panel: Panel, metric_ids: Collection[str]) -> Baseline:
    """Estimate the baseline of some metrics of a panel in every region.

    Args:
        panel: Daily sums.
        metric_ids: rates, counts and means; sums are not modelled.
    """
    return baseline_of(build_grid(panel, metric_ids))


def baseline_of(grid: Grid, first_judged: int = 0, *, keep_all: bool = True) -> Baseline:
    """Estimate the baseline of a grid.

    Args:
        grid: The series.
        first_judged: The first column that is to be judged.
        keep_all: Whether earlier columns stay in the result; without them a hundred thousand series fit into memory.

    Method:
        Robust local-level filter on the log scale with the score of the count as its innovation, so that small
        regions average long and large ones follow drift; how fast a level may wander is weighed per metric by how well
        each speed foretold the past; weekday effects and extra variance shrunk region to metric;
        the wobble that other regions share is taken out; days inside an incident hardly teach.

    Source:
        Kalman local level with Huber-clipped innovations; down-weighting as in Noufaily et al. 2013 (doi
        10.1002/sim.5595).

    Blind spots:
        A change that creeps in over months is followed as drift.
    """
    columns = len(grid.days)
    kept = columns if keep_all else min(columns - first_judged + FEWEST_COLUMNS, columns)
    state = run_filter(grid, known_of(grid), kept)
    arrays = {name: getattr(state, name) for name in KEPT_ARRAYS}
    return Baseline(grid.newest(kept), **arrays, first_judged=max(first_judged - (columns - kept), 0))
