"""One entry against one slice: every sign tested, those that fail to run reported, the footprint taken."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.errors import Problem
from contextcheck.explain.references import reference_words
from contextcheck.explain.resampling import holm
from contextcheck.explain.signs.interface import SignOutcome, load_sign_test
from contextcheck.explain.signs.outcome import MIN_ORDERS, not_testable
from contextcheck.explain.verdict import verdict_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contextcheck.explain.slices import Mask, Slice
    from contextcheck.knowledge.entries import Entry
    from contextcheck.knowledge.signs import Sign
    from contextcheck.records import Evidence, Verdict

MAX_P_VALUE = 0.05
ABOUT_CUSTOMERS = ("spread", "concentration")


@dataclass(frozen=True, slots=True)
class Scored:
    """An entry after its signs were tested.

    Attributes:
        entry: The entry.
        outcomes: One per sign, in the entry's order, `signs` first.
        problems: Signs that failed to run.
    """

    entry: Entry
    outcomes: tuple[SignOutcome, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        return tuple(outcome.evidence for outcome in self.outcomes)

    @property
    def verdict(self) -> Verdict:
        return verdict_of(self.evidence)

    def footprint(self) -> Mask | None:
        """Orders that fit every supporting sign; None when no sign singles out orders."""
        masks = self.supporting_masks()
        return np.logical_and.reduce(masks) if masks else None

    def supporting_masks(self) -> list[Mask]:
        """Orders that fit each supporting sign, for the signs that single out orders."""
        return [
            outcome.members
            for outcome in self.outcomes
            if outcome.members is not None and outcome.evidence.result == "supports" and outcome.evidence.role == "sign"
        ]


def score(slice_: Slice, entry: Entry) -> Scored:
    """Test every sign of an entry.

    Signs about customers that the entry uses to rule a ring out (`spread`, and `concentration` under `contradicted_by`)
    look at the orders that fit the entry's other signs: a ring elsewhere in the same flag says nothing about them.
    A sign about events alone (soon cancelled, partly kept) leaves the orders without an event in, because it is by them
    that one sees how much each customer orders.
    Once linked groups were found, how widely the excess is spread over single accounts says nothing any more.
    """
    problems: list[Problem] = []
    outcomes: dict[int, SignOutcome] = {}
    signs = (*entry.signs, *entry.contradicted_by)
    later = [i for i, sign in enumerate(signs) if _is_about_the_footprint(sign)]
    for i, sign in enumerate(signs):
        if i not in later:
            outcomes[i] = _tested(slice_, entry, sign, problems)
    inner = slice_
    if later:
        masks = Scored(entry, tuple(outcomes.values())).supporting_masks()
        if masks and _events(slice_, np.logical_and.reduce(masks)) >= MIN_ORDERS:
            inner = slice_.focused(slice_.focus & np.logical_and.reduce([_with_volume(slice_, each) for each in masks]))
    has_linked_groups = any(
        outcome.evidence.test == "concentration" and outcome.evidence.result == "supports"
        for outcome in outcomes.values()
    )
    for i in later:
        if has_linked_groups and signs[i].test == "spread":
            outcomes[i] = not_testable(signs[i], "linked accounts carry it: single accounts are not its decisions")
        else:
            outcomes[i] = _tested(inner, entry, signs[i], problems)
    return Scored(entry, tuple(outcomes[i] for i in range(len(signs))), tuple(problems))


def _is_about_the_footprint(sign: Sign) -> bool:
    return sign.test == "spread" or (sign.test == "concentration" and sign.role == "contradicted_by")


def _with_volume(slice_: Slice, fitting: Mask) -> Mask:
    """The orders that fit a sign; with all orders without an event when most of its own are events."""
    uneventful = slice_.amount == 0
    is_about_events = 2 * int((fitting & uneventful).sum()) < int(fitting.sum())
    return fitting | uneventful if is_about_events else fitting


def _events(slice_: Slice, chosen: Mask) -> int:
    return int((chosen & slice_.in_window & (slice_.amount != 0)).sum())


def _tested(slice_: Slice, entry: Entry, sign: Sign, problems: list[Problem]) -> SignOutcome:
    """Run one test; a test that raises becomes a problem that names it."""
    try:
        outcome = load_sign_test(sign.test).test(slice_, sign)
        if outcome.evidence.reference or outcome.evidence.result == "not_testable" and not outcome.evidence.n:
            return outcome
        named = replace(outcome.evidence, reference=reference_words(slice_.scene, sign))
        return replace(outcome, evidence=named)
    except Exception as error:
        where = str(sign.where or entry.where or entry.id)
        problems.append(
            Problem(
                "EX301",
                where,
                f'sign "{sign.test}" of {entry.id} failed on {slice_.scene.region}: {type(error).__name__}: {error}; '
                f"it is counted as not tested, please report this",
            )
        )
        return not_testable(sign, "the test failed to run, see the problems of this run")


def corrected(scored: Sequence[Scored]) -> list[Scored]:
    """Give the same with every p-value corrected for all predictions of all candidates tested together (Holm).

    A support that is not clear after the correction becomes not testable. Contradictions are not corrected: an
    explanation should be easy to refute.
    """
    places = [
        (i, j)
        for i, each in enumerate(scored)
        for j, evidence in enumerate(each.evidence)
        if evidence.p_value is not None and evidence.role == "sign"
    ]
    if not places:
        return list(scored)
    raw = np.array([scored[i].evidence[j].p_value for i, j in places], dtype=np.float64)
    outcomes = [list(each.outcomes) for each in scored]
    for (i, j), p_value in zip(places, holm(raw), strict=True):
        outcomes[i][j] = _with_p(outcomes[i][j], float(p_value), len(places))
    return [replace(each, outcomes=tuple(changed)) for each, changed in zip(scored, outcomes, strict=True)]


def _with_p(outcome: SignOutcome, p_value: float, looked_at: int) -> SignOutcome:
    evidence = replace(outcome.evidence, p_value=p_value)
    if evidence.result == "supports" and p_value > MAX_P_VALUE:
        reason = f"not clear after looking at {looked_at} predictions (corrected p = {p_value:.2f})"
        return SignOutcome(replace(evidence, result="not_testable", reason=reason))
    return replace(outcome, evidence=evidence)
