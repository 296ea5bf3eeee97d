"""The few ways in which behaviours change a draft: end orders in another way, or add orders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from contextcheck.simulate.draft import CAUSE, STATUS

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

_TIMES = ("created_at", "paid_at", "shipped_at", "delivered_at", "event_at")
_NEVER_SENT = ("cancelled", "expired_unpaid")


def times_of(draft: pd.DataFrame, name: str) -> NDArray[np.datetime64]:
    """A time column to the second."""
    return draft[name].to_numpy().astype("datetime64[s]")


def ended(
    draft: pd.DataFrame,
    rows: NDArray[np.bool_],
    status: str,
    at: NDArray[np.datetime64],
    cause: str,
    kept_share: NDArray[np.float64] | float = 0.0,
) -> pd.DataFrame:
    """Give a draft in which some orders end in another way.

    Args:
        draft: Draft to change a copy of.
        rows: Which orders, shape (orders,).
        status: How they end.
        at: When, shape (orders,); read where `rows` is true.
        cause: Place for the truth, a name of `CAUSES`.
        kept_share: Share of the basket that stays, 0 to 1.
    """
    missing = np.datetime64("NaT")
    never_sent = rows & (status in _NEVER_SENT)
    kept = np.round(draft["order_total"].to_numpy() * kept_share, 2)
    kept_items = np.floor(draft["items"].to_numpy() * np.asarray(kept_share)).astype(np.int64)
    return draft.assign(
        outcome=np.where(rows, STATUS[status], draft["outcome"].to_numpy()).astype(np.int8),
        event_at=np.where(rows, at, times_of(draft, "event_at")),
        paid_at=np.where(rows & (status == "expired_unpaid"), missing, times_of(draft, "paid_at")),
        shipped_at=np.where(never_sent, missing, times_of(draft, "shipped_at")),
        delivered_at=np.where(never_sent, missing, times_of(draft, "delivered_at")),
        kept_total=np.where(rows, kept, draft["kept_total"].to_numpy()),
        kept_items=np.where(rows, kept_items, draft["kept_items"].to_numpy()),
        cause=np.where(rows, CAUSE[cause], draft["cause"].to_numpy()).astype(np.int8),
    )


def reasoned(draft: pd.DataFrame, rows: NDArray[np.bool_], reason: str) -> pd.DataFrame:
    """Give a draft in which the shop wrote down why it cancelled some orders."""
    known = draft["reason"] if "reason" in draft else np.full(len(draft), "", dtype=object)
    return draft.assign(reason=np.where(rows, reason, known))


def copies(draft: pd.DataFrame, places: NDArray[np.int64], wait: NDArray[np.timedelta64], cause: str) -> pd.DataFrame:
    """Orders like some others, placed a while later; everything that happens to them moves along.

    Args:
        draft: Where the models are.
        places: Places of the models; one may serve several times.
        wait: How much later, shape (places,).
        cause: A name of `CAUSES`.
    """
    rows = draft.iloc[places].reset_index(drop=True)
    moved = {name: times_of(rows, name) + wait for name in _TIMES}
    return rows.assign(row=-1, cause=np.int8(CAUSE[cause]), **moved)


def of_other_shoppers(
    extra: pd.DataFrame, draft: pd.DataFrame, places: NDArray[np.int64], rng: np.random.Generator
) -> pd.DataFrame:
    """Give additional orders to other shoppers than those of the orders they are modelled on.

    Without this a wave would consist of customers who order the same thing several times over, as only abusers do.

    Args:
        extra: Additional orders, from `copies`.
        draft: Where the shoppers are.
        places: Places of the orders whose shoppers may be taken.
        rng: Random numbers of the behaviour.
    """
    shoppers = draft.iloc[rng.choice(places, len(extra))] if len(extra) else draft.iloc[:0]
    who = {name: shoppers[name].to_numpy() for name in ("customer", "device", "address", "payment")}
    created = times_of(extra, "created_at")
    opened = np.minimum(times_of(shoppers, "account_created_at"), created)
    product = draft["product"].to_numpy()[rng.choice(places, len(extra))] if len(extra) else extra["product"]
    return extra.assign(**who, account_created_at=opened, product=product)


def delivered_only(draft: pd.DataFrame) -> NDArray[np.bool_]:
    """Orders that would simply arrive and stay."""
    return np.asarray(draft["outcome"].to_numpy() == STATUS["delivered"])
