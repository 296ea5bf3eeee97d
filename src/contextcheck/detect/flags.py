"""Incidents to flags: one per region and time, the most telling metric leading."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.detect.course import course_of, start_range
from contextcheck.detect.tails import prediction_interval
from contextcheck.detect.totals import Totals
from contextcheck.panel.baseline_filter import counting_variance
from contextcheck.records import DailyPoint, Expected, Flag, Observed, RelatedMetric, Window

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contextcheck.detect.episodes import Episode
    from contextcheck.detect.evidence import Evidence
    from contextcheck.knowledge.metrics import DetectionRule
    from contextcheck.panel.baseline import Baseline
    from contextcheck.records import SeverityLevel

REFERENCE_DAYS = 28
# behaviour shows in rates first, then in means; counts follow the weather
KIND_ORDER = {"rate": 0, "mean": 1, "count": 2}
# below this all chances are alike and the larger excess leads
SURE = 1e-12


@dataclass(frozen=True, slots=True)
class Sized:
    """An incident with its totals."""

    episode: Episode
    observed: Observed
    expected: Expected
    excess: float
    kind: str
    metric: str
    region: str

    @property
    def rank(self) -> tuple[int, float, float, str]:
        """Most telling first."""
        return KIND_ORDER[self.kind], max(self.episode.chance, SURE), -abs(self.excess), self.metric


def build_flags(
    baseline: Baseline,
    evidence: Evidence,
    episodes: Sequence[Episode],
    partners: Mapping[str, Mapping[tuple[int, int], tuple[int, ...]]],
) -> tuple[Flag, ...]:
    """Give one flag per region and incident, ordered by region and start.

    Args:
        baseline: What was to be expected.
        evidence: Names the rule of each episode.
        episodes: Every incident of every series.
        partners: By detector, the series that took part in a joint finding.
    """
    totals = Totals.of(baseline)
    by_region: dict[str, list[Sized]] = {}
    for episode in episodes:
        sized = _sized(baseline, totals, episode)
        by_region.setdefault(sized.region, []).append(sized)
    flags = []
    for region in sorted(by_region):
        for leader, others in _tied(by_region[region]):
            rule = evidence.watched[leader.episode.watched].rule
            named = {each.metric for each in others} | {leader.metric}
            joined = partners.get(rule.detector, {}).get((leader.episode.row, leader.episode.alarm), ())
            joint = [_partner(baseline, totals, leader.episode, row) for row in joined]
            others = [*others, *(each for each in joint if each.metric not in named)]
            flags.append(_flag(baseline, rule, leader, others))
    return tuple(sorted(flags, key=lambda flag: (flag.region, flag.window.start, flag.id)))


def _sized(baseline: Baseline, totals: Totals, episode: Episode) -> Sized:
    row = episode.row
    columns = (np.array([each]) for each in (episode.start, episode.end, episode.level_at))
    rows, is_full = np.array([row]), np.ones(1, dtype=np.bool_)
    span = totals.span(*columns, is_full=is_full, rows=rows, with_own_spread=False)
    amount, exposure, mean = (float(each[0, 0]) for each in (span.amount, span.exposure, span.expected))
    low, high = prediction_interval(span.expected[0], span.variance[0])
    kind = str(baseline.grid.kinds[row])
    region, metric = baseline.grid.series[row]
    per = max(exposure, 1e-9)
    observed = Observed(amount, exposure, amount / per)
    limit = 1.0 if kind == "rate" else np.inf
    expected = Expected(min(mean / per, limit), float(low[0]) / per, min(float(high[0]) / per, limit))
    return Sized(episode, observed, expected, amount - mean, kind, metric, region)


def _partner(baseline: Baseline, totals: Totals, episode: Episode, row: int) -> Sized:
    """Another series on the days of a joint finding."""
    sized = _sized(baseline, totals, replace(episode, row=row))
    return replace(sized, episode=replace(sized.episode, sign=1 if sized.excess >= 0 else -1))


def _tied(incidents: Sequence[Sized]) -> list[tuple[Sized, list[Sized]]]:
    """Group the incidents of a region: each leader takes those of other metrics that overlap its days."""
    left = sorted(incidents, key=lambda each: each.rank)
    groups = []
    while left:
        leader = left.pop(0)
        taken = [each for each in left if _overlap(leader, each) and each.metric != leader.metric]
        left = [each for each in left if each not in taken]
        groups.append((leader, taken))
    return groups


def _overlap(one: Sized, other: Sized) -> bool:
    return one.episode.start <= other.episode.end and other.episode.start <= one.episode.end


def _flag(baseline: Baseline, rule: DetectionRule, leader: Sized, others: Sequence[Sized]) -> Flag:
    episode = leader.episode
    # a week is dated with its first day
    first = _day(baseline, episode.start)
    last = _last_day(baseline, episode.end)
    earliest, latest = start_range(baseline, episode)
    reference_end = max(episode.level_at - 1, 0)
    reference_start = max(reference_end - REFERENCE_DAYS + 1, 0)
    return Flag(
        id=f"{leader.region}-{leader.metric}-{first}",
        rule=rule.id,
        metric=leader.metric,
        region=leader.region,
        window=Window(first, last, is_open=episode.course == "open" and episode.calm == 0),
        reference=Window(_day(baseline, reference_start), _last_day(baseline, reference_end)),
        direction="up" if episode.sign > 0 else "down",
        severity=_severity(rule, leader.observed.rate / max(leader.expected.rate, 1e-12)),
        observed=leader.observed,
        expected=leader.expected,
        excess_events=leader.excess,
        relative_ratio=leader.observed.rate / max(leader.expected.rate, 1e-12),
        q_value=episode.q_value,
        related=tuple(_related(each) for each in others),
        daily=_daily(baseline, episode, reference_start),
        course=course_of(baseline, episode),
        start_between=(_day(baseline, earliest), _day(baseline, latest)),
    )


def _related(other: Sized) -> RelatedMetric:
    direction = "up" if other.episode.sign > 0 else "down"
    return RelatedMetric(
        other.metric,
        "up" if direction == "up" else "down",
        other.observed.rate,
        other.expected.rate,
        other.episode.q_value,
    )


def _severity(rule: DetectionRule, ratio: float) -> SeverityLevel:
    away = abs(ratio - 1)
    if away >= rule.high_from_relative:
        return "high"
    return "medium" if away >= rule.medium_from_relative else "low"


def _daily(baseline: Baseline, episode: Episode, first: int) -> tuple[DailyPoint, ...]:
    """Observed and expected per day over reference and window; the level of the window is the one before it."""
    grid, row = baseline.grid, episode.row
    columns = np.arange(first, episode.end + 1)
    at = np.minimum(columns, episode.level_at)
    exposure = grid.exposure[row, columns]
    rate = np.exp(baseline.offset[row, columns] + baseline.level[row, at])
    # a day without orders has an expectation too: that of one order
    size = np.maximum(exposure, 1.0)
    kinds = np.broadcast_to(grid.kinds[row], columns.shape)
    counting = counting_variance(kinds, rate * size, size, baseline.value_variance[row, at])
    unsure = baseline.level_variance[row, at] + baseline.drift[row, at] * (columns - at)
    unsure = unsure + baseline.offset_variance[row, columns]
    variance = (counting + baseline.extra_variance[row, at] + unsure) * (rate * size) ** 2
    low, high = prediction_interval(rate * size, variance)
    is_rate = grid.kinds[row] == "rate"
    points = []
    for index, column in enumerate(columns.tolist()):
        seen = float(grid.amount[row, column] / exposure[index]) if exposure[index] > 0 else None
        top = float(high[index] / size[index])
        bounds = (float(low[index] / size[index]), min(top, 1.0) if is_rate else top)
        points.append(DailyPoint(_day(baseline, column), seen, float(rate[index]), *bounds))
    return tuple(points)


def _last_day(baseline: Baseline, column: int) -> date:
    return _day(baseline, column) + timedelta(days=baseline.grid.step_days - 1)


def _day(baseline: Baseline, column: int) -> date:
    return date.fromisoformat(str(baseline.grid.days[column]))
