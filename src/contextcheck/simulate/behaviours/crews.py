"""A few people with many accounts: who they are, what they share, and orders modelled on those of the market."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.simulate.behaviours.changes import copies, times_of
from contextcheck.simulate.behaviours.interface import at_work
from contextcheck.simulate.draft import CUSTOMER_STRIDE, hours
from contextcheck.simulate.markets import INDEX_OF

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from contextcheck.simulate.behaviours.interface import Behaviour

FIRST_CREW = 30_000_000
CREW_STRIDE = 2_000_000
SHARED = 1_000_000
"""Numbers of shared things start here above a crew's own customer numbers."""


@dataclass(frozen=True, slots=True)
class Crew:
    """Accounts that belong together.

    Attributes:
        region: Where they order.
        number: Tells the crews of one market apart, 0 to 20.
        cell: Accounts that share one thing; 1 when every account has its own.
        shares: What a cell shares: some of device, address and payment.
        age_days: How long before its order a typical account was opened.
    """

    region: str
    number: int
    cell: int = 6
    shares: tuple[str, ...] = ("device", "address", "payment")
    age_days: float = 5.0

    def orders_of(self, rows: pd.DataFrame, member: NDArray[np.int64], rng: np.random.Generator) -> pd.DataFrame:
        """Give the same orders, placed by members of the crew.

        Args:
            rows: Orders to hand over.
            member: Number of the account per order, from 0.
            rng: Random numbers of the behaviour.
        """
        base = INDEX_OF[self.region] * CUSTOMER_STRIDE + FIRST_CREW + self.number * CREW_STRIDE
        own, together = base + member, base + SHARED + member // self.cell
        factors = {"device": 2, "address": 1, "payment": 4}
        things = {
            name: np.where(name in self.shares and self.cell > 1, together, own) * factor
            for name, factor in factors.items()
        }
        # one age per account, whatever order one looks at
        age = self.age_days * (0.3 + (member * 7 % 11) / 6) * 24
        first = rows["created_at"].to_numpy().astype("datetime64[s]").min() if len(rows) else np.datetime64("NaT")
        return rows.assign(customer=own, account_created_at=first - hours(age + rng.uniform(0, 0.1)), **things)


def modelled(
    draft: pd.DataFrame, behaviour: Behaviour, order_share: float, rng: np.random.Generator, cause: str
) -> pd.DataFrame:
    """Give additional orders at the hours and on the weekdays on which the market orders.

    Args:
        draft: Where the models are.
        behaviour: Says where and when.
        order_share: Number of additional orders as a share of the market's own.
        rng: Random numbers of the behaviour.
        cause: A name of `CAUSES`.
    """
    own = np.flatnonzero(at_work(draft, behaviour))
    wanted = int(rng.poisson(order_share * own.size)) if own.size else 0
    places = np.sort(rng.choice(own, wanted)) if wanted else own[:0]
    return copies(draft, places, hours(rng.uniform(0, 1.0, places.size)), cause)


def sent_at_once(rows: pd.DataFrame, delivery_days: float, rng: np.random.Generator) -> pd.DataFrame:
    """Give the same orders paid at once, sent within a day and delivered after the usual time."""
    size = len(rows)
    created = times_of(rows, "created_at")
    shipped = created + hours(24 + 8 * rng.random(size))
    return rows.assign(
        paid_at=created + hours(np.full(size, 0.02)),
        shipped_at=shipped,
        delivered_at=shipped + hours(24 * delivery_days * rng.uniform(0.8, 1.2, size)),
    )


def every(rows: pd.DataFrame) -> NDArray[np.bool_]:
    """All of these orders."""
    return np.ones(len(rows), dtype=np.bool_)


def priced(rows: pd.DataFrame, region: str, total: NDArray[np.float64], items: int = 1) -> pd.DataFrame:
    """Give the same orders with another value, whole price steps, no discount and everything kept until it ends."""
    from contextcheck.simulate.markets import MARKETS

    unit = MARKETS[INDEX_OF[region]].price_unit
    value = np.round(np.maximum(np.round(total / unit), 1) * unit, 2)
    count = np.full(len(rows), items, dtype=np.int64)
    return rows.assign(
        order_total=value, kept_total=value, discount_total=0.0, coupon=np.int8(0), items=count, kept_items=count
    )
