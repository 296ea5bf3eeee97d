"""A panel as the gate sees it: the best metric there is, guardrails and doubts; explanations need orders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from contextcheck.decide.facts import facts_of
from contextcheck.decide.policy import decide
from contextcheck.errors import DefinitionError, Problem
from contextcheck.gate.guardrails import judge_guardrail
from contextcheck.gate.guards import (
    ExposedDay,
    UsualDay,
    closed_weekdays,
    empty_days,
    failed_orders,
    late_region,
    no_revenue,
    partial_load,
    stale_data,
)
from contextcheck.gate.inputs import RegionInput
from contextcheck.impact.metric_effect import metric_effect, metric_level
from contextcheck.panel.reference import choose_reference
from contextcheck.panel_scan import NO_ORDERS
from contextcheck.records import AccountReview, Explained, Ledger, Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contextcheck.gating.asked import Asked
    from contextcheck.knowledge.gate_policies import GatePolicy
    from contextcheck.panel.reference import Reference
    from contextcheck.panel.table import Panel
    from contextcheck.panel_scan import PanelStudy
    from contextcheck.records import Flag, Launch, Recommendation

MONEY = ("contribution", "kept_value", "placed_value", "revenue")


def judged_metric(done: PanelStudy, policy: GatePolicy) -> str:
    """Give the first metric of the policy that the panel has.

    Raises:
        DefinitionError: It has none of them; names what it has.
    """
    for metric in policy.judge:
        if metric in done.panel.metrics:
            return metric
    known = ", ".join(sorted(done.panel.metrics))
    message = f"the panel has none of {', '.join(policy.judge)}; it has {known}: name one under judge"
    raise DefinitionError(Problem("RL251", policy.shown, message))


def regions_of_panel(
    done: PanelStudy, asked: Asked, pairs: Sequence[tuple[Launch, str]], policy: GatePolicy
) -> list[RegionInput]:
    """Give every launched region that is asked for."""
    metric = judged_metric(done, policy)
    launched = [region for launch in done.settings.launches for region in launch.regions]
    return [_region(done, asked, launch, region, policy, metric, launched) for launch, region in pairs]


def _region(
    done: PanelStudy,
    asked: Asked,
    launch: Launch,
    region: str,
    policy: GatePolicy,
    metric: str,
    launched: Sequence[str],
) -> RegionInput:
    panel, settings = done.panel, done.settings
    window = Window(launch.start, min(launch.end or panel.as_of, panel.as_of), is_open=launch.end is None)
    flags = tuple(flag for flag in done.detected.flags if flag.region == region and flag.window.overlaps(window))
    reference = choose_reference(panel, region, window, done.detected.flags, settings.launches)
    currency = settings.currency if metric in MONEY else ""
    effect = metric_effect(panel, region, launch, reference, metric, currency=currency, as_total=True)
    ledger = Ledger(settings.currency, None, None, 0.9, (), None, None, None, None, reason=NO_ORDERS)
    orders = panel.table("orders", "events") if "orders" in panel.metrics else None
    days, usual = _days(done, launch, region, reference, metric)
    return RegionInput(
        region=region,
        metric=metric,
        effect=effect,
        level_per_day=metric_level(panel, region, metric, reference.before, as_total=True),
        unit="day",
        ledger=ledger,
        recommendation=_recommendation(done, region, flags, ledger),
        flags=flags,
        explained=tuple(Explained((), None, AccountReview(reason=NO_ORDERS)) for _ in flags),
        guardrails=tuple(
            judge_guardrail(rule, metric_effect(panel, region, launch, reference, rule.metric), settings.decision.alpha)
            for rule in policy.guardrails
            if rule.metric != metric
        ),
        stops=(
            *failed_orders(days, usual, policy.hard_stops),
            *no_revenue(days, usual, policy.hard_stops, policy.data),
        ),
        doubts=(
            *stale_data(panel.as_of, asked.as_of, policy.data),
            *(late_region(orders, region, panel.as_of, policy.data) if orders is not None else ()),
            *empty_days(days, usual, policy.hard_stops, policy.data),
            *(partial_load(orders, launched, launch.start, panel.as_of, policy.data) if orders is not None else ()),
        ),
    )


def _recommendation(done: PanelStudy, region: str, flags: Sequence[Flag], ledger: Ledger) -> Recommendation:
    facts = facts_of(
        flags[0] if flags else None,
        None,
        ledger,
        region=region,
        launches=done.settings.launches,
        costs=done.settings.costs,
        horizon_days=done.settings.decision.horizon_days,
    )
    return decide(done.base.policies["default"], facts, None)


def _days(
    done: PanelStudy, launch: Launch, region: str, reference: Reference, metric: str
) -> tuple[tuple[ExposedDay, ...], UsualDay]:
    """The days since the launch, and what is usual before it; nothing where the panel has no orders.

    A panel has no statuses: failed orders are those that its cancel rate counts, where it has one.
    """
    panel, before = done.panel, reference.before
    if before is None or "orders" not in panel.metrics:
        return (), UsualDay(0.0, 0.0, None)
    orders = panel.series(region, "orders")
    table = pd.DataFrame({"orders": orders.loc[orders["is_complete"], "events"]})
    table["failed"] = panel.series(region, "cancel_rate")["events"] if "cancel_rate" in panel.metrics else 0.0
    table["revenue"] = panel.series(region, metric)["value_sum"] if metric in MONEY else float("nan")
    past = table.loc[str(before.start) : str(before.end)]
    since = table.loc[str(launch.start) : str(launch.end or panel.as_of)]
    counted = _counted_days(panel, region)
    days = tuple(
        ExposedDay(
            day.date(),
            int(row["orders"]),
            int(row["orders"]),
            int(row["failed"]),
            None if pd.isna(row["revenue"]) else float(row["revenue"]),
            day in counted,
        )
        for day, (_, row) in zip(pd.DatetimeIndex(since.index), since.fillna({"failed": 0.0}).iterrows(), strict=True)
    )
    total = float(past["orders"].sum())
    usual = UsualDay(
        total / max(len(past), 1),
        float(past["failed"].sum()) / total if total else 0.0,
        None if past["revenue"].isna().all() else float(past["revenue"].mean()),
        closed_weekdays(past["orders"]),
    )
    return days, usual


def _counted_days(panel: Panel, region: str) -> frozenset[pd.Timestamp]:
    """Days on which something else than orders was counted in a region: visits, failures, contacts."""
    rates = [name for name, metric in panel.metrics.items() if metric.kind == "rate"]
    rows = panel.daily[(panel.daily["region"] == region) & (panel.daily["metric"] != "orders")]
    is_counted = (rows["events"] > 0) | (rows["metric"].isin(rates) & (rows["exposure"] > 0))
    return frozenset(pd.DatetimeIndex(rows.loc[is_counted, "day"]))
