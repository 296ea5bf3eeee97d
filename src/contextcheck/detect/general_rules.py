"""Rules for metrics that no rule names: what a panel of any metric is searched for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from contextcheck.knowledge.metrics import DetectionRule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contextcheck.knowledge.metrics import MetricKind
    from contextcheck.panel.table import Panel

RuleDirection = Literal["up", "down", "both"]
FALSE_DISCOVERY_RATE = 0.05
MIN_RELATIVE = 0.1
MIN_EXCESS = 3.0
# orders in a window; a plain count may be as small as it likes
MIN_EXPOSURE: dict[MetricKind, float] = {"rate": 20.0, "mean": 20.0, "count": 0.0, "sum": 20.0}


def rules_for(
    panel: Panel, rules: Sequence[DetectionRule], direction: RuleDirection | None = None
) -> tuple[DetectionRule, ...]:
    """Give the rules that watch a panel: those that name its metrics, and a general one for every other metric.

    Args:
        panel: Its metrics are watched.
        rules: Rules by metric name; such a rule says itself in which direction.
        direction: For the other metrics; both when None.
    """
    named = tuple(rule for rule in rules if set(rule.metrics) & set(panel.metrics))
    covered = {metric for rule in named for metric in rule.metrics}
    others = [metric for metric in sorted(panel.metrics) if metric not in covered]
    return (*named, *(general_rule(panel, metric, direction or "both") for metric in others))


def general_rule(
    panel: Panel,
    metric: str,
    direction: RuleDirection,
    *,
    false_discovery_rate: float = FALSE_DISCOVERY_RATE,
    min_relative: float = MIN_RELATIVE,
    min_excess: float = MIN_EXCESS,
) -> DetectionRule:
    """Give a rule for one metric of any name."""
    known = panel.metrics[metric]
    return DetectionRule(
        id=f"any-{metric}",
        title=f"{known.title}: other than usual",
        metrics=(metric,),
        direction=direction,
        detector="surveillance",
        min_exposure=MIN_EXPOSURE[known.kind],
        min_excess=min_excess,
        min_relative=min_relative,
        false_discovery_rate=false_discovery_rate,
        medium_from_relative=0.3,
        high_from_relative=1.0,
    )
