"""What shoppers, rings and machines do: one function per behaviour, each with its parameters in a record.

A behaviour takes a draft (see `contextcheck.simulate.draft`), its parameters and random numbers of its own, and gives
a new draft; rows keep their `row` number, added rows have -1. None of them looks at what any detector or test computes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from contextcheck.simulate.draft import CAUSE, NOT_KEPT, STATUS, hours, seconds
from contextcheck.simulate.markets import INDEX_OF, MARKETS

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STAYS = (STATUS["delivered"], STATUS["partially_returned"], STATUS["partially_cancelled"], STATUS["changed"])


@dataclass(frozen=True, slots=True)
class Padding:
    """Shoppers fill baskets up to the free-shipping line; a part of them takes filling out again before it is sent.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        take_up: Share of the baskets in reach that are filled up, 0 to 1.
        reach: Smallest basket that is filled up, as a share of the line, 0 to 1.
        prefers_small: Tilt towards baskets far below the line (the fee weighs most there): 0 none, 1 strong; -1 the
            other way round, towards baskets that lack little.
        overshoot: Typical overshoot above the line, as a share of it.
        trim_share: Share of the filled baskets that are trimmed, 0 to 1.
        keeps_of_filling: Average share of the filling that stays after trimming, 0 to 1.
        changed_share: Share of trims booked as a changed order instead of a partial cancel.
        trim_hours: Median hours until the trim; always within 24.
        repack_cost: Extra cost of a parcel that was already packed when it was trimmed, as a share of the parcel cost.
    """

    region: str
    first_day: int
    take_up: float
    reach: float = 0.3
    prefers_small: float = 0.0
    overshoot: float = 0.05
    trim_share: float = 0.5
    keeps_of_filling: float = 0.5
    changed_share: float = 0.12
    trim_hours: float = 3.0
    repack_cost: float = 0.0


def pad_baskets(draft: pd.DataFrame, padding: Padding, rng: np.random.Generator) -> pd.DataFrame:
    """Fill baskets up to the line and trim a part of them.

    Args:
        draft: Draft to change a copy of.
        padding: Who fills up how much, and what is taken out again.
        rng: Random numbers of this behaviour alone.
    """
    market = MARKETS[INDEX_OF[padding.region]]
    size = len(draft)
    total = draft["order_total"].to_numpy()
    outcome = draft["outcome"].to_numpy().copy()
    lacking = (market.free_line - total) / (market.free_line * (1 - padding.reach))
    in_reach = (lacking > 0) & (lacking <= 1) & _in_launch(draft, padding.region, padding.first_day)
    chance = padding.take_up * (1 + padding.prefers_small * (2 * lacking - 1))
    pads = in_reach & (rng.random(size) < chance)
    aim = market.free_line * (1 + rng.exponential(padding.overshoot, size))
    unit = market.price_unit
    # Fillers are priced like anything else: the new total lands on a price step, never under the line.
    filling = np.where(pads, np.maximum(np.ceil(aim / unit) * unit, market.free_line) - total, 0.0)
    trims = pads & (rng.random(size) < padding.trim_share) & (outcome == STATUS["delivered"])
    spread = max(padding.keeps_of_filling, 0.001), max(1 - padding.keeps_of_filling, 0.001)
    stays = np.where(trims, rng.beta(4 * spread[0], 4 * spread[1], size), 1.0)
    booked = np.where(rng.random(size) < padding.changed_share, STATUS["changed"], STATUS["partially_cancelled"])
    kept_filling = np.where(np.isin(outcome, _STAYS), np.floor(filling * stays / unit) * unit, 0.0)
    trim_at = draft["created_at"].to_numpy().astype("datetime64[s]") + hours(
        np.minimum(rng.lognormal(np.log(padding.trim_hours), 0.9, size), 23.9)
    )
    added = np.where(pads, 1 + (rng.random(size) < 0.3), 0)
    outcome[trims] = booked[trims]
    return draft.assign(
        order_total=np.round(total + filling, 2),
        kept_total=np.round(draft["kept_total"].to_numpy() + kept_filling, 2),
        items=draft["items"].to_numpy() + added,
        kept_items=draft["kept_items"].to_numpy() + np.where(np.isin(outcome, NOT_KEPT) | trims, 0, added),
        outcome=outcome,
        event_at=np.where(trims, trim_at, draft["event_at"].to_numpy()),
        parcel_cost=np.round(draft["parcel_cost"].to_numpy() * np.where(trims, 1 + padding.repack_cost, 1), 2),
        cause=np.where(pads, CAUSE["padding"], draft["cause"].to_numpy()).astype(np.int8),
    )


@dataclass(frozen=True, slots=True)
class Ring:
    """Linked accounts order, then cancel everything or claim a refund and keep the goods.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        accounts: Number of accounts, at least 4.
        careless_share: Accounts that share device, address and payment; the others share one of them only.
        orders_per_day: Orders of the whole ring per day.
        basket: Typical basket as a multiple of the free-shipping line.
        refund_share: Orders that arrive and are then refunded without coming back; the others are cancelled.
    """

    region: str
    first_day: int
    accounts: int = 45
    careless_share: float = 0.6
    orders_per_day: float = 9.0
    basket: float = 1.25
    refund_share: float = 0.3

    @property
    def careless_accounts(self) -> int:
        """How many accounts share everything; they come first."""
        return round(self.careless_share * self.accounts)


RING_CUSTOMERS = 90_000_000


def add_ring(draft: pd.DataFrame, ring: Ring, rng: np.random.Generator) -> pd.DataFrame:
    """Add the orders of a ring; its rows are modelled on orders of the same region and days.

    Args:
        draft: Draft to add to.
        ring: Size and habits.
        rng: Random numbers of this behaviour alone.
    """
    places = np.flatnonzero(_in_launch(draft, ring.region, ring.first_day))
    days = draft["day"].to_numpy()[places]
    wanted = rng.poisson(ring.orders_per_day * np.unique(days).size)
    rows = draft.iloc[np.sort(rng.choice(places, wanted, replace=False))].copy()
    market = MARKETS[INDEX_OF[ring.region]]
    size = len(rows)
    member = rng.integers(0, ring.accounts, size)
    rows = _as_members(rows, member, ring, rng)
    steps = market.free_line * ring.basket * np.exp(rng.normal(0, 0.25, size)) / market.round_price
    total = np.round(np.ceil(steps) * market.round_price - market.price_unit * (rng.random(size) < 0.5), 2)
    refunds = rng.random(size) < ring.refund_share
    created = rows["created_at"].to_numpy().astype("datetime64[s]")
    paid = created + seconds(np.full(size, 40.0))
    delivered = paid + hours(24 * (market.delivery_days + rng.random(size)))
    missing = np.datetime64("NaT")
    return pd.concat(
        [
            draft,
            rows.assign(
                row=-1,
                order_total=total,
                kept_total=0.0,
                kept_items=0,
                discount_total=0.0,
                coupon=np.int8(0),
                outcome=np.where(refunds, STATUS["refunded_no_return"], STATUS["cancelled"]).astype(np.int8),
                paid_at=paid,
                shipped_at=np.where(refunds, paid + hours(24 + 6 * rng.random(size)), missing),
                delivered_at=np.where(refunds, delivered, missing),
                event_at=np.where(
                    refunds, delivered + hours(20 * rng.random(size) + 2), created + hours(_soon(rng, size))
                ),
                product=rng.choice([1801, 1802, 1803], size).astype(np.int32),
                category=np.int8(4),
                cause=np.int8(CAUSE["ring"]),
            ),
        ],
        ignore_index=True,
    )


def _soon(rng: np.random.Generator, size: int) -> NDArray[np.float64]:
    return np.minimum(rng.lognormal(np.log(1.5), 0.8, size), 23.0)


def _as_members(rows: pd.DataFrame, member: NDArray[np.int64], ring: Ring, rng: np.random.Generator) -> pd.DataFrame:
    """Whose orders they are: careless members share everything within a cell, careful ones only one thing."""
    base = INDEX_OF[ring.region] * 100_000_000 + RING_CUSTOMERS
    careless = member < ring.careless_accounts
    cell = member // 6
    shared_thing = member % 3
    own = base + member

    def key(place: int, factor: int, offset: int) -> NDArray[np.int64]:
        linked = careless | (shared_thing == place)
        return np.where(linked, (base + 1_000 + cell) * factor, own * factor + offset)

    age_days = np.where(careless, 3.0, 40.0) * (0.3 + (member * 7 % 11) / 6)
    opened = rows["created_at"].to_numpy().astype("datetime64[s]").min() - hours(24 * age_days)
    method = rows["method"].to_numpy()
    card = np.bincount(method[method >= 0]).argmax()
    return rows.assign(
        customer=own,
        device=key(0, 2, 0),
        address=key(1, 1, 0),
        payment=key(2, 4, 0),
        account_created_at=opened,
        method=np.int8(card),
        channel=(rng.random(len(rows)) < 0.8).astype(np.int8),
    )


def ring_customers(ring: Ring) -> tuple[int, ...]:
    """Customer numbers of the ring's accounts, careless ones first."""
    base = INDEX_OF[ring.region] * 100_000_000 + RING_CUSTOMERS
    return tuple(base + member for member in range(ring.accounts))


