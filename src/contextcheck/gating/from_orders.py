"""Orders as the gate sees them: money, flags with their explanations, guardrails, stops and doubts of each region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contextcheck import pipeline
from contextcheck.gate.guardrails import judge_guardrail
from contextcheck.gate.guards import (
    UsualDay,
    closed_weekdays,
    empty_days,
    exposed_days,
    failed_orders,
    late_region,
    no_revenue,
    partial_load,
    refused_split,
    sample_ratio,
    stale_data,
)
from contextcheck.gate.inputs import RegionInput
from contextcheck.impact.metric_effect import metric_effect, usual_level
from contextcheck.impact.value import daily_value
from contextcheck.records import Window
from contextcheck.weighing import region_costs

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from contextcheck.gate.guards import ExposedDay
    from contextcheck.gating.asked import Asked
    from contextcheck.knowledge.gate_policies import GatePolicy
    from contextcheck.panel.reference import Reference
    from contextcheck.pipeline import Progress, Study
    from contextcheck.records import Guardrail, Launch

CONTRIBUTION = "contribution"


def regions_of_orders(
    done: Study, asked: Asked, pairs: Sequence[tuple[Launch, str]], policy: GatePolicy, progress: Progress
) -> list[RegionInput]:
    """Give every launched region that is asked for, flagged or not."""
    launched = [region for launch in done.settings.launches for region in launch.regions]
    found = []
    for launch, region in pairs:
        progress(f"judging {asked.feature} in {region}")
        found.append(_region(done, asked, launch, region, policy, launched))
    return found


def _region(
    done: Study, asked: Asked, launch: Launch, region: str, policy: GatePolicy, launched: Sequence[str]
) -> RegionInput:
    got = pipeline.launched_region(done, launch, region)
    days, usual = exposed(done, launch, region, got.reference, policy)
    orders = done.panel.table("orders", "events")
    counted = _customers(done, launch, region)
    ratio = sample_ratio(*counted, planned_share(launch, policy), policy.data) if counted else ()
    return RegionInput(
        region=region,
        metric=CONTRIBUTION,
        effect=got.effect,
        level_per_day=level_before(done, region, got.reference.before),
        unit=got.effect.unit,
        ledger=got.ledger,
        recommendation=got.recommendation,
        flags=got.flags,
        explained=got.explained,
        guardrails=guardrails_of(done, launch, region, got.reference, policy),
        stops=(
            *failed_orders(days, usual, policy.hard_stops),
            *no_revenue(days, usual, policy.hard_stops, policy.data),
        ),
        doubts=(
            *stale_data(done.panel.as_of, asked.as_of, policy.data),
            *late_region(orders, region, min(done.panel.as_of, launch.end or done.panel.as_of), policy.data),
            *empty_days(days, usual, policy.hard_stops, policy.data),
            *partial_load(orders, launched, launch.start, done.panel.as_of, policy.data),
            *(ratio or refused_split(got.refused, launch.exposed_share)),
        ),
    )


def planned_share(launch: Launch, policy: GatePolicy) -> float | None:
    """The share of customers who were meant to see a launch: its own, else the policy's, else None."""
    return policy.data.exposed_share if launch.exposed_share is None else launch.exposed_share


def level_before(done: Study, region: str, before: Window | None) -> float:
    """The contribution per day that was usual in a region on the days before the launch; 0 when it is not known."""
    if before is None:
        return 0.0
    value = daily_value(done.panel, region_costs(done, region), before)
    return 0.0 if value.reason else usual_level(value.contribution, value.usable, region, before)


def guardrails_of(
    done: Study, launch: Launch, region: str, reference: Reference, policy: GatePolicy
) -> tuple[Guardrail, ...]:
    """The guardrails of the policy in one region."""
    alpha = done.settings.decision.alpha
    return tuple(
        judge_guardrail(rule, metric_effect(done.panel, region, launch, reference, rule.metric), alpha)
        for rule in policy.guardrails
    )


