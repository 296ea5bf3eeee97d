"""Customers who saw the feature against customers of the same region who did not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from contextcheck.impact.effects import Effect
from contextcheck.panel.arms import EXPOSED, GROUPS, UNEXPOSED, columns_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from contextcheck.impact.comparison import Comparison
    from contextcheck.impact.split import Split

    Array = NDArray[np.float64]

RESAMPLES = 2000
NO_PAST = 0
"""Days before of a split: its counterfactual is measured on the same days and rests on no past."""


class ExposedSplit:
    """A random split of customers inside the region.

    Method: effect per day = (sum of exposed customers - odds x sum of unexposed customers) / days, odds = planned
        share / (1 - planned share): what those who saw it did beyond what as many others did, orders won or lost
        included. The error by bootstrap over customers: 200 random groups of customers drawn again 2,000 times, all
        days of a customer together.
    Source: Horvitz and Thompson (1952), JASA 47; cluster bootstrap, Cameron, Gelbach and Miller (2008).
    Blind spots: customers who influence each other; a customer with two accounts in two arms; the effect is that at
        today's exposure, not that of a roll-out to everybody.
    """

    def refuses(self, comparison: Comparison) -> str:
        if comparison.split is None:
            return "no launch whose exposed customers could be told apart"
        return comparison.split.reason

    def effects(
        self, lines: Sequence[pd.DataFrame], comparison: Comparison, *, seed: int
    ) -> tuple[Effect, tuple[Effect, ...]]:
        split = _split(comparison)
        counts = np.random.default_rng(seed).multinomial(GROUPS, np.full(GROUPS, 1 / GROUPS), size=RESAMPLES)
        found = [_arms(line, comparison).sum(axis=0) / len(comparison.after) for line in lines]
        total, *parts = (_effect(each, split.share, counts) for each in (np.sum(found, axis=0), *found))
        return total, tuple(parts)

    def by_day(self, series: pd.DataFrame, comparison: Comparison) -> tuple[Array, float, float]:
        """The noise of a day is that of the mean, times the root of the days: a customer's days hang together."""
        split = _split(comparison)
        arms = _arms(series, comparison)
        days = len(comparison.after)
        effects = (arms[:, 1] - odds(split.share) * arms[:, 0]).sum(axis=1)
        mean, _ = self.effects([series], comparison, seed=0)
        return effects, mean.expected, mean.error * float(np.sqrt(days))


def odds(share: float) -> float:
    """Exposed customers per unexposed one, as planned."""
    return share / (1 - share)


def _split(comparison: Comparison) -> Split:
    assert comparison.split is not None, comparison.region
    return comparison.split


def _arms(line: pd.DataFrame, comparison: Comparison) -> Array:
    """Days after × (unexposed, exposed) × groups of customers."""
    rows = line.loc[comparison.after, [*columns_of(UNEXPOSED), *columns_of(EXPOSED)]].to_numpy(dtype=float)
    arms: Array = np.nan_to_num(rows).reshape(len(rows), 2, GROUPS)
    return arms


def _effect(arms: Array, share: float, counts: NDArray[np.integer]) -> Effect:
    gaps = arms[1] - odds(share) * arms[0]
    drawn = counts @ gaps
    error = float(drawn.std(ddof=1))
    without = float(arms[0].sum()) / (1 - share)
    return Effect(float(gaps.sum()), without, without, error, error, 0.0, GROUPS - 1)


def order_value_of_arms(
    values: pd.DataFrame, orders: pd.DataFrame, comparison: Comparison, level: float, seed: int
) -> tuple[float, float, float, float, float] | None:
    """Give the average of an order among unexposed and exposed customers, and the ratio with its interval.

    Args:
        values: Day × column of the arms, sums of values.
        orders: Likewise, how many values.
        comparison: The days after.
        level: Level of the interval.
        seed: Seed of the resampling.

    Returns:
        Unexposed average, exposed average, ratio, low, high; None when an arm has no orders.

    Method: ratio of the arms' averages; percentile interval over the same groups of customers drawn again.
    Source: Deng, Knoblich and Lu (2018), KDD, on ratio metrics whose unit is not the unit of the split.
    Blind spots: an average says nothing about how many orders there are.
    """
    value, count = _arms(values, comparison).sum(axis=0), _arms(orders, comparison).sum(axis=0)
    if (count.sum(axis=1) <= 0).any() or (value.sum(axis=1) <= 0).any():
        return None
    means = value.sum(axis=1) / count.sum(axis=1)
    drawn = np.random.default_rng(seed).multinomial(GROUPS, np.full(GROUPS, 1 / GROUPS), size=RESAMPLES)
    each = (drawn @ value.T) / np.maximum(drawn @ count.T, 1e-9)
    low, high = np.quantile(each[:, 1] / each[:, 0], [0.5 - level / 2, 0.5 + level / 2])
    return float(means[0]), float(means[1]), float(means[1] / means[0]), float(low), float(high)
