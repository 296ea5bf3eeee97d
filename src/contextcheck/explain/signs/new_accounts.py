"""Do new accounts carry the excess?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from contextcheck.explain.signs.delay import hours_between
from contextcheck.explain.signs.mix import segment_outcome
from contextcheck.explain.signs.outcome import missing, not_testable

if TYPE_CHECKING:
    from contextcheck.explain.signs.interface import SignOutcome
    from contextcheck.explain.slices import Slice
    from contextcheck.knowledge.signs import Sign

MIN_KNOWN_SHARE = 0.5


class NewAccounts:
    """Say what share of the excess comes from accounts opened shortly before their order.

    Method: as `mix`, the segment being orders at most `days` after the account was opened; interval by resampling
        customers; the share must exceed the segment's share of the orders as well.
    Source: Kitagawa (1955), Journal of the American Statistical Association 50.
    Blind spots: guest orders have no account; a campaign that brings many good new customers looks alike, so this is a
        weak sign by itself.

    Example:
        >>> NewAccounts.__name__
        'NewAccounts'
    """

    def test(self, slice_: Slice, sign: Sign) -> SignOutcome:
        """Test the sign; see `SignTest`."""
        refused = missing(slice_, sign, "account_created_at", "created_at")
        if refused:
            return refused
        age_days = hours_between(slice_, "account_created_at", "created_at") / 24.0
        known = float(np.isfinite(age_days[slice_.in_window]).mean()) if slice_.in_window.any() else 0.0
        if known < MIN_KNOWN_SHARE:
            return not_testable(sign, f"only {known:.0%} of the orders have account_created_at")
        days = sign.number("days")
        with np.errstate(invalid="ignore"):
            young = age_days < days
        return segment_outcome(slice_, sign, young, f"comes from accounts opened less than {days:g} days before")
