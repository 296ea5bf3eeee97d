"""Regions of one launch, or that a rule names, together, where each alone is too weak to be told from noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from contextcheck.detect.evidence import Evidence, Watched
    from contextcheck.panel.baseline import Baseline
    from contextcheck.records import Launch

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]
    Indices = NDArray[np.intp]

# how long after a launch its regions are looked at together
GROUP_DAYS = 28
MIN_MEMBERS = 2
MEMBER_SHARE = 0.1
# a launched region's tests count this much more in its first days, all others a little less
LAUNCH_WEIGHT = 5.0
LAUNCH_DAYS = 7


@dataclass(frozen=True, slots=True)
class Group:
    """The watched series of some regions, one metric and direction, looked at from column `first` to `last`."""

    members: Indices
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class GroupFinding:
    """A group that moved: its chance, the window that shows it, and the members that carry it."""

    group: Group
    chance: float
    window: int
    members: Indices


def find_groups(baseline: Baseline, watched: Sequence[Watched], launches: Sequence[Launch]) -> tuple[Group, ...]:
    """Give the groups of a panel: per rule, metric and direction the regions of each launch and those it names."""
    grid = baseline.grid
    by_key: dict[tuple[int, str, str, str], list[int]] = {}
    for index, item in enumerate(watched):
        region, metric = grid.series[item.row]
        for number, launch in enumerate(launches):
            if region in launch.regions:
                by_key.setdefault((number, item.rule.id, metric, item.direction), []).append(index)
    groups = []
    for (number, *_), members in sorted(by_key.items()):
        first = _column(baseline, launches[number])
        if len(members) >= MIN_MEMBERS and first < len(grid.days):
            last = first + grid.columns(GROUP_DAYS) - 1
            groups.append(Group(np.array(members, dtype=np.intp), first, last))
    return (*groups, *_named_groups(baseline, watched))


def _named_groups(baseline: Baseline, watched: Sequence[Watched]) -> Iterator[Group]:
    """What the rules name is looked at on every day."""
    grid = baseline.grid
    by_key: dict[tuple[str, str, str, str], list[int]] = {}
    for index, item in enumerate(watched):
        region, metric = grid.series[item.row]
        for name, regions in item.rule.groups.items():
            if region in regions:
                by_key.setdefault((name, item.rule.id, metric, item.direction), []).append(index)
    for _, members in sorted(by_key.items()):
        if len(members) >= MIN_MEMBERS:
            yield Group(np.array(members, dtype=np.intp), 0, len(grid.days) - 1)


def launch_weights(baseline: Baseline, watched: Sequence[Watched], launches: Sequence[Launch]) -> Floats:
    """How much more, or less, each test counts: watched × days, averaging 1 over the tests of a day.

    Source:
        Weighted Benjamini-Hochberg: Genovese, Roeder, Wasserman 2006 (doi 10.1093/biomet/93.3.509); weights are set
        before the data of the day are seen, so the false-discovery rate holds.
    """
    days, fresh = len(baseline.grid.days), baseline.grid.columns(LAUNCH_DAYS)
    is_fresh = np.zeros((len(watched), days), dtype=np.bool_)
    regions = [baseline.grid.series[item.row][0] for item in watched]
    for launch in launches:
        first = _column(baseline, launch)
        rows = [index for index, region in enumerate(regions) if region in launch.regions]
        if -fresh < first < days:
            is_fresh[rows, max(first, 0) : first + fresh] = True
    weight = np.where(is_fresh, LAUNCH_WEIGHT, 1.0)
    return weight / np.maximum(weight.mean(axis=0, keepdims=True), 1e-12) if len(watched) else weight


def look_at_groups(
    groups: Sequence[Group], baseline: Baseline, evidence: Evidence, fence: Indices, is_open: Bools, day: int
) -> list[GroupFinding]:
    """Give the chance of each group on a day, from the members that are not in an incident already.

    Method:
        Stouffer's sum of the members' normal scores, weighted by what each would show of one common relative shift; the
        smallest over the windows, corrected for their number. What is not known about a holiday is not known for all
        members alike and adds up; the rest is independent. Members are named by Benjamini-Hochberg within the group.

    Source:
        Hierarchical testing: Yekutieli 2008 (doi 10.1198/016214507000001373).
    """
    findings = []
    for group in groups:
        if not group.first <= day <= group.last:
            continue
        best: GroupFinding | None = None
        for index, window in enumerate(evidence.windows):
            free = group.members[~is_open[group.members] & (day - window + 1 > fence[group.members])]
            free = free[~np.isnan(evidence.normal[index, free, day])]
            if len(free) < MIN_MEMBERS:
                continue
            pull = evidence.precision[index, free, day]
            score = evidence.normal[index, free, day]
            shared = np.minimum(pull * _unsure_of_holidays(baseline, evidence, free, day - window + 1, day), 1.0)
            spread = (pull**2 * (1 - shared**2)).sum() + (pull * shared).sum() ** 2
            together = float((pull * score).sum() / np.sqrt(spread))
            chance = min(float(ndtr(-together)) * len(evidence.windows), 1.0)
            if best is None or chance < best.chance:
                best = GroupFinding(group, chance, index, _carriers(evidence, free, score, index, day))
        if best is not None and len(best.members):
            findings.append(best)
    return findings


def _unsure_of_holidays(baseline: Baseline, evidence: Evidence, members: Indices, first: int, last: int) -> Floats:
    """Standard deviation, relative to the expected total, of what the holidays between two days do."""
    rows = np.array([evidence.watched[each].row for each in members], dtype=np.intp)
    days = slice(first, last + 1)
    variance = baseline.offset_variance[rows, days]
    if not variance.any():
        return np.zeros(len(rows))
    base = baseline.grid.exposure[rows, days] * np.exp(baseline.offset[rows, days])
    return np.asarray((np.sqrt(variance) * base).sum(axis=1) / np.maximum(base.sum(axis=1), 1e-12))


def _carriers(evidence: Evidence, free: Indices, score: Floats, window: int, day: int) -> Indices:
    """Members that moved materially and stand out within the group."""
    order = np.argsort(-score)
    limits = -ndtri(MEMBER_SHARE * np.arange(1, len(free) + 1) / len(free))
    passed = np.flatnonzero(score[order] >= limits)
    chosen = free[order[: passed[-1] + 1]] if len(passed) else free[order[:1]]
    carriers: Indices = chosen[evidence.is_material[window, chosen, day]]
    return carriers


def _column(baseline: Baseline, launch: Launch) -> int:
    """Column of the launch day, or of its week; before or after the grid when it lies outside."""
    return int((np.datetime64(launch.start) - baseline.grid.days[0]).astype(int)) // baseline.grid.step_days
