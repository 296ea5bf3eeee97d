"""Which segments carry the excess, corrected for looking at many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from contextcheck.explain.resampling import Draws, holm, minus, ratio, times
from contextcheck.explain.signs.composition import parts_of, segments_of
from contextcheck.explain.signs.outcome import percent
from contextcheck.explain.slices import HOUR
from contextcheck.records import Driver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contextcheck.explain.resampling import Resampler
    from contextcheck.explain.slices import Floats, Mask, Slice

DIMENSIONS = ("payment_method", "channel", "category", "touchpoint", "feature_exposed", "device_id", "product_id")
COMPOSED_OF = ("payment_method", "channel", "category", "touchpoint", "product_id")
DAY_PARTS = ((0, 6), (6, 10), (10, 14), (14, 18), (18, 22), (22, 24))
NEW_ACCOUNT_DAYS = 30
MIN_SHARE = 0.20
MAX_SHARE = 1.5
MIN_RATIO = 1.2
MAX_P_VALUE = 0.01
MAX_DRIVERS = 5
MAX_VALUES = 30
MIN_PAST_RATIO = 0.1
MIN_ORDERS = 30


def find_drivers(slice_: Slice) -> tuple[Driver, ...]:
    """Give the segments that carry clearly more of the excess than of the orders.

    Args:
        slice_: Orders of the flag.

    Returns:
        Up to five, largest share first; empty when there is no past or no segment stands out.

    Method: share of the excess minus share of the window's orders per segment (payment method, channel, category,
        touchpoint, exposure, device, product, new or old account, part of the day), z from resampling customers, Holm
        over all segments looked at; kept when p < 0.01, the share is at least 20 % and 1.2 times the share of the
        orders; a segment with more than 1.5 times the excess is new in the window and says
        nothing. Beside it, how much of it comes from more orders in the segment at its old rate.
    Source: Holm (1979), Scandinavian Journal of Statistics 6; Kitagawa (1955) for shares of an excess.
    Blind spots: segments made of two dimensions; a segment that only travels with the real one.
    """
    if not slice_.has_past:
        return ()
    resampler = slice_.resampler(6)
    total = slice_.excess(resampler)
    if not total.is_clear:
        return ()
    window = resampler.totals(slice_.in_window.astype(np.float64))
    found: list[tuple[Driver, float, float]] = []
    for dimension, value, segment in segments(slice_):
        carried = ratio(_excess_of(slice_, resampler, segment), total)
        usual = ratio(resampler.totals((segment & slice_.in_window).astype(np.float64)), window)
        driver = Driver(dimension, value, carried.value, _mix_share(slice_, segment))
        found.append((driver, minus(carried, usual).p_above(0.0), _ratio(carried, usual)))
    if not found:
        return ()
    p_values = holm(np.array([p_value for _, p_value, _ in found]))
    kept = [
        driver
        for (driver, _, times), p_value in zip(found, p_values, strict=True)
        if p_value < MAX_P_VALUE and MIN_SHARE <= driver.share_of_excess <= MAX_SHARE and times >= MIN_RATIO
    ]
    return tuple(sorted(kept, key=lambda each: (-each.share_of_excess, each.dimension, each.value))[:MAX_DRIVERS])


def _mix_share(slice_: Slice, segment: Mask) -> float | None:
    """How much of a segment's excess comes from more orders in it at its old rate; None for counts and new segments."""
    window, past = segment & slice_.in_window, segment & ~slice_.in_window
    before = float(slice_.exposure[past].sum())
    if slice_.scene.metric.kind != "rate" or before < MIN_ORDERS:
        return None
    rate = float(slice_.amount[past].sum()) / before
    usual = slice_.scale * before
    excess = float(slice_.amount[window].sum()) - rate * usual
    return (
        float(np.clip((float(slice_.exposure[window].sum()) - usual) * rate / excess, 0.0, 1.0)) if excess > 0 else None
    )


def _excess_of(slice_: Slice, resampler: Resampler, segment: Mask) -> Draws:
    """A segment's excess; one that hardly existed in the past is compared with what is usual for all orders."""
    window, past = segment & slice_.in_window, segment & ~slice_.in_window
    if slice_.scene.metric.kind == "count" or past.sum() * slice_.scale >= MIN_PAST_RATIO * window.sum():
        return slice_.excess(resampler, segment)
    seen = resampler.totals(np.where(window, slice_.amount, 0.0))
    orders = resampler.totals(np.where(window, slice_.exposure, 0.0))
    usual = ratio(
        resampler.totals(np.where(slice_.in_window, 0.0, slice_.amount)),
        resampler.totals(np.where(slice_.in_window, 0.0, slice_.exposure)),
    )
    return minus(seen, times(orders, usual))


def _ratio(carried: Draws, usual: Draws) -> float:
    return carried.value / usual.value if usual.value else float("inf")


