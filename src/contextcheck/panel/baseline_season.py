"""Trend and yearly season from the weeks before: a log-linear model fitted to all series at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaln

from contextcheck.panel.baseline_filter import counting_variance
from contextcheck.panel.baseline_pool import sum_by

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from contextcheck.panel.baseline_grid import Bools, Floats, Indices

WEEKS_PER_YEAR = 365.2425 / 7
HARMONICS = 2
# a season is looked for once so many weeks lie between the first and the newest
MIN_SEASON_WEEKS = 52
# how far, on the log scale, a first level, a year's trend and the waves of a year may lie from nothing
LEVEL_SD = 3.0
TREND_SD = 0.3
WAVE_SD = (0.5, 0.3)
# and a region's waves from those of its metric
REGION_WAVE_SD = 0.15
# past outbreaks count less from this many standard deviations (Noufaily et al. 2013)
DOWN_WEIGHT_FROM = 2.58
# dispersion: what is believed before, worth so many weeks
START_DISPERSION = 1.3
PRIOR_WEEKS = 8.0
POOL_WEEKS = 30.0
EVERY_WEEK_UNTIL = 60
REFIT_WEEKS = 4
STEPS = 2
FIRST_STEPS = 5
# belief that successive weeks are independent, worth so many weeks
INDEPENDENT_WEEKS = 20.0


@dataclass(frozen=True, slots=True)
class Seasons:
    """What the weeks before each week said about it; series × weeks.

    Attributes:
        level: Log of the amount per exposure at the time, season taken out.
        season: Log-scale effect of the time of the year.
        variance: Variance of level plus season.
        dispersion: Variance over counting noise, at least 1.
    """

    level: Floats
    season: Floats
    variance: Floats
    dispersion: Floats


@dataclass(frozen=True, slots=True)
class Weeks:
    """Weekly sums, series × weeks; exposure is 0 where a week is not usable.

    Attributes:
        values: Squared coefficient of variation of single values of a mean; 1 for the others.
    """

    amount: Floats
    exposure: Floats
    values: Floats
    kinds: NDArray[np.str_]
    metric_of: Indices
    metrics: int
    days: NDArray[np.datetime64]


def fit_seasons(weeks: Weeks) -> Seasons:
    """Fit every series on the weeks before each week.

    Method:
        Quasi-likelihood with log link: level, trend and two waves of a year, coefficients shrunk (waves to those of the
        metric, which are shrunk to none), weeks with an Anscombe residual beyond 2.58 down-weighted by its square;
        dispersion from the weighted squares, shrunk to the metric's. All series are fitted at once by Newton steps from
        the last fit, every week in the first year and every fourth week afterwards.

    Source:
        Noufaily et al. 2013 (doi 10.1002/sim.5595): quasi-Poisson model, down-weighting; shrinkage in place of their
        choice of terms.

    Blind spots:
        A season is a smooth curve with at most two waves; a feast of a few days is not one.
    """
    shape = weeks.amount.shape
    fit = _Fit(weeks)
    level, season, variance, spread = (np.zeros(shape) for _ in range(4))
    for week in range(shape[1]):
        if week < EVERY_WEEK_UNTIL or week % REFIT_WEEKS == 0:
            fit.learn(week)
        level[:, week], season[:, week], variance[:, week] = fit.foretell(week)
        spread[:, week] = fit.dispersion
    return Seasons(level, season, variance, spread)


def season_movement(weeks: Weeks, days: int) -> Floats:
    """How much the season moves the level from each day to the next, series × days; 0 until a year is known.

    Args:
        weeks: Sums of seven days.
        days: Days behind them.
    """
    fit = _Fit(weeks)
    waves = _waves(np.arange(days) / 365.2425)
    movement = np.zeros((len(weeks.metric_of), days))
    for week in range(MIN_SEASON_WEEKS, weeks.amount.shape[1]):
        fit.learn(week)
        first, last = 7 * week, min(7 * week + 7, days)
        movement[:, first:last] = fit.coefficients[:, 2:] @ (waves[first:last] - waves[first - 1 : last - 1]).T
    return movement


def _waves(year: Floats) -> Floats:
    angle = 2 * np.pi * year[:, None] * np.arange(1, HARMONICS + 1)
    return np.concatenate([np.cos(angle), np.sin(angle)], axis=1)


@dataclass(slots=True)
class _Fit:
    """The present coefficients: level at the newest week, trend per year, waves."""

    weeks: Weeks
    waves: Floats = field(init=False)
    coefficients: Floats = field(init=False)
    covariance: Floats = field(init=False)
    dispersion: Floats = field(init=False)
    is_begun: Bools = field(init=False)
    at: int = 0

    def __post_init__(self) -> None:
        count = len(self.weeks.metric_of)
        size = 2 + 2 * HARMONICS
        self.waves = _waves((self.weeks.days - self.weeks.days[0]).astype(np.float64) / 365.2425)
        self.coefficients = np.zeros((count, size))
        self.covariance = np.tile(np.eye(size), (count, 1, 1))
        self.dispersion = np.full(count, START_DISPERSION)
        self.is_begun = np.zeros(count, dtype=np.bool_)

    def foretell(self, week: int) -> tuple[Floats, Floats, Floats]:
        """Level and season of a week, and the variance of their sum."""
        at = np.concatenate([[1.0, (week - self.at) / WEEKS_PER_YEAR], self.waves[week]])
        variance = np.einsum("i,sij,j->s", at, self.covariance, at)
        return self.coefficients[:, :2] @ at[:2], self.coefficients[:, 2:] @ at[2:], variance

    def learn(self, week: int) -> None:
        """Fit on the weeks before `week`."""
        if week == 0:
            return
        # the level is that of the newest week, so move it there
        self.coefficients[:, 0] += self.coefficients[:, 1] * (week - self.at) / WEEKS_PER_YEAR
        self.at = week
        weeks = self.weeks
        amount, exposure = weeks.amount[:, :week], weeks.exposure[:, :week]
        is_seen = exposure > 0
        trend = (np.arange(week) - week) / WEEKS_PER_YEAR
        design = np.column_stack([np.ones(week), trend, self.waves[:week]])
        pairs = (design[:, :, None] * design[:, None, :]).reshape(week, -1)
        has_season = week >= MIN_SEASON_WEEKS
        start = np.log((amount.sum(axis=1) + 0.5) / (exposure.sum(axis=1) + 1e-9))
        is_first = ~self.is_begun & is_seen.any(axis=1)
        self.coefficients[is_first, 0] = start[is_first]
        self.is_begun = self.is_begun | is_first
        for _ in range(FIRST_STEPS if is_first.any() else STEPS):
            self._step(design, pairs, (amount, exposure, is_seen), start, has_season=has_season)

    def _step(
        self, design: Floats, pairs: Floats, data: tuple[Floats, Floats, Bools], start: Floats, *, has_season: bool
    ) -> None:
        """One Newton step for the coefficients, and the dispersion that goes with it."""
        amount, exposure, is_seen = data
        mean = exposure * np.exp(np.clip(self.coefficients @ design.T, -30, 30))
        mean = np.where(is_seen, np.maximum(mean, 1e-9), 1.0)
        counting = counting_variance(self.weeks.kinds, mean, exposure, self.weeks.values[:, : mean.shape[1]])
        ratio = np.where(is_seen, amount / mean, 1.0)
        residual = 1.5 * (np.cbrt(ratio) ** 2 - 1) / np.sqrt(counting * self.dispersion[:, None])
        weight = np.where(is_seen, np.minimum(1.0, (DOWN_WEIGHT_FROM / np.maximum(np.abs(residual), 1e-9)) ** 2), 0.0)
        # in the spread an outbreak counts for still less, and what that takes from ordinary weeks is given back
        self._disperse(np.where(is_seen, weight**2 * (ratio - 1) ** 2 / counting, 0.0), is_seen, counting)
        weight = weight / (counting * self.dispersion[:, None])
        weight = weight * self._independent(np.sqrt(weight) * (ratio - 1), is_seen)[:, None]
        size = design.shape[1]
        information = (weight @ pairs).reshape(-1, size, size)
        score = (weight * (ratio - 1)) @ design
        centre, precision = self._prior(start, information, has_season=has_season)
        self.covariance = np.asarray(np.linalg.inv(information + precision[:, :, None] * np.eye(size)), np.float64)
        step = np.einsum("sij,sj->si", self.covariance, score - precision * (self.coefficients - centre))
        self.coefficients = self.coefficients + np.clip(step, -2.0, 2.0)

    def _independent(self, residual: Floats, is_seen: Bools) -> Floats:
        """What a week counts where successive weeks resemble each other: (1 - r) / (1 + r), r as in the metric."""
        of, metrics = self.weeks.metric_of, self.weeks.metrics
        both = (is_seen[:, 1:] & is_seen[:, :-1]).sum(axis=1)
        product = (residual[:, 1:] * residual[:, :-1]).sum(axis=1)
        weeks = np.bincount(of, both, minlength=metrics) + INDEPENDENT_WEEKS
        likeness = np.clip(np.bincount(of, product, minlength=metrics) / weeks, 0.0, 0.95)
        return np.asarray(((1 - likeness) / (1 + likeness))[of])

    def _prior(self, start: Floats, information: Floats, *, has_season: bool) -> tuple[Floats, Floats]:
        """Centre and precision of each coefficient: the waves lean on those of the metric's other regions."""
        centre = np.zeros_like(self.coefficients)
        spread = np.full(self.coefficients.shape, 1e-3)
        centre[:, 0], spread[:, 0], spread[:, 1] = start, LEVEL_SD, TREND_SD
        if has_season:
            spread[:, 2:] = np.tile(WAVE_SD, 2)
            self._lean_on_metric(centre, spread, information)
        return centre, 1 / spread**2

    def _lean_on_metric(self, centre: Floats, spread: Floats, information: Floats) -> None:
        of, metrics = self.weeks.metric_of, self.weeks.metrics
        own = np.einsum("sii->si", information)[:, 2:]
        capped = own / (1 + own * REGION_WAVE_SD**2)
        total = sum_by(of, metrics, capped)
        summed = sum_by(of, metrics, capped * self.coefficients[:, 2:])
        count = np.bincount(of, minlength=metrics)
        prior = 1 / spread[:, 2:] ** 2
        others = total[of] - capped
        centre[:, 2:] = (summed[of] - capped * self.coefficients[:, 2:]) / (others + prior)
        spread[:, 2:] = np.sqrt(np.where(count[of, None] > 1, 1 / (others + prior) + REGION_WAVE_SD**2, 1 / prior))
        spread[:, 2:] = np.minimum(spread[:, 2:], np.sqrt(1 / prior))

    def _disperse(self, square: Floats, is_seen: Bools, counting: Floats) -> None:
        """Dispersion of each series, shrunk to that of its metric, which is shrunk to what was believed before."""
        of, metrics = self.weeks.metric_of, self.weeks.metrics
        seen = is_seen.sum(axis=1)
        free = seen - np.minimum(2.0 + 2 * HARMONICS * (is_seen.shape[1] >= MIN_SEASON_WEEKS), seen / 4)
        usual = np.exp(np.where(is_seen, -np.log(counting), 0).sum(axis=1) / np.maximum(seen, 1))
        summed = square.sum(axis=1) / kept_share(usual, self.dispersion)
        pooled_free = np.bincount(of, free, minlength=metrics)
        believed = np.bincount(of, summed, minlength=metrics) + PRIOR_WEEKS * START_DISPERSION
        pooled = believed / (pooled_free + PRIOR_WEEKS)
        weight = np.minimum(PRIOR_WEEKS + (pooled_free[of] - free) / 10, POOL_WEEKS)
        self.dispersion = np.maximum((summed + weight * pooled[of]) / (free + weight), 1.0)


