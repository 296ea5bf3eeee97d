"""Customers as shapes: what they ordered, what became of it and when, in bands that many share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from contextcheck.explain.signs.outcome import money
from contextcheck.explain.slices import known_by_day

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from contextcheck.explain.slices import Slice

    Floats = NDArray[np.float64]
    Words = NDArray[np.object_]

ATTRIBUTES = ("outcome", "kept", "hours", "basket", "orders", "again", "account")
UNKNOWN = ""
LINE = "free_shipping_threshold"
OUTCOMES = {
    "cancelled": "cancels all of it",
    "partially_cancelled": "cancels a part of it",
    "changed": "changes it",
    "returned": "sends all of it back",
    "partially_returned": "sends a part of it back",
    "expired_unpaid": "never pays, and the order lapses",
    "refused": "does not take the parcel at the door",
    "refunded_no_return": "is refunded and sends nothing back",
    "chargeback": "has the payment reversed by the bank",
}
ENDED_AT = {
    "cancelled": "cancelled_at", "partially_cancelled": "cancelled_at", "expired_unpaid": "cancelled_at",
    "changed": "modified_at", "returned": "returned_at", "partially_returned": "returned_at", "refused": "returned_at",
}  # fmt: skip
HOUR_EDGES = (1.0, 6.0, 24.0, 72.0, 168.0, 336.0)
HOUR_WORDS = (
    "within the hour", "within a few hours", "within a day", "within three days", "within a week", "within two weeks",
    "later than two weeks",
)  # fmt: skip
AGAIN_DAYS = 7


def shapes_of(slice_: Slice) -> pd.DataFrame:
    """Give one row per customer with a flagged order in the window: its id and one word per attribute.

    Told of the first flagged order; a word is empty when the data do not say.
    """
    rows = slice_.frame.loc[slice_.in_window].assign(_flagged=slice_.flagged[slice_.in_window])
    rows = rows[rows["customer_id"].notna()]
    customer = rows["customer_id"].astype(str)
    first = rows[rows["_flagged"]].assign(customer=customer).sort_values("created_at", kind="stable")
    first = first.drop_duplicates("customer").reset_index(drop=True)
    created = pd.to_datetime(first["created_at"])
    others = pd.DataFrame({"customer": customer, "created_at": pd.to_datetime(rows["created_at"])})
    orders = first["customer"].map(customer.value_counts()).to_numpy()
    return pd.DataFrame(
        {
            "customer": first["customer"],
            "outcome": first["status"].astype(str).map(OUTCOMES).fillna("keeps it").to_numpy(),
            "kept": _kept(first),
            "hours": _hours(first, created),
            "basket": _baskets(slice_, first),
            "orders": np.where(orders == 1, "once", np.where(orders <= 3, "two or three times", "four times or more")),
            "again": _again(first["customer"], created, others),
            "account": _accounts(first, created),
        }
    )


def _kept(first: pd.DataFrame) -> Words:
    if not {"order_total", "retained_total"} <= set(first):
        return np.full(len(first), UNKNOWN, dtype=object)
    total = first["order_total"].to_numpy(dtype=np.float64, na_value=np.nan)
    kept = first["retained_total"].to_numpy(dtype=np.float64, na_value=np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = kept / total
    words = np.select(
        [~np.isfinite(share), share <= 0.02, share < 0.5, share < 0.98],
        [UNKNOWN, "keeps nothing", "keeps less than half of it", "keeps more than half of it"],
        "keeps all of it",
    )
    return words.astype(object)


def _hours(first: pd.DataFrame, created: pd.Series) -> Words:
    """Time from the order to its end, in bands."""
    passed = np.full(len(first), np.nan)
    for status, column in ENDED_AT.items():
        if column in first and not known_by_day(created, first[column]):
            hours = (pd.to_datetime(first[column]) - created).dt.total_seconds().to_numpy() / 3600.0
            passed = np.where((first["status"].astype(str) == status).to_numpy(), hours, passed)
    band = np.searchsorted(HOUR_EDGES, np.nan_to_num(passed), side="left")
    return np.where(np.isfinite(passed), np.array(HOUR_WORDS, dtype=object)[band], UNKNOWN).astype(object)


def _baskets(slice_: Slice, first: pd.DataFrame) -> Words:
    """Baskets against the free-shipping line where there is one, else against the usual basket."""
    if "order_total" not in first:
        return np.full(len(first), UNKNOWN, dtype=object)
    total = first["order_total"].to_numpy(dtype=np.float64, na_value=np.nan)
    line = slice_.scene.lines.get(LINE)
    if line is not None and line.amount > 0:
        shown = money(line, line.amount)
        words = np.select(
            [~np.isfinite(total), total < line.amount, total < 1.15 * line.amount],
            [UNKNOWN, f"below the free-shipping line of {shown}", f"just above the free-shipping line of {shown}"],
            f"well above the free-shipping line of {shown}",
        )
        return words.astype(object)
    usual = float(np.nanmedian(slice_.numbers("order_total")[~slice_.in_window])) if slice_.has_past else np.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = total / usual
    words = np.select(
        [~np.isfinite(ratio), ratio < 0.5, ratio < 1.5, ratio < 3],
        [UNKNOWN, "under half of the usual basket", "about the usual basket", "about twice the usual basket"],
        "three times the usual basket or more",
    )
    return words.astype(object)


def _again(customer: pd.Series, created: pd.Series, others: pd.DataFrame) -> Words:
    """Whether the customer ordered again within a week after its first flagged order, inside the window."""
    joined = others.merge(pd.DataFrame({"customer": customer, "first": created}), on="customer")
    passed = joined["created_at"] - joined["first"]
    again = joined[(passed > pd.Timedelta(0)) & (passed <= pd.Timedelta(days=AGAIN_DAYS))]["customer"].unique()
    return np.where(customer.isin(again), "orders again within a week", UNKNOWN).astype(object)


def _accounts(first: pd.DataFrame, created: pd.Series) -> Words:
    if "account_created_at" not in first:
        return np.full(len(first), UNKNOWN, dtype=object)
    age = (created - pd.to_datetime(first["account_created_at"])).dt.total_seconds().to_numpy() / 86400.0
    words = np.select([~np.isfinite(age), age < 30], [UNKNOWN, "new to the shop"], "with the shop for a month or more")
    return words.astype(object)


def journey_steps(shape: Mapping[str, str]) -> tuple[str, ...]:
    """A shape as the steps of a story; what is not known or was left out is not told."""
    told = {name: word for name, word in shape.items() if word}
    steps: list[str] = []
    if "account" in told:
        steps.append(told["account"])
    if "basket" in told:
        steps.append(f"orders a basket {told['basket']}" if "line" in told["basket"] else f"orders {told['basket']}")
    else:
        steps.append("orders")
    end = told.get("outcome", "")
    steps.append(f"{end} {told['hours']}" if "hours" in told else end)
    if "kept" in told and told["kept"] != "keeps nothing" and end != "keeps it":
        steps.append(told["kept"])
    if "again" in told:
        steps.append(told["again"])
    if "orders" in told:
        steps.append(f"orders {told['orders']} in these days")
    return tuple(step for step in steps if step)
