"""A launched feature, told market by market, so that no market hides behind another or behind a sum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contextcheck.report import words
from contextcheck.report.words import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contextcheck.records import Action, FeatureOutcome, Investigation, Ledger, RegionOutcome

ACTION_WORDS: dict[Action, str] = {
    "keep": "Keep",
    "watch": "Watch",
    "ask-local-team": "Ask the local team",
    "act-on-accounts": "Act on accounts",
    "fix": "Fix",
    "roll-back": "Roll back",
}


@dataclass(frozen=True, slots=True)
class MarketRow:
    """One market of a feature."""

    region: str
    name: str
    worth: str
    of_period: str
    action: Action
    verb: str
    confidence: str
    why: str
    flags: str


@dataclass(frozen=True, slots=True)
class FeatureStory:
    """A feature over its markets; `differ` is empty when they all say the same."""

    feature: str
    rows: tuple[MarketRow, ...]
    total: str
    differ: str


def feature_stories(investigation: Investigation) -> tuple[FeatureStory, ...]:
    """Tell every launched feature of a scan."""
    return tuple(_feature_story(each, investigation) for each in investigation.features)


def _feature_story(feature: FeatureOutcome, investigation: Investigation) -> FeatureStory:
    names = dict(investigation.region_names)
    known = [each for each in feature.regions if each.ledger.contribution_per_day is not None]
    total = ""
    if feature.contribution_per_day is not None and len(feature.regions) > 1:
        markets = "both markets" if len(known) == 2 else f"{len(known)} markets"
        total = f"{markets} together {words.money_between(feature.contribution_per_day, feature.currency)} a day"
        if feature.not_known:
            total += f"; not known in {words.listed([clean(each) for each in feature.not_known], 4)}"
    return FeatureStory(
        feature=clean(feature.feature),
        rows=tuple(_row(each, names) for each in feature.regions),
        total=total,
        differ=_differ(feature),
    )


def _row(outcome: RegionOutcome, names: dict[str, str]) -> MarketRow:
    ledger, advice = outcome.ledger, outcome.recommendation
    estimate = ledger.contribution_per_day
    period = ""
    if estimate is not None and ledger.judged_days and estimate.value.is_finite():
        amount = words.money(estimate.value * ledger.judged_days, ledger.currency, signed=True)
        period = f"{amount} in {words.counted(ledger.judged_days, 'judged day')}"
    return MarketRow(
        region=clean(outcome.region),
        name=words.region_name(outcome.region, names),
        worth=worth_words(ledger),
        of_period=period,
        action=advice.action,
        verb=ACTION_WORDS[advice.action],
        confidence=f"{advice.confidence} confidence",
        why=clean(advice.reasons[0]) if advice.reasons else "",
        flags=words.counted(len(outcome.flag_ids), "flag") if outcome.flag_ids else "no flag",
    )


def worth_words(ledger: Ledger) -> str:
    """Such as "+$155 (+63 to +247) a day"; why it is not known otherwise."""
    estimate = ledger.contribution_per_day
    if estimate is None or not estimate.value.is_finite():
        reason = clean(ledger.reason)
        return f"not known: {reason}" if reason else "not known"
    return f"{words.money_between(estimate, ledger.currency)} a day"


def _differ(feature: FeatureOutcome) -> str:
    """Said when the markets call for different things, or gain and lose at once."""
    by_action = grouped((each.recommendation.action, clean(each.region)) for each in feature.regions)
    gains, losses = _certain(feature, is_gain=True), _certain(feature, is_gain=False)
    if len(by_action) < 2 and not (gains and losses):
        return ""
    told = words.listed(
        [f"{ACTION_WORDS[action].lower()} in {words.listed(regions, 6)}" for action, regions in by_action]
    )
    if gains and losses:
        told += f"; a gain in {words.listed(gains, 6)} and a loss in {words.listed(losses, 6)}"
        return f"the markets differ: {told}; their sum speaks for neither"
    return f"the markets differ: {told}"


def _certain(feature: FeatureOutcome, *, is_gain: bool) -> list[str]:
    found = []
    for each in feature.regions:
        estimate = each.ledger.contribution_per_day
        if estimate is not None and (estimate.low > 0 if is_gain else estimate.high < 0):
            found.append(clean(each.region))
    return found


def grouped(pairs: Iterable[tuple[Action, str]]) -> list[tuple[Action, list[str]]]:
    """Regions by action, the gravest action first."""
    order: tuple[Action, ...] = ("roll-back", "fix", "act-on-accounts", "ask-local-team", "watch", "keep")
    by_action: dict[Action, list[str]] = {}
    for action, region in pairs:
        if region not in by_action.setdefault(action, []):
            by_action[action].append(region)
    return [(action, by_action[action]) for action in order if action in by_action]


def feature_lines(feature: FeatureStory) -> list[str]:
    """A feature in lines of text: one per market, then the sum and whether the markets differ."""
    lines = [
        "  ".join(part for part in (row.region, row.worth, f"{row.verb.lower()}, {row.confidence}", row.flags) if part)
        for row in feature.rows
    ]
    return [*lines, *(part for part in (feature.total, feature.differ) if part)]
