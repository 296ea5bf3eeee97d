"""Metrics that look bad, and what accounts for them: the entry, its version, its evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contextcheck.records import Reason

if TYPE_CHECKING:
    from contextcheck.gate.inputs import RegionInput
    from contextcheck.knowledge.gate_policies import GatePolicy
    from contextcheck.records import Explained, ExplanationResult, Flag

GOOD_WHEN_UP = frozenset({"orders", "aov", "items_per_order"})
"""Metrics whose rise is no harm; of every other metric the rise is looked at."""
FAULTS = ("operational", "measurement")


def flag_reasons(
    region: RegionInput, policy: GatePolicy, *, with_context: bool, is_harm_proven: bool
) -> tuple[Reason, ...]:
    """Give one line per metric that moved in a harmful way.

    Args:
        region: The region with its flags and their tested explanations.
        policy: Names the share that an explanation must account for.
        with_context: Whether explanations count.
        is_harm_proven: Then explanations are told, but excuse nothing.

    Returns:
        A line that speaks for hold where no supported, active explanation accounts for the metric, or where the one
        that does is a fault that has to be corrected; a remark otherwise.
    """
    told: list[Reason] = []
    for number, flag in enumerate(region.flags):
        explained = region.explained[number] if number < len(region.explained) else None
        held = supported(explained)
        if is_harm_proven:
            told.extend(_beside_harm(flag, each) for each in held[:1])
        elif is_harmful(flag):
            told.append(_line(flag, explained, held, policy, with_context=with_context))
        if with_context and not is_harm_proven:
            told.extend(_fault(flag, each) for each in held if each.kind in FAULTS)
    if is_harm_proven and not told:
        return (Reason("context", "no explanation holds"),)
    return tuple(dict.fromkeys(told))


def is_harmful(flag: Flag) -> bool:
    """Whether the metric moved the way that can hurt."""
    return (flag.direction == "down") == (flag.metric in GOOD_WHEN_UP)


def supported(explained: Explained | None) -> list[ExplanationResult]:
    """The explanations that may count: supported by the data, and active."""
    found = explained.explanations if explained else ()
    return [each for each in found if each.verdict == "supported" and each.status == "active"]


def entry_name(explanation: ExplanationResult) -> str:
    """The entry with its version."""
    return f"{explanation.id}@{explanation.version}" if explanation.version else explanation.id


def _line(
    flag: Flag, explained: Explained | None, held: list[ExplanationResult], policy: GatePolicy, *, with_context: bool
) -> Reason:
    moved = f"{flag.metric} {flag.direction}"
    figures = (flag.observed.rate, None, flag.expected.rate, int(flag.observed.exposure), "")
    if not with_context:
        text = f"{moved}, context left aside ({flag.id})"
        return Reason("flag", text, flag.metric, *figures, flag=flag.id, speaks_for="hold")
    if not held:
        text = f"{moved}, and no tested explanation accounts for it ({flag.id}){_tried(explained)}"
        return Reason("flag", text, flag.metric, *figures, flag=flag.id, speaks_for="hold")
    names = ", ".join(entry_name(each) for each in held)
    share = _share(held)
    evidence = tuple(
        each.sentence for one in held for each in one.evidence if each.result == "supports" and each.sentence
    )
    if share is not None and share < policy.min_share_explained:
        rest = f"{moved}, {names} holds but explains only {share:.0%} of it, {policy.min_share_explained:.0%} needed"
        return Reason(
            "flag", rest, flag.metric, *figures, flag=flag.id, speaks_for="hold", entry=names, evidence=evidence
        )
    of_it = f" ({share:.0%} of it)" if share is not None else ""
    text = f"{moved}, explained by {names}{of_it}"
    return Reason("context", text, flag.metric, *figures, flag=flag.id, entry=names, evidence=evidence)


def _share(held: list[ExplanationResult]) -> float | None:
    """The largest share that a held explanation accounts for; None when none of them says."""
    shares = [each.share_explained.value for each in held if each.share_explained is not None]
    return max(shares) if shares else None


def _tried(explained: Explained | None) -> str:
    """What was tried and did not help, said by name: a contradicted or too flexible entry never does."""
    tried = [each for each in (explained.explanations if explained else ()) if each.verdict != "not_testable"]
    said = [f"{entry_name(each)} {_why_not(each)}" for each in tried[:2]]
    return f": {'; '.join(said)}" if said else ""


def _why_not(each: ExplanationResult) -> str:
    if each.verdict == "supported":
        return f"is supported but only {each.status}"
    return {"contradicted": "is contradicted", "too_flexible": "would explain any week", "partly": "holds in part"}.get(
        each.verdict, each.verdict
    )


def _fault(flag: Flag, each: ExplanationResult) -> Reason:
    text = f"{flag.metric} {flag.direction}: {each.id} is supported and has to be corrected"
    return Reason("policy", text, flag.metric, flag=flag.id, speaks_for="hold", entry=entry_name(each))


def _beside_harm(flag: Flag, each: ExplanationResult) -> Reason:
    """What a supported explanation means where harm is proven; it never excuses it."""
    text = f"{each.id} is supported"
    if each.kind == "norm":
        text += ": the practice is real, and it costs money here"
    return Reason("context", text, flag.metric, flag=flag.id, entry=entry_name(each))
