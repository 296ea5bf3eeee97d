"""Which accounts of a flag are worth a review, and why: never region, name or language, never a shared device alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from contextcheck.explain.links import linked_groups
from contextcheck.explain.signs.concentration import (
    KEY_WORDS,
    P_LIMIT,
    permutation_p,
    share_of_excess,
    stands_out,
    units_of,
)
from contextcheck.explain.signs.outcome import MIN_ORDERS, percent
from contextcheck.records import AccountReview, SuspectAccount

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from contextcheck.explain.links import Groups
    from contextcheck.explain.slices import Codes, Floats, Mask, Slice

LINK_COLUMNS = ("device_id", "address_id", "payment_id")
MAX_KEPT_SHARE, MAX_GROUP_KEPT_SHARE = 0.10, 0.35
MIN_FLAGGED_SHARE = 0.5
NEW_ACCOUNT_DAYS = 30
ONE_PRODUCT_SHARE = 0.6
QUICK_HOURS = 1.0
MAX_ACCOUNTS = 500
MIN_REPEATS = 5


def review_accounts(slice_: Slice) -> AccountReview:
    """Give the accounts that carry the excess together and show a second, independent signal.

    Args:
        slice_: Orders of the flag.

    Returns:
        The accounts, most suspicious first, with reasons, and the share of the excess they carry; empty with the reason
        when no linked group and no single account stands out.

    Method: (1) linked groups of five or more accounts whose flagged orders exceed what their volume explains
        (permutation p < 0.01), and single accounts with many more flagged orders than their volume explains; (2) of
        these, accounts with one more signal: next to nothing kept, account opened just before, one product, or events
        within the hour; a shared key alone is never enough; (3) ranked by an isolation forest over the profiles and the
        number of signals.
    Source: Liu, Ting and Zhou (2008), Isolation Forest, ICDM; permutation as in `concentration`.
    Blind spots: rings without shared keys whose accounts order once each; products, devices or times that are missing
        in the data weaken the second signal.
    """
    if not slice_.has("customer_id"):
        return AccountReview(reason="the orders have no customer_id column")
    if not slice_.has_past:
        return AccountReview(reason=f"no quiet past to compare with: {slice_.scene.before_reason}")
    if slice_.scene.metric.kind == "mean":
        return AccountReview(reason=f'accounts are compared by flagged orders; "{slice_.scene.metric.title}" is a mean')
    events = int(slice_.flagged.sum())
    if events < MIN_ORDERS:
        return AccountReview(reason=f"{events} flagged orders in the window, {MIN_ORDERS} needed")
    groups = linked_groups(slice_, [column for column in LINK_COLUMNS if slice_.has(column)])
    linked = _standing_customers(slice_, groups)
    repeating = _repeating_customers(slice_)
    if not linked.any() and not repeating.any():
        return AccountReview(reason=_nothing(groups))
    profiles = profile(slice_, np.flatnonzero(linked | repeating), groups, linked, repeating)
    return _review(slice_, profiles, groups)


def _nothing(groups: Groups) -> str:
    if not groups.columns:
        return "no account stands out for its volume (no device, address or payment column to link accounts by)"
    return "no account and no group of linked accounts stands out for its volume"


def _standing_customers(slice_: Slice, groups: Groups) -> Mask:
    """Customers of linked groups that carry more flagged orders than their volume explains."""
    none = np.zeros(len(groups.of_customer), dtype=bool)
    if not len(groups.accounts):
        return none
    units = units_of(slice_, groups.of_customer, by_customer=True)
    standing = stands_out(units)
    if not standing.any() or permutation_p(units, slice_.scene.seed) >= P_LIMIT:
        return none
    inside = groups.of_customer >= 0
    none[inside] = standing[groups.of_customer[inside]]
    return none


def _repeating_customers(slice_: Slice) -> Mask:
    """Single customers with many more flagged orders than their volume explains."""
    count = int(slice_.cluster.max()) + 1
    units = units_of(slice_, np.arange(count, dtype=np.int64), by_customer=False)
    events = np.bincount(units.label, weights=units.events, minlength=count)
    result = stands_out(units) & (events >= MIN_REPEATS)
    return result if result.any() and permutation_p(units, slice_.scene.seed, 199) < P_LIMIT else result & False


def profile(slice_: Slice, customers: Codes, groups: Groups, linked: Mask, repeating: Mask) -> pd.DataFrame:
    """Give one row per customer, window only: what is kept, how fast, how new, how linked.

    Columns: customer (code), account (id), orders, flagged, total, kept (value), kept_share (NaN when unknown), hours
    (median to the cancel), age_days (of the account at the first order), product_share (of the most ordered product
    within its group, or of its own), group, accounts (in the group), linked, repeating.
    """
    chosen = np.flatnonzero(slice_.in_window & np.isin(slice_.cluster, customers))
    rows = slice_.frame.iloc[chosen]
    table = pd.DataFrame({"customer": slice_.cluster[chosen], "account": rows["customer_id"].astype(str).to_numpy()})
    table["flagged"] = (slice_.amount[chosen] != 0).astype(np.float64)
    table["orders"] = 1.0
    table["total"] = slice_.numbers("order_total")[chosen] if slice_.has("order_total") else np.nan
    table["kept"] = slice_.numbers("retained_total")[chosen] if slice_.has("retained_total") else np.nan
    table["hours"] = _hours(rows, "created_at", "cancelled_at")
    table["age_days"] = _hours(rows, "account_created_at", "created_at") / 24.0
    grouped = table.groupby("customer")
    result = grouped.agg(
        account=("account", "first"),
        orders=("orders", "sum"),
        flagged=("flagged", "sum"),
        hours=("hours", "median"),
        age_days=("age_days", "min"),
    ).reset_index()
    result[["total", "kept"]] = grouped[["total", "kept"]].sum(min_count=1).to_numpy()
    codes = result["customer"].to_numpy()
    result["kept_share"] = result["kept"] / result["total"].where(result["total"] > 0)
    result["group"] = groups.of_customer[codes]
    sizes = groups.accounts if len(groups.accounts) else np.ones(1, dtype=np.int64)
    result["accounts"] = np.where(result["group"] >= 0, sizes[np.maximum(result["group"], 0)], 1)
    result["linked"], result["repeating"] = linked[codes], repeating[codes]
    result["product_share"] = _product_shares(slice_, chosen, result)
    return result


def _hours(rows: pd.DataFrame, first: str, second: str) -> NDArray[np.float64]:
    if first not in rows or second not in rows:
        return np.full(len(rows), np.nan)
    passed = pd.to_datetime(rows[second]) - pd.to_datetime(rows[first])
    return np.asarray(passed.dt.total_seconds() / 3600.0, dtype=np.float64)


def _product_shares(slice_: Slice, chosen: Codes, profiles: pd.DataFrame) -> Floats:
    """Share of the most ordered product among the orders of the customer's group (or the customer)."""
    if not slice_.has("product_id"):
        return np.full(len(profiles), np.nan)
    holder = pd.Series(
        np.where(profiles["group"] >= 0, profiles["group"], -1 - profiles["customer"]), index=profiles["customer"]
    )
    rows = pd.DataFrame(
        {
            "holder": holder.reindex(slice_.cluster[chosen]).to_numpy(),
            "product": slice_.frame["product_id"].iloc[chosen].astype(str).to_numpy(),
        }
    )
    counts = rows.groupby(["holder", "product"]).size().groupby("holder")
    shares = counts.max() / counts.sum()
    enough = counts.sum() >= 5
    return np.asarray(shares.where(enough).reindex(holder.to_numpy()), dtype=np.float64)


