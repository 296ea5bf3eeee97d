"""Worlds made once per session, and plain pandas looks at them."""

from __future__ import annotations

from functools import cache

import pandas as pd

from contextcheck.simulate.worlds import World, simulate

LAUNCH = pd.Timestamp("2026-03-02")
HOURS_AHEAD = {
    "KR": 9,
    "JP": 9,
    "TW": 8,
    "DE": 1,
    "FR": 1,
    "GB": 0,
    "US": -5,
    "BR": -3,
    "IN": 5.5,
    "AU": 11,
    "MX": -6,
    "NO": 1,
}


@cache
def world_of(name: str, seed: int = 1, orders: int = 200_000) -> World:
    return simulate(name, seed=seed, orders=orders)


def local_day(orders: pd.DataFrame) -> pd.Series:
    """Local day by the winter offset: right but for an hour a day in late March."""
    return (orders["created_at"] + pd.to_timedelta(orders["region"].map(HOURS_AHEAD), unit="h")).dt.normalize()


def before_and_after(orders: pd.DataFrame, region: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Orders of a region in the eight weeks before the launch and its first four weeks: all old enough."""
    here = orders[orders["region"] == region]
    age_days = (local_day(here) - LAUNCH).dt.days
    return here[age_days.between(-56, -1)], here[age_days.between(0, 27)]


def cancelled_share(orders: pd.DataFrame) -> float:
    return float(orders["status"].isin(["cancelled", "partially_cancelled"]).mean())
