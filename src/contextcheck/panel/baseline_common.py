"""The wobble that all regions share on a day, as seen by the others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from contextcheck.panel.baseline_grid import Bools, Floats, Indices

MIN_OTHERS = 5
CLIP = 1.5
ENOUGH_FOR_A_MIDDLE = 5000
START_SD = 0.02
SURE_Z = 4.0
MEMORY_PER_DAY = 0.5 ** (1 / 90)


@dataclass(slots=True)
class Wobble:
    """Learns how much a metric moves in all regions at once, and gives each region what the others show.

    Attributes:
        metric_of: Metric of each series.
        limit: Largest movement taken as common (log scale, per series).
    """

    metric_of: Indices
    metrics: int
    limit: Floats
    variance: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.variance = np.full(self.metrics, START_SD**2)

    def of_day(self, departure: Floats, variance: Floats, is_trusted: Bools) -> Floats:
        """Give each series the common movement of its metric, estimated without the series itself.

        Args:
            departure: Relative departure from expectation of each series.
            variance: Its variance.
            is_trusted: Series that are seen today and not in the middle of an incident.

        Returns:
            Log-scale movement; 0 where fewer than five other regions speak.
        """
        spread = np.sqrt(variance)
        middle = self._middle(departure, 1 / spread, is_trusted)[self.metric_of]
        clipped = middle + np.clip(departure - middle, -CLIP * spread, CLIP * spread)
        weight = np.where(is_trusted, 1 / variance, 0.0)
        count = self._sum(is_trusted.astype(np.float64))
        mean_weight = self._sum(weight) / np.maximum(count, 1)
        # no single large market may speak for all
        weight = np.minimum(weight, 3 * mean_weight[self.metric_of])
        total, summed = self._sum(weight), self._sum(weight * clipped)
        others = total[self.metric_of] - weight
        # a movement in which all agree far beyond chance is taken as it is, however calm the past was
        seen = summed / np.maximum(total, 1e-12)
        sudden = np.where(seen**2 * total > SURE_Z**2, seen**2, 0.0)
        prior = 1 / np.maximum(np.maximum(self.variance, sudden)[self.metric_of], 1e-8)
        common = (summed[self.metric_of] - weight * clipped) / (others + prior)
        common = np.where(count[self.metric_of] - is_trusted >= MIN_OTHERS, common, 0.0)
        self._learn(summed, total, count)
        return np.clip(common, -self.limit, self.limit)

    def _middle(self, departure: Floats, weight: Floats, is_trusted: Bools) -> Floats:
        """Weighted median of each metric; 0 where too few speak."""
        middle = np.zeros(self.metrics)
        for metric in range(self.metrics):
            members = np.flatnonzero(is_trusted & (self.metric_of == metric))
            if len(members) > MIN_OTHERS:
                # of very many series every so-many-th is enough for a middle
                members = members[:: 1 + len(members) // ENOUGH_FOR_A_MIDDLE]
                members = members[np.argsort(departure[members], kind="stable")]
                reached = np.cumsum(weight[members])
                middle[metric] = departure[members[np.searchsorted(reached, reached[-1] / 2)]]
        return middle

    def _sum(self, values: Floats) -> Floats:
        return np.bincount(self.metric_of, values, minlength=self.metrics).astype(np.float64)

    def _learn(self, summed: Floats, total: Floats, count: Floats) -> None:
        is_known = count >= MIN_OTHERS
        mean = summed / np.maximum(total, 1e-12)
        excess = np.clip(mean**2 - 1 / np.maximum(total, 1e-12), 0, 0.15**2)
        updated = MEMORY_PER_DAY * self.variance + (1 - MEMORY_PER_DAY) * excess
        self.variance = np.where(is_known, np.maximum(updated, 1e-6), self.variance)
