"""Contacts, surveys and disputes as handed from `load` to the explain step: small beside the orders, read per flag."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pandas as pd

from contextcheck.panel.frames import read_frame
from contextcheck.panel.orders import LOCAL

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import ibis

    from contextcheck.records import InputFile

FOLLOW_DAYS = 60
"""How long after the flag rows are still read: a dispute comes weeks after its order."""


@dataclass(frozen=True, slots=True)
class SideTable:
    """One table beside the orders, in an engine, under the names of `contextcheck.table_settings.TABLE_COLUMNS`.

    Attributes:
        name: contacts, surveys or disputes.
        title: The format it was read as.
        table: Ibis table with exactly `columns`; `created_at` on `clock`, `score` and `amount` as float64, the rest
            text. Texts of messages are never read.
        columns: The columns that are there.
        clock: IANA zone of the times, or "local" when each row is in the local time of its region.
        region_words: Region code to the source's words for it; empty without a region column.
        scale: Lowest and highest score; as seen in the data when nobody says.
        rows: Number of rows.
        first: Oldest `created_at` on `clock`.
        last: Newest `created_at` on `clock`.
        inputs: The files or tables that were read.
    """

    name: str
    title: str
    table: ibis.Table
    columns: frozenset[str]
    clock: str
    region_words: Mapping[str, tuple[str, ...]]
    scale: tuple[float, float] | None
    rows: int
    first: datetime
    last: datetime
    inputs: tuple[InputFile, ...] = field(default=())

    @property
    def has_regions(self) -> bool:
        """Whether a row tells its market."""
        return "region" in self.columns

    def describe(self) -> str:
        """What it is in one line, for `doctor`."""
        whose = [name for name in ("region", "customer_id", "order_id") if name in self.columns]
        told = [name for name in ("topic", "score", "language") if name in self.columns]
        scale = f" from {self.scale[0]:g} to {self.scale[1]:g}" if self.scale and "score" in self.columns else ""
        return (
            f"{self.name}: {self.title}, {self.rows:,} rows, {self.first:%Y-%m-%d} to {self.last:%Y-%m-%d}; joined by "
            f"{', '.join(whose)}; tells {', '.join(told) or 'only that there was one'}{scale}"
        )

    def of_region_days(self, region: str, start: date, end: date, *, zone: str, clock: str) -> pd.DataFrame:
        """Give the rows of one region from local day `start` to FOLLOW_DAYS after `end`.

        Args:
            region: Without a region column the rows of every market are given: then only customers tell whose they are.
            start: First local day.
            end: Last local day of the flag.
            zone: The region's zone.
            clock: The clock of the orders (IANA zone or "local").

        Returns:
            `columns`, with `created_at` on the clock of the orders, and the local `day`.
        """
        table = self.table
        if self.has_regions:
            table = table.filter(table.region.isin(self.region_words.get(region, ())))
        first = self._on_own_clock(datetime.combine(start, time()), zone)
        after = self._on_own_clock(datetime.combine(end + timedelta(days=1 + FOLLOW_DAYS), time()), zone)
        table = table.filter(table.created_at >= first, table.created_at < after)
        keys = [name for name in ("created_at", "id", "customer_id", "topic", "score") if name in self.columns]
        frame = read_frame(table.order_by(keys))
        moments = pd.to_datetime(frame["created_at"])
        return frame.assign(
            created_at=self._moved(moments, zone, zone if clock == LOCAL else clock),
            day=self._moved(moments, zone, zone).dt.floor("D"),
        )

    def covered(self, zone: str, clock: str) -> tuple[pd.Timestamp, pd.Timestamp]:
        """First and last moment of the whole table, on the clock of the orders of one region."""
        moments = pd.Series([pd.Timestamp(self.first), pd.Timestamp(self.last)])
        moved = self._moved(moments, zone, zone if clock == LOCAL else clock)
        return moved.iloc[0], moved.iloc[1]

    def _on_own_clock(self, local: datetime, zone: str) -> datetime:
        if self.clock in (LOCAL, zone):
            return local
        return local.replace(tzinfo=ZoneInfo(zone)).astimezone(ZoneInfo(self.clock)).replace(tzinfo=None)

    def _moved(self, moments: pd.Series[pd.Timestamp], zone: str, target: str) -> pd.Series[pd.Timestamp]:
        """Times of the table on another clock; rows in local time are in the region's zone."""
        own = zone if self.clock == LOCAL else self.clock
        if own == target:
            return moments
        aware = moments.dt.tz_localize(ZoneInfo(own), ambiguous=True, nonexistent="shift_forward")
        return aware.dt.tz_convert(ZoneInfo(target)).dt.tz_localize(None)