def signals(row: pd.Series[Any], shared: str) -> tuple[list[str], list[str]]:
    """Reasons of the first kind (carries the excess) and of the second, independent kind, in plain words.

    The second kind must hold for the account and, for a linked one, for its group as a whole: one customer of an office
    who cancels one order whole is no ring.
    """
    first: list[str] = []
    if row["linked"]:
        first.append(f"one of {int(row['accounts'])} accounts that share {shared} and stand out together")
    if row["repeating"]:
        first.append(f"{int(row['flagged'])} of {int(row['orders'])} orders flagged")
    second: list[str] = []
    flagged_share = row["flagged"] / row["orders"]
    if flagged_share >= MIN_FLAGGED_SHARE:
        if row["kept_share"] <= MAX_KEPT_SHARE and row["group_kept_share"] <= MAX_GROUP_KEPT_SHARE:
            second.append(f"kept {percent(row['kept_share'])} of the value ordered")
        if row["hours"] <= QUICK_HOURS and row["group_hours"] <= QUICK_HOURS:
            second.append(f"cancelled after {60 * row['hours']:.0f} minutes (median)")
    if row["age_days"] < NEW_ACCOUNT_DAYS and row["group_age_days"] < NEW_ACCOUNT_DAYS:
        second.append(f"account opened {max(row['age_days'], 0):.0f} days before the first of these orders")
    if row["product_share"] >= ONE_PRODUCT_SHARE:
        second.append(f"{percent(row['product_share'])} of the orders are one product")
    return first, second


