"""How heavy the tails of a metric's daily departures are, learned from its own past."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtr

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from contextcheck.detect.totals import Span
    from contextcheck.panel.baseline import Baseline

    Floats = NDArray[np.float64]

FAR_Z = 3.5
NORMAL_SHARE = 0.000465
# days beyond which the past outweighs the belief in normal tails
PRIOR_DAYS = 1000.0
# small counts have short lower tails of their own; they say nothing about heaviness
MIN_EXPECTED = 30.0
# and where counting noise is most of the variance, the days' own tails do not show
MIN_EXTRA_SHARE = 0.4
MIN_HISTORY = 21
LOWEST = 4.5
HIGHEST = 400.0


def learned_freedom(baseline: Baseline, daily: Span) -> Floats:
    """Degrees of freedom of the Student distribution that has as many far days as the past: metrics × days.

    Method:
        The share of days beyond three and a half standard deviations before each day, over all regions, taken as twice
        that of the rarer side: real incidents lie on one side, heavy tails on both.
    """
    grid = baseline.grid
    is_counted = daily.is_judged & (daily.expected >= MIN_EXPECTED) & (baseline.history >= MIN_HISTORY)
    is_counted &= daily.extra_share >= MIN_EXTRA_SHARE
    z = np.where(is_counted, daily.z, 0.0)
    shape = (len(grid.metrics), len(grid.days))
    high, low, days = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for total, seen in ((high, z > FAR_Z), (low, z < -FAR_Z), (days, is_counted)):
        np.add.at(total, grid.metric_of, seen.astype(np.float64))
    before = [np.cumsum(each, axis=1) - each for each in (high, low, days)]
    share = (2 * np.minimum(before[0], before[1]) + PRIOR_DAYS * NORMAL_SHARE) / (before[2] + PRIOR_DAYS)
    grid_of_freedom = np.geomspace(LOWEST, HIGHEST, 60)
    far = 2 * stdtr(grid_of_freedom, -FAR_Z)
    return np.asarray(np.interp(share, far[::-1], grid_of_freedom[::-1]))


def freedom(history: Floats, heavy: Floats, window: int, extra_share: Floats) -> Floats:
    """Degrees of freedom for a window's total: the fewer of the days learned from and what the tails ask for.

    Counting noise has normal tails, so only the extra variance is heavy: the excess kurtosis of the total is that of
    the extra variance times its share squared, and a sum of `window` days has one that many times smaller.
    """
    return np.asarray(np.minimum(history, 4 + window * (heavy - 4) / np.maximum(extra_share, 0.1) ** 2))
