"""Bounds on a daily effect that stay true however often they are looked at."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite, log, sqrt
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

RESTART_DAYS = 7
TUNED_TO_DAYS = 7
RECENT_DAYS = 7
PRIOR_SHARE_OF_BASE = 0.05


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is known about the effect per day after the newest day.

    Attributes:
        mean: Mean effect since the launch.
        upper: Smallest anytime-valid upper bound over the sequences that are running.
        upper_since: First day of the sequence that gives it.
        harm_since_day: Day number (1 is the first) from which on the upper bound stayed below 0 until now; 0 when it is
            not below 0 now.
        lower: One-sided lower bound for this look alone.
    """

    mean: float
    upper: float
    upper_since: int
    harm_since_day: int
    lower: float


def information(days: int, weekdays: Sequence[int], noise: float, days_before: int) -> float:
    """Give the statistical information in the mean effect of some days: 1 / its variance.

    Args:
        days: Number of days.
        weekdays: How many of them fall on each weekday, seven numbers.
        noise: Standard deviation of one day's effect when there is none.
        days_before: Quiet days that the counterfactual rests on; its error stays however long one waits.

    Returns:
        The information; infinite when nothing is noisy.

    Method: variance = noise^2 x (1 / days + sum over weekdays of (share of days)^2 / weeks before).
    Source: variance of a difference of means; for whole weeks the means since launch against a fixed past have
        independent increments in information, so that the boundaries for a Brownian motion hold.
    Blind spots: noise is taken as known.
    """
    if noise <= 0:
        return inf
    weeks = max(days_before / 7, 1.0)
    shares = [count / days for count in weekdays]
    return 1.0 / (noise**2 * (1 / days + sum(share**2 for share in shares) / weeks))


def reach(information_now: float, information_tuned: float, alpha: float) -> float:
    """Give how far the mean may lie from the truth on one side, at every look at once.

    Args:
        information_now: 1 / variance of the mean now.
        information_tuned: The same at the look for which the bound is made tightest.
        alpha: Chance that the bound ever fails.

    Returns:
        Half-width in the unit of the effect.

    Method: one-sided normal mixture, sqrt(2 (I + 1/r) log(1 + sqrt(I r + 1) / (2 alpha))) / I, I the information,
        r = (-2 log(2 alpha) + log(1 - 2 log(2 alpha))) / I tuned.
    Source: Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas (2024), Annals of Statistics 52(6), 2613-2640, the one-sided
        bound of the appendix; Howard, Ramdas, McAuliffe, Sekhon (2021) for the mixture.
    Blind spots: exact for normal effects with known variance, otherwise as good as the central limit theorem.
    """
    if not isfinite(information_now):
        return 0.0
    quantile = max(-2 * log(2 * alpha), 1e-6) if alpha < 0.5 else 1e-6
    tuned = (quantile + log(1 + quantile)) / information_tuned
    grown = information_now * tuned + 1
    return sqrt(2 * (information_now + 1 / tuned) * log(1 + sqrt(grown) / (2 * alpha))) / information_now


def alpha_of_restart(number: int, alpha: float) -> float:
    """Give the share of alpha that the sequence started after `number` weeks may spend; all shares add up to alpha."""
    return alpha / ((number + 1) * (number + 2))


def bounds(
    days: Sequence[date],
    effects: Sequence[float],
    noise: float,
    days_before: int,
    alpha: float,
    *,
    pass_alpha: float | None = None,
) -> Bounds:
    """Give the bounds after the newest day, recomputed from every day since the launch.

    Args:
        days: Matured days since the launch, in order.
        effects: Effect of each.
        noise: Standard deviation of one day's effect when there is none, serial dependence included.
        days_before: Quiet days that the counterfactual rests on.
        alpha: Chance of ever calling a harmless feature harmful.
        pass_alpha: Chance that the lower bound is too high at this look; alpha when left out.

    Returns:
        The bounds. A sequence starts on the first day and another one every week, so that late harm is not
        diluted by good first weeks.
    """
    values = np.asarray(effects, dtype=float)
    weekdays = np.asarray([day.weekday() for day in days])
    last = len(values)
    harmful = 0
    now, since = inf, 1
    for look in range(last, 0, -1):
        upper, start = _upper(values[:look], weekdays[:look], noise, days_before, alpha)
        if look == last:
            now, since = upper, start
        if upper >= 0:
            break
        harmful = look
    mean = float(values.mean())
    spread = information(last, np.bincount(weekdays, minlength=7).tolist(), noise, days_before)
    lower = mean + float(ndtri(pass_alpha or alpha)) * (1 / sqrt(spread) if isfinite(spread) else 0.0)
    return Bounds(mean, now, since, harmful, lower)


def best_reach(noise: float, days_before: int, alpha: float) -> float:
    """Give how far the lower bound stays under the mean however long one waits: the past stays as long as it is."""
    return -float(ndtri(alpha)) * noise / sqrt(max(days_before, 7))


def days_until_known(noise: float, days_before: int, limit: float, alpha: float) -> int:
    """Give after how many days a harmless feature's lower bound lies above -limit; 0 when waiting will not do it.

    Method: smallest n with -z(alpha) x noise x sqrt(1/n + 1/days before) > -limit.
    Source: variance of a difference of two means.
    Blind spots: the mean of those days is taken as 0; noise as it was before the launch.
    """
    if noise <= 0:
        return 1
    room = (limit / (-float(ndtri(alpha)) * noise)) ** 2 - 1 / max(days_before, 7)
    return int(1 / room) + 1 if room > 0 else 0


def _upper(values: np.ndarray, weekdays: np.ndarray, noise: float, days_before: int, alpha: float) -> tuple[float, int]:
    """The smallest upper bound over the sequences that started every week, and the day number it started on."""
    found = (inf, 1)
    for number, first in enumerate(range(0, len(values), RESTART_DAYS)):
        part, counts = values[first:], np.bincount(weekdays[first:], minlength=7)
        now = information(len(part), counts.tolist(), noise, days_before)
        tuned = information(TUNED_TO_DAYS, [1] * 7, noise, days_before)
        upper = float(part.mean()) + reach(now, tuned, alpha_of_restart(number, alpha))
        found = min(found, (upper, first + 1))
    return found


def recent_mean(
    days: Sequence[date], effects: Sequence[float], noise: float, days_before: int, base_per_day: float
) -> tuple[float, float]:
    """Give what the newest week says about the effect per day, shrunk towards no effect, and its standard error.

    Args:
        days: Matured days since the launch.
        effects: Effect of each.
        noise: Standard deviation of one day's effect when there is none.
        days_before: Quiet days that the counterfactual rests on.
        base_per_day: The counterfactual's level; most features move it by less than 5 %.

    Returns:
        Posterior mean and standard deviation.

    Method: normal prior with mean 0 and standard deviation 5 % of the level; the mean of the newest 7 days as data.
    Source: conjugate normal model (Gelman et al., Bayesian Data Analysis, section 2.5).
    Blind spots: the newest week alone; a harm that comes and goes is judged by where it stands.
    """
    recent = np.asarray(effects[-RECENT_DAYS:], dtype=float)
    weekdays = np.bincount([day.weekday() for day in days[-RECENT_DAYS:]], minlength=7)
    known = information(len(recent), weekdays.tolist(), noise, days_before)
    if not isfinite(known):
        return float(recent.mean()), 0.0
    prior = 1.0 / max((PRIOR_SHARE_OF_BASE * base_per_day) ** 2, 1e-12)
    return float(recent.mean()) * known / (known + prior), sqrt(1.0 / (known + prior))
