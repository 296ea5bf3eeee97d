"""Nothing happens in the shop, but the data changes: these never move the true money."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from contextcheck.simulate.behaviours.changes import copies, ended, times_of
from contextcheck.simulate.behaviours.feeds import ClockShift, FieldLost, LateData, UnitSlip
from contextcheck.simulate.behaviours.interface import FOR_GOOD, at_work
from contextcheck.simulate.draft import STATUS, seconds

if TYPE_CHECKING:
    from contextcheck.simulate.behaviours.interface import Behaviour


@dataclass(frozen=True, slots=True)
class DoubleLoading:
    """The orders of some days are in the data twice, under new order ids.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        share: Share of the orders loaded twice, 0 to 1.
    """

    region: str = "GB"
    first_day: int = 0
    last_day: int = FOR_GOOD
    share: float = 1.0

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        rows = np.flatnonzero(at_work(draft, self) & (rng.random(len(draft)) < self.share))
        return pd.concat([draft, copies(draft, rows, seconds(np.zeros(rows.size)), "measurement")], ignore_index=True)


@dataclass(frozen=True, slots=True)
class StatusRenamed:
    """From one day on a status is booked under another word.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        was: Status as it was booked before.
        becomes: Status as it is booked now.
    """

    region: str = "FR"
    first_day: int = 0
    last_day: int = FOR_GOOD
    was: str = "returned"
    becomes: str = "cancelled"

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:  # noqa: ARG002
        rows = at_work(draft, self) & (draft["outcome"].to_numpy() == STATUS[self.was])
        kept = draft["kept_total"].to_numpy() / draft["order_total"].to_numpy()
        shipped, delivered = times_of(draft, "shipped_at"), times_of(draft, "delivered_at")
        renamed = ended(draft, rows, self.becomes, times_of(draft, "event_at"), "measurement", kept)
        return renamed.assign(shipped_at=shipped, delivered_at=delivered)


@dataclass(frozen=True, slots=True)
class BulkCustomer:
    """One wholesale customer (or a few) places many orders and calls them all off on one day.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        orders: Number of orders.
        customers: How many customers share them.
    """

    region: str = "NO"
    first_day: int = 0
    last_day: int = FOR_GOOD
    orders: int = 60
    customers: int = 1

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        own = np.flatnonzero(at_work(draft, self))
        models = rng.choice(own, self.orders) if own.size else own
        extra = copies(draft, models, seconds(rng.uniform(0, 1_800, models.size)), "bulk_customer")
        wholesale = draft.iloc[models[: self.customers]]
        for column in ("customer", "device", "address", "payment", "account_created_at"):
            extra[column] = np.resize(wholesale[column].to_numpy(), models.size)
        last = times_of(extra, "created_at").max() + np.timedelta64(3, "h")
        everything = np.ones(models.size, dtype=np.bool_)
        when = np.full(models.size, last)
        return pd.concat([draft, ended(extra, everything, "cancelled", when, "bulk_customer")], ignore_index=True)


def is_measurement(behaviour: Behaviour) -> bool:
    """Whether a behaviour changes the data only, not what happened."""
    return isinstance(behaviour, (DoubleLoading, StatusRenamed, LateData, ClockShift, UnitSlip, FieldLost))
