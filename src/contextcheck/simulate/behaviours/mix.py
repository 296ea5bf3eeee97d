"""A change of who orders, with nobody behaving in another way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from contextcheck.simulate.behaviours.changes import copies, of_other_shoppers
from contextcheck.simulate.behaviours.interface import FOR_GOOD, at_work
from contextcheck.simulate.behaviours.paying import paid_by
from contextcheck.simulate.draft import CATEGORIES, seconds


@dataclass(frozen=True, slots=True)
class MixShift:
    """More orders come in one category or one way to pay; within each, rates stay as they are.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        category: Which category grows; empty for all.
        method: Which way to pay grows; empty for all.
        growth: Additional orders of that kind as a share of the usual number.
    """

    region: str = "DE"
    first_day: int = 0
    last_day: int = FOR_GOOD
    category: str = "fashion"
    method: str = ""
    growth: float = 1.5

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        rows = at_work(draft, self)
        if self.category:
            rows &= draft["category"].to_numpy() == CATEGORIES.index(self.category)
        if self.method:
            rows &= paid_by(draft, self.method)
        own = np.flatnonzero(rows)
        models = rng.choice(own, rng.poisson(self.growth * own.size)) if own.size else own
        extra = copies(draft, models, seconds(rng.uniform(0, 3_600, models.size)), "mix")
        return pd.concat([draft, of_other_shoppers(extra, draft, own, rng)], ignore_index=True)
