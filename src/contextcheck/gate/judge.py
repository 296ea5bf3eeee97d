"""Pass, hold or roll back: one launched region, then the feature as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contextcheck.gate.sequential import Bounds, best_reach, bounds, days_until_known, recent_mean
from contextcheck.knowledge.amounts import money_text
from contextcheck.records import AccountReview, GateVerdict, RegionVerdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from decimal import Decimal

    from contextcheck.errors import Problem
    from contextcheck.records import (
        DailyEffect,
        Decision,
        Explained,
        ExplanationResult,
        Flag,
        Ledger,
        Recommendation,
        Run,
    )

MIN_DAYS_TO_PASS = 7
MIN_DAYS_BEFORE = 14
GOOD_WHEN_UP = frozenset({"orders", "aov", "items_per_order"})
"""Metrics whose rise is no harm; of every other metric the rise is looked at."""


@dataclass(frozen=True, slots=True)
class _Money:
    """What the gate knows about the money of one region."""

    effect: DailyEffect
    bounds: Bounds
    recent: float
    pass_alpha: float
    break_even: float

    def say(self, amount: float, *, with_sign: bool = False) -> str:
        return money_text(amount, self.effect.currency, with_sign=with_sign)


def judge_region(
    region: str,
    effect: DailyEffect,
    ledger: Ledger,
    explained: Sequence[Explained],
    recommendation: Recommendation,
    flags: Sequence[Flag],
    *,
    alpha: float,
    roll_back_cost: Decimal,
    horizon_days: int,
    regions_judged: int,
) -> RegionVerdict:
    """Give the gate's decision on one launched region.

    Args:
        region: The market.
        effect: What the launch changed on each matured day.
        ledger: The money of the region since the launch, shown beside the decision.
        explained: The tested explanations of the region's flags, in the order of `flags`.
        recommendation: What the decision policy says.
        flags: The region's flags since the launch.
        alpha: Accepted chance of ever rolling back a harmless feature, over all regions together.
        roll_back_cost: What a roll-back costs once, in the reporting currency.
        horizon_days: Days over which finance looks ahead.
        regions_judged: Regions that share alpha.

    Returns:
        The verdict with one line per reason.

    Method: roll back when the anytime-valid upper bound of contribution per day is below 0 and the newest week, shrunk,
        is below -cost / horizon. Pass when the lower bound is above that limit, after a whole week, and every harmful
        flag is accounted for. Hold otherwise.
    Source: docs/methods.md, the gate; Schultzberg, Ankargren, Franberg (2024) for pass bounds without correction.
    Blind spots: harm that takes longer to show than orders take to mature.
    """
    reason = _cannot_judge(effect)
    if reason:
        decision: Decision = "hold"
        reasons: tuple[str, ...] = (reason,)
    else:
        money = _money(effect, alpha / max(regions_judged, 1), alpha, float(roll_back_cost) / horizon_days)
        decision, reasons = _decide(money, recommendation, flags, explained)
    return RegionVerdict(
        region=region,
        decision=decision,
        recommendation=recommendation,
        ledger=ledger,
        explanations=tuple(each for one in explained for each in one.explanations),
        accounts=_accounts(explained),
        reasons=reasons,
        flag_ids=tuple(flag.id for flag in flags),
    )


def _cannot_judge(effect: DailyEffect) -> str:
    if not effect.days:
        return f"no matured day to judge: {effect.reason}"
    if effect.reason:
        return effect.reason
    if effect.days_before < MIN_DAYS_BEFORE:
        return f"{effect.days_before} comparable days before the launch, {MIN_DAYS_BEFORE} needed"
    if effect.noise <= 0:
        return "the days before the launch do not vary at all: nothing tells how sure an effect is"
    return ""


def _money(effect: DailyEffect, alpha: float, pass_alpha: float, break_even: float) -> _Money:
    found = bounds(effect.days, effect.effect, effect.noise, effect.days_before, alpha, pass_alpha=pass_alpha)
    recent, _ = recent_mean(effect.days, effect.effect, effect.noise, effect.days_before, effect.base_per_day)
    return _Money(effect, found, recent, pass_alpha, break_even)


def _decide(
    money: _Money, recommendation: Recommendation, flags: Sequence[Flag], explained: Sequence[Explained]
) -> tuple[Decision, tuple[str, ...]]:
    found = money.bounds
    if found.upper < 0:
        return _when_harmful(money, recommendation, explained)
    line = f"contribution {money.say(found.mean, with_sign=True)} a day"
    if found.lower <= -money.break_even or money.recent < -money.break_even:
        limit = money.say(-money.break_even)
        told = f"{line}, not certainly above {limit} (break-even of a roll-back; lower bound {money.say(found.lower)})"
        if recommendation.action == "roll-back":
            once = f"one look alone says roll back ({recommendation.rule}); looked at every day it is not proven yet"
            return "hold", (told, once, *_context(flags, explained))
        return "hold", (told, _waiting(money), *_context(flags, explained))
    line = f"{line}, certainly above {money.say(-money.break_even)} (break-even of a roll-back)"
    days = len(money.effect.days)
    if days < MIN_DAYS_TO_PASS:
        return "hold", (
            f"{line}, but {days} days of data, {MIN_DAYS_TO_PASS} needed to pass",
            *_context(flags, explained),
        )
    open_questions = _unaccounted(flags, explained)
    if recommendation.action == "fix":
        open_questions = (*open_questions, f"something has to be fixed first: {'; '.join(recommendation.reasons[:1])}")
    if open_questions:
        return "hold", (line, *open_questions)
    return "pass", (line, *_context(flags, explained))


def _waiting(money: _Money) -> str:
    """When waiting will have answered, were the true effect 0."""
    effect = money.effect
    days = days_until_known(effect.noise, effect.days_before, money.break_even, money.pass_alpha)
    if days == 0:
        reached = money.say(best_reach(effect.noise, effect.days_before, money.pass_alpha))
        return f"waiting alone will not answer it: with these orders an effect is known to ±{reached} a day at best"
    if days <= len(effect.days):
        return "enough days for a harmless feature to show it; the newest ones speak against it"
    return f"if the feature does no harm, about {days - len(effect.days)} more days will show it"


def _when_harmful(
    money: _Money, recommendation: Recommendation, explained: Sequence[Explained]
) -> tuple[Decision, tuple[str, ...]]:
    """The upper bound is below 0: harm is proven; whether it is worth a roll-back is a second question."""
    found = money.bounds
    proven = (
        f"contribution {money.say(found.mean, with_sign=True)} a day, certainly below 0"
        f" (upper bound {money.say(found.upper)}) since day {found.harm_since_day}"
    )
    held = tuple(_said_of_harm(each) for each in _supported(explained)[:2]) or ("no explanation holds",)
    if money.recent >= -money.break_even:
        limit = money.say(-money.break_even)
        recent = money.say(money.recent, with_sign=True)
        small = f"the newest week ({recent} a day) is not below {limit}, the break-even of a roll-back"
        return "hold", (proven, small, *held)
    if recommendation.action in ("act-on-accounts", "fix"):
        accounts = _accounts(explained)
        first = (
            f"act on the {len(accounts.review)} listed accounts" if accounts.review else "correct what is to be fixed"
        )
        return "hold", (proven, f"{first} first, then look again: {recommendation.rule}")
    return "roll-back", (proven, *held)


def _supported(explained: Sequence[Explained]) -> list[ExplanationResult]:
    return [
        each
        for one in explained
        for each in one.explanations
        if each.verdict == "supported" and each.status == "active"
    ]


def _said_of_harm(explanation: ExplanationResult) -> str:
    """What a supported explanation means where harm is proven; it never excuses it."""
    if explanation.kind == "norm":
        return f"{explanation.id} is supported: the practice is real, and it costs money here"
    return f"{explanation.id} is supported"


def _is_harmful(flag: Flag) -> bool:
    return (flag.direction == "down") == (flag.metric in GOOD_WHEN_UP)


def _unaccounted(flags: Sequence[Flag], explained: Sequence[Explained]) -> tuple[str, ...]:
    """Harmful flags that no supported, active explanation accounts for."""
    told = []
    for number, flag in enumerate(flags):
        held = _supported(explained[number : number + 1])
        if _is_harmful(flag) and not held:
            told.append(f"{flag.metric} {flag.direction}, and no tested explanation accounts for it ({flag.id})")
        told.extend(
            f"{flag.metric} {flag.direction}: {each.id} is supported and has to be corrected"
            for each in held
            if each.kind in ("operational", "measurement")
        )
    return tuple(told)


def _context(flags: Sequence[Flag], explained: Sequence[Explained]) -> tuple[str, ...]:
    """One line per harmful flag: what accounts for it, with its version."""
    told = []
    for number, flag in enumerate(flags):
        if not _is_harmful(flag):
            continue
        held = _supported(explained[number : number + 1])
        names = ", ".join(f"{each.id}@{each.version}" if each.version else each.id for each in held)
        explained_by = f"explained by {names}" if names else "no explanation holds"
        told.append(f"{flag.metric} {flag.direction}, {explained_by}")
    return tuple(told)


def _accounts(explained: Sequence[Explained]) -> AccountReview:
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
) -> GateVerdict:
    """Give the decision over all regions: roll back if one does, else hold if one does, else pass.

    Args:
        feature: The launched feature.
        verdicts: One per launched region.
        as_of: The last judged day.
        alpha: Accepted chance of a wrong roll-back.
        run: What was read.
        problems: What was left out or went wrong; an error among them never passes.

    Returns:
        The verdict; which regions roll back is in their own verdicts.
    """
    decisions = {verdict.decision for verdict in verdicts}
    decision: Decision = "pass"
    if "roll-back" in decisions:
        decision = "roll-back"
    elif "hold" in decisions or not verdicts or any(problem.severity == "error" for problem in problems):
        decision = "hold"
    return GateVerdict(feature, decision, as_of, alpha, tuple(verdicts), run, tuple(problems))
