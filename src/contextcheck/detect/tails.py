"""Tail probabilities of a window's total, exact enough for three expected events.

scipy.special only: scipy.stats takes long to import.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import betainc, gammainc, gammaincc, gammaincinv, ndtr, ndtri, stdtr

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# nearer to the mean than this the normal tail is good enough: nothing is ever flagged there
NORMAL_BELOW_Z = 1.5
SOFTEN_BELOW = 0.05
# of Gauss-Hermite, for what is not known of a spread
SCALE_POINTS = 7


def tails(kind: str, amount: Floats, expected: Floats, variance: Floats, exposure: Floats) -> tuple[Floats, Floats]:
    """Give the chance of an amount as high, and as low, as the one seen.

    Args:
        kind: rate, count or mean.
        amount: Events seen, or sum of values.
        expected: Its expectation.
        variance: Its variance, counting noise, extra variance and uncertainty of the expectation together.
        exposure: Orders behind it (rates).

    Returns:
        Upper and lower tail, mid-p for counts of events: half of the probability of exactly the amount seen belongs to
        each.

    Method:
        Counts of events: the binomial, Poisson or negative binomial with this mean and variance (the Panjer class, one
        incomplete beta function for all); rates above one half by their complement. Sums of values: gamma with this
        mean and variance.

    Blind spots:
        The beta-binomial of strongly overdispersed rates near one half is matched by two moments only.
    """
    shape = np.broadcast_shapes(amount.shape, expected.shape)
    mean = np.maximum(expected, 1e-9)
    spread = np.maximum(variance, 1e-12)
    z = (amount - mean) / np.sqrt(spread)
    upper, lower = np.array(ndtr(-z)).reshape(shape), np.array(ndtr(z)).reshape(shape)
    far = np.abs(z) > NORMAL_BELOW_Z
    if not far.any():
        return upper, lower
    at = (amount[far], mean[far], spread[far])
    if kind == "mean":
        upper[far], lower[far] = gamma_tails(*at)
        return upper, lower
    seen, centre, width = at
    if kind == "rate":
        orders = np.maximum(exposure[far], seen)
        is_common = centre > orders / 2
        seen = np.where(is_common, orders - seen, seen)
        centre = np.maximum(np.where(is_common, orders - centre, centre), 1e-9)
        high, low = event_tails(seen, centre, width)
        upper[far], lower[far] = np.where(is_common, low, high), np.where(is_common, high, low)
    else:
        upper[far], lower[far] = event_tails(seen, centre, width)
    return upper, lower


def event_tails(seen: Floats, mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Mid-p tails of the Panjer-class count with this mean and variance."""
    # a variance that equals the mean is a Poisson, the limit of both: stay just beside it
    ratio = variance / mean
    ratio = np.where(np.abs(ratio - 1) < 1e-4, 1 + 1e-4, ratio)
    at_least, more = _survival(seen, mean, ratio), _survival(seen + 1, mean, ratio)
    upper = (at_least + more) / 2
    below, up_to = _distribution(seen, mean, ratio), _distribution(seen + 1, mean, ratio)
    return upper, (below + up_to) / 2


def _survival(count: Floats, mean: Floats, ratio: Floats) -> Floats:
    """P(X >= count) for variance / mean = ratio."""
    return np.where(count <= 0, 1.0, _incomplete(np.maximum(count, 1e-9), mean, ratio, is_upper=True))


def _distribution(count: Floats, mean: Floats, ratio: Floats) -> Floats:
    """P(X < count)."""
    return np.where(count <= 0, 0.0, _incomplete(np.maximum(count, 1e-9), mean, ratio, is_upper=False))


def _incomplete(count: Floats, mean: Floats, ratio: Floats, *, is_upper: bool) -> Floats:
    is_wide = ratio > 1
    size = mean / np.where(is_wide, ratio - 1, 1.0)
    wide_share = 1 / ratio
    success = np.clip(1 - ratio, 1e-9, 1 - 1e-9)
    trials = mean / success
    # negative binomial: P(X >= k) = I_{1-p}(k, r); binomial: P(X >= k) = I_q(k, n - k + 1)
    second = np.where(is_wide, size, np.maximum(trials - count + 1, 1e-9))
    x = np.where(is_wide, 1 - wide_share, success)
    beyond = ~is_wide & (count > trials + 1 - 1e-9)
    value = betainc(count, second, x) if is_upper else betainc(second, count, 1 - x)
    return np.where(beyond, 0.0 if is_upper else 1.0, value)


def gamma_tails(amount: Floats, mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Tails of a gamma variable with this mean and variance; the lower one at least that of a sum without any value.

    Most values of a mean may be 0, and a gamma variable never is: with variance / mean as the size of the others their
    number is Poisson with mean² / variance, and none of them is that likely.
    """
    shape = np.minimum(mean**2 / variance, 1e9)
    scaled = np.maximum(amount, 0) * shape / mean
    return gammaincc(shape, scaled), np.maximum(gammainc(shape, scaled), np.exp(-shape))


def soften(chance: Floats, days: Floats, heavy: Floats) -> Floats:
    """Make small chances larger by what is not known of the spread behind them, and by how heavy the tails are.

    Args:
        chance: Tail probabilities that take the variance as known and the tails as a count's.
        days: Days from which the variance was learned.
        heavy: Degrees of freedom, above 4, of the Student distribution with tails as heavy.

    Method:
        The chance's normal score is read in the Student distribution of unit variance with tails as heavy, averaged
        over what the standard deviation may be: its square times `days` is chi-squared with that many degrees of
        freedom, whose cube root is nearly normal (Wilson, Hilferty 1931, doi 10.1073/pnas.17.12.684), so that seven
        points of Gauss-Hermite are enough: six standard deviations out a fifth too large at nine days and up to two
        fifths below, less nearer.
    """
    small = chance < SOFTEN_BELOW
    softened = np.array(chance)
    # beyond 37 standard deviations the normal score of a chance is no longer a number
    score = np.clip(ndtri(np.maximum(chance[small], 1e-300)), -37.0, 0.0)
    known, tail = np.maximum(days[small], 1.0), np.maximum(heavy[small], 4.0)
    scaled = score * np.sqrt(tail / (tail - 2))
    unsure = 2 / (9 * known)
    averaged = np.zeros(score.shape)
    for node, weight in zip(*_normal_points(), strict=True):
        times = np.maximum(1 - unsure + node * np.sqrt(unsure), 0.0) ** 1.5
        averaged += weight * stdtr(tail, scaled * times)
    softened[small] = averaged
    return softened


@cache
def _normal_points() -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Points and weights that average a smooth function of a standard normal variable."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(SCALE_POINTS)
    return tuple(nodes.tolist()), tuple((weights / weights.sum()).tolist())


def prediction_interval(mean: Floats, variance: Floats, level: float = 0.95) -> tuple[Floats, Floats]:
    """Interval that a new total falls into with this chance, by the gamma with its mean and variance."""
    mean = np.maximum(mean, 1e-9)
    shape = np.clip(mean**2 / np.maximum(variance, 1e-18), 1e-9, 1e9)
    tail = (1 - level) / 2
    scale = mean / shape
    return gammaincinv(shape, tail) * scale, gammaincinv(shape, 1 - tail) * scale
