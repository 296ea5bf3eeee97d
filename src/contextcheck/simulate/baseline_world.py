"""A shop where nothing special happens: volume, shoppers, baskets and the usual fate of orders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from contextcheck.simulate.draft import (
    CUSTOMER_STRIDE,
    Calendar,
    hours,
    local_midnights,
    pick,
    seconds,
    stream,
)
from contextcheck.simulate.fates import add_fates
from contextcheck.simulate.markets import MARKETS, PAYMENT_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


# Orders per local hour, 0 to 23, before normalising: low at night, a lunch hump, high in the evening.
HOUR_SHAPE = (18, 9, 5, 3, 3, 5, 12, 25, 40, 52, 58, 60, 64, 60, 56, 54, 54, 58, 66, 76, 88, 92, 74, 42)
PLATFORM_WOBBLE = 0.035
REGION_WOBBLE = 0.045
DRIFT_PER_DAY = 0.004
BASKET_WOBBLE = 0.012
ORDERS_PER_CUSTOMER = 2.3


def usual_orders(
    calendar: Calendar, *, seed: int, orders: int, volume_shares: Mapping[str, float] | None = None
) -> pd.DataFrame:
    """Give the draft of a shop without any launch effect.

    Args:
        calendar: The days.
        seed: Same seed, same draft.
        orders: Number of orders to aim at over all markets and days; at least 1,000.
        volume_shares: Market code to its share of the orders; markets not named have none. None for the usual shares.

    Returns:
        A draft, sorted by `created_at`.
    """
    volumes = _volumes(calendar, seed, orders, volume_shares)
    counts = stream(seed, "counts").poisson(volumes)
    draft = _placed(calendar, counts, seed)
    draft = _with_shoppers(draft, counts.sum(axis=1), calendar, seed)
    draft = _with_baskets(draft, calendar, seed)
    draft = add_fates(draft, calendar, seed=seed)
    return draft.sort_values("created_at", kind="stable", ignore_index=True)


def _volumes(
    calendar: Calendar, seed: int, orders: int, shares: Mapping[str, float] | None = None
) -> NDArray[np.float64]:
    """Expected orders, shape (markets, days): season, weekday, drift and wobble, scaled to the wanted total."""
    rng = stream(seed, "volume")
    day = np.arange(calendar.days)
    weekday = (calendar.first.weekday() + day) % 7
    year_day = calendar.first.timetuple().tm_yday + day
    platform = rng.normal(0, PLATFORM_WOBBLE, calendar.days)
    rows = []
    for market in MARKETS:
        season = 0.05 * np.cos(2 * np.pi * (year_day - market.season_peak_day) / 365.25)
        drift = np.cumsum(rng.normal(0, DRIFT_PER_DAY, calendar.days))
        wobble = rng.normal(0, REGION_WOBBLE, calendar.days)
        shape = np.asarray(market.weekday_shape)[weekday]
        share = market.volume_share if shares is None else shares.get(market.code, 0.0)
        rows.append(share * shape * np.exp(season + drift + platform + wobble))
    table = np.array(rows)
    return np.asarray(table * (orders / table.sum()), dtype=np.float64)


def _placed(calendar: Calendar, counts: NDArray[np.int64], seed: int) -> pd.DataFrame:
    """One row per order with its market, local day and instant."""
    rng = stream(seed, "times")
    region_index, day = (np.repeat(each.ravel(), counts.ravel()) for each in np.indices(counts.shape))
    edges = np.concatenate([[0.0], np.cumsum(HOUR_SHAPE)]) / sum(HOUR_SHAPE)
    second = np.interp(rng.random(region_index.size), edges, np.arange(25) * 3600.0)
    midnights = local_midnights(calendar)
    created = midnights[region_index, day] + seconds(np.minimum(second, 86_399))
    return pd.DataFrame(
        {"region_index": region_index.astype(np.int16), "day": day.astype(np.int32), "created_at": created}
    )


def _with_shoppers(
    draft: pd.DataFrame, orders_per_market: NDArray[np.int64], calendar: Calendar, seed: int
) -> pd.DataFrame:
    """Add who ordered, with what, and how they pay. A few customers order very often; households share things."""
    rng = stream(seed, "shoppers")
    size = len(draft)
    region = draft["region_index"].to_numpy()
    pool = np.maximum(orders_per_market / ORDERS_PER_CUSTOMER, 5).astype(np.int64)[region]
    heavy = rng.random(size) < 0.45
    uniform = rng.random(size)
    # A power of a uniform number crowds the first places of the pool: those are the frequent customers.
    within = (pool * np.where(heavy, uniform**1.6, uniform)).astype(np.int64)
    customer = region.astype(np.int64) * CUSTOMER_STRIDE + within
    lives_with_next = _trait(customer, "household", seed) < 0.14
    shares_device = lives_with_next & (_trait(customer, "tablet", seed) < 0.45)
    home = np.where(lives_with_next, customer - customer % 2, customer)
    own = np.where(shares_device, home, customer)
    second_device = rng.random(size) < 0.18
    draft = draft.assign(
        customer=customer,
        device=own * 2 + second_device,
        address=home,
        payment=customer * 4 + (rng.random(size) < 0.08),
        method=_methods(region, customer, rng, seed),
        channel=pick(rng, (0.52, 0.41, 0.07), size).astype(np.int8),
        touchpoint=pick(rng, (0.34, 0.2, 0.14, 0.18, 0.09, 0.05), size).astype(np.int8),
        is_exposed=False,
        cause=np.int8(0),
    )
    return draft.assign(account_created_at=_account_dates(draft, calendar, seed))


def _trait(key: NDArray[np.int64], name: str, seed: int) -> NDArray[np.float64]:
    """A number from 0 to 1 that stays the same for one customer, by a multiplicative hash."""
    salt = np.uint64(stream(seed, f"trait {name}").integers(1, 2**62))
    mixed = (key.astype(np.uint64) + salt) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(32)
    return (mixed >> np.uint64(11)).astype(np.float64) / float(1 << 53)


def _methods(
    region: NDArray[np.int16], customer: NDArray[np.int64], rng: np.random.Generator, seed: int
) -> NDArray[np.int8]:
    """Way to pay: most customers stay with theirs, some orders are paid in another way."""
    habit = _trait(customer, "method", seed)
    position = np.where(rng.random(region.size) < 0.85, habit, rng.random(region.size))
    method = np.zeros(region.size, dtype=np.int8)
    for index, market in enumerate(MARKETS):
        rows = region == index
        edges = np.cumsum([payment.share for payment in market.payments])
        place = np.minimum(np.searchsorted(edges, position[rows], side="right"), len(market.payments) - 1)
        names = np.array([PAYMENT_NAMES.index(payment.name) for payment in market.payments], dtype=np.int8)
        method[rows] = names[place]
    return method


def _account_dates(draft: pd.DataFrame, calendar: Calendar, seed: int) -> NDArray[np.datetime64]:
    """When the account was opened: for a quarter of the customers just before the first order, else long before."""
    customer = draft["customer"].to_numpy()
    first = draft.groupby("customer")["created_at"].transform("min").to_numpy().astype("datetime64[s]")
    is_new = _trait(customer, "new", seed) < 0.26
    age_days = -420.0 * np.log1p(-0.995 * _trait(customer, "age", seed))
    long_ago = np.datetime64(calendar.first, "s") - hours(24 * age_days + 1)
    minutes = 2 + 50 * _trait(customer, "sign up", seed)
    return np.where(is_new, first - hours(minutes / 60), long_ago)


def _with_baskets(draft: pd.DataFrame, calendar: Calendar, seed: int) -> pd.DataFrame:
    """Add value, items and discount; prices heap at round steps and a few shoppers top up to the line by themselves."""
    rng = stream(seed, "baskets")
    size = len(draft)
    region, day = draft["region_index"].to_numpy(), draft["day"].to_numpy()
    median, spread, unit, step, line, fee, cost = (
        _of_market(name)[region]
        for name in ("basket_median", "basket_spread", "price_unit", "round_price", "free_line", "fee", "parcel_cost")
    )
    taste = 0.5 * (_trait(draft["customer"].to_numpy(), "taste", seed) - 0.5)
    wobble = rng.normal(0, BASKET_WOBBLE, (len(MARKETS), calendar.days))[region, day]
    value = median * np.exp(spread * rng.standard_normal(size) + taste + wobble)
    tops_up = (value < line) & (value > 0.8 * line) & (rng.random(size) < 0.10)
    value = np.where(tops_up, line * (1 + 0.08 * rng.random(size)), value)
    value = heaped(value, unit, step, rng)
    coupon = np.where(rng.random(size) < 0.17, 1 + pick(rng, (0.4, 0.35, 0.25), size), 0)
    discount_share = np.array([0.0, 0.10, 0.05, 0.15])[coupon]
    return draft.assign(
        order_total=value,
        discount_total=to_unit(value * discount_share / (1 - discount_share), unit),
        coupon=coupon.astype(np.int8),
        items=1 + rng.poisson(np.clip(0.9 * value / median, 0.1, 6.0)),
        fee_below_line=fee,
        parcel_cost=to_unit(cost * np.exp(rng.normal(0, 0.12, size)), unit),
        category=pick(rng, (0.26, 0.15, 0.14, 0.1, 0.13, 0.08, 0.06, 0.08), size).astype(np.int8),
        product=(rng.random(size) ** 1.7 * 1800).astype(np.int32),
    )


def _of_market(name: str) -> NDArray[np.float64]:
    return np.array([getattr(market, name) for market in MARKETS], dtype=np.float64)


def to_unit(value: NDArray[np.float64], unit: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round to the smallest price step, to clean decimals."""
    return np.round(np.round(value / unit) * unit, 2)


def heaped(
    value: NDArray[np.float64], unit: NDArray[np.float64], step: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Prices as shops write them: some at round steps, some one unit below, the rest anywhere; never below one step."""
    draw = rng.random(value.size)
    rounded = np.ceil(value / step) * step
    shown = np.where(draw < 0.22, rounded, np.where(draw < 0.5, rounded - unit, value))
    return to_unit(np.maximum(shown, step), unit)
