"""Parcels that are not taken: refused at the door, left in the shop or locker, or no longer paid there at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.simulate.behaviours.changes import delivered_only, ended, times_of
from contextcheck.simulate.behaviours.interface import FOR_GOOD
from contextcheck.simulate.behaviours.selected import selected
from contextcheck.simulate.draft import CAUSE, STATUS, hours
from contextcheck.simulate.markets import INDEX_OF, MARKETS, PAYMENT_NAMES

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


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
    """

    region: str = "TW"
    first_day: int = 0
    last_day: int = FOR_GOOD
    methods: tuple[str, ...] = ("store_pickup_cod",)
    share: float = 0.12
    holding_days: float = 7.0

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        rows = selected(draft, self, methods=self.methods)
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
        draft = self._ended_as_paid(draft, moves, rng)
        regrets = moves & delivered_only(draft) & (rng.random(size) < self.regret_share)
        when = times_of(draft, "created_at") + hours(rng.lognormal(np.log(16.0), 0.6, size))
        return ended(draft, regrets, "cancelled", when, "mix")[~lost].reset_index(drop=True)

    def _ended_as_paid(self, draft: pd.DataFrame, moves: NDArray[np.bool_], rng: np.random.Generator) -> pd.DataFrame:
        """Refused and unpaid as often as the way to pay has it that they moved to."""
        size = len(draft)
        fates = next(each for each in MARKETS[INDEX_OF[self.region]].payments if each.name == self.to)
        old = moves & np.isin(draft["outcome"].to_numpy(), [STATUS["refused"], STATUS["expired_unpaid"]])
        draft = ended(draft, old, "delivered", np.full(size, np.datetime64("NaT"), dtype="datetime64[s]"), "mix", 1.0)
        draft = _on_its_way(draft, old, MARKETS[INDEX_OF[self.region]].delivery_days)
        chance = np.where(moves & delivered_only(draft), rng.random(size), 2.0)
        unpaid = chance < fates.unpaid_share
        due = times_of(draft, "created_at") + hours(np.full(size, fates.expiry_hours))
        draft = ended(draft, unpaid, "expired_unpaid", due, "mix")
        refused = ~unpaid & (chance < fates.unpaid_share + fates.refused_share)
        return ended(draft, refused, "refused", times_of(draft, "delivered_at"), "mix")


def _on_its_way(draft: pd.DataFrame, rows: NDArray[np.bool_], delivery_days: float) -> pd.DataFrame:
    """Orders that were never paid or sent are now, at the usual pace."""
    start = times_of(draft, "created_at")
    pace = {"paid_at": 0.1, "shipped_at": 30.0, "delivered_at": 24 * delivery_days}
    moments = {name: start + hours(np.full(len(draft), after)) for name, after in pace.items()}
    missing = {name: rows & np.isnat(times_of(draft, name)) for name in pace}
    return draft.assign(**{name: np.where(missing[name], moments[name], times_of(draft, name)) for name in pace})


@dataclass(frozen=True, slots=True)
class OrdersHold:
    """A rule or a reminder makes buyers stand by their orders: fewer are called off late or refused.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        methods: Paid in which ways; empty for all.
        share: Share of the usual cancels and refusals among them that does not happen, 0 to 1.
    """

    region: str = "IN"
    first_day: int = 0
    last_day: int = FOR_GOOD
    methods: tuple[str, ...] = ("cod",)
    share: float = 0.6

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        size = len(draft)
        rows = selected(draft, self, methods=self.methods) & (rng.random(size) < self.share)
        rows &= np.isin(draft["outcome"].to_numpy(), [STATUS["refused"], STATUS["cancelled"]])
        never = np.full(size, np.datetime64("NaT"), dtype="datetime64[s]")
        draft = ended(draft, rows, "delivered", never, "second_thoughts", 1.0)
        return _on_its_way(draft, rows, MARKETS[INDEX_OF[self.region]].delivery_days)