# ── exposed orders ─────────────────────────────────────────────────────────────────────────────────────


def exposed(
    done: Study, launch: Launch, region: str, reference: Reference, policy: GatePolicy
) -> tuple[tuple[ExposedDay, ...], UsualDay]:
    """The exposed orders of each day since the launch, and what is usual before it; one query."""
    if region not in done.panel.regions:
        return (), UsualDay(0.0, 0.0, None)
    end = min(launch.end or done.panel.as_of, done.panel.as_of)
    counts = _failures(done, region, Window(launch.start, end), policy, only_exposed=True)
    before = reference.before
    usual = _failures(done, region, before, policy, only_exposed=False) if before else {}
    orders, failed = (sum(each[part] for each in usual.values()) for part in (0, 1))
    span = before.days if before else 0
    money = done.panel.series(region, "kept_value")["value_sum"]
    revenue = (
        float(money[(money.index >= str(before.start)) & (money.index <= str(before.end))].mean()) if before else None
    )
    days = tuple(day for day in exposed_days(done.panel, region, launch.start, counts) if day.day <= end)
    placed = done.panel.series(region, "orders")["events"]
    closed = closed_weekdays(placed.loc[str(before.start) : str(before.end)]) if before else frozenset()
    return days, UsualDay(orders / span if span else 0.0, failed / orders if orders else 0.0, revenue, closed)


def _failures(
    done: Study, region: str, window: Window, policy: GatePolicy, *, only_exposed: bool
) -> dict[date, tuple[int, int]]:
    """Local day to the number of orders and of failed ones; only the exposed where the orders say who was."""
    import ibis

    from contextcheck.knowledge.expressions import compile_expression

    orders, condition = done.loaded.orders, policy.hard_stops.failed
    if condition is None or window.end < window.start or condition.available(orders.columns) is None:
        return {}
    table = orders.of_region_days(region, window.start, window.end)
    if only_exposed and "feature_exposed" in orders.columns:
        table = table.filter(ibis.coalesce(table.feature_exposed, ibis.literal(False)))
    failed = compile_expression(condition, table).cast("int64")
    grouped = table.group_by(hour=table.created_at.truncate("h")).aggregate(orders=table.count(), failed=failed.sum())
    found: dict[date, tuple[int, int]] = {}
    for row in grouped.execute().itertuples():
        day = _local_day(done, region, row.hour)
        before = found.get(day, (0, 0))
        found[day] = (before[0] + int(row.orders), before[1] + int(row.failed))
    return found


def _local_day(done: Study, region: str, hour: object) -> date:
    """The local day of an hour of the source clock (hours that straddle midnight count to the day they begin in)."""
    from zoneinfo import ZoneInfo

    import pandas as pd

    from contextcheck.panel.orders import LOCAL

    orders, stamp = done.loaded.orders, pd.Timestamp(hour)  # type: ignore[arg-type]
    if orders.clock == LOCAL:
        return stamp.date()
    local = stamp.tz_localize(ZoneInfo(orders.clock), ambiguous=True, nonexistent="shift_forward")
    return (local.tz_convert(ZoneInfo(orders.zone_of(region)))).date()


def _customers(done: Study, launch: Launch, region: str) -> tuple[int, int] | None:
    """Exposed and unexposed customers since the launch; None where the orders do not say."""
    orders = done.loaded.orders
    if not {"feature_exposed", "customer_id"} <= orders.columns or region not in orders.region_words:
        return None
    end = min(launch.end or done.panel.as_of, done.panel.as_of)
    if end < launch.start:
        return None
    table = orders.of_region_days(region, launch.start, end)
    counted = table.group_by("feature_exposed").aggregate(customers=table.customer_id.nunique()).execute()
    by_exposure = {bool(row.feature_exposed): int(row.customers) for row in counted.dropna().itertuples()}
    return by_exposure.get(True, 0), by_exposure.get(False, 0)
