"""How often an effect as large came up where nothing happened: in other regions, and on other dates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from contextcheck.impact.comparison import cells
from contextcheck.impact.noise import BLOCK_DAYS, movement_ratio, weekday_weights

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from contextcheck.impact.comparison import Comparison
    from contextcheck.records import Window

    Array = NDArray[np.float64]

MOST_DAYS = 28
"""A placebo date looks at as many days after as the real one, at most four weeks, so that the past holds several."""
FEWEST_DATES = 5


def placebo_rank(series: pd.DataFrame, comparison: Comparison, *, relative: bool = True) -> tuple[int, int]:
    """Give how many controls moved at least as far as the region, and how many there are.

    Args:
        series: Day × region, a daily amount.
        comparison: Which days and regions.
        relative: Whether a region's move is read as a share of its level and against the other regions' ratio; else
            both are differences.

    Returns:
        Controls that moved as far or further, and controls compared. The placebo p value is (first + 1) / (second + 1).

    Method: the effect of each control against the other controls and the region's against all, by size.
    Source: Abadie, Diamond and Hainmueller (2010), section 2.4; Kessler and Roth (2014) read in The Effect, chapter 18.
    Blind spots: with few controls even the largest effect has a large placebo p value: 1 / (controls + 1) at best.
    """
    names = [comparison.region, *comparison.controls]
    weights = weekday_weights(comparison.before, comparison.after)
    pre = weights @ cells(series, comparison.before, names)
    post = cells(series, comparison.after, names).mean(axis=0)
    sizes = [abs(_move(pre, post, column, relative=relative)) for column in range(len(names)) if pre[column]]
    return sum(size >= sizes[0] for size in sizes[1:]), len(sizes) - 1


def _move(pre: Array, post: Array, column: int, *, relative: bool) -> float:
    others = [each for each in range(1, len(pre)) if each != column]
    if not relative:
        return float(post[column] - pre[column] - (post[others].mean() - pre[others].mean() if others else 0.0))
    movement = movement_ratio(pre[others].sum(), post[others].sum()) if others else 1.0
    return float((post[column] - pre[column] * movement) / abs(pre[column]))


def placebo_dates(
    series: pd.DataFrame, usable: pd.DataFrame, comparison: Comparison, clean: Window | None, share: float
) -> tuple[int, int] | None:
    """Give on how many past dates an effect this large came up, and how many dates were looked at.

    Args:
        series: Day × region, a daily amount.
        usable: Day × region, True where the day counts.
        comparison: The real comparison; its controls are used.
        clean: Days without a flag or a launch of the region.
        share: The real effect as a share of the counterfactual's level.

    Returns:
        Dates with an effect at least as large, and dates; None when the past holds fewer than five.

    Method: every day of the clean past that has as many clean days after it as the real window (at most 28, whole
        weeks where there is one) and two weeks before it is taken for the launch; the same ratio difference-in-
        differences gives its effect, as a share of its counterfactual.
    Source: placebo in time, Abadie, Diamond and Hainmueller (2015), American Journal of Political Science 59(2).
    Blind spots: neighbouring dates share most of their days, so m dates are worth far fewer independent ones.
    """
    if clean is None or comparison.method in ("exposed-split", "staggered"):
        return None
    names = [comparison.region, *comparison.controls]
    inside = (usable.index >= pd.Timestamp(clean.start)) & (usable.index <= pd.Timestamp(clean.end))
    days = pd.DatetimeIndex(usable.index[inside & usable[names].all(axis=1).to_numpy()])
    length = min(len(comparison.after), MOST_DAYS)
    length = length // BLOCK_DAYS * BLOCK_DAYS or length
    dates = range(2 * BLOCK_DAYS, len(days) - length + 1)
    if len(dates) < FEWEST_DATES:
        return None
    amounts = cells(series, days, names)
    sizes = [_share_at(amounts, days, place, len(comparison.before), length) for place in dates]
    return sum(size >= abs(share) for size in sizes), len(sizes)


def _share_at(amounts: Array, days: pd.DatetimeIndex, place: int, most_before: int, length: int) -> float:
    """Size of the effect of a launch on one past day, as a share of its counterfactual.

    Args:
        amounts: Day × region, the region under study first.
        days: The days of the rows.
        place: The row of the launch.
        most_before: At most so many rows before it count.
        length: So many rows from it on.
    """
    before, after = slice(max(place - most_before, 0), place), slice(place, place + length)
    pre = weekday_weights(days[before], days[after]) @ amounts[before]
    post = amounts[after].mean(axis=0)
    movement = float(movement_ratio(pre[1:].sum(), post[1:].sum())) if amounts.shape[1] > 1 else 1.0
    expected = pre[0] * movement
    return abs(float(post[0] - expected)) / abs(float(expected)) if expected else 0.0
