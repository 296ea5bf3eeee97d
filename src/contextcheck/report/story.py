"""A finding as plain sentences, built once, so that every format tells the same story and only lays it out.

The order is the reader's: the conclusion, then the reasons, then the numbers; what was not tested or measured
stands beside what was. Every text that comes from data or definitions is cleaned here of what a terminal would obey.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from contextcheck.report import words
from contextcheck.report.ahead import ahead_sentences
from contextcheck.report.causes import CauseStory, cause_stories, unexplained_sentence
from contextcheck.report.features import ACTION_WORDS
from contextcheck.report.headline import Answer, finding_answers
from contextcheck.report.journeys import JourneysStory, journeys_story
from contextcheck.report.money_story import MoneyStory, money_story
from contextcheck.report.unusual import metric_title, unusual_in_short, unusual_sentences
from contextcheck.report.words import clean

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from contextcheck.errors import Problem
    from contextcheck.records import (
        AccountReview,
        Action,
        DailyPoint,
        Driver,
        Finding,
        Investigation,
        Launch,
        Recommendation,
        Unavailable,
    )

TOO_LITTLE_DATA = "DT220"
"""Code of the note on a market in which no day could be judged; such a market is not called quiet."""

LISTED_ACCOUNTS = 5
"""Accounts a short format names; the findings file has them all."""


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One account worth a review."""

    account: str
    group: str
    reasons: str
    score: float


@dataclass(frozen=True, slots=True)
class AccountsStory:
    """The accounts worth a review; `sentence` is empty when there are none to speak of."""

    sentence: str
    accounts: tuple[AccountLine, ...]


@dataclass(frozen=True, slots=True)
class ActionStory:
    """What to do: the verb, what it is about, and what stands behind it."""

    action: Action
    verb: str
    scope: str
    confidence: str
    reasons: tuple[str, ...]
    advice: tuple[str, ...]
    would_change_if: tuple[str, ...]
    ask: tuple[str, ...]
    rule: str
    ahead: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """One flag, told."""

    id: str
    region: str
    region_name: str
    title: str
    segment: str
    severity: str
    period: str
    daily: tuple[DailyPoint, ...]
    aloud: tuple[Answer, ...]
    unusual: tuple[str, ...]
    drivers: str
    causes: tuple[CauseStory, ...]
    unexplained: str
    signs_tested: str
    accounts: AccountsStory
    journeys: JourneysStory
    money: MoneyStory
    action: ActionStory
    problems: tuple[str, ...]


SEVERITY_ORDER = {"high": 0, "medium": 1, "low": 2}


def in_order_of_telling(investigation: Investigation) -> list[Finding]:
    """The findings as a reader wants them: what is going on before what is over, the severe before the slight."""
    return sorted(
        investigation.findings, key=lambda each: (not each.flag.window.is_open, SEVERITY_ORDER[each.flag.severity])
    )


def assumed_sentences(finding: Finding, name: str) -> tuple[str, ...]:
    """The documented values of the market that stand in for what the shop has not said, each with its source."""
    told = [
        f"{clean(each.title)} {clean(each.value)} ({clean(each.basis)}{f'; {clean(each.note)}' if each.note else ''})"
        for each in finding.assumed
    ]
    return (f"assumed for {name}: {'; '.join(told)}",) if told else ()


