"""Which actions are right for a true effect, and what each action would cost over the horizon of finance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from worlds.truth import ABUSE, FAULT, HORIZON_DAYS, RECENT_DAYS, RegionFacts, TrueWorld

if TYPE_CHECKING:
    from contextcheck.simulate.money import UnitCosts

ASK_DAYS, WATCH_DAYS, FIX_DAYS = 7, 28, 7
CALM = frozenset({"keep", "watch", "ask-local-team"})
CLEAR, MATERIAL = 2.0, 0.5
"""In roll-back costs: beyond CLEAR one action alone is right; below MATERIAL nothing is worth an act."""


@dataclass(frozen=True)
class Stakes:
    """What is at stake in one market, in US dollars over the horizon, if things go on as on the newest seven days.

    Attributes:
        feature: Of the launched feature, without abuse and faults; below 0 is a loss.
        abuse: Of abusive accounts; below 0 is a loss.
        fault: Of a fault; below 0 is a loss.
        is_launched: Whether there is something to roll back.
        is_faulty, is_abused: Whether there is a fault, or abuse, whatever it costs.
        traceable: Whether the abusive accounts share anything.
        accounts: Number of abusive accounts.
        costs: Unit costs.
    """

    feature: float
    abuse: float
    fault: float
    is_launched: bool
    is_faulty: bool
    is_abused: bool
    traceable: bool
    accounts: int
    costs: UnitCosts


def stakes_of(world: TrueWorld, region: str) -> Stakes:
    """Give the stakes of one market from its paired outcomes; abuse that is over counts with what it took."""
    facts, story = world.regions[region], world.story
    recent = (story.last - RECENT_DAYS + 1, story.last)
    causes = tuple(str(name) for name in facts.gain.columns)
    others = tuple(name for name in causes if name not in (*ABUSE, *FAULT))
    is_abused = any(name in ABUSE for name in causes)
    return Stakes(
        feature=HORIZON_DAYS * facts.per_day(*recent, others),
        abuse=min(HORIZON_DAYS * facts.per_day(*recent, ABUSE), _total(facts, ABUSE)),
        fault=HORIZON_DAYS * facts.per_day(*recent, FAULT),
        is_launched=region in story.launched,
        is_faulty=any(name in FAULT for name in causes),
        is_abused=is_abused,
        traceable=story.traceable,
        accounts=len(facts.accounts),
        costs=world.costs,
    )


def _total(facts: RegionFacts, causes: tuple[str, ...]) -> float:
    return float(facts.gain[[name for name in facts.gain.columns if name in causes]].to_numpy().sum())


def right_actions(stakes: Stakes) -> frozenset[str]:
    """The actions that a careful analyst who knew the truth may take.

    1. A launched feature that loses clearly (twice a roll-back) without its abusers and faults: roll back, whoever else
       is at work.
    2. Abusive accounts: act on them; where they share nothing that could be followed, asking is right as well.
       Abuse that costs less than looking at its accounts calls for nothing.
    3. A fault: fix or ask; of a launch that loses more than a roll-back costs: roll back or fix.
    4. A launched feature that gains clearly: keep. That loses between half a roll-back and two: roll back, watch or
       ask. Near nothing: keep, watch or ask.
    5. Nothing launched, nobody to act on: keep, watch or ask; never more.
    """
    in_roll_backs = stakes.feature / stakes.costs.roll_back
    if stakes.is_launched and in_roll_backs <= -CLEAR:
        return frozenset({"roll-back"})
    if stakes.is_abused and -stakes.abuse < stakes.costs.account_review * stakes.accounts:
        return CALM | {"act-on-accounts"}
    if stakes.is_abused:
        return frozenset({"act-on-accounts"} if stakes.traceable else {"act-on-accounts", "ask-local-team"})
    if stakes.is_faulty:
        if stakes.is_launched and stakes.fault + stakes.feature <= -stakes.costs.roll_back:
            return frozenset({"roll-back", "fix"})
        return frozenset({"fix", "ask-local-team", "watch"} if stakes.is_launched else {"fix", "ask-local-team"})
    if not stakes.is_launched:
        return CALM
    if in_roll_backs >= CLEAR:
        return frozenset({"keep"})
    if in_roll_backs <= -MATERIAL:
        return frozenset({"roll-back", "watch", "ask-local-team"})
    return CALM


def value_of(action: str, stakes: Stakes, *, caught: float = 1.0, listed: int | None = None, wrong: int = 0) -> float:
    """What comes of an action over the horizon, US dollars; 0 is a shop without feature, abuse and fault.

    Args:
        action: What is done today.
        stakes: The truth.
        caught: Share of the abusive accounts that are among the listed.
        listed: Number of accounts acted on; None for all true ones.
        wrong: Ordinary customers among them.
    """
    costs, nothing = stakes.costs, stakes.feature + stakes.abuse + stakes.fault
    if action == "roll-back":
        left = stakes.abuse + (0.0 if stakes.is_launched else stakes.feature + stakes.fault)
        return left - costs.roll_back
    if action == "act-on-accounts":
        count = stakes.accounts if listed is None else listed
        return nothing - caught * stakes.abuse - costs.account_review * count - costs.false_action_per_account * wrong
    if action == "fix":
        return nothing - stakes.fault * (1 - FIX_DAYS / HORIZON_DAYS)
    days = {"ask-local-team": ASK_DAYS, "watch": WATCH_DAYS}.get(action)
    if days is None:
        return nothing
    share = days / HORIZON_DAYS
    later = max(value_of(each, stakes) for each in ("keep", "roll-back", "act-on-accounts", "fix"))
    return share * nothing + (1 - share) * later


def best_value(stakes: Stakes) -> float:
    """What one who knew the truth would get."""
    return max(value_of(each, stakes) for each in ("keep", "roll-back", "act-on-accounts", "fix"))
