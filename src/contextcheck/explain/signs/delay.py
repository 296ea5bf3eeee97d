"""Does it happen within, after or around a certain time?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from contextcheck.explain.signs.kept_share import as_usual, share_of, usual_share
from contextcheck.explain.signs.outcome import (
    compared,
    decided,
    leaves_open,
    missing,
    not_testable,
    order_words,
    percent,
    too_few,
)
from contextcheck.explain.slices import known_by_day

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contextcheck.explain.signs.interface import SignOutcome
    from contextcheck.explain.slices import Floats, Mask, Slice
    from contextcheck.knowledge.signs import Sign

AROUND_HOURS = 1.0
AROUND_SHARE = 0.05
HOURS_BY_DAY = 48.0
"""Two dates are up to a day off either way."""


class Delay:
    """Say what share of these orders came within (after, around) a number of hours.

    Method: share of the orders of the window, both moments known, whose hours from the first to the second moment fit:
        within h: at most h; after h: at least h; around h: h give or take the larger of 1 hour and 5 %. Interval as in
        `kept_share`; supported when it lies above the entry's `at_least`, contradicted when below. A support is weak
        when the same share is usual there.
    Source: Wilson (1927), Journal of the American Statistical Association 22; Kish (1965), Survey Sampling.
    Blind spots: orders that have not had the time yet are unknown, not late; a batch that stamps all events at once
        looks like one deadline. Times known by the day only do not tell delays of less than two days.

    Example:
        >>> import numpy as np
        >>> fits(np.array([1.0, 30.0, np.nan]), {"within": 24.0}).tolist()
        [True, False, False]
    """

    def test(self, slice_: Slice, sign: Sign) -> SignOutcome:
        """Test the sign; see `SignTest`."""
        first, second = sign.text("from") or "created_at", sign.text("to")
        refused = missing(slice_, sign, first, second)
        if refused:
            return refused
        bounds = sign.bounds()
        if not bounds:
            return not_testable(sign, "the entry names no hours")
        if min(bounds.values()) < HOURS_BY_DAY and known_by_day(slice_.frame[first], slice_.frame[second]):
            return not_testable(sign, "the times are known by the day only, and the entry asks for hours")
        hours = hours_between(slice_, first, second)
        chosen = slice_.among(sign.text("among")) & np.isfinite(hours)
        words = order_words(slice_, sign.text("among"))
        refused = too_few(slice_, sign, chosen & slice_.in_window, f"{words} with both times")
        if refused:
            return refused
        fitting = chosen & fits(hours, bounds)
        share = share_of(slice_, chosen, fitting)
        estimate, least = share.estimate(), sign.number("at_least")
        holds = compared(estimate, least, None)
        if holds:
            sign = as_usual(slice_, sign, chosen, fitting, upwards=True)
        what = f"{second.removesuffix('_at')} {_hours_words(bounds)} after {_start_words(first)}"
        return decided(
            sign,
            holds=holds,
            sentence=f"{percent(share.value)} of the {words} were {what}{usual_share(slice_, chosen, fitting)}",
            effect=estimate,
            unit="share of orders",
            n=int((chosen & slice_.in_window).sum()),
            p_value=share.p_above(least),
            members=fitting,
            unclear=leaves_open(estimate, least),
        )


def hours_between(slice_: Slice, first: str, second: str) -> Floats:
    """Hours from one moment to another, NaN where either is missing."""

    def passed() -> Floats:
        start, end = pd.to_datetime(slice_.frame[first]), pd.to_datetime(slice_.frame[second])
        seconds = (end - start).dt.total_seconds().to_numpy(dtype=np.float64, na_value=np.nan)
        return np.asarray(seconds / 3600.0, dtype=np.float64)

    return slice_.kept(f"hours {first} {second}", passed)


def fits(hours: Floats, bounds: Mapping[str, float]) -> Mask:
    """Which delays fulfil every bound."""
    within, after, around = (bounds.get(key) for key in ("within", "after", "around"))
    with np.errstate(invalid="ignore"):
        good = np.isfinite(hours)
        if within is not None:
            good &= (hours <= within) & (hours >= 0)
        if after is not None:
            good &= hours >= after
        if around is not None:
            good &= np.abs(hours - around) <= max(AROUND_HOURS, AROUND_SHARE * around)
    return good


def _hours_words(bounds: Mapping[str, float]) -> str:
    words = {"within": "within", "after": "later than", "around": "about"}
    return " and ".join(f"{words[key]} {_duration(hours)}" for key, hours in bounds.items())


def _duration(hours: float) -> str:
    if hours < 1:
        return f"{60 * hours:.0f} minutes"
    if hours >= 72 and hours % 24 == 0:
        return f"{hours / 24:.0f} days"
    return "one hour" if hours == 1 else f"{hours:g} hours"


def _start_words(column: str) -> str:
    return "the order" if column == "created_at" else column.removesuffix("_at").replace("_", " ")
