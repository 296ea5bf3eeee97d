"""What feasts, pay days and pauses do to orders: gifts before, quiet days, nights instead of days, pay cycles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from contextcheck.simulate.behaviours.changes import delivered_only, ended, times_of
from contextcheck.simulate.behaviours.interface import FOR_GOOD, at_work
from contextcheck.simulate.behaviours.selected import more_orders, selected, with_baskets
from contextcheck.simulate.draft import hours
from contextcheck.simulate.markets import INDEX_OF

GIFT_ADDRESSES = 70_000_000
MONTH_DAYS = 30.5


@dataclass(frozen=True, slots=True)
class GiftRush:
    """Before a feast many shoppers buy gifts: more orders in gift categories, fuller baskets, sent to others.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        categories: Which.
        extra_orders: Additional orders in them, as a share of the usual number.
        basket_ratio: Their baskets as a multiple of the usual ones.
        sent_to_others: Share of the additional orders that goes to another address, 0 to 1.
    """

    region: str = "KR"
    first_day: int = 0
    last_day: int = FOR_GOOD
    categories: tuple[str, ...] = ("food", "beauty")
    extra_orders: float = 1.2
    basket_ratio: float = 1.6
    sent_to_others: float = 0.6

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        rows = selected(draft, self, categories=self.categories)
        extra = more_orders(draft, rows, self.extra_orders, rng, "festive")
        extra = with_baskets(extra, np.ones(len(extra), dtype=np.bool_), self.basket_ratio, self.region)
        away = rng.random(len(extra)) < self.sent_to_others
        home = extra["address"].to_numpy()
        other = home + GIFT_ADDRESSES + rng.integers(0, 9, len(extra)) * 1_000
        extra = extra.assign(address=np.where(away, other, home))
        return pd.concat([draft, extra], ignore_index=True)


@dataclass(frozen=True, slots=True)
class QuietDays:
    """Shops, carriers and buyers pause: orders stay away, and some that wait too long for delivery are called off.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        fewer: Share of the orders that is not placed, 0 to 1.
        cancel_share: Share of the others that is called off while it waits, 0 to 1.
        wait_hours: Median hours until then.
    """

    region: str = "BR"
    first_day: int = 0
    last_day: int = FOR_GOOD
    fewer: float = 0.4
    cancel_share: float = 0.04
    wait_hours: float = 80.0

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        rows = selected(draft, self)
        waits = rows & delivered_only(draft) & (rng.random(len(draft)) < self.cancel_share)
        when = times_of(draft, "created_at") + hours(rng.lognormal(np.log(self.wait_hours), 0.3, len(draft)))
        kept = ~(rows & (rng.random(len(draft)) < self.fewer))
        return ended(draft, waits, "cancelled", when, "festive")[kept].reset_index(drop=True)


@dataclass(frozen=True, slots=True)
class NightShift:
    """In a month of fasting people shop in the evening and at night, more often and for more.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        moved_share: Share of the orders of daytime that is placed at night instead, 0 to 1.
        extra_orders: Additional orders as a share of the usual number.
        basket_ratio: Their baskets as a multiple of the usual ones.
    """

    region: str = "IN"
    first_day: int = 0
    last_day: int = FOR_GOOD
    moved_share: float = 0.35
    extra_orders: float = 0.5
    basket_ratio: float = 1.25

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        rows = at_work(draft, self)
        extra = more_orders(draft, rows, self.extra_orders, rng, "festive")
        extra = with_baskets(extra, np.ones(len(extra), dtype=np.bool_), self.basket_ratio, self.region)
        draft = pd.concat([draft, extra], ignore_index=True)
        moved = at_work(draft, self) & (rng.random(len(draft)) < self.moved_share)
        # towards the night of the same local day: the later hours of the day's own orders
        created = times_of(draft, "created_at")
        local_day = [draft["region_index"].to_numpy(), draft["day"].to_numpy()]
        day_ends = pd.Series(created).groupby(local_day).transform("max")
        left = (day_ends.to_numpy().astype("datetime64[s]") - created).astype(np.int64)
        later = np.where(moved, left * rng.uniform(0.6, 1.0, len(draft)), 0).astype(np.int64).astype("timedelta64[s]")
        names = ("created_at", "paid_at", "shipped_at", "delivered_at", "event_at")
        return draft.assign(**{name: times_of(draft, name) + later for name in names})


@dataclass(frozen=True, slots=True)
class PaydayShift:
    """Wages arrive: for some days everybody buys more of what can wait. The month before was the same.

    Attributes:
        region: Where.
        first_day: Place of the first day after this pay day in the calendar.
        last_day: Place of the last day that it is felt.
        extra_orders: Additional orders on these days, as a share of the usual number.
        basket_ratio: Their baskets as a multiple of the usual ones.
        months: How many earlier pay days did the same; 0 when it happens for the first time.
    """

    region: str = "GB"
    first_day: int = 0
    last_day: int = FOR_GOOD
    extra_orders: float = 0.35
    basket_ratio: float = 1.0
    months: int = 0

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        here = (draft["region_index"] == INDEX_OF[self.region]).to_numpy()
        rows = np.zeros(len(draft), dtype=np.bool_)
        for month in range(self.months + 1):
            earlier = int(np.ceil(month * MONTH_DAYS))
            rows |= here & draft["day"].between(self.first_day - earlier, self.last_day - earlier).to_numpy()
        extra = more_orders(draft, rows, self.extra_orders, rng, "festive")
        extra = with_baskets(extra, np.ones(len(extra), dtype=np.bool_), self.basket_ratio, self.region)
        return pd.concat([draft, extra], ignore_index=True)
