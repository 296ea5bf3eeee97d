"""Money back for goods that were used, kept or never sent: returns, claims and disputes by a few people."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from contextcheck.simulate.behaviours.changes import delivered_only, ended, times_of
from contextcheck.simulate.behaviours.crews import Crew, every, modelled, priced, sent_at_once
from contextcheck.simulate.behaviours.interface import FOR_GOOD, at_work
from contextcheck.simulate.draft import CATEGORIES, hours
from contextcheck.simulate.markets import INDEX_OF, MARKETS, REFUND_LIMIT_SHARE


@dataclass(frozen=True, slots=True)
class RefundClaims:
    """Linked accounts say that a parcel never came, or came empty; the shop pays back without seeing anything.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        accounts: Number of accounts.
        cell: Accounts that share device, address and payment; 1 for careful ones that share nothing.
        order_share: Their orders as a share of the market's other orders.
        claimed_share: Share of these orders that is claimed, 0 to 1.
    """

    region: str = "GB"
    first_day: int = 0
    last_day: int = FOR_GOOD
    accounts: int = 40
    cell: int = 5
    order_share: float = 0.06
    claimed_share: float = 0.9

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        rows = modelled(draft, self, self.order_share, rng, "claims")
        market = MARKETS[INDEX_OF[self.region]]
        rows = Crew(self.region, 0, self.cell).orders_of(rows, rng.integers(0, self.accounts, len(rows)), rng)
        # just under the amount that is paid back without questions
        limit = market.free_line * REFUND_LIMIT_SHARE
        rows = sent_at_once(priced(rows, self.region, limit * (1 - rng.exponential(0.05, len(rows)))), 2.0, rng)
        claimed = rng.random(len(rows)) < self.claimed_share
        never = np.full(len(rows), np.datetime64("NaT"), dtype="datetime64[s]")
        rows = ended(rows, every(rows), "delivered", never, "claims", 1.0)
        when = times_of(rows, "delivered_at") + hours(rng.uniform(8, 96, len(rows)))
        return pd.concat([draft, ended(rows, claimed, "refunded_no_return", when, "claims")], ignore_index=True)


@dataclass(frozen=True, slots=True)
class ReturnRing:
    """A small group sends back used, swapped or no goods and takes the refund for the whole order.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        accounts: Number of accounts.
        cell: Accounts that share device, address and payment; 1 for accounts that share nothing.
        order_share: Their orders as a share of the market's other orders.
        basket: Their basket as a multiple of the market's usual one.
        returned_share: Share of these orders that is sent back, 0 to 1.
        wait_days: Median days from delivery to the return.
    """

    region: str = "DE"
    first_day: int = 0
    last_day: int = FOR_GOOD
    accounts: int = 24
    cell: int = 6
    order_share: float = 0.15
    basket: float = 2.5
    returned_share: float = 0.95
    wait_days: float = 5.0

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        rows = modelled(draft, self, self.order_share, rng, "claims")
        rows = Crew(self.region, 1, self.cell, age_days=90).orders_of(
            rows, rng.integers(0, self.accounts, len(rows)), rng
        )
        value = MARKETS[INDEX_OF[self.region]].basket_median * self.basket * rng.lognormal(0, 0.25, len(rows))
        rows = sent_at_once(priced(rows, self.region, value), 2.0, rng)
        rows = rows.assign(category=np.int8(CATEGORIES.index("electronics")))
        never = np.full(len(rows), np.datetime64("NaT"), dtype="datetime64[s]")
        rows = ended(rows, every(rows), "delivered", never, "claims", 1.0)
        back = rng.random(len(rows)) < self.returned_share
        when = times_of(rows, "delivered_at") + hours(24 * self.wait_days * rng.lognormal(0, 0.2, len(rows)))
        return pd.concat([draft, ended(rows, back, "returned", when, "claims")], ignore_index=True)


@dataclass(frozen=True, slots=True)
class Wardrobing:
    """Customers of long standing buy for one occasion and send everything back late, again and again.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        customers: How many; frequent customers of the market, linked to nobody.
        order_share: Their orders for one use, as a share of the market's other orders.
        category: Category of the goods.
        wait_days: Days from the order to the return, about; late in the period in which goods may come back.
    """

    region: str = "GB"
    first_day: int = 0
    last_day: int = FOR_GOOD
    customers: int = 30
    order_share: float = 0.14
    category: str = "fashion"
    wait_days: float = 12.0

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        rows = modelled(draft, self, self.order_share, rng, "claims")
        rows = _by_frequent_customers(rows, draft, self, self.customers, rng)
        value = MARKETS[INDEX_OF[self.region]].basket_median * 1.8 * rng.lognormal(0, 0.3, len(rows))
        rows = sent_at_once(priced(rows, self.region, value), 2.0, rng)
        rows = rows.assign(category=np.int8(CATEGORIES.index(self.category)))
        when = times_of(rows, "created_at") + hours(24 * (self.wait_days + rng.normal(0, 0.8, len(rows))))
        return pd.concat([draft, ended(rows, every(rows), "returned", when, "claims")], ignore_index=True)


@dataclass(frozen=True, slots=True)
class BulkReturners:
    """A few unlinked customers order very much at a time and send nearly all of it back.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        customers: How many; frequent customers of the market.
        order_share: Their additional orders as a share of the market's other orders.
        basket: Their basket as a multiple of the market's usual one.
        whole_share: Share of these orders that comes back whole; of the others one item in ten stays.
    """

    region: str = "DE"
    first_day: int = 0
    last_day: int = FOR_GOOD
    customers: int = 12
    order_share: float = 0.12
    basket: float = 5.0
    whole_share: float = 0.92

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        rows = modelled(draft, self, self.order_share, rng, "claims")
        rows = _by_frequent_customers(rows, draft, self, self.customers, rng)
        value = MARKETS[INDEX_OF[self.region]].basket_median * self.basket * rng.lognormal(0, 0.3, len(rows))
        rows = sent_at_once(priced(rows, self.region, value, items=10), 2.0, rng)
        when = times_of(rows, "delivered_at") + hours(24 * rng.uniform(3, 9, len(rows)))
        whole = rng.random(len(rows)) < self.whole_share
        rows = ended(rows, whole, "returned", when, "claims")
        rows = ended(rows, ~whole, "partially_returned", when, "claims", 0.1)
        return pd.concat([draft, rows], ignore_index=True)


@dataclass(frozen=True, slots=True)
class OwnDisputes:
    """Customers dispute purchases that they made and received, weeks later, and go on buying on the same account.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        disputed_share: Share of delivered orders disputed on top of the usual ones, 0 to 1.
        comes_back_share: Share of the disputing customers who order again on the same account within days.
    """

    region: str = "US"
    first_day: int = 0
    last_day: int = FOR_GOOD
    disputed_share: float = 0.05
    comes_back_share: float = 0.8

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        rows = at_work(draft, self) & delivered_only(draft) & (rng.random(len(draft)) < self.disputed_share)
        when = times_of(draft, "delivered_at") + hours(24 * rng.uniform(26, 50, len(draft)))
        disputed = ended(draft, rows, "chargeback", when, "claims")
        again = np.flatnonzero(rows & (rng.random(len(draft)) < self.comes_back_share))
        wait = hours(24 * rng.uniform(0.5, 9, again.size))
        later = draft.iloc[again].reset_index(drop=True)
        times = ("created_at", "paid_at", "shipped_at", "delivered_at", "event_at")
        later = later.assign(row=-1, **{name: times_of(later, name) + wait for name in times})
        return pd.concat([disputed, later], ignore_index=True)


def _by_frequent_customers(
    rows: pd.DataFrame,
    draft: pd.DataFrame,
    behaviour: Wardrobing | BulkReturners,
    customers: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """The same orders, placed by the most frequent customers of the market with what they always use."""
    here = draft[at_work(draft, behaviour)]
    frequent = here["customer"].value_counts().index[:customers].to_numpy()
    if not frequent.size:
        return rows
    who = here.drop_duplicates("customer").set_index("customer").loc[rng.choice(frequent, len(rows))]
    columns = ("device", "address", "payment", "account_created_at", "method")
    return rows.assign(customer=who.index.to_numpy(), **{name: who[name].to_numpy() for name in columns})
