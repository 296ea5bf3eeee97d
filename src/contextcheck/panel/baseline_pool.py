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
# standard errors from which on a departure is taken as it is
CLEAR_Z = 3.0
# a weekday that has been far off so often is another one now; more weekdays at once are a change of the level
NEW_SHAPE_WEEKS = 4
NEW_SHAPE_WEEKDAYS = 2
# from two weeks on the level and the weekdays are known well enough for departures to show the spread
SPREAD_FROM_DAYS = 14
# for the size of departures lately: a region's own days count as much as its metric's after a week of them; standard
# deviation over mean absolute departure of a normal
LATELY_PER_DAY = 0.5 ** (1 / 60)
LATELY_DAYS = 7.0
SD_PER_ABSOLUTE = 1.2533
# belief that successive days are independent, worth so many days
INDEPENDENT_DAYS = 100.0
# drift and small incidents make as much of it
SLIGHT_LIKENESS = 0.05
# a departure counts in the spread up to this many standard deviations; the mean square of a normal cut there
SPREAD_CLIP = 2.0
SPREAD_SHARE = 0.9205


def sum_by(metric_of: Indices, metrics: int, values: Floats) -> Floats:
    """Sums over the series of each metric: metrics × columns of `values`."""
    columns = [np.bincount(metric_of, column, minlength=metrics) for column in values.T]
    return np.stack(columns, axis=1)


def clear(away: Floats, information: Floats, variance: Floats) -> Floats:
    """The variance believed of a departure, or what it shows itself where it is clearly larger."""
    return np.maximum(variance, away**2 - CLEAR_Z**2 / np.maximum(information, 1e-12))


