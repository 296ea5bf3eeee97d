"""Small shops for the tests of the panel."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa

from contextcheck.knowledge.metrics import Metric, ValueChoice
from contextcheck.panel.orders import Orders

TIMES = ("created_at", "cancelled_at", "modified_at", "returned_at", "chargeback_at")


def orders_of(rows: list[dict[str, Any]], zones: dict[str, str], clock: str = "UTC") -> Orders:
    """Orders from rows whose times are texts such as "2026-03-01 10:00"; `region` holds codes."""
    frame = pd.DataFrame(rows)
    for name in set(TIMES) & set(frame.columns):
        frame[name] = pd.to_datetime(frame[name])
    return orders_of_frame(frame, zones, clock)


def orders_of_frame(frame: pd.DataFrame, zones: dict[str, str], clock: str = "UTC") -> Orders:
    table = pa.Table.from_pandas(frame, preserve_index=False)
    connection = ibis.duckdb.connect()
    connection.con.register("shop_orders", table)
    first, last = frame["created_at"].min(), frame["created_at"].max()
    return Orders(
        table=connection.table("shop_orders"),
        columns=frozenset(frame.columns),
        clock=clock,
        region_words={region: (region,) for region in sorted(set(frame["region"]))},
        zones=zones,
        currency="USD",
        rows=len(frame),
        first_created_at=datetime.fromisoformat(str(first)),
        last_created_at=datetime.fromisoformat(str(last)),
    )


ORDERS = Metric("orders", "Orders placed", "count", "orders")
CANCELS = Metric(
    "cancel_rate",
    "Orders cancelled",
    "rate",
    "share of orders",
    numerator="status in ('cancelled', 'partially_cancelled')",
    happens_at="cancelled_at",
    horizon_hours=48,
)
VALUE = Metric("aov", "Average order value", "mean", "money", values=(ValueChoice("order_total"),))


def by_id(*metrics: Metric) -> dict[str, Metric]:
    return {metric.id: metric for metric in metrics}
