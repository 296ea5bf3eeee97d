"""Does the same customer order again soon after?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from contextcheck.explain.signs.kept_share import bounded_share
from contextcheck.explain.signs.outcome import missing, order_words, too_few

if TYPE_CHECKING:
    from contextcheck.explain.signs.interface import SignOutcome
    from contextcheck.explain.slices import Codes, Floats, Mask, Slice
    from contextcheck.knowledge.signs import Sign


class Rebuy:
    """Say what share of these orders is followed by another order of the same customer within some hours.

    Method: share of the orders of the window, older than `within` at the end of the data read, that have a later order
        of the same customer within that time; interval by resampling customers; against the entry's bounds.
    Source: cancel-and-reorder as a repair of the basket; cluster bootstrap, Cameron, Gelbach and Miller (2008).
    Blind spots: a customer who orders again as a guest or on another account; reorders after the end of the flag.

    Example:
        >>> import numpy as np
        >>> next_order_hours(np.array([1, 1, 2]), np.array([0.0, 5.0, 1.0])).tolist()
        [5.0, inf, inf]
    """

    def test(self, slice_: Slice, sign: Sign) -> SignOutcome:
        """Test the sign; see `SignTest`."""
        refused = missing(slice_, sign, "customer_id")
        if refused:
            return refused
        hours = order_hours(slice_)
        within = sign.number("within")
        known = np.asarray(slice_.frame["customer_id"].notna(), dtype=bool)
        chosen = slice_.among(sign.text("among")) & known & (hours <= hours.max(initial=0.0) - within)
        words = order_words(slice_, sign.text("among"))
        refused = too_few(slice_, sign, chosen & slice_.in_window, f"{words} old enough to be followed")
        if refused:
            return refused
        again: Mask = chosen & (next_order_hours(slice_.cluster, hours) <= within)
        what = f"were followed by another order of the same customer within {within:g} hours"
        return bounded_share(slice_, sign, chosen, again, words=words, what=what)


def order_hours(slice_: Slice) -> Floats:
    """Hours of each order since the first one."""
    moments = pd.to_datetime(slice_.frame["created_at"])
    passed = (moments - moments.min()).dt.total_seconds().to_numpy(dtype=np.float64, na_value=np.nan)
    return np.asarray(passed / 3600.0, dtype=np.float64)


def next_order_hours(holder: Codes, hours: Floats) -> Floats:
    """Hours from each order to the holder's next one; infinite for the last."""
    order = np.lexsort((hours, holder))
    gaps = np.full(len(hours), np.inf)
    same = holder[order][1:] == holder[order][:-1]
    gaps[order[:-1]] = np.where(same, np.diff(hours[order]), np.inf)
    return gaps
