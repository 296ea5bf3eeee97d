"""A free-shipping line is raised: some baskets reach up to it, others shrink or are given up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.simulate.behaviours.changes import ended, times_of
from contextcheck.simulate.behaviours.interface import FOR_GOOD
from contextcheck.simulate.behaviours.selected import in_price_steps, selected, with_baskets
from contextcheck.simulate.draft import hours
from contextcheck.simulate.markets import INDEX_OF, MARKETS

if TYPE_CHECKING:
    import pandas as pd

NEAR, MIDDLE = 0.85, 0.5
"""Baskets from this share of the new line on reach up to it; those between shrink or are given up."""


@dataclass(frozen=True, slots=True)
class RaisedLine:
    """The line has just moved up to where the market's line is now.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        reach_share: Share of the baskets just below the new line that is filled up to it, 0 to 1.
        shrink_share: Share of the middle baskets from which dear items are taken out, 0 to 1.
        shrink_ratio: What is left of these, as a share of the basket.
        given_up_share: Share of the middle baskets that is not ordered at all, 0 to 1.
        changed_share: Share of the shrunk baskets that was ordered first and changed afterwards, 0 to 1.
    """

    region: str = "US"
    first_day: int = 0
    last_day: int = FOR_GOOD
    reach_share: float = 0.7
    shrink_share: float = 0.5
    shrink_ratio: float = 0.55
    given_up_share: float = 0.2
    changed_share: float = 0.15

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        size = len(draft)
        line = MARKETS[INDEX_OF[self.region]].free_line
        here = selected(draft, self)
        ratio = draft["order_total"].to_numpy() / line
        reaches = here & (ratio >= NEAR) & (ratio < 1) & (rng.random(size) < self.reach_share)
        fate = np.where(here & (ratio >= MIDDLE) & (ratio < NEAR), rng.random(size), 2.0)
        shrinks = fate < self.shrink_share
        given_up = ~shrinks & (fate < self.shrink_share + self.given_up_share)
        changes = shrinks & (rng.random(size) < self.changed_share)
        draft = with_baskets(draft, shrinks & ~changes, self.shrink_ratio, self.region)
        filled = np.maximum(in_price_steps(line * (1 + 0.06 * rng.random(size)), self.region), line)
        kept_whole = reaches & (draft["kept_total"].to_numpy() == draft["order_total"].to_numpy())
        draft = draft.assign(
            order_total=np.where(reaches, filled, draft["order_total"].to_numpy()),
            kept_total=np.where(kept_whole, filled, draft["kept_total"].to_numpy()),
            items=draft["items"].to_numpy() + reaches,
            kept_items=draft["kept_items"].to_numpy() + kept_whole,
        )
        when = times_of(draft, "created_at") + hours(rng.uniform(0.2, 8, size))
        return ended(draft, changes, "changed", when, "padding", self.shrink_ratio)[~given_up].reset_index(drop=True)
