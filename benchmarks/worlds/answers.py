"""What the program said about a world, beside what is true: one plain record per launched or affected market."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from worlds.baselines import baseline_actions
from worlds.judging import best_value, right_actions, stakes_of, value_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contextcheck.records import ExplanationResult, Finding, Investigation, Ledger, RegionVerdict
    from worlds.truth import TrueWorld

GRAVEST = ("roll-back", "act-on-accounts", "fix", "ask-local-team", "watch", "keep")


def records_of(world: TrueWorld, found: Investigation, judged: Sequence[RegionVerdict]) -> list[dict[str, object]]:
    """One record per market of the story, and one for flags in markets where nothing happened."""
    story = world.story
    quiet = {each.region: each for each in judged}
    records = []
    for region in story.regions:
        findings = [each for each in found.findings if each.flag.region == region and _overlaps(world, each)]
        records.append(_record(world, region, findings, quiet.get(region)))
    elsewhere = [each for each in found.findings if each.flag.region not in story.regions]
    before = [each for each in found.findings if each.flag.region in story.regions and not _overlaps(world, each)]
    records[0]["elsewhere"] = [_flag_line(each) for each in (*elsewhere, *before)]
    return records


def _overlaps(world: TrueWorld, finding: Finding) -> bool:
    """Whether a flag has a day on which something goes on (or on which the feature is live)."""
    story, window = world.story, finding.flag.window
    starts = [each.first_day for each in story.behaviours if each.region == finding.flag.region]
    first = min((*starts, *([story.first] if finding.flag.region in story.launched else [])))
    return window.end >= story.calendar.day(first)


def _record(world: TrueWorld, region: str, findings: list[Finding], verdict: RegionVerdict | None) -> dict[str, object]:
    facts, story = world.regions[region], world.story
    stakes, right = stakes_of(world, region), right_actions(stakes_of(world, region))
    top = min(findings, key=lambda each: GRAVEST.index(each.recommendation.action), default=None)
    chosen = top or verdict
    action = chosen.recommendation.action if chosen else "no flag"
    review = top.explained.accounts if top else None
    listed = {each.account for each in review.review} if review else set()
    caught, wrong = len(listed & facts.accounts), len(listed - facts.accounts)
    done = value_of(action, stakes, caught=caught / max(len(facts.accounts), 1), listed=len(listed), wrong=wrong)
    record: dict[str, object] = {
        "archetype": story.archetype, "seed": world.seed, "region": region, "launched": region in story.launched,
        "action": action, "rule": chosen.recommendation.rule if chosen else "", "right": sorted(right),
        "is_right": action in right or (action == "no flag" and "keep" in right),
        "lost": best_value(stakes) - done, "best": best_value(stakes),
        "feature": stakes.feature, "abuse": stakes.abuse, "fault": stakes.fault, "roll_back": world.costs.roll_back,
        "flags": [_flag_line(each) for each in findings],
        "listed": len(listed), "caught": caught, "wrong_accounts": wrong, "true_accounts": len(facts.accounts),
        "traceable": story.traceable, "no_accounts": review.reason if review else "",
    }  # fmt: skip
    record |= _causes(world, region, top)
    ledger = top.ledger if top else verdict.ledger if verdict else None
    record |= _money(world, region, ledger)
    if region in story.launched:
        record["baselines"] = {
            name: {"action": each, "lost": best_value(stakes) - value_of(each, stakes), "is_right": each in right}
            for name, each in baseline_actions(world, region).items()
        }
    return record


def _flag_line(finding: Finding) -> str:
    held = [f"{each.id} {_share(each)}" for each in _held(finding)]
    return f"{finding.flag.id} {finding.flag.direction} → {finding.recommendation.action} [{', '.join(held)}]"


def _share(explanation: ExplanationResult) -> str:
    return f"{explanation.share_explained.value:.2f}" if explanation.share_explained else "–"


def _held(finding: Finding) -> list[ExplanationResult]:
    return [each for each in finding.explained.explanations if each.verdict == "supported"]


def _causes(world: TrueWorld, region: str, top: Finding | None) -> dict[str, object]:
    """Verdicts beside the true kinds, and shares beside the true shares."""
    story = world.story
    kinds = story.kinds.get(region, ("none",))
    held = _held(top) if top else []
    partly = [each for each in top.explained.explanations if each.verdict == "partly"] if top else []
    supported = sorted({each.kind for each in held})
    first: Any = held[0] if held else None
    names = [each.id for each in held if any(part in each.id for part in story.entries.get(each.kind, ()))]
    record: dict[str, object] = {
        "kinds": list(kinds), "supported": supported, "top": first.kind if first else "none",
        "top_id": first.id if first else "", "held": [f"{each.id} {_share(each)}" for each in held],
        "partly": [each.id for each in partly], "named": names, "is_flagged": top is not None,
        "unexplained": top.explained.unexplained_share.value if top and top.explained.unexplained_share else None,
        "metric": top.flag.metric if top else "",
    }  # fmt: skip
    true_shares = world.regions[region].shares.get(top.flag.metric, {}) if top else {}
    said = {kind: sum(_value(each) for each in held if each.kind == kind) for kind in supported}
    record["shares"] = {kind: [said.get(kind, 0.0), share] for kind, share in true_shares.items() if kind in kinds}
    return record


def _value(explanation: ExplanationResult) -> float:
    return explanation.share_explained.value if explanation.share_explained else 0.0


def _money(world: TrueWorld, region: str, ledger: Ledger | None) -> dict[str, object]:
    """The interval of the contribution beside the true mean over the same days."""
    if ledger is None or ledger.contribution_per_day is None or ledger.counterfactual is None:
        return {"interval": None, "method": ""}
    window, money = ledger.counterfactual.after, ledger.contribution_per_day
    first, last = (world.story.calendar.index_of(day) for day in (window.start, window.end))
    true = world.regions[region].per_day(first, last)
    return {
        "interval": [float(money.low), float(money.value), float(money.high)],
        "true_per_day": true,
        "method": ledger.counterfactual.method,
    }
