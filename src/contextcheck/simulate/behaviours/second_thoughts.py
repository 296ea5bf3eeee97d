"""Orders that buyers call off: soon, after a price cut, at the second parcel, past a deadline, or for an event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from contextcheck.simulate.behaviours.changes import copies, delivered_only, ended, times_of
from contextcheck.simulate.behaviours.interface import FOR_GOOD
from contextcheck.simulate.behaviours.selected import in_price_steps, more_orders, selected
from contextcheck.simulate.draft import STATUS, hours, seconds

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class EarlyCancels:
    """Buyers with second thoughts call the whole order off before it is sent; some order again, corrected.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        share: Share of the orders in question that is called off, 0 to 1.
        methods: Paid in which ways; empty for all.
        cancel_hours: Median hours until then.
        again_share: Share of these that order again within the hour, 0 to 1.
        saved_refusals: Share of the parcels that would have been refused and are now called off in time, 0 to 1.
    """

    region: str = "JP"
    first_day: int = 0
    last_day: int = FOR_GOOD
    share: float = 0.06
    methods: tuple[str, ...] = ()
    cancel_hours: float = 9.0
    again_share: float = 0.0
    saved_refusals: float = 0.0

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        size = len(draft)
        asked = selected(draft, self, methods=self.methods)
        rows = asked & delivered_only(draft) & (rng.random(size) < self.share)
        saved = asked & (draft["outcome"].to_numpy() == STATUS["refused"]) & (rng.random(size) < self.saved_refusals)
        wait = hours(np.minimum(rng.lognormal(np.log(self.cancel_hours), 0.6, size), 47.0))
        places = np.flatnonzero(rows & (rng.random(size) < self.again_share))
        again = copies(draft, places, wait[places] + seconds(rng.uniform(60, 3_000, places.size)), "second_thoughts")
        called_off = ended(draft, rows | saved, "cancelled", times_of(draft, "created_at") + wait, "second_thoughts")
        return pd.concat([called_off, again], ignore_index=True)


@dataclass(frozen=True, slots=True)
class PriceMatch:
    """Prices fall days after the purchase: buyers cancel or send back and buy the same again for less.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        share: Share of the orders that is bought again, 0 to 1.
        wait_days: Days from the order to the cut, at most; at least one and a quarter.
        by_return: Share of these that comes back by parcel instead of being cancelled, 0 to 1.
        price_ratio: New price as a share of the old one, 0 to 1.
    """

    region: str = "DE"
    first_day: int = 0
    last_day: int = FOR_GOOD
    share: float = 0.1
    wait_days: float = 5.0
    by_return: float = 0.2
    price_ratio: float = 0.85

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        size = len(draft)
        rows = selected(draft, self) & delivered_only(draft) & (rng.random(size) < self.share)
        wait = hours(24 * rng.uniform(1.25, self.wait_days, size))
        sends = rows & (rng.random(size) < self.by_return)
        places = np.flatnonzero(rows)
        again = copies(draft, places, wait[places] + seconds(rng.uniform(60, 3_000, places.size)), "rebuy")
        price = in_price_steps(again["order_total"].to_numpy() * self.price_ratio, self.region)
        again = again.assign(order_total=price, kept_total=price)
        draft = ended(draft, rows & ~sends, "cancelled", times_of(draft, "created_at") + wait, "rebuy")
        cut = times_of(draft, "created_at") + wait
        delivered = times_of(draft, "delivered_at")
        late: NDArray[np.datetime64] = np.where(delivered > cut, delivered, cut)
        back = late + hours(np.full(size, 30.0))
        return pd.concat([ended(draft, sends, "returned", back, "rebuy"), again], ignore_index=True)


@dataclass(frozen=True, slots=True)
class TrialExits:
    """A trial that goes on as a repeat order: buyers leave at the next bill, refuse the parcel or dispute it.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        categories: Which.
        exit_share: Share of their orders that is cancelled, 0 to 1.
        after_days: Days until the next bill; exits come within ten days from then on.
        refused_share: Share refused at the door, 0 to 1.
        disputed_share: Share disputed with the bank, 0 to 1.
    """

    region: str = "JP"
    first_day: int = 0
    last_day: int = FOR_GOOD
    categories: tuple[str, ...] = ("beauty",)
    exit_share: float = 0.25
    after_days: float = 14.0
    refused_share: float = 0.06
    disputed_share: float = 0.02

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        size = len(draft)
        asked = selected(draft, self, categories=self.categories) & delivered_only(draft)
        fate = np.where(asked, rng.random(size), 2.0)
        edges = np.cumsum([self.exit_share, self.refused_share, self.disputed_share])
        left = times_of(draft, "created_at") + hours(24 * (self.after_days + rng.uniform(0, 10, size)))
        draft = ended(draft, fate < edges[0], "cancelled", left, "second_thoughts")
        refuses = (fate >= edges[0]) & (fate < edges[1])
        draft = ended(draft, refuses, "refused", times_of(draft, "delivered_at"), "second_thoughts")
        disputes = (fate >= edges[1]) & (fate < edges[2])
        return ended(draft, disputes, "chargeback", left, "second_thoughts")


@dataclass(frozen=True, slots=True)
class DeliveryDeadline:
    """Deliveries run late; once a promised or legal number of days is over, buyers cancel and get their money back.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        methods: Paid in which ways; empty for all.
        late_share: Share of these orders that runs late, 0 to 1.
        deadline_days: Days after the order from which on a late order is cancelled.
    """

    region: str = "US"
    first_day: int = 0
    last_day: int = FOR_GOOD
    methods: tuple[str, ...] = ()
    late_share: float = 0.12
    deadline_days: float = 5.0

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        size = len(draft)
        rows = selected(draft, self, methods=self.methods) & delivered_only(draft)
        rows &= rng.random(size) < self.late_share
        when = times_of(draft, "created_at") + hours(24 * (self.deadline_days + rng.exponential(0.6, size)))
        return ended(draft, rows, "cancelled", when, "late_delivery")


@dataclass(frozen=True, slots=True)
class EventRefunds:
    """One event is called off or one partner closes: everybody who bought it is refunded within days.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        categories: What was sold for it.
        share: Share of its orders that is refunded, 0 to 1.
        disputed_share: Share disputed with the bank instead, 0 to 1.
    """

    region: str = "GB"
    first_day: int = 0
    last_day: int = FOR_GOOD
    categories: tuple[str, ...] = ("sports",)
    share: float = 0.6
    disputed_share: float = 0.05

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        size = len(draft)
        asked = selected(draft, self, categories=self.categories) & delivered_only(draft)
        fate = np.where(asked, rng.random(size), 2.0)
        refunds = fate < self.share
        disputes = ~refunds & (fate < self.share + self.disputed_share)
        when = times_of(draft, "created_at") + hours(rng.uniform(10, 140, size))
        draft = ended(draft, refunds, "cancelled", when, "second_thoughts")
        later = times_of(draft, "delivered_at") + hours(24 * rng.uniform(8, 25, size))
        return ended(draft, disputes, "chargeback", later, "second_thoughts")


@dataclass(frozen=True, slots=True)
class HeldBookings:
    """Through some channel people hold what they may drop for free, and drop part of it long after.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        channel: Which channel.
        extra_orders: Additional orders through it, as a share of the usual number.
        dropped_share: Share of the orders through it that is dropped, 0 to 1.
        after_days: Days until then, at least; most are dropped within four days more.
    """

    region: str = "US"
    first_day: int = 0
    last_day: int = FOR_GOOD
    channel: str = "marketplace"
    extra_orders: float = 1.0
    dropped_share: float = 0.4
    after_days: float = 2.2

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        held = selected(draft, self, channel=self.channel)
        extra = more_orders(draft, held, self.extra_orders, rng, "second_thoughts")
        draft = pd.concat([draft, extra], ignore_index=True)
        size = len(draft)
        rows = selected(draft, self, channel=self.channel) & delivered_only(draft)
        rows &= rng.random(size) < self.dropped_share
        when = times_of(draft, "created_at") + hours(
            24 * (self.after_days + np.minimum(rng.exponential(1.5, size), 4.5))
        )
        return ended(draft, rows, "cancelled", when, "second_thoughts")
