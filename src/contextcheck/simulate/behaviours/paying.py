"""Waves of orders that are never paid, or not taken at the door."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from contextcheck.simulate.behaviours.changes import copies, delivered_only, ended, of_other_shoppers, times_of
from contextcheck.simulate.behaviours.interface import FOR_GOOD, at_work
from contextcheck.simulate.draft import hours, seconds
from contextcheck.simulate.markets import INDEX_OF, MARKETS, PAYMENT_NAMES

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class ExpiryWave:
    """More orders with a payment slip or transfer, more of which are never paid; each runs out at its deadline.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        method: Way to pay.
        extra_orders: Additional orders in this way, as a share of the usual number in this way.
        unpaid_share: Share of the additional orders that are never paid, 0 to 1.
    """

    region: str = "BR"
    first_day: int = 0
    last_day: int = FOR_GOOD
    method: str = "boleto"
    extra_orders: float = 0.8
    unpaid_share: float = 0.7

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        own = np.flatnonzero(at_work(draft, self) & paid_by(draft, self.method))
        models = rng.choice(own, rng.poisson(self.extra_orders * own.size)) if own.size else own
        extra = copies(draft, models, seconds(rng.uniform(60, 3_000, models.size)), "payment_expiry")
        extra = of_other_shoppers(extra, draft, own, rng)
        market = MARKETS[INDEX_OF[self.region]]
        deadline = next(payment.expiry_hours for payment in market.payments if payment.name == self.method)
        unpaid = rng.random(models.size) < self.unpaid_share
        when = times_of(extra, "created_at") + hours(np.full(models.size, deadline))
        return pd.concat([draft, ended(extra, unpaid, "expired_unpaid", when, "payment_expiry")], ignore_index=True)


@dataclass(frozen=True, slots=True)
class RefusalWave:
    """Parcels paid at the door are refused more often.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        method: Way to pay.
        refused_share: Share of its parcels refused on top of the usual ones, 0 to 1.
    """

    region: str = "IN"
    first_day: int = 0
    last_day: int = FOR_GOOD
    method: str = "cod"
    refused_share: float = 0.18

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        rows = at_work(draft, self) & paid_by(draft, self.method) & delivered_only(draft)
        rows &= rng.random(len(draft)) < self.refused_share
        return ended(draft, rows, "refused", times_of(draft, "delivered_at"), "refusals")


def paid_by(draft: pd.DataFrame, method: str) -> NDArray[np.bool_]:
    """Orders paid, or to be paid, in one way."""
    return np.asarray(draft["method"].to_numpy() == PAYMENT_NAMES.index(method))
