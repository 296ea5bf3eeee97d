"""How sure the start of an incident is, and where the incident stands today."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.detect.episodes import START_SETTLES_DAYS, daily_terms, start_gains

if TYPE_CHECKING:
    from contextcheck.detect.episodes import Episode
    from contextcheck.panel.baseline import Baseline
    from contextcheck.records import Course

# the log likelihood may lie this far under its largest: 1 - (1 - exp(-x))^2 = 0.05
START_BELOW_BEST = 3.676
LATE_DAYS = 7
MIN_PART_DAYS = 3
# one-sided 1 %, and a change that matters
TURN_AT = 2.326
TURN_SHARE = 0.25


def start_range(baseline: Baseline, episode: Episode) -> tuple[int, int]:
    """Give the first and the last column on which the incident may have begun (95 %).

    Args:
        baseline: What was to be expected.
        episode: The incident.

    Returns:
        Two columns of the grid around `episode.start`; the earliest possible is the first day after the level that
        the incident is compared with.

    Method: likelihood-ratio set, every start whose quasi-Poisson log likelihood lies at most 3.68 below the best one's,
        from the same days that settled the start (until a week after the first alarm).
    Source: Siegmund (1988), Confidence sets in change-point problems, International Statistical Review 56(1), 31-48:
        twice the ratio exceeds x with a chance of 1 - (1 - exp(-x / 2))^2.
    Blind spots: an excess that grows from nothing has no one start; the set then tells when it became visible.
    """
    last = min(max(episode.end, episode.start), episode.alarm + baseline.grid.columns(START_SETTLES_DAYS))
    first = min(episode.level_at + 1, episode.start)
    latest = max(min(episode.alarm, last), episode.start)
    gains = start_gains(baseline, episode.row, episode.sign, first, max(last, latest), episode.level_at)
    gains = gains[: latest - first + 1]
    possible = np.flatnonzero(gains >= gains[episode.start - first] - START_BELOW_BEST)
    if not len(possible):
        return episode.start, episode.start
    return min(first + int(possible[0]), episode.start), max(first + int(possible[-1]), episode.start)


def course_of(baseline: Baseline, episode: Episode) -> Course:
    """Say where an incident stands on the newest judged day.

    Method: `over` and `new_level` as the days decided it. Of one that goes on, the excess of the last week (or of its
        second half, when it is younger than two weeks) is compared with the excess before: worsening or easing when
        they differ by a quarter and beyond chance (one-sided 1 %). Ordinary days that do not yet end it count as
        easing.
    Source: difference of two ratios with the variances of the baseline.
    Blind spots: compared once a day, so one steady incident in a hundred seems to turn on a given day.
    """
    if episode.course != "open":
        return "over" if episode.course == "ended" else "new_level"
    if episode.calm > 0:
        return "easing"
    days = episode.end - episode.start + 1
    late = min(baseline.grid.columns(LATE_DAYS), days // 2)
    if late < baseline.grid.columns(MIN_PART_DAYS):
        return "ongoing"
    before, before_variance = _excess(baseline, episode, episode.start, episode.end - late)
    now, now_variance = _excess(baseline, episode, episode.end - late + 1, episode.end)
    z = (now - before) / sqrt(max(before_variance + now_variance, 1e-12))
    if abs(z) < TURN_AT or abs(now - before) < TURN_SHARE * abs(before):
        return "ongoing"
    return "worsening" if z > 0 else "easing"


def _excess(baseline: Baseline, episode: Episode, first: int, last: int) -> tuple[float, float]:
    """Excess of some days as a share of what was expected, in the incident's direction, and its variance."""
    columns = np.arange(first, last + 1)
    amount, expected, variance = daily_terms(baseline, episode.row, columns, episode.level_at)
    mean = max(float(expected.sum()), 1e-12)
    ratio = float(amount.sum()) / mean
    # counting noise grows with the ratio, day-to-day noise with its square
    return episode.sign * (ratio - 1), float(variance.sum()) / mean**2 * max(ratio, ratio**2, 1e-6)
