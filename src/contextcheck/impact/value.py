"""What a region earned on each day: the money lines of the ledger, from the panel's sums and the unit costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from contextcheck.impact.development import PLACED_VALUE
from contextcheck.impact.sums import KEPT_VALUE, RETURNS, Sums
from contextcheck.panel.arms import arm_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from contextcheck.panel.table import Panel
    from contextcheck.records import LineStatus, Window
    from contextcheck.settings import Costs

ORDERS = "orders"
KEPT_SALES = "kept_sales"
DAYS_PER_YEAR = 365


@dataclass(frozen=True, slots=True)
class ValueLine:
    """One money line of every region and day.

    Attributes:
        id: Name in YAML, code, JSON and report.
        title: A few words for people.
        status: measured, assumed or not_measured.
        basis: Where the figure comes from, or which column is missing.
        amounts: Day × region, reporting currency, positive is a gain for the shop; None when not measured.
        within: Line that this one is a part of; such a line is shown, not added. Empty for the lines that add up.
        waits_days: Days that an order needs to show all of this line, where that is longer than days are held back
            for; 0 otherwise.
    """

    id: str
    title: str
    status: LineStatus
    basis: str
    amounts: pd.DataFrame | None
    within: str = ""
    waits_days: float = 0.0


@dataclass(frozen=True, slots=True)
class DailyValue:
    """The contribution of every region and day, and what it is made of.

    Attributes:
        lines: Every line, those that add up first.
        contribution: Day × region, the sum of the lines that are measured or assumed.
        usable: Day × region, True where the day is complete, has orders, and is mature in every metric used that is
            known within seven days.
        immature: Day × region, True where the day is complete but too young.
        empty: Day × region, True where a complete day has not a single order.
        to_come: Day × region, value of kept sales that is taken to come back later and is not counted in them; None
            where the orders do not tell.
        late: Regions whose parcels arrive late, so that what comes back of them is told with an error that counts.
        reason: Why there is no contribution; empty when there is one.
    """

    lines: tuple[ValueLine, ...]
    contribution: pd.DataFrame
    usable: pd.DataFrame
    immature: pd.DataFrame
    empty: pd.DataFrame
    to_come: pd.DataFrame | None = None
    late: frozenset[str] = frozenset()
    reason: str = ""

    @property
    def kept(self) -> pd.DataFrame:
        """Sales kept, day × region; only where there is a contribution."""
        found = next(line.amounts for line in self.lines if line.id == KEPT_SALES)
        assert found is not None
        return found


def daily_value(
    panel: Panel,
    costs: Costs,
    window: Window,
    group_of: Callable[[str], str] | None = None,
    *,
    late_errors: float = 0.0,
) -> DailyValue:
    """Give what every region earned on every day, line by line, in the reporting currency.

    Args:
        panel: Daily sums; only its ledger metrics are read.
        costs: Unit costs, given or assumed.
        window: The days under study; a line that most of them are too young for is not measured, and what is still to
            come back of their orders is told by themselves.
        group_of: See `development_of`.
        late_errors: See `development_of`.

    Returns:
        The lines and their sum. A line whose columns are missing is there with status not_measured.

    Method: kept sales + shipping charged - (1 - margin) x (kept sales + goods lost) - shipping cost - payment cost on
        everything that was paid - handling of cancels and returns - write-down - chargeback fees - capital in stock
        held for orders that fell through (+ future value per order, when the shop sets one). Returns and refusals
        are developed to one age for every day, see `development_of`.
    Source: textbook contribution margin; unit costs with their sources in `contextcheck.settings.COST_DEFAULTS`.
    Blind spots: fixed costs; sales lost because held stock was not on offer; customers who come back or stay away
        later, unless a future value is set.
    """
    sums = Sums(panel, window, group_of, late_errors)
    if not sums.has(KEPT_VALUE) or not sums.has(PLACED_VALUE):
        lacking = KEPT_VALUE if not sums.has(KEPT_VALUE) else PLACED_VALUE
        nothing = pd.DataFrame()
        return DailyValue((), nothing, nothing, nothing, nothing, reason=f"contribution {sums.missing(lacking)}")
    lines = (
        *_sales(sums),
        *_goods(sums, costs),
        _shipping_cost(sums, costs),
        _payment(sums, costs),
        *_handling(sums, costs),
        _stock_held(sums, costs),
        _future_value(sums, costs),
        *_parts(sums, costs),
    )
    added = [line.amounts for line in lines if line.amounts is not None and not line.within]
    contribution = sum(added[1:], start=added[0])
    days = _days(panel, sums, contribution)
    if sums.development is None:
        return DailyValue(lines, contribution, *days)
    return DailyValue(lines, contribution, *days, to_come=sums.development.to_come, late=sums.development.late)


def value_of_arms(arms: Panel, costs: Costs, window: Window) -> DailyValue:
    """The same for the arms of a split, whose columns are groups of customers that develop as their arm does."""
    return daily_value(arms, costs, window, arm_of)


def _line(line_id: str, title: str, amounts: pd.DataFrame, *, status: LineStatus, basis: str) -> ValueLine:
    return ValueLine(line_id, title, status, basis, amounts)


def _not_measured(line_id: str, title: str, basis: str) -> ValueLine:
    return ValueLine(line_id, title, "not_measured", basis, None)


def _sales(sums: Sums) -> tuple[ValueLine, ...]:
    kept = sums.kept()
    sales = _line(KEPT_SALES, "Sales kept", kept, status="measured", basis=sums.note(KEPT_VALUE))
    if not sums.has("shipping_fee"):
        return sales, _not_measured("shipping_charged", "Shipping charged", sums.missing("shipping_fee"))
    fee = sums.amount("shipping_fee")
    return sales, _line("shipping_charged", "Shipping charged", fee, status="measured", basis=sums.note("shipping_fee"))


def _goods(sums: Sums, costs: Costs) -> tuple[ValueLine, ...]:
    """Goods in kept sales, and goods that left without being paid in the end."""
    kept = sums.kept()
    share, status, basis = _goods_share(sums, costs)
    goods = _line("goods", "Cost of goods kept", -(kept * share), status=status, basis=basis)
    title = "Goods lost to refunds without a return and to chargebacks"
    if sums.has("lost_goods_value"):
        lost = -(sums.amount("lost_goods_value") * share)
        waits = sums.waits_days("lost_goods_value")
        return goods, ValueLine("goods_lost", title, status, basis, lost, waits_days=waits)
    if sums.has("chargeback_orders"):
        lost = -(sums.count("chargeback_orders") * _mean(sums, PLACED_VALUE).fillna(0.0) * share)
        told = "assumed: an average order per chargeback; refunds without a return are not in it"
        waits = sums.waits_days("chargeback_orders")
        return goods, ValueLine("goods_lost", title, "assumed", told, lost, waits_days=waits)
    return goods, _not_measured("goods_lost", title, sums.missing("lost_goods_value"))


def _goods_share(sums: Sums, costs: Costs) -> tuple[pd.DataFrame, LineStatus, str]:
    """What the goods cost per unit of sales, day × region."""
    kept = sums.amount(KEPT_VALUE)
    if not sums.has("margin_value"):
        flat = pd.DataFrame(1.0 - float(costs.gross_margin), index=kept.index, columns=kept.columns)
        return flat, _status(costs, "gross_margin"), costs.basis("gross_margin")
    margin, value = _mean(sums, "margin_value"), _mean(sums, KEPT_VALUE)
    ratio = (margin / value.where(lambda mean: mean > 0)).replace([np.inf, -np.inf], np.nan)
    return 1.0 - ratio.fillna(ratio.stack().mean()), "measured", sums.note("margin_value")


def _mean(sums: Sums, metric: str) -> pd.DataFrame:
    return sums.amount(metric) / sums.count(metric).where(lambda count: count > 0)


def _status(costs: Costs, name: str) -> LineStatus:
    """A figure from the shop's settings counts as measured by the shop, a default as assumed."""
    return "measured" if name in costs.given else "assumed"


