"""Incidents of known size planted into the team's own data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.backtest.records import WITHIN_DAYS
from contextcheck.detect.surveillance import MIN_HISTORY_DAYS, WINDOWS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from contextcheck.backtest.records import SizeUnit
    from contextcheck.detect.search import Searched
    from contextcheck.panel.baseline import Baseline

    Floats = NDArray[np.float64]
    Indices = NDArray[np.intp]

LASTS_DAYS = max(WITHIN_DAYS)
# the longest window, the guard before it and the column before that
BEFORE_DAYS = max(WINDOWS) + 2
QUIET_BEFORE_DAYS = max(WINDOWS)
MEAN_SIZES = (0.03, 0.05, 0.08, 0.1, 0.13, 0.17, 0.22, 0.3, 0.5, 1.0)
COUNT_SIZES_UP = (0.1, 0.2, 0.3, 0.5, 0.8, 1.2, 2.0, 3.0, 5.0, 8.0)
SIZES_DOWN = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.85, 1.0)
RATE_MULTIPLES = (0.1, 0.15, 0.25, 0.4, 0.6, 0.9, 1.4, 2.2, 3.5, 6.0)
HIGHEST_RATE = 0.95
PER_DAY = (
    "level",
    "level_variance",
    "offset",
    "extra_variance",
    "value_variance",
    "history",
    "drift",
    "common",
    "offset_variance",
    "likeness",
)


@dataclass(frozen=True, slots=True)
class Trials:
    """Plantings: series row, column of the first changed day, and size, all of one length."""

    row: Indices
    start: Indices
    size: Floats

    def part(self, first: int, last: int) -> Trials:
        return Trials(self.row[first:last], self.start[first:last], self.size[first:last])


def ladder(baseline: Baseline, rows: Indices, sign: int) -> tuple[SizeUnit, tuple[float, ...]]:
    """Give the sizes to plant into the series of one metric, the same for every region so that they compare.

    Rates change by points, from a tenth of the metric's usual rate to six times it; counts and means by shares.
    """
    grid = baseline.grid
    kind = str(grid.kinds[rows[0]])
    if kind == "mean":
        return "relative", MEAN_SIZES if sign > 0 else SIZES_DOWN
    if kind == "count":
        return "relative", COUNT_SIZES_UP if sign > 0 else SIZES_DOWN
    rates = grid.amount[rows].sum(axis=1) / np.maximum(grid.exposure[rows].sum(axis=1), 1.0)
    usual = float(np.median(rates[rates > 0])) if (rates > 0).any() else 0.01
    multiples = RATE_MULTIPLES if sign > 0 else SIZES_DOWN
    sizes = dict.fromkeys(_two_digits(min(usual * each, HIGHEST_RATE)) for each in multiples)
    return "points", tuple(sizes)


def _two_digits(value: float) -> float:
    return float(f"{value:.2g}")


def quiet_starts(found: Searched, row: int, wanted: int, random: np.random.Generator) -> Indices:
    """Draw days from which an incident may be planted: judged, with enough past, and no real incident near."""
    grid = found.baseline.grid
    count = len(grid.days)
    busy = np.zeros(count + 1, dtype=np.bool_)
    for episode in found.selection.episodes:
        if episode.row == row:
            busy[max(episode.start - LASTS_DAYS, 0) : episode.end + QUIET_BEFORE_DAYS + 1] = True
    usable = (grid.exposure[row] > 0) & grid.is_judged[row] & (found.baseline.history[row] >= MIN_HISTORY_DAYS + 1)
    usable &= ~busy[:count]
    usable[:BEFORE_DAYS] = False
    usable[max(count - LASTS_DAYS + 1, 0) :] = False
    days = np.flatnonzero(usable)
    return np.sort(random.choice(days, size=min(wanted, len(days)), replace=False)).astype(np.intp)


def all_trials(rows: Sequence[int], starts: Sequence[Indices], sizes: Sequence[float]) -> Trials:
    """Every size at every start of every series."""
    row, start, size = [], [], []
    for each, days in zip(rows, starts, strict=True):
        for step in sizes:
            row.append(np.full(len(days), each))
            start.append(days)
            size.append(np.full(len(days), step))
    if not row:
        return Trials(np.zeros(0, np.intp), np.zeros(0, np.intp), np.zeros(0))
    return Trials(np.concatenate(row).astype(np.intp), np.concatenate(start).astype(np.intp), np.concatenate(size))


def planted(
    baseline: Baseline, heavy: Floats, trials: Trials, sign: int, random: np.random.Generator
) -> tuple[Baseline, Floats]:
    """Give one short stretch of history per trial, with its incident in it.

    Args:
        baseline: Of the real history; the level before the first changed day does not know of the planting.
        heavy: Tail heaviness per series and day.
        trials: What to plant where.
        sign: 1 to add, −1 to take away.
        random: Draws the single events.

    Returns:
        A baseline whose rows are the trials and whose columns are the days around each start (column `BEFORE_DAYS` is
        the first changed day), and the tail heaviness likewise.

    Method:
        From the first changed day on, events are added to what was really counted (binomial among the orders without
        one for a rate, Poisson for a count) or taken away (binomial thinning); means are scaled.
    """
    columns = trials.start[:, None] + np.arange(-BEFORE_DAYS, LASTS_DAYS)[None, :]
    at = (trials.row[:, None], columns)
    grid = baseline.grid
    cut = {name: getattr(baseline, name)[at] for name in PER_DAY}
    amount, sumsq = np.array(grid.amount[at]), np.array(grid.sumsq[at])
    exposure = grid.exposure[at]
    changed = slice(BEFORE_DAYS, None)
    before = cut["level"][:, [BEFORE_DAYS]]
    level = np.exp(before + cut["offset"][:, changed])
    amount[:, changed], factor = _changed(
        str(grid.kinds[trials.row[0]]),
        amount[:, changed],
        exposure[:, changed],
        level,
        sign * trials.size[:, None],
        random,
    )
    sumsq[:, changed] *= factor**2
    short = replace(
        grid,
        series=tuple(grid.series[row] for row in trials.row),
        region_of=grid.region_of[trials.row],
        metric_of=grid.metric_of[trials.row],
        kinds=grid.kinds[trials.row],
        # each trial has days of its own; nothing below asks which
        days=grid.days[: columns.shape[1]],
        amount=amount,
        exposure=exposure,
        sumsq=sumsq,
        is_judged=grid.is_judged[at],
    )
    return replace(baseline, grid=short, **cut), heavy[at]


def _changed(
    kind: str, amount: Floats, exposure: Floats, level: Floats, change: Floats, random: np.random.Generator
) -> tuple[Floats, Floats]:
    """Amounts after a change, and by what single values were scaled (means)."""
    whole = np.floor(amount + 0.5).astype(np.int64)
    no_scale = np.ones_like(change)
    is_up = bool((change > 0).all())
    if kind == "mean":
        factor = np.maximum(1 + change, 0.01)
        return amount * factor, factor
    if kind == "rate":
        rate = np.clip(level, 1e-9, 0.999)
        if is_up:
            free = np.maximum(np.floor(exposure).astype(np.int64) - whole, 0)
            return amount + random.binomial(free, np.clip(change / (1 - rate), 0, 1)), no_scale
        return random.binomial(whole, np.clip(1 + change / rate, 0, 1)).astype(np.float64), no_scale
    if is_up:
        return amount + random.poisson(change * level * exposure), no_scale
    return random.binomial(whole, np.clip(1 + change, 0, 1)).astype(np.float64), no_scale
