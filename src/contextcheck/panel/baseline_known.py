"""What is known about a column before it comes: trend and season of a weekly panel, season of a daily one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.panel.baseline_grid import WEEK
from contextcheck.panel.baseline_season import MIN_SEASON_WEEKS, Weeks, fit_seasons, season_movement

if TYPE_CHECKING:
    from contextcheck.panel.baseline_grid import Floats, Grid

# single values of a mean: squared coefficient of variation believed before, worth so many values
START_VALUES, PRIOR_VALUES = 0.5, 20.0


@dataclass(frozen=True, slots=True)
class Known:
    """Known effects, series × columns; column t uses the columns before t only.

    Attributes:
        level: Log level foretold by trend; the filter follows what departs from it.
        effect: Log-scale effect of the time of the year.
        variance: Variance of their sum.
        dispersion: Variance over counting noise.
        movement: How much the season of a daily panel moves the level from the day before to this one.
    """

    level: Floats
    effect: Floats
    variance: Floats
    dispersion: Floats
    movement: Floats


def known_of(grid: Grid) -> Known:
    """What the columns before say about each column, beside what the filter finds out by itself."""
    if grid.is_weekly:
        return _of_weeks(grid)
    nothing = _nothing(grid)
    # from the first day that has a season on, or what is said of it would change a week later
    is_long = len(grid.days) > WEEK * MIN_SEASON_WEEKS
    return replace(nothing, movement=season_movement(_by_week(grid), len(grid.days))) if is_long else nothing


def _nothing(grid: Grid) -> Known:
    """The filter finds everything out by itself."""
    zero, one = (np.broadcast_to(each, grid.amount.shape) for each in (0.0, 1.0))
    return Known(zero, zero, zero, one, zero)


def _of_weeks(grid: Grid) -> Known:
    """Trend, season and dispersion of a weekly panel."""
    values = _value_spread(grid)
    weeks = Weeks(grid.amount, grid.exposure, values, grid.kinds, grid.metric_of, len(grid.metrics), grid.days)
    fitted = fit_seasons(weeks)
    return Known(fitted.level, fitted.season, fitted.variance, fitted.dispersion, np.zeros(grid.amount.shape))


def _by_week(grid: Grid) -> Weeks:
    """Sums of seven days from the first day on; the last may be short."""
    edges = np.arange(0, len(grid.days), WEEK)
    amount, exposure = (np.add.reduceat(each, edges, axis=1) for each in (grid.amount, grid.exposure))
    values = _value_spread(grid)[:, edges]
    return Weeks(amount, exposure, values, grid.kinds, grid.metric_of, len(grid.metrics), grid.days[edges])


def _value_spread(grid: Grid) -> Floats:
    """Squared coefficient of variation of single values before each column; 1 for rates and counts."""
    is_mean = (grid.kinds == "mean")[:, None]
    if not is_mean.any():
        return np.broadcast_to(1.0, grid.amount.shape)
    number, total, square = (np.cumsum(each, axis=1) - each for each in (grid.exposure, grid.amount, grid.sumsq))
    own = square * number / np.maximum(total, 1e-12) ** 2 - 1
    share = number / (number + PRIOR_VALUES)
    spread = np.maximum(share * np.where(number > 1, own, 0.0) + (1 - share) * START_VALUES, 0.01)
    return np.where(is_mean, spread, 1.0)
