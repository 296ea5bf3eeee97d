"""Other thresholds for a rule, and what each would have meant in the team's own history."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.backtest.records import Thresholds, Tuning
from contextcheck.backtest.replay import DAYS_PER_MONTH, Recorder, Replay
from contextcheck.backtest.sensitivity import PLANTED_DETECTOR, judge_planting, plant, signs
from contextcheck.detect.budget import Budget
from contextcheck.detect.evidence import weigh
from contextcheck.detect.select import select
from contextcheck.detect.surveillance import tail_freedom

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from contextcheck.backtest.records import Sensitivity
    from contextcheck.backtest.sensitivity import Planting
    from contextcheck.knowledge.metrics import DetectionRule
    from contextcheck.records import Launch

BOUNDS = {"false_discovery_rate": (0.005, 0.1), "min_relative": (0.03, 3.0), "min_excess": (1.0, 1000.0)}
FALSE_DISCOVERY_RATES = (0.005, 0.02, 0.05, 0.1)
RELATIVE_FACTORS = (0.5, 1.0, 2.0)
EXCESS_FACTORS = (0.5, 1.0, 2.0)
TUNING_STARTS = 6
TUNED_WITHIN_DAYS = 7
MORE_ALERTS = 1e-9


def tune(
    replayed: Replay,
    rules: Sequence[DetectionRule],
    *,
    launches: Sequence[Launch],
    seed: int,
    progress: Callable[[str], None],
) -> tuple[Tuning, ...]:
    """Give the trade-off of each rule of the default detector.

    Method:
        Each rule is replayed alone with every combination of thresholds inside the bounds: alerts per month in the real
        history (all markets together), and the smallest change that half of the regions catch within 7 days. Proposed
        is the combination that catches the smallest change without more alerts than now; fewer alerts break ties.

    Blind spots:
        Alerts in the history are counted, not judged: some were real.
    """
    heavy = tail_freedom(replayed.found.baseline)
    result = []
    for rule in rules:
        if rule.detector != PLANTED_DETECTOR:
            continue
        progress(f"trying other thresholds for {rule.id}")
        plantings = [
            planting
            for sign in signs(rule)
            for metric in rule.metrics
            if (planting := plant(replayed, heavy, metric, sign, starts=TUNING_STARTS, seed=seed)) is not None
        ]
        if not plantings:
            continue
        current = _try(replayed, rule, plantings, launches)
        others = tuple(_try(replayed, each, plantings, launches) for each in _alternatives(rule))
        result.append(Tuning(rule.id, plantings[0].unit, current, others, propose(current, others)))
    return tuple(result)


def propose(current: Thresholds, others: Sequence[Thresholds]) -> Thresholds:
    """The thresholds that catch the smallest change with no more alerts than now."""
    allowed = [each for each in others if each.alerts_per_month <= current.alerts_per_month + MORE_ALERTS]

    def merit(each: Thresholds) -> tuple[float, int, float]:
        smallest = np.inf if each.median_smallest is None else each.median_smallest
        # sizes that differ by under a hundredth catch the same
        return float(np.round(smallest, 4)), -each.regions_that_catch, each.alerts_per_month

    return min([current, *allowed], key=merit)


def _alternatives(rule: DetectionRule) -> Iterator[DetectionRule]:
    for rate in FALSE_DISCOVERY_RATES:
        for relative in RELATIVE_FACTORS:
            for excess in EXCESS_FACTORS:
                changed = replace(
                    rule,
                    false_discovery_rate=rate,
                    min_relative=_bounded("min_relative", rule.min_relative * relative),
                    min_excess=_bounded("min_excess", rule.min_excess * excess),
                )
                if changed != rule:
                    yield changed


def _bounded(name: str, value: float) -> float:
    low, high = BOUNDS[name]
    return float(f"{min(max(value, low), high):.3g}")


def _try(
    replayed: Replay, rule: DetectionRule, plantings: Sequence[Planting], launches: Sequence[Launch]
) -> Thresholds:
    found = replayed.found
    recorder = Recorder(Budget(rule.false_discovery_rate))
    evidence = weigh(found.baseline, [rule], found.scores)
    selection = select(found.baseline, evidence, recorder, launches=launches)
    days = int(evidence.is_tested.any(axis=0).sum()) * found.baseline.grid.step_days
    limits = np.array(recorder.limits)
    seen = [each for planting in plantings for each in judge_planting(planting, replayed, rule, limits)]
    return Thresholds(
        rule.false_discovery_rate,
        rule.min_relative,
        rule.min_excess,
        alerts_per_month=len(selection.episodes) / days * DAYS_PER_MONTH if days else 0.0,
        median_smallest=_median(seen),
        regions_that_catch=len({each.region for each in seen if each.smallest[TUNED_WITHIN_DAYS] is not None}),
    )


def _median(seen: Sequence[Sensitivity]) -> float | None:
    """The change that half of the series catch; None when fewer than half catch any."""
    sizes = [each.smallest[TUNED_WITHIN_DAYS] for each in seen if each.steps]
    known = sorted(np.inf if size is None else size for size in sizes)
    middle = known[(len(known) - 1) // 2] if known else np.inf
    return float(middle) if np.isfinite(middle) else None
