"""A case: one incident as the people who work on it see it, and what happened to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

from contextcheck.records import Action, Course, ExplanationKind, Verdict, Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contextcheck.records import Finding, Run

CaseState = Literal["new", "working", "decided"]
Cause = Literal["norm", "abuse", "operational", "measurement", "chance", "unclear"]
EventKind = Literal["seen", "note", "assigned", "decided", "reopened"]

SAME_WITHIN_DAYS = 3
"""Flags of one region and metric that lie so close together are one case, as they are one incident in detection."""

LARGER_RATIO = 1.5
"""A decided case is looked at again when its excess per day has grown to so many times what was decided on."""


@dataclass(frozen=True, slots=True)
class Held:
    """An explanation that held, at least in part."""

    id: str
    kind: ExplanationKind
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What one run said of the incident; no account and no personal data is in it.

    Attributes:
        run: Id of the run.
        as_of: Its newest judged day.
        flag: The flag's id in that run.
        metrics: The leading metric, then the related ones.
        excess_per_day: Events beyond the expected ones per day of the window.
        held: Every explanation that held at least in part.
        contribution: Per day with its currency, such as "+155.20 USD"; empty where it could not be measured.
    """

    run: str
    as_of: date
    flag: str
    region: str
    metrics: tuple[str, ...]
    window: Window
    course: Course
    excess_per_day: float
    held: tuple[Held, ...]
    contribution: str
    action: Action


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided, by whom, and on what: the snapshot's excess and recommendation at that time."""

    cause: Cause
    entry: str
    action: Action
    by: str
    at: str
    excess_per_day: float
    recommended: Action


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a case's history; events are only ever added."""

    at: str
    by: str
    kind: EventKind
    text: str


@dataclass(frozen=True, slots=True)
class Case:
    """An incident as it stands: the newest snapshot and what people made of it.

    Attributes:
        id: The id of the flag when it was first seen.
        runs: In how many runs it was seen.
        changed: Why a decided case deserves another look; empty when it does not.
    """

    id: str
    state: CaseState
    owner: str
    snapshot: Snapshot
    runs: int
    decision: Decision | None = None
    changed: str = ""


def snapshot_of(finding: Finding, run: Run) -> Snapshot:
    """Keep of a finding what a case needs."""
    flag = finding.flag
    net = finding.ledger.contribution_per_day
    return Snapshot(
        run=run.id,
        as_of=run.as_of,
        flag=flag.id,
        region=flag.region,
        metrics=(flag.metric, *(each.metric for each in flag.related)),
        window=flag.window,
        course=flag.course,
        excess_per_day=flag.excess_events / flag.window.days,
        held=tuple(
            Held(each.id, each.kind, each.verdict)
            for each in finding.explained.explanations
            if each.verdict in ("supported", "partly")
        ),
        contribution=f"{net.value:+.2f} {finding.ledger.currency}" if net else "",
        action=finding.recommendation.action,
    )


def case_for(snapshot: Snapshot, cases: Sequence[Case]) -> Case | None:
    """Find the case that a snapshot belongs to: the same market, a metric in common, and days that touch.

    The leading metric of an incident may change from run to run, and its start may still be corrected; so neither the
    flag's id nor its first day alone says which case it is. Of several, the one with most days in common.
    """
    slack = timedelta(days=SAME_WITHIN_DAYS)
    wide = Window(snapshot.window.start - slack, snapshot.window.end + slack)
    same = [
        case
        for case in cases
        if case.snapshot.region == snapshot.region
        and set(case.snapshot.metrics) & set(snapshot.metrics)
        and case.snapshot.window.overlaps(wide)
    ]

    def in_common(case: Case) -> tuple[bool, int, str]:
        other = case.snapshot.window
        days = min(other.end, wide.end) - max(other.start, wide.start)
        return case.snapshot.metrics[0] == snapshot.metrics[0], days.days, case.id

    return max(same, key=in_common, default=None)


def seen_again(case: Case, snapshot: Snapshot) -> Case:
    """The case with a newer snapshot; the one it has stays when that is the newer."""
    if snapshot.as_of < case.snapshot.as_of:
        return replace(case, runs=case.runs + 1)
    seen = replace(case, snapshot=snapshot, runs=case.runs + 1)
    return replace(seen, changed=why_changed(seen))


def why_changed(case: Case) -> str:
    """Say why a decided case deserves another look; empty when it does not."""
    decision, now = case.decision, case.snapshot
    if case.state != "decided" or decision is None:
        return ""
    reasons = []
    if now.action != decision.recommended:
        reasons.append(f"{now.action} is recommended now, it was {decision.recommended}")
    if abs(now.excess_per_day) >= LARGER_RATIO * abs(decision.excess_per_day) > 0:
        times = abs(now.excess_per_day / decision.excess_per_day)
        reasons.append(f"the excess per day is {times:.1f} times what was decided on")
    if decision.entry and decision.entry not in {each.id for each in now.held}:
        reasons.append(f"{decision.entry} no longer holds")
    return "; ".join(reasons)


def confirmed_and_overruled(cases: Sequence[Case]) -> dict[str, tuple[int, int]]:
    """Give, per entry that held on a decided case, how often analysts agreed and how often they found another cause.

    An entry is confirmed where the decision names it, or names its kind of cause and no entry.
    """
    found: dict[str, tuple[int, int]] = {}
    for case in cases:
        decision = case.decision
        if decision is None or decision.cause == "unclear":
            continue
        for each in case.snapshot.held:
            agrees = decision.entry == each.id if decision.entry else decision.cause == each.kind
            confirmed, overruled = found.get(each.id, (0, 0))
            found[each.id] = (confirmed + agrees, overruled + (not agrees))
    return found
