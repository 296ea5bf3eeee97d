"""From orders x average order value to contribution: hand calculation, and nothing left over on any panel."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.impact.money_panels import against, day, make_panel, window
from unit.impact.test_ledger import AFTER, BEFORE, PADDED, QUIET, amounts, ledger_of, shop

from contextcheck.impact.ledger import assess
from contextcheck.records import Launch, Ledger
from contextcheck.settings import default_costs


def test_each_step_is_the_one_worked_out_by_hand() -> None:
    # 100 orders before and after; baskets 100 -> 115: +1,500; taken back 10 -> 16 an order: -600; then the other lines.
    steps = {each.id: each.per_day for each in ledger_of(PADDED).bridge}
    assert steps["orders"] == Decimal("0.00")
    assert steps["order_value"] == Decimal("1500.00")
    assert steps["taken_back"] == Decimal("-600.00")
    assert steps["shipping_charged"] == Decimal("-100.00")
    assert steps["goods"] == Decimal("-585.00")
    assert steps["payment_cost"] == Decimal("-43.50")
    assert steps["cancel_handling"] == Decimal("-18.00")


def test_more_orders_at_the_old_value_are_one_step() -> None:
    # Ten percent more of everything: 10 orders more, each worth what an order was worth; no other step.
    more = {metric: 1.1 * value for metric, value in QUIET.items()}
    values = {"KR": shop(QUIET, more), **{name: shop(QUIET, QUIET) for name in ("JP", "TW", "SG")}}
    orders = {"KR": [100.0] * 14 + [110.0] * 7}
    found = assess(
        make_panel(values, orders=orders), "KR", AFTER, against("JP", "TW", "SG", before=BEFORE),
        costs=default_costs(), currency="USD", lines={}, horizon_days=90,
    )  # fmt: skip
    assert found.contribution_per_day is not None
    steps = {each.id: each.per_day for each in found.bridge}
    assert steps["orders"] == found.contribution_per_day.value
    assert {amount for name, amount in steps.items() if name != "orders"} == {Decimal("0.00")}
    assert found.orders is not None
    assert (found.orders.expected_per_day, found.orders.actual_per_day) == pytest.approx((100.0, 110.0))
    line = next(each for each in found.lines if each.id == "orders")
    assert line.per_day is not None
    assert line.per_day.value == found.contribution_per_day.value
    assert line.within  # shown, not added a second time


def random_ledger(seed: int) -> Ledger:
    import numpy as np

    rng = np.random.default_rng(seed)
    days = 14 + 7

    def series(level: float) -> list[float]:
        return list(np.round(level * rng.lognormal(0, 0.3, days), 2))

    values = {
        region: {metric: series(value * rng.uniform(0.3, 2)) for metric, value in QUIET.items()}
        for region in ("KR", "JP", "TW", "SG")
    }
    orders = {region: [float(each) for each in rng.integers(20, 200, days)] for region in values}
    return assess(
        make_panel(values, orders=orders), "KR", window(14, 20), against("JP", "TW", "SG", before=window(0, 13)),
        costs=default_costs(), currency="USD", lines={}, horizon_days=90, launch=Launch("bar", ("KR",), day(14)),
    )  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_on_any_panel_the_bridge_and_the_lines_end_at_the_contribution_to_the_cent(seed: int) -> None:
    found = random_ledger(seed)
    assert found.contribution_per_day is not None
    total = found.contribution_per_day.value
    assert sum((each.per_day for each in found.bridge), Decimal(0)) == total
    assert sum((amount for amount in amounts_added(found)), Decimal(0)) == total


def amounts_added(found: Ledger) -> list[Decimal]:
    return [line.per_day.value for line in found.lines if line.per_day is not None and not line.within]


def test_average_order_value_times_orders_is_the_value_placed() -> None:
    found = ledger_of(PADDED)
    assert found.orders is not None and found.order_value is not None
    placed = found.orders.actual_per_day * float(found.order_value.placed_after)
    assert placed == pytest.approx(PADDED["placed_value"])
    kept = found.orders.actual_per_day * float(found.order_value.kept_after or 0)
    assert kept == pytest.approx(PADDED["kept_value"])
    assert amounts(found)["kept_sales"] == Decimal("900.00")
