"""The five answers that every report opens with: what, how sure, how much, what to do, what would change it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contextcheck.report import words
from contextcheck.report.causes import KIND_WORDS
from contextcheck.report.features import ACTION_WORDS, feature_stories, grouped
from contextcheck.report.words import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contextcheck.records import Finding, Investigation, Ledger, Recommendation
    from contextcheck.report.causes import CauseStory
    from contextcheck.report.money_story import MoneyStory
    from contextcheck.report.story import Story

LABELS = ("What", "How sure", "How much per day", "What to do", "What would change our mind")

COUNTED = LABELS[3:]
"""Answers of which nothing may be missed: parts that found no room are counted at the end of the line."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the five answers; its parts stand in the order in which a reader would miss them."""

    label: str
    parts: tuple[str, ...]

    @property
    def text(self) -> str:
        return words.sentence("; ".join(self.parts))

    def fitted(self, width: int, *, cut: str = "…") -> str:
        """The label and as many whole parts as one line holds.

        Parts without room are counted where nothing may be missed; elsewhere their first clauses are told if they fit.
        Only where that would leave a third of the line empty, or nothing at all, words are cut off and `cut` says so.
        """
        line = f"{self.label}: {self.parts[0] if self.parts else ''}"
        if len(line) > width:
            return _cut(line, width, cut)
        for position, part in enumerate(self.parts[1:], start=1):
            left = len(self.parts) - position
            if len(f"{line}; {part}{self._more(left - 1)}") > width:
                ends = (self._more(left),) if self.label in COUNTED else _first_clauses(part)
                told = next((line + end for end in ends if len(line + end) <= width), line)
                return told if len(told) > 2 * width / 3 else _cut(f"{line}; {part}", width, cut)
            line = f"{line}; {part}"
        return line

    def _more(self, left: int) -> str:
        return f"; {left} more below" if left and self.label in COUNTED else ""


def _cut(line: str, width: int, cut: str) -> str:
    """Whole words, then the mark; a line that fits stays as it is."""
    if len(line) <= width:
        return line
    whole_words = line[: width - len(cut)].rpartition(" ")[0]
    return f"{whole_words.rstrip(' ;,:(')}{cut}"


def _first_clauses(part: str) -> tuple[str, ...]:
    """The part without its last clause, without its last two, and so on; never cut within brackets."""
    clauses = part.split(", ")
    shorter = (", ".join(clauses[:kept]) for kept in range(len(clauses) - 1, 0, -1))
    return tuple(f"; {each}" for each in shorter if each.count("(") == each.count(")"))


def finding_answers(
    finding: Finding, name: str, unusual: str, period: str, causes: Sequence[CauseStory], money: MoneyStory
) -> tuple[Answer, ...]:
    """Give the five answers about one flag."""
    advice = finding.recommendation
    return _answers(
        (f"{name}: {unusual}", period),
        (f"{advice.confidence} confidence", *_why(causes), words.chance(finding.flag.q_value)),
        _worth(money, are_figures_wrong=_are_figures_wrong(advice, causes)),
        _what_to_do(advice),
        tuple(clean(each) for each in advice.would_change_if) or ("nothing that is known",),
    )


def _answers(*parts: tuple[str, ...]) -> tuple[Answer, ...]:
    return tuple(
        Answer(label, tuple(each for each in texts if each)) for label, texts in zip(LABELS, parts, strict=True)
    )


def _why(causes: Sequence[CauseStory]) -> tuple[str, ...]:
    holding = [each for each in causes if each.verdict in ("supported", "partly")]
    if not holding:
        tested = words.counted(len(causes), "explanation")
        return (f"no known explanation holds ({tested} tested)" if causes else "no explanation is known for it here",)
    first, *others = holding
    told = f"{'probably' if first.verdict == 'supported' else 'perhaps'} {words.lowered(first.title)}"
    beside = [each for each in others if each.verdict == first.verdict == "supported" and each.share_value][:1]
    also = [f"and {words.lowered(each.title)}, which {each.share}" for each in beside]
    return tuple(part for part in (told, first.share, *also) if part)


def _are_figures_wrong(advice: Recommendation, causes: Sequence[CauseStory]) -> bool:
    """Whether the advice is to mend the data first."""
    kinds = [each.kind for each in causes if each.verdict == "supported"]
    return advice.action == "fix" and kinds[:1] == [KIND_WORDS["measurement"]]


def _worth(money: MoneyStory, *, are_figures_wrong: bool) -> tuple[str, ...]:
    first, *more = money.worth
    if are_figures_wrong and money.value is not None:
        return ("not to be judged before the figures are right", f"as they stand {first}")
    return (first, money.without_accounts, *more, money.period)


