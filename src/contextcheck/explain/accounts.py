"""Which accounts of a flag are worth a review, and why: never region, name or language, never a shared device alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from contextcheck.explain.profiles import FLAGGED, NEW_ACCOUNT_DAYS, profiles_of, source_of
from contextcheck.explain.signs.concentration import KEY_WORDS
from contextcheck.explain.signs.outcome import MIN_ORDERS, percent
from contextcheck.explain.slices import known_by_day
from contextcheck.explain.suspects import scores_of
from contextcheck.panel.frames import read_frame
from contextcheck.records import AccountReview, SuspectAccount

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from contextcheck.explain.profiles import Profiles
    from contextcheck.explain.slices import Slice
    from contextcheck.explain.suspects import Scores

    Floats = NDArray[np.float64]

MAX_KEPT_SHARE = 0.35
ONE_PRODUCT_SHARE, MIN_PRODUCT_ORDERS = 0.6, 5
QUICK_HOURS = 1.0
MIN_REPEAT_POINTS, MIN_LINKED_POINTS = 1.3, 1.3
MAX_ACCOUNTS = 2_000
MAX_POOL = 20_000


def review_accounts(slice_: Slice) -> AccountReview:
    """Give the accounts that carry the excess together and show a second, independent signal.

    Args:
        slice_: Orders of the flag.

    Returns:
        The accounts, most suspicious first, with reasons, and the share of the excess they carry; empty with the reason
        when no account stands out.

    Method: (1) per customer, summed in the engine over the flag's region and days: how surprising its lost orders are,
        and those of the accounts it shares keys with; listed is who scores above a level that chance and the quiet past
        reach in at most one case of ten (`suspects`); (2) of these, accounts with one more signal: little kept of
        all they ordered, account opened just before, one product, or cancels within the hour; a shared key alone is
        never enough; (3) ranked by an isolation forest over the profiles and the score.
    Source: Liu, Ting and Zhou (2008), Isolation Forest, ICDM; `suspects` for the level.
    Blind spots: rings without shared keys whose accounts order once or twice each; products, devices or times that are
        missing in the data weaken the second signal.
    """
    reason = _refused(slice_)
    if reason:
        return AccountReview(reason=reason)
    profiles = profiles_of(slice_)
    scores = scores_of(profiles, is_count=slice_.scene.metric.kind == "count", seed=slice_.scene.seed)
    if not scores.is_listed.any():
        return AccountReview(reason=_nothing(profiles))
    table = profile(slice_, profiles, scores)
    shared = " or ".join(KEY_WORDS[column] for column in profiles.columns)
    found = [(row, *signals(row, shared)) for _, row in table.iterrows()]
    kept = [(row, first, second) for row, first, second in found if first and second]
    if not kept:
        return AccountReview(
            reason=f"{len(found)} accounts stand out in one way only; a second, independent signal is needed"
        )
    return _review(slice_, profiles, kept)


def _refused(slice_: Slice) -> str:
    """Why there is no review of accounts; empty when there is one."""
    if not slice_.has("customer_id"):
        return "the orders have no customer_id column"
    if not slice_.has_past:
        return f"no quiet past to compare with: {slice_.scene.before_reason}"
    if slice_.scene.metric.kind in ("mean", "sum"):
        return f'accounts are compared by flagged orders; "{slice_.scene.metric.title}" is a {slice_.scene.metric.kind}'
    events = int(slice_.flagged.sum())
    return f"{events} flagged orders in the window, {MIN_ORDERS} needed" if events < MIN_ORDERS else ""


def _nothing(profiles: Profiles) -> str:
    if not profiles.columns:
        return "no account stands out for its volume (no device, address or payment column to link accounts by)"
    return "no account and no group of linked accounts stands out for its volume"


def profile(slice_: Slice, profiles: Profiles, scores: Scores) -> pd.DataFrame:
    """Give one row per account that scores high: its figures, those of its linked group, and what its orders show.

    Columns beside those of the profiles: own and linked points, group (component), accounts (active in the group),
    losing (of them, with a lost order), kept_share, group_kept_share, usual_kept (of all customers), hours (median to
    the cancel), product_share (of the most ordered product within its group, or of its own); NaN when unknown.
    """
    everyone = profiles.table.assign(group=profiles.component, own=scores.own, linked=scores.linked)
    active = everyone[everyone["orders"] > 0]
    listed = everyone[scores.is_listed]
    members = active[active["group"].isin(listed["group"])].assign(losing=active["lost"] > 0).groupby("group")
    groups = members.agg(accounts=("orders", "size"), losing=("losing", "sum"))
    groups[["group_kept", "group_total"]] = members[["kept", "total"]].sum(min_count=1)
    listed = listed.join(groups, on="group")
    listed["kept_share"] = listed["kept"] / listed["total"].where(listed["total"] > 0)
    listed["usual_kept"] = active["kept"].sum() / active["total"].sum() if active["total"].sum() > 0 else np.nan
    listed["group_kept_share"] = listed["group_kept"] / listed["group_total"].where(listed["group_total"] > 0)
    return listed.join(_order_traits(slice_, listed), on="customer")


def _order_traits(slice_: Slice, listed: pd.DataFrame) -> pd.DataFrame:
    """Hours to the cancel and the most ordered product, from the window's orders of the listed accounts alone."""
    source = source_of(slice_)
    rows = source.filter(source.customer_id.isin(listed["customer"].tolist()), source[FLAGGED] != 0)
    wanted = [name for name in ("customer_id", "created_at", "cancelled_at", "product_id") if name in source.columns]
    orders = read_frame(rows.select(*wanted))
    orders = orders.assign(group=listed.set_index("customer")["group"].reindex(orders["customer_id"]).to_numpy())
    hours = np.full(len(orders), np.nan)
    if "cancelled_at" in orders and not known_by_day(orders["created_at"], orders["cancelled_at"]):
        passed = pd.to_datetime(orders["cancelled_at"]) - pd.to_datetime(orders["created_at"])
        hours = passed.dt.total_seconds().to_numpy() / 3600.0
    traits = orders.assign(hours=hours).groupby("customer_id").agg(hours=("hours", "median"), group=("group", "first"))
    if "product_id" not in orders:
        return traits[["hours"]].assign(product_share=np.nan)
    counts = orders.groupby(["group", "product_id"]).size().groupby("group")
    shares = (counts.max() / counts.sum()).where(counts.sum() >= MIN_PRODUCT_ORDERS)
    return traits[["hours"]].assign(product_share=shares.reindex(traits["group"]).to_numpy())


