"""The rival of many a harmless habit: a few linked accounts whose orders end in the same way as the habit's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from contextcheck.simulate.behaviours.changes import copies, ended, times_of
from contextcheck.simulate.behaviours.interface import FOR_GOOD
from contextcheck.simulate.behaviours.selected import selected
from contextcheck.simulate.draft import CUSTOMER_STRIDE, hours, seconds
from contextcheck.simulate.markets import INDEX_OF, MARKETS

if TYPE_CHECKING:
    from numpy.typing import NDArray

LINKED_CUSTOMERS = 60_000_000


@dataclass(frozen=True, slots=True)
class LinkedAccounts:
    """A few accounts on shared devices, addresses and cards place many orders that all end in one way.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        end: How the orders end, a status such as refused, returned, expired_unpaid, cancelled or delivered.
        accounts: Number of accounts.
        cell: How many share a device, an address and a card.
        order_share: Orders of all of them, as a share of the market's other orders of the kind.
        methods: Paid in which ways; empty for all.
        categories: Which; empty for all.
        after_hours: Median hours until the end, from the order (cancelled, unpaid) or from the delivery.
        kept_share: Share of the basket that they keep, 0 to 1.
    """

    region: str = "IN"
    first_day: int = 0
    last_day: int = FOR_GOOD
    end: str = "refused"
    accounts: int = 24
    cell: int = 6
    order_share: float = 0.12
    methods: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    after_hours: float = 2.0
    kept_share: float = 0.0

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        own = np.flatnonzero(selected(draft, self, methods=self.methods, categories=self.categories))
        models = rng.choice(own, rng.poisson(self.order_share * own.size)) if own.size else own
        size = models.size
        extra = copies(draft, models, seconds(rng.uniform(0, 3_000, size)), "linked_accounts")
        member = rng.integers(0, self.accounts, size)
        base = INDEX_OF[self.region] * CUSTOMER_STRIDE + LINKED_CUSTOMERS
        shared = base + 1_000_000 + member // self.cell
        extra = extra.assign(
            customer=base + member,
            device=shared * 2,
            address=shared,
            payment=shared * 4,
            account_created_at=times_of(extra, "created_at") - hours(24 * rng.uniform(2, 30, size)),
        )
        extra = _sent(extra, MARKETS[INDEX_OF[self.region]].delivery_days)
        start = times_of(extra, "created_at" if self.end in ("cancelled", "expired_unpaid") else "delivered_at")
        when = start + hours(rng.lognormal(np.log(self.after_hours), 0.4, size))
        everything = np.ones(size, dtype=np.bool_)
        kept: NDArray[np.float64] | float = 1.0 if self.end == "delivered" else self.kept_share
        if self.end == "delivered":
            when = np.full(size, np.datetime64("NaT"), dtype="datetime64[s]")
        return pd.concat([draft, ended(extra, everything, self.end, when, "linked_accounts", kept)], ignore_index=True)


def _sent(extra: pd.DataFrame, delivery_days: float) -> pd.DataFrame:
    """Orders paid at once and delivered in the usual time, whatever became of their models."""
    size = len(extra)
    created = times_of(extra, "created_at")
    return extra.assign(
        paid_at=created,
        shipped_at=created + hours(np.full(size, 26.0)),
        delivered_at=created + hours(np.full(size, 24 * delivery_days)),
    )
