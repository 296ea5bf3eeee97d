"""Does one segment carry the excess?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from contextcheck.explain.resampling import Draws, minus, ratio
from contextcheck.explain.signs.outcome import (
    MIN_CUSTOMERS,
    MIN_ORDERS,
    compared,
    decided,
    leaves_open,
    missing,
    not_testable,
    order_words,
    percent,
)

if TYPE_CHECKING:
    from contextcheck.explain.signs.interface import SignOutcome
    from contextcheck.explain.slices import Mask, Slice
    from contextcheck.knowledge.signs import Sign


class Mix:
    """Say what share of the excess a segment (a payment method, a channel) carries.

    Method: (segment's amount in the window - its usual amount) / (the same for all), the past scaled by exposure;
        interval by resampling customers. The part that comes from more orders in the segment at its old rate
        (composition, Kitagawa 1955) is stated apart. "More" holds when the interval's lower end reaches `at_least` and
        the share exceeds the segment's usual share of the orders.
    Source: Kitagawa (1955), Journal of the American Statistical Association 50.
    Blind spots: a segment that always travels with another one; words that the entry does not list.

    Example:
        >>> matches("bank_transfer", ("bank*",)), matches("card", ("bank*",))
        (True, False)
    """

    def test(self, slice_: Slice, sign: Sign) -> SignOutcome:
        """Test the sign; see `SignTest`."""
        column = sign.text("column")
        refused = missing(slice_, sign, column)
        if refused:
            return refused
        segment = slice_.focus & in_segment(slice_, column, sign.texts("values"))
        if not segment.any():
            named = ", ".join(sign.texts("values"))
            return not_testable(sign, f'no order has {column} "{named}"; other words may be used')
        named = _present(slice_, segment, column)
        return segment_outcome(slice_, sign, segment, f"has {column.replace('_', ' ')} {named}")


def matches(word: str, patterns: tuple[str, ...]) -> bool:
    """Whether a word is one of the patterns, in any case; a trailing * stands for any ending."""
    folded = word.casefold()
    return any(
        folded.startswith(pattern[:-1].casefold()) if pattern.endswith("*") else folded == pattern.casefold()
        for pattern in patterns
    )


def in_segment(slice_: Slice, column: str, patterns: tuple[str, ...]) -> Mask:
    """Orders whose word in a column matches."""
    values = slice_.frame[column]
    fitting = [value for value in values.astype("category").cat.categories if matches(str(value), patterns)]
    return np.asarray(values.isin(fitting), dtype=bool)


def segment_outcome(slice_: Slice, sign: Sign, segment: Mask, what: str) -> SignOutcome:
    """Compare a segment's share of the excess with the entry's `at_least` and with its share of the orders.

    Args:
        slice_: Orders of the flag.
        sign: The prediction, with `at_least` and `expect` more or not_more.
        segment: Orders of the segment, of both periods.
        what: The segment in words, after "71 % of the excess ...".
    """
    if not slice_.has_past:
        return not_testable(sign, f"no quiet past to take the excess from: {slice_.scene.before_reason}")
    words = order_words(slice_, "flagged")
    events = slice_.focus & slice_.in_window & (slice_.amount != 0)
    if int(events.sum()) < MIN_ORDERS:
        return not_testable(sign, f"{int(events.sum())} {words} in the window, {MIN_ORDERS} needed")
    if len(np.unique(slice_.cluster[events])) < MIN_CUSTOMERS:
        return not_testable(sign, f"{int(events.sum())} {words} of fewer than {MIN_CUSTOMERS} customers")
    return _compared(slice_, sign, segment & slice_.focus, what)


def _compared(slice_: Slice, sign: Sign, segment: Mask, what: str) -> SignOutcome:
    resampler = slice_.resampler(4)
    total = slice_.excess(resampler, slice_.focus)
    if not total.is_clear:
        return not_testable(sign, "the excess itself is not clear enough to be divided", int(segment.sum()))
    share = ratio(slice_.excess(resampler, segment), total)
    orders = slice_.focus & slice_.in_window
    usual = Draws(float(segment[orders].mean()), np.full(len(share.draws), float(segment[orders].mean())))
    estimate, least = share.estimate(), sign.number("at_least")
    more = compared(estimate, least, None)
    above_usual = minus(share, usual).p_above(0.0)
    if more and above_usual > 0.025:
        more = None
    expects_more = sign.text("expect") != "not_more"
    composition = _composition_share(slice_, segment, total.value)
    sentence = f"{percent(share.value)} of the excess {what}, with {percent(usual.value)} of the orders{composition}"
    return decided(
        sign,
        holds=more if expects_more or more is None else not more,
        sentence=sentence,
        effect=estimate,
        unit="share of the excess",
        n=int((orders & (slice_.amount != 0)).sum()),
        p_value=max(share.p_above(least), above_usual) if expects_more else 1 - share.p_above(least),
        members=segment,
        unclear=leaves_open(estimate, least),
    )


def _present(slice_: Slice, segment: Mask, column: str) -> str:
    """The segment's words as the orders have them, most frequent first, three at most."""
    words = slice_.frame[column][segment & slice_.in_window].astype(str).value_counts().index
    return " or ".join(words[:3]) + (" and the like" if len(words) > 3 else "")


def _composition_share(slice_: Slice, segment: Mask, total: float) -> str:
    """Say when most of a segment's excess is only more orders in it, at the rate it always had."""
    window, exposure = slice_.in_window, slice_.exposure
    if slice_.scene.metric.kind == "count":
        return ""
    past = exposure[segment & ~window].sum()
    if not past or not total:
        return ""
    old_rate = slice_.amount[segment & ~window].sum() / past
    more_orders = exposure[segment & window].sum() - slice_.scale * past
    share = float(old_rate * more_orders) / total
    return f"; {percent(share)} only because more orders are in it" if share > 0.1 else ""
