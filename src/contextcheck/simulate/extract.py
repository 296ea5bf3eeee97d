"""The orders as a shop's database shows them at one instant: later events are not known yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from contextcheck.simulate.draft import CATEGORIES, CHANNELS, COUPONS, STATUS, TOUCHPOINTS
from contextcheck.simulate.markets import CODES, MARKETS, PAYMENT_NAMES
from contextcheck.simulate.money import fee_kept, parcel_paid

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from numpy.typing import NDArray

_IDENTITY_STEP = 2_654_435_761
_IDENTITY_SPACE = 1 << 36
_IDENTITY_DIGITS = 9
_HEXADECIMAL = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)
_CURRENCIES = tuple(market.currency for market in MARKETS)
CUSTOMER_REASONS = ("changed_mind", "ordered_by_mistake", "found_cheaper", "takes_too_long")
_CANCELS = ("cancelled", "partially_cancelled", "expired_unpaid")
_RETURNS = ("returned", "partially_returned", "refused")


def public_id(prefix: str, numbers: NDArray[np.int64]) -> pd.Series:
    """Ids that tell nothing: the same number gives the same id, neighbours look unrelated."""
    salt = np.uint64(ord(prefix) * 7_919_000_003)
    # whole numbers of 64 bits wrap around at a multiple of the space, so nothing is lost
    mixed = (numbers.astype(np.uint64) + salt) * np.uint64(_IDENTITY_STEP) % np.uint64(_IDENTITY_SPACE)
    places = np.arange(4 * (_IDENTITY_DIGITS - 1), -4, -4, dtype=np.uint64)
    digits = (mixed[:, None] >> places) & np.uint64(15)
    letters = np.empty((len(numbers), 1 + _IDENTITY_DIGITS), dtype=np.uint8)
    letters[:, 0] = ord(prefix)
    letters[:, 1:] = _HEXADECIMAL[digits]
    ends = np.arange(len(numbers) + 1, dtype=np.int64) * letters.shape[1]
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(letters)]
    return pd.Series(pa.Array.from_buffers(pa.large_string(), len(numbers), buffers), dtype="str")


def seen_at(draft: pd.DataFrame, taken_at: datetime) -> pd.DataFrame:
    """Give the canonical columns of every order placed before an instant, as known at that instant.

    Args:
        draft: What becomes of the orders in the end.
        taken_at: When the extract is taken (UTC, without a zone).

    Returns:
        Canonical columns, sorted by `created_at`; amounts in each market's own currency.
    """
    now = np.datetime64(taken_at, "s")
    arrived = draft["created_at"].to_numpy() <= now
    if "loaded_at" in draft:
        arrived &= ~(draft["loaded_at"].to_numpy() > now)
    draft = draft[arrived].sort_values("created_at", kind="stable", ignore_index=True)
    not_sent_yet = draft["shipped_at"].to_numpy() > now
    draft = draft.assign(
        outcome=_status_at(draft, now), shipped_at=draft["shipped_at"].mask(not_sent_yet, np.datetime64("NaT"))
    )
    known = _known_amounts(draft)
    columns = {**_identity(draft), **_amounts(draft, known), **_events(draft, now), **_words(draft)}
    if "reason" in draft:
        columns["cancel_reason"] = _reasons(draft)
    return pd.DataFrame(columns)


def _reasons(draft: pd.DataFrame) -> pd.Series:
    """Why an order was cancelled: what the shop wrote down, otherwise what customers choose from a list."""
    cancelled = np.isin(draft["outcome"].to_numpy(), [STATUS[name] for name in _CANCELS[:2]])
    chosen = np.array(CUSTOMER_REASONS, dtype=object)[draft["customer"].to_numpy() % len(CUSTOMER_REASONS)]
    written = draft["reason"].fillna("").to_numpy()
    told = pd.Series(np.where(written == "", chosen, written), dtype="str")
    return told.where(cancelled)


def _status_at(draft: pd.DataFrame, now: np.datetime64) -> NDArray[np.int8]:
    """The last status reached by now."""
    created, paid, shipped, delivered, event = (
        draft[name].to_numpy().astype("datetime64[s]")
        for name in ("created_at", "paid_at", "shipped_at", "delivered_at", "event_at")
    )
    status = np.full(len(draft), STATUS["awaiting_payment"], dtype=np.int8)
    status[created > now - np.timedelta64(20, "m")] = STATUS["pending"]
    for when, name in ((paid, "paid"), (shipped, "shipped"), (delivered, "delivered")):
        status[when <= now] = STATUS[name]
    reached = event <= now
    final = draft["outcome"].to_numpy()
    status[reached] = final[reached]
    return status


def _known_amounts(draft: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Kept value and items as they stand: the whole basket until something is known to have happened."""
    open_statuses = [STATUS[name] for name in ("pending", "awaiting_payment", "paid", "shipped", "delivered")]
    is_open = np.isin(draft["outcome"].to_numpy(), open_statuses)
    kept = np.where(is_open, draft["order_total"].to_numpy(), draft["kept_total"].to_numpy())
    items = np.where(is_open, draft["items"].to_numpy(), draft["kept_items"].to_numpy())
    return kept, items


