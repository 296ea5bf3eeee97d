"""Whether a proven harm is worth a roll-back now: expected cost, the value of waiting, and how sure one must be."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite, log, pi
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

from contextcheck.gate.information import information_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from contextcheck.gate.sequential import UpperPath

    Array = NDArray[np.float64]

RECENT_DAYS = 7
WAIT_DAYS = 1
PRIOR_SHARE = 0.03
DEAR_FROM_DAYS, CHEAP_TO_DAYS, CHEAP_ALPHA = 3.0, 0.5, 0.20


@dataclass(frozen=True, slots=True)
class Worth:
    """What rolling back is worth after every day; shape (..., days) each.

    Attributes:
        recent: Expected effect per day by the newest seven days, shrunk towards no effect.
        current: The same by every day since the harm seems to have begun.
        is_below: Whether both are below the break-even.
        is_waiting_dear: Whether one more day would cost more than what it would tell is worth.
    """

    recent: Array
    current: Array
    is_below: NDArray[np.bool_]
    is_waiting_dear: NDArray[np.bool_]

    @property
    def says_roll_back(self) -> NDArray[np.bool_]:
        """Whether the expected cost speaks for a roll-back now."""
        return self.is_below & self.is_waiting_dear


def alpha_for(
    roll_back_days: float,
    alpha: float,
    *,
    cheap_alpha: float = CHEAP_ALPHA,
    dear_from_days: float = DEAR_FROM_DAYS,
    cheap_to_days: float = CHEAP_TO_DAYS,
) -> float:
    """Give the chance of a wrong roll-back that goes with what a roll-back costs.

    Args:
        roll_back_days: Cost of a roll-back, in days of the region's contribution.
        alpha: The chance where a roll-back costs `dear_from_days` or more.
        cheap_alpha: The chance where it costs `cheap_to_days` or less; `alpha` when that is larger.
        dear_from_days: See `alpha`.
        cheap_to_days: See `cheap_alpha`.

    Returns:
        The chance; between the two it falls as a power of the cost, without a step.

    Method: alpha x (dear_from_days / cost)^p with p such that it is cheap_alpha at cheap_to_days: p = 0.774 for
        5 % at 3 days and 20 % at half a day.
    Source: measured in docs/gate-benchmark.md: where a wrong roll-back costs little, evidence should not be dear.
    Blind spots: the cost is what the settings say.

    Example:
        >>> round(alpha_for(0.5, 0.05), 3), round(alpha_for(1, 0.05), 3), alpha_for(10, 0.05)
        (0.2, 0.117, 0.05)
    """
    cheap = max(cheap_alpha, alpha)
    if roll_back_days >= dear_from_days or cheap == alpha or not isfinite(roll_back_days):
        return alpha
    if roll_back_days <= cheap_to_days:
        return cheap
    power = log(cheap / alpha) / log(dear_from_days / cheap_to_days)
    return float(alpha * (dear_from_days / roll_back_days) ** power)


def worth_path(
    effects: Array,
    noise: Array | float,
    weekdays: NDArray[np.int64],
    days_before: int,
    path: UpperPath,
    *,
    base_per_day: Array | float,
    break_even: Array | float,
    horizon_days: float,
    prior_share: float = PRIOR_SHARE,
    looks_per_day: int = 1,
) -> Worth:
    """Give after every day whether a roll-back is worth its cost.

    Args:
        effects: Effect of each matured day, shape (..., days).
        noise: Standard deviation of one day's effect when there is none, shape (...).
        weekdays: Weekday of each day.
        days_before: Quiet days that the counterfactual rests on; 0 for a split.
        path: The bounds of the same days.
        base_per_day: The counterfactual's level; most features move it by less than 3 %.
        break_even: Cost of a roll-back / horizon, per day.
        horizon_days: Days over which finance looks ahead.
        prior_share: Standard deviation of what features do, as a share of the level.
        looks_per_day: 24 when the effects are those of hours; every "day" above is then an hour.

    Returns:
        The expected effects and the two answers.

    Method: normal prior with mean 0 and standard deviation 3 % of the level; posterior means m of the newest seven
        days and of the days since the loudest sequence began, both below -break-even. Waiting a day is worth
        H (s phi(v) - |m + break-even| Phi(-v)), v = |m + break-even| / s, s^2 = the variance that one more day takes
        away, and costs max(0, -m).
    Source: expected value of sample information for a normal mean (Raiffa and Schlaifer 1961, Applied Statistical
        Decision Theory); conjugate normal model (Gelman et al., Bayesian Data Analysis, section 2.5).
    Blind spots: the newest week and the days since the onset; a harm that comes and goes is judged by where it stands.
    """
    values = np.asarray(effects, dtype=float)
    spread = np.asarray(noise, dtype=float)[..., None]
    limit = -np.asarray(break_even, dtype=float)[..., None]
    prior = 1.0 / np.maximum((prior_share * np.asarray(base_per_day, dtype=float)[..., None]) ** 2, 1e-300)
    recent = _shrunk(*_recent(values, spread, weekdays, days_before, RECENT_DAYS * looks_per_day), prior)
    current = _shrunk(path.start_mean, path.start_known, prior)
    counts = np.arange(1, values.shape[-1] + 1) - path.start
    wait = WAIT_DAYS * looks_per_day
    gain = horizon_days * _answer_worth(path.start_known, counts, wait, spread, prior, np.abs(current - limit))
    is_dear = gain < wait * np.maximum(0.0, -current)
    return Worth(recent, current, (recent < limit) & (current < limit), is_dear)


def _recent(
    values: Array, spread: Array, weekdays: NDArray[np.int64], days_before: int, window: int
) -> tuple[Array, Array]:
    """Mean of the newest days and the information in it, after every day."""
    looks = values.shape[-1]
    sums = np.concatenate([np.zeros((*values.shape[:-1], 1)), np.cumsum(values, axis=-1)], axis=-1)
    last = np.arange(1, looks + 1)
    days = np.minimum(last, window)
    known = np.array(
        [
            information_table(weekdays[end - count : end], days_before)[0, -1]
            for end, count in zip(last, days, strict=True)
        ]
    )
    with np.errstate(divide="ignore"):
        return (sums[..., last] - sums[..., last - days]) / days, known / spread**2


def _shrunk(mean: Array, known: Array, prior: Array) -> Array:
    with np.errstate(invalid="ignore"):
        return np.where(np.isfinite(known), mean * known / (known + prior), mean)


def _answer_worth(known: Array, counts: NDArray[np.int64], wait: int, spread: Array, prior: Array, gap: Array) -> Array:
    """What some more days would tell is worth this much, per day of the horizon."""
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = 1 / known - spread**2 / counts
        later = 1 / (spread**2 / (counts + wait) + np.maximum(variance, 0.0))
        taken = np.sqrt(np.maximum(1 / (known + prior) - 1 / (later + prior), 0.0))
        ratio = np.where(taken > 0, gap / np.where(taken > 0, taken, 1.0), inf)
        density = np.exp(-(np.minimum(ratio, 40.0) ** 2) / 2) / np.sqrt(2 * pi)
        return np.where(np.isfinite(known), taken * density - gap * ndtr(-ratio), 0.0)
