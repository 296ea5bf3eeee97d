"""How far regions drift apart by themselves, learned from placebo effects, and the interval that follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtr, stdtrit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

PRIOR_DRIFT = 0.05
"""Scale of the half-Cauchy prior of the drift between eight weeks before and four after, as a share of the level."""
PRIOR_DAYS = 84
"""The days that the prior is about; a random walk's means drift apart with the root of the days compared."""
PRIOR_NO_DRIFT = 0.25
"""Prior chance that a region keeps step with the others, so that only days and customers make it differ."""
GRID = np.concatenate([[0.0], np.geomspace(0.0005, 1.0, 79)])
MATCHED_LEVEL = 0.90
"""The level at which the interval is exact; the ledger's."""
MIN_DEGREES = 3.0
NEVER_BELOW = 1e-6


@dataclass(frozen=True, slots=True)
class Drift:
    """What placebo effects say about the drift of a region against others.

    Attributes:
        chances: Posterior chance of each value of `GRID`.
        mean_square: Posterior mean of the squared drift, as a share of the level.
    """

    chances: Array
    mean_square: float


def drift_of(
    shares: Array, errors: Array, reach: Array, *, no_drift: float = PRIOR_NO_DRIFT, days: int = PRIOR_DAYS
) -> Drift:
    """Give what is known about regions' drift from effects of launches that never happened.

    Args:
        shares: Placebo effects as shares of their level.
        errors: Standard error of each from days alone, same unit.
        reach: How much drift each placebo can show, 1 for one over the same days as the real comparison.
        no_drift: Prior chance that there is none.
        days: Days of the real comparison, before and after together.

    Returns:
        The posterior of the drift's standard deviation over `GRID`; without placebos the prior says nothing and the
        drift is 0, so that the caller has to say that it cannot be seen.

    Method: placebo_i normal around 0 with variance errors_i^2 + reach_i^2 x drift^2; drift 0 with chance one in four
        (never where weights were fitted), else half-Cauchy of scale 5 % x sqrt(days / 84); posterior on a grid.
    Source: Gelman (2006), Bayesian Analysis 1(3), for the prior where there are few groups; Higgins, Thompson and
        Spiegelhalter (2009), JRSS A 172(1), for the predictive interval of random effects.
    Blind spots: placebos share noise with each other; they are taken as independent.
    """
    if not len(shares):
        return Drift(np.eye(1, len(GRID))[0], 0.0)
    variance = np.square(np.maximum(errors, NEVER_BELOW)) + np.square(reach * GRID[:, None])
    log_likelihood = -0.5 * (np.log(variance) + np.square(shares) / variance).sum(axis=1)
    # the grid is geometric: each point stands for a stretch as wide as the steps beside it
    scale = PRIOR_DRIFT * np.sqrt(days / PRIOR_DAYS)
    slab = np.gradient(GRID) / (1 + np.square(GRID / scale))
    prior = np.where(GRID == 0, no_drift, (1 - no_drift) * slab / slab[1:].sum())
    weights = prior * np.exp(log_likelihood - log_likelihood.max())
    chances = weights / weights.sum()
    return Drift(chances, float(chances @ np.square(GRID)))


def interval_of(error_of_days: float, free_days: int, level: float, drift: Drift) -> tuple[float, int]:
    """Give the standard error and the degrees of freedom whose t interval holds days and drift together.

    Args:
        error_of_days: Standard error from days alone.
        free_days: Its degrees of freedom.
        level: What the drift is a share of, in the unit of the error.
        drift: What is known about the drift.

    Returns:
        Standard error and degrees of freedom.

    Method: the effect's error is a mixture, over the drift's posterior, of t distributions with scale
        sqrt(days^2 + (drift x level)^2). Its 90 % point is found; degrees of freedom match the mixture's first two
        moments of variance (Satterthwaite), and the standard error is what makes their t value hit that point.
    Source: Satterthwaite (1946), Biometrics Bulletin 2(6); Higgins, Thompson and Spiegelhalter (2009).
    Blind spots: exact at 90 %, close at other levels.
    """
    between = drift.mean_square * level**2
    total = error_of_days**2 + between
    if between <= 0 or total <= 0:
        return error_of_days, free_days
    scales = np.sqrt(error_of_days**2 + np.square(GRID * level))
    spread = float(drift.chances @ np.square(np.square(GRID * level))) - between**2
    degrees = 2 * total**2 / (2 * error_of_days**4 / free_days + max(spread, 0.0))
    degrees = int(round(min(max(degrees, MIN_DEGREES), free_days)))
    return _mixture_point(scales, drift.chances, free_days) / float(stdtrit(degrees, 0.5 + MATCHED_LEVEL / 2)), degrees


def _mixture_point(scales: Array, chances: Array, free_days: int) -> float:
    """The half-width within which the mixture of t distributions lies with the matched level (Brent's method)."""
    from scipy.optimize import brentq

    safe = np.maximum(scales, NEVER_BELOW * scales.max())

    def beyond(width: float) -> float:
        return float(chances @ (2 * stdtr(free_days, width / safe) - 1)) - MATCHED_LEVEL

    most = float(scales.max()) * 10.0
    return most if beyond(most) <= 0 else float(brentq(beyond, 0.0, most, xtol=1e-12 * most, rtol=1e-12))
