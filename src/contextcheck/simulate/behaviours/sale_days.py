"""Days with a price: a sale and what is cancelled of it, a ban on discounts, baskets split under a rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from contextcheck.simulate.behaviours.changes import copies, delivered_only, ended, times_of
from contextcheck.simulate.behaviours.interface import FOR_GOOD
from contextcheck.simulate.behaviours.selected import in_price_steps, more_orders, selected, with_baskets
from contextcheck.simulate.draft import CAUSE, COUPONS, hours, seconds
from contextcheck.simulate.markets import INDEX_OF, MARKETS

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class SaleSurge:
    """A sale: more orders, with discounts, by everybody; a part of them does not last.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        extra_orders: Additional orders as a share of the usual number.
        categories: What is on sale; empty for everything.
        channel: Where it is on sale; empty for every channel.
        discount_share: Discount as a share of the price before it, 0 to 1.
        coupon_share: Share of the additional orders with a coupon instead of a lower price, 0 to 1.
        basket_ratio: Their baskets as a multiple of the usual ones.
        cancel_share: Share of the additional orders that is cancelled, 0 to 1.
        cancel_hours: Median hours until then.
    """

    region: str = "US"
    first_day: int = 0
    last_day: int = FOR_GOOD
    extra_orders: float = 1.0
    categories: tuple[str, ...] = ()
    channel: str = ""
    discount_share: float = 0.2
    coupon_share: float = 0.5
    basket_ratio: float = 1.0
    cancel_share: float = 0.0
    cancel_hours: float = 30.0

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        rows = selected(draft, self, categories=self.categories, channel=self.channel)
        extra = more_orders(draft, rows, self.extra_orders, rng, "surge")
        size = len(extra)
        ratio = self.basket_ratio * (1 - self.discount_share)
        extra = with_baskets(extra, np.ones(size, dtype=np.bool_), ratio, self.region)
        off = extra["order_total"].to_numpy() * self.discount_share / max(1 - self.discount_share, 0.05)
        extra = extra.assign(
            discount_total=in_price_steps(off, self.region) if self.discount_share > 0 else 0.0,
            coupon=np.where(rng.random(size) < self.coupon_share, COUPONS.index("SEASON15"), 0).astype(np.int8),
        )
        gone = delivered_only(extra) & (rng.random(size) < self.cancel_share)
        when = times_of(extra, "created_at") + hours(rng.lognormal(np.log(self.cancel_hours), 0.4, size))
        return pd.concat([draft, ended(extra, gone, "cancelled", when, "surge")], ignore_index=True)


@dataclass(frozen=True, slots=True)
class DiscountBan:
    """Before the sales no cut may be announced in some categories: no discounts there, and shoppers wait.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        categories: Which.
        fewer: Share of their orders that is not placed, 0 to 1.
    """

    region: str = "FR"
    first_day: int = 0
    last_day: int = FOR_GOOD
    categories: tuple[str, ...] = ("fashion",)
    fewer: float = 0.45

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        rows = selected(draft, self, categories=self.categories)
        had_one = rows & (draft["discount_total"].to_numpy() > 0)
        without = draft.assign(
            cause=np.where(had_one, CAUSE["surge"], draft["cause"].to_numpy()).astype(np.int8),
            discount_total=np.where(rows, 0.0, draft["discount_total"].to_numpy()),
            coupon=np.where(rows, 0, draft["coupon"].to_numpy()).astype(np.int8),
        )
        return without[~(rows & (rng.random(len(draft)) < self.fewer))].reset_index(drop=True)


@dataclass(frozen=True, slots=True)
class OrderSplitting:
    """One basket becomes several small orders of the same customer within a day, because a rule counts per order.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        share: Share of the orders that is split, 0 to 1.
        parts: Into how many.
        channel: Only in this channel; empty for all.
        methods: Paid in which ways; empty for all.
        smallest: Baskets that are split, from this multiple of the free-shipping line on; 0 for all.
        gap_hours: Hours between the parts, at most.
    """

    region: str = "JP"
    first_day: int = 0
    last_day: int = FOR_GOOD
    share: float = 0.3
    parts: int = 3
    channel: str = ""
    methods: tuple[str, ...] = ()
    smallest: float = 0.0
    gap_hours: float = 10.0

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        rows = selected(draft, self, methods=self.methods, channel=self.channel) & (rng.random(len(draft)) < self.share)
        rows &= draft["order_total"].to_numpy() >= self.smallest * MARKETS[INDEX_OF[self.region]].free_line
        whole = np.flatnonzero(rows)
        # no two parts are alike; together they are the basket
        parts = rng.dirichlet(np.full(self.parts, 6.0), whole.size)
        ratio = np.ones(len(draft))
        ratio[whole] = parts[:, 0]
        others = copies(draft, np.repeat(whole, self.parts - 1), self._gaps(whole.size, rng), "split")
        others = with_baskets(others, np.ones(len(others), dtype=np.bool_), parts[:, 1:].ravel(), self.region)
        return pd.concat([with_baskets(draft, rows, ratio, self.region), others], ignore_index=True)

    def _gaps(self, baskets: int, rng: np.random.Generator) -> NDArray[np.timedelta64]:
        return seconds(3600 * rng.uniform(0.02, self.gap_hours, baskets * (self.parts - 1)))


@dataclass(frozen=True, slots=True)
class ShopOutage:
    """The shop cannot be reached: orders are lost, some fail halfway.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        lost_share: Share of the orders that is never placed, 0 to 1.
        fail_share: Share of the others that is cancelled within the hour, 0 to 1.
    """

    region: str = "US"
    first_day: int = 0
    last_day: int = FOR_GOOD
    lost_share: float = 0.4
    fail_share: float = 0.1

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        here = selected(draft, self)
        fails = here & delivered_only(draft) & (rng.random(len(draft)) < self.fail_share)
        when = times_of(draft, "created_at") + seconds(rng.uniform(60, 3_000, len(draft)))
        kept = ~(here & (rng.random(len(draft)) < self.lost_share))
        return ended(draft, fails, "cancelled", when, "checkout_fault")[kept].reset_index(drop=True)
