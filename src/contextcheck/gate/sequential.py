"""Bounds on a daily effect that stay true however often they are looked at; one series, or many at once."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, sqrt
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from contextcheck.gate.critical import LATER_PENALTY, START_SHARE, critical_value
from contextcheck.gate.information import RESTART_DAYS, information, information_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

WATCH_DAYS = 28


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is known about the effect per day after the newest day.

    Attributes:
        mean: Mean effect since the launch.
        upper: Smallest anytime-valid upper bound so far, over all sequences and all days.
        upper_now: The same on the newest day alone.
        upper_since: First day of the sequence that gives it.
        harm_since_day: Day number (1 is the first) from which on the upper bound is below 0; 0 when it is not.
        lower: One-sided lower bound for this look alone.
    """

    mean: float
    upper: float
    upper_now: float
    upper_since: int
    harm_since_day: int
    lower: float


@dataclass(frozen=True, slots=True)
class UpperPath:
    """The upper bounds after every day, for one series or many.

    Attributes:
        upper: Smallest bound up to each day, shape (..., days).
        upper_now: Smallest bound on the day itself.
        start: Index of the first day of the sequence that speaks loudest on that day, shape (..., days).
        start_mean: Mean effect since then, shape (..., days).
        start_known: Information in that mean (1 / variance), shape (..., days).
    """

    upper: Array
    upper_now: Array
    start: NDArray[np.int64]
    start_mean: Array
    start_known: Array


def reach(information_now: Array | float, information_tuned: Array | float, alpha: Array | float) -> Array:
    """Give how far the mean may lie from the truth on one side, at every look at once and for ever.

    Args:
        information_now: 1 / variance of the mean now.
        information_tuned: The same at the look for which the bound is made tightest.
        alpha: Chance that the bound ever fails, below 0.5.

    Returns:
        Half-width in the unit of the effect.

    Method: one-sided normal mixture, sqrt(2 (I + 1/r) log(1 + sqrt(I r + 1) / (2 alpha))) / I, I the information,
        r = (-2 log(2 alpha) + log(1 - 2 log(2 alpha))) / I tuned.
    Source: Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas (2024), Annals of Statistics 52(6), 2613-2640, the one-sided
        bound of the appendix; Howard, Ramdas, McAuliffe, Sekhon (2021) for the mixture.
    Blind spots: exact for normal effects with known variance, otherwise as good as the central limit theorem.
    """
    now = np.asarray(information_now, dtype=float)
    quantile = np.maximum(-2 * np.log(2 * np.asarray(alpha, dtype=float)), 1e-6)
    tuned = (quantile + np.log(1 + quantile)) / information_tuned
    with np.errstate(invalid="ignore", divide="ignore"):
        half = np.sqrt(2 * (now + 1 / tuned) * np.log(1 + np.sqrt(now * tuned + 1) / (2 * np.asarray(alpha)))) / now
    return np.where(np.isfinite(now), half, 0.0)


def alpha_of_restart(number: int, alpha: float) -> float:
    """Give the share of alpha that the sequence started after `number` weeks may spend; all shares add up to alpha."""
    return alpha / ((number + 1) * (number + 2))


