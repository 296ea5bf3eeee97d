"""One row per customer of a flagged slice, summed up in the engine: what was ordered, what was lost, who is linked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from contextcheck.explain.links import MAX_KEY_ACCOUNTS, components
from contextcheck.panel.frames import in_memory, read_frame
from contextcheck.records import Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ibis
    from numpy.typing import NDArray

    from contextcheck.explain.slices import Slice

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int64]

LINK_COLUMNS = ("device_id", "address_id", "payment_id")
MAX_PAST_WINDOWS = 4
MAX_LOST_SHARE = 0.10
NEW_ACCOUNT_DAYS = 30
ABOUT_PAYING = ("expired_unpaid", "refused")
PARTIAL = ("partially_cancelled", "changed", "partially_returned")
ORDER_COLUMNS = (
    "customer_id", "status", "created_at", "cancelled_at", "account_created_at", "order_total", "retained_total",
    "product_id", "payment_method", *LINK_COLUMNS,
)  # fmt: skip
FLAGGED, EXPOSED, DAY = "_flagged", "_exposed", "_day"
PERIOD, PLACE, NO_PERIOD = "period", "place", -1


@dataclass(frozen=True, slots=True)
class Profiles:
    """The customers of a slice.

    Attributes:
        table: One row per customer: `customer` (id), `orders`, `lost`, `flagged`, `total`, `kept` in the window,
            `age_days` of the account at the first order of the window (NaN when unknown), `is_new` (opened in it or
            less than 30 days before it), `orders_before`, `flagged_before`, `expected` (lost orders at the usual
            rates of its ways to pay; for metrics about paying only) and, for each past window w, `orders_w`, `lost_w`,
            `expected_w` and `is_new_w`. Lost: flagged, and next to nothing of it kept.
        past_windows: How many past windows as long as the flag there are.
        component: Linked component of each row, 0 upwards; a customer without links is one of its own.
        columns: Key columns that link.
        orders: All orders of the window that count, also those without a customer.
        excess: Flagged orders of the window beyond the scaled past.
        scale: What the past is multiplied with.
    """

    table: pd.DataFrame
    past_windows: int
    component: Codes
    columns: tuple[str, ...]
    excess: float
    scale: float


def profiles_of(slice_: Slice) -> Profiles:
    """Sum up the slice per customer, in the engine where the orders are (or, when all were read, from memory)."""
    source = source_of(slice_)
    windows = past_windows(slice_)
    table = _sums(slice_, source, windows)
    columns = tuple(column for column in LINK_COLUMNS if column in source.columns)
    component = _components(source, table["customer"], columns)
    past, before = float(table["orders_before"].sum()), float(table["flagged_before"].sum())
    # days for counts; orders for rates, of all customers and not of a sample
    scale = slice_.scale if slice_.scene.metric.kind == "count" else float(table["orders"].sum()) / max(past, 1.0)
    excess = float(table["flagged"].sum()) - scale * before
    return Profiles(table, len(windows), component, columns, excess, scale)


def source_of(slice_: Slice) -> ibis.Table:
    """The orders of the flag with what each adds to the metric; the unsampled table when only some were read."""
    if slice_.everyone is not None:
        return slice_.everyone.table
    frame = slice_.frame[[column for column in ORDER_COLUMNS if slice_.has(column)]]
    plain = frame.astype({name: "str" for name in frame if isinstance(frame[name].dtype, pd.CategoricalDtype)})
    counted = plain.assign(**{FLAGGED: slice_.amount, EXPOSED: slice_.exposure, DAY: slice_.day})
    known = frame["customer_id"].notna()
    return in_memory(counted[known].reset_index(drop=True))


def past_windows(slice_: Slice) -> tuple[Window, ...]:
    """The quiet past cut backwards into windows as long as the flag, at most four."""
    before, days = slice_.scene.before, slice_.scene.window.days
    if before is None:
        return ()
    count = min(before.days // days, MAX_PAST_WINDOWS)
    ends = [before.end - timedelta(days=days * place) for place in range(count)]
    return tuple(Window(end - timedelta(days=days - 1), end) for end in ends)


def _sums(slice_: Slice, source: ibis.Table, windows: Sequence[Window]) -> pd.DataFrame:
    """The one group-by: conditional counts and sums per customer.

    What an order is counted for is worked out once, in the inner select, and counted by small numbers: a condition in
    each aggregate and sums of booleans took twice as long. Customers are put in order by a hash of their id, which is
    much cheaper than by the ids themselves.
    """
    import ibis

    inner = _marked(slice_, source, windows)

    def number(*conditions: Any) -> Any:
        return ibis.cases((reduce(and_, conditions), 1)).count()

    inside = inner[PERIOD] == 0
    before = (inner[PERIOD] > 0) if slice_.scene.before else ~inside
    wanted: dict[str, Any] = {
        "orders": number(inside, inner.counts),
        "flagged": number(inside, inner.is_flagged),
        "lost": number(inside, inner.is_lost),
        "orders_before": number(before, inner.counts),
        "flagged_before": number(before, inner.is_flagged),
    }
    wanted |= {
        name: inner[column].sum(where=inside)
        for name, column in (("total", "order_total"), ("kept", "retained_total"), ("expected", "usual"))
        if column in inner.columns
    }
    if "account_created_at" in inner.columns:
        wanted |= {"opened": inner.account_created_at.min(), "first": inner.created_at.min(where=inside)}
    for place in range(len(windows)):
        there = inner[PERIOD] == place + 1
        wanted |= {f"orders_{place}": number(there, inner.counts), f"lost_{place}": number(there, inner.is_lost)}
        if "usual" in inner.columns:
            wanted[f"expected_{place}"] = inner.usual.sum(where=there)
    sums = inner.group_by(customer=inner.customer_id).aggregate(**wanted)
    found = read_frame(sums.mutate(**{PLACE: sums.customer.hash()}))
    order = np.argsort(found.pop(PLACE).to_numpy())
    return _with_ages(_plain_columns(found, order), (slice_.scene.window, *windows))


def _marked(slice_: Slice, source: ibis.Table, windows: Sequence[Window]) -> ibis.Table:
    """What each order is counted for: its period (0 the window, 1 and up the past windows, then other days before)."""
    import ibis

    inside = _between(slice_, source, slice_.scene.window)
    periods = [(inside, 0), *((_between(slice_, source, each), place) for place, each in enumerate(windows, start=1))]
    if slice_.scene.before:
        periods.append((_between(slice_, source, slice_.scene.before), len(windows) + 1))
    counts = source[EXPOSED] > 0
    flagged = (source[FLAGGED] != 0) & counts
    lost = flagged & _is_lost(slice_, source)
    usual = _usual_rate(slice_, source, inside, lost)
    marks = {
        PERIOD: ibis.cases(*((each, ibis.literal(place, "int8")) for each, place in periods), else_=NO_PERIOD),
        "counts": counts,
        "is_flagged": flagged,
        "is_lost": lost,
        **({} if usual is None else {"usual": ibis.ifelse(counts, usual, 0.0)}),
    }
    amounts = ("customer_id", "created_at", "order_total", "retained_total", "account_created_at")
    return source.select(*(name for name in amounts if name in source.columns), **marks)


def _with_ages(found: pd.DataFrame, windows: Sequence[Window]) -> pd.DataFrame:
    """Add the age of the account at its first order of the window, and whether it was new in each window."""
    names = ("is_new", *(f"is_new_{number}" for number in range(len(windows) - 1)))
    if "opened" not in found:
        return found.assign(age_days=np.nan, **dict.fromkeys(names, False))
    opened = pd.to_datetime(found["opened"])
    age = (pd.to_datetime(found["first"]) - opened).dt.total_seconds() / 86400.0
    news = {
        name: opened >= pd.Timestamp(window.start) - pd.Timedelta(days=NEW_ACCOUNT_DAYS)
        for name, window in zip(names, windows, strict=True)
    }
    return found.drop(columns=["first", "opened"]).assign(age_days=age, **news)


def _plain_columns(found: pd.DataFrame, order: Codes) -> pd.DataFrame:
    """Rows in order, figures as floats; an expectation is 0 where there were no orders, an unknown amount is NaN."""
    others = found[[name for name in ("customer", "first", "opened") if name in found]]
    figures = {
        name: found[name].to_numpy(dtype=np.float64, na_value=np.nan)[order]
        for name in map(str, found)
        if name not in others
    }
    figures |= {name: np.nan_to_num(each) for name, each in figures.items() if name.startswith("expected")}
    unknown = {name: np.nan for name in ("total", "kept") if name not in found}
    return others.take(order).reset_index(drop=True).assign(**figures, **unknown)


def _between(slice_: Slice, source: ibis.Table, window: Window) -> Any:
    """Orders of some local days."""
    if slice_.everyone is None:
        return source[DAY].between(pd.Timestamp(window.start), pd.Timestamp(window.end))
    first, after = slice_.everyone.bounds(window)
    return (source.created_at >= first) & (source.created_at < after)


def _usual_rate(slice_: Slice, source: ibis.Table, inside: Any, lost: Any) -> Any:
    """The lost share of each order's way to pay in the window; None where paying is no part of the metric.

    Only an order that is paid later can lapse unpaid or be refused: its way to pay is no habit of the account.
    """
    import ibis

    numerator = slice_.scene.metric.numerator
    if "payment_method" not in source.columns or not any(word in numerator for word in ABOUT_PAYING):
        return None
    counted = source.filter(inside, source[EXPOSED] > 0)
    by_method = read_frame(counted.group_by("payment_method").aggregate(rate=lost.mean()))
    rates = by_method.dropna().set_index("payment_method")["rate"].astype("float64")
    known = [(str(method), rate) for method, rate in rates.to_dict().items()]
    if not known:
        return None
    branches = [(source.payment_method == method, ibis.literal(rate)) for method, rate in sorted(known)]
    return ibis.cases(*branches, else_=0.0)


def _is_lost(slice_: Slice, source: ibis.Table) -> Any:
    """Next to nothing of the order was kept; by its status where amounts are missing.

    For a metric that is no matter of what becomes of an order (a coupon used), every flagged order counts.
    """
    import ibis

    if "status" not in slice_.scene.metric.numerator:
        return ibis.literal(True)
    if {"order_total", "retained_total"} <= set(source.columns):
        return source.retained_total.fill_null(0.0) <= MAX_LOST_SHARE * source.order_total
    return ~source.status.isin(PARTIAL)


def _components(source: ibis.Table, customers: pd.Series, columns: Sequence[str]) -> Codes:
    """Connected components of customers over shared keys; keys shared by more than 250 customers link nobody."""
    pairs: list[pd.DataFrame] = []
    for column in columns:
        known = source.filter(source[column].notnull()).select(customer="customer_id", key=column).distinct()
        shared = known.group_by("key").aggregate(accounts=known.customer.count())
        shared = shared.filter(shared.accounts > 1, shared.accounts <= MAX_KEY_ACCOUNTS)
        found = read_frame(known.semi_join(shared, "key"))
        pairs.append(found.assign(key=f"{column} " + found["key"].astype(str)))
    if not pairs:
        return np.arange(len(customers), dtype=np.int64)
    every = pd.concat(pairs, ignore_index=True)
    place = pd.Index(customers).get_indexer(every["customer"])
    keys = pd.factorize(every["key"])[0]
    return components(place.astype(np.int64), keys.astype(np.int64), len(customers))
