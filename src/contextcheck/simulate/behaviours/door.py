"""Parcels that are not taken: refused at the door, left in the shop or locker, or no longer paid there at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.simulate.behaviours.changes import delivered_only, ended, times_of
from contextcheck.simulate.behaviours.interface import FOR_GOOD
from contextcheck.simulate.behaviours.selected import selected
from contextcheck.simulate.draft import CAUSE, STATUS, hours
from contextcheck.simulate.markets import PAYMENT_NAMES

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class DoorRefusals:
    """Parcels are refused at the door, of some kinds only; some of them instead of a later return or a cancel.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        methods: Paid in which ways; empty for all.
        categories: Which; empty for all.
        share: Share of these parcels refused on top of the usual ones, 0 to 1.
        instead_of_returns: Share of the usual returns among them that are refused at the door instead, 0 to 1.
        cancel_share: Share called off on the way, because another shop was faster, 0 to 1.
    """

    region: str = "IN"
    first_day: int = 0
    last_day: int = FOR_GOOD
    methods: tuple[str, ...] = ("cod",)
    categories: tuple[str, ...] = ()
    share: float = 0.2
    instead_of_returns: float = 0.0
    cancel_share: float = 0.0

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        size = len(draft)
        asked = selected(draft, self, methods=self.methods, categories=self.categories)
        fate = np.where(asked & delivered_only(draft), rng.random(size), 2.0)
        refuses = fate < self.share
        cancels = ~refuses & (fate < self.share + self.cancel_share)
        returned = np.isin(draft["outcome"].to_numpy(), [STATUS["returned"], STATUS["partially_returned"]])
        refuses |= asked & returned & (rng.random(size) < self.instead_of_returns)
        when = times_of(draft, "created_at") + hours(rng.uniform(20, 110, size))
        draft = ended(draft, cancels, "cancelled", when, "refusals")
        at_door = times_of(draft, "delivered_at") + hours(rng.uniform(0, 4, size))
        return ended(draft, refuses, "refused", at_door, "refusals")


@dataclass(frozen=True, slots=True)
class PickupNoShows:
    """Parcels wait in a shop, locker or branch; those that nobody collects go back when the holding time is over.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        methods: Paid in which ways; empty for all.
        share: Share of these parcels that is not collected, on top of the usual ones, 0 to 1.
        holding_days: Days that a parcel waits.
        everywhere: Whether parcels are left in every market at once, whatever they were paid with.
    """

    region: str = "TW"
    first_day: int = 0
    last_day: int = FOR_GOOD
    methods: tuple[str, ...] = ("store_pickup_cod",)
    share: float = 0.12
    holding_days: float = 7.0
    everywhere: bool = False

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        methods = () if self.everywhere else self.methods
        rows = selected(draft, self, methods=methods, everywhere=self.everywhere)
        rows &= delivered_only(draft) & (rng.random(len(draft)) < self.share)
        waited = hours(24 * self.holding_days + rng.uniform(1, 20, len(draft)))
        return ended(draft, rows, "refused", times_of(draft, "delivered_at") + waited, "refusals")


@dataclass(frozen=True, slots=True)
class PaymentSwitch:
    """Orders move from one way to pay to another and end as orders paid that way do.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        method: Way to pay that loses orders.
        to: Way to pay that gains them.
        share: Share of its orders that moves, 0 to 1.
        lost_share: Share of its orders that is not placed any more, 0 to 1.
        regret_share: Share of the moved orders that is called off and refunded, as a change of mind now is, 0 to 1.
    """

    region: str = "IN"
    first_day: int = 0
    last_day: int = FOR_GOOD
    method: str = "cod"
    to: str = "upi"
    share: float = 0.5
    lost_share: float = 0.0
    regret_share: float = 0.0

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        size = len(draft)
        asked = selected(draft, self, methods=(self.method,))
        fate = np.where(asked, rng.random(size), 2.0)
        moves = fate < self.share
        lost = ~moves & (fate < self.share + self.lost_share)
        draft = draft.assign(
            method=np.where(moves, PAYMENT_NAMES.index(self.to), draft["method"].to_numpy()).astype(np.int8),
            cause=np.where(moves, CAUSE["mix"], draft["cause"].to_numpy()).astype(np.int8),
        )
        stays = moves & (draft["outcome"].to_numpy() == STATUS["refused"])
        never = np.full(size, np.datetime64("NaT"), dtype="datetime64[s]")
        draft = ended(draft, stays, "delivered", never, "mix", 1.0)
        regrets = moves & delivered_only(draft) & (rng.random(size) < self.regret_share)
        when = times_of(draft, "created_at") + hours(rng.lognormal(np.log(16.0), 0.6, size))
        return ended(draft, regrets, "cancelled", when, "mix")[~lost].reset_index(drop=True)
