"""Goods that come back: a crowd after a feast, and a few customers all the time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.simulate.behaviours.changes import delivered_only, ended, times_of
from contextcheck.simulate.behaviours.interface import FOR_GOOD, at_work
from contextcheck.simulate.draft import CATEGORIES, hours

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class ReturnWave:
    """After a feast more gifts come back, from everybody, mostly of some categories.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        returned_share: Share of the orders in the categories that comes back on top of the usual ones, 0 to 1.
        categories: Which.
    """

    region: str = "GB"
    first_day: int = 0
    last_day: int = FOR_GOOD
    returned_share: float = 0.16
    categories: tuple[str, ...] = ("fashion", "electronics", "toys")

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        wanted = [CATEGORIES.index(category) for category in self.categories]
        rows = at_work(draft, self) & delivered_only(draft) & np.isin(draft["category"].to_numpy(), wanted)
        rows &= rng.random(len(draft)) < self.returned_share
        when = times_of(draft, "delivered_at") + hours(24 * (2 + rng.lognormal(np.log(5), 0.5, len(draft))))
        return ended(draft, rows, "returned", when, "return_wave")


@dataclass(frozen=True, slots=True)
class SerialReturners:
    """A few customers of long standing, linked to nobody, send nearly everything back.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        customers: How many; the ones who order most in the period.
        returned_share: Share of their orders that comes back, 0 to 1.
    """

    region: str = "DE"
    first_day: int = 0
    last_day: int = FOR_GOOD
    customers: int = 80
    returned_share: float = 0.9

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        here = at_work(draft, self)
        frequent = draft.loc[here, "customer"].value_counts().index[: self.customers]
        rows = here & delivered_only(draft) & draft["customer"].isin(frequent).to_numpy()
        rows &= rng.random(len(draft)) < self.returned_share
        when = times_of(draft, "delivered_at") + hours(24 * rng.uniform(4, 13, len(draft)))
        return ended(draft, rows, "returned", when, "serial_returns")
