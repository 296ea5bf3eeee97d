"""Evidence → verdict, and how the excess is divided among the explanations that hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.explain.resampling import Draws, ratio
from contextcheck.records import Estimate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contextcheck.explain.slices import Mask, Slice
    from contextcheck.records import Evidence, Verdict


def verdict_of(evidence: Sequence[Evidence]) -> Verdict:
    """Give the verdict of an explanation from its tested signs.

    Args:
        evidence: Results of `signs` and `contradicted_by`, each already from the explanation's point of view.

    Returns:
        supported, partly, contradicted or not_testable (`too_flexible` is the placebo's to say).

    Method: (1) one strong contradiction is enough for contradicted: a prediction that clearly failed cannot be outvoted
        by any number of others. (2) Nothing of `signs` could be tested: not_testable. (3) Weak contradictions that are
        as many as the supports, or more: contradicted. (4) Supported needs a strong sign that supports, at least half
        of the strong signs testable, a second kind of sign beside it unless everything could be tested, and no weak
        contradiction unless two supports stand against each. (5) Else partly when anything supports and half of
        all signs could be tested; with less than that, not_testable. A `contradicted_by` that does not hold is no
        support.
    Source: severe testing, Popper (1959); Mayo (2018), Statistical Inference as Severe Testing.
    Blind spots: signs are counted as if independent; an entry whose only sign is a strong one can be supported by it
        alone, which is what the placebo is for.
    """
    signs = [each for each in evidence if each.role == "sign"]
    against = [each for each in evidence if each.result == "contradicts"]
    if any(each.weight == "strong" for each in against):
        return "contradicted"
    supports = [each for each in signs if each.result == "supports"]
    if all(each.result == "not_testable" for each in signs):
        return "contradicted" if against else "not_testable"
    if against and len(against) >= len(supports):
        return "contradicted"
    strong = [each for each in signs if each.weight == "strong"]
    testable = [each for each in strong if each.result != "not_testable"]
    is_all_tested = all(each.result != "not_testable" for each in signs)
    is_backed = is_all_tested or len({each.test for each in supports}) > 1
    has_strong = any(each.weight == "strong" for each in supports)
    if has_strong and 2 * len(testable) >= len(strong) and is_backed and 2 * len(against) <= len(supports):
        return "supported"
    tested = sum(each.result != "not_testable" for each in signs)
    return "partly" if supports and 2 * tested >= len(signs) else "not_testable"


@dataclass(frozen=True, slots=True)
class Division:
    """The excess divided: share per explanation, what is left, and why a share is not known."""

    shares: Mapping[str, Estimate]
    unexplained: Estimate | None
    reason: str = ""


def divide(slice_: Slice, footprints: Sequence[tuple[str, Mask]]) -> Division:
    """Give each explanation the excess inside its footprint; an order is given to one explanation only.

    Args:
        slice_: Orders of the flag.
        footprints: Explanation id to the orders (both periods) that fit all of its supporting signs.

    Method: footprints are served from the smallest to the largest (flagged orders in the window): the most specific
        explanation takes its orders first. Share = (amount in the window - scaled amount of the past, both inside the
        footprint) / (the same for all orders). Intervals by resampling customers; shares are cut to 0 to 1.
    Source: attributable fraction among the exposed, Levin (1953); cluster bootstrap, Cameron et al. (2008).
    Blind spots: orders that fit a footprint by chance in the window but not in the past count as explained.
    """
    if not slice_.has_past:
        return Division({}, None, f"no quiet past to take the excess from: {slice_.scene.before_reason}")
    resampler = slice_.resampler(5)
    total = slice_.excess(resampler)
    if abs(total.value) < 1.96 * total.standard_error:
        return Division({}, None, "the excess itself is not clear enough to be divided")
    shares: dict[str, Estimate] = {}
    taken = np.zeros(len(slice_.frame), dtype=bool)
    explained = Draws(0.0, np.zeros(slice_.draws))
    for name, footprint in sorted(footprints, key=lambda each: (_size(slice_, each[1]), each[0])):
        share = ratio(slice_.excess(resampler, footprint & ~taken), total)
        taken |= footprint
        shares[name] = _cut(share.estimate())
        explained = Draws(explained.value + share.value, explained.draws + share.draws)
    rest = Draws(1 - explained.value, 1 - explained.draws)
    return Division(shares, _cut(rest.estimate()))


def _size(slice_: Slice, footprint: Mask) -> int:
    return int((footprint & slice_.in_window & (slice_.amount != 0)).sum())


def _cut(estimate: Estimate) -> Estimate:
    low, value, high = np.clip([estimate.low, estimate.value, estimate.high], 0.0, 1.0)
    return Estimate(float(value), float(low), float(high))
