"""The shop's own doing: orders screened out, a warehouse that rests, parcels that get lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.simulate.behaviours.changes import delivered_only, ended, reasoned, times_of
from contextcheck.simulate.behaviours.interface import FOR_GOOD, at_work
from contextcheck.simulate.draft import hours

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class ShopCancels:
    """A screening rule of the shop cancels orders within the working day; customers did nothing.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        share: Share of the orders that is cancelled on top of the usual ones, 0 to 1.
        reason: What the shop writes down.
    """

    region: str = "US"
    first_day: int = 0
    last_day: int = FOR_GOOD
    share: float = 0.08
    reason: str = "risk_review"

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        rows = at_work(draft, self) & delivered_only(draft) & (rng.random(len(draft)) < self.share)
        when = times_of(draft, "created_at") + hours(rng.uniform(2, 20, len(draft)))
        return reasoned(ended(draft, rows, "cancelled", when, "shop_cancels"), rows, self.reason)


@dataclass(frozen=True, slots=True)
class WarehouseClosure:
    """A warehouse rests: what is ordered meanwhile waits until it opens again, and some give up waiting.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        gives_up: Share of the waiting orders that is cancelled, 0 to 1.
        patience_days: Days after which people begin to give up.
    """

    region: str = "FR"
    first_day: int = 0
    last_day: int = FOR_GOOD
    gives_up: float = 0.12
    patience_days: float = 2.0

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        here = at_work(draft, self)
        if not here.any():
            return draft
        created = times_of(draft, "created_at")
        opens = created[here].max() + hours(np.array([14.0]))[0]
        sent = times_of(draft, "shipped_at")
        waits = here & delivered_only(draft) & (sent < opens)
        late = np.where(waits, opens - sent, np.timedelta64(0, "s"))
        after = times_of(draft, "event_at") > times_of(draft, "delivered_at")
        draft = draft.assign(
            shipped_at=sent + late,
            delivered_at=times_of(draft, "delivered_at") + late,
            event_at=times_of(draft, "event_at") + np.where(after, late, np.timedelta64(0, "s")),
        )
        left = created + hours(24 * (self.patience_days + rng.exponential(1.5, len(draft))))
        gone = waits & (rng.random(len(draft)) < self.gives_up) & (left < opens)
        return ended(draft, gone, "cancelled", left, "closure")


@dataclass(frozen=True, slots=True)
class LostParcels:
    """A carrier loses parcels of everybody; the shop pays back what never came.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        lost_share: Share of the parcels that is lost, 0 to 1.
    """

    region: str = "GB"
    first_day: int = 0
    last_day: int = FOR_GOOD
    lost_share: float = 0.06

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        rows = at_work(draft, self) & delivered_only(draft) & (rng.random(len(draft)) < self.lost_share)
        when = times_of(draft, "delivered_at") + hours(24 * rng.uniform(2, 7, len(draft)))
        return ended(draft, rows, "refunded_no_return", when, "carrier_outage")
