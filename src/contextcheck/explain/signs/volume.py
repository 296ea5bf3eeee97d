"""Is it only more orders?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from contextcheck.explain.resampling import Draws, ratio
from contextcheck.explain.signs.outcome import decided, not_testable, order_words, too_few

if TYPE_CHECKING:
    from contextcheck.explain.signs.interface import SignOutcome
    from contextcheck.explain.slices import Mask, Slice
    from contextcheck.knowledge.signs import Sign


P_LIMIT = 0.01


class Volume:
    """Say whether the flagged amount rose only because there were more orders, or beyond that.

    Method: flagged amount per order, window over past (a ratio of ratios; 1 = it grew with the orders), interval by
        resampling customers. "Only" holds when the interval lies inside 1 give or take `margin`; "beyond" when the
        ratio is past the margin and p below 0.01.
    Source: decomposition of a product into volume and rate, Kitagawa (1955), Journal of the American Statistical
        Association 50; cluster bootstrap, Cameron, Gelbach and Miller (2008).
    Blind spots: why there were more orders; orders that bring more of everything (a campaign for new customers) can
        change the rate as well.

    Example:
        >>> Volume.__name__
        'Volume'
    """

    def test(self, slice_: Slice, sign: Sign) -> SignOutcome:
        """Test the sign; see `SignTest`."""
        if not slice_.has_past:
            return not_testable(sign, slice_.scene.before_reason or "no quiet past to compare with")
        everything = slice_.focus & (slice_.exposure > 0)
        flagged = everything & (slice_.amount != 0)
        if slice_.scene.metric.kind == "count" and bool(flagged[everything].all()):
            return not_testable(sign, "the metric counts orders: more of them is what it measures")
        refused = too_few(slice_, sign, flagged & slice_.in_window, order_words(slice_, "flagged"))
        if refused:
            return refused
        if int((flagged & ~slice_.in_window).sum()) < 10:
            return not_testable(sign, f"{int((flagged & ~slice_.in_window).sum())} such orders in the past, 10 needed")
        per_order = ratio(*(_per_order(slice_, everything & each) for each in (slice_.in_window, ~slice_.in_window)))
        return _outcome(slice_, sign, per_order, everything, flagged)


def _per_order(slice_: Slice, chosen: Mask) -> Draws:
    resampler = slice_.resampler(11)
    amounts = resampler.totals(np.where(chosen, slice_.amount, 0.0))
    return ratio(amounts, resampler.totals(np.where(chosen, slice_.exposure, 0.0)))


def _outcome(slice_: Slice, sign: Sign, change: Draws, everything: Mask, flagged: Mask) -> SignOutcome:
    estimate, margin = change.estimate(), sign.number("margin")
    up = slice_.scene.direction == "up"
    p_beyond = change.p_above(1.0) if up else 1 - change.p_above(1.0)
    beyond = p_beyond < P_LIMIT and (change.value >= 1 + margin if up else change.value <= 1 - margin)
    only = 1 - margin <= estimate.low and estimate.high <= 1 + margin
    holds: bool | None = None
    if beyond or only:
        holds = only == (sign.text("expect") == "only")
    orders, amounts = (_growth(slice_, each) for each in (everything, flagged))
    p_only = change.p_above(1 - margin), 1 - change.p_above(1 + margin)
    return decided(
        sign,
        holds=holds,
        sentence=f"orders per day changed by {orders}, {order_words(slice_, 'flagged')} by {amounts}: "
        f"{change.value:.2f} times the usual amount per order",
        effect=estimate,
        unit="ratio per order to the past",
        n=int((flagged & slice_.in_window).sum()),
        p_value=max(p_only) if sign.text("expect") == "only" else p_beyond,
        unclear="the interval leaves open whether it grew with the orders or beyond them",
    )


def _growth(slice_: Slice, chosen: Mask) -> str:
    """Change of the number per day from past to window, in words."""
    days = [len(np.unique(slice_.day[period])) for period in (slice_.in_window, ~slice_.in_window)]
    now, then = (int((chosen & period).sum()) for period in (slice_.in_window, ~slice_.in_window))
    if not then or not all(days):
        return "an unknown share"
    return f"{100 * (now / days[0] / (then / days[1]) - 1):+.0f} %".replace("-", "\u2212")
