"""The level of each series, followed at several speeds at once; the metric's history says which speed it needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from contextcheck.panel.baseline_grid import Bools, Floats, Grid, Indices

# standard deviation per day with which a level may wander, on the log scale
SPEEDS = {
    "rate": (0.0015, 0.0022, 0.0033, 0.0049, 0.0073, 0.0108, 0.016),
    "count": (0.005, 0.0076, 0.0114, 0.0173, 0.0262, 0.0396, 0.06),
    "mean": (0.001, 0.0015, 0.0023, 0.0035, 0.0052, 0.0079, 0.012),
}
# per week, about a trend and a season that are known
WEEKLY_SPEEDS = (0.0, 0.01, 0.03, 0.08)
START_VARIANCE = 1.0
LEARNING_DAYS = 21
CLIP = 2.5
# per column of a daily and of a weekly panel
MEMORY = {1: 0.5 ** (1 / 120), 7: 0.5 ** (1 / 104)}


@dataclass(slots=True)
class Levels:
    """Local-level filters with robust steps, one per speed, weighed by how well each foretold the metric so far.

    Attributes:
        metric_of: Metric of each series.
        drift: Variance per day, speeds × series.
        level: Log level, speeds × series.
        variance: Its variance, likewise.
        score: Discounted log likelihood of each speed per metric, over all its regions.
        memory: What a column before counts.
        start_variance: Of a level that has just begun.
    """

    metric_of: Indices
    metrics: int
    drift: Floats
    memory: float
    start_variance: float
    level: Floats = field(init=False)
    variance: Floats = field(init=False)
    score: Floats = field(init=False)
    is_started: Bools = field(init=False)
    moved: Floats = field(init=False)
    is_seasonal: Bools = field(init=False)

    @classmethod
    def of(cls, grid: Grid) -> Levels:
        """Start for a grid, every series still unknown."""
        speeds = [WEEKLY_SPEEDS if grid.is_weekly else SPEEDS[str(kind)] for kind in grid.kinds]
        count = len(WEEKLY_SPEEDS if grid.is_weekly else SPEEDS["rate"])
        drift = np.array(speeds).reshape(-1, count).T ** 2
        start = 0.0 if grid.is_weekly else START_VARIANCE
        return cls(grid.metric_of, len(grid.metrics), drift, MEMORY[grid.step_days], start)

    def __post_init__(self) -> None:
        self.level = np.zeros(self.drift.shape)
        self.variance = np.full(self.drift.shape, self.start_variance)
        self.score = np.zeros((self.drift.shape[0], self.metrics))
        self.is_started = np.zeros(self.drift.shape[1], dtype=np.bool_)
        self.moved = np.zeros(self.drift.shape[1])
        self.is_seasonal = np.zeros(len(self.drift), dtype=np.bool_)

    def begin(self, which: Bools, level: Floats) -> None:
        """Give series their first level."""
        self.level[:, which] = level[None, :]
        self.is_started = self.is_started | which

    def widen(self, which: Bools, variance: float) -> None:
        """Let the level of some series be uncertain again, so that it is learned anew."""
        self.variance = np.where(which[None, :], np.maximum(self.variance, variance), self.variance)

    def move(self, season: Floats) -> None:
        """Let the season of a day move the levels of those filters that believe in it.

        From the first day on which the season of a year is known each speed is followed with and without it; which of
        them foretells the metric better decides how much of the movement counts. `moved` is what counted today.
        """
        if not season.any():
            self.moved = np.zeros_like(season)
            return
        if not self.is_seasonal.any():
            self.is_seasonal = np.repeat([False, True], len(self.drift))
            for name in ("drift", "level", "variance", "score"):
                setattr(self, name, np.concatenate([getattr(self, name)] * 2))
        self.level[self.is_seasonal] += season
        self.moved = self._weights()[self.is_seasonal].sum(axis=0) * season

    def follow(self, movement: Floats) -> Floats:
        """Let all levels that have begun move; gives how far each did."""
        movement = np.where(self.is_started, movement, 0.0)
        self.level += movement
        return movement

    def _weights(self) -> Floats:
        """What each filter counts, filters × series."""
        weight = np.exp(self.score - self.score.max(axis=0))
        return np.asarray((weight / weight.sum(axis=0))[:, self.metric_of])

    def expect(self) -> tuple[Floats, Floats, Floats]:
        """Level, its variance and its drift per day, averaged over the filters."""
        weight = self._weights()
        level = (weight * self.level).sum(axis=0)
        variance = (weight * (self.variance + (self.level - level) ** 2)).sum(axis=0)
        return level, variance, (weight * self.drift).sum(axis=0)

    def learn(
        self, ratio: Floats, mean_level: Floats, noise: Floats, weight: Floats, is_early: Bools, is_named: Bools
    ) -> None:
        """Take in a day.

        Args:
            ratio: Observed over expected at `mean_level`.
            mean_level: The averaged level that was expected.
            noise: Variance of the day's ratio beyond that of the level.
            weight: How much the day may teach, 0 to 1.
            is_early: Series whose level is still being found: steps are not clipped.
            is_named: Series with a holiday: what it does says nothing on how fast the level wanders.
        """
        departure = ratio * np.exp(mean_level - self.level) - 1
        total = self.variance + noise
        spread = np.sqrt(total)
        clipped = np.clip(departure, -CLIP * spread, CLIP * spread)
        self._score(clipped, total, (weight >= 1) & ~is_early & ~is_named)
        gain = self.variance / total * weight
        step = gain * np.where(is_early, departure, clipped)
        # while the level is uncertain a step may be large: keep it exact on the log scale
        step = np.where(is_early, np.log1p(np.maximum(step, -0.95)), step)
        is_seen = weight > 0
        self.level = np.where(is_seen, self.level + step, self.level)
        kept = np.where(is_seen, self.variance * (1 - gain), self.variance)
        self.variance = kept + self.drift * self.is_started

    def _score(self, departure: Floats, total: Floats, is_counted: Bools) -> None:
        gained = np.where(is_counted, -0.5 * (np.log(total) + departure**2 / total), 0.0)
        self.score *= self.memory
        for speed in range(self.score.shape[0]):
            self.score[speed] += np.bincount(self.metric_of, gained[speed], minlength=self.metrics)
