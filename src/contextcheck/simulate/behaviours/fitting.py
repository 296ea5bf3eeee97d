"""Goods ordered to be tried at home: several for one, worn once, sent back late, or faulty from the start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from contextcheck.simulate.behaviours.changes import delivered_only, ended, times_of
from contextcheck.simulate.behaviours.interface import FOR_GOOD
from contextcheck.simulate.behaviours.selected import more_orders, selected, with_baskets
from contextcheck.simulate.draft import STATUS, hours

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class KeepOneOfSeveral:
    """Several sizes or colours are ordered, the one that fits is kept and the others go back soon, unworn.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        share: Share of the orders in question that are placed in several variants, 0 to 1.
        categories: In which categories; empty for all.
        methods: Paid in which ways; empty for all.
        variants: How many times the usual basket is ordered.
        return_days: Median days from delivery until the rest is back.
        extra_orders: Additional orders of that kind, as a share of the usual number: trying costs nothing.
    """

    region: str = "DE"
    first_day: int = 0
    last_day: int = FOR_GOOD
    share: float = 0.35
    categories: tuple[str, ...] = ("fashion",)
    methods: tuple[str, ...] = ()
    variants: float = 2.2
    return_days: float = 5.0
    extra_orders: float = 0.0

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        asked = selected(draft, self, categories=self.categories, methods=self.methods)
        if self.extra_orders > 0:
            draft = pd.concat([draft, more_orders(draft, asked, self.extra_orders, rng, "fitting")], ignore_index=True)
            asked = selected(draft, self, categories=self.categories, methods=self.methods)
        rows = asked & delivered_only(draft) & (rng.random(len(draft)) < self.share)
        draft = with_baskets(draft, rows, self.variants, self.region)
        # one of several stays; baskets are no exact multiples, so the kept part varies around that
        kept = np.clip(rng.normal(1 / self.variants, 0.08, len(draft)), 0.15, 0.9)
        when = times_of(draft, "delivered_at") + hours(24 * (1 + _around(self.return_days, 0.4, draft, rng)))
        return ended(draft, rows, "partially_returned", when, "fitting", kept)


@dataclass(frozen=True, slots=True)
class WearAndReturn:
    """Clothes for one occasion are bought before it and sent back whole some time after it.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        categories: Which.
        returned_share: Share of their orders that comes back on top of the usual ones, 0 to 1.
        wait_days: Median days from delivery to the return.
    """

    region: str = "GB"
    first_day: int = 0
    last_day: int = FOR_GOOD
    categories: tuple[str, ...] = ("fashion",)
    returned_share: float = 0.3
    wait_days: float = 18.0

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        rows = selected(draft, self, categories=self.categories) & delivered_only(draft)
        rows &= rng.random(len(draft)) < self.returned_share
        when = times_of(draft, "delivered_at") + hours(24 * _around(self.wait_days, 0.2, draft, rng))
        return ended(draft, rows, "returned", when, "festive")


@dataclass(frozen=True, slots=True)
class ReturnWindow:
    """Sending back becomes easier or is allowed for longer: more of everything comes back, by everybody.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        returned_share: Share of the orders that comes back on top of the usual ones, 0 to 1.
        window_days: Days from delivery within which it has to be back; returns crest halfway.
        kept_share: Share of the basket that stays; 0 when everything goes back.
        end: How these orders end when everything goes back: returned, or refunded_no_return when nothing has to.
        instead_of_refusals: Share of the parcels that would have been refused which is now taken and sent back, 0 to 1.
    """

    region: str = "DE"
    first_day: int = 0
    last_day: int = FOR_GOOD
    returned_share: float = 0.12
    window_days: float = 14.0
    kept_share: float = 0.0
    end: str = "returned"
    instead_of_refusals: float = 0.0

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        asked = selected(draft, self)
        rows = asked & delivered_only(draft) & (rng.random(len(draft)) < self.returned_share)
        refused = asked & (draft["outcome"].to_numpy() == STATUS["refused"])
        rows |= refused & (rng.random(len(draft)) < self.instead_of_refusals)
        when = times_of(draft, "delivered_at") + hours(24 * self.window_days * rng.beta(2.5, 2.5, len(draft)))
        status = "partially_returned" if self.kept_share > 0 else self.end
        return ended(draft, rows, status, when, "return_wave", self.kept_share)


@dataclass(frozen=True, slots=True)
class FaultyBatch:
    """A few products are faulty: most of their parcels come back, whoever bought them.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        products: How many of the best-selling products are faulty.
        returned_share: Share of their orders that comes back, 0 to 1.
    """

    region: str = "DE"
    first_day: int = 0
    last_day: int = FOR_GOOD
    products: int = 30
    returned_share: float = 0.85

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        here = selected(draft, self)
        faulty = draft.loc[here, "product"].value_counts().index[: self.products]
        rows = here & delivered_only(draft) & draft["product"].isin(faulty).to_numpy()
        rows &= rng.random(len(draft)) < self.returned_share
        when = times_of(draft, "delivered_at") + hours(24 * (1 + _around(4.0, 0.5, draft, rng)))
        return ended(draft, rows, "returned", when, "faulty_batch")


@dataclass(frozen=True, slots=True)
class InvoicePause:
    """Invoices rest while a return is under way: part of the goods comes back, some bills are left unpaid meanwhile.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        methods: Ways to pay with a bill after delivery.
        returned_share: Share of their orders of which a part comes back, 0 to 1.
        unpaid_share: Share of their orders whose bill is still open and counted as unpaid, 0 to 1.
    """

    region: str = "NO"
    first_day: int = 0
    last_day: int = FOR_GOOD
    methods: tuple[str, ...] = ("invoice",)
    returned_share: float = 0.35
    unpaid_share: float = 0.12

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        asked = selected(draft, self, methods=self.methods) & np.isin(
            draft["outcome"].to_numpy(), [STATUS["delivered"], STATUS["partially_returned"]]
        )
        fate = np.where(asked, rng.random(len(draft)), 2.0)
        back = fate < self.returned_share
        open_bill = ~back & (fate < self.returned_share + self.unpaid_share)
        when = times_of(draft, "delivered_at") + hours(24 * (2 + _around(5.0, 0.4, draft, rng)))
        draft = ended(draft, back, "partially_returned", when, "fitting", rng.uniform(0.3, 0.7, len(draft)))
        due = times_of(draft, "created_at") + hours(24 * np.full(len(draft), 5.5))
        return ended(draft, open_bill, "expired_unpaid", due, "payment_expiry")


def _around(median: float, spread: float, draft: pd.DataFrame, rng: np.random.Generator) -> NDArray[np.float64]:
    """Positive numbers around a median, one per order."""
    return np.asarray(rng.lognormal(np.log(median), spread, len(draft)), dtype=np.float64)
