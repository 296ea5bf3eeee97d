"""Returns that are late because parcels arrive late: told from returns that do not come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaln, logsumexp

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

DELAYS = np.arange(0.0, 21.5, 0.5)
"""Mean delays that are weighed against each other, days."""
SPREAD = np.linspace(0.5, 1.5, 11)
"""A parcel waits between half and one and a half times the mean, evenly."""
IN_TIME = 0.05
"""Share of the parcels that are not late at all."""
KEPT_HABIT = 40.0
"""Parcels that count as much as the usual rate of returns: it rarely changes by more than a sixth (1 / sqrt(40))."""
MIN_RETURNS = 10.0
"""With fewer returns to be expected by now, nothing can be said about their time."""
MIN_MISSING = 0.5
"""Share of the earliest returns that has to be missing: what is late is missing first."""
MIN_ODDS = 20.0
"""How much better late parcels have to tell the times of return than parcels in time, as a ratio of likelihoods."""


@dataclass(frozen=True, slots=True)
class Bands:
    """What came back by the age of the order, on days old enough to tell.

    Attributes:
        ages: End of every age band, days.
        back: Parcels that came back in each.
        base: Orders on the days that are old enough for each.
        usual: Parcels per order that usually come back in each.
    """

    ages: Array
    back: Array
    base: Array
    usual: Array

    def expected(self, delay: float) -> Array:
        """Parcels to be expected in every band, at the usual rate and so much later, shape (bands,)."""
        return self.base * np.diff(self._grown(np.concatenate([[0.0], self.ages]), delay))

    def to_come(self, age: Array, delay: float) -> Array:
        """Parcels per order still to come at an age in days, at the usual rate and so much later."""
        return float(self.usual.sum()) - self._grown(age, delay)

    def ratio(self, delay: float) -> float:
        """Rate of returns over the usual one, if they come so much later."""
        return float((KEPT_HABIT + self.back.sum()) / (KEPT_HABIT + self.expected(delay).sum()))

    def _grown(self, age: Array, delay: float) -> Array:
        """Parcels per order that are back by an age."""
        in_time = grown(self.ages, self.usual, age)
        if delay == 0:
            return in_time
        late = grown(self.ages, self.usual, age - delay * SPREAD[:, None]).mean(axis=0)
        return np.asarray(late + IN_TIME * (in_time - late), dtype=np.float64)


def grown(ages: Array, rates: Array, age: Array) -> Array:
    """Give what is back by an age, between the ages that are counted along a smooth curve that never falls.

    Args:
        ages: End of every age band, days.
        rates: What comes back in each, shape (bands,) or (bands, groups).
        age: Ages asked for, days, of any shape.

    Returns:
        Sums of the rates up to each age: the shape of `age`, with the groups behind it where there are some.

    Source: Fritsch and Butland (1984), SIAM Journal on Scientific and Statistical Computing 5(2).
    """
    from scipy.interpolate import PchipInterpolator

    sums = np.concatenate([np.zeros_like(rates[:1]), np.cumsum(rates, axis=0)])
    curve = PchipInterpolator(np.concatenate([[0.0], ages]), sums, axis=0)
    return np.asarray(curve(np.clip(age, 0.0, ages[-1])), dtype=np.float64)


def chances_of_delays(bands: Bands) -> Array | None:
    """Give how probable each of `DELAYS` is, where returns come late.

    Args:
        bands: What came back of the days under study.

    Returns:
        Chances that add up to 1; None where nothing speaks for late parcels.

    Method: parcels per age band are Poisson, their rate the region's own usual one, moved to later ages by the delay
        and times a factor that is gamma with mean 1 and the weight of forty parcels. Its marginal likelihood is summed
        over the delays, all equally probable beforehand, and held against that of no delay. A delay is taken for
        granted where it is twenty times better and half of the earliest expected returns are missing. That these are
        late and not lost is told by later bands where they can be seen, otherwise by the habit: rates of return change
        little, while all returns of a week stay away only when the parcels do.
    Source: Kass and Raftery (1995), Journal of the American Statistical Association 90(430), for the ratio.
    Blind spots: returns that stay away altogether from one day on look the same until the later bands are seen.
    """
    usual = bands.expected(0.0)
    if usual.sum() < MIN_RETURNS:
        return None
    first = int(np.argmax(np.cumsum(usual) >= MIN_RETURNS))
    if np.cumsum(bands.back)[first] > (1.0 - MIN_MISSING) * np.cumsum(usual)[first]:
        return None
    likelihood = np.array([_log_likelihood(bands, delay) for delay in DELAYS])
    if logsumexp(likelihood) - np.log(len(DELAYS)) - likelihood[0] < np.log(MIN_ODDS):
        return None
    chances: Array = np.exp(likelihood - logsumexp(likelihood))
    return chances


def late_to_come(bands: Bands, age: Array, chances: Array) -> tuple[Array, Array]:
    """Give what of late parcels is still to come back.

    Args:
        bands: What came back of the days under study, of one way to come back.
        age: Age of every day's orders, days.
        chances: Of each of `DELAYS`.

    Returns:
        Parcels per order still to come, and the standard error of that, both of the shape of `age`; the errors of
        all days are one and the same, so they add up.
    """
    each = np.stack([bands.ratio(delay) * bands.to_come(age, delay) for delay in DELAYS])
    mean = chances @ each
    around = chances @ np.square(each - mean)
    of_ratio = chances @ np.square(each) / (KEPT_HABIT + bands.back.sum())
    return mean, np.sqrt(around + of_ratio)


def _log_likelihood(bands: Bands, delay: float) -> float:
    """Of the parcels of every band, up to a constant; the factor on the rate is integrated out."""
    seen = bands.base > 0
    expected = np.maximum(bands.expected(delay)[seen], 1e-3)
    back = bands.back[seen]
    weight = KEPT_HABIT + back.sum()
    return float(back @ np.log(expected) + gammaln(weight) - weight * np.log(KEPT_HABIT + expected.sum()))
