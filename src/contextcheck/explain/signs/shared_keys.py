"""Do accounts that share devices, addresses or payment instruments carry the excess?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from contextcheck.explain.links import linked_groups
from contextcheck.explain.signs.concentration import KEY_WORDS
from contextcheck.explain.signs.mix import segment_outcome
from contextcheck.explain.signs.outcome import not_testable

if TYPE_CHECKING:
    from contextcheck.explain.signs.interface import SignOutcome
    from contextcheck.explain.slices import Slice
    from contextcheck.knowledge.signs import Sign


class SharedKeys:
    """Say what share of the excess comes from accounts that are linked by a shared key.

    Method: as `mix`, the segment being orders of customers in a linked group (five or more accounts connected by shared
        devices, addresses or payment instruments, see `links`); interval by resampling customers; the share must exceed
        the segment's share of the orders as well. `concentration` asks which of the groups stand out; this asks how
        much all linked accounts carry together.
    Source: connected components, Hopcroft and Tarjan (1973), Communications of the ACM 16; Kitagawa (1955).
    Blind spots: families, offices, dormitories and shared payment accounts are linked as well; accounts of one hand
        count as many, so it says how much linked accounts carry, not that they are one: that is for `concentration`.

    Example:
        >>> SharedKeys.__name__
        'SharedKeys'
    """

    def test(self, slice_: Slice, sign: Sign) -> SignOutcome:
        """Test the sign; see `SignTest`."""
        wanted = sign.texts("over")
        columns = [column for column in wanted if slice_.has(column)]
        if not columns:
            return not_testable(sign, f"the orders have none of the columns {', '.join(wanted)}")
        groups = linked_groups(slice_, columns)
        if not len(groups.accounts):
            return not_testable(sign, "no five accounts are linked: there is nothing to compare")
        shared = " or ".join(KEY_WORDS.get(column, column) for column in columns)
        linked = groups.of_customer[slice_.cluster] >= 0
        return segment_outcome(slice_, sign, linked, f"comes from accounts that share {shared} with others")
