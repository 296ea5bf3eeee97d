"""Pass, hold or roll back: one launched region, then the feature as a whole."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from contextcheck.gate.accounted import flag_reasons
from contextcheck.gate.figures import judged_figures
from contextcheck.gate.sequential import best_reach, days_until_known
from contextcheck.records import AccountReview, GateVerdict, Reason, RegionVerdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from contextcheck.errors import Problem
    from contextcheck.gate.figures import Judged
    from contextcheck.gate.inputs import RegionInput, Stakes
    from contextcheck.knowledge.gate_policies import GatePolicy
    from contextcheck.records import Decision, Explained, Frozen, Guardrail, Run

MIN_DAYS_BEFORE = 14


def judge_region(
    region: RegionInput,
    policy: GatePolicy,
    stakes: Stakes,
    *,
    frozen: Frozen | None = None,
    with_context: bool = True,
) -> RegionVerdict:
    """Give the gate's decision on one launched region.

    Args:
        region: What is known about it.
        policy: How it is judged.
        stakes: The numbers of finance.
        frozen: What was written down at the launch.
        with_context: Whether explanations count; without them a metric that looks bad holds.

    Returns:
        The verdict with one line per reason, and what it would be without context.

    Method: what stops at once rolls back; doubtful data hold. Then roll back when the anytime-valid upper bound of the
        judged metric is below 0, its newest week and its days since the onset, shrunk, are below -cost / horizon, and
        one more day would cost more than it would tell. Pass when the lower bound of this look is above that limit,
        after a whole week, no guardrail is broken and every harmful flag is accounted for. Hold otherwise.
    Source: docs/methods.md, the gate; Schultzberg, Ankargren, Franberg (2024) for guardrails without correction.
    Blind spots: harm that takes longer to show than orders take to mature.
    """
    judged = None if _cannot_judge(region) else judged_figures(region, policy, stakes, frozen)
    region = _with_unit_doubt(region, frozen)
    lines = _lines(region, judged, policy, stakes, with_context=with_context)
    bare = lines if not with_context else _lines(region, judged, policy, stakes, with_context=False)
    return RegionVerdict(
        region=region.region,
        decision=decision_of(lines),
        recommendation=region.recommendation,
        ledger=region.ledger,
        explanations=tuple(each for one in region.explained for each in one.explanations),
        accounts=most_accounts(region.explained),
        reasons=tuple(line.text for line in lines),
        flag_ids=tuple(flag.id for flag in region.flags),
        lines=lines,
        figures=judged.figures if judged else None,
        guardrails=region.guardrails,
        without_context=decision_of(bare),
    )


def _with_unit_doubt(region: RegionInput, frozen: Frozen | None) -> RegionInput:
    """A region that is judged in another unit than was fixed at the launch is doubted."""
    fixed = frozen.values.get("unit", region.unit) if frozen else region.unit
    if fixed == region.unit or region.one_look is not None or not region.effect.days:
        return region
    text = f"the unit was fixed as the {fixed}, but the data are judged by the {region.unit} (gate init --unit)"
    return replace(region, doubts=(*region.doubts, Reason("data", text, region.metric, speaks_for="hold")))


def decision_of(lines: Sequence[Reason]) -> Decision:
    """What stops at once decides, then doubts about the data, then the worst of the other reasons."""
    spoken = [(line.kind, line.speaks_for) for line in lines if line.speaks_for]
    if any(kind == "hard-stop" for kind, _ in spoken):
        return "roll-back"
    if any(kind == "data" for kind, _ in spoken):
        return "hold"
    said = {decision for _, decision in spoken}
    if "roll-back" in said:
        return "roll-back"
    return "pass" if said == {"pass"} else "hold"


def _lines(
    region: RegionInput, judged: Judged | None, policy: GatePolicy, stakes: Stakes, *, with_context: bool
) -> tuple[Reason, ...]:
    """Every reason, the ones that decide first."""
    if judged is None:
        money: tuple[Reason, ...] = (Reason("waiting", _cannot_judge(region), region.metric, speaks_for="hold"),)
    else:
        money = _money(region, judged, policy, stakes, with_context=with_context)
    is_harmful = any(line.speaks_for == "roll-back" for line in money)
    guardrails = () if is_harmful else tuple(_guardrail(each, policy) for each in region.guardrails)
    shown = tuple(each for each in guardrails if each is not None)
    flags = flag_reasons(region, policy, with_context=with_context, is_harm_proven=is_harmful)
    deciding = tuple(each for each in shown if each.speaks_for)
    remarks = tuple(each for each in shown if not each.speaks_for)
    return (*region.stops, *region.doubts, *money, *deciding, *flags, *remarks, *_unmeasured(region, policy))


def _cannot_judge(region: RegionInput) -> str:
    effect = region.effect
    if region.one_look is not None:
        return ""
    if not effect.days:
        return f"no matured day to judge: {effect.reason}"
    if effect.reason:
        return effect.reason
    if region.unit == "day" and effect.days_before < MIN_DAYS_BEFORE:
        return f"{effect.days_before} comparable days before the launch, {MIN_DAYS_BEFORE} needed"
    if effect.noise <= 0:
        return "the days before the launch do not vary at all: nothing tells how sure an effect is"
    return ""


# ── the judged metric ──────────────────────────────────────────────────────────────────────────────────


def _money(
    region: RegionInput, judged: Judged, policy: GatePolicy, stakes: Stakes, *, with_context: bool
) -> tuple[Reason, ...]:
    found = judged.figures
    limit = -found.break_even
    is_fine_now = found.lower > limit and found.recent >= limit
    if found.upper < 0 and (found.upper_now < 0 or not is_fine_now):
        return _when_harmful(region, judged, with_context=with_context)
    words = f"{found.metric} {region.say(found.mean, with_sign=True)} a day"
    if not is_fine_now:
        unproven = (
            f"{words}, not certainly above {region.say(limit)} (break-even of a roll-back; "
            f"lower bound {region.say(found.lower)})"
        )
        return (
            _figure("benefit", unproven, region, judged, bound=found.lower, limit=limit, speaks_for="hold"),
            Reason("waiting", _what_is_missing(region, judged, stakes, with_context=with_context), found.metric),
        )
    certain = f"{words}, certainly above {region.say(limit)} (break-even of a roll-back)"
    if found.days < policy.pass_after_days:
        early = f"{certain}, but {found.days} days of data, {policy.pass_after_days} needed to pass"
        return (_figure("benefit", early, region, judged, bound=found.lower, limit=limit, speaks_for="hold"),)
    line = _figure("benefit", certain, region, judged, bound=found.lower, limit=limit, speaks_for="pass")
    remarks: tuple[Reason, ...] = ()
    if found.upper < 0:
        over = f"harm looked certain on day {found.harm_since_day}; the days since then show none"
        remarks = (Reason("worth", over, found.metric, found.recent, None, limit, found.days),)
    if with_context and region.recommendation.action == "fix":
        first = f"something has to be fixed first: {'; '.join(region.recommendation.reasons[:1])}"
        return (line, Reason("policy", first, speaks_for="hold"), *remarks)
    return (line, *remarks)


def _figure(
    kind: str, text: str, region: RegionInput, judged: Judged, *, bound: float, limit: float, speaks_for: Decision
) -> Reason:
    found = judged.figures
    unit = f"{found.currency} a day" if found.currency else "a day"
    return Reason(
        kind=kind,  # type: ignore[arg-type]
        text=text,
        metric=found.metric,
        value=found.mean,
        bound=bound,
        limit=limit,
        n=found.days,
        unit=unit,
        flag=region.flags[0].id if region.flags else "",
        speaks_for=speaks_for,
    )


def _what_is_missing(region: RegionInput, judged: Judged, stakes: Stakes, *, with_context: bool) -> str:
    recommended = region.recommendation
    if with_context and recommended.action == "roll-back":
        return f"one look alone says roll back ({recommended.rule}); looked at every day it is not proven yet"
    effect, found = region.effect, judged.figures
    if region.one_look is not None:
        return "a findings file holds no days; give the orders to know when waiting will have answered"
    days = days_until_known(effect.noise, effect.days_before, found.break_even, stakes.alpha)
    if days == 0:
        reached = region.say(best_reach(effect.noise, effect.days_before, stakes.alpha))
        return f"waiting alone will not answer it: with these orders an effect is known to ±{reached} a day at best"
    if days <= found.days:
        return "enough days for a harmless feature to show it; the newest ones speak against it"
    return f"if the feature does no harm, about {days - found.days} more days will show it"


def _when_harmful(region: RegionInput, judged: Judged, *, with_context: bool) -> tuple[Reason, ...]:
    """The upper bound is below 0: harm is proven; whether it is worth a roll-back is a second question."""
    found, say = judged.figures, region.say
    words = f"{found.metric} {say(found.mean, with_sign=True)} a day"
    proven = f"{words}, certainly below 0 (upper bound {say(found.upper)}) since day {found.harm_since_day}"
    if found.mean > found.upper:
        proven = f"{words}; harm was certain on day {found.harm_since_day} (upper bound {say(found.upper)} then)"
    decision: Decision = "roll-back"
    second: tuple[Reason, ...] = ()
    limit, recent = say(-found.break_even), say(found.recent, with_sign=True)
    if not judged.is_worth_it:
        decision = "hold"
        small = f"the newest week ({recent} a day) is not below {limit}, the break-even of a roll-back"
        if found.recent < -found.break_even:
            small = f"since it began it is not below {limit} a day, the break-even of a roll-back"
        second = (Reason("worth", small, found.metric, found.recent, None, -found.break_even, found.days),)
    elif not judged.is_waiting_dear:
        decision = "hold"
        wait = f"the newest week ({recent} a day) is so near to {limit}, the break-even, that one more day is worth it"
        second = (Reason("worth", wait, found.metric, found.recent, None, -found.break_even, found.days),)
    elif with_context and region.recommendation.action in ("act-on-accounts", "fix"):
        decision = "hold"
        listed = len(most_accounts(region.explained).review)
        first = f"act on the {listed} listed accounts" if listed else "correct what is to be fixed"
        second = (Reason("policy", f"{first} first, then look again: {region.recommendation.rule}"),)
    return (_figure("harm", proven, region, judged, bound=found.upper, limit=0.0, speaks_for=decision), *second)


# ── guardrails ─────────────────────────────────────────────────────────────────────────────────────────


def _guardrail(found: Guardrail, policy: GatePolicy) -> Reason | None:
    """One line for a guardrail that does not simply hold."""
    worse = found.margin if found.direction == "up" else -found.margin
    if found.state == "not_measurable" and not _is_optional(found, policy):
        told = f"guardrail {found.metric} not measured: {found.reason}"
        return Reason("guardrail", told, found.metric, speaks_for="hold")
    if found.change is None or found.bound is None or found.state == "holds":
        return None
    is_broken = found.state == "broken"
    certainly = "certainly" if is_broken else "not certainly within"
    text = (
        f"guardrail {found.metric} {found.change:+.0%}, {certainly} beyond {worse:+.0%} (bound {found.bound:+.0%})"
        if is_broken
        else f"guardrail {found.metric} {found.change:+.0%}, {certainly} {worse:+.0%} (bound {found.bound:+.0%})"
    )
    decision: Decision | str = "hold" if is_broken else ""
    return Reason(
        "guardrail",
        text.replace("-", "−"),
        found.metric,
        found.change,
        found.bound,
        worse,
        found.n,
        "share of the usual level",
        speaks_for=decision,  # type: ignore[arg-type]
    )


def _is_optional(found: Guardrail, policy: GatePolicy) -> bool:
    return any(each.is_optional for each in policy.guardrails if each.metric == found.metric)


def _unmeasured(region: RegionInput, policy: GatePolicy) -> tuple[Reason, ...]:
    """One remark on the optional guardrails that cannot be measured; why is told with each of them."""
    names = [each.metric for each in region.guardrails if each.state == "not_measurable" and _is_optional(each, policy)]
    return (Reason("guardrail", f"guardrails not measured: {', '.join(names)}"),) if names else ()


# ── the feature ────────────────────────────────────────────────────────────────────────────────────────


def most_accounts(explained: Sequence[Explained]) -> AccountReview:
    """The review with the most accounts; the flags of one region mostly list the same ones."""
    return max((one.accounts for one in explained), key=lambda each: len(each.review), default=AccountReview())


def judge_feature(
    feature: str,
    verdicts: Sequence[RegionVerdict],
    *,
    as_of: date,
    alpha: float,
    run: Run,
    problems: tuple[Problem, ...] = (),
    policy: str = "default",
    frozen: Frozen | None = None,
    asked: Mapping[str, object] | None = None,
    stakes: Stakes | None = None,
) -> GateVerdict:
    """Give the decision over all regions: roll back if one does, else hold if one does, else pass.

    Args:
        feature: The launched feature.
        verdicts: One per launched region.
        as_of: The last judged day.
        alpha: Accepted chance of a wrong roll-back.
        run: What was read.
        problems: What was left out or went wrong; an error among them never passes.
        policy: Name of the gate policy.
        frozen: What was written down at the launch.
        asked: What the gate was asked for.
        stakes: The numbers of finance.

    Returns:
        The verdict; which regions roll back is in their own verdicts.
    """
    from decimal import Decimal

    decision = overall(verdicts, is_incomplete=any(problem.severity == "error" for problem in problems))
    return GateVerdict(
        feature,
        decision,
        as_of,
        alpha,
        tuple(verdicts),
        run,
        tuple(problems),
        policy=policy,
        frozen=frozen,
        asked=asked or {},
        roll_back_cost=Decimal(str(stakes.roll_back_cost)) if stakes else None,
        horizon_days=stakes.horizon_days if stakes else 0,
    )


def overall(verdicts: Sequence[RegionVerdict], *, is_incomplete: bool) -> Decision:
    """The worst decision of any region; an incomplete run never passes."""
    decisions = {verdict.decision for verdict in verdicts}
    if "roll-back" in decisions:
        return "roll-back"
    return "hold" if "hold" in decisions or not verdicts or is_incomplete else "pass"