def _what_to_do(advice: Recommendation) -> tuple[str, ...]:
    scope = f": {clean(advice.scope)}" if advice.scope else ""
    reasons = [words.lowered(clean(each)) for each in advice.reasons[:2]]
    return (f"{ACTION_WORDS[advice.action]}{scope}", *reasons)


def run_answers(investigation: Investigation, stories: Sequence[Story]) -> tuple[Answer, ...]:
    """Give the five answers about a whole scan: the leading flag's, and everything else that has to be done."""
    if not stories:
        return _quiet_answers(investigation)
    first, findings = stories[0], investigation.findings
    what, sure, worth, _, mind = first.aloud
    if len(findings) > 1:
        regions = [clean(each.flag.region) for each in findings]
        elsewhere = list(dict.fromkeys(region for region in regions if region != first.region))
        more = f"{words.counted(len(findings) - 1, 'more flag')}" + (
            f" ({words.listed(elsewhere, 5)})" if elsewhere else ""
        )
        what = Answer(what.label, (what.parts[0], more, *what.parts[1:]))
    features = feature_stories(investigation)
    sums = [part for each in features for part in (each.total, each.differ) if part]
    return (
        what,
        sure,
        Answer(
            worth.label,
            (
                "; ".join([worth.parts[0], *_against(investigation, findings)]),
                *worth.parts[1:2],
                *sums,
                *worth.parts[2:],
            ),
        ),
        Answer(LABELS[3], _everything_to_do(investigation, stories)),
        mind,
    )


def _against(investigation: Investigation, findings: Sequence[Finding]) -> tuple[str, ...]:
    """Launched markets whose money certainly goes the other way than some flagged market's, right behind the figure."""
    flagged = {each.flag.region for each in findings}
    rows = [each for feature in investigation.features for each in feature.regions]
    signs = {each.region: _certain_sign(each.ledger) for each in rows}
    known = {signs[region] for region in flagged if signs.get(region)}
    other = [
        each for each in rows if each.region not in flagged and signs[each.region] and -signs[each.region] in known
    ]
    worth = [(each.region, each.ledger.contribution_per_day, each.ledger.currency) for each in other[:3]]
    return tuple(
        f"but {clean(region)} {words.money(estimate.value, currency, signed=True)} a day"
        for region, estimate, currency in worth
        if estimate
    )


def _certain_sign(ledger: Ledger) -> int:
    estimate = ledger.contribution_per_day
    if estimate is None:
        return 0
    return 1 if estimate.low > 0 else -1 if estimate.high < 0 else 0


def _everything_to_do(investigation: Investigation, stories: Sequence[Story]) -> tuple[str, ...]:
    """What the flags call for, the leading one first, then what the launched markets without a flag call for."""
    first = stories[0]
    scope = f": {first.action.scope}" if first.action.scope else ""
    told = [f"{first.action.verb}{scope}"]
    pairs = [(each.action.action, each.region) for each in stories]
    flagged = {region for _, region in pairs}
    others_here = [action for action, region in pairs[1:] if region == first.region]
    here = [action for action in dict.fromkeys(others_here) if action != first.action.action]
    told += [f"{ACTION_WORDS[action].lower()} for another flag there" for action in here]
    told += [
        f"{'the same' if action == first.action.action else ACTION_WORDS[action].lower()} in {words.listed(regions, 6)}"
        for action, regions in grouped(pair for pair in pairs if pair[1] != first.region)
    ]
    for feature in investigation.features:
        quiet = [
            (each.recommendation.action, clean(each.region))
            for each in feature.regions
            if clean(each.region) not in flagged
        ]
        told += [
            f"{ACTION_WORDS[action].lower()} {clean(feature.feature)} in {words.listed(regions, 6)} (no flag)"
            for action, regions in grouped(quiet)
        ]
    return tuple(told)


def _quiet_answers(investigation: Investigation) -> tuple[Answer, ...]:
    """A scan without a flag still says what the launches are worth and what they call for."""
    features = feature_stories(investigation)
    rows = [(each.feature, row) for each in features for row in each.rows]
    worth = tuple(f"{feature} in {row.region} {row.worth}" for feature, row in rows)
    actions = tuple(f"{row.verb} {feature} in {row.region}" for feature, row in rows)
    change = tuple(
        clean(each.recommendation.would_change_if[0])
        for feature in investigation.features
        for each in feature.regions
        if each.recommendation.would_change_if
    )
    markets = words.counted(len(investigation.regions), "market")
    return _answers(
        (f"nothing unusual in {markets}",),
        ("false alarms are corrected for over all markets, metrics and days",),
        worth or ("nothing to put a price on",),
        actions or ("nothing",),
        tuple(dict.fromkeys(change)) or ("a metric that departs from what is expected",),
    )