def signals(row: pd.Series[Any], shared: str) -> tuple[list[str], list[str]]:
    """Reasons of the first kind (carries the excess) and of the second, independent kind, in plain words.

    What is kept must be next to nothing for the account and little for its linked group as a whole: one customer of an
    office who cancels one order whole is no ring.
    """
    first: list[str] = []
    if row["linked"] >= MIN_LINKED_POINTS:
        accounts, losing = int(row["accounts"]), int(row["losing"])
        show = "all" if losing == accounts else f"{losing}"
        first.append(f"one of {accounts} accounts that share {shared}, {show} of which show the same")
    if row["own"] >= MIN_REPEAT_POINTS and row["lost"] > 1:
        first.append(f"{int(row['flagged'])} of {int(row['orders'])} orders flagged")
    second: list[str] = []
    if max(row["kept_share"], row["group_kept_share"]) <= MAX_KEPT_SHARE:
        second.append(f"kept {percent(row['kept_share'])} of the value ordered; {percent(row['usual_kept'])} is usual")
    if row["hours"] <= QUICK_HOURS:
        second.append(f"cancelled after {60 * row['hours']:.0f} minutes (median)")
    if row["is_new"] and row["age_days"] < NEW_ACCOUNT_DAYS:
        second.append(f"account opened {max(row['age_days'], 0):.0f} days before the first of these orders")
    if row["product_share"] >= ONE_PRODUCT_SHARE:
        second.append(f"{percent(row['product_share'])} of the orders are one product")
    return first, second


def _review(
    slice_: Slice, profiles: Profiles, kept: list[tuple[pd.Series[Any], list[str], list[str]]]
) -> AccountReview:
    oddity = _oddity(profiles, [row["customer"] for row, _, _ in kept], slice_.scene.seed)
    numbers = {group: place for place, group in enumerate(dict.fromkeys(int(row["group"]) for row, _, _ in kept), 1)}
    accounts = [
        SuspectAccount(
            account=str(row["customer"]),
            score=round(0.5 * float(odd) + 0.5 * min(len(first) + len(second), 4) / 4, 3),
            reasons=(*first, *second),
            group=f"group {numbers[int(row['group'])]}" if row["linked"] >= MIN_LINKED_POINTS else "",
        )
        for (row, first, second), odd in zip(kept, oddity, strict=True)
    ]
    carried = sum(float(row["flagged"] - profiles.scale * row["flagged_before"]) for row, _, _ in kept)
    share = carried / profiles.excess if profiles.excess > 0 else 0.0
    ordered = sorted(accounts, key=lambda each: (-each.score, each.account))[:MAX_ACCOUNTS]
    cut = len(accounts) - len(ordered)
    reason = f"the {MAX_ACCOUNTS:,} most suspicious are listed; {cut:,} more stand out" if cut else ""
    return AccountReview(tuple(ordered), float(np.clip(share, 0.0, 1.0)), reason)


def _oddity(profiles: Profiles, customers: list[str], seed: int) -> Floats:
    """Rank of each customer's profile among up to 20,000 of the window, 1 the oddest (isolation forest)."""
    from sklearn.ensemble import IsolationForest

    active = profiles.table[profiles.table["orders"] > 0]
    chosen = active["customer"].isin(customers)
    if len(active) > MAX_POOL:
        rng = np.random.default_rng(seed)
        drawn = rng.choice(len(active), MAX_POOL, replace=False)
        chosen |= pd.Series(np.isin(np.arange(len(active)), drawn), index=active.index)
        active = active[chosen]
    sizes = np.bincount(profiles.component)
    features = np.column_stack(
        [
            np.log1p(active["orders"]),
            active["flagged"] / active["orders"],
            (active["kept"] / active["total"].where(active["total"] > 0)).fillna(1.0),
            np.log1p(sizes[profiles.component[active.index.to_numpy()]]),
            np.log1p(active["age_days"].clip(lower=0)).fillna(0.0),
        ]
    )
    forest = IsolationForest(n_estimators=100, random_state=seed).fit(features)
    rank = pd.Series(-forest.score_samples(features), index=active["customer"].to_numpy()).rank(pct=True)
    return np.asarray(rank.reindex(customers), dtype=np.float64)