def kept_share(mean: Floats, dispersion: Floats) -> Floats:
    """Share of the squares that down-weighting leaves to ordinary weeks: negative binomial with this mean."""
    means, dispersions, share = _kept_table()
    at = np.interp(np.log(mean), np.log(means), np.arange(len(means)))
    across = np.interp(np.log(dispersion), np.log(dispersions), np.arange(len(dispersions)))
    low, left = np.minimum(at.astype(int), len(means) - 2), np.minimum(across.astype(int), len(dispersions) - 2)
    up, right = at - low, across - left
    below = share[low, left] * (1 - right) + share[low, left + 1] * right
    above = share[low + 1, left] * (1 - right) + share[low + 1, left + 1] * right
    return np.asarray(below * (1 - up) + above * up)


@lru_cache(maxsize=1)
def _kept_table() -> tuple[Floats, Floats, Floats]:
    means, dispersions = np.geomspace(0.02, 2000, 36), np.geomspace(1, 40, 16)
    share = np.ones((len(means), len(dispersions)))
    for row, mean in enumerate(means):
        for column, dispersion in enumerate(dispersions):
            size = mean / max(dispersion - 1, 1e-4)
            far = int(mean + 12 * np.sqrt(dispersion * mean) + 40 * dispersion)
            count = np.arange(far + 1)
            log_chance = gammaln(count + size) - gammaln(size) - gammaln(count + 1.0)
            log_chance += size * np.log(size / (size + mean)) + count * np.log(mean / (size + mean))
            residual = 1.5 * (np.cbrt(count / mean) ** 2 - 1) * np.sqrt(mean / dispersion)
            weight = np.minimum(1.0, DOWN_WEIGHT_FROM / np.maximum(np.abs(residual), 1e-9)) ** 4
            square = np.exp(log_chance) * (count - mean) ** 2
            share[row, column] = (weight * square).sum() / square.sum()
    return means, dispersions, share
