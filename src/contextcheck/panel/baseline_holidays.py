"""What holidays and commercial dates do to each region: learned from the years before, widened where there are none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.panel.baseline_pool import clear

if TYPE_CHECKING:
    from contextcheck.panel.baseline_grid import Bools, Floats, Grid, Indices

# how far, on the log scale, a metric moves on a holiday; believed before, worth so many region-days
START_SD = {"rate": 0.04, "count": 0.12, "mean": 0.03}
PRIOR_DAYS = 12.0
LARGEST_SD = 1.0
# of the spread of holidays, what differs between regions and from one year to the next
REGION_SHARE = 0.5
YEAR_SHARE = 0.1
CLIP = 3.0
LARGEST = 3.0


@dataclass(slots=True)
class Holidays:
    """Effects by name, region shrunk to the name's over all regions, and that to what is usual for the metric.

    Attributes:
        usual: What the metric's holidays, and the days beside them, do on average: metrics × 2.
        spread: How far single ones lie from that, a variance.
    """

    grid: Grid
    usual: Floats = field(init=False)
    spread: Floats = field(init=False)
    _start: Floats = field(init=False)
    _counted: Floats = field(init=False)
    _squares: Floats = field(init=False)
    _pooled: Floats = field(init=False)
    _own: Floats = field(init=False)
    _group: Indices = field(init=False)

    def __post_init__(self) -> None:
        grid, names = self.grid, len(self.grid.named.names)
        start = np.zeros(len(grid.metrics))
        start[grid.metric_of] = [START_SD[str(kind)] ** 2 for kind in grid.kinds]
        self.spread = np.column_stack([start, start])
        self.usual = np.zeros(self.spread.shape)
        self._start = self.spread.copy()
        self._counted = np.full(self.spread.shape, PRIOR_DAYS)
        self._squares = self.spread * PRIOR_DAYS
        # information and weighted effect, by metric and name, and by series and name
        self._pooled = np.zeros((2, len(grid.metrics), names))
        self._own = np.zeros((2, len(grid.series), names))
        self._group = grid.named.is_beside.astype(np.intp)

    def expect(self, column: int) -> tuple[Floats, Floats, Bools]:
        """Effect of a day on each series before it is seen, its variance, and which series have a named day."""
        name = self.grid.named.on(self.grid.region_of, column)
        is_named = name >= 0
        effect, variance = np.zeros(len(name)), np.zeros(len(name))
        if is_named.any():
            rows = np.flatnonzero(is_named)
            effect[rows], variance[rows] = self._expected(rows, name[rows])
        return effect, variance, is_named

    def _expected(self, rows: Indices, name: Indices) -> tuple[Floats, Floats]:
        metric = self.grid.metric_of[rows]
        group = self._group[name]
        usual, spread = self.usual[metric, group], self.spread[metric, group]
        seen = self._pooled[0, metric, name]
        away = self._pooled[1, metric, name] / np.maximum(seen, 1e-12) - usual
        between = REGION_SHARE * spread
        # a feast that has clearly moved much more than others do is not pulled back to them
        feast = clear(away, seen, spread - between)
        known = seen + 1 / np.maximum(feast, 1e-8)
        pooled, pooled_variance = usual + away * seen / known, 1 / known
        prior = 1 / np.maximum(pooled_variance + between, 1e-8)
        information = self._own[0, rows, name] + prior
        effect = (self._own[1, rows, name] + pooled * prior) / information
        return effect, 1 / information + YEAR_SHARE * spread

    def learn(self, column: int, departure: Floats, variance: Floats, is_counted: Bools) -> None:
        """Take in a named day.

        Args:
            column: The day.
            departure: Log-scale departure from an ordinary day.
            variance: Its variance, the holiday's own not counted.
            is_counted: Series that were seen and are not in the middle of an incident.
        """
        name = self.grid.named.on(self.grid.region_of, column)
        rows = np.flatnonzero((name >= 0) & is_counted)
        if not len(rows):
            return
        name, metric = name[rows], self.grid.metric_of[rows]
        group = self._group[name]
        effect, noise = np.clip(departure[rows], -LARGEST, LARGEST), variance[rows]
        spread = self.spread[metric, group]
        for store, at, extra in ((self._own, rows, YEAR_SHARE), (self._pooled, metric, REGION_SHARE)):
            information = 1 / (noise + extra * spread)
            np.add.at(store[0], (at, name), information)
            np.add.at(store[1], (at, name), information * effect)
        # a day counts by how much of it is not noise
        weight = (spread / (spread + noise)) ** 2
        limit = CLIP * np.sqrt(spread + noise)
        square = np.clip(effect - self.usual[metric, group], -limit, limit) ** 2 - noise
        np.add.at(self._counted, (metric, group), weight)
        np.add.at(self._squares, (metric, group), weight * square)
        self.spread = np.clip(self._squares / self._counted, 1e-5, LARGEST_SD**2)
        self._learn_usual()

    def _learn_usual(self) -> None:
        """Average the names: each counts once, less by what is not known of it; believed before, one name without
        effect.
        """
        seen, weighted = self._pooled
        for group in (0, 1):
            of_group = (self._group == group) & (seen > 0)
            between = self.spread[:, group, None]
            weight = np.where(of_group, 1 / (between + 1 / np.maximum(seen, 1e-12)), 0.0)
            total = (weight * weighted / np.maximum(seen, 1e-12)).sum(axis=1)
            self.usual[:, group] = total / (weight.sum(axis=1) + 1 / self._start[:, group])
