"""One incident of one series: its start, its course and its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from contextcheck.panel.baseline_filter import counting_variance

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from contextcheck.panel.baseline import Baseline

    Floats = NDArray[np.float64]

# log likelihood ratio that ends an incident: ordinary days twenty times likelier than its going on
CLOSE_AT = 3.0
# days are turned into columns of the grid: weeks of a weekly panel, at least one
# the start may still be corrected for a week after the first alarm, then it stands
START_SETTLES_DAYS = 7
NEW_LEVEL_DAYS = 42
JOIN_GAP_DAYS = 3
START_SLACK_DAYS = 3

State = Literal["open", "ended", "new_level"]


@dataclass(slots=True)
class Episode:
    """An incident of one watched series; days are columns of the grid.

    `level_at` is the column whose level (known from the days before it) says what was to be expected; `calm` the
    evidence since `end` that it is over.
    """

    watched: int
    row: int
    sign: int
    alarm: int
    start: int
    end: int
    level_at: int
    chance: float
    q_value: float
    course: State = "open"
    calm: float = 0.0


def start_of(baseline: Baseline, row: int, sign: int, first: int, last: int, level_at: int, latest: int) -> int:
    """Estimate when an incident that lasts until column `last` began, from column `first` to `latest`.

    Method:
        The start with the largest likelihood ratio of a constant excess from there until `last` against none,
        quasi-Poisson.
    """
    gain = start_gains(baseline, row, sign, first, last, level_at)[: latest - first + 1]
    return first + int(np.argmax(gain)) if np.isfinite(gain).any() else latest


def start_gains(baseline: Baseline, row: int, sign: int, first: int, last: int, level_at: int) -> Floats:
    """Log likelihood ratio of a constant excess from each column until `last` against none; -inf without an excess."""
    amount, expected, spread = daily_terms(baseline, row, np.arange(first, last + 1), level_at)
    seen = np.cumsum(amount[::-1])[::-1]
    mean = np.maximum(np.cumsum(expected[::-1])[::-1], 1e-12)
    variance = np.maximum(np.cumsum(spread[::-1])[::-1], 1e-12)
    gain = (seen * np.log(np.maximum(seen, 1e-12) / mean) - (seen - mean)) * mean / variance
    return np.where((sign * (seen - mean) > 0) & (expected > 0), gain, -np.inf)


def follow(baseline: Baseline, episode: Episode, day: int) -> None:
    """Let one more day bear on an open episode: it goes on, ends, or has become the new level."""
    row, columns = episode.row, baseline.grid.columns
    if not baseline.grid.is_judged[row, day] or baseline.grid.exposure[row, day] <= 0:
        return
    if day - episode.alarm <= columns(START_SETTLES_DAYS) and episode.calm == 0:
        first = max(episode.start - columns(START_SLACK_DAYS), episode.level_at + 1)
        episode.start = start_of(baseline, row, episode.sign, first, day, episode.level_at, episode.alarm)
    episode.calm = max(0.0, episode.calm - _goes_on(baseline, episode, day))
    if episode.calm == 0:
        episode.end = day
    if episode.calm > CLOSE_AT:
        episode.course = "ended"
    elif episode.end - episode.start + 1 >= columns(NEW_LEVEL_DAYS):
        episode.course = "new_level"


def _goes_on(baseline: Baseline, episode: Episode, day: int) -> float:
    """Log likelihood ratio of one day: the incident's own size against the ordinary."""
    columns = np.arange(episode.start, episode.end + 1)
    amount, expected, _ = daily_terms(baseline, episode.row, columns, episode.level_at)
    size = max(float(amount.sum()), 0.1) / max(float(expected.sum()), 1e-12)
    terms = daily_terms(baseline, episode.row, np.array([day]), episode.level_at)
    today, mean, variance = (float(each[0]) for each in terms)
    return float((today * np.log(size) - mean * (size - 1)) * mean / max(variance, 1e-12))


def daily_terms(
    baseline: Baseline, row: int, columns: NDArray[np.intp], level_at: int
) -> tuple[Floats, Floats, Floats]:
    """Amount, expectation and variance of single days from one level."""
    grid = baseline.grid
    exposure = grid.exposure[row, columns]
    expected = exposure * np.exp(baseline.offset[row, columns] + baseline.level[row, level_at])
    values = np.broadcast_to(baseline.value_variance[row, level_at], exposure.shape)
    kinds = np.broadcast_to(grid.kinds[row], exposure.shape)
    relative = counting_variance(kinds, expected, exposure, values) + baseline.extra_variance[row, level_at]
    relative = relative + baseline.offset_variance[row, columns]
    return grid.amount[row, columns], expected, relative * expected**2
