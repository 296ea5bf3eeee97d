"""What has become of every order in the end: the full draft of a world, before anybody looks at it.

A draft is a plain table with one row per order. Columns:

- `region_index`, `day` (local day, 0 is the first), `created_at` (UTC), `customer`, `device`, `address`, `payment`
  (whole numbers, the same number is the same thing), `account_created_at`;
- `order_total`, `kept_total`, `discount_total`, `fee_below_line`, `parcel_cost` in the market's own currency,
  `items`, `kept_items`;
- `method`, `channel`, `category`, `touchpoint`, `coupon` (places in the lists of names), `product`;
- `outcome`: the last status it will ever have (place in `STATUSES`), `event_at`: when it got there (NaT: `delivered`);
- `paid_at` (NaT when never), `shipped_at`, `delivered_at`, `is_exposed` (saw the launched feature);
- `cause`: which behaviour made or changed the order (place in `CAUSES`), for the truth only.

A behaviour may add two more: `reason`, what the shop wrote down when it cancelled, and `loaded_at`, when the order
reached the database.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from contextcheck.knowledge.columns import STATUSES
from contextcheck.simulate.markets import MARKETS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

STATUS = {name: place for place, name in enumerate(STATUSES)}
FULLY_CANCELLED = (STATUS["cancelled"], STATUS["expired_unpaid"])
NOT_KEPT = (
    STATUS["cancelled"],
    STATUS["expired_unpaid"],
    STATUS["refused"],
    STATUS["returned"],
    STATUS["refunded_no_return"],
    STATUS["chargeback"],
)

CUSTOMER_STRIDE = 100_000_000  # customer numbers of one market lie inside one stride

CHANNELS = ("web", "app", "marketplace")
CATEGORIES = ("fashion", "beauty", "home", "food", "electronics", "toys", "books", "sports")
TOUCHPOINTS = ("search", "home_page", "campaign_mail", "product_page", "social", "wish_list")
COUPONS = ("", "WELCOME10", "APP5", "SEASON15")
CAUSES = (
    "usual", "padding", "ring", "checkout_fault", "retry", "payment_outage", "payment_expiry", "refusals",
    "return_wave", "serial_returns", "stock_out", "price_error", "carrier_outage", "surge", "promo_farm", "rebuy",
    "measurement", "bulk_customer", "mix", "fitting", "festive", "split", "second_thoughts", "late_delivery", "limit",
    "faulty_batch", "linked_accounts", "claims", "card_testing", "stock_holding", "trials", "bots", "brushing",
    "resale", "triangulation", "splitting", "pranks", "invoices", "gaming", "shop_cancels", "closure",
)  # fmt: skip
CAUSE = {name: place for place, name in enumerate(CAUSES)}


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of a world, `first` and `last` local and included; the data is taken at `taken_at` (UTC)."""

    first: date
    last: date
    taken_at: datetime

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def index_of(self, day: date) -> int:
        return (day - self.first).days

    def day(self, index: int) -> date:
        return self.first + timedelta(days=index)


def stream(seed: int, name: str) -> np.random.Generator:
    """Random numbers of one part, the same whatever other parts draw: this pairs worlds with and without a cause."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def local_midnights(calendar: Calendar) -> NDArray[np.datetime64]:
    """First instant of every local day in UTC, shape (markets, days)."""
    table = [[_midnight(market.zone, calendar.day(day)) for day in range(calendar.days)] for market in MARKETS]
    return np.array(table, dtype="datetime64[s]")


def _midnight(zone: str, day: date) -> datetime:
    local = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    return local.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)


def seconds(values: NDArray[np.float64]) -> NDArray[np.timedelta64]:
    """Whole seconds as time differences."""
    return values.astype(np.int64).astype("timedelta64[s]")


def hours(values: NDArray[np.float64]) -> NDArray[np.timedelta64]:
    """Hours as time differences, to the second."""
    return seconds(np.asarray(values, dtype=np.float64) * 3600)


def pick(rng: np.random.Generator, shares: Sequence[float], size: int) -> NDArray[np.int64]:
    """Places drawn with the given shares."""
    edges = np.cumsum(np.asarray(shares, dtype=np.float64))
    found = np.searchsorted(edges / edges[-1], rng.random(size), side="right")
    return np.minimum(found, len(shares) - 1).astype(np.int64)
