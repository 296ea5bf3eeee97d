"""How heavy the tails of a metric's daily departures are, learned from its own past."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtr

from contextcheck.panel.baseline_pool import SPREAD_FROM_DAYS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from contextcheck.detect.totals import Span
    from contextcheck.panel.baseline import Baseline
    from contextcheck.panel.baseline_grid import Grid

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

FAR_Z = 3.5
# believed before a metric has shown its own: days of commerce are heavier than normal ones; worth so many region-days
PRIOR_FREEDOM = 5.0
PRIOR_DAYS = 1000.0
# small counts have short lower tails of their own; they say nothing about heaviness
MIN_EXPECTED = 30.0
# and where counting noise is most of the variance, the days' own tails do not show
MIN_EXTRA_SHARE = 0.4
MIN_HISTORY = 21
LOWEST = 4.2
HIGHEST = 400.0
# a day further out than this is no tail but something that happened
FURTHEST_Z = 6.0
FURTHEST_IN_SUMS = 7.0
# regions' extra variance differs by about as much as it is: a variance known so badly is known from two days
PRIOR_SPREAD_DAYS = 2.0


def learned_freedom(baseline: Baseline, daily: Span) -> Floats:
    """Degrees of freedom of the Student distribution that has as many far days as the past: metrics × days.

    Method:
        The share of days beyond three and a half standard deviations before each day, over all regions, taken as twice
        that of the rarer side: real incidents lie on one side, heavy tails on both. Departures are counted on a scale
        on which rising and falling by a factor are alike. The days seen hold counting noise as well, which hides part
        of the heaviness: their excess kurtosis is that of the extra variance times its mean squared share. A metric is
        pulled to all metrics of its kind, and these to a Student distribution with five degrees of freedom.
    """
    grid = baseline.grid
    is_counted = _shows_tails(daily) & (baseline.history >= MIN_HISTORY)
    z = np.where(is_counted, symmetric_z(grid.kinds, daily), 0.0)
    square = np.where(is_counted, daily.extra_share**2, 0.0)
    before = [_so_far(grid, seen) for seen in (z > FAR_Z, z < -FAR_Z, is_counted, square)]
    kind_of = np.zeros(len(grid.metrics), dtype=np.intp)
    kind_of[grid.metric_of] = np.unique(grid.kinds, return_inverse=True)[1]
    same_kind = (kind_of[:, None] == kind_of[None, :]).astype(np.float64)
    pooled = _shares([same_kind @ each for each in before], float(_far_share(PRIOR_FREEDOM)), 1.0)
    far, squares = _shares(before, *pooled)
    candidates = np.geomspace(LOWEST, HIGHEST, 60)
    found = np.interp(far, _far_share(candidates)[::-1], candidates[::-1])
    return np.asarray(4 + (found - 4) * squares)


def tamed_amounts(baseline: Baseline, daily: Span) -> Floats:
    """Amounts for sums of several days, series × days: a day that lies far out counts up to seven standard deviations.

    Chances of sums are those of days within about that (`freedom`). What a day is further out is no tail of a sum but
    something that happened, and the day alone says so.
    """
    reach = FURTHEST_IN_SUMS * np.sqrt(daily.variance)
    cut = np.clip(baseline.grid.amount, np.maximum(daily.expected - reach, 0), daily.expected + reach)
    return np.where(_shows_tails(daily), cut, baseline.grid.amount)


def _shows_tails(daily: Span) -> Bools:
    """Days whose tails are their own, not those of a count."""
    return daily.is_judged & (daily.expected >= MIN_EXPECTED) & (daily.extra_share >= MIN_EXTRA_SHARE)


def _far_share(degrees: Floats | float) -> Floats:
    """Share of far days of a Student distribution of unit variance."""
    return np.asarray(2 * stdtr(degrees, -FAR_Z * np.sqrt(degrees / (np.asarray(degrees) - 2))))


def _so_far(grid: Grid, seen: Floats | Bools) -> Floats:
    """Sums over the regions and earlier days: metrics × days."""
    total = np.zeros((len(grid.metrics), len(grid.days)))
    np.add.at(total, grid.metric_of, seen.astype(np.float64))
    return np.cumsum(total, axis=1) - total


def _shares(counts: Sequence[Floats], far: Floats | float, square: Floats | float) -> tuple[Floats, Floats]:
    """Share of far days and mean squared share of the extra variance, pulled to what is believed before."""
    high, low, days, squares = counts
    weight = days + PRIOR_DAYS
    return (2 * np.minimum(high, low) + PRIOR_DAYS * far) / weight, (squares + PRIOR_DAYS * square) / weight


def symmetric_z(kinds: NDArray[np.str_], daily: Span) -> Floats:
    """Departures in standard deviations on a scale on which a rate's rising and falling by a factor are alike.

    Source: variance-stabilising transform of the negative binomial, 2 asinh(sqrt(f y)) / sqrt(f) for a variance of
        mean + f mean² (Anscombe 1948, Biometrika 35); a logarithm where counting noise has no part, as in means.
    """
    mean = np.maximum(daily.expected, 1e-9)
    relative = daily.variance / mean**2
    is_mean = (kinds == "mean")[:, None]
    factor = np.maximum(np.where(is_mean, relative, relative - 1 / mean), 1e-9)
    root = [np.arcsinh(np.sqrt(factor * np.maximum(each, 0) + 3 / 8 * factor)) for each in (daily.amount, mean)]
    counted = 2 * (root[0] - root[1]) / np.sqrt(factor)
    logarithm = np.log(np.maximum(daily.ratio, 1e-9)) / np.sqrt(np.maximum(relative, 1e-12))
    return np.asarray(np.where(is_mean, logarithm, counted))


def freedom(heavy: Floats, window: int, extra_share: Floats) -> Floats:
    """Degrees of freedom of the Student distribution, of unit variance, for a window's total.

    Counting noise has normal tails, so only the extra variance is heavy: the excess kurtosis of the total is that of
    the extra variance times its share squared, and a sum of `window` days has one that many times smaller. The kurtosis
    is that of days within six standard deviations: without such an end that of so heavy tails would be no number.
    """
    square = np.maximum(extra_share, 0.1) ** 2
    if window == 1:
        return np.asarray(4 + (heavy - 4) / square)
    return np.asarray(4 + 6 * window / (np.interp(heavy, *_excess_kurtosis()) * square))


@cache
def _excess_kurtosis() -> tuple[Floats, Floats]:
    """Degrees of freedom, and the excess kurtosis of the Student distribution of unit variance without its ends."""
    degrees = np.geomspace(LOWEST, HIGHEST, 60)
    z = np.linspace(-FURTHEST_Z, FURTHEST_Z, 2401)
    density = (1 + z**2 / (degrees[:, None] - 2)) ** (-(degrees[:, None] + 1) / 2)
    mass, square, fourth = (density @ z**power for power in (0, 2, 4))
    return degrees, np.maximum(fourth * mass / square**2 - 3, 1e-3)


def spread_days(history: Floats, extra_share: Floats, heavy: Floats) -> Floats:
    """Days from which the variance of a total is known: those of the spread, and what regions have in common.

    The spread is learned from the third week on, and from heavy days more slowly: the variance of a mean square is that
    of normal days times 1 + half the excess kurtosis. Only the extra variance is unknown, so a total of which it is a
    share is known from as many days more as that share squared is smaller than 1, at most from all.

    Args:
        history: Days with data.
        extra_share: Of the total's variance; of a region that looks calmer than the metric, with the metric's.
        heavy: Degrees of freedom of a single day's tails.
    """
    slower = 1 + np.interp(heavy, *_excess_kurtosis()) / 2
    learned = PRIOR_SPREAD_DAYS + np.maximum(history - SPREAD_FROM_DAYS, 0) / slower
    return np.asarray(np.minimum(history, learned / np.maximum(extra_share, 0.1) ** 2))


def usual_over_own(baseline: Baseline) -> Floats:
    """The metric's usual extra variance over each series' own, where it is larger, else 1: series × days.

    A spread learned from few calm days may be far too small, and would then seem to matter little.
    """
    own, metric_of = baseline.extra_variance, baseline.grid.metric_of
    # a series that begins later is not there yet
    is_there = baseline.history > 0
    usual, series = np.zeros((2, len(baseline.grid.metrics), own.shape[1]))
    np.add.at(usual, metric_of, np.where(is_there, own, 0.0))
    np.add.at(series, metric_of, is_there.astype(np.float64))
    usual = usual / np.maximum(series, 1)
    return np.asarray(np.maximum(usual[metric_of] / np.maximum(own, 1e-12), 1.0))