def story_of(finding: Finding, investigation: Investigation) -> Story:
    """Tell one finding."""
    flag, explained = finding.flag, finding.explained
    name = words.region_name(flag.region, dict(investigation.region_names))
    unusual = unusual_sentences(finding, investigation)
    causes = cause_stories(explained.explanations)
    money = money_story(finding.ledger, finding.without_accounts)
    # below the lines of money in every format, where what is not all in is told as well
    money = replace(money, immature=(*money.immature, *assumed_sentences(finding, name)))
    period = words.period(flag, investigation.run.as_of)
    action = action_story(finding.recommendation, finding.ledger.currency)
    return Story(
        id=clean(flag.id),
        region=clean(flag.region),
        region_name=name,
        title=metric_title(flag.metric, investigation.metrics),
        segment=", ".join(f"{clean(key)} {clean(value)}" for key, value in sorted(flag.segment.items())),
        severity=flag.severity,
        period=period,
        daily=flag.daily,
        aloud=finding_answers(finding, name, unusual_in_short(finding, investigation), period, causes, money),
        unusual=(*unusual, *(clean(each.sentence) for each in explained.voice)),
        drivers=_drivers(finding),
        causes=causes,
        unexplained=unexplained_sentence(explained),
        signs_tested=_signs_tested(finding),
        accounts=accounts_story(explained.accounts),
        journeys=journeys_story(explained.journeys),
        money=money,
        action=action if _has_live_launch(flag.region, investigation) else replace(action, ahead=()),
        problems=tuple(clean(str(each)) for each in explained.problems),
    )


def _has_live_launch(region: str, investigation: Investigation) -> bool:
    """Whether there is anything to roll back; without it keeping and rolling back are no choices to weigh."""
    as_of = investigation.run.as_of
    return any(
        region in each.regions and each.start <= as_of and (each.end is None or each.end >= as_of)
        for each in investigation.launches
    )


def action_story(recommendation: Recommendation, currency: str = "") -> ActionStory:
    """Tell a recommendation."""
    return ActionStory(
        action=recommendation.action,
        verb=ACTION_WORDS[recommendation.action],
        scope=clean(recommendation.scope),
        confidence=f"{recommendation.confidence} confidence",
        reasons=tuple(clean(each) for each in recommendation.reasons),
        advice=tuple(clean(each) for each in recommendation.advice),
        would_change_if=tuple(clean(each) for each in recommendation.would_change_if),
        ask=tuple(clean(each) for each in recommendation.ask),
        rule=clean(f"{recommendation.rule} ({recommendation.where})" if recommendation.where else recommendation.rule),
        ahead=ahead_sentences(recommendation.outlook, currency),
    )


def accounts_story(review: AccountReview) -> AccountsStory:
    """Tell which accounts are worth a review, or why none is named."""
    accounts = tuple(
        AccountLine(clean(each.account), clean(each.group), clean(", ".join(each.reasons)), each.score)
        for each in review.review
    )
    if not accounts:
        return AccountsStory(clean(review.reason), ())
    groups = len({each.group for each in accounts if each.group})
    linked = f" in {words.counted(groups, 'linked group')}" if groups else ""
    carried = f"; they carry {words.share(review.share_of_excess)} of the excess"
    cut = f"; {clean(review.reason)}" if review.reason else ""
    return AccountsStory(f"{words.counted(len(accounts), 'account')} worth a review{linked}{carried}{cut}", accounts)


def _drivers(finding: Finding) -> str:
    carried = [f"{_driver(each)} ({words.share(each.share_of_excess)})" for each in finding.explained.drivers]
    # a segment is named because it stands out, which a third of the excess can do as well
    most = (
        "Most of the excess is in"
        if any(each.share_of_excess > 0.5 for each in finding.explained.drivers)
        else ("More of the excess than elsewhere is in")
    )
    told = [f"{most} {words.listed(carried, 4)}"] if carried else []
    if finding.explained.composition:
        told.append(words.sentence(clean(finding.explained.composition)))
    return ". ".join(told)


def _driver(driver: Driver) -> str:
    """A segment in words, with how much of it is only more orders."""
    name = f"{clean(driver.dimension).replace('_', ' ')} {clean(driver.value)}"
    if driver.mix_share is None or driver.mix_share < 0.2:
        return name
    return f"{name}, {words.share(driver.mix_share)} of it only because more orders are in it"


def _signs_tested(finding: Finding) -> str:
    """How many signs the data could test, and which ones it could not."""
    evidence = [each for result in finding.explained.explanations for each in result.evidence]
    if not evidence:
        return ""
    missing = list(
        dict.fromkeys(clean(each.test).replace("_", " ") for each in evidence if each.result == "not_testable")
    )
    tested = sum(each.result != "not_testable" for each in evidence)
    text = f"{words.number(tested)} of {words.counted(len(evidence), 'sign')} tested"
    return f"{text}; not tested or left open: {words.listed(missing, 6)}" if missing else text


