"""What the shop and its carriers do wrong: no stock, a wrong price, parcels that do not arrive."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from contextcheck.simulate.behaviours.changes import copies, delivered_only, ended, reasoned, times_of
from contextcheck.simulate.behaviours.interface import FOR_GOOD, at_work
from contextcheck.simulate.draft import hours, seconds
from contextcheck.simulate.markets import INDEX_OF, MARKETS


@dataclass(frozen=True, slots=True)
class StockOut:
    """The best-selling products are gone; the shop cancels their orders after a day.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        products: How many of the best-selling products are gone.
        cancel_share: Share of their orders that the shop cancels, 0 to 1.
        reason: What the shop writes down; empty for nothing.
    """

    region: str = "US"
    first_day: int = 0
    last_day: int = FOR_GOOD
    products: int = 40
    cancel_share: float = 0.85
    reason: str = ""

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        here = at_work(draft, self)
        gone = draft.loc[here, "product"].value_counts().index[: self.products]
        rows = here & delivered_only(draft) & draft["product"].isin(gone).to_numpy()
        rows &= rng.random(len(draft)) < self.cancel_share
        when = times_of(draft, "created_at") + hours(rng.uniform(18, 40, len(draft)))
        gone_orders = ended(draft, rows, "cancelled", when, "stock_out")
        return reasoned(gone_orders, rows, self.reason) if self.reason else gone_orders


@dataclass(frozen=True, slots=True)
class PriceError:
    """One product costs next to nothing by mistake; many customers buy it and the shop cancels.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        extra_orders: Additional orders, as a share of the usual number.
        price_ratio: Wrong price as a share of a usual basket, 0 to 1.
    """

    region: str = "AU"
    first_day: int = 0
    last_day: int = FOR_GOOD
    extra_orders: float = 0.6
    price_ratio: float = 0.08

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        own = np.flatnonzero(at_work(draft, self))
        models = rng.choice(own, rng.poisson(self.extra_orders * own.size)) if own.size else own
        size = models.size
        market = MARKETS[INDEX_OF[self.region]]
        price = max(round(market.basket_median * self.price_ratio / market.price_unit), 1) * market.price_unit
        extra = copies(draft, models, seconds(rng.uniform(60, 9_000, size)), "price_error")
        extra = extra.assign(order_total=round(price, 2), discount_total=0.0, items=1, product=np.int32(1_900))
        when = times_of(extra, "created_at") + hours(rng.uniform(3, 30, size))
        everything = np.ones(size, dtype=np.bool_)
        return pd.concat([draft, ended(extra, everything, "cancelled", when, "price_error")], ignore_index=True)


@dataclass(frozen=True, slots=True)
class CarrierOutage:
    """Parcels lie still for days; a part of them is cancelled on the way or not taken when it comes at last.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        delay_days: Additional days on the way.
        cancel_share: Share of the orders cancelled while waiting, 0 to 1.
        refused_share: Share refused at the door, 0 to 1.
    """

    region: str = "FR"
    first_day: int = 0
    last_day: int = FOR_GOOD
    delay_days: float = 9.0
    cancel_share: float = 0.10
    refused_share: float = 0.06

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        size = len(draft)
        here = at_work(draft, self)
        late = hours(24 * self.delay_days * rng.uniform(0.6, 1.4, size))
        moved = {
            name: np.where(here, times_of(draft, name) + late, times_of(draft, name)) for name in ("delivered_at",)
        }
        after_delivery = here & (times_of(draft, "event_at") > times_of(draft, "delivered_at"))
        moved["event_at"] = np.where(after_delivery, times_of(draft, "event_at") + late, times_of(draft, "event_at"))
        draft = draft.assign(**moved)
        fate = np.where(here & delivered_only(draft), rng.random(size), 2.0)
        gives_up = fate < self.cancel_share
        refuses = ~gives_up & (fate < self.cancel_share + self.refused_share)
        waited = times_of(draft, "created_at") + hours(24 * rng.uniform(3, 8, size))
        draft = ended(draft, gives_up, "cancelled", waited, "carrier_outage")
        return ended(draft, refuses, "refused", times_of(draft, "delivered_at"), "carrier_outage")