@dataclass(slots=True)
class Weekdays:
    """Weekday effects on the log scale, region shrunk to metric, learned as the days arrive.

    Attributes:
        metric_of: Metric of each series.
        prior_sd: How far metrics' weekdays lie from even (per series), known beforehand.
        region_sd: How far a region's weekdays lie from its metric's (per series).
        last: Effect that each weekday showed when it was last seen, series × 7.
        weeks_off: Weeks in a row in which each weekday was as far off as the week before, series × 7.
    """

    metric_of: Indices
    metrics: int
    prior_sd: Floats
    region_sd: Floats
    information: Floats = field(init=False)
    weighted: Floats = field(init=False)
    last: Floats = field(init=False)
    weeks_off: Floats = field(init=False)

    def __post_init__(self) -> None:
        # a weekday's series lie side by side
        self.information = np.zeros((len(self.metric_of), 7), order="F")
        self.weighted = np.zeros((len(self.metric_of), 7), order="F")
        self.last = np.full((len(self.metric_of), 7), np.nan, order="F")
        self.weeks_off = np.zeros((len(self.metric_of), 7), order="F")

    def learn(
        self, weekday: int, effect: Floats, departure: tuple[Floats, Floats], information: Floats, is_settled: Bools
    ) -> None:
        """Add a day.

        Args:
            weekday: Monday 0.
            effect: What was believed of it.
            departure: From what was expected, cut off; and on the log scale, whole, NaN where nothing was seen.
            information: One over the variance of the departure.
            is_settled: The day may teach, as those inside an incident may not.

        Method:
            A far departure counts as it was cut off, but for what the same weekday showed the week before. What one or
            two weekdays of a week have shown so for four weeks is their new shape: it is learned anew, incident or not.
        """
        clipped, whole = departure
        before = self.last[:, weekday] - effect
        is_again = (np.sign(before) == np.sign(whole)) & (np.abs(whole) > np.abs(clipped))
        again = np.where(is_again, np.minimum(np.abs(before), np.abs(whole)), 0.0)
        taught = np.sign(clipped) * np.maximum(np.abs(clipped), again)
        self.weeks_off[:, weekday] = np.where(
            np.isnan(whole), self.weeks_off[:, weekday], (self.weeks_off[:, weekday] + 1) * is_again
        )
        is_new = (self.weeks_off[:, weekday] >= NEW_SHAPE_WEEKS) & (
            (self.weeks_off > 1).sum(axis=1) <= NEW_SHAPE_WEEKDAYS
        )
        information = np.where(is_settled | is_new, information, 0.0)
        kept = np.where(is_new & (self.weeks_off[:, weekday] == NEW_SHAPE_WEEKS), 0.0, 1.0)
        for learned in (self.information, self.weighted):
            learned *= MEMORY_PER_DAY
            learned[:, weekday] *= kept
        self.information[:, weekday] += information
        self.weighted[:, weekday] += information * (effect + taught)
        self.last[:, weekday] = np.where(np.isnan(whole), self.last[:, weekday], effect + whole)

    def effects(self) -> Floats:
        """Series × 7; the weekdays of each row average a factor of 1.

        Method:
            Two-stage normal shrinkage: the metric's weekday is the precision-weighted mean of the regions', where a
            region's precision is capped by the spread between regions; the region's own is pulled towards it. A
            weekday that lies clearly further out than is believed of weekdays is not pulled back.
        """
        spread = self.region_sd[:, None] ** 2
        seen = np.maximum(self.information, 1e-12)
        capped = np.where(self.information > 0, 1 / (1 / seen + spread), 0.0)
        own = self.weighted / seen
        total = sum_by(self.metric_of, self.metrics, capped)
        summed = sum_by(self.metric_of, self.metrics, capped * own)
        prior = np.zeros(self.metrics)
        prior[self.metric_of] = self.prior_sd
        metric = summed / (total + 1 / clear(summed / np.maximum(total, 1e-12), total, prior[:, None] ** 2))
        metric = metric[self.metric_of]
        spread = clear(own - metric, self.information, spread)
        region = (self.weighted + metric / spread) / (self.information + 1 / spread)
        return np.asarray(region - np.log(np.exp(region).mean(axis=1, keepdims=True)))


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
    _counting: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.usual = self.start.copy()
        self._counting = np.zeros(len(self.metric_of))
        self.information = np.zeros(len(self.metric_of))
        self.weighted = np.zeros(len(self.metric_of))
        self.lately = np.zeros((2, len(self.metric_of)))

    def limited(self, departure: Floats, variance: Floats, is_seen: Bools) -> Floats:
        """Cut departures off at two standard deviations: those expected, or those shown lately where they are larger.

        A series that varies far more than was believed would otherwise hide it by the cut.
        """
        days, total = self.lately
        pooled = sum_by(self.metric_of, self.metrics, self.lately.T)[self.metric_of]
        usual = pooled[:, 1] / np.maximum(pooled[:, 0], LATELY_DAYS)
        shown = SD_PER_ABSOLUTE * (total + LATELY_DAYS * usual) / (days + LATELY_DAYS)
        limit = SPREAD_CLIP * np.sqrt(variance) * np.maximum(shown, 1.0)
        self.lately *= LATELY_PER_DAY
        self.lately += np.where(is_seen, np.stack([np.ones_like(variance), np.abs(departure) / np.sqrt(variance)]), 0.0)
        return np.clip(departure, -limit, limit)

    def learn(self, square: Floats, counting: Floats, is_seen: Bools) -> None:
        """Add a day.

        Args:
            square: Squared relative departure minus what counting noise and the level's uncertainty account for.
            counting: Relative variance of the day from counting, and from what is not known of the level.
            is_seen: Series that count today.
        """
        self._counting = counting
        information = np.where(is_seen, 1 / self._noise(), 0.0)
        self.information = self.information * MEMORY_PER_DAY + information
        self.weighted = self.weighted * MEMORY_PER_DAY + np.where(is_seen, information * square, 0.0)

    def _noise(self) -> Floats:
        """Variance of a squared Poisson-like departure of mean count 1 / counting, with the metric's extra variance.

        By a region's own the days on which it was still thought calm would count most.
        """
        return self._counting**3 + 2 * (self._counting + self.usual) ** 2

    def estimate(self) -> Floats:
        """The extra variance per series, at least 1e-4 (1 % a day)."""
        # regions differ from each other by about the size of the extra variance itself
        spread = self.usual**2
        own = self.weighted / np.maximum(self.information, 1e-12)
        capped = np.where(self.information > 0, 1 / (1 / np.maximum(self.information, 1e-12) + spread), 0.0)
        total = np.bincount(self.metric_of, capped, minlength=self.metrics)[self.metric_of]
        summed = np.bincount(self.metric_of, capped * own, minlength=self.metrics)[self.metric_of]
        prior = 4 / spread
        believed = self._noise()
        self.usual = np.maximum((summed + prior * self.start) / (total + prior), MIN_EXTRA_VARIANCE)
        # what was learned while the metric was thought calmer, or wilder, counts by what is known now
        again = believed / self._noise()
        self.information, self.weighted = self.information * again, self.weighted * again
        spread = clear(own - self.usual, self.information, self.usual**2)
        region = (self.weighted + self.usual / spread) / (self.information + 1 / spread)
        bounded: Floats = np.maximum(region, MIN_EXTRA_VARIANCE)
        return bounded


@dataclass(slots=True)
class Likeness:
    """How much a day departs like the day before, by metric: correlation of successive departures, never below 0."""

    metric_of: Indices
    metrics: int
    product: Floats = field(init=False)
    square: Floats = field(init=False)
    before: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.product, self.square = np.zeros((2, self.metrics))
        self.before = np.full(len(self.metric_of), np.nan)

    def learn(self, departure: Floats, is_seen: Bools) -> None:
        """Add a day: departures in standard deviations."""
        today = np.where(is_seen, np.clip(departure, -SPREAD_CLIP, SPREAD_CLIP), np.nan)
        product, square = today * self.before, (today**2 + self.before**2) / 2
        for total, values in ((self.product, product), (self.square, square)):
            total *= MEMORY_PER_DAY
            total += np.bincount(self.metric_of, np.nan_to_num(values), minlength=self.metrics)
        self.before = today

    def estimate(self) -> Floats:
        """The correlation per series, pulled to 0."""
        found: Floats = np.clip(self.product / (self.square + INDEPENDENT_DAYS) - SLIGHT_LIKENESS, 0.0, 0.9)
        return found[self.metric_of]


def like_days(likeness: Floats, days: Indices | int) -> Floats:
    """Variance of a sum of so many days that resemble each other, over that of as many independent ones.

    Method:
        1 + 2 sum over k < n of (1 - k / n) r^k, the correlation of days k apart being r^k, in closed form.
    """
    other = 1 - likeness
    return np.asarray((1 + likeness) / other - 2 * likeness * (1 - likeness**days) / (days * other**2))
