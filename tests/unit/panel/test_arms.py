"""One region's orders by arm and group of customers, worked out by hand from single rows."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd
from unit.panel.shop import by_id, orders_of

from contextcheck.knowledge.metrics import Metric, ValueChoice
from contextcheck.panel.arms import EXPOSED, UNEXPOSED, Arms, columns_of, read_arms
from contextcheck.panel.build import build_panel
from contextcheck.records import Window

ORDERS = Metric("orders", "Orders placed", "count", "orders")
PLACED = Metric("placed_value", "Placed", "sum", "money", uses=("ledger",), values=(ValueChoice("order_total"),))
WINDOW = Window(date(2026, 3, 2), date(2026, 3, 4))
BEFORE = Window(date(2026, 2, 27), date(2026, 3, 1))


def order(number: int, when: str, customer: str | None, seen: bool | None, total: float = 10.0) -> dict[str, Any]:
    return {
        "order_id": f"o{number:04d}",
        "region": "KR",
        "created_at": when,
        "customer_id": customer,
        "feature_exposed": seen,
        "order_total": total,
        "status": "paid",
    }


def arms_of(rows: list[dict[str, Any]], zone: str = "UTC", window: Window = WINDOW, before: Window = BEFORE) -> Arms:
    # the data reach beyond the window on both sides, so that its days are complete
    edges = [order(9_000, "2026-02-20 12:00", "edge", False), order(9_001, "2026-04-20 12:00", "edge", False)]
    orders = orders_of([*rows, *edges], {"KR": zone})
    panel = build_panel(orders, by_id(ORDERS, PLACED), {})
    return read_arms(orders, panel, {}, "KR", window, before)


def daily(arms: Arms, arm: int) -> pd.DataFrame:
    """Orders and value per day of one arm."""
    assert arms.panel is not None
    counted = {"orders": arms.panel.table("orders", "events"), "value": arms.panel.table("placed_value", "value_sum")}
    return pd.DataFrame({name: table[columns_of(arm)].sum(axis=1) for name, table in counted.items()})


ROWS = [
    order(1, "2026-03-02 10:00", "a", True, 30.0),
    order(2, "2026-03-04 23:59", "a", True, 5.0),
    order(3, "2026-03-03 00:00", "b", False, 7.0),
    order(4, "2026-03-03 12:00", "c", None, 11.0),
    order(5, "2026-03-02 09:00", "d", True),
    order(6, "2026-03-03 09:00", "d", False),
    order(7, "2026-03-02 09:00", None, True),
    order(8, "2026-03-01 23:59", "a", False),
    order(9, "2026-02-27 00:00", "b", False),
    order(10, "2026-02-28 10:00", "b", False),
    order(11, "2026-02-28 10:00", "never seen again", False),
    order(12, "2026-03-05 00:00", "a", True),
]


def test_customers_stand_in_the_arm_of_all_their_orders() -> None:
    arms = arms_of(ROWS)
    assert arms.customers == (2, 1, 1)  # b and c without, a with, d both; nobody counts twice
    assert arms.without_customer == 1 / 7  # seven orders on the three days, one of nobody
    assert daily(arms, EXPOSED).to_numpy().tolist() == [[1, 30.0], [0, 0.0], [1, 5.0]]
    assert daily(arms, UNEXPOSED).to_numpy().tolist() == [[0, 0.0], [2, 18.0], [0, 0.0]]


def test_orders_before_the_launch_are_those_of_the_same_customers() -> None:
    before = arms_of(ROWS).before
    assert before is not None
    assert before.sum(axis=1).tolist() == [2.0, 1.0]  # b twice, a once


def test_arms_and_mixed_customers_add_up_to_the_region() -> None:
    arms = arms_of(ROWS)
    total = daily(arms, EXPOSED) + daily(arms, UNEXPOSED)
    # seven orders on the days less two of the mixed customer and one of nobody
    assert total["orders"].sum() == 4


def test_days_are_the_regions_own_also_when_clocks_change() -> None:
    # Berlin, summer time from 29 March 2026, 01:00 UTC: midnight is 23:00 UTC before and 22:00 UTC after.
    window = Window(date(2026, 3, 28), date(2026, 3, 31))
    rows = [
        order(number, f"2026-03-{when}", f"c{number}", True)
        for number, when in enumerate(
            ("27 23:00", "28 22:59", "28 23:00", "29 21:59", "29 22:00", "30 21:59", "30 22:00", "31 21:59", "31 22:00")
        )
    ]
    arms = arms_of(rows, "Europe/Berlin", window, Window(date(2026, 3, 14), date(2026, 3, 27)))
    assert daily(arms, EXPOSED)["orders"].tolist() == [2, 2, 2, 2]


def test_a_day_of_twenty_five_hours_keeps_its_last_hour() -> None:
    # Winter time from 25 October 2026, 01:00 UTC: that day runs from 22:00 UTC to 23:00 UTC.
    rows = [
        order(0, "2026-10-24 22:00", "a", True),
        order(1, "2026-10-25 22:59", "b", True),
        order(2, "2026-10-25 23:00", "c", True),
        order(3, "2026-12-01 12:00", "edge", False),
    ]
    window = Window(date(2026, 10, 25), date(2026, 10, 26))
    arms = arms_of(rows, "Europe/Berlin", window, Window(date(2026, 10, 1), date(2026, 10, 24)))
    assert daily(arms, EXPOSED)["orders"].tolist() == [2, 1]


def test_groups_of_customers_are_whole_customers_and_many() -> None:
    start = datetime(2026, 3, 2, 8)
    rows = [
        order(number, f"{start + timedelta(minutes=number):%Y-%m-%d %H:%M}", f"c{number % 1_000}", number % 1_000 < 500)
        for number in range(3_000)
    ]
    arms = arms_of(rows)
    assert arms.customers == (500, 500, 0)
    assert arms.panel is not None
    counts = arms.panel.table("orders", "events")[columns_of(EXPOSED)].sum()
    assert (counts % 3 == 0).all()  # every customer ordered three times
    assert (counts > 0).sum() > 150  # 500 customers over 200 groups leave about 8 % of them empty


def test_without_the_column_the_reason_names_it() -> None:
    rows = [{name: value for name, value in row.items() if name != "feature_exposed"} for row in ROWS]
    orders = orders_of(rows, {"KR": "UTC"})
    panel = build_panel(orders, by_id(ORDERS, PLACED), {})
    assert read_arms(orders, panel, {}, "KR", WINDOW, BEFORE) == Arms(None, reason="no feature_exposed")
