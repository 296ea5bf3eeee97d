"""The panel without some accounts: theirs are gone, everybody else's stay, in one region only."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
from unit.panel.shop import CANCELS, ORDERS, by_id, orders_of

from contextcheck.knowledge.metrics import Metric, ValueChoice
from contextcheck.panel.build import build_panel
from contextcheck.panel.table import Panel
from contextcheck.panel.without import panel_without

PLACED = Metric("placed_value", "Value placed", "sum", "money", uses=("ledger",), values=(ValueChoice("order_total"),))
CANCELLED = Metric(
    "cancelled_orders", "Cancelled", "count", "orders", uses=("ledger",), numerator="status = 'cancelled'"
)


def rows() -> list[dict[str, Any]]:
    """Ten days; each day c1 to c3 order in KR and in JP; c1 orders for 100 and cancels, the others for 10."""
    return [
        {
            "region": region,
            "created_at": f"2026-03-{day:02d} 0{number}:00",
            "customer_id": f"c{number}",
            "order_total": 100.0 if number == 1 else 10.0,
            "status": "cancelled" if number == 1 else "delivered",
            "cancelled_at": f"2026-03-{day:02d} 09:00" if number == 1 else None,
        }
        for region in ("KR", "JP")
        for day in range(1, 11)
        for number in (1, 2, 3)
    ]


def both(accounts: list[str]) -> tuple[Panel, Panel]:
    orders = orders_of(rows(), {"KR": "UTC", "JP": "UTC"})
    panel = build_panel(orders, by_id(ORDERS, CANCELS, PLACED, CANCELLED), {})
    return panel, panel_without(panel, orders, {}, "KR", accounts)


def total(panel: Panel, region: str, metric: str, column: str) -> float:
    rows_ = panel.series(region, metric)
    return float(rows_.loc[rows_["is_complete"], column].sum())


def test_the_orders_of_the_listed_accounts_are_gone() -> None:
    panel, rest = both(["c1"])
    days = int(panel.series("KR", "orders")["is_complete"].sum())
    assert days == 9  # the last day is cut short
    assert total(rest, "KR", "orders", "events") == 2 * days
    assert total(rest, "KR", "placed_value", "value_sum") == 20.0 * days
    assert total(rest, "KR", "cancelled_orders", "events") == 0.0


def test_other_regions_and_the_marks_of_days_stay_as_they_are() -> None:
    panel, rest = both(["c1"])
    for metric in ("orders", "placed_value", "cancelled_orders"):
        pd.testing.assert_frame_equal(rest.series("JP", metric), panel.series("JP", metric))
        marks = ["is_complete", "is_mature"]
        pd.testing.assert_frame_equal(rest.series("KR", metric)[marks], panel.series("KR", metric)[marks])


def test_nobody_left_is_a_zero_and_no_missing_day() -> None:
    panel, rest = both(["c1", "c2", "c3"])
    assert len(rest.series("KR", "orders")) == len(panel.series("KR", "orders"))
    assert total(rest, "KR", "orders", "events") == 0.0
    assert total(rest, "JP", "orders", "events") > 0


def test_orders_without_a_customer_stay() -> None:
    with_guests = [row | {"customer_id": None} if row["customer_id"] == "c2" else row for row in rows()]
    orders = orders_of(with_guests, {"KR": "UTC", "JP": "UTC"})
    panel = build_panel(orders, by_id(ORDERS, PLACED), {})
    rest = panel_without(panel, orders, {}, "KR", ["c1"])
    assert total(rest, "KR", "orders", "events") == total(panel, "KR", "orders", "events") * 2 / 3


def test_the_panel_that_was_given_is_not_changed() -> None:
    orders = orders_of(rows(), {"KR": "UTC", "JP": "UTC"})
    panel = build_panel(orders, by_id(ORDERS, PLACED), {})
    before = panel.daily.copy()
    panel_without(panel, replace(orders), {}, "KR", ["c1"])
    pd.testing.assert_frame_equal(panel.daily, before)
