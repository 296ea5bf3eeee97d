"""Which orders a behaviour is about, and orders that come on top of the usual ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from contextcheck.simulate.behaviours.changes import copies, of_other_shoppers
from contextcheck.simulate.behaviours.interface import at_work
from contextcheck.simulate.draft import CATEGORIES, CHANNELS, seconds
from contextcheck.simulate.markets import INDEX_OF, MARKETS, PAYMENT_NAMES

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from contextcheck.simulate.behaviours.interface import Behaviour

ANY = ("any",)


def selected(
    draft: pd.DataFrame,
    behaviour: Behaviour,
    *,
    categories: tuple[str, ...] = (),
    methods: tuple[str, ...] = (),
    channel: str = "",
) -> NDArray[np.bool_]:
    """Orders where and while a behaviour is at work, of some categories, ways to pay or a channel; empty for all."""
    rows = at_work(draft, behaviour)
    if categories and categories != ANY:
        rows &= np.isin(draft["category"].to_numpy(), [CATEGORIES.index(name) for name in categories])
    if methods and methods != ANY:
        rows &= np.isin(draft["method"].to_numpy(), [PAYMENT_NAMES.index(name) for name in methods])
    if channel:
        rows &= draft["channel"].to_numpy() == CHANNELS.index(channel)
    return rows


def more_orders(
    draft: pd.DataFrame, rows: NDArray[np.bool_], extra_orders: float, rng: np.random.Generator, cause: str
) -> pd.DataFrame:
    """Orders like some others, placed within the same hours by other shoppers of the same market, new or old ones.

    Args:
        draft: Where the models are.
        rows: Which orders are models, shape (orders,), of one market.
        extra_orders: How many come on top, as a share of the models.
        rng: Random numbers.
        cause: A name of `CAUSES`.
    """
    own = np.flatnonzero(rows)
    models = rng.choice(own, rng.poisson(extra_orders * own.size)) if own.size else own
    extra = copies(draft, models, seconds(rng.uniform(0, 3_600, models.size)), cause)
    market = draft["region_index"].to_numpy()
    everybody = np.flatnonzero(market == market[own[0]]) if own.size else own
    return of_other_shoppers(extra, draft, everybody, rng)


def in_price_steps(value: NDArray[np.float64], region: str) -> NDArray[np.float64]:
    """Amounts rounded to the smallest price step of a market, never nothing."""
    unit = MARKETS[INDEX_OF[region]].price_unit
    return np.round(np.maximum(np.round(value / unit), 1) * unit, 2)


def with_baskets(
    draft: pd.DataFrame, rows: NDArray[np.bool_], ratio: NDArray[np.float64] | float, region: str
) -> pd.DataFrame:
    """The draft with the baskets of some orders larger (or smaller), in value, items and what is kept of them."""
    total, kept = draft["order_total"].to_numpy(), draft["kept_total"].to_numpy()
    items, kept_items = draft["items"].to_numpy(), draft["kept_items"].to_numpy()
    new_total = np.where(rows, in_price_steps(total * ratio, region), total)
    share = np.divide(kept, total, out=np.zeros(len(draft)), where=total > 0)
    new_items = np.where(rows, np.maximum(1, np.round(items * ratio)), items).astype(np.int64)
    return draft.assign(
        order_total=new_total,
        kept_total=np.where(rows, np.round(new_total * share, 2), kept),
        items=new_items,
        kept_items=np.where(rows, np.minimum(new_items, np.ceil(kept_items * ratio)), kept_items).astype(np.int64),
    )
