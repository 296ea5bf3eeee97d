"""Evidence → verdict, and how the excess is divided among the explanations that hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.explain.resampling import Draws, minus, ratio, times
from contextcheck.records import Estimate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contextcheck.explain.resampling import Resampler
    from contextcheck.explain.slices import Floats, Mask, Slice
    from contextcheck.records import Evidence, Verdict


UNSPECIFIC = frozenset({"spread"})
"""Signs that can contradict an explanation but not carry one: what they predict, its rivals predict too."""


def verdict_of(evidence: Sequence[Evidence]) -> Verdict:
    """Give the verdict of an explanation from its tested signs.

    Args:
        evidence: Results of `signs` and `contradicted_by`, each already from the explanation's point of view.

    Returns:
        supported, partly, contradicted or not_testable (`too_flexible` is the placebo's to say).

    Method: (1) one strong contradiction is enough for contradicted: a prediction that clearly failed cannot be outvoted
        by any number of others. (2) Nothing of `signs` could be tested: not_testable. (3) Weak contradictions that are
        as many as the supports, or more: contradicted. (4) Supported needs a strong sign that supports and is more
        than a broad spread (every practice and every fault spreads), at least half of the strong signs testable, a
        second kind of sign beside it unless everything could be tested, and no weak contradiction unless two supports
        stand against each. (5) Else partly when anything supports, half of all signs could be tested and, where the
        entry has strong signs that are more than a spread, one of these: what only its general predictions speak for
        was not put to its own test. With less than that, not_testable. A `contradicted_by` that does not hold is no
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
    has_strong = any(each.weight == "strong" and each.test not in UNSPECIFIC for each in supports)
    if has_strong and 2 * len(testable) >= len(strong) and is_backed and 2 * len(against) <= len(supports):
        return "supported"
    tested = sum(each.result != "not_testable" for each in signs)
    own = [each for each in strong if each.test not in UNSPECIFIC]
    is_put_to_test = not own or any(each.result != "not_testable" for each in own)
    return "partly" if supports and 2 * tested >= len(signs) and is_put_to_test else "not_testable"


MIN_TWIN_OVERLAP = 0.5
"""Footprints that have this share of their flagged orders in common (Jaccard) fit the same orders."""

SHARPER = 2.0
"""An explanation is sharper than another when its footprint singles out the flagged days so many times as much."""


@dataclass(frozen=True, slots=True)
class Division:
    """The excess divided: share per explanation, what is left, and why a share is not known.

    `twins` names, for an explanation, the others that fit the same orders: what they have in common is divided evenly.
    `sharpness` says, for every footprint, how much more often flagged orders fit it now than in the quiet past;
    `sharper` names, for an explanation, those that fit the same orders, are sharper and therefore take them.
    """

    shares: Mapping[str, Estimate]
    unexplained: Estimate | None
    reason: str = ""
    twins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sharpness: Mapping[str, float] = field(default_factory=dict)
    sharper: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def divide(slice_: Slice, footprints: Sequence[tuple[str, Mask]]) -> Division:
    """Give each explanation the excess inside its footprint; no order is given away twice.

    Args:
        slice_: Orders of the flag.
        footprints: Explanation id to the orders (both periods) that fit all of its supporting signs.

    Method: footprints are served from the smallest to the largest (flagged orders in the window): the most specific
        explanation takes its orders first. Where two explanations fit largely the same flagged orders (half of all that
        fit either, or more) and neither is sharper, the data cannot tell them apart: an order that both fit is divided
        evenly, and the interval reaches from nothing of these orders to all of them. The sharpness of a footprint is
        the share of the flagged orders that fit it in the window over the same share in the past (a likelihood ratio,
        half an order added to each count): a heap at a line that hardly any flagged order fitted before is told apart
        from a rule that every one has always fitted. One that is twice as sharp takes its orders first. Share =
        (amount in the window - scaled amount of the past, both inside the footprint) / (the same for all orders).
        Intervals by resampling customers; shares are cut to 0 to 1.
    Source: attributable fraction among the exposed, Levin (1953); even division of what several account for, Shapley
        (1953); cluster bootstrap, Cameron et al. (2008).
    Blind spots: orders that fit a footprint by chance in the window but not in the past count as explained.
    """
    if not slice_.has_past:
        return Division({}, None, f"no quiet past to take the excess from: {slice_.scene.before_reason}")
    resampler = slice_.resampler(5)
    total = slice_.excess(resampler)
    if not total.is_clear:
        return Division({}, None, "the excess itself is not clear enough to be divided")
    sharpness = {name: _sharpness(slice_, mask) for name, mask in footprints}
    sizes = {name: _size(slice_, mask) for name, mask in footprints}
    masks = dict(sorted(footprints, key=lambda each: (sizes[each[0]], -sharpness[each[0]], each[0])))
    same = _same_orders(slice_, masks)
    masks = _sharper_first(masks, same, sharpness)
    twins = {
        name: left
        for name, others in same.items()
        if (left := tuple(each for each in others if not _is_sharper(sharpness, name, each)))
    }
    owners = _owners(masks, twins)
    held_by = np.sum(list(owners.values()), axis=0) if owners else np.zeros(len(slice_.frame))
    shares: dict[str, Estimate] = {}
    for name, mine in owners.items():
        in_common = mine & (held_by > 1)
        even = np.divide(mine, held_by, out=np.zeros(len(mine)), where=mine)
        share = ratio(_weighted_excess(slice_, resampler, even), total).estimate()
        if in_common.any():
            least = ratio(slice_.excess(resampler, mine & ~in_common), total).estimate()
            most = ratio(slice_.excess(resampler, mine), total).estimate()
            share = Estimate(share.value, min(share.low, least.low), max(share.high, most.high))
        shares[name] = _cut(share)
    explained = ratio(slice_.excess(resampler, held_by > 0), total)
    rest = Draws(1 - explained.value, 1 - explained.draws)
    return Division(shares, _cut(rest.estimate()), twins=twins, sharpness=sharpness, sharper=_sharper(same, sharpness))


def _sharpness(slice_: Slice, footprint: Mask) -> float:
    """How much more often flagged orders of the window fit a footprint than those of the past."""
    flagged = slice_.amount != 0
    now, before = flagged & slice_.in_window, flagged & ~slice_.in_window
    shares = [(float((footprint & period).sum()) + 0.5) / (float(period.sum()) + 1.0) for period in (now, before)]
    return shares[0] / shares[1]


def _is_sharper(sharpness: Mapping[str, float], one: str, other: str) -> bool:
    """Whether one of the two is clearly sharper, whichever it is."""
    return max(sharpness[one], sharpness[other]) >= SHARPER * min(sharpness[one], sharpness[other])


def _sharper(same: Mapping[str, tuple[str, ...]], sharpness: Mapping[str, float]) -> dict[str, tuple[str, ...]]:
    """For each explanation those that fit largely the same orders and are clearly sharper."""
    found = {
        name: tuple(each for each in others if sharpness[each] >= SHARPER * sharpness[name])
        for name, others in same.items()
    }
    return {name: others for name, others in found.items() if others}


def _sharper_first(
    masks: Mapping[str, Mask], same: Mapping[str, tuple[str, ...]], sharpness: Mapping[str, float]
) -> dict[str, Mask]:
    """Put an explanation before those that fit largely the same orders and are clearly less sharp."""
    placed: list[str] = []
    for name in masks:
        later = [
            placed.index(each)
            for each in same.get(name, ())
            if each in placed and sharpness[name] >= SHARPER * sharpness[each]
        ]
        placed.insert(min(later, default=len(placed)), name)
    return {name: masks[name] for name in placed}


def _same_orders(slice_: Slice, masks: Mapping[str, Mask]) -> dict[str, tuple[str, ...]]:
    """For each footprint the others with largely the same flagged orders in the window."""
    flagged = {name: mask & slice_.in_window & (slice_.amount != 0) for name, mask in masks.items()}
    found: dict[str, tuple[str, ...]] = {}
    for name, mine in flagged.items():
        others = [
            other
            for other, theirs in flagged.items()
            if other != name and (mine & theirs).sum() >= max(MIN_TWIN_OVERLAP * (mine | theirs).sum(), 1)
        ]
        if others:
            found[name] = tuple(others)
    return found


def _owners(masks: Mapping[str, Mask], twins: Mapping[str, tuple[str, ...]]) -> dict[str, Mask]:
    """The orders of each explanation: its footprint without those that a more specific one took, unless it is a twin.

    Args:
        masks: Footprints, the most specific first.
        twins: Names that cannot be told apart.
    """
    owners: dict[str, Mask] = {}
    for name, mask in masks.items():
        taken = [theirs for other, theirs in owners.items() if other not in twins.get(name, ())]
        owners[name] = mask & ~np.logical_or.reduce(taken) if taken else mask.copy()
    return owners


def _weighted_excess(slice_: Slice, resampler: Resampler, weight: Floats) -> Draws:
    """The excess of orders that are given away in parts."""
    window = resampler.totals(np.where(slice_.in_window, weight * slice_.amount, 0.0))
    past = resampler.totals(np.where(slice_.in_window, 0.0, weight * slice_.amount))
    return minus(window, times(past, slice_.scale_draws(resampler)))


def _size(slice_: Slice, footprint: Mask) -> int:
    return int((footprint & slice_.in_window & (slice_.amount != 0)).sum())


def _cut(estimate: Estimate) -> Estimate:
    low, value, high = np.clip([estimate.low, estimate.value, estimate.high], 0.0, 1.0)
    return Estimate(float(value), float(low), float(high))
