"""Small panels made by hand: one number per region, metric and day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import pandas as pd

from contextcheck.knowledge.metrics import Metric
from contextcheck.panel.reference import Reference
from contextcheck.panel.table import PANEL_COLUMNS, Panel
from contextcheck.records import Unavailable, Window

FIRST_DAY = date(2026, 1, 5)
"""A Monday."""

COUNTS = (
    "orders",
    "paid_orders",
    "cancelled_orders",
    "returned_orders",
    "delivered_orders",
    "waived_orders",
    "chargeback_orders",
)


def day(number: int) -> date:
    return (pd.Timestamp(FIRST_DAY) + pd.Timedelta(days=number)).date()


def make_panel(
    values: Mapping[str, Mapping[str, Sequence[float]]],
    *,
    orders: Mapping[str, Sequence[float]] | None = None,
    immature_days: int = 0,
    unavailable: tuple[Unavailable, ...] = (),
) -> Panel:
    """Values are region → metric → one number per day from FIRST_DAY; sums have 100 orders a day unless told."""
    rows = []
    metrics: dict[str, Metric] = {}
    for region, by_metric in values.items():
        for metric, numbers in {
            "orders": (orders or {}).get(region, [100.0] * len(next(iter(by_metric.values())))),
            **by_metric,
        }.items():
            is_count = metric in COUNTS
            metrics[metric] = Metric(metric, metric, "count" if is_count else "sum", "money", uses=("ledger",))
            count = np.asarray((orders or {}).get(region, [100.0] * len(numbers)), dtype=float)
            for number, value in enumerate(numbers):
                rows.append(
                    {
                        "region": region,
                        "day": pd.Timestamp(day(number)),
                        "metric": metric,
                        "events": float(value) if is_count else float(count[number]),
                        "exposure": 1.0 if is_count else float(count[number]),
                        "value_sum": np.nan if is_count else float(value),
                        "value_sumsq": np.nan,
                        "is_complete": True,
                        "is_mature": number < len(numbers) - immature_days,
                    }
                )
    daily = pd.DataFrame(rows, columns=list(PANEL_COLUMNS)).sort_values(["region", "metric", "day"], ignore_index=True)
    return Panel(daily, metrics, unavailable, daily["day"].max().date(), dict.fromkeys(values, "UTC"))


def window(first: int, last: int) -> Window:
    return Window(day(first), day(last))


def against(*controls: str, before: Window) -> Reference:
    return Reference(before, controls, {})
