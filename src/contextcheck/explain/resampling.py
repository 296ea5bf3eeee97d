"""Whole customers drawn again: the one bootstrap that every sign, share and driver uses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

from contextcheck.records import Estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int64]

GROUPS = 400
DRAWS = 400


def customer_groups(cluster: Codes) -> Codes:
    """Give each order the resampling group of its customer, 0 to GROUPS - 1.

    Args:
        cluster: Customer code of each order, 0 upwards.

    Returns:
        Group codes; all orders of one customer share a group. Up to GROUPS customers each is a group of its own.

    Method: a customer falls into a group by a fixed integer mix of its code (SplitMix64's finaliser), so that groups
        are exchangeable random bags of customers; resampling 400 bags has the variance of resampling customers.
    Source: cluster bootstrap, Cameron, Gelbach and Miller (2008); bag of clusters as in delete-a-group jackknife,
        Kott (2001).
    Blind spots: the standard error itself is known to about 1 / sqrt(2 x 400) = 4 %.
    """
    if not len(cluster) or int(cluster.max()) < GROUPS:
        return cluster
    mixed = cluster.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray((mixed ^ (mixed >> np.uint64(31))) % np.uint64(GROUPS), dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Draws:
    """A statistic on the data and on its bootstrap draws."""

    value: float
    draws: Floats

    @property
    def standard_error(self) -> float:
        """Standard deviation over the draws, without those that are not finite."""
        finite = self.draws[np.isfinite(self.draws)]
        return float(finite.std(ddof=1)) if len(finite) > 1 else float("nan")

    def estimate(self) -> Estimate:
        """The value with its 95 % percentile interval, widened to hold the value."""
        finite = self.draws[np.isfinite(self.draws)]
        if len(finite) < 2:
            return Estimate(self.value, float("nan"), float("nan"))
        low, high = np.quantile(finite, [0.025, 0.975])
        return Estimate(self.value, min(float(low), self.value), max(float(high), self.value))

    @property
    def is_clear(self) -> bool:
        """Whether the value lies further from 0 than chance takes it: two-sided, 5 %."""
        return p_above(abs(self.value), self.standard_error) <= 0.025

    def p_above(self, bound: float) -> float:
        """One-sided p-value of "not above the bound", from a normal with the bootstrap's standard error."""
        return p_above(self.value - bound, self.standard_error)


def p_above(distance: float, standard_error: float) -> float:
    """One-sided p-value of a distance above 0; 1 or 0 when there is no spread at all."""
    if not standard_error > 0:
        return 0.0 if distance > 0 else 1.0
    return float(ndtr(-distance / standard_error))


@lru_cache(maxsize=32)
def _drawn_counts(groups: int, seed: int, draws: int) -> Floats:
    """How often each group is drawn, shape (draws, groups); the same for every statistic with this seed."""
    rng = np.random.default_rng(seed)
    counts = rng.multinomial(groups, np.full(groups, 1.0 / groups), size=draws).astype(np.float64)
    counts.flags.writeable = False
    return counts


class Resampler:
    """Sums per customer group, and their weighted totals over the draws.

    Args:
        group: Resampling group of each order.
        seed: Of the draws.
        draws: How many.
    """

    def __init__(self, group: Codes, seed: int, draws: int = DRAWS) -> None:
        self._group = group
        self._count = int(group.max()) + 1 if len(group) else 1
        occupied = np.bincount(group, minlength=self._count) > 0
        self._weights = np.zeros((draws, self._count))
        if occupied.any():
            self._weights[:, occupied] = _drawn_counts(int(occupied.sum()), seed, draws)

    def totals(self, values: Floats) -> Draws:
        """Give the sum of a value over the orders, and over each draw."""
        sums = np.bincount(self._group, weights=values, minlength=self._count)
        return Draws(float(sums.sum()), self._weights @ sums)

    def histograms(self, code: Codes, count: int, chosen: NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """Give the chosen orders per code 0 to count - 1, and the same for each draw, shape (draws, count)."""
        place = self._group[chosen] * count + code[chosen]
        table = np.bincount(place, minlength=self._count * count).reshape(self._count, count).astype(np.float64)
        return table.sum(axis=0), self._weights @ table


def ratio(top: Draws, bottom: Draws) -> Draws:
    """Give top / bottom, draw by draw; NaN where the bottom is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        draws = np.where(bottom.draws != 0, top.draws / bottom.draws, np.nan)
    return Draws(top.value / bottom.value if bottom.value else float("nan"), draws)


def minus(first: Draws, second: Draws) -> Draws:
    """Give first - second, draw by draw."""
    return Draws(first.value - second.value, first.draws - second.draws)


def times(first: Draws, second: Draws) -> Draws:
    """Give first x second, draw by draw."""
    return Draws(first.value * second.value, first.draws * second.draws)


def effective_number(cluster: Codes) -> float:
    """How many equally sized customers the orders amount to: (sum n)^2 / sum n^2 (Kish 1965); 0 without orders."""
    counts = np.bincount(cluster) if len(cluster) else np.zeros(1)
    squares = float((counts.astype(np.float64) ** 2).sum())
    return float(counts.sum()) ** 2 / squares if squares else 0.0


def holm(p_values: Floats) -> Floats:
    """Give the p-values corrected for looking at all of them (Holm 1979), in the given order."""
    order = np.argsort(p_values, kind="stable")
    factors = len(p_values) - np.arange(len(p_values))
    stepped = np.minimum(np.maximum.accumulate(p_values[order] * factors), 1.0)
    corrected = np.empty(len(p_values))
    corrected[order] = stepped
    return corrected
