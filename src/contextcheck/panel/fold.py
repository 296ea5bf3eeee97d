"""The small table region word × time bucket is folded to region × local day; no order is converted between zones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from contextcheck.panel.orders import LOCAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from contextcheck.panel.orders import Orders

STEPS = (60, 30, 15)
_SINCE = datetime(1980, 1, 1)
"""Before this, some zones were off by odd minutes; every offset since is a multiple of 15 minutes."""


@dataclass(frozen=True, slots=True)
class DailySums:
    """Sums per region and local day.

    Attributes:
        regions: In alphabetical order.
        first_day: The first day of the arrays, as datetime64[D].
        sums: Shape (sums, regions, days).
    """

    regions: tuple[str, ...]
    first_day: np.datetime64
    sums: NDArray[np.float64]

    @property
    def days(self) -> NDArray[np.datetime64]:
        return self.first_day + np.arange(self.sums.shape[2]).astype("timedelta64[D]")


def bucket_minutes(orders: Orders) -> int:
    """Give the coarsest bucket (60, 30 or 15 minutes) on whose edges every region's days begin over the data's span.

    Method: local midnight falls on an edge of the source clock's buckets when the difference of both clocks' offsets
    is a multiple of the bucket; offsets are looked up for every day of the span.
    """
    if orders.clock == LOCAL:
        return STEPS[0]
    noons = pd.date_range(
        max(orders.first_created_at, _SINCE) - timedelta(days=2),
        max(orders.last_created_at, _SINCE) + timedelta(days=2),
        freq="12h",
        tz=UTC,
    )
    source = _offset_minutes(noons, orders.clock)
    zones = {orders.zone_of(region) for region in orders.region_words}
    differences = [np.unique(_offset_minutes(noons, zone) - source) for zone in sorted(zones)]
    for step in STEPS:
        if all((difference % step == 0).all() for difference in differences):
            return step
    return STEPS[-1]


def _offset_minutes(instants: pd.DatetimeIndex, zone: str) -> NDArray[np.int64]:
    local = instants.tz_convert(zone).tz_localize(None)
    shift = local - instants.tz_localize(None)
    return (shift // pd.Timedelta(minutes=1)).to_numpy(dtype=np.int64)


def local_days(buckets: pd.DatetimeIndex, clock: str, zone: str) -> NDArray[np.datetime64]:
    """Give the local day of each bucket start of the source clock.

    A time that the source clock shows twice (autumn) is taken as the first; one that it skips (spring) as the next
    that it shows: the same reading as `Orders.to_source_clock`.
    """
    if clock in (LOCAL, zone):
        return buckets.to_numpy().astype("datetime64[D]")
    first_of_two = np.ones(len(buckets), dtype=bool)
    instants = buckets.tz_localize(clock, ambiguous=first_of_two, nonexistent="shift_forward")
    return instants.tz_convert(zone).tz_localize(None).to_numpy().astype("datetime64[D]")


def fold(table: pd.DataFrame, sums: Sequence[str], orders: Orders) -> DailySums:
    """Give the sums per region and local day.

    Args:
        table: One row per region and bucket: region, bucket, and one column per sum.
        sums: Names of those columns.
        orders: For the clock and the zones.
    """
    regions = tuple(sorted(table["region"].unique()))
    region_of = pd.Categorical(table["region"], categories=regions).codes.astype(np.int64)
    day_of = _days_of_rows(table["bucket"], region_of, regions, orders)
    first_day = day_of.min()
    offset = (day_of - first_day).astype(np.int64)
    days = int(offset.max()) + 1
    cell = region_of * days + offset
    size = len(regions) * days
    folded = [np.bincount(cell, weights=_weights(table[name]), minlength=size) for name in sums]
    cube = np.stack(folded).astype(np.float64).reshape(len(sums), len(regions), days)
    return DailySums(regions, first_day, cube)


def _weights(column: pd.Series[Any]) -> NDArray[np.float64]:
    return column.to_numpy(dtype=np.float64, na_value=0.0)


def _days_of_rows(
    buckets: pd.Series[Any], region_of: NDArray[np.int64], regions: Iterable[str], orders: Orders
) -> NDArray[np.datetime64]:
    """The local day of each row; every zone looks up each bucket once."""
    codes, unique = pd.factorize(buckets)
    zones = [orders.zone_of(region) for region in regions]
    names = sorted(set(zones))
    table = np.stack([local_days(pd.DatetimeIndex(unique), orders.clock, zone) for zone in names])
    zone_of = np.array([names.index(zone) for zone in zones])
    return np.asarray(table[zone_of[region_of], codes])
