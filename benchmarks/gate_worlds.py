"""Launches with a known effect for the gate's benchmark, as arrays runs × hours or runs × days.

Written apart from the program and from its simulator. Three kinds of launches:

- split: two arms of about 1,008 orders a day each, over the hours of the day; order values gamma with a coefficient of
  variation of 0.95, so that the sum of n of them is drawn exactly;
- repeat customers: 5,000 customers per arm who differ in how often they order and in what they spend, drawn one by one;
- regional: a region against others by day, with a noisy past of 56 days and noise that carries over to the next day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

DAYS, HORIZON = 28, 90
ORDERS_PER_DAY, VARIATION = 1008.0, 0.95
HOURS = np.array([1, 1, 1, 1, 1, 2, 3, 4, 5, 6, 6, 6, 7, 6, 6, 6, 6, 6, 7, 8, 7, 5, 3, 2], dtype=float)
HOURS /= HOURS.sum()
WEEK = np.array([1.0, 0.97, 0.96, 0.98, 1.05, 1.08, 0.96])
PAST_DAYS, PAST_ORDERS = 28, 2 * 1008 * 28

EFFECTS: dict[str, tuple[float, int, bool]] = {
    "no effect": (0.0, 0, False),
    "−1 %": (-0.01, 0, False),
    "−2 %": (-0.02, 0, False),
    "−5 %": (-0.05, 0, False),
    "−10 %": (-0.10, 0, False),
    "late −10 %": (-0.10, 14, False),
    "ramp to −10 %": (-0.10, 0, True),
    "+2 %": (0.02, 0, False),
}


def effect_per_day(name: str, days: int = HORIZON) -> np.ndarray:
    """The true effect of each day since the launch, as a share of the level."""
    size, start, is_ramp = EFFECTS[name]
    effect = np.where(np.arange(days) >= start, size, 0.0)
    return effect * np.minimum(1.0, (np.arange(days) + 1) / DAYS) if is_ramp else effect


@dataclass(frozen=True)
class Split:
    """Hourly orders and sums of value of both arms, shape (runs, hours); `noise` as estimated before the launch."""

    orders: np.ndarray
    other_orders: np.ndarray
    value: np.ndarray
    other_value: np.ndarray
    order_sd: np.ndarray

    def daily(self) -> Split:
        def fold(table: np.ndarray) -> np.ndarray:
            return table.reshape(len(table), -1, 24).sum(axis=2)

        return Split(
            *(fold(each) for each in (self.orders, self.other_orders, self.value, self.other_value)), self.order_sd
        )

    def effects(self) -> np.ndarray:
        """Difference of mean value per order in each step, as a share of the usual value."""
        return self.value / np.maximum(self.orders, 1) - self.other_value / np.maximum(self.other_orders, 1)


def split(name: str, runs: int, seed: int) -> Split:
    """A randomised split inside one market."""
    rng = np.random.default_rng([seed, 1])
    rate = ORDERS_PER_DAY * np.outer(WEEK[np.arange(DAYS) % 7], HOURS).ravel()
    shape = 1 / VARIATION**2
    moved = 1 + np.repeat(effect_per_day(name, DAYS), 24)
    orders, other = rng.poisson(rate, (runs, DAYS * 24)), rng.poisson(rate, (runs, DAYS * 24))
    value, other_value = (rng.gamma(np.maximum(count * shape, 1e-9)) / shape for count in (orders, other))
    order_sd = VARIATION * np.sqrt(rng.chisquare(PAST_ORDERS / 5, runs) / (PAST_ORDERS / 5))
    return Split(orders, other, value * moved, other_value, order_sd)


@dataclass(frozen=True)
class Customers:
    """Value per customer and day of both arms.

    Attributes:
        effects: Difference of the arms' mean value per customer and day, shape (runs, days), 1 is the usual value.
        cumulative_error: Standard error of the mean since the launch, customers as the unit, shape (runs, days).
        order_z: Difference per order since the launch over its standard error with orders as the unit.
    """

    effects: np.ndarray
    cumulative_error: np.ndarray
    order_z: np.ndarray


def repeat_customers(name: str, runs: int, seed: int, customers: int = 5000) -> Customers:
    """Customers who order again and again, and differ in how much they spend."""
    rng = np.random.default_rng([seed, 2])
    moved = 1 + effect_per_day(name, DAYS)
    found = [_one_arm_pair(rng, moved, customers) for _ in range(runs)]
    return Customers(*(np.stack([each[part] for each in found]) for part in range(3)))


def _one_arm_pair(rng: np.random.Generator, moved: np.ndarray, customers: int) -> tuple[np.ndarray, ...]:
    means, variances, per_order, order_variances = [], [], [], []
    for effect in (moved, np.ones(DAYS)):
        rate = rng.gamma(0.8, 0.25, (customers, 1))
        level = np.exp(rng.normal(0, 0.6, (customers, 1)) - 0.18)
        counts = rng.poisson(rate * np.ones(DAYS))
        value = rng.gamma(np.maximum(counts * 4.0, 1e-9)) / 4.0 * level * effect
        total, orders = np.cumsum(value, axis=1), np.cumsum(counts, axis=1)
        means.append(value.mean(axis=0))
        variances.append(total.var(axis=0) / customers)
        count = np.maximum(orders.sum(axis=0), 1)
        mean = total.sum(axis=0) / count
        second = np.cumsum((value**2).sum(axis=0)) / count
        per_order.append(mean)
        order_variances.append((second - mean**2) / count)
    days = np.arange(1, DAYS + 1)
    usual = 0.2
    effects = (means[0] - means[1]) / usual
    error = np.sqrt(variances[0] + variances[1]) / days / usual
    return effects, error, (per_order[0] - per_order[1]) / np.sqrt(order_variances[0] + order_variances[1])


@dataclass(frozen=True)
class Regional:
    """Daily difference to the counterfactual of one region, quiet days first, and quiet days of seven other regions."""

    quiet: np.ndarray
    others: np.ndarray
    effects: np.ndarray


def regional(
    name: str, runs: int, seed: int, *, noise: float = 0.04, dependence: float = 0.2, days_before: int = 56
) -> Regional:
    """A region against others, as days; the past that it is compared with is as noisy as the days after."""
    rng = np.random.default_rng([seed, 3])
    own = _carried_over(rng, (runs, days_before + DAYS), noise, dependence)
    others = _carried_over(rng, (runs * 7, days_before), noise, dependence).reshape(runs, 7, days_before)
    quiet = own[:, :days_before]
    level = quiet.reshape(runs, -1, 7).mean(axis=1)
    after = own[:, days_before:] - np.tile(level, DAYS // 7) + effect_per_day(name, DAYS)
    return Regional(quiet - np.tile(level, days_before // 7), others, after)


def _carried_over(rng: np.random.Generator, shape: tuple[int, int], noise: float, dependence: float) -> np.ndarray:
    shocks = rng.normal(size=shape) * noise * np.sqrt(1 - dependence**2)
    series = np.empty(shape)
    series[:, 0] = rng.normal(size=shape[0]) * noise
    for day in range(1, shape[1]):
        series[:, day] = dependence * series[:, day - 1] + shocks[:, day]
    return series
