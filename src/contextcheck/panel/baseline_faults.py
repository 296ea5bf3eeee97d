"""Days whose data cannot be trusted: half loaded, loaded twice, or missing for a region."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.errors import Problem
from contextcheck.panel.baseline_grid import WEEK

if TYPE_CHECKING:
    from contextcheck.panel.baseline_grid import Bools, Floats, Grid

PARTIAL_BELOW = 0.7
TWICE_WITHIN = (1.8, 2.2)
SAME_WEEKDAYS = 4
MIN_USUAL_ORDERS = 5.0
MIN_USUAL_TO_MISS = 10.0
MIN_REGIONS = 3


@dataclass(frozen=True, slots=True)
class Faults:
    """Region-days to set aside (regions × days) and what to say about them."""

    is_set_aside: Bools
    problems: tuple[Problem, ...]


def find_faults(grid: Grid) -> Faults:
    """Compare each day's volume with the same weekday of the last four weeks, over all regions.

    Args:
        grid: Aligned series; the volume is the `orders` count where there is one, else the largest exposure.

    Returns:
        What to set aside. A day on which the median region has under 70 % of its usual orders is provisional; one on
        which nearly every region has twice its usual orders was probably loaded twice; a region without any order on a
        day where at least ten are usual was not loaded.

    Blind spots:
        Needs three regions to tell a half-loaded day from a real slump; a single region loaded twice looks like a
        promotion.
    """
    volume, known = _volume(grid)
    usual = _usual(volume, known, grid.columns(WEEK))
    comparable = known & (usual >= MIN_USUAL_ORDERS)
    ratio = np.where(comparable, volume / np.where(comparable, usual, 1.0), np.nan)
    is_missing = known & (usual >= MIN_USUAL_TO_MISS) & (volume == 0)
    partial, twice = _platform_days(ratio)
    problems = [
        *_day_problems(grid, partial, ratio, "DT210", "have {0:.0f} % of their usual orders; the day is provisional"),
        *_day_problems(grid, twice, ratio, "DT211", "have {0:.0f} % of their usual orders; it may be loaded twice"),
        *_missing_problems(grid, is_missing & ~partial[None, :]),
    ]
    return Faults(is_missing | (partial | twice)[None, :], tuple(problems))


def _volume(grid: Grid) -> tuple[Floats, Bools]:
    """Orders per region and day, and where they are known."""
    volume = np.zeros((len(grid.regions), len(grid.days)))
    known = np.zeros(volume.shape, dtype=np.bool_)
    has_orders = "orders" in grid.metrics
    for row, (_, metric) in enumerate(grid.series):
        if has_orders and metric != "orders":
            continue
        # plain counts carry no volume: their exposure is 1 whatever happens
        if not has_orders and grid.kinds[row] == "count":
            continue
        source = grid.amount[row] if has_orders else grid.exposure[row]
        region = grid.region_of[row]
        volume[region] = np.maximum(volume[region], source)
        known[region] |= grid.is_judged[row]
    return volume, known


def _usual(volume: Floats, known: Bools, week_columns: int) -> Floats:
    """Median of the same weekday in the last four weeks; 0 where fewer than two are known."""
    past = np.full((SAME_WEEKDAYS, *volume.shape), np.nan)
    for week in range(1, SAME_WEEKDAYS + 1):
        lag = week_columns * week
        if lag < volume.shape[1]:
            past[week - 1, :, lag:] = np.where(known, volume, np.nan)[:, :-lag]
    enough = (~np.isnan(past)).sum(axis=0) >= 2
    usual = np.zeros(volume.shape)
    if enough.any():
        usual[enough] = np.nanmedian(past[:, enough], axis=0)
    return usual


def _platform_days(ratio: Floats) -> tuple[Bools, Bools]:
    days = ratio.shape[1]
    partial, twice = np.zeros(days, dtype=np.bool_), np.zeros(days, dtype=np.bool_)
    for day in range(days):
        known = ratio[:, day][~np.isnan(ratio[:, day])]
        if len(known) < MIN_REGIONS:
            continue
        partial[day] = np.median(known) < PARTIAL_BELOW
        low, middle, high = np.quantile(known, (0.2, 0.5, 0.8))
        # promotions differ between markets, a day loaded twice doubles all of them
        twice[day] = TWICE_WITHIN[0] <= middle <= TWICE_WITHIN[1] and high - low < 0.5
    return partial, twice


def _day_problems(grid: Grid, is_faulty: Bools, ratio: Floats, code: str, text: str) -> list[Problem]:
    found = []
    for day in np.flatnonzero(is_faulty):
        middle = 100 * float(np.nanmedian(ratio[:, day]))
        message = f"half of the regions {text.format(middle)} and nothing on it was flagged; check the load of that day"
        found.append(Problem(code, str(grid.days[day]), message, "warning"))
    return found


def _missing_problems(grid: Grid, is_missing: Bools) -> list[Problem]:
    found = []
    for region in np.flatnonzero(is_missing.any(axis=1)):
        days = grid.days[is_missing[region]]
        span = str(days[0]) if len(days) == 1 else f"{days[0]} to {days[-1]}"
        message = f"no order on {len(days)} day(s) ({span}) where at least 10 are usual; left out, check the load"
        found.append(Problem("DT212", grid.regions[region], message, "warning"))
    return found
