"""Do customers keep more or less value per order than before?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from contextcheck.explain.resampling import Draws, ratio
from contextcheck.explain.signs.outcome import decided, missing, too_few_on_both_sides

if TYPE_CHECKING:
    from contextcheck.explain.signs.interface import SignOutcome
    from contextcheck.explain.slices import Floats, Mask, Slice
    from contextcheck.knowledge.signs import Sign


class ValueKept:
    """Say whether the value kept per order went up, went down or stayed.

    Method: mean retained_total over all orders of the window whose rest is known, divided by the same of the past;
        interval by resampling customers. Up: the interval lies above 1; down: below; unchanged: within the margin.
    Source: ratio of means with a cluster bootstrap, Cameron, Gelbach and Miller (2008).
    Blind spots: returns that have not come in yet make the newest orders look better kept than they are; a season that
        changes baskets.

    Example:
        >>> ValueKept.__name__
        'ValueKept'
    """

    def test(self, slice_: Slice, sign: Sign) -> SignOutcome:
        """Test the sign; see `SignTest`."""
        refused = missing(slice_, sign, "retained_total")
        if refused:
            return refused
        retained = slice_.numbers("retained_total")
        known = slice_.focus & np.isfinite(retained)
        refused = too_few_on_both_sides(slice_, sign, known, "orders with a known rest")
        if refused:
            return refused
        values = np.nan_to_num(retained)
        change = ratio(
            _mean(slice_, known & slice_.in_window, values), _mean(slice_, known & ~slice_.in_window, values)
        )
        return _outcome(sign, change, int((known & slice_.in_window).sum()))


def _mean(slice_: Slice, chosen: Mask, values: Floats) -> Draws:
    resampler = slice_.resampler(10)
    return ratio(resampler.totals(np.where(chosen, values, 0.0)), resampler.totals(chosen.astype(np.float64)))


def _outcome(sign: Sign, change: Draws, n: int) -> SignOutcome:
    estimate, margin, expect = change.estimate(), sign.number("margin"), sign.text("expect")
    rose, fell = estimate.low > 1, estimate.high < 1
    same = 1 - margin <= estimate.low and estimate.high <= 1 + margin
    holds: bool | None = None
    if expect == "unchanged":
        moved = estimate.low > 1 + margin or estimate.high < 1 - margin
        holds = True if same else False if moved else None
    elif rose or fell or same:
        holds = rose if expect == "up" else fell
    p_values = {"up": change.p_above(1.0), "down": 1 - change.p_above(1.0)}
    low, high = (f"{100 * (bound - 1):+.0f}" for bound in (estimate.low, estimate.high))
    return decided(
        sign,
        holds=holds,
        sentence=f"the value kept per order changed by {100 * (change.value - 1):+.0f} % ({low} to {high} %)",
        effect=estimate,
        unit="ratio to the past",
        n=n,
        p_value=p_values.get(expect),
        unclear="the interval reaches from a fall to a rise",
    )