def _identity(draft: pd.DataFrame) -> dict[str, object]:
    region = draft["region_index"].to_numpy()
    return {
        "order_id": public_id("o", np.arange(len(draft), dtype=np.int64) + 10_000_000_000),
        "region": _named(CODES, region),
        "created_at": draft["created_at"],
        "status": _named(tuple(STATUS), draft["outcome"].to_numpy()),
        "customer_id": public_id("c", draft["customer"].to_numpy()),
        "currency": _named(_CURRENCIES, region),
    }


def _amounts(draft: pd.DataFrame, known: tuple[NDArray[np.float64], NDArray[np.int64]]) -> dict[str, object]:
    kept, kept_items = known
    total = draft["order_total"].to_numpy()
    unpaid = np.isin(
        draft["outcome"].to_numpy(), [STATUS[name] for name in ("pending", "awaiting_payment", "expired_unpaid")]
    )
    disputed = draft["outcome"].to_numpy() == STATUS["chargeback"]
    return {
        "order_total": total,
        "retained_total": kept,
        "refund_total": np.where(unpaid | disputed, 0.0, np.round(total - kept, 2)),
        "items": draft["items"].to_numpy(),
        "kept_items": kept_items,
        "discount_total": draft["discount_total"].to_numpy(),
        "coupon": _named(COUPONS, draft["coupon"].to_numpy()),
        "shipping_fee": fee_kept(draft),
        "shipping_cost": np.round(parcel_paid(draft), 2),
        "chargeback_total": np.where(disputed, total, 0.0),
    }


def _events(draft: pd.DataFrame, now: np.datetime64) -> dict[str, object]:
    event = draft["event_at"].to_numpy().astype("datetime64[s]")
    status = draft["outcome"].to_numpy()

    def when(*names: str) -> NDArray[np.datetime64]:
        rows = np.isin(status, [STATUS[name] for name in names]) & (event <= now)
        return np.where(rows, event, np.datetime64("NaT"))

    return {
        "cancelled_at": when(*_CANCELS),
        "modified_at": when("changed", "partially_cancelled"),
        "returned_at": when(*_RETURNS),
        "chargeback_at": when("chargeback"),
        "account_created_at": draft["account_created_at"],
    }


def _words(draft: pd.DataFrame) -> dict[str, object]:
    return {
        "payment_method": _named(PAYMENT_NAMES, draft["method"].to_numpy()),
        "device_id": public_id("d", draft["device"].to_numpy()),
        "address_id": public_id("a", draft["address"].to_numpy()),
        "payment_id": public_id("p", draft["payment"].to_numpy()),
        "channel": _named(CHANNELS, draft["channel"].to_numpy()),
        "category": _named(CATEGORIES, draft["category"].to_numpy()),
        "product_id": public_id("s", draft["product"].to_numpy().astype(np.int64)),
        "touchpoint": _named(TOUCHPOINTS, draft["touchpoint"].to_numpy()),
        "feature_exposed": draft["is_exposed"].to_numpy(),
    }


def _named(names: Sequence[str], places: NDArray[np.integer]) -> pd.Series:
    return pd.Series(names, dtype="str").take(places).reset_index(drop=True)
