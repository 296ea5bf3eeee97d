"""The look ahead, the features and the markets as documented JSON objects, and back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal, cast

from contextcheck.records import (
    BridgeStep,
    Estimate,
    MarketTotals,
    MoneyEstimate,
    OnceLine,
    OrdersChange,
    Outlook,
    Parts,
    Precision,
    Stretch,
    Waiting,
    Window,
)
from contextcheck.records.values import LineStatus

if TYPE_CHECKING:
    from contextcheck.records import Ledger
    from contextcheck.report.json_node import JsonNode

Tree = dict[str, object]
StretchId = Literal["newest-week", "all-in"]
Choice = Literal["keep", "roll-back", "wait"]
Minimax = Literal["keep", "roll-back"]

# ── out ────────────────────────────────────────────────────────────────────────────────────────────────


def ledger_parts(ledger: Ledger) -> Tree:
    """What stands beside the lines of a ledger: the period, the bridge, costs that come once, how exact it is."""
    contribution = ledger.contribution_per_day
    is_known = contribution is not None and contribution.value.is_finite()
    return {
        "judged_days": ledger.judged_days,
        "net_of_period": contribution.value * ledger.judged_days if contribution is not None and is_known else None,
        "orders": _orders_object(ledger.orders),
        "bridge": [{"id": each.id, "title": each.title, "per_day": each.per_day} for each in ledger.bridge],
        "once": [
            {"id": each.id, "title": each.title, "amount": each.amount, "status": each.status, "basis": each.basis}
            for each in ledger.once
        ],
        "precision": _precision_object(ledger.precision),
        "stretches": [_stretch_object(each) for each in ledger.stretches],
    }


def _orders_object(orders: OrdersChange | None) -> Tree | None:
    if orders is None:
        return None
    change = orders.change
    return {
        "expected_per_day": orders.expected_per_day,
        "actual_per_day": orders.actual_per_day,
        "change": change.value,
        "low": change.low,
        "high": change.high,
    }


def _precision_object(known: Precision | None) -> Tree | None:
    if known is None:
        return None
    tree: Tree = {name: getattr(known, name) for name in Precision.__slots__}
    return tree | {"parts": _parts_object(known.parts)}


def _parts_object(parts: Parts | None) -> Tree | None:
    return None if parts is None else {name: getattr(parts, name) for name in Parts.__slots__}


def _stretch_object(stretch: Stretch) -> Tree:
    return {
        "id": stretch.id,
        "title": stretch.title,
        "start": stretch.window.start,
        "end": stretch.window.end,
        "days": stretch.days,
        "net_per_day": stretch.contribution.value,
        "low": stretch.contribution.low,
        "high": stretch.contribution.high,
        "error": stretch.error,
        "differs": stretch.differs,
        "parts": _parts_object(stretch.parts),
    }


def outlook_object(outlook: Outlook | None) -> Tree | None:
    """What keeping, rolling back and waiting are expected to cost."""
    if outlook is None:
        return None
    tree: Tree = {name: getattr(outlook, name) for name in Outlook.__slots__}
    tree["waiting"] = [{"days": each.days, "value": each.value, "cost": each.cost} for each in outlook.waiting]
    return tree


def market_object(market: MarketTotals) -> Tree:
    """A market's orders and what cancels, returns, refunds and disputes cost in all."""
    return {
        "region": market.region,
        "orders": market.orders,
        "days": market.days,
        "loss": market.loss,
        "reason": market.reason,
    }


# ── back ───────────────────────────────────────────────────────────────────────────────────────────────


def with_ledger_parts(ledger: Ledger, node: JsonNode) -> Ledger:
    """Give a ledger with what `ledger_parts` wrote beside its lines; an older file has none of it."""
    orders, precision = node.optional("orders"), node.optional("precision")
    return replace(
        ledger,
        judged_days=node.whole("judged_days", 0),
        orders=None if orders is None else _orders(orders),
        bridge=tuple(
            BridgeStep(each.text("id"), each.text("title"), each.money("per_day")) for each in node.items("bridge")
        ),
        once=tuple(_once(each) for each in node.items("once")),
        precision=None if precision is None else _precision(precision),
        stretches=tuple(_stretch(each) for each in node.items("stretches")),
    )


def _orders(node: JsonNode) -> OrdersChange:
    change = Estimate(node.number("change"), node.number("low"), node.number("high"))
    return OrdersChange(node.number("expected_per_day"), node.number("actual_per_day"), change)


def _once(node: JsonNode) -> OnceLine:
    status = cast("LineStatus", node.choice("status", LineStatus))
    return OnceLine(node.text("id"), node.text("title"), node.optional_money("amount"), status, node.text("basis", ""))


def _precision(node: JsonNode) -> Precision:
    return Precision(
        error=node.number("error"),
        error_of_days=node.number("error_of_days"),
        error_between=node.number("error_between"),
        degrees=node.whole("degrees"),
        base_per_day=node.number("base_per_day"),
        days_before=node.whole("days_before"),
        days_after=node.whole("days_after"),
        parts=_parts(node),
    )


def _parts(node: JsonNode) -> Parts | None:
    """The two parts; None in a file of an older version."""
    found = node.optional("parts")
    return None if found is None else Parts(*(found.number(name) for name in Parts.__slots__))


def _stretch(node: JsonNode) -> Stretch:
    return Stretch(
        id=cast("StretchId", node.choice("id", StretchId)),
        title=node.text("title"),
        window=Window(node.day("start"), node.day("end")),
        days=node.whole("days"),
        contribution=MoneyEstimate(node.money("net_per_day"), node.money("low"), node.money("high")),
        error=node.number("error"),
        differs=node.child("differs").tree is True,
        parts=_parts(node),
    )


def outlook_from(node: JsonNode) -> Outlook:
    """The look ahead of a recommendation."""
    return Outlook(
        horizon_days=node.whole("horizon_days"),
        alpha=node.number("alpha"),
        roll_back_cost=node.money("roll_back_cost"),
        forecast_per_day=node.money("forecast_per_day"),
        forecast_error=node.money("forecast_error"),
        based_on=node.text("based_on"),
        break_even_per_day=node.money("break_even_per_day"),
        chance_of_loss=node.number("chance_of_loss"),
        chance_worth_roll_back=node.number("chance_worth_roll_back"),
        cost_of_keeping=node.money("cost_of_keeping"),
        cost_of_rolling_back=node.money("cost_of_rolling_back"),
        waiting=tuple(
            Waiting(each.whole("days"), each.money("value"), each.money("cost")) for each in node.items("waiting")
        ),
        choice=cast("Choice", node.choice("choice", Choice)),
        minimax=cast("Minimax", node.choice("minimax", Minimax)),
        regret_of_keeping=node.money("regret_of_keeping"),
        regret_of_rolling_back=node.money("regret_of_rolling_back"),
        answer_on=node.day("answer_on") if node.has_figure("answer_on") else None,
        answer=node.text("answer"),
    )


def market_from(node: JsonNode) -> MarketTotals:
    """One row of the markets."""
    return MarketTotals(
        node.text("region"),
        node.number("orders"),
        node.whole("days"),
        node.optional_money("loss"),
        node.text("reason", ""),
    )
