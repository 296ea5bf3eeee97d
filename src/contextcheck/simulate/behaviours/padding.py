"""Baskets filled up to the free-shipping line, and what becomes of the filling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.simulate.behaviours.interface import FOR_GOOD, at_work
from contextcheck.simulate.draft import CAUSE, NOT_KEPT, STATUS, hours
from contextcheck.simulate.markets import INDEX_OF, MARKETS

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

_STAYS = (STATUS["delivered"], STATUS["partially_returned"], STATUS["partially_cancelled"], STATUS["changed"])
LONGEST_TRIM_HOURS = 23.9


@dataclass(frozen=True, slots=True)
class Padding:
    """Shoppers fill baskets up to the free-shipping line; a part of them takes filling out again, or sends it back.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        take_up: Share of the baskets in reach that are filled up, 0 to 1.
        reach: Smallest basket that is filled up, as a share of the line, 0 to 1.
        prefers_small: Tilt towards baskets far below the line (the fee weighs most there), 0 to 1; below 0, down to -1,
            towards baskets that lack little.
        overshoot: Typical overshoot above the line, as a share of it.
        trim_share: Share of the filled baskets that are trimmed before they are sent, 0 to 1.
        sends_back_share: Share of the filled baskets whose filling is sent back after delivery, 0 to 1.
        keeps_of_filling: Average share of the filling that stays after trimming, 0 to 1.
        changed_share: Share of trims booked as a changed order instead of a partial cancel.
        trim_hours: Median hours until the trim; always within 24.
        repack_cost: Extra cost of a parcel that was already packed when it was trimmed, as a share of the parcel cost.
        ramp_days: Days until the habit is at its full strength; 0 at once.
        fade_days: Days after which the novelty has worn off to a third; 0 never.
    """

    region: str = "KR"
    first_day: int = 0
    last_day: int = FOR_GOOD
    take_up: float = 0.3
    reach: float = 0.3
    prefers_small: float = 0.0
    overshoot: float = 0.05
    trim_share: float = 0.5
    sends_back_share: float = 0.0
    keeps_of_filling: float = 0.5
    changed_share: float = 0.12
    trim_hours: float = 3.0
    repack_cost: float = 0.0
    ramp_days: float = 0.0
    fade_days: float = 0.0

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        filling = _filling(draft, self, rng)
        pads = filling > 0
        outcome = draft["outcome"].to_numpy().copy()
        fate = np.where(pads & (outcome == STATUS["delivered"]), rng.random(len(draft)), 2.0)
        trims = fate < self.trim_share
        sends_back = ~trims & (fate < self.trim_share + self.sends_back_share)
        filled = _filled(draft, filling, _kept_filling(draft, filling, trims, sends_back, self, rng), trims, rng)
        booked = np.where(rng.random(len(draft)) < self.changed_share, STATUS["changed"], STATUS["partially_cancelled"])
        outcome[trims] = booked[trims]
        outcome[sends_back] = STATUS["partially_returned"]
        return filled.assign(
            outcome=outcome,
            event_at=_event_times(draft, trims, sends_back, self, rng),
            parcel_cost=np.round(draft["parcel_cost"].to_numpy() * np.where(trims, 1 + self.repack_cost, 1), 2),
            cause=np.where(pads, CAUSE["padding"], draft["cause"].to_numpy()).astype(np.int8),
        )


def _filling(draft: pd.DataFrame, padding: Padding, rng: np.random.Generator) -> NDArray[np.float64]:
    """What is put in on top; priced like anything else, so the total lands on a price step and never under the line."""
    market = MARKETS[INDEX_OF[padding.region]]
    total = draft["order_total"].to_numpy()
    lacking = (market.free_line - total) / (market.free_line * (1 - padding.reach))
    in_reach = (lacking > 0) & (lacking <= 1) & at_work(draft, padding)
    chance = padding.take_up * (1 + padding.prefers_small * (2 * lacking - 1)) * _strength(draft, padding)
    pads = in_reach & (rng.random(total.size) < chance)
    aim = market.free_line * (1 + rng.exponential(padding.overshoot, total.size))
    aim = np.maximum(np.ceil(aim / market.price_unit) * market.price_unit, market.free_line)
    return np.where(pads, np.round(aim - total, 2), 0.0)


def _strength(draft: pd.DataFrame, padding: Padding) -> NDArray[np.float64]:
    """How far the habit has spread and whether it has worn off, 0 to 1, by the day of each order."""
    age_days = np.maximum(draft["day"].to_numpy() - padding.first_day, 0.0)
    grown = np.minimum((age_days + 1) / padding.ramp_days, 1.0) if padding.ramp_days > 0 else np.ones(age_days.size)
    left = np.exp(-age_days / padding.fade_days) if padding.fade_days > 0 else 1.0
    return np.asarray(grown * left, dtype=np.float64)


def _kept_filling(
    draft: pd.DataFrame,
    filling: NDArray[np.float64],
    trims: NDArray[np.bool_],
    sends_back: NDArray[np.bool_],
    padding: Padding,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """How much of the filling stays with the shopper."""
    keeps = min(max(padding.keeps_of_filling, 0.001), 0.999)
    stays = np.where(trims, rng.beta(4 * keeps, 4 * (1 - keeps), filling.size), 1.0)
    stays[sends_back] = 0.0
    unit = MARKETS[INDEX_OF[padding.region]].price_unit
    anything_kept = np.isin(draft["outcome"].to_numpy(), _STAYS)
    return np.where(anything_kept, np.floor(filling * stays / unit) * unit, 0.0)


def _filled(
    draft: pd.DataFrame,
    filling: NDArray[np.float64],
    kept_filling: NDArray[np.float64],
    trims: NDArray[np.bool_],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Totals and items with the filling."""
    added = np.where(filling > 0, 1 + (rng.random(filling.size) < 0.3), 0)
    gone = np.isin(draft["outcome"].to_numpy(), NOT_KEPT) | trims
    return draft.assign(
        order_total=np.round(draft["order_total"].to_numpy() + filling, 2),
        kept_total=np.round(draft["kept_total"].to_numpy() + kept_filling, 2),
        items=draft["items"].to_numpy() + added,
        kept_items=draft["kept_items"].to_numpy() + np.where(gone, 0, added),
    )


def _event_times(
    draft: pd.DataFrame,
    trims: NDArray[np.bool_],
    sends_back: NDArray[np.bool_],
    padding: Padding,
    rng: np.random.Generator,
) -> NDArray[np.datetime64]:
    created, delivered, event = (
        draft[name].to_numpy().astype("datetime64[s]") for name in ("created_at", "delivered_at", "event_at")
    )
    size = created.size
    trimmed = created + hours(np.minimum(rng.lognormal(np.log(padding.trim_hours), 0.9, size), LONGEST_TRIM_HOURS))
    back = delivered + hours(24 * (3 + rng.lognormal(np.log(5), 0.5, size)))
    return np.where(trims, trimmed, np.where(sends_back, back, event))
