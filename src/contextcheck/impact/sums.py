"""The panel's ledger metrics as day × region tables, and what must be said about each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from contextcheck.impact.development import development_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from contextcheck.panel.table import Panel
    from contextcheck.records import Window

MAX_WAIT_HOURS = 7 * 24.0
"""Metrics that need longer than this to be complete (returns, disputes) hold no day back; their lines say so."""
KEPT_VALUE = "kept_value"
LONG_HORIZON_DAYS = 30
MIN_MATURE_SHARE = 0.5
RETURNS = ("returned_orders", "returned_value")
"""What these do not show yet is developed, where the orders tell when parcels came back."""

COLUMNS_OF_METRIC: dict[str, str] = {
    "kept_value": "retained_total or order_total",
    "placed_value": "order_total",
    "shipping_fee": "shipping_fee",
    "shipping_cost": "shipping_cost",
    "discount_value": "discount_total",
    "margin_value": "margin",
    "payment_fee": "payment_fee",
    "returned_value": "returned_at, refund_total or retained_total",
    "lost_goods_value": "order_total of orders refunded without a return",
    "chargeback_orders": "chargeback_at",
    "held_stock": "cancelled_at or modified_at",
    "waived_orders": "order_total, retained_total and a free-shipping line",
}
"""What a metric is computed from, for sentences about metrics that the panel does not list at all."""


class Sums:
    """The panel's metrics as day × region tables; remembers which metrics were read.

    `development` is what of them is still to come back, None where the orders do not tell.
    """

    def __init__(
        self, panel: Panel, window: Window, group_of: Callable[[str], str] | None = None, late_errors: float = 0.0
    ) -> None:
        self._panel = panel
        self._late = late_metrics(panel, window)
        self.development = development_of(panel, window, group_of, late_errors=late_errors)
        self.read: list[str] = []

    def table(self, metric: str, column: str) -> pd.DataFrame:
        return self._panel.table(metric, column)

    def has(self, metric: str) -> bool:
        return metric in self._panel.metrics and metric not in self._late

    def amount(self, metric: str) -> pd.DataFrame:
        """Sum of the values of a metric; a day on which no order has a value adds nothing."""
        self.read.append(metric)
        sums = self.table(metric, "value_sum").astype(float)
        return sums.where(~(sums.isna() & (self.table(metric, "events") == 0)), 0.0)

    def count(self, metric: str) -> pd.DataFrame:
        self.read.append(metric)
        return self.table(metric, "events").astype(float)

    def missing(self, metric: str) -> str:
        """The columns or the age that a metric lacks, as a sentence."""
        if metric in self._late:
            return self._late[metric]
        for each in self._panel.unavailable:
            if each.name == metric and each.missing_columns:
                return f"not measured: no {', '.join(each.missing_columns)}"
        return f"not measured: needs {COLUMNS_OF_METRIC.get(metric, metric)}"

    def note(self, metric: str) -> str:
        """What must be said about the way a metric was counted."""
        said = [problem.message for problem in self._panel.problems if problem.where == metric]
        return "; ".join(("from your orders", *said))

    def kept(self) -> pd.DataFrame:
        """The value of orders as kept, less what is still to come back."""
        amount = self.amount(KEPT_VALUE)
        return amount if self.development is None else amount - self.development.to_come.reindex_like(amount)

    def returned(self, metric: str, column: str) -> pd.DataFrame:
        """What a metric counts of returns, and its share of all that comes back after the metric's horizon.

        Args:
            metric: A metric of returned orders or their value.
            column: "events" for the number, "value_sum" for the value.
        """
        counted = self.count(metric) if column == "events" else self.amount(metric)
        if self.development is None:
            return counted
        of_all = self.development.within(self._panel.metrics[metric].horizon_hours)
        seen = self.table(of_all, column).astype(float).reindex_like(counted).fillna(0.0)
        whole = self.development.parcels if column == "events" else self.development.value
        share = (counted.sum() / seen.sum().where(lambda total: total > 0)).clip(upper=1.0).fillna(0.0)
        return counted + (whole.reindex_like(counted) - seen) * share

    def waits_days(self, *metrics: str) -> float:
        """Days until the slowest of these metrics is complete, where days are not held back for it."""
        if self.development is not None and all(metric in RETURNS for metric in metrics):
            return self.development.settled_days
        slowest = max((self._panel.metrics[metric].horizon_hours for metric in metrics), default=0.0)
        return slowest / 24 if slowest > MAX_WAIT_HOURS else 0.0

    def quick(self) -> list[str]:
        """The metrics read that days are held back for."""
        return [metric for metric in dict.fromkeys(self.read) if self.waits_days(metric) == 0.0]


def late_metrics(panel: Panel, window: Window) -> dict[str, str]:
    """Metrics that take so long that most days of the window cannot be known yet, with the sentence that says so.

    A dispute may take two months. Waiting for it would leave no day to judge, so the line is left out and said.
    """
    late: dict[str, str] = {}
    for name, metric in panel.metrics.items():
        days = metric.horizon_hours / 24
        if days > LONG_HORIZON_DAYS and _mature_share(panel, name, window) < MIN_MATURE_SHARE:
            late[name] = (
                f"not measured yet: takes up to {days:.0f} days, and too few days since {window.start} are that old"
            )
    return late


def _mature_share(panel: Panel, metric: str, window: Window) -> float:
    """Share of the window's complete days on which a metric is known."""
    rows = panel.rows_of(metric)
    inside = rows["day"].between(pd.Timestamp(window.start), pd.Timestamp(window.end)) & rows["is_complete"]
    return float(rows.loc[inside, "is_mature"].mean()) if inside.any() else 0.0