@dataclass(frozen=True, slots=True)
class CheckoutFault:
    """A new checkout loses orders: they are cancelled within minutes; some shoppers try again.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        fail_share: Share of orders that fail, whatever is in them and whoever placed them, 0 to 1.
        retry_share: Share of failed orders that are placed again and then go through, 0 to 1.
        cancel_minutes: Median minutes until the failed order is cancelled.
    """

    region: str
    first_day: int
    fail_share: float = 0.15
    retry_share: float = 0.35
    cancel_minutes: float = 4.0


def break_checkout(draft: pd.DataFrame, fault: CheckoutFault, rng: np.random.Generator) -> pd.DataFrame:
    """Let orders fail; add the ones that were placed again.

    Args:
        draft: Draft to change a copy of.
        fault: Where, how often, how fast.
        rng: Random numbers of this behaviour alone.
    """
    size = len(draft)
    fails = _in_launch(draft, fault.region, fault.first_day) & (rng.random(size) < fault.fail_share)
    fails &= draft["outcome"].to_numpy() != STATUS["expired_unpaid"]
    created = draft["created_at"].to_numpy().astype("datetime64[s]")
    minutes = np.minimum(rng.lognormal(np.log(fault.cancel_minutes), 0.6, size), 45.0)
    again = fails & (rng.random(size) < fault.retry_share)
    wait = seconds(60 * (minutes + rng.uniform(1, 12, size)))[again]
    retries = draft[again]
    moved = {
        name: retries[name].to_numpy() + wait
        for name in ("created_at", "paid_at", "shipped_at", "delivered_at", "event_at")
    }
    retries = retries.assign(row=-1, cause=np.int8(CAUSE["retry"]), **moved)
    missing = np.datetime64("NaT")
    failed = draft.assign(
        outcome=np.where(fails, STATUS["cancelled"], draft["outcome"].to_numpy()).astype(np.int8),
        event_at=np.where(fails, created + seconds(60 * minutes), draft["event_at"].to_numpy()),
        shipped_at=np.where(fails, missing, draft["shipped_at"].to_numpy()),
        delivered_at=np.where(fails, missing, draft["delivered_at"].to_numpy()),
        kept_total=np.where(fails, 0.0, draft["kept_total"].to_numpy()),
        kept_items=np.where(fails, 0, draft["kept_items"].to_numpy()),
        cause=np.where(fails, CAUSE["checkout_fault"], draft["cause"].to_numpy()).astype(np.int8),
    )
    return pd.concat([failed, retries], ignore_index=True)


def _in_launch(draft: pd.DataFrame, region: str, first_day: int) -> NDArray[np.bool_]:
    """Orders of a region from a day on."""
    here = draft["region_index"].to_numpy() == INDEX_OF[region]
    return np.asarray(here & (draft["day"].to_numpy() >= first_day), dtype=np.bool_)


Behaviour = Padding | Ring | CheckoutFault


def apply(draft: pd.DataFrame, behaviour: Behaviour, rng: np.random.Generator) -> pd.DataFrame:
    """Let a behaviour act on a draft.

    Args:
        draft: Draft with `row`.
        behaviour: What goes on.
        rng: Random numbers of this behaviour alone.
    """
    match behaviour:
        case Padding():
            return pad_baskets(draft, behaviour, rng)
        case Ring():
            return add_ring(draft, behaviour, rng)
        case CheckoutFault():
            return break_checkout(draft, behaviour, rng)
