"""How much some days tell about the mean effect: 1 / its variance, the quiet past it rests on included."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

RESTART_DAYS = 7


def information(days: int, weekdays: Sequence[int] | NDArray[np.int64], noise: float, days_before: int) -> float:
    """Give the statistical information in the mean effect of some days: 1 / its variance.

    Args:
        days: Number of days.
        weekdays: How many of them fall on each weekday, seven numbers.
        noise: Standard deviation of one day's effect when there is none.
        days_before: Quiet days that the counterfactual rests on; its error stays however long one waits. 0 when the
            days are compared with unexposed customers of the same day.

    Returns:
        The information; infinite when nothing is noisy.

    Method: variance = noise^2 x (1 / days + sum over weekdays of (share of days)^2 / weeks before).
    Source: variance of a difference of means; for whole weeks the means since launch against a fixed past have
        independent increments in information, so that the boundaries for a Brownian motion hold.
    Blind spots: noise is taken as known.
    """
    if noise <= 0:
        return inf
    shares = np.asarray(weekdays, dtype=float) / days
    return float(1.0 / (noise**2 * (1 / days + _past(shares, days_before))))


def _past(shares: Array, days_before: int) -> Array | float:
    """What the past adds to the variance, for noise 1; shares of weekdays are the last axis."""
    return (shares**2).sum(axis=-1) / max(days_before / 7, 1.0) if days_before else 0.0


def information_table(weekdays: NDArray[np.int64], days_before: int, restart_every: int = RESTART_DAYS) -> Array:
    """Give the information of every sequence on every day, for noise 1.

    Args:
        weekdays: Weekday of each day, 0 to 6.
        days_before: As in `information`.
        restart_every: Days between the starts of two sequences.

    Returns:
        Shape (sequences, days); 0 before a sequence has begun.
    """
    looks = len(weekdays)
    counts = np.concatenate([np.zeros((1, 7)), np.cumsum(np.eye(7)[weekdays], axis=0)])
    firsts = range(0, looks, restart_every)
    table = np.zeros((len(firsts), looks))
    for number, first in enumerate(firsts):
        days = np.arange(1, looks - first + 1)
        shares = (counts[first + 1 :] - counts[first]) / days[:, None]
        table[number, first:] = 1 / (1 / days + _past(shares, days_before))
    return table
