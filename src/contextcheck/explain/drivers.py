"""Which segments carry the excess, corrected for looking at many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from contextcheck.explain.resampling import Draws, holm, minus, ratio, times
from contextcheck.records import Driver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contextcheck.explain.resampling import Resampler
    from contextcheck.explain.slices import Mask, Slice

DIMENSIONS = ("payment_method", "channel", "category", "touchpoint", "feature_exposed")
NEW_ACCOUNT_DAYS = 30
MIN_SHARE = 0.20
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

    Method: share of the excess minus share of the window's orders per segment, z from resampling customers, Holm over
        all segments looked at; kept when p < 0.01, the share is at least 20 % and 1.2 times the share of the orders.
    Source: Holm (1979), Scandinavian Journal of Statistics 6; Kitagawa (1955) for shares of an excess.
    Blind spots: segments made of two dimensions; a segment that only travels with the real one.
    """
    if not slice_.has_past:
        return ()
    resampler = slice_.resampler(6)
    total = slice_.excess(resampler)
    if abs(total.value) < 1.96 * total.standard_error:
        return ()
    window = resampler.totals(slice_.in_window.astype(np.float64))
    found: list[tuple[Driver, float, float]] = []
    for dimension, value, segment in segments(slice_):
        carried = ratio(_excess_of(slice_, resampler, segment), total)
        usual = ratio(resampler.totals((segment & slice_.in_window).astype(np.float64)), window)
        driver = Driver(dimension, value, carried.value)
        found.append((driver, minus(carried, usual).p_above(0.0), _ratio(carried, usual)))
    if not found:
        return ()
    p_values = holm(np.array([p_value for _, p_value, _ in found]))
    kept = [
        driver
        for (driver, _, times), p_value in zip(found, p_values, strict=True)
        if p_value < MAX_P_VALUE and driver.share_of_excess >= MIN_SHARE and times >= MIN_RATIO
    ]
    return tuple(sorted(kept, key=lambda each: (-each.share_of_excess, each.dimension, each.value))[:MAX_DRIVERS])


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
    if slice_.has("account_created_at"):
        age = pd.to_datetime(slice_.frame["created_at"]) - pd.to_datetime(slice_.frame["account_created_at"])
        days = age.dt.total_seconds().to_numpy(dtype=np.float64, na_value=np.nan) / 86400.0
        with np.errstate(invalid="ignore"):
            yield "account", f"opened less than {NEW_ACCOUNT_DAYS} days before the order", days < NEW_ACCOUNT_DAYS
            yield "account", f"opened {NEW_ACCOUNT_DAYS} days or more before the order", days >= NEW_ACCOUNT_DAYS


def _values_of(slice_: Slice, dimension: str) -> Iterator[tuple[str, str, Mask]]:
    coded = slice_.frame[dimension].astype("category").cat
    codes = coded.codes.to_numpy()
    counts = np.bincount(codes[(codes >= 0) & slice_.in_window], minlength=len(coded.categories))
    for code in np.argsort(-counts, kind="stable")[:MAX_VALUES]:
        if counts[code] >= MIN_ORDERS:
            yield dimension, str(coded.categories[code]), codes == code
