"""The contribution's change in two parts: more or fewer orders, and what each order brings."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

from contextcheck.impact.counterfactual import effects_of
from contextcheck.impact.order_value import linearised
from contextcheck.records import Parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from contextcheck.impact.comparison import Comparison
    from contextcheck.impact.effects import Effect

LEVEL = 0.90


def parts_of(
    contribution: pd.DataFrame, orders: pd.DataFrame, comparison: Comparison, total: Effect, *, seed: int
) -> Parts | None:
    """Divide a change of contribution into orders won or lost and what an order brings.

    Args:
        contribution: Day x region.
        orders: Orders placed, day x region.
        comparison: Which days and regions.
        total: The change of the contribution on these days.
        seed: Seed of the resampling of days.

    Returns:
        The parts, which add up to the total; None where customers are compared with customers, or without any orders.

    Method: orders = relative change of the number of orders x what the region would earn; per order = the rest. Errors:
        those of the two ratios, each against the controls in the same way as the total, told as that of a normal with
        the same 90 % interval. The number of orders goes up
        and down with the market from week to week; what an order brings hardly does, so this part is known two or
        three times as exactly.
    Source: Kitagawa (1955), JASA 50, in ordered form; the linearised ratio, Cochran (1977), chapter 6.
    Blind spots: a launch that brings orders of another kind moves both parts against each other.
    """
    if comparison.method == "exposed-split" or total.expected <= 0:
        return None
    number, _ = effects_of([orders], comparison, seed=seed)
    value, _ = effects_of([linearised(contribution, orders, comparison)], comparison, seed=seed)
    if number.expected <= 0 or value.expected <= 0:
        return None
    won = number.value / number.expected * total.expected
    return Parts(
        orders=won,
        orders_error=_error(number) / number.expected * total.expected,
        per_order=total.value - won,
        per_order_error=_error(value) / value.expected * (total.expected + won),
    )


def _error(effect: Effect) -> float:
    """The error of a normal that has the same 90 % interval: with few regions the t value is part of it."""
    low, high = effect.interval(LEVEL)
    return (high - low) / 2 / NormalDist().inv_cdf(0.5 + LEVEL / 2)


def sum_of(lines: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The contribution: the sum of its lines, day x region."""
    total = lines[0]
    for line in lines[1:]:
        total = total.add(line, fill_value=0.0)
    return total
