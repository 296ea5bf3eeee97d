"""What small regions borrow from the others: weekday shape and extra variance, shrunk towards the metric's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from contextcheck.panel.baseline_grid import Bools, Floats, Indices

# half of what is known about a weekday or the spread is a year old after a year of days
MEMORY_PER_DAY = 0.5 ** (1 / 365)
MIN_EXTRA_VARIANCE = 1e-4
# from two weeks on the level and the weekdays are known well enough for departures to show the spread
SPREAD_FROM_DAYS = 14
# for the size of departures lately; standard deviation over mean absolute departure of a normal
LATELY_PER_DAY = 0.5 ** (1 / 60)
LATELY_DAYS = 14
SD_PER_ABSOLUTE = 1.2533
# a departure counts in the spread up to this many standard deviations; the mean square of a normal cut there
SPREAD_CLIP = 2.0
SPREAD_SHARE = 0.9205


def sum_by(metric_of: Indices, metrics: int, values: Floats) -> Floats:
    """Sums over the series of each metric: metrics × columns of `values`."""
    columns = [np.bincount(metric_of, column, minlength=metrics) for column in values.T]
    return np.stack(columns, axis=1)


@dataclass(slots=True)
class Weekdays:
    """Weekday effects on the log scale, region shrunk to metric, learned as the days arrive.

    Attributes:
        metric_of: Metric of each series.
        prior_sd: How far metrics' weekdays lie from even (per series), known beforehand.
        region_sd: How far a region's weekdays lie from its metric's (per series).
    """

    metric_of: Indices
    metrics: int
    prior_sd: Floats
    region_sd: Floats
    information: Floats = field(init=False)
    weighted: Floats = field(init=False)

    def __post_init__(self) -> None:
        # a weekday's series lie side by side
        self.information = np.zeros((len(self.metric_of), 7), order="F")
        self.weighted = np.zeros((len(self.metric_of), 7), order="F")

    def learn(self, weekday: int, effect: Floats, information: Floats) -> None:
        """Add a day: its effect relative to the level, and one over that effect's variance (0: nothing seen)."""
        self.information *= MEMORY_PER_DAY
        self.weighted *= MEMORY_PER_DAY
        self.information[:, weekday] += information
        self.weighted[:, weekday] += information * effect

    def effects(self) -> Floats:
        """Series × 7, each row averaging 0.

        Method:
            Two-stage normal shrinkage: the metric's weekday is the precision-weighted mean of the regions', where a
            region's precision is capped by the spread between regions; the region's own is pulled towards it.
        """
        spread = self.region_sd[:, None] ** 2
        capped = np.where(self.information > 0, 1 / (1 / np.maximum(self.information, 1e-12) + spread), 0.0)
        own = self.weighted / np.maximum(self.information, 1e-12)
        total = sum_by(self.metric_of, self.metrics, capped)
        summed = sum_by(self.metric_of, self.metrics, capped * own)
        prior = np.zeros(self.metrics)
        prior[self.metric_of] = self.prior_sd
        metric = summed / (total + 1 / np.maximum(prior[:, None], 1e-6) ** 2)
        region = (self.weighted + metric[self.metric_of] / spread) / (self.information + 1 / spread)
        centred: Floats = region - region.mean(axis=1, keepdims=True)
        return centred


@dataclass(slots=True)
class ExtraVariance:
    """Variance of the daily log rate beyond counting noise, region shrunk to metric.

    Attributes:
        lately: Decayed sums of days and of their departures in expected standard deviations, sign dropped.
        usual: The metric's extra variance, per series.
    """

    metric_of: Indices
    metrics: int
    start: Floats
    information: Floats = field(init=False)
    weighted: Floats = field(init=False)
    lately: Floats = field(init=False)
    usual: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.usual = self.start.copy()
        self.information = np.zeros(len(self.metric_of))
        self.weighted = np.zeros(len(self.metric_of))
        self.lately = np.zeros((2, len(self.metric_of)))

    def limited(self, departure: Floats, variance: Floats, is_seen: Bools) -> Floats:
        """Cut departures off at two standard deviations: those expected, or those shown lately where they are larger.

        A series that varies far more than was believed would otherwise hide it by the cut.
        """
        days, total = self.lately
        shown = SD_PER_ABSOLUTE * total / np.maximum(days, 1e-9)
        limit = SPREAD_CLIP * np.sqrt(variance) * np.where(days >= LATELY_DAYS, np.maximum(shown, 1.0), 1.0)
        self.lately *= LATELY_PER_DAY
        self.lately += np.where(is_seen, np.stack([np.ones_like(variance), np.abs(departure) / np.sqrt(variance)]), 0.0)
        return np.clip(departure, -limit, limit)

    def learn(self, square: Floats, counting: Floats, is_seen: Bools) -> None:
        """Add a day.

        Args:
            square: Squared relative departure minus what counting noise and the level's uncertainty account for.
            counting: Relative counting variance of the day.
            is_seen: Series that count today.
        """
        # variance of a squared Poisson-like departure of mean count 1/counting, with the metric's extra variance, since
        # by a region's own the days on which it was still thought calm would count most
        noise = counting**3 + 2 * (counting + self.usual) ** 2
        information = np.where(is_seen, 1 / noise, 0.0)
        self.information = self.information * MEMORY_PER_DAY + information
        self.weighted = self.weighted * MEMORY_PER_DAY + np.where(is_seen, information * square, 0.0)

    def estimate(self) -> Floats:
        """The extra variance per series, at least 1e-4 (1 % a day)."""
        own = self.weighted / np.maximum(self.information, 1e-12)
        start = np.zeros(self.metrics)
        start[self.metric_of] = self.start
        capped = np.where(
            self.information > 0, 1 / (1 / np.maximum(self.information, 1e-12) + start[self.metric_of] ** 2), 0
        )
        total = np.bincount(self.metric_of, capped, minlength=self.metrics)
        summed = np.bincount(self.metric_of, capped * own, minlength=self.metrics)
        prior = 4 / start**2
        metric = np.maximum((summed + prior * start) / (total + prior), MIN_EXTRA_VARIANCE)[self.metric_of]
        self.usual = metric
        # regions differ from each other by about the size of the extra variance itself
        spread = metric**2
        region = (self.weighted + metric / spread) / (self.information + 1 / spread)
        bounded: Floats = np.maximum(region, MIN_EXTRA_VARIANCE)
        return bounded
