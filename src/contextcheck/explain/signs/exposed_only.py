"""Did only those move who saw the feature?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from contextcheck.explain.resampling import Draws, minus, ratio
from contextcheck.explain.signs.outcome import MIN_ORDERS, decided, missing, not_testable, percent

if TYPE_CHECKING:
    from contextcheck.explain.signs.interface import SignOutcome
    from contextcheck.explain.slices import Mask, Slice
    from contextcheck.knowledge.signs import Sign


class ExposedOnly:
    """Say whether the move is found among orders that saw the launched feature and not among the others.

    Method: level of the metric among exposed and unexposed orders of the window and among all orders of the past.
        "Exposed" holds when the exposed moved more than the unexposed (one-sided p < 0.025) and the unexposed moved by
        less than a quarter of the exposed (upper end of the interval); "everybody" when the unexposed moved by more
        than half of it (lower end). Intervals by resampling customers.
    Source: difference in differences inside the region, Angrist and Pischke (2009), Mostly Harmless Econometrics.
    Blind spots: exposure that customers choose themselves (those who reach the basket page) is no random split.

    Example:
        >>> ExposedOnly.__name__
        'ExposedOnly'
    """

    def test(self, slice_: Slice, sign: Sign) -> SignOutcome:
        """Test the sign; see `SignTest`."""
        refused = missing(slice_, sign, "feature_exposed")
        if refused:
            return refused
        if slice_.scene.metric.kind == "count" or not slice_.has_past:
            reason = "a count has no level per order" if slice_.has_past else slice_.scene.before_reason
            return not_testable(sign, reason)
        seen = np.asarray(slice_.frame["feature_exposed"].astype("boolean").fillna(False), dtype=bool)
        chosen = slice_.focus & slice_.in_window & (slice_.exposure > 0)
        counts = int((chosen & seen).sum()), int((chosen & ~seen).sum())
        if min(counts) < MIN_ORDERS:
            return not_testable(
                sign, f"{counts[0]} exposed and {counts[1]} unexposed orders, {MIN_ORDERS} of each needed", sum(counts)
            )
        return _outcome(slice_, sign, chosen & seen, chosen & ~seen)


def _level(slice_: Slice, chosen: Mask) -> Draws:
    resampler = slice_.resampler(8)
    amounts = resampler.totals(np.where(chosen, slice_.amount, 0.0))
    return ratio(amounts, resampler.totals(np.where(chosen, slice_.exposure, 0.0)))


def _outcome(slice_: Slice, sign: Sign, exposed: Mask, unexposed: Mask) -> SignOutcome:
    past = _level(slice_, slice_.focus & ~slice_.in_window)
    towards = 1.0 if slice_.scene.direction == "up" else -1.0
    moved, still = minus(_level(slice_, exposed), past), minus(_level(slice_, unexposed), past)
    moved, still = (Draws(towards * each.value, towards * each.draws) for each in (moved, still))
    difference, rest = minus(moved, still), still.estimate()
    p_value = difference.p_above(0.0)
    is_exposed = p_value < 0.025 and rest.high < moved.value / 4
    is_everybody = moved.value > 0 and rest.low > moved.value / 2
    holds: bool | None = None
    if is_exposed or is_everybody:
        holds = is_exposed == (sign.text("expect") != "everybody")
    shown = [percent(each.value) if slice_.scene.metric.kind == "rate" else f"{each.value:,.3g}" for each in (
        _level(slice_, exposed), _level(slice_, unexposed), past)]  # fmt: skip
    return decided(
        sign,
        holds=holds,
        sentence=f"{shown[0]} among orders that saw the feature, {shown[1]} among the others, {shown[2]} before",
        effect=difference.estimate(),
        unit="difference of levels, exposed less unexposed",
        n=int(exposed.sum() + unexposed.sum()),
        p_value=p_value if sign.text("expect") != "everybody" else still.p_above(moved.value / 2),
        unclear="the others moved somewhat, neither clearly nor clearly not",
    )
