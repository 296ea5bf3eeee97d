"""A week and the one before it together, for incidents of which most falls into two weeks."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import log_ndtr, ndtr, ndtri

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FURTHEST = 36.0
STEPS_PER_UNIT = 100


def two_week_chance(chance: Floats) -> Floats:
    """Chance of this week's and last week's evidence together; series × weeks, NaN where this week is not judged.

    Args:
        chance: One-sided tail probabilities of single weeks, each against what was known before it.

    Method:
        The sum of this week's normal score and, when it is above 0, last week's, read in the distribution that such a
        sum has when both weeks are ordinary. A quiet last week takes nothing from a loud one, a loud last week makes
        up for half of what this week lacks.

    Blind spots:
        What began three weeks ago is left to the longer windows.
    """
    score = -ndtri(np.clip(chance, 1e-300, 1 - 1e-16))
    before = np.zeros_like(score)
    before[:, 1:] = np.nan_to_num(score[:, :-1])
    together = score + np.maximum(before, 0.0)
    grid, log_chance = _table()
    known = ~np.isnan(score)
    found = np.full(score.shape, np.nan)
    found[known] = np.exp(np.interp(together[known], grid, log_chance))
    return found


@lru_cache(maxsize=1)
def _table() -> tuple[Floats, Floats]:
    """Log of P(Z + max(U, 0) > t) for independent normal Z and U, on a grid of t."""
    grid = np.linspace(-FURTHEST, FURTHEST, int(2 * FURTHEST * STEPS_PER_UNIT) + 1)
    step = 1 / STEPS_PER_UNIT
    positive = np.arange(0, FURTHEST, step)
    density = np.exp(-(positive**2) / 2) / np.sqrt(2 * np.pi) * step
    # trapezium: the first point lies on the edge
    density[0] /= 2
    above = np.array([density @ ndtr(positive - each) for each in grid])
    # far out the integral is below what doubles can add up; Z + U alone is normal with variance 2
    above = np.where(above > 1e-280, above, np.exp(np.maximum(log_ndtr(-grid / np.sqrt(2)), -690.0)))
    return grid, np.log(np.maximum(above + ndtr(-grid) / 2, 1e-300))
