"""Orders under the contract, as handed from `load` to every later step."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import ibis

    from contextcheck.records import InputFile

LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Orders:
    """One row per order, in an engine, under the canonical names of `contextcheck.knowledge.columns`.

    Attributes:
        table: Ibis table with exactly `columns`. Text columns are strings, times are timestamps without a zone on the
            source clock, amounts, `items` and `kept_items` are float64 in the reporting currency (units for items),
            `feature_exposed` is boolean. `region` still holds the words of the source (see `region_words`).
        columns: The canonical columns that are there.
        clock: What the timestamps mean: an IANA zone name (usually "UTC"), or "local" when each row is already in the
            local time of its region. No row is ever converted: days are folded from a small table (`panel.build`).
        region_words: Region code to the words of the source that mean it, such as {"GB": ("United Kingdom", "gb")}.
        zones: Region code to IANA zone; only regions that have one. Others are counted in the source clock.
        currency: The reporting currency of every amount.
        rows: Number of rows in `table`.
        last_created_at: Newest `created_at` on the source clock.
        inputs: The files or tables that were read.
    """

    table: ibis.Table
    columns: frozenset[str]
    clock: str
    region_words: Mapping[str, tuple[str, ...]]
    zones: Mapping[str, str]
    currency: str
    rows: int
    first_created_at: datetime
    last_created_at: datetime
    inputs: tuple[InputFile, ...] = field(default=())

    @property
    def regions(self) -> tuple[str, ...]:
        return tuple(sorted(self.region_words))

    def zone_of(self, region: str) -> str:
        """The zone in which a region's days are counted."""
        return self.zones.get(region, "UTC" if self.clock == LOCAL else self.clock)

    def to_source_clock(self, region: str, local: datetime) -> datetime:
        """A local time of a region, as the same instant on the source clock."""
        if self.clock == LOCAL:
            return local
        instant = local.replace(tzinfo=ZoneInfo(self.zone_of(region)))
        return instant.astimezone(ZoneInfo(self.clock)).replace(tzinfo=None)

    def days_on_source_clock(self, region: str, start: date, end: date) -> tuple[datetime, datetime]:
        """First instant of local day `start` and first instant after local day `end`, on the source clock."""
        first = self.to_source_clock(region, datetime.combine(start, time()))
        after = self.to_source_clock(region, datetime.combine(end + timedelta(days=1), time()))
        return first, after

    def of_regions_days(self, regions: Sequence[str], start: date, end: date) -> ibis.Table:
        """The orders of several regions placed on these local days of each (both included), in one filter."""
        conditions = []
        for region in regions:
            first, after = self.days_on_source_clock(region, start, end)
            is_there = self.table.region.isin(self.region_words[region])
            conditions.append(is_there & (self.table.created_at >= first) & (self.table.created_at < after))
        return self.table.filter(reduce(or_, conditions))

    def of_region_days(self, region: str, start: date, end: date) -> ibis.Table:
        """The orders of one region placed on local days `start` to `end` (both included), filtered in the engine."""
        first, after = self.days_on_source_clock(region, start, end)
        table = self.table
        words = self.region_words[region]
        return table.filter(table.region.isin(words), table.created_at >= first, table.created_at < after)
