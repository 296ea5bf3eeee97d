"""A findings file as the gate sees it: what a scan has found out already, one look at each flagged region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scipy.special import ndtri

from contextcheck.gate.guards import stale_data
from contextcheck.gate.inputs import OneLook, RegionInput
from contextcheck.records import DailyEffect, Ledger, Recommendation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contextcheck.gating.asked import Asked
    from contextcheck.knowledge.gate_policies import GatePolicy
    from contextcheck.records import Finding, Investigation, Launch

NOT_FLAGGED = "not flagged: a findings file holds the money of flagged regions only; give the orders"


def regions_of_findings(
    investigation: Investigation, asked: Asked, pairs: Sequence[tuple[Launch, str]], policy: GatePolicy
) -> list[RegionInput]:
    """Give every launched region that is asked for; one without a flag since the launch cannot be judged."""
    return [_region(investigation, asked, launch, region, policy) for launch, region in pairs]


def _region(investigation: Investigation, asked: Asked, launch: Launch, region: str, policy: GatePolicy) -> RegionInput:
    last = launch.end or investigation.run.as_of
    found = [
        each
        for each in investigation.findings
        if each.flag.region == region and each.flag.window.end >= launch.start and each.flag.window.start <= last
    ]
    doubts = stale_data(investigation.run.as_of, asked.as_of, policy.data)
    best = max(found, key=lambda each: each.flag.window.days, default=None)
    if best is None:
        watch = Recommendation("watch", region, "low", "not-flagged", (NOT_FLAGGED,), ())
        nothing = DailyEffect(region, (), (), 0.0, 0.0, "", reason=NOT_FLAGGED)
        ledger = Ledger("", None, None, 0.9, (), None, None, None, None, reason=NOT_FLAGGED)
        return RegionInput(region, "contribution", nothing, 0.0, "day", ledger, watch, doubts=doubts)
    look = _look(best)
    currency = best.ledger.currency
    reason = "" if look else best.ledger.reason or "the findings have no contribution for it"
    return RegionInput(
        region=region,
        metric="contribution",
        effect=DailyEffect(region, (), (), 0.0, look.level if look else 0.0, currency, reason=reason),
        level_per_day=look.level if look else 0.0,
        unit="day",
        ledger=best.ledger,
        recommendation=best.recommendation,
        flags=tuple(each.flag for each in found),
        explained=tuple(each.explained for each in found),
        doubts=doubts,
        one_look=look,
    )


def _look(finding: Finding) -> OneLook | None:
    """Mean, standard error and level from the ledger's interval and lines; None where there is no interval."""
    estimate, counterfactual = finding.ledger.contribution_per_day, finding.ledger.counterfactual
    if estimate is None or counterfactual is None or counterfactual.method == "own-past":
        return None
    width = float(estimate.high) - float(estimate.low)
    error = width / (2 * float(ndtri(0.5 + finding.ledger.confidence_level / 2)))
    if not error > 0:
        return None
    value = finding.ledger.order_value
    placed = float(value.placed_before) if value else 0.0
    orders = finding.flag.observed.exposure / max(finding.flag.window.days, 1)
    return OneLook(float(estimate.value), error, counterfactual.after.days, placed * orders * LEVEL_SHARE)


LEVEL_SHARE = 0.3
"""Contribution as a share of sales, for the prior alone: a findings file does not hold the level of contribution."""
