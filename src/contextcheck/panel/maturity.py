"""Which local days lie wholly inside the data, and which are old enough to be judged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pandas as pd

from contextcheck.panel.orders import LOCAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contextcheck.panel.orders import Orders

EDGE_DAYS = 14
MISSED_ORDERS = 3
MIN_SLACK = timedelta(minutes=1)
MAX_SLACK = timedelta(hours=6)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DataSpan:
    """From when to when orders were recorded, as instants (UTC), per region.

    Method: the first and last order over all regions, widened by the time in which shops of this volume take
    `MISSED_ORDERS` orders (1 minute to 6 hours): a day is called complete when at most about that many orders of all
    regions can be missing at its edge. Orders that carry dates without times cover the whole of their last day.
    Blind spots: an export cut during a quiet night is taken for complete, which costs a handful of orders.
    """

    first: Mapping[str, datetime]
    last: Mapping[str, datetime]
    zones: Mapping[str, str]

    def first_complete_day(self, region: str) -> date:
        """The first local day that began when orders were already recorded."""
        local = self._local(region, self.first[region])
        return local.date() if local.time() == time() else local.date() + _DAY

    def last_complete_day(self, region: str) -> date:
        """The last local day that had ended when orders were still recorded."""
        return self._local(region, self.last[region]).date() - _DAY

    def last_mature_day(self, region: str, horizon_hours: float, as_of: date | None) -> date:
        """The last local day whose newest order is older than the horizon when the data (or day `as_of`) end."""
        now = self.last[region]
        if as_of is not None:
            end = datetime.combine(as_of + _DAY, time(), ZoneInfo(self.zones[region]))
            now = min(now, end.astimezone(UTC))
        return self._local(region, now - timedelta(hours=horizon_hours)).date() - _DAY

    def _local(self, region: str, instant: datetime) -> datetime:
        return instant.astimezone(ZoneInfo(self.zones[region])).replace(tzinfo=None)


def data_span(orders: Orders, per_bucket: pd.DataFrame, bucket: timedelta) -> DataSpan:
    """Give the span of the data.

    Args:
        orders: For the clock, the zones and the first and last order.
        per_bucket: One row per region and bucket with orders: region, bucket (source clock), orders.
        bucket: Length of a bucket.
    """
    first_slack, last_slack = _slacks(per_bucket, bucket)
    zones = {region: orders.zone_of(region) for region in per_bucket["region"].unique()}
    if orders.clock != LOCAL:
        zone = ZoneInfo(orders.clock)
        first = orders.first_created_at.replace(tzinfo=zone).astimezone(UTC) - first_slack
        last = orders.last_created_at.replace(tzinfo=zone).astimezone(UTC) + last_slack
        return DataSpan(dict.fromkeys(zones, first), dict.fromkeys(zones, last), zones)
    return _span_of_local_clocks(orders, per_bucket, bucket, zones, first_slack, last_slack)


def _span_of_local_clocks(
    orders: Orders,
    per_bucket: pd.DataFrame,
    bucket: timedelta,
    zones: Mapping[str, str],
    first_slack: timedelta,
    last_slack: timedelta,
) -> DataSpan:
    """Regions whose zone is known share one span of instants; the others have only their own clock to go by."""
    buckets = per_bucket.groupby("region")["bucket"]
    begins, ends = buckets.min().to_dict(), buckets.max().to_dict()
    first: dict[str, datetime] = {}
    last: dict[str, datetime] = {}
    for region, zone in zones.items():
        begin = begins[region].to_pydatetime()
        end = min(ends[region].to_pydatetime() + bucket, orders.last_created_at + last_slack)
        first[region] = begin.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        last[region] = end.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    known = [region for region in zones if region in orders.zones]
    earliest = min((first[region] for region in known), default=None)
    latest = max((last[region] for region in known), default=None)
    for region in known:
        assert earliest is not None and latest is not None
        first[region], last[region] = earliest, latest
    return DataSpan(
        {region: instant - first_slack for region, instant in first.items()},
        {region: instant + last_slack for region, instant in last.items()},
        zones,
    )


def _slacks(per_bucket: pd.DataFrame, bucket: timedelta) -> tuple[timedelta, timedelta]:
    """How much later than a day's start, and earlier than its end, the data may begin and end."""
    totals = per_bucket.groupby("bucket")["orders"].sum()
    times = pd.DatetimeIndex(totals.index)
    if len(times) > 2 and (times == times.normalize()).all():
        return timedelta(0), _DAY
    begin, end = times.min(), times.max() + bucket
    span = min(end - begin, timedelta(days=EDGE_DAYS))
    early = float(totals[times < begin + span].sum())
    late = float(totals[times >= end - span].sum())
    return _clamp(span * MISSED_ORDERS / max(early, 1.0)), _clamp(span * MISSED_ORDERS / max(late, 1.0))


def _clamp(slack: timedelta) -> timedelta:
    return min(max(slack, MIN_SLACK), MAX_SLACK)
