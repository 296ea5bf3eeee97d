"""Do discounted orders carry the excess?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from contextcheck.explain.signs.mix import segment_outcome
from contextcheck.explain.signs.outcome import not_testable

if TYPE_CHECKING:
    from contextcheck.explain.signs.interface import SignOutcome
    from contextcheck.explain.slices import Slice
    from contextcheck.knowledge.signs import Sign


class DiscountUse:
    """Say what share of the excess lies in orders with a discount or a coupon.

    Method: as `mix`, the segment being orders with discount_total above 0 or a coupon; interval by resampling
        customers; the share must exceed the segment's share of the orders as well.
    Source: Kitagawa (1955), Journal of the American Statistical Association 50.
    Blind spots: discounts that are already in the price.

    Example:
        >>> DiscountUse.__name__
        'DiscountUse'
    """

    def test(self, slice_: Slice, sign: Sign) -> SignOutcome:
        """Test the sign; see `SignTest`."""
        if not slice_.has("discount_total") and not slice_.has("coupon"):
            return not_testable(sign, "the orders have no discount_total and no coupon column")
        discounted = np.zeros(len(slice_.frame), dtype=bool)
        if slice_.has("discount_total"):
            discounted |= np.nan_to_num(slice_.numbers("discount_total")) > 0
        if slice_.has("coupon"):
            coupon = slice_.frame["coupon"]
            discounted |= np.asarray(coupon.notna() & (coupon.astype(str) != ""), dtype=bool)
        return segment_outcome(slice_, sign, discounted, "has a discount or a coupon")
