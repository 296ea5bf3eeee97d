"""What other products and textbooks do: alarms after every look, shape (runs, looks)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.special import ndtr, ndtri
from scipy.stats import rankdata

from contextcheck.gate.sequential import reach

ALPHA = 0.05
TOLERANCE, CONFIDENCE = 0.25, 0.98


def naive(z: np.ndarray) -> np.ndarray:
    """A test at 5 % at every look."""
    return z < float(ndtri(ALPHA))


def bonferroni(z: np.ndarray) -> np.ndarray:
    """The same, alpha divided by the number of looks."""
    return z < float(ndtri(ALPHA / z.shape[1]))


def group_sequential(z: np.ndarray) -> np.ndarray:
    """O'Brien-Fleming: the bound at look k of n is c sqrt(n / k), c for one-sided 5 %."""
    looks = z.shape[1]
    return z < -_obrien_fleming(looks) * np.sqrt(looks / np.arange(1, looks + 1))


@lru_cache
def _obrien_fleming(looks: int) -> float:
    rng = np.random.default_rng(99)
    worst = [(np.cumsum(rng.standard_normal((1000, looks)), axis=1) / np.sqrt(looks)).min(axis=1) for _ in range(40)]
    return float(-np.quantile(np.concatenate(worst), ALPHA))


def confidence_sequence(mean: np.ndarray, known: np.ndarray, tuned: np.ndarray) -> np.ndarray:
    """The one-sided asymptotic confidence sequence (Waudby-Smith et al. 2024), tightest at day 7, bound at zero."""
    return mean + reach(known, tuned, ALPHA) < 0


def mann_whitney(points: np.ndarray, others: np.ndarray, per_look: int) -> np.ndarray:
    """Kayenta's judge: Low when the 98 % interval of the shift lies below -0.25 x |shift|; ties are averaged.

    The interval is turned into the test that it stands for: experiment moved up by a quarter of the shift, at 1 %.
    The shift is the difference of means; hourly means are symmetric enough for it to equal the Hodges-Lehmann estimate.
    """
    looks = points.shape[1] // per_look
    found = np.zeros((len(points), looks), dtype=bool)
    for look in range(looks):
        count = (look + 1) * per_look
        if count < 3:
            continue
        mine, theirs = points[:, :count], others[:, :count] if others.shape[1] == points.shape[1] else others
        shift = mine.mean(axis=1, keepdims=True) - theirs.mean(axis=1, keepdims=True)
        moved = mine + TOLERANCE * np.abs(shift)
        found[:, look] = _falls(moved, theirs) < (1 - CONFIDENCE) / 2
    return found


def _falls(mine: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """One-sided p value of the Mann-Whitney test, normal approximation."""
    first, second = mine.shape[1], theirs.shape[1]
    ranks = rankdata(np.concatenate([mine, theirs], axis=1), axis=1)[:, :first].sum(axis=1)
    statistic = ranks - first * (first + 1) / 2
    expected, spread = first * second / 2, np.sqrt(first * second * (first + second + 1) / 12)
    return ndtr((statistic - expected + 0.5) / spread)
