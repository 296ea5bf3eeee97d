"""Is the same basket ordered twice within minutes?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from contextcheck.explain.signs.kept_share import bounded_share
from contextcheck.explain.signs.outcome import missing, order_words, too_few
from contextcheck.explain.signs.rebuy import next_order_hours, order_hours

if TYPE_CHECKING:
    from contextcheck.explain.signs.interface import SignOutcome
    from contextcheck.explain.slices import Codes, Floats, Mask, Slice
    from contextcheck.knowledge.signs import Sign


class Duplicates:
    """Say what share of these orders has a twin: same customer, same amount, within some minutes.

    Method: orders of the same customer with the same order_total (to the cent of the reporting currency, relative 1e-9)
        at most `within` hours apart are twins of each other; share of the window's orders with a twin, interval by
        resampling customers, against the entry's bounds. Twins come in pairs, so there are never more decisions than
        half the orders, and the interval is Clopper and Pearson's, for few events.
    Source: trace of a repeated submit; cluster bootstrap, Cameron, Gelbach and Miller (2008).
    Blind spots: a shop with one price has many equal amounts; a customer who wants two of the same.

    Example:
        >>> import numpy as np
        >>> twins(np.array([1, 1, 1, 2]), np.array([9.0, 9.0, 8.0, 9.0]), np.array([0.0, 0.1, 0.1, 0.1]), 0.25).tolist()
        [True, True, False, False]
    """

    def test(self, slice_: Slice, sign: Sign) -> SignOutcome:
        """Test the sign; see `SignTest`."""
        refused = missing(slice_, sign, "customer_id", "order_total")
        if refused:
            return refused
        totals = slice_.numbers("order_total")
        known = np.asarray(slice_.frame["customer_id"].notna(), dtype=bool) & np.isfinite(totals)
        chosen = slice_.among(sign.text("among")) & known
        words = order_words(slice_, sign.text("among"))
        refused = too_few(slice_, sign, chosen & slice_.in_window, words)
        if refused:
            return refused
        within = sign.number("within")
        doubled = chosen & twins(slice_.cluster, np.nan_to_num(totals), order_hours(slice_), within)
        what = f"have a twin: same customer, same amount, within {60 * within:.0f} minutes"
        return bounded_share(slice_, sign, chosen, doubled, words=words, what=what, orders_per_decision=2)


def twins(customer: Codes, totals: Floats, hours: Floats, within: float) -> Mask:
    """Which orders have another one of the same customer and amount at most so many hours before or after."""
    cents = np.unique(np.round(totals, 2), return_inverse=True)[1]
    holder = customer * (int(cents.max(initial=0)) + 1) + cents
    return np.asarray((next_order_hours(holder, hours) <= within) | (next_order_hours(holder, -hours) <= within))
