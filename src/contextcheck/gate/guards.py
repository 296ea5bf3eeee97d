"""What needs no statistics: stops that act on one day, and doubts about the data on which nothing passes.

A day without a single order says little by itself: a load that lacks it and a shop in which nobody can order look the
same. It stops a feature only where something else shows that the market was loaded; otherwise it is a doubt.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from contextcheck.records import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from contextcheck.knowledge.gate_policies import DataGuards, HardStops
    from contextcheck.panel.table import Panel

RECENT_DAYS = 7
MIN_USUAL_ORDERS = 5.0
MIN_SHARE_OF_REGIONS = 0.5
MIN_LOADED_DAYS = 2
"""One day with few orders beside an empty one may be cut by the load; of two that are cut one keeps half its orders."""
NOTHING_SHARE = 0.02
"""Of the usual revenue: a test order or two do not hide that a shop sells nothing."""


@dataclass(frozen=True, slots=True)
class ExposedDay:
    """One day: all orders, the exposed ones among them, how many of those failed, and what all orders brought.

    `is_counted` says that other figures of the market were counted on it, such as its visits.
    """

    day: date
    orders: int
    exposed: int
    failed: int
    revenue: float | None
    is_counted: bool = False


@dataclass(frozen=True, slots=True)
class UsualDay:
    """What is usual before the launch: orders a day, the share that fails, and revenue a day (None: not known).

    `closed` are the weekdays, 0 is Monday, on which there is usually no order.
    """

    orders: float
    failed_share: float
    revenue: float | None
    closed: frozenset[int] = frozenset()


def failed_orders(days: Sequence[ExposedDay], usual: UsualDay, stops: HardStops) -> tuple[Reason, ...]:
    """Give the stop of a day on which too many exposed orders failed; at most one, the newest.

    Args:
        days: Days since the launch, in order.
        usual: The time before.
        stops: Share, multiple of the usual share, and fewest orders.
    """
    if stops.failed is None:
        return ()
    limit = max(stops.failed_share, stops.times_usual * usual.failed_share)
    bad = [each for each in days if each.exposed >= stops.min_orders and each.failed >= limit * each.exposed]
    if not bad:
        return ()
    worst = bad[-1]
    share = worst.failed / worst.exposed
    others = f", and on {len(bad) - 1} other days" if len(bad) > 1 else ""
    text = (
        f"stop: {share:.0%} of {worst.exposed:,} exposed orders failed on {worst.day}{others}"
        f" (limit {limit:.0%}, usual {usual.failed_share:.0%})"
    )
    return (
        Reason(
            "hard-stop",
            text,
            "failed_orders",
            share,
            share,
            limit,
            worst.exposed,
            "share of orders",
            speaks_for="roll-back",
        ),
    )


def no_revenue(days: Sequence[ExposedDay], usual: UsualDay, stops: HardStops, guards: DataGuards) -> tuple[Reason, ...]:
    """Give the stop of a whole day without any revenue, or of a market that is loaded and sells nothing any more."""
    if not stops.revenue_to_zero or usual.orders < stops.min_orders:
        return ()
    least = NOTHING_SHARE * (usual.revenue or 0.0)
    worthless = [
        each for each in days if each.orders >= stops.min_orders and each.revenue is not None and each.revenue <= least
    ]
    if worthless and least > 0:
        bad = worthless[-1]
        amounts = f"{bad.revenue:,.0f}, {usual.revenue:,.0f} are usual"
        text = f"stop: {bad.orders:,} orders on {bad.day} with hardly any revenue ({amounts})"
        return (_stopped(text, bad.revenue or 0.0, usual.revenue or 0.0, bad.orders),)
    empty = _empty_of_late(days, usual)
    proof = _proof_of_load(days, empty, usual, guards)
    if not proof:
        return ()
    text = f"stop: not one order on {_named(empty)}, {usual.orders:,.0f} are usual, and {proof}"
    return (_stopped(text, 0.0, usual.orders, 0),)


def _empty_of_late(days: Sequence[ExposedDay], usual: UsualDay) -> list[ExposedDay]:
    """Days of the newest week without an order, on weekdays that usually have some; one long past is over."""
    since = days[-1].day - timedelta(days=RECENT_DAYS - 1) if days else None
    return [
        each
        for each in days
        if since and each.day >= since and not each.orders and each.day.weekday() not in usual.closed
    ]


def _proof_of_load(days: Sequence[ExposedDay], empty: Sequence[ExposedDay], usual: UsualDay, guards: DataGuards) -> str:
    """What shows that the market was loaded although it has days without orders; empty when nothing does."""
    counted = [each for each in empty if each.is_counted]
    if counted:
        return f"other figures of the market were counted on {counted[-1].day}"
    sold = [each for each in days if empty and each.day > empty[0].day and each.orders]
    limit = guards.partial_below * usual.orders
    if len(sold) >= MIN_LOADED_DAYS and all(each.orders < limit for each in sold):
        return f"under {guards.partial_below:.0%} of that on each of the {len(sold)} days with orders since"
    return ""


def _named(days: Sequence[ExposedDay]) -> str:
    """The newest of some days, and how many others there are."""
    others = len(days) - 1
    return f"{days[-1].day}" + (f" and {others} other {'day' if others == 1 else 'days'}" if others else "")


def _stopped(text: str, value: float, usual: float, orders: int) -> Reason:
    return Reason("hard-stop", text, "revenue", value, value, usual, orders, "a day", speaks_for="roll-back")


# ── doubts ─────────────────────────────────────────────────────────────────────────────────────────────


def stale_data(newest: date, wanted: date | None, guards: DataGuards) -> tuple[Reason, ...]:
    """Give the doubt that the data end long before the day that was asked for; none when no day was asked for."""
    if wanted is None or (wanted - newest).days <= guards.fresh_within_days:
        return ()
    days = (wanted - newest).days
    text = f"no fresh data: the newest complete day is {newest}, {days} days before {wanted}"
    return (_doubt(text, "orders", float(days), float(guards.fresh_within_days), days, "days"),)


def late_region(orders: pd.DataFrame, region: str, newest: date, guards: DataGuards) -> tuple[Reason, ...]:
    """Give the doubt that a region's orders end earlier than those of the others.

    Args:
        orders: Orders, day × region; missing where the region has no row.
        region: The launched region.
        newest: The last day that may be judged.
        guards: How late is too late.
    """
    if region not in orders.columns:
        text = f"no orders of {region} in the data"
        return (_doubt(text, "orders", 0.0, 0.0, 0, "orders"),)
    seen = orders.index[(orders[region].fillna(0.0) > 0).to_numpy()]
    late = (newest - seen[-1].date()).days if len(seen) else guards.late_days
    if late < guards.late_days:
        return ()
    last = str(seen[-1].date()) if len(seen) else "none"
    text = (
        f"late data: the last order of {region} is of {last}, the others run to {newest}; if loaded, nobody can order"
    )
    return (_doubt(text, "orders", float(late), float(guards.late_days), late, "days"),)


def empty_days(days: Sequence[ExposedDay], usual: UsualDay, stops: HardStops, guards: DataGuards) -> tuple[Reason, ...]:
    """Give the doubt of days without an order in the newest week, where nothing shows that they were loaded.

    Args:
        days: Days since the launch, in order.
        usual: The time before.
        stops: Its fewest orders: where fewer are usual, an empty day says nothing.
        guards: From how many empty days at the end on `late_region` says it instead.
    """
    empty = _empty_of_late(days, usual)
    if usual.orders < stops.min_orders or _proof_of_load(days, empty, usual, guards):
        return ()
    last_sold = max((each.day for each in days if each.orders), default=None)
    at_end = [each for each in empty if last_sold is None or each.day > last_sold]
    if len(at_end) >= guards.late_days:
        empty = [each for each in empty if each not in at_end]
    if not empty:
        return ()
    again = " and orders again since" if last_sold is not None and last_sold > empty[-1].day else ""
    text = (
        f"not one order on {_named(empty)}, {usual.orders:,.0f} are usual{again}: not loaded, or nobody could order;"
        " orders alone do not tell which"
    )
    return (_doubt(text, "orders", 0.0, usual.orders, len(empty), "orders a day"),)


def partial_load(
    orders: pd.DataFrame, launched: Sequence[str], start: date, newest: date, guards: DataGuards
) -> tuple[Reason, ...]:
    """Give the doubt that a day was loaded in part: in most untouched regions far fewer orders than on its weekday.

    Args:
        orders: Orders, day × region.
        launched: Regions of the launch; when no other region has enough orders, they are looked at themselves.
        start: First day of the launch.
        newest: The last day that may be judged.
        guards: Share of the usual orders below which a day is doubted.
    """
    table = orders.fillna(0.0)
    table = table[table.index <= np.datetime64(newest)]
    before = table[table.index < np.datetime64(start)]
    usual = before.groupby(pd.DatetimeIndex(before.index).day_of_week).median() if len(before) else before
    wide = [name for name in table.columns if len(before) and float(before[name].mean()) >= MIN_USUAL_ORDERS]
    watched = [name for name in wide if name not in launched]
    since = max(start, newest - timedelta(days=RECENT_DAYS - 1))
    recent = table[table.index >= np.datetime64(since)]
    if not watched or recent.empty:
        return ()
    levels = (
        usual.reindex(range(7))
        .fillna(before.mean())[watched]
        .loc[pd.DatetimeIndex(recent.index).day_of_week]
        .to_numpy()
    )
    low = recent[watched].to_numpy() < guards.partial_below * levels
    days = recent.index[low.mean(axis=1) > MIN_SHARE_OF_REGIONS]
    if not len(days):
        return ()
    count = int(low[recent.index == days[-1]].sum())
    text = (
        f"partial load: on {days[-1].date()} {count} of {len(watched)} untouched regions have under"
        f" {guards.partial_below:.0%} of their usual orders"
    )
    return (_doubt(text, "orders", float(count), guards.partial_below, len(watched), "regions"),)


def sample_ratio(exposed: int, unexposed: int, share: float | None, guards: DataGuards) -> tuple[Reason, ...]:
    """Give the doubt that exposed and unexposed customers are not in the ratio that was meant.

    Args:
        exposed: Customers who saw the feature.
        unexposed: Customers who did not.
        share: Share of the customers who were meant to see it; None when nobody has named one.
        guards: Chance below which the ratio is doubted.

    Method: chi-squared with one degree of freedom, (exposed - n x share)^2 / (n x share x (1 - share)).
    Source: Fabijan et al. (2019), KDD, sample ratio mismatch.
    Blind spots: nothing is tested when no share is named, and a ramp changes the share on purpose.
    """
    total = exposed + unexposed
    if share is None or total == 0:
        return ()
    statistic = (exposed - total * share) ** 2 / (total * share * (1 - share))
    p_value = float(chdtrc(1, statistic))
    if p_value >= guards.sample_ratio_p:
        return ()
    text = (
        f"sample ratio: {exposed:,} of {total:,} customers were exposed, {share:.0%} were meant to be (p {p_value:.1g})"
    )
    return (_doubt(text, "feature_exposed", exposed / total, share, total, "share of customers"),)


def refused_split(reason: str, share: float | None) -> tuple[Reason, ...]:
    """Give the doubt that customers were to be compared with customers and cannot be: `reason` says why, if so."""
    if not reason or share is None:
        return ()
    text = f"{share:.0%} of the customers were meant to see it, but they cannot be compared with the others: {reason}"
    return (Reason("data", text, "feature_exposed", limit=share, unit="share of customers", speaks_for="hold"),)


def _doubt(text: str, metric: str, value: float, limit: float, n: int, unit: str) -> Reason:
    return Reason("data", text, metric, value, None, limit, n, unit, speaks_for="hold")


def closed_weekdays(orders: pd.Series) -> frozenset[int]:
    """The weekdays, 0 is Monday, on most of which there was no order; a series of orders by day."""
    is_empty = (orders.fillna(0.0) == 0).groupby(pd.DatetimeIndex(orders.index).day_of_week).mean()
    return frozenset(int(weekday) for weekday in is_empty.index[is_empty > 0.5])


def exposed_days(
    orders: Panel, region: str, start: date, failed: dict[date, tuple[int, int]]
) -> tuple[ExposedDay, ...]:
    """The complete days of a region since a launch, with the orders and failures counted of them."""
    rows = orders.series(region, "orders")
    rows = rows[rows["is_complete"] & (rows.index >= np.datetime64(start))]
    money = orders.series(region, "kept_value")["value_sum"]
    revenue = {day.date(): float(each) for day, each in zip(pd.DatetimeIndex(money.index), money, strict=True)}
    found = []
    for day, orders_of_day in zip(pd.DatetimeIndex(rows.index), rows["events"], strict=True):
        count, bad = failed.get(day.date(), (0, 0))
        found.append(ExposedDay(day.date(), int(orders_of_day), count, bad, revenue.get(day.date())))
    return tuple(found)
