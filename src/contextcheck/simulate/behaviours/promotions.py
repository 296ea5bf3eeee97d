"""Offers: more orders of everybody, a farm of fresh accounts, and buying again at a better price."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from contextcheck.simulate.behaviours.changes import copies, delivered_only, ended, of_other_shoppers, times_of
from contextcheck.simulate.behaviours.interface import FOR_GOOD, at_work
from contextcheck.simulate.draft import COUPONS, CUSTOMER_STRIDE, hours, seconds
from contextcheck.simulate.markets import COUPON_MINIMUM_SHARE, INDEX_OF, MARKETS

FARM_CUSTOMERS = 80_000_000


@dataclass(frozen=True, slots=True)
class VolumeSurge:
    """A sale: more orders of the usual kind, with the usual fate.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        extra_orders: Additional orders as a share of the usual number.
    """

    region: str = "MX"
    first_day: int = 0
    last_day: int = FOR_GOOD
    extra_orders: float = 1.5

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        own = np.flatnonzero(at_work(draft, self))
        models = rng.choice(own, rng.poisson(self.extra_orders * own.size)) if own.size else own
        extra = copies(draft, models, seconds(rng.uniform(0, 3_600, models.size)), "surge")
        return pd.concat([draft, of_other_shoppers(extra, draft, own, rng)], ignore_index=True)


@dataclass(frozen=True, slots=True)
class PromoFarm:
    """Fresh accounts, made in numbers on a few devices, use a welcome coupon with free delivery once each.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        accounts: Number of accounts; each orders once.
        accounts_per_device: How many share a device and an address.
        discount_share: Discount of the coupon as a share of the price before it, 0 to 1.
        at_minimum: Whether the baskets stand just over the coupon's minimum; otherwise they follow from the discount.
    """

    region: str = "US"
    first_day: int = 0
    last_day: int = FOR_GOOD
    accounts: int = 400
    accounts_per_device: int = 12
    discount_share: float = 0.85
    at_minimum: bool = False

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        own = np.flatnonzero(at_work(draft, self))
        size = min(self.accounts, own.size)
        member = np.arange(size)
        base = INDEX_OF[self.region] * CUSTOMER_STRIDE + FARM_CUSTOMERS
        cell = base + 1_000_000 + member // self.accounts_per_device
        extra = copies(draft, rng.choice(own, size, replace=False), seconds(rng.uniform(0, 900, size)), "promo_farm")
        market = MARKETS[INDEX_OF[self.region]]
        total = np.round(market.basket_median * (1 - self.discount_share) * rng.uniform(0.9, 1.1, size), 2)
        if self.at_minimum:
            total = np.round(market.free_line * COUPON_MINIMUM_SHARE * (1 + rng.exponential(0.03, size)), 2)
        extra = extra.assign(
            customer=base + member,
            device=cell * 2,
            address=cell,
            payment=(base + member) * 4,
            account_created_at=times_of(extra, "created_at") - hours(rng.uniform(0.1, 30, size)),
            order_total=total,
            kept_total=total,
            discount_total=np.round(total * self.discount_share / (1 - self.discount_share), 2),
            coupon=np.int8(COUPONS.index("WELCOME10")),
            fee_below_line=0.0,
        )
        extra = _arrived(extra, market.delivery_days)
        return pd.concat([draft, extra], ignore_index=True)

    @property
    def careless_accounts(self) -> int:
        """All of them share a device."""
        return self.accounts

    def customers(self) -> tuple[int, ...]:
        """Customer numbers of the accounts."""
        base = INDEX_OF[self.region] * CUSTOMER_STRIDE + FARM_CUSTOMERS
        return tuple(base + member for member in range(self.accounts))


def _arrived(extra: pd.DataFrame, delivery_days: float) -> pd.DataFrame:
    """Orders that were paid at once, arrive and stay."""
    size = len(extra)
    created = times_of(extra, "created_at")
    extra = extra.assign(
        paid_at=created,
        shipped_at=created + hours(np.full(size, 26.0)),
        delivered_at=created + hours(np.full(size, 24 * delivery_days)),
    )
    never = np.full(size, np.datetime64("NaT"), dtype="datetime64[s]")
    return ended(extra, np.ones(size, dtype=np.bool_), "delivered", never, "promo_farm", 1.0)


@dataclass(frozen=True, slots=True)
class CancelAndRebuy:
    """A better price comes up: shoppers cancel the order of the day before and place it again, a little cheaper.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        share: Share of orders that are cancelled and placed again, 0 to 1.
        price_ratio: New price as a share of the old one, 0 to 1.
    """

    region: str = "TW"
    first_day: int = 0
    last_day: int = FOR_GOOD
    share: float = 0.12
    price_ratio: float = 0.93

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        rows = at_work(draft, self) & delivered_only(draft) & (rng.random(len(draft)) < self.share)
        places = np.flatnonzero(rows)
        wait = hours(rng.uniform(1, 20, len(draft)))
        again = copies(draft, places, wait[places] + seconds(rng.uniform(60, 1_200, places.size)), "rebuy")
        unit = MARKETS[INDEX_OF[self.region]].price_unit
        price = np.round(np.round(again["order_total"].to_numpy() * self.price_ratio / unit) * unit, 2)
        again = again.assign(order_total=price, kept_total=price)
        cancelled = ended(draft, rows, "cancelled", times_of(draft, "created_at") + wait, "rebuy")
        return pd.concat([cancelled, again], ignore_index=True)
