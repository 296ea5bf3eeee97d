"""Faults of the data feed: orders that come later, another clock, another unit, a field that is filled no more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.simulate.behaviours.changes import times_of
from contextcheck.simulate.behaviours.interface import FOR_GOOD, at_work
from contextcheck.simulate.draft import CAUSE, hours

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

MONEY = ("order_total", "kept_total", "discount_total")
NOT_YET = np.datetime64("2100-01-01", "s")


@dataclass(frozen=True, slots=True)
class LateData:
    """A part of the orders is not loaded yet when the extract is taken.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        share: Share of the orders that is missing, 0 to 1.
    """

    region: str = "GB"
    first_day: int = 0
    last_day: int = FOR_GOOD
    share: float = 0.25

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        late = at_work(draft, self) & (rng.random(len(draft)) < self.share)
        known = times_of(draft, "loaded_at") if "loaded_at" in draft else times_of(draft, "created_at")
        return draft.assign(loaded_at=np.where(late, NOT_YET, known), cause=_marked(draft, late))


@dataclass(frozen=True, slots=True)
class ClockShift:
    """The export writes another clock: every moment of an order is some hours off.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        hours_off: By how much; positive for later.
    """

    region: str = "GB"
    first_day: int = 0
    last_day: int = FOR_GOOD
    hours_off: float = 9.0

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:  # noqa: ARG002
        here = at_work(draft, self)
        off = np.where(here, hours(np.array([self.hours_off]))[0], np.timedelta64(0, "s"))
        names = ("created_at", "paid_at", "shipped_at", "delivered_at", "event_at")
        return draft.assign(cause=_marked(draft, here), **{name: times_of(draft, name) + off for name in names})


@dataclass(frozen=True, slots=True)
class UnitSlip:
    """Amounts come in cents, or in another currency, for a part of the orders.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        factor: Wrong amount over right amount, such as 100 for cents.
        share: Share of the orders with the wrong unit, 0 to 1.
    """

    region: str = "AU"
    first_day: int = 0
    last_day: int = FOR_GOOD
    factor: float = 100.0
    share: float = 1.0

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        wrong = at_work(draft, self) & (rng.random(len(draft)) < self.share)
        by = np.where(wrong, self.factor, 1.0)
        return draft.assign(
            cause=_marked(draft, wrong), **{name: np.round(draft[name].to_numpy() * by, 2) for name in MONEY}
        )


@dataclass(frozen=True, slots=True)
class FieldLost:
    """A release ceases to fill the fields about coupons and discounts, or about items.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        field: discount or items.
        share: Share of the orders on which it is missing, 0 to 1.
    """

    region: str = "FR"
    first_day: int = 0
    last_day: int = FOR_GOOD
    field: str = "discount"
    share: float = 1.0

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        here = at_work(draft, self) & (rng.random(len(draft)) < self.share)
        if self.field == "items":
            return draft.assign(items=np.where(here, 1, draft["items"].to_numpy()), cause=_marked(draft, here))
        return draft.assign(
            discount_total=np.where(here, 0.0, draft["discount_total"].to_numpy()),
            coupon=np.where(here, 0, draft["coupon"].to_numpy()).astype(np.int8),
            cause=_marked(draft, here),
        )


def _marked(draft: pd.DataFrame, rows: NDArray[np.bool_]) -> NDArray[np.int8]:
    """The causes, with these orders put down to the feed."""
    return np.where(rows, CAUSE["measurement"], draft["cause"].to_numpy()).astype(np.int8)
