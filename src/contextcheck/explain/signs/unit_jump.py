"""Did the typical amount jump as from one unit to another?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from contextcheck.explain.resampling import Draws, minus, ratio
from contextcheck.explain.signs.outcome import decided, missing, too_few_on_both_sides

if TYPE_CHECKING:
    from contextcheck.explain.signs.interface import SignOutcome
    from contextcheck.explain.slices import Mask, Slice
    from contextcheck.knowledge.signs import Sign

SAME_WITHIN = 0.02


class UnitJump:
    """Say whether the typical order total is so many times what it was that no change of baskets or prices does it.

    Method: geometric mean of order totals above 0, window over past; interval by resampling customers. Holds when the
        interval lies at or beyond `times` up or down (cents for whole units are 100, most pairs of currencies more than
        3); contradicted when it lies within 2 % of 1. Between the two it is left open: two currencies may be worth
        nearly the same, and the amounts alone cannot tell their ratio from dearer baskets.
    Source: ratio of geometric means with a cluster bootstrap, Cameron, Gelbach and Miller (2008).
    Blind spots: a unit that slipped in a small part of the orders moves the typical order little.

    Example:
        >>> UnitJump.__name__
        'UnitJump'
    """

    def test(self, slice_: Slice, sign: Sign) -> SignOutcome:
        """Test the sign; see `SignTest`."""
        refused = missing(slice_, sign, "order_total")
        if refused:
            return refused
        totals = slice_.numbers("order_total")
        known = slice_.focus & np.isfinite(totals) & (totals > 0)
        refused = too_few_on_both_sides(slice_, sign, known, "orders with a total")
        if refused:
            return refused
        logs = np.log(np.where(known, totals, 1.0))
        step = minus(*(_mean(slice_, known & each, logs) for each in (slice_.in_window, ~slice_.in_window)))
        return _outcome(sign, step, int((known & slice_.in_window).sum()))


def _mean(slice_: Slice, chosen: Mask, logs: np.ndarray) -> Draws:
    resampler = slice_.resampler(12)
    return ratio(resampler.totals(np.where(chosen, logs, 0.0)), resampler.totals(chosen.astype(np.float64)))


def _outcome(sign: Sign, step: Draws, n: int) -> SignOutcome:
    change = Draws(float(np.exp(step.value)), np.exp(step.draws)).estimate()
    times = sign.number("times")
    holds: bool | None = None
    if change.low >= times or change.high <= 1 / times:
        holds = True
    elif change.low >= 1 - SAME_WITHIN and change.high <= 1 + SAME_WITHIN:
        holds = False
    limit = float(np.log(times))
    return decided(
        sign,
        holds=holds,
        sentence=f"the typical order total is {change.value:.3g} times what it was ({change.low:.3g} to "
        f"{change.high:.3g}); a jump by {times:g} times or more is one of units",
        effect=change,
        unit="ratio to the past",
        n=n,
        p_value=min(step.p_above(limit), 1 - step.p_above(-limit)),
        unclear="too much for nothing, too little for certain: another currency's unit or other baskets",
    )