Mark = Literal["yes", "no", "open"]


@dataclass(frozen=True, slots=True)
class Footer:
    """What else the scan has to say: how many flags, which markets are quiet, what could not be seen."""

    counts: str
    quiet: str
    unavailable: tuple[str, ...]
    problems: tuple[str, ...]


def footer_of(investigation: Investigation) -> Footer:
    """Tell what else the scan has to say."""
    flagged = {each.flag.region for each in investigation.findings}
    unjudged = {each.where for each in investigation.problems if each.code == TOO_LITTLE_DATA} - flagged
    quiet = [region for region in investigation.regions if region not in flagged | unjudged]
    measured = len(investigation.metrics)
    counts = [words.counted(len(investigation.findings), "flag"), f"{words.counted(len(quiet), 'market')} quiet"]
    names = words.listed([clean(each) for each in quiet], 12)
    if unjudged:
        counts.append(f"{words.counted(len(unjudged), 'market')} with too little data")
    if measured or investigation.unavailable:
        missing = len(investigation.unavailable)
        counts.append(f"{words.counted(measured, 'metric')} looked at, {words.number(missing)} not available")
    return Footer(
        counts=" · ".join(counts),
        quiet=f"quiet: {names}" if names else "",
        unavailable=_unavailable(investigation.unavailable),
        problems=_told(investigation.problems),
    )


def _unavailable(missing: Iterable[Unavailable]) -> tuple[str, ...]:
    """What could not be looked at, told once for each column that is missing."""
    titles: dict[str, dict[str, None]] = {}
    for each in missing:
        lacks = f"no {words.listed([clean(name) for name in each.missing_columns])}" if each.missing_columns else ""
        titles.setdefault(lacks or clean(each.reason), {})[clean(each.title or each.name)] = None
    return tuple(", ".join(names) + (f" ({why})" if why else "") for why, names in titles.items())


def _told(problems: Iterable[Problem]) -> tuple[str, ...]:
    """Errors, then warnings, then what is only said: of that, one of each code stands for all of its kind."""
    told: list[str] = []
    notes: dict[str, list[str]] = {}
    for each in sorted(dict.fromkeys(problems), key=lambda each: ("error", "warning", "info").index(each.severity)):
        if each.severity == "info":
            notes.setdefault(each.code, []).append(clean(str(each)))
        else:
            told.append(clean(str(each)))
    for first, *others in notes.values():
        more = f" (and {words.counted(len(others), 'more note')} of this kind in the findings file)" if others else ""
        told.append(first + more)
    return tuple(told)


def opening(investigation: Investigation) -> str:
    """One line about what was looked at."""
    # a panel of sums has no orders to count
    looked_at = words.counted(investigation.orders, "order") if investigation.orders else "sums per region and day"
    parts = [words.counted(len(investigation.regions), "market"), looked_at]
    parts += [clean(_launched(each, investigation.run.as_of)) for each in investigation.launches]
    parts.append(f"as of {words.day_text(investigation.run.as_of, with_year=True)}")
    return ", ".join(parts[:2]) + "".join(f" · {part}" for part in parts[2:])


def _launched(launch: Launch, as_of: date) -> str:
    """When a feature is, was or will be live; the year where it is not that of the data."""

    def told(day: date) -> str:
        return words.day_text(day, with_year=day.year != as_of.year)

    where = f"{launch.feature} %s in {words.listed(launch.regions, 6)}"
    if launch.start > as_of:
        return f"{where % 'planned'} for {told(launch.start)}"
    if launch.end is not None and launch.end < as_of:
        return f"{where % 'was live'} from {told(launch.start)} to {told(launch.end)}"
    return f"{where % 'live'} since {told(launch.start)}"