def _with_group_figures(profiles: pd.DataFrame) -> pd.DataFrame:
    """The same figures over each linked group (of a single account: its own)."""
    holder = np.where(profiles["linked"], profiles["group"], -1 - profiles["customer"])
    grouped = profiles.groupby(holder)
    sums = grouped[["kept", "total"]].transform("sum", min_count=1)
    return profiles.assign(
        group_kept_share=sums["kept"] / sums["total"].where(sums["total"] > 0),
        group_hours=grouped["hours"].transform("median"),
        group_age_days=grouped["age_days"].transform("median"),
    )


def _review(slice_: Slice, profiles: pd.DataFrame, groups: Groups) -> AccountReview:
    shared = " or ".join(KEY_WORDS[column] for column in groups.columns)
    found = [(row, *signals(row, shared)) for _, row in _with_group_figures(profiles).iterrows()]
    kept = [(row, first, second) for row, first, second in found if first and second and row["flagged"] > 0]
    if not kept:
        return AccountReview(
            reason=f"{len(found)} accounts stand out in one way only; a second, independent signal is needed"
        )
    oddity = _oddity(slice_, [int(row["customer"]) for row, _, _ in kept], groups)
    accounts = [
        SuspectAccount(
            account=str(row["account"]),
            score=round(0.5 * float(odd) + 0.5 * min(len(first) + len(second), 4) / 4, 3),
            reasons=(*first, *second),
            group=f"group {int(row['group']) + 1}" if row["linked"] else "",
        )
        for (row, first, second), odd in zip(kept, oddity, strict=True)
    ]
    codes = np.array([int(row["customer"]) for row, _, _ in kept])
    share = share_of_excess(slice_, np.isin(slice_.cluster, codes)).value
    ordered = sorted(accounts, key=lambda each: (-each.score, each.account))[:MAX_ACCOUNTS]
    return AccountReview(tuple(ordered), float(np.clip(share, 0.0, 1.0)))


def _oddity(slice_: Slice, customers: list[int], groups: Groups) -> Floats:
    """Rank of each customer's profile among up to 20,000 of the window, 1 the oddest (isolation forest)."""
    from sklearn.ensemble import IsolationForest

    everyone = np.unique(slice_.cluster[slice_.in_window])
    rng = np.random.default_rng(slice_.scene.seed)
    sample = rng.choice(everyone, 20_000, replace=False) if len(everyone) > 20_000 else everyone
    pool = np.union1d(sample, np.array(customers))
    nobody = np.zeros(int(slice_.cluster.max()) + 1, dtype=bool)
    table = profile(slice_, pool, groups, nobody, nobody)
    features = np.column_stack(
        [
            np.log1p(table["orders"]),
            table["flagged"] / table["orders"],
            table["kept_share"].fillna(1.0),
            np.log1p(table["accounts"]),
            np.log1p(table["age_days"].clip(lower=0)).fillna(0.0),
            np.log1p(table["hours"].clip(lower=0)).fillna(0.0),
        ]
    )
    forest = IsolationForest(n_estimators=100, random_state=slice_.scene.seed).fit(features)
    rank = pd.Series(-forest.score_samples(features), index=table["customer"]).rank(pct=True)
    return np.asarray(rank.reindex(customers), dtype=np.float64)
