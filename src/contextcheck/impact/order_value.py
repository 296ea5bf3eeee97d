"""Average order value before and after, as placed and as kept, with the change that other regions saw taken out."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd

from contextcheck.impact.counterfactual import effects_of
from contextcheck.impact.methods.exposed_split import order_value_of_arms
from contextcheck.records import Estimate, OrderValue

if TYPE_CHECKING:
    from contextcheck.impact.comparison import Comparison
    from contextcheck.impact.value import DailyValue
    from contextcheck.panel.table import Panel

CENT = Decimal("0.01")


def order_value(
    panel: Panel, value: DailyValue, comparison: Comparison, *, level: float, seed: int
) -> OrderValue | None:
    """Give the average value of an order before and after; both per order placed.

    Args:
        panel: Daily sums; placed_value is read.
        value: Of the same panel, for the sales kept.
        comparison: Which days and regions.
        level: Level of the intervals, such as 0.95.
        seed: Seed of the resampling of days.

    Returns:
        The averages and the ratios of change; None when nothing was placed on one of the sides.

    Method: the average over all orders of a side (sum of values / number of orders), the ratio after / before divided
        by the controls' ratio; the error of its logarithm by the same blocks of days and the same spread between
        regions as the ledger's.
    Source: the linearised ratio (delta method), Cochran (1977), Sampling Techniques, chapter 6.
    Blind spots: averages say nothing about cost; a higher one can come with a loss.
    """
    orders = _table(panel, "placed_value", "events")
    placed = _change(_table(panel, "placed_value", "value_sum"), orders, comparison, level, seed)
    if placed is None:
        return None
    kept = _change(value.kept.reindex_like(orders).fillna(0.0), orders, comparison, level, seed)
    return OrderValue(
        placed_before=placed[0],
        placed_after=placed[1],
        placed_change_ratio=placed[2],
        kept_before=kept[0] if kept else None,
        kept_after=kept[1] if kept else None,
        kept_change_ratio=kept[2] if kept else None,
    )


def _table(panel: Panel, metric: str, column: str) -> pd.DataFrame:
    return panel.table(metric, column).astype(float).fillna(0.0)


def _change(
    values: pd.DataFrame, orders: pd.DataFrame, comparison: Comparison, level: float, seed: int
) -> tuple[Decimal, Decimal, Estimate] | None:
    if comparison.method == "exposed-split":
        found = order_value_of_arms(values, orders, comparison, level, seed)
        return (_cents(found[0]), _cents(found[1]), Estimate(*found[2:])) if found else None
    region = comparison.region
    before = _mean(values, orders, comparison.before, region)
    after = _mean(values, orders, comparison.after, region)
    if before is None or after is None or before <= 0 or after <= 0:
        return None
    linear = linearised(values, orders, comparison)
    effect, _ = effects_of([linear], comparison, seed=seed)
    expected = effect.expected
    if expected <= 0:
        return None
    ratio = effect.value / expected + 1.0
    low, high = effect.interval(level)
    interval = Estimate(ratio, low / expected + 1.0, high / expected + 1.0)
    return _cents(before), _cents(after), interval


def _mean(values: pd.DataFrame, orders: pd.DataFrame, days: pd.DatetimeIndex, region: str) -> float | None:
    count = float(orders.loc[days, region].sum())
    return float(values.loc[days, region].sum()) / count if count > 0 else None


def linearised(values: pd.DataFrame, orders: pd.DataFrame, comparison: Comparison) -> pd.DataFrame:
    """Per day the side's average plus that day's share in its error, so that plain means of days are ratios of sums."""
    tables = []
    for days in (each for each in (comparison.history, comparison.before, comparison.after) if len(each)):
        value, count = values.loc[days], orders.loc[days]
        mean = value.sum() / count.sum().where(lambda total: total > 0)
        tables.append((mean + (value - count * mean) / count.mean()).fillna(0.0))
    return pd.concat(tables).reindex(values.index, fill_value=0.0)


def _cents(amount: float) -> Decimal:
    return Decimal(repr(amount)).quantize(CENT)
