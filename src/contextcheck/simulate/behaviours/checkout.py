"""Faults around the checkout: orders that fail, are sent twice, or cannot be paid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from contextcheck.simulate.behaviours.changes import copies, ended, times_of
from contextcheck.simulate.behaviours.interface import FOR_GOOD, at_work
from contextcheck.simulate.draft import STATUS, hours, seconds
from contextcheck.simulate.markets import PAYMENT_NAMES


@dataclass(frozen=True, slots=True)
class CheckoutFault:
    """A new checkout loses orders: they are cancelled within minutes; some shoppers try again.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        fail_share: Share of orders that fail, whatever is in them and whoever placed them, 0 to 1.
        retry_share: Share of failed orders that are placed again and then go through, 0 to 1.
        cancel_minutes: Median minutes until the failed order is cancelled.
    """

    region: str = "DE"
    first_day: int = 0
    last_day: int = FOR_GOOD
    fail_share: float = 0.15
    retry_share: float = 0.35
    cancel_minutes: float = 4.0

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        size = len(draft)
        fails = at_work(draft, self) & (rng.random(size) < self.fail_share)
        fails &= draft["outcome"].to_numpy() != STATUS["expired_unpaid"]
        minutes = np.minimum(rng.lognormal(np.log(self.cancel_minutes), 0.6, size), 45.0)
        again = np.flatnonzero(fails & (rng.random(size) < self.retry_share))
        retries = copies(draft, again, seconds(60 * (minutes[again] + rng.uniform(1, 12, again.size))), "retry")
        failed = ended(
            draft, fails, "cancelled", times_of(draft, "created_at") + seconds(60 * minutes), "checkout_fault"
        )
        return pd.concat([failed, retries], ignore_index=True)


@dataclass(frozen=True, slots=True)
class DuplicateSubmits:
    """A button that can be pressed twice: the same basket arrives again seconds later and is cancelled by the shop.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        share: Share of orders that are sent twice, 0 to 1.
        cancel_hours: Median hours until the second one is cancelled.
    """

    region: str = "GB"
    first_day: int = 0
    last_day: int = FOR_GOOD
    share: float = 0.1
    cancel_hours: float = 5.0

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        twice = np.flatnonzero(at_work(draft, self) & (rng.random(len(draft)) < self.share))
        extra = copies(draft, twice, seconds(rng.uniform(2, 40, twice.size)), "checkout_fault")
        when = times_of(extra, "created_at") + hours(rng.lognormal(np.log(self.cancel_hours), 0.5, twice.size))
        everything = np.ones(len(extra), dtype=np.bool_)
        return pd.concat([draft, ended(extra, everything, "cancelled", when, "checkout_fault")], ignore_index=True)


@dataclass(frozen=True, slots=True)
class PaymentOutage:
    """A payment provider is down: orders paid in one way run out unpaid; some shoppers come back with another way.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        method: Way to pay that fails.
        fail_share: Share of its orders that fail, 0 to 1.
        expiry_hours: Hours until the unpaid order runs out.
    """

    region: str = "FR"
    first_day: int = 0
    last_day: int = FOR_GOOD
    method: str = "card"
    fail_share: float = 0.35
    expiry_hours: float = 1.0

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        size = len(draft)
        fails = at_work(draft, self) & (draft["method"].to_numpy() == PAYMENT_NAMES.index(self.method))
        fails &= rng.random(size) < self.fail_share
        when = times_of(draft, "created_at") + hours(np.full(size, self.expiry_hours))
        return ended(draft, fails, "expired_unpaid", when, "payment_outage")
