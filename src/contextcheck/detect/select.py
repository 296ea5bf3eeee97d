"""Evidence to incidents, day by day: false-discovery control, windows joined, beginning and end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.detect.budget import Budget
from contextcheck.detect.episodes import JOIN_GAP_DAYS, START_SLACK_DAYS, Episode, follow, start_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from contextcheck.detect.budget import Judge
    from contextcheck.detect.evidence import Evidence
    from contextcheck.panel.baseline import Baseline

    Floats = NDArray[np.float64]


@dataclass(slots=True)
class Selection:
    """Every incident of every watched series, and how many tests were made."""

    episodes: list[Episode] = field(default_factory=list)
    tests: int = 0


@dataclass(slots=True)
class _Course:
    """Carried from day to day: per watched series its open and last episode, and the day no window reaches back to."""

    fence: NDArray[np.intp]
    current: dict[int, Episode] = field(default_factory=dict)
    last: dict[int, Episode] = field(default_factory=dict)


def select(baseline: Baseline, evidence: Evidence, judge: Judge | None = None) -> Selection:
    """Walk through the days and open, follow and close incidents.

    Args:
        baseline: What was to be expected.
        evidence: Corrected chances per window.
        judge: What is unlikely enough; the online false-discovery control at the rules' share when none is given.

    Returns:
        The incidents. What is known of one on a day uses no later day, so the incidents of a panel cut after a day are
        those that were known on it.
    """
    selection = Selection()
    if not evidence.watched:
        return selection
    course = _Course(np.full(len(evidence.watched), -1, dtype=np.intp))
    judge = judge or Budget(max(each.rule.false_discovery_rate for each in evidence.watched))
    strictness = np.array([judge.share / each.rule.false_discovery_rate for each in evidence.watched])
    by_day = np.ascontiguousarray(np.moveaxis(evidence.chance, 2, 0))
    for day in range(by_day.shape[0]):
        _follow_open(baseline, course, day)
        is_open = np.zeros(len(evidence.watched), dtype=np.bool_)
        is_open[list(course.current)] = True
        tests = int((evidence.is_tested[:, day] & ~is_open).sum())
        selection.tests += tests
        best, window = _best_windows(by_day[day], evidence, course, day)
        best = best * strictness
        _strengthen(course, judge, best, tests)
        rejected, found = _open_new(
            baseline, evidence, course, selection, (day, np.where(is_open, 1.0, best), window, tests), judge
        )
        judge.settle(tests, rejected, found)
    return selection


def _follow_open(baseline: Baseline, course: _Course, day: int) -> None:
    for watched in list(course.current):
        episode = course.current[watched]
        follow(baseline, episode, day)
        if episode.course != "open":
            course.fence[watched] = day if episode.course == "new_level" else episode.end
            course.last[watched] = course.current.pop(watched)


def _best_windows(chance: Floats, evidence: Evidence, course: _Course, day: int) -> tuple[Floats, NDArray[np.intp]]:
    """Smallest chance per watched series over the windows that do not reach behind an earlier incident."""
    length = np.array(evidence.windows, dtype=np.intp)[:, None]
    allowed = np.where(day - length + 1 > course.fence[None, :], chance, 1.0)
    window = np.asarray(allowed.argmin(axis=0), dtype=np.intp)
    return allowed[window, np.arange(allowed.shape[1])], window


def _open_new(
    baseline: Baseline,
    evidence: Evidence,
    course: _Course,
    selection: Selection,
    today: tuple[int, Floats, NDArray[np.intp], int],
    judge: Judge,
) -> tuple[int, int]:
    """Open an episode for each chance that the judge admits; how many, and in how many regions not yet known."""
    day, best, window, tests = today
    candidates = np.flatnonzero(best < 1)
    if not len(candidates):
        return 0, 0
    q_values = judge.q_values(best[candidates], tests)
    known = {baseline.grid.region_of[each.row] for each in course.current.values()}
    rejected = found = 0
    for watched, q_value in zip(candidates.tolist(), q_values.tolist(), strict=True):
        if q_value > judge.share:
            continue
        days = evidence.windows[int(window[watched])]
        is_new = _begin(baseline, evidence, course, selection, (watched, day, days, float(best[watched]), q_value))
        region = baseline.grid.region_of[evidence.watched[watched].row]
        rejected += 1
        found += is_new and region not in known
        known.add(region)
    return rejected, found


def _strengthen(course: _Course, judge: Judge, best: Floats, tests: int) -> None:
    """Let open incidents show their strongest evidence; they are not tested again."""
    for watched, episode in course.current.items():
        if best[watched] < episode.chance:
            episode.chance = float(best[watched])
            q_value = judge.q_values(best[[watched]], max(tests, 1))
            episode.q_value = min(episode.q_value, float(q_value[0]))


def _begin(
    baseline: Baseline,
    evidence: Evidence,
    course: _Course,
    selection: Selection,
    alarm: tuple[int, int, int, float, float],
) -> bool:
    """Open an episode, or take up again one that ended a few days ago; says whether it is a new one."""
    watched, day, days, chance, q_value = alarm
    item = evidence.watched[watched]
    earliest = int(course.fence[watched]) + 1
    first = max(day - days + 1 - START_SLACK_DAYS, earliest, 1)
    level_at = int(baseline.before(first))
    start = start_of(baseline, item.row, item.sign, first, day, level_at, day)
    before = course.last.get(watched)
    if before is not None and before.course == "ended" and start - before.end <= JOIN_GAP_DAYS + 1:
        before.course, before.calm, before.end = "open", 0.0, day
        before.chance, before.q_value = min(before.chance, chance), min(before.q_value, q_value)
        course.current[watched] = before
        return False
    episode = Episode(watched, item.row, item.sign, day, start, day, level_at, chance, q_value)
    course.current[watched] = episode
    selection.episodes.append(episode)
    return True
