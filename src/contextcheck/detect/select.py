"""Evidence to incidents, day by day: false-discovery control, windows joined, beginning and end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.detect.budget import Budget
from contextcheck.detect.episodes import JOIN_GAP_DAYS, START_SLACK_DAYS, Episode, follow, start_of
from contextcheck.detect.groups import find_groups, launch_weights, look_at_groups

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from contextcheck.detect.budget import Judge
    from contextcheck.detect.evidence import Evidence
    from contextcheck.detect.groups import Group, GroupFinding
    from contextcheck.panel.baseline import Baseline
    from contextcheck.records import Launch

    Floats = NDArray[np.float64]
    Indices = NDArray[np.intp]
    Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Selection:
    """Every incident of every watched series, and how many tests were made.

    `is_flagged` and `fence` hold, watched × days, what was known on the day itself: whether an incident was open and
    the day belonged to it, and the day that no window could reach back to.
    """

    episodes: tuple[Episode, ...] = ()
    tests: int = 0
    is_flagged: Bools = field(default_factory=lambda: np.zeros((0, 0), dtype=np.bool_))
    fence: Indices = field(default_factory=lambda: np.zeros((0, 0), dtype=np.intp))


def select(
    baseline: Baseline, evidence: Evidence, judge: Judge | None = None, *, launches: Sequence[Launch] = ()
) -> Selection:
    """Walk through the days and open, follow and close incidents.

    Args:
        baseline: What was to be expected.
        evidence: Corrected chances per window.
        judge: What is unlikely enough; the online false-discovery control at the rules' share when none is given. When
            only the newest days are judged it starts with what a quiet past leaves, as if it had always run.
        launches: Where to look first, and which regions to look at together.

    Returns:
        The incidents. What is known of one on a day uses no later day, so the incidents of a panel cut after a day are
        those that were known on it.
    """
    if not evidence.watched:
        return Selection()
    judge = judge or _budget(baseline, max(each.rule.false_discovery_rate for each in evidence.watched))
    groups = find_groups(baseline, evidence.watched, launches)
    walk = _Walk(baseline, evidence, judge, groups, launch_weights(baseline, evidence.watched, launches))
    is_flagged = np.zeros(evidence.is_tested.shape, dtype=np.bool_)
    fence = np.zeros(evidence.is_tested.shape, dtype=np.intp)
    for day in range(baseline.first_judged, len(baseline.grid.days)):
        walk.take(day)
        is_flagged[[watched for watched, each in walk.current.items() if each.end == day], day] = True
        fence[:, day] = walk.fence
    return Selection(tuple(walk.episodes), walk.tests, is_flagged, fence)


def _budget(baseline: Baseline, share: float) -> Budget:
    return Budget.after_quiet(share, baseline.grid.step_days) if baseline.first_judged else Budget(share)


@dataclass(slots=True)
class _Walk:
    """What is carried from day to day.

    `fence` is, per watched series, the day that no window reaches back to; `current` its open episode and `last` the
    one before.
    """

    baseline: Baseline
    evidence: Evidence
    judge: Judge
    groups: Sequence[Group]
    weights: Floats
    fence: Indices = field(init=False)
    strictness: Floats = field(init=False)
    by_day: Floats = field(init=False)
    episodes: list[Episode] = field(default_factory=list)
    tests: int = 0
    current: dict[int, Episode] = field(default_factory=dict)
    last: dict[int, Episode] = field(default_factory=dict)

    def __post_init__(self) -> None:
        watched = self.evidence.watched
        self.fence = np.full(len(watched), -1, dtype=np.intp)
        self.strictness = np.array([self.judge.share / each.rule.false_discovery_rate for each in watched])
        self.by_day = np.ascontiguousarray(np.moveaxis(self.evidence.chance, 2, 0))

    def take(self, day: int) -> None:
        """Take in one day."""
        self._follow_open(day)
        is_open = np.zeros(len(self.evidence.watched), dtype=np.bool_)
        is_open[list(self.current)] = True
        best, window = self._best_windows(day)
        best = np.minimum(best * self.strictness / self.weights[:, day], 1.0)
        found = look_at_groups(self.groups, self.baseline, self.evidence, self.fence, is_open, day)
        tests = int((self.evidence.is_tested[:, day] & ~is_open).sum()) + len(found)
        self.tests += tests
        self._strengthen(best, tests)
        rejected, incidents = self._open_new(day, np.where(is_open, 1.0, best), window, found, tests)
        self.judge.settle(tests, rejected, incidents, self.baseline.grid.step_days)

    def _follow_open(self, day: int) -> None:
        for watched in list(self.current):
            episode = self.current[watched]
            follow(self.baseline, episode, day)
            if episode.course != "open":
                self.fence[watched] = day if episode.course == "new_level" else episode.end
                self.last[watched] = self.current.pop(watched)

    def _best_windows(self, day: int) -> tuple[Floats, Indices]:
        """Smallest chance per watched series over the windows that do not reach behind an earlier incident."""
        length = np.array(self.evidence.windows, dtype=np.intp)[:, None]
        allowed = np.where(day - length + 1 > self.fence[None, :], self.by_day[day], 1.0)
        window = np.asarray(allowed.argmin(axis=0), dtype=np.intp)
        return allowed[window, np.arange(allowed.shape[1])], window

    def _strengthen(self, best: Floats, tests: int) -> None:
        """Let open incidents show their strongest evidence; they are not tested again."""
        for watched, episode in self.current.items():
            if best[watched] < episode.chance:
                episode.chance = float(best[watched])
                q_value = self.judge.q_values(best[[watched]], max(tests, 1))
                episode.q_value = min(episode.q_value, float(q_value[0]))

    def _open_new(
        self, day: int, best: Floats, window: Indices, groups: Sequence[GroupFinding], tests: int
    ) -> tuple[int, int]:
        """Open an episode for each chance that the judge admits; how many, and how many of them are new incidents."""
        candidates = np.flatnonzero(best < 1)
        chances = np.concatenate([best[candidates], [each.chance for each in groups]])
        if not len(chances):
            return 0, 0
        q_values = self.judge.q_values(chances, tests)
        known = {self._region(each) for each in self.current}
        rejected = found = 0
        for index in np.flatnonzero(q_values <= self.judge.share).tolist():
            rejected += 1
            chance, q_value = float(chances[index]), float(q_values[index])
            if index < len(candidates):
                watched = int(candidates[index])
                opened = [(watched, int(window[watched]))]
            else:
                group = groups[index - len(candidates)]
                opened = [(int(each), group.window) for each in group.members]
            regions = {
                self._region(watched)
                for watched, at in opened
                if watched not in self.current and self._begin(watched, day, at, chance, q_value)
            }
            # a group is one finding, however many of its regions carry it
            found += bool(regions - known)
            known |= regions
        return rejected, found

    def _region(self, watched: int) -> int:
        return int(self.baseline.grid.region_of[self.evidence.watched[watched].row])

    def _begin(self, watched: int, day: int, window: int, chance: float, q_value: float) -> bool:
        """Open an episode, or take up again one that ended a few days ago; says whether it is a new one."""
        item = self.evidence.watched[watched]
        columns = self.baseline.grid.columns
        reach = self.evidence.windows[window] - 1 + columns(START_SLACK_DAYS)
        first = max(day - reach, int(self.fence[watched]) + 1, 1)
        level_at = int(self.baseline.before(first))
        start = start_of(self.baseline, item.row, item.sign, first, day, level_at, day)
        before = self.last.get(watched)
        if before is not None and before.course == "ended" and start - before.end <= columns(JOIN_GAP_DAYS) + 1:
            before.course, before.calm, before.end = "open", 0.0, day
            before.chance, before.q_value = min(before.chance, chance), min(before.q_value, q_value)
            self.current[watched] = before
            return False
        episode = Episode(watched, item.row, item.sign, day, start, day, level_at, chance, q_value)
        self.current[watched] = episode
        self.episodes.append(episode)
        return True
