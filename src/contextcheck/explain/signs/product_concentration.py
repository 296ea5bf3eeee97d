"""Do few products carry the excess?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from contextcheck.explain.signs.concentration import P_LIMIT, Units, permutation_p, share_of_excess, stands_out
from contextcheck.explain.signs.outcome import (
    decided,
    leaves_open,
    missing,
    not_testable,
    order_words,
    percent,
    too_few,
)

if TYPE_CHECKING:
    from contextcheck.explain.signs.interface import SignOutcome
    from contextcheck.explain.slices import Slice
    from contextcheck.knowledge.signs import Sign


class ProductConcentration:
    """Say whether single products carry the excess, beyond what their sales would give them.

    Method: as `concentration`, products in the place of groups and orders as units: a product stands out when its
        flagged orders exceed 1.5 times what its sales would have at the rate of all others plus two standard
        deviations; 999 permutations of the flagged orders over all orders, the choice of products repeated in each.
    Source: permutation with the selection inside, Westfall and Young (1993), Resampling-Based Multiple Testing.
    Blind spots: an order is known by its main product only; a faulty batch and resellers leave the same trace.

    Example:
        >>> ProductConcentration.__name__
        'ProductConcentration'
    """

    def test(self, slice_: Slice, sign: Sign) -> SignOutcome:
        """Test the sign; see `SignTest`."""
        refused = missing(slice_, sign, "product_id")
        if refused:
            return refused
        words = order_words(slice_, "flagged")
        flagged = slice_.focus & slice_.in_window & (slice_.amount != 0)
        refused = too_few(slice_, sign, flagged, words)
        if refused:
            return refused
        if not slice_.has_past:
            return not_testable(sign, f"no quiet past to take the excess from: {slice_.scene.before_reason}")
        total = slice_.excess(slice_.resampler(3), slice_.focus)
        if not total.is_clear:
            return not_testable(sign, "the excess itself is not clear enough to be divided", int(flagged.sum()))
        label = slice_.frame["product_id"].astype("category").cat.codes.to_numpy().astype(np.int64)
        chosen = slice_.focus & slice_.in_window & (slice_.exposure > 0)
        size, groups = int(chosen.sum()), int(label.max(initial=-1)) + 1
        events = np.abs(slice_.amount[chosen])
        units = Units(events, np.ones(size), label[chosen], np.zeros(size, dtype=np.int64), groups)
        standing = stands_out(units)
        members = slice_.focus & (label >= 0)
        members[members] = standing[label[members]]
        p_value = permutation_p(units, slice_.scene.seed, 999 if slice_.draws >= 200 else 199) if members.any() else 1.0
        estimate, wanted = share_of_excess(slice_, members).estimate(), sign.number("share")
        is_few = estimate.value >= wanted and p_value < P_LIMIT and estimate.low > 0
        is_not = not estimate.high >= wanted or p_value >= P_LIMIT
        number = int(standing.sum())
        return decided(
            sign,
            holds=True if is_few else False if is_not else None,
            sentence=f"{number or 'no'} product{'s' * (number != 1)} of {groups:,} stand{'s' * (number == 1)} out"
            + (f" and carry {percent(estimate.value)} of the excess" if number else " for what is sold of it"),
            effect=estimate,
            unit="share of the excess",
            n=int(flagged.sum()),
            p_value=p_value,
            members=members,
            unclear=leaves_open(estimate, wanted),
        )
