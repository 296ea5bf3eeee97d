"""From orders x average order value to contribution: steps that add up with nothing left over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contextcheck.impact.amounts import balanced, money
from contextcheck.impact.value import KEPT_SALES
from contextcheck.records import BridgeStep, Estimate, LedgerLine, MoneyEstimate, OrdersChange

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from contextcheck.impact.effects import Effect


def orders_change(orders: Effect, level: float) -> OrdersChange:
    """Orders per day against the counterfactual, with the interval at a level such as 0.9."""
    low, high = orders.interval(level)
    change = Estimate(orders.value, low, high)
    return OrdersChange(orders.expected, orders.expected + orders.value, change)


def orders_line(orders: Effect, total: Effect, level: float) -> LedgerLine:
    """Give what more or fewer orders are worth, at what an order would have contributed anyway.

    Args:
        orders: Effect on the number of orders per day.
        total: Effect on the contribution per day.
        level: Level of the interval; it is that of the orders, the value of an order is taken as known.

    Returns:
        A line that is shown and not added: it is inside the other lines.
    """
    title = "Orders gained or lost"
    if orders.expected <= 0:
        return LedgerLine("orders", title, None, "not_measured", "no orders to be expected", within="contribution")
    each = total.expected / orders.expected
    low, high = sorted(each * reach for reach in orders.interval(level))
    basis = f"{orders.value:+,.1f} orders a day, {orders.expected:,.1f} expected, at {each:,.2f} each".replace("-", "−")
    amount = MoneyEstimate(money(each * orders.value), money(low), money(high))
    return LedgerLine("orders", title, amount, "measured", basis, within="contribution")


def bridge_steps(
    orders: Effect, placed: Effect, lines: Mapping[str, tuple[str, Effect]], total: Decimal
) -> tuple[BridgeStep, ...]:
    """Give the steps from orders x average order value to the change of contribution, per day.

    Args:
        orders: Effect on the number of orders per day (those never paid are none).
        placed: Effect on the value of these orders as placed, per day.
        lines: Line id to its title and effect; the lines whose sum is the contribution.
        total: The change of contribution per day that the steps must add up to.

    Returns:
        More or fewer orders, larger or smaller baskets, what is taken back of them, then every other line; empty when
        no orders were to be expected.

    Method: with O the orders and v_l a line per order, expected 0 and actual 1: the orders' step is
        (O1 - O0) x sum of v_l0, a line's step O1 x (v_l1 - v_l0). Kept sales are split into the value as placed and
        what is taken back of it. The steps add up by algebra; a cent of rounding goes to the largest.
    Source: Kitagawa (1955), components of a difference between two rates, in its ordered form.
    Blind spots: the order of the steps decides where the product of more orders and larger baskets is shown: with
        the baskets.
    """
    if orders.expected <= 0 or KEPT_SALES not in lines:
        return ()
    growth = (orders.expected + orders.value) / orders.expected
    basket = _step(placed, growth)
    amounts = {
        "orders": (growth - 1.0) * sum(effect.expected for _, effect in lines.values()),
        "order_value": basket,
        "taken_back": _step(lines[KEPT_SALES][1], growth) - basket,
    }
    titles = {
        "orders": "More or fewer orders",
        "order_value": "Larger or smaller baskets",
        "taken_back": "Taken back of them",
    }
    for line_id, (title, effect) in lines.items():
        if line_id != KEPT_SALES:
            amounts[line_id] = _step(effect, growth)
            titles[line_id] = title
    exact = balanced({name: money(amount) for name, amount in amounts.items()}, total)
    return tuple(BridgeStep(name, titles[name], amount) for name, amount in exact.items())


def _step(effect: Effect, growth: float) -> float:
    """What a line changed per order, times the orders that came."""
    return effect.expected + effect.value - effect.expected * growth
