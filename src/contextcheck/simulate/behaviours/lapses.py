"""Orders that are placed and not paid in time, and card payments that are tried again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from contextcheck.simulate.behaviours.changes import copies, delivered_only, ended, times_of
from contextcheck.simulate.behaviours.interface import FOR_GOOD
from contextcheck.simulate.behaviours.selected import more_orders, selected, with_baskets
from contextcheck.simulate.draft import hours, seconds
from contextcheck.simulate.markets import PAYMENT_NAMES


@dataclass(frozen=True, slots=True)
class PaymentLapses:
    """More orders with a code, slip or deposit to be paid later; those not paid run out at its age, some are redone.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        methods: Ways to pay later.
        extra_orders: Additional orders in these ways, as a share of the usual number.
        unpaid_share: Share of all orders in these ways that now runs out, 0 to 1.
        expiry_hours: Hours until then.
        again_share: Share of those that ran out which is ordered again and paid at once, 0 to 1.
        again_by: How these are paid; empty for the same way.
    """

    region: str = "BR"
    first_day: int = 0
    last_day: int = FOR_GOOD
    methods: tuple[str, ...] = ("boleto",)
    extra_orders: float = 0.5
    unpaid_share: float = 0.35
    expiry_hours: float = 72.0
    again_share: float = 0.25
    again_by: str = ""

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        asked = selected(draft, self, methods=self.methods)
        extra = more_orders(draft, asked, self.extra_orders, rng, "payment_expiry")
        draft = pd.concat([draft, extra], ignore_index=True)
        size = len(draft)
        rows = selected(draft, self, methods=self.methods) & delivered_only(draft)
        rows &= rng.random(size) < self.unpaid_share
        wait = hours(np.full(size, self.expiry_hours))
        places = np.flatnonzero(rows & (rng.random(size) < self.again_share))
        again = copies(draft, places, wait[places] + seconds(rng.uniform(300, 40_000, places.size)), "payment_expiry")
        if self.again_by:
            again = again.assign(method=np.int8(PAYMENT_NAMES.index(self.again_by)))
        lapsed = ended(draft, rows, "expired_unpaid", times_of(draft, "created_at") + wait, "payment_expiry")
        return pd.concat([lapsed, again], ignore_index=True)


@dataclass(frozen=True, slots=True)
class LimitRetries:
    """Card payments fail at the card's limit; the same customer tries again, on another card or for less.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        methods: Which ways to pay.
        share: Share of the larger half of these orders that fails at first, 0 to 1.
        again_share: Share of those that is tried again and goes through, 0 to 1.
        basket_ratio: Basket of the second try as a multiple of the first.
    """

    region: str = "BR"
    first_day: int = 0
    last_day: int = FOR_GOOD
    methods: tuple[str, ...] = ("card",)
    share: float = 0.3
    again_share: float = 0.75
    basket_ratio: float = 0.8

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        size = len(draft)
        asked = selected(draft, self, methods=self.methods) & delivered_only(draft)
        total = draft["order_total"].to_numpy()
        large = asked & (total > np.median(total[asked])) if asked.any() else asked
        rows = large & (rng.random(size) < self.share)
        wait = seconds(60 * np.minimum(rng.lognormal(np.log(9.0), 0.6, size), 50.0))
        places = np.flatnonzero(rows & (rng.random(size) < self.again_share))
        again = copies(draft, places, wait[places] + seconds(rng.uniform(30, 1_500, places.size)), "retry")
        again = with_baskets(again, np.ones(len(again), dtype=np.bool_), self.basket_ratio, self.region)
        other_card = rng.random(len(again)) < 0.5
        again = again.assign(payment=again["payment"].to_numpy() + np.where(other_card, 2, 0))
        failed = ended(draft, rows, "cancelled", times_of(draft, "created_at") + wait, "limit")
        return pd.concat([failed, again], ignore_index=True)