def upper_path(
    effects: Array,
    noise: Array | float,
    weekdays: NDArray[np.int64],
    days_before: int,
    alpha: float,
    *,
    watch_days: int = WATCH_DAYS,
    looks_per_day: int = 1,
) -> UpperPath:
    """Give the upper bounds after every day; arrays of many series are worked at once.

    Args:
        effects: Effect of each matured day since the launch, shape (..., days).
        noise: Standard deviation of one day's effect when there is none, shape (...).
        weekdays: Weekday of each day, 0 to 6, shape (days,).
        days_before: Quiet days that the counterfactual rests on; 0 when exposed and unexposed are compared.
        alpha: Chance of ever calling a harmless feature harmful.
        watch_days: Days since the launch in which nearly all of alpha is spent.
        looks_per_day: 24 when the effects are those of hours; every "day" above is then an hour.

    Returns:
        The path. A bound once reached holds on: the newest week decides whether the harm is still there.

    Method: a sequence starts on the first day and another every week. Within the watch, the bound of a sequence is
        mean + (c + 1 where it is not the first) x standard error, with c such that no sequence fails on any day with
        probability 1 - 0.99 alpha; for ever, it is `reach` with the rest of alpha shared over the sequences. The
        smallest bound of all sequences and days so far counts.
    Source: Jennison and Turnbull (1989), JRSS B 51, 305-361, repeated confidence intervals; Pocock (1977), Biometrika
        64, for the constant; Waudby-Smith et al. (2024) for the bound that never ends.
    Blind spots: daily noise is taken as normal; harm that lasts a day or two is averaged with quiet days.
    """
    values = np.asarray(effects, dtype=float)
    spread = np.asarray(noise, dtype=float)[..., None]
    looks = values.shape[-1]
    table = information_table(weekdays, days_before, RESTART_DAYS * looks_per_day)
    tuned = information_table(np.arange(watch_days * looks_per_day) // looks_per_day % 7, days_before)[0, -1]
    critical = critical_value(int(weekdays[0]), days_before, watch_days, alpha, looks_per_day)
    last_watched = watch_days * looks_per_day
    sums = np.concatenate([np.zeros((*values.shape[:-1], 1)), np.cumsum(values, axis=-1)], axis=-1)
    counts = np.arange(1, looks + 1)
    upper, evidence = np.full(values.shape, inf), np.full(values.shape, -inf)
    start = np.zeros(values.shape, dtype=np.int64)
    for number in range(len(table)):
        first = number * RESTART_DAYS * looks_per_day
        mean = (sums[..., first + 1 :] - sums[..., first : first + 1]) / (counts[first:] - first)
        known = table[number, first:]
        forever = spread * reach(known, tuned, alpha_of_restart(number, alpha * (1 - START_SHARE)))
        penalty = LATER_PENALTY if number else 0.0
        watched = spread * (critical + penalty) / np.sqrt(known)
        half = np.where(counts[first:] <= last_watched, np.minimum(watched, forever), forever)
        upper[..., first:] = np.minimum(upper[..., first:], mean + half)
        loudness = _fall(mean, known, spread) - penalty
        is_louder = loudness > evidence[..., first:]
        evidence[..., first:] = np.where(is_louder, loudness, evidence[..., first:])
        start[..., first:] = np.where(is_louder, first, start[..., first:])
    own = (sums[..., 1:] - np.take_along_axis(sums, start, axis=-1)) / (counts - start)
    with np.errstate(divide="ignore"):
        start_known = table[start // (RESTART_DAYS * looks_per_day), counts - 1] / spread**2
    return UpperPath(np.minimum.accumulate(upper, axis=-1), upper, start, own, start_known)


def _fall(mean: Array, known: Array, spread: Array) -> Array:
    """How far below 0 a mean lies, in standard errors; 0 where nothing is noisy."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.nan_to_num(-mean * np.sqrt(known) / spread)


def bounds(
    days: Sequence[date],
    effects: Sequence[float],
    noise: float,
    days_before: int,
    alpha: float,
    *,
    pass_alpha: float | None = None,
    watch_days: int = WATCH_DAYS,
) -> Bounds:
    """Give the bounds after the newest day, recomputed from every day since the launch.

    Args:
        days: Matured days since the launch, in order.
        effects: Effect of each.
        noise: Standard deviation of one day's effect when there is none, serial dependence included.
        days_before: Quiet days that the counterfactual rests on.
        alpha: Chance of ever calling a harmless feature harmful.
        pass_alpha: Chance that the lower bound is too high at this look; alpha when left out.
        watch_days: Days since the launch in which nearly all of alpha is spent.

    Returns:
        The bounds. Nothing is remembered between runs: the same days give the same bounds.
    """
    values = np.asarray(effects, dtype=float)
    weekdays = weekdays_of(days)
    path = upper_path(values, noise, weekdays, days_before, alpha, watch_days=watch_days)
    harmful = np.flatnonzero(path.upper < 0)
    known = information(len(values), np.bincount(weekdays, minlength=7), noise, days_before)
    mean = float(values.mean())
    lower = mean + float(ndtri(pass_alpha or alpha)) * (1 / sqrt(known) if np.isfinite(known) else 0.0)
    since = int(harmful[0]) + 1 if len(harmful) else 0
    return Bounds(mean, float(path.upper[-1]), float(path.upper_now[-1]), int(path.start[-1]) + 1, since, lower)


def weekdays_of(days: Sequence[date]) -> NDArray[np.int64]:
    """The weekday of each day, 0 is Monday."""
    return np.asarray([day.weekday() for day in days], dtype=np.int64)


def best_reach(noise: float, days_before: int, alpha: float) -> float:
    """Give how far the lower bound stays under the mean however long one waits: the past stays as long as it is."""
    return -float(ndtri(alpha)) * noise / sqrt(max(days_before, 7)) if days_before else 0.0


def days_until_known(noise: float, days_before: int, limit: float, alpha: float) -> int:
    """Give after how many days a harmless feature's lower bound lies above -limit; 0 when waiting will not do it.

    Method: smallest n with -z(alpha) x noise x sqrt(1/n + 1/days before) > -limit.
    Source: variance of a difference of two means.
    Blind spots: the mean of those days is taken as 0; noise as it was before the launch.
    """
    if noise <= 0:
        return 1
    past = 1 / max(days_before, 7) if days_before else 0.0
    room = (limit / (-float(ndtri(alpha)) * noise)) ** 2 - past
    return int(1 / room) + 1 if room > 0 else 0