def _shipping_cost(sums: Sums, costs: Costs) -> ValueLine:
    title = "Shipping cost"
    if sums.has("shipping_cost"):
        amounts = -sums.amount("shipping_cost")
        return _line("shipping_cost", title, amounts, status="measured", basis=sums.note("shipping_cost"))
    if not sums.has("delivered_orders"):
        return _not_measured("shipping_cost", title, sums.missing("shipping_cost"))
    amounts = -(sums.count("delivered_orders") * float(costs.shipping_cost))
    status, basis = _status(costs, "shipping_cost"), costs.basis("shipping_cost")
    return _line(
        "shipping_cost", title, amounts, status=status, basis=f"{costs.shipping_cost} per delivered order, {basis}"
    )


def _payment(sums: Sums, costs: Costs) -> ValueLine:
    """Payment cost on everything that was paid: providers keep the fee when an order is cancelled or refunded."""
    title = "Payment cost, also on orders refunded later"
    if sums.has("payment_fee"):
        amounts = -sums.amount("payment_fee")
        return _line("payment_cost", title, amounts, status="measured", basis=sums.note("payment_fee"))
    placed = sums.amount(PLACED_VALUE)
    orders = sums.count("paid_orders") if sums.has("paid_orders") else sums.count(PLACED_VALUE)
    amounts = -(placed * float(costs.payment_rate) + orders * float(costs.payment_fixed))
    given = costs.given >= {"payment_rate", "payment_fixed"}
    basis = f"{costs.basis('payment_rate')}; {costs.basis('payment_fixed')}"
    return _line("payment_cost", title, amounts, status="measured" if given else "assumed", basis=basis)


def _handling(sums: Sums, costs: Costs) -> tuple[ValueLine, ...]:
    return (
        _per_order(
            sums, costs, "cancel_handling", "Handling of cancels and changes", "cancelled_orders", "cancel_handling"
        ),
        _per_order(sums, costs, "return_handling", "Handling of returns", "returned_orders", "return_handling"),
        _per_value(sums, costs),
        _per_order(sums, costs, "chargeback_fees", "Chargeback fees", "chargeback_orders", "chargeback_fee"),
    )


