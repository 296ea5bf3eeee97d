"""Linked accounts inside a crowd."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from contextcheck.simulate.behaviours.interface import FOR_GOOD, at_work
from contextcheck.simulate.draft import CAUSE, CUSTOMER_STRIDE, STATUS, hours, seconds
from contextcheck.simulate.markets import INDEX_OF, MARKETS

if TYPE_CHECKING:
    from numpy.typing import NDArray

RING_CUSTOMERS = 90_000_000
CELL = 6
ELECTRONICS = 4


@dataclass(frozen=True, slots=True)
class Ring:
    """Linked accounts order, then cancel everything or claim a refund and keep the goods.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        accounts: Number of accounts, at least 4; they work in cells of six.
        careless_share: Accounts that share device, address and payment within their cell; the others share one of
            them only, or nothing when `careful_share_nothing`.
        careful_share_nothing: Whether the careful accounts share nothing at all.
        order_share: Orders of the whole ring, as a share of the market's other orders.
        basket: Typical basket as a multiple of the free-shipping line.
        refund_share: Orders that arrive and are then refunded without coming back; the others are cancelled.
    """

    region: str = "KR"
    first_day: int = 0
    last_day: int = FOR_GOOD
    accounts: int = 45
    careless_share: float = 0.6
    careful_share_nothing: bool = False
    order_share: float = 0.034
    basket: float = 1.25
    refund_share: float = 0.3

    @property
    def careless_accounts(self) -> int:
        """How many accounts share everything; they come first."""
        return round(self.careless_share * self.accounts)

    def customers(self) -> tuple[int, ...]:
        """Customer numbers of the accounts, careless ones first."""
        base = INDEX_OF[self.region] * CUSTOMER_STRIDE + RING_CUSTOMERS
        return tuple(base + member for member in range(self.accounts))

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        # Ring orders are modelled on orders of the same market and days: same hours, same weekdays.
        places = np.flatnonzero(at_work(draft, self))
        wanted = min(int(rng.poisson(self.order_share * places.size)), places.size)
        rows = draft.iloc[np.sort(rng.choice(places, wanted, replace=False))]
        rows = _as_members(rows, rng.integers(0, self.accounts, wanted), self, rng)
        return pd.concat([draft, _ring_orders(rows, self, rng)], ignore_index=True)


def _ring_orders(rows: pd.DataFrame, ring: Ring, rng: np.random.Generator) -> pd.DataFrame:
    """What they order and how it ends."""
    market = MARKETS[INDEX_OF[ring.region]]
    size = len(rows)
    steps = np.ceil(market.free_line * ring.basket * np.exp(rng.normal(0, 0.25, size)) / market.round_price)
    total = steps * market.round_price - market.price_unit * (rng.random(size) < 0.5)
    refunds = rng.random(size) < ring.refund_share
    created = rows["created_at"].to_numpy().astype("datetime64[s]")
    paid = created + seconds(np.full(size, 40.0))
    delivered = paid + hours(24 * (market.delivery_days + rng.random(size)))
    cancelled = created + hours(np.minimum(rng.lognormal(np.log(1.5), 0.8, size), 23.0))
    missing = np.datetime64("NaT")
    return rows.assign(
        row=-1,
        order_total=np.round(total, 2),
        kept_total=0.0,
        kept_items=0,
        discount_total=0.0,
        coupon=np.int8(0),
        outcome=np.where(refunds, STATUS["refunded_no_return"], STATUS["cancelled"]).astype(np.int8),
        paid_at=paid,
        shipped_at=np.where(refunds, paid + hours(24 + 6 * rng.random(size)), missing),
        delivered_at=np.where(refunds, delivered, missing),
        event_at=np.where(refunds, delivered + hours(20 * rng.random(size) + 2), cancelled),
        product=rng.choice([1801, 1802, 1803], size).astype(np.int32),
        category=np.int8(ELECTRONICS),
        cause=np.int8(CAUSE["ring"]),
    )


def _as_members(rows: pd.DataFrame, member: NDArray[np.int64], ring: Ring, rng: np.random.Generator) -> pd.DataFrame:
    """Whose orders they are: careless members share everything within a cell, careful ones one thing or nothing."""
    base = INDEX_OF[ring.region] * CUSTOMER_STRIDE + RING_CUSTOMERS
    careless = member < ring.careless_accounts
    own = base + member

    def key(place: int, factor: int) -> NDArray[np.int64]:
        one_thing = (member % 3 == place) & (not ring.careful_share_nothing)
        return np.where(careless | one_thing, (base + 1_000_000 + member // CELL) * factor, own * factor)

    # Careless accounts are days old, careful ones were opened weeks before.
    age_days = np.where(careless, 3.0, 40.0) * (0.3 + (member * 7 % 11) / 6)
    return rows.assign(
        customer=own,
        device=key(0, 2),
        address=key(1, 1),
        payment=key(2, 4),
        account_created_at=rows["created_at"].to_numpy().astype("datetime64[s]").min() - hours(24 * age_days),
        method=np.int8(np.bincount(rows["method"].to_numpy()).argmax()),
        channel=(rng.random(len(rows)) < 0.8).astype(np.int8),
    )
