"""How much daily figures vary by themselves: residuals of quiet days, serial dependence, resampled blocks of days."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

BLOCK_DAYS = 7
RESAMPLES = 400
MAX_MOVEMENT = 3.0
MAX_DEPENDENCE = 0.8
LAGS = 13
SHORTEST_DRIFT = 14
"""Half a wave: slower swings than four weeks from crest to crest count as drift."""
MIN_DAYS_FOR_LAGS = 250
"""An autocorrelation of n days is known to about 1 / sqrt(n); thirteen of them need some hundred days."""


def weekday_weights(before: pd.DatetimeIndex, after: pd.DatetimeIndex) -> Array:
    """Give each day before a weight, so that its weekdays count as often as they do after.

    Args:
        before: Days before.
        after: Days after.

    Returns:
        Weights, shape (days before,), that add up to 1; equal for whole weeks on both sides.
    """
    return _weekday_weights(_day_numbers(before), _day_numbers(after))


def _day_numbers(days: pd.DatetimeIndex) -> bytes:
    return days.to_numpy().astype("datetime64[D]").tobytes()


@lru_cache(maxsize=4096)
def _weekday_weights(before: bytes, after: bytes) -> Array:
    """The same for days as bytes: every line of money and every placebo asks for the same few stretches of days."""
    weekdays, later = (np.frombuffer(each, dtype=np.int64) % 7 for each in (before, after))
    shares = np.bincount(later, minlength=7) / len(later)
    counts = np.bincount(weekdays, minlength=7)
    weights = np.asarray((shares / np.maximum(counts, 1))[weekdays], dtype=float)
    total = weights.sum()
    weights = weights / total if total > 0 else np.full(len(weekdays), 1 / len(weekdays))
    weights.flags.writeable = False
    return weights


def movement_ratio(pre: Array, post: Array) -> Array:
    """Post / pre of costs or of earnings, within reason; 1 where the sign changes or nothing was there before."""
    safe = np.where(pre != 0, pre, 1.0)
    return np.where(post * pre > 0, np.clip(post / safe, 1 / MAX_MOVEMENT, MAX_MOVEMENT), 1.0)


def quiet_residuals(before: Array, weekdays: NDArray[np.integer], column: int = 0) -> Array:
    """Give how far a region's quiet days lie from their weekday's level, moved as the other regions moved that day.

    Args:
        before: Quiet days × regions; the region under study is column 0, the others are controls.
        weekdays: Weekday of each day, 0 to 6.
        column: The region of interest.

    Returns:
        Residuals, shape (days,), in the unit of the series, scaled up for the seven means that were estimated.
    """
    level = np.zeros_like(before)
    for weekday in np.unique(weekdays):
        rows = weekdays == weekday
        level[rows] = before[rows].mean(axis=0)
    others = [each for each in range(1, before.shape[1]) if each != column]
    movement = movement_ratio(level[:, others].sum(axis=1), before[:, others].sum(axis=1)) if others else 1.0
    residual: Array = before[:, column] - level[:, column] * movement
    free = max(len(residual) - len(np.unique(weekdays)), 1)
    return residual * float(np.sqrt(len(residual) / free))


def all_residuals(before: Array, weekdays: NDArray[np.integer]) -> list[Array]:
    """The quiet residuals of every region, each against the controls other than itself."""
    return [quiet_residuals(before, weekdays, column) for column in range(before.shape[1])]


def serial_dependence(residuals: Sequence[Array]) -> float:
    """Give how much a day's deviation carries over to the next day, from the quiet days of every region together.

    Args:
        residuals: Daily residuals around 0, one array per region.

    Returns:
        Lag-one autocorrelation, between 0 and 0.8.

    Method: per region sum of r_t r_(t-1) / sum of r_t^2, averaged over regions (one region alone is too noisy a
        witness), then its small-sample bias (1 + 4r)/n taken back.
    Source: Kendall (1954), Biometrika 41, for the bias.
    Blind spots: dependence over more than a day that does not fade like an AR(1).
    """
    lags = []
    for residual in residuals:
        total = float((residual * residual).sum())
        if len(residual) >= 3 and total > 0:
            lags.append(float((residual[1:] * residual[:-1]).sum()) / total)
    if not lags:
        return 0.0
    lag = float(np.mean(lags))
    return min(max(lag + (1 + 4 * lag) / len(residuals[0]), 0.0), MAX_DEPENDENCE)


def long_run_ratio(residuals: Sequence[Array], weekdays: NDArray[np.integer]) -> float:
    """Give how much larger the variance of a mean over weeks is than that of independent days.

    Args:
        residuals: Daily residuals around their weekday's mean, one array per region, see `all_residuals`.
        weekdays: Weekday of each day, 0 to 6.

    Returns:
        The factor, between 1 and 9 (the latter is what a carry-over of 0.8 gives).

    Method: 1 + 2 x sum over lags 1 to 13 of (1 - lag / 14) x autocorrelation, averaged over regions. Waves of four
        weeks and longer are taken out first: they are drift, which placebo effects measure and which must not count
        twice. The sum is divided by what independent days would show after that (and after the weekdays' means),
        which is known exactly. Where all regions together have under 250 days, lag one alone speaks:
        (1 + r) / (1 - r), r less what independent days would show.
    Source: Newey and West (1987), Econometrica 55(3), Bartlett weights; Mueller and Watson (2008), Econometrica 76(5),
        for cosines that part low frequencies from the rest.
    Blind spots: dependence over more than two weeks, which the placebo effects see instead.
    """
    days = len(weekdays)
    smooth, by_chance = _smooth_parts(tuple(weekdays.tolist()))
    rests = [each - smooth @ (smooth.T @ each) for each in residuals]
    rests = [each for each in rests if float(each @ each) > 0]
    if not rests or days <= LAGS:
        return 1.0
    lags = np.arange(1, LAGS + 1 if days * len(rests) >= MIN_DAYS_FOR_LAGS else 2)
    by_chance = by_chance[: len(lags)]
    found = np.array(
        [np.mean([float(each[lag:] @ each[:-lag]) / float(each @ each) for each in rests]) for lag in lags]
    )
    if len(lags) == 1:
        lag_one = min(max(float(found[0] - by_chance[0]), 0.0), MAX_DEPENDENCE)
        return (1 + lag_one) / (1 - lag_one)
    bartlett = 1 - lags / (LAGS + 1)
    ratio = float((1 + 2 * bartlett @ found) / (1 + 2 * bartlett @ by_chance))
    return min(max(ratio, 1.0), (1 + MAX_DEPENDENCE) / (1 - MAX_DEPENDENCE))


@lru_cache(maxsize=256)
def _smooth_parts(weekdays: tuple[int, ...]) -> tuple[Array, Array]:
    """What is taken out, and the autocorrelations that independent days show after that, at lags 1 to 13.

    Orthonormal columns: the weekdays' means, and cosines of four weeks and longer. The same few runs of days are asked
    for once per placebo date, so the answer is kept.
    """
    days = len(weekdays)
    waves = np.arange(1, days // SHORTEST_DRIFT + 1)
    cosines = np.cos(np.pi * waves * (np.arange(days)[:, None] + 0.5) / days)
    columns = np.concatenate([np.eye(7)[list(weekdays)], cosines], axis=1)
    left, size, _ = np.linalg.svd(columns, full_matrices=False)
    smooth: Array = left[:, size > 1e-9 * size.max()]
    kept = np.eye(days) - smooth @ smooth.T
    free = max(float(np.trace(kept)), 1e-9)
    return smooth, np.array([np.trace(kept, offset=lag) / free for lag in range(1, LAGS + 1)])


def serial_noise(residual: Array, dependence: float) -> float:
    """Give the standard deviation of daily noise, enlarged so that means over days have the right error.

    Args:
        residual: Daily residuals around 0.
        dependence: Lag-one autocorrelation, see `serial_dependence`.

    Returns:
        The standard deviation, in the unit of the residuals.

    Method: sd x sqrt((1 + r) / (1 - r)), r the dependence.
    Source: the large-sample variance of a mean of an AR(1) series (Box and Jenkins, Time Series Analysis, chapter 2).
    Blind spots: noise that differs between weekdays is averaged.
    """
    if len(residual) == 0:
        return 0.0
    return float(np.sqrt(np.mean(np.square(residual))) * np.sqrt((1 + dependence) / (1 - dependence)))


def block_counts(days: int, rng: np.random.Generator) -> Array:
    """Give how often each day counts in resamples of circular blocks of seven days, shape (resamples, days).

    Method: as many blocks as days hold are drawn; a mean of b blocks varies by (b - 1) / b too little in resamples, so
        the departures from 1 are enlarged by sqrt(b / (b - 1)).
    Source: Politis and Romano (1992), circular block bootstrap; Efron (1982), section 5, for the factor.
    Blind spots: dependence over more than a week.
    """
    blocks = -(-days // BLOCK_DAYS)
    starts = rng.integers(0, days, size=(RESAMPLES, blocks))
    rows = ((starts[:, :, None] + np.arange(BLOCK_DAYS)) % days).reshape(RESAMPLES, -1)[:, :days]
    offsets = np.arange(RESAMPLES)[:, None] * days
    counts = np.bincount((rows + offsets).ravel(), minlength=RESAMPLES * days)
    whole = max(days / BLOCK_DAYS, 1.5)
    drawn: Array = 1.0 + (counts.reshape(RESAMPLES, days) - 1.0) * np.sqrt(whole / (whole - 1))
    return drawn
