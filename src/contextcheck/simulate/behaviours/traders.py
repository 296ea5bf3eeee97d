"""Orders that serve a trade of somebody else's: rankings, resale, stolen cards, customs steps, pranks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from contextcheck.simulate.behaviours.changes import ended, times_of
from contextcheck.simulate.behaviours.crews import SHARED, Crew, every, modelled, priced, sent_at_once
from contextcheck.simulate.behaviours.interface import FOR_GOOD
from contextcheck.simulate.draft import COUPONS, hours
from contextcheck.simulate.markets import INDEX_OF, MARKETS, PAYMENT_NAMES

OWN_LISTINGS = (1_870, 1_871, 1_872)
LIMITED_PRODUCT = 1_880


@dataclass(frozen=True, slots=True)
class Brushing:
    """Sellers order their own goods with a subsidy; most orders are cancelled, the others go out as empty parcels.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        accounts: Number of accounts.
        cell: Accounts that share device and payment; 1 for careful ones.
        order_share: Their orders as a share of the market's other orders.
        cancelled_share: Share of these orders that is cancelled, 0 to 1.
    """

    region: str = "TW"
    first_day: int = 0
    last_day: int = FOR_GOOD
    accounts: int = 25
    cell: int = 5
    order_share: float = 0.45
    cancelled_share: float = 0.7

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        rows = modelled(draft, self, self.order_share, rng, "brushing")
        crew = Crew(self.region, 6, self.cell, ("device", "payment"), 60)
        rows = crew.orders_of(rows, rng.integers(0, self.accounts, len(rows)), rng)
        value = np.full(len(rows), 0.6 * MARKETS[INDEX_OF[self.region]].basket_median)
        rows = sent_at_once(priced(rows, self.region, value), 2.0, rng)
        rows = rows.assign(
            product=rng.choice(OWN_LISTINGS, len(rows)).astype(np.int32),
            coupon=np.int8(COUPONS.index("SEASON15")),
            discount_total=np.round(rows["order_total"].to_numpy() * 0.15, 2),
        )
        never = np.full(len(rows), np.datetime64("NaT"), dtype="datetime64[s]")
        rows = ended(rows, every(rows), "delivered", never, "brushing", 1.0)
        cancelled = rng.random(len(rows)) < self.cancelled_share
        when = times_of(rows, "created_at") + hours(rng.uniform(0.5, 20, len(rows)))
        return pd.concat([draft, ended(rows, cancelled, "cancelled", when, "brushing")], ignore_index=True)


@dataclass(frozen=True, slots=True)
class Resellers:
    """Linked accounts buy a limited product, each up to the limit, and send back late what did not sell.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        accounts: Number of accounts.
        cell: Accounts that share device, address and payment; 1 for careful ones.
        order_share: Their orders as a share of the market's other orders.
        limit: Items that one order may hold; each order meets it.
        returned_share: Share of these orders that comes back, 0 to 1.
    """

    region: str = "US"
    first_day: int = 0
    last_day: int = FOR_GOOD
    accounts: int = 30
    cell: int = 6
    order_share: float = 0.35
    limit: int = 5
    returned_share: float = 0.4

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        rows = modelled(draft, self, self.order_share, rng, "resale")
        crew = Crew(self.region, 7, self.cell, age_days=30)
        rows = crew.orders_of(rows, rng.integers(0, self.accounts, len(rows)), rng)
        value = np.full(len(rows), 0.9 * self.limit * MARKETS[INDEX_OF[self.region]].basket_median)
        rows = sent_at_once(priced(rows, self.region, value, items=self.limit), 3.0, rng)
        rows = rows.assign(product=np.int32(LIMITED_PRODUCT))
        never = np.full(len(rows), np.datetime64("NaT"), dtype="datetime64[s]")
        rows = ended(rows, every(rows), "delivered", never, "resale", 1.0)
        back = rng.random(len(rows)) < self.returned_share
        when = times_of(rows, "created_at") + hours(24 * rng.uniform(18, 28, len(rows)))
        return pd.concat([draft, ended(rows, back, "returned", when, "resale")], ignore_index=True)


@dataclass(frozen=True, slots=True)
class Triangulation:
    """A seller elsewhere orders for real buyers with stolen cards: one machine, every order another card and address.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        order_share: Its orders as a share of the market's other orders.
        orders_per_device: Orders from one machine before the next; 1 for a careful seller.
        disputed_share: Share of these orders that the cards' holders dispute, 0 to 1.
    """

    region: str = "US"
    first_day: int = 0
    last_day: int = FOR_GOOD
    order_share: float = 0.25
    orders_per_device: int = 80
    disputed_share: float = 0.8

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        rows = modelled(draft, self, self.order_share, rng, "triangulation")
        crew = Crew(self.region, 8, self.orders_per_device, ("device",), 1.0)
        rows = crew.orders_of(rows, np.arange(len(rows)), rng)
        value = MARKETS[INDEX_OF[self.region]].basket_median * rng.lognormal(0.3, 0.3, len(rows))
        rows = sent_at_once(priced(rows, self.region, value), 3.0, rng)
        rows = rows.assign(method=np.int8(PAYMENT_NAMES.index("card")))
        never = np.full(len(rows), np.datetime64("NaT"), dtype="datetime64[s]")
        rows = ended(rows, every(rows), "delivered", never, "triangulation", 1.0)
        disputed = rng.random(len(rows)) < self.disputed_share
        when = times_of(rows, "created_at") + hours(24 * rng.uniform(28, 48, len(rows)))
        return pd.concat([draft, ended(rows, disputed, "chargeback", when, "triangulation")], ignore_index=True)


@dataclass(frozen=True, slots=True)
class SenderSplitting:
    """One sender breaks consignments for many recipients into parcels just under a customs step.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        order_share: Its parcels as a share of the market's other orders.
        step: The customs step, in the market's currency.
        accounts: Accounts of the sender, on one device; every parcel goes to an address of its own.
    """

    region: str = "BR"
    first_day: int = 0
    last_day: int = FOR_GOOD
    order_share: float = 0.6
    step: float = 90.0
    accounts: int = 8

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        rows = modelled(draft, self, self.order_share, rng, "splitting")
        crew = Crew(self.region, 9, self.accounts, ("device", "payment"), 200)
        rows = crew.orders_of(rows, rng.integers(0, self.accounts, len(rows)), rng)
        rows = rows.assign(address=rows["address"].to_numpy() + SHARED + np.arange(len(rows)))
        rows = sent_at_once(priced(rows, self.region, self.step * (1 - rng.exponential(0.03, len(rows)))), 5.0, rng)
        never = np.full(len(rows), np.datetime64("NaT"), dtype="datetime64[s]")
        return pd.concat([draft, ended(rows, every(rows), "delivered", never, "splitting", 1.0)], ignore_index=True)


@dataclass(frozen=True, slots=True)
class CashOrderPrank:
    """Orders to be paid at the door, placed by a few people who will not take them.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        method: Way to pay.
        accounts: Number of accounts.
        cell: Accounts that share device and address; 1 for careful ones.
        order_share: Their orders as a share of the market's other orders.
    """

    region: str = "IN"
    first_day: int = 0
    last_day: int = FOR_GOOD
    method: str = "cod"
    accounts: int = 40
    cell: int = 8
    order_share: float = 0.2

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        rows = modelled(draft, self, self.order_share, rng, "pranks")
        crew = Crew(self.region, 10, self.cell, ("device", "address"), 2)
        rows = crew.orders_of(rows, rng.integers(0, self.accounts, len(rows)), rng)
        rows = rows.assign(method=np.int8(PAYMENT_NAMES.index(self.method)))
        rows = sent_at_once(rows, MARKETS[INDEX_OF[self.region]].delivery_days, rng)
        refused = ended(rows, every(rows), "refused", times_of(rows, "delivered_at"), "pranks")
        return pd.concat([draft, refused], ignore_index=True)


@dataclass(frozen=True, slots=True)
class InvoiceNeverPaid:
    """Orders on invoice under borrowed names: goods arrive, nothing is paid and nothing comes back.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        method: Way to pay.
        cell: Names that share device and address; 1 for careful people.
        order_share: Their orders as a share of the market's other orders.
    """

    region: str = "DE"
    first_day: int = 0
    last_day: int = FOR_GOOD
    method: str = "invoice"
    cell: int = 8
    order_share: float = 0.06

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        rows = modelled(draft, self, self.order_share, rng, "invoices")
        crew = Crew(self.region, 11, self.cell, ("device", "address"), 0.5)
        rows = crew.orders_of(rows, np.arange(len(rows)), rng)
        value = MARKETS[INDEX_OF[self.region]].basket_median * rng.lognormal(0.8, 0.3, len(rows))
        rows = priced(rows, self.region, value).assign(method=np.int8(PAYMENT_NAMES.index(self.method)))
        when = times_of(rows, "created_at") + hours(24 * rng.uniform(14, 16, len(rows)))
        unpaid = ended(rows, every(rows), "expired_unpaid", when, "invoices")
        return pd.concat([draft, unpaid], ignore_index=True)


@dataclass(frozen=True, slots=True)
class ThresholdGaming:
    """A few accounts pad over the free-shipping line and take the same filler out, in order after order.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        accounts: Number of accounts; more of them with fewer orders each are the careful version.
        cell: Accounts that share device and payment; 1 for accounts that share nothing.
        order_share: Their orders as a share of the market's other orders.
        wanted: What stays in the basket, as a share of the line, 0 to 1.
    """

    region: str = "KR"
    first_day: int = 0
    last_day: int = FOR_GOOD
    accounts: int = 30
    cell: int = 1
    order_share: float = 0.15
    wanted: float = 0.6

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        rows = modelled(draft, self, self.order_share, rng, "gaming")
        crew = Crew(self.region, 12, self.cell, ("device", "payment"), 200)
        rows = crew.orders_of(rows, rng.integers(0, self.accounts, len(rows)), rng)
        line = MARKETS[INDEX_OF[self.region]].free_line
        total = line * (1 + rng.exponential(0.03, len(rows)))
        rows = sent_at_once(priced(rows, self.region, total, items=3), 2.0, rng)
        kept = np.minimum(line * self.wanted * rng.uniform(0.8, 1.2, len(rows)) / rows["order_total"].to_numpy(), 0.95)
        when = times_of(rows, "created_at") + hours(rng.uniform(0.2, 10, len(rows)))
        trimmed = ended(rows, every(rows), "partially_cancelled", when, "gaming", kept)
        return pd.concat([draft, trimmed], ignore_index=True)