def _per_order(sums: Sums, costs: Costs, line_id: str, title: str, metric: str, cost: str) -> ValueLine:
    """A number of orders times a unit cost."""
    if not sums.has(metric):
        return _not_measured(line_id, title, sums.missing(metric))
    each = getattr(costs, cost)
    counted = sums.returned(metric, "events") if metric in RETURNS else sums.count(metric)
    amounts = -(counted * float(each))
    basis = f"{each} each, {costs.basis(cost)}"
    return ValueLine(line_id, title, _status(costs, cost), basis, amounts, waits_days=sums.waits_days(metric))


def _per_value(sums: Sums, costs: Costs) -> ValueLine:
    title = "Write-down of returned goods"
    if not sums.has("returned_value"):
        return _not_measured("return_writedown", title, sums.missing("returned_value"))
    amounts = -(sums.returned("returned_value", "value_sum") * float(costs.return_writedown))
    basis = f"{costs.return_writedown} of the returned value, {costs.basis('return_writedown')}"
    status, waits = _status(costs, "return_writedown"), sums.waits_days("returned_value")
    return ValueLine("return_writedown", title, status, basis, amounts, waits_days=waits)


def _stock_held(sums: Sums, costs: Costs) -> ValueLine:
    """Capital bound in goods that were reserved for orders, or parts of orders, that fell through."""
    title = "Stock held for what was cancelled"
    if not sums.has("held_stock"):
        return _not_measured("stock_held", title, sums.missing("held_stock"))
    share, status, _ = _goods_share(sums, costs)
    amounts = -(sums.amount("held_stock") * share * float(costs.stock_holding) / DAYS_PER_YEAR)
    rate = _status(costs, "stock_holding")
    basis = f"{costs.stock_holding} of the goods' cost a year, {costs.basis('stock_holding')}"
    return _line("stock_held", title, amounts, status="assumed" if "assumed" in (status, rate) else rate, basis=basis)


def _future_value(sums: Sums, costs: Costs) -> ValueLine:
    """What orders gained or lost are worth beyond themselves; off until the shop names a value."""
    title, each = "Future value of orders gained or lost", float(costs.future_value_per_order)
    if not each:
        return _not_measured("future_value", title, "not counted: off until you set costs.future_value_per_order")
    amounts = sums.count(PLACED_VALUE) * each
    basis = f"{costs.future_value_per_order} per order, {costs.basis('future_value_per_order')}"
    return _line("future_value", title, amounts, status=_status(costs, "future_value_per_order"), basis=basis)


def _parts(sums: Sums, costs: Costs) -> tuple[ValueLine, ...]:
    """Lines that are shown because people ask for them; they are inside other lines and are not added."""
    return _given_away(sums, costs), _discounts(sums)


def _given_away(sums: Sums, costs: Costs) -> ValueLine:
    """Parcels that were shipped free although the kept basket fell under the line."""
    title, line_id = "Shipping given away under the line", "shipping_given_away"
    if not sums.has("waived_orders"):
        return ValueLine(line_id, title, "not_measured", sums.missing("waived_orders"), None, within="shipping_cost")
    waived = sums.count("waived_orders")
    if sums.has("shipping_cost"):
        parcels = sums.count("shipping_cost").to_numpy().sum()
        each = float(sums.amount("shipping_cost").to_numpy().sum() / parcels) if parcels > 0 else 0.0
        status: LineStatus = "measured"
        basis = f"{each:.2f} a parcel on average in your orders"
    else:
        each, status = float(costs.shipping_cost), _status(costs, "shipping_cost")
        basis = f"{costs.shipping_cost} a parcel, {costs.basis('shipping_cost')}"
    return ValueLine(line_id, title, status, basis, -(waived * each), within="shipping_cost")


def _discounts(sums: Sums) -> ValueLine:
    title = "Discounts given"
    if not sums.has("discount_value"):
        return ValueLine("discounts", title, "not_measured", sums.missing("discount_value"), None, within=KEPT_SALES)
    amounts = -sums.amount("discount_value")
    return ValueLine("discounts", title, "measured", sums.note("discount_value"), amounts, within=KEPT_SALES)


def _days(panel: Panel, sums: Sums, like: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Which days count: usable, immature, and empty ones."""
    complete, mature = (_all_marks(panel, sums.quick(), column, like) for column in ("is_complete", "is_mature"))
    orders = sums.table(ORDERS if sums.has(ORDERS) else PLACED_VALUE, "events").reindex_like(like)
    empty = complete & (orders.fillna(0.0) == 0.0)
    return complete & mature & ~empty & like.notna(), complete & ~mature, empty


def _all_marks(panel: Panel, metrics: list[str], column: str, like: pd.DataFrame) -> pd.DataFrame:
    """Day × region: whether a mark holds for every metric that has a row there; False where none has."""
    holds = pd.DataFrame(True, index=like.index, columns=like.columns)
    is_there = pd.DataFrame(False, index=like.index, columns=like.columns)
    for metric in metrics:
        marks = panel.table(metric, column).reindex_like(like)
        holds &= marks.isna() | (marks == True)  # noqa: E712 - missing compares as False
        is_there |= marks.notna()
    return holds & is_there
