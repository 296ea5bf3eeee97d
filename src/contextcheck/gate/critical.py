"""How far out a mean must lie so that harmless launches hardly ever get there, found by simulating such launches."""

from __future__ import annotations

from functools import lru_cache
from math import ceil, sqrt
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri, stdtrit

from contextcheck.gate.information import RESTART_DAYS, information_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

PATHS = 40_000
PATHS_AT_ONCE = 4_000
PATHS_SEED = 20_240_601
START_SHARE = 0.99
"""Share of alpha for the watch after the launch; the rest is for all time after it."""
LATER_PENALTY = 1.0
"""Standard errors by which a sequence that starts later must lie further out."""
FEWEST_OUTSIDE = 20


@lru_cache(maxsize=256)
def critical_value(
    first_weekday: int, days_before: int, watch_days: int, alpha: float, looks_per_day: int = 1
) -> float:
    """Give the number of standard errors that no sequence passes on any day of the watch.

    Args:
        first_weekday: Weekday of the launch, 0 is Monday.
        days_before: Quiet days that the counterfactual and the noise rest on; 0 when neither does.
        watch_days: Days of the watch.
        alpha: Chance of ever calling a harmless feature harmful; 0.99 of it is spent in the watch.
        looks_per_day: 1, or 24 when the gate is computed from hours.

    Returns:
        The number c of `upper_path`.

    Method: 40,000 launches without effect, days and the past they are compared with normal, the noise estimated from
        the past where there is one; c is the quantile of the largest standardised fall over all days and sequences,
        taken two standard errors of the simulation on the safe side. When alpha is so small that fewer than 20
        launches lie beyond it: alpha divided by the number of sequences and days.
    Source: Pocock (1977), Biometrika 64, 191-199, for one constant over all looks; calibrated by simulation since
        weekdays, the past and the restarts leave no closed form.
    Blind spots: noise that is not normal or that grows after the launch.
    """
    wanted = alpha * START_SHARE
    looks = watch_days * looks_per_day
    safe = wanted - 2 * sqrt(wanted * (1 - wanted) / PATHS)
    if safe * PATHS < FEWEST_OUTSIDE:
        each = wanted / (looks * ceil(watch_days / RESTART_DAYS))
        return -float(stdtrit(_freedom(days_before), each) if days_before else ndtri(each))
    worst = _worst_falls(first_weekday, days_before, looks, looks_per_day)
    return float(worst[PATHS - 1 - int(safe * PATHS)])


@lru_cache(maxsize=32)
def _worst_falls(first_weekday: int, days_before: int, looks: int, looks_per_day: int) -> Array:
    """The largest standardised fall of each simulated launch, sorted."""
    rng = np.random.default_rng(PATHS_SEED)
    weekdays = (first_weekday + np.arange(looks) // looks_per_day) % 7
    table = information_table(weekdays, days_before, RESTART_DAYS * looks_per_day)
    parts = [_falls(rng, weekdays, days_before, table, looks_per_day) for _ in range(PATHS // PATHS_AT_ONCE)]
    return np.sort(np.concatenate(parts))


def _falls(
    rng: np.random.Generator, weekdays: NDArray[np.int64], days_before: int, table: Array, looks_per_day: int
) -> Array:
    looks = len(weekdays)
    effects = rng.standard_normal((PATHS_AT_ONCE, looks))
    spread = np.ones((PATHS_AT_ONCE, 1))
    if days_before:
        past = rng.standard_normal((PATHS_AT_ONCE, 7)) / sqrt(max(days_before / 7, 1.0))
        effects -= past[:, weekdays]
        free = _freedom(days_before)
        spread = np.sqrt(rng.chisquare(free, size=(PATHS_AT_ONCE, 1)) / free)
    sums = np.concatenate([np.zeros((PATHS_AT_ONCE, 1)), np.cumsum(effects, axis=1)], axis=1)
    worst = np.full(PATHS_AT_ONCE, -np.inf)
    for number in range(len(table)):
        first = number * RESTART_DAYS * looks_per_day
        mean = (sums[:, first + 1 :] - sums[:, [first]]) / np.arange(1, looks - first + 1)
        falls = -mean * np.sqrt(table[number, first:]) / spread - (LATER_PENALTY if number else 0.0)
        worst = np.maximum(worst, falls.max(axis=1))
    return worst


def _freedom(days_before: int) -> int:
    """Days of the past that are left for the noise after seven weekday means."""
    return max(days_before - 7, 5)