def segments(slice_: Slice) -> Iterator[tuple[str, str, Mask]]:
    """Every segment with enough orders in the window: dimension, value, its orders."""
    for dimension in DIMENSIONS:
        if slice_.has(dimension):
            yield from _values_of(slice_, dimension)
    yield from _day_parts(slice_)
    if slice_.has("account_created_at"):
        age = pd.to_datetime(slice_.frame["created_at"]) - pd.to_datetime(slice_.frame["account_created_at"])
        days = age.dt.total_seconds().to_numpy(dtype=np.float64, na_value=np.nan) / 86400.0
        with np.errstate(invalid="ignore"):
            yield "account", f"opened less than {NEW_ACCOUNT_DAYS} days before the order", days < NEW_ACCOUNT_DAYS
            yield "account", f"opened {NEW_ACCOUNT_DAYS} days or more before the order", days >= NEW_ACCOUNT_DAYS


def _day_parts(slice_: Slice) -> Iterator[tuple[str, str, Mask]]:
    """Parts of the local day."""
    known = HOUR in slice_.frame
    hour = slice_.frame[HOUR].to_numpy() if known else pd.to_datetime(slice_.frame["created_at"]).dt.hour.to_numpy()
    for first, after in DAY_PARTS:
        yield "hour", f"{first} to {after} o'clock", (hour >= first) & (hour < after)


def _values_of(slice_: Slice, dimension: str) -> Iterator[tuple[str, str, Mask]]:
    coded = slice_.frame[dimension].astype("category").cat
    codes = coded.codes.to_numpy()
    counts = np.bincount(codes[(codes >= 0) & slice_.in_window], minlength=len(coded.categories))
    for code in np.argsort(-counts, kind="stable")[:MAX_VALUES]:
        if counts[code] >= MIN_ORDERS:
            yield dimension, str(coded.categories[code]), codes == code


def find_composition(slice_: Slice) -> str:
    """Say when the change is one of composition: more orders where the rate was always high, no rate that changed.

    Args:
        slice_: Orders of the flag.

    Returns:
        A sentence; empty when rates changed, when nothing is clear, or when the metric has no rate per segment.

    Method: the change of the level is divided per dimension into a mix part and a rate part (see `composition`). It is
        one of composition when the mix part is clearly above half of the change (p < 0.01, Holm over the dimensions)
        and the rate part is not clearly different from 0 (interval by resampling customers). Named is the segment whose
        growth adds most, its rate taken from the quiet past.
    Source: Kitagawa (1955), Journal of the American Statistical Association 50; Simpson (1951), JRSS B 13.
    Blind spots: one dimension at a time; a rate that changed in a dimension that is not in the data.
    """
    if slice_.scene.metric.kind == "count" or not slice_.has_past:
        return ""
    tried: list[tuple[str, Draws, Draws]] = []
    for dimension in COMPOSED_OF:
        if slice_.has(dimension) and slice_.frame[dimension].nunique() > 1:
            mix, total = parts_of(slice_, segments_of(slice_, dimension))
            if total.is_clear:
                tried.append((dimension, mix, total))
    if not tried:
        return ""
    shares = [ratio(mix, total) for _, mix, total in tried]
    p_values = holm(np.array([share.p_above(0.5) for share in shares]))
    held = [
        (share.value, dimension)
        for share, p_value, (dimension, mix, total) in zip(shares, p_values, tried, strict=True)
        if p_value < MAX_P_VALUE and not minus(total, mix).is_clear
    ]
    return _composition_sentence(slice_, *max(held)) if held else ""


def _composition_sentence(slice_: Slice, share: float, dimension: str) -> str:
    """The segment whose growth adds most to the change, with its share of the orders and its old rate."""
    coded = slice_.frame[dimension].astype("category").cat
    codes = coded.codes.to_numpy().astype(np.int64)
    known = codes >= 0
    size = len(coded.categories)
    exposure, amount = slice_.exposure, slice_.amount

    def sums(values: Floats, period: Mask) -> Floats:
        chosen = known & period
        return np.asarray(np.bincount(codes[chosen], weights=values[chosen], minlength=size), dtype=np.float64)

    now, before = sums(exposure, slice_.in_window), sums(exposure, ~slice_.in_window)
    events = sums(amount, ~slice_.in_window)
    w1, w0 = now / now.sum(), before / before.sum()
    rates = np.divide(events, before, out=np.zeros(size), where=before > 0)
    usual = float(events.sum() / before.sum())
    rises = slice_.scene.direction == "up"
    adds = (w1 - w0) * (rates - usual) * (1 if rises else -1)
    adds = np.where(w1 > w0, adds, -np.inf)
    top = int(np.argmax(adds))
    title = dimension.replace("_", " ")
    level = "high" if rises else "low"
    return (
        f"the rate did not change in any {title}; more of the orders now come from {title} {coded.categories[top]} "
        f"({percent(w1[top])} instead of {percent(w0[top])}), where it was always {level} ({percent(rates[top])}; "
        f"{percent(usual)} over all): {percent(min(share, 1.0))} of the change is composition"
    )
