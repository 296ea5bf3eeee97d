"""Cases as lines for people and as JSON for programs."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contextcheck.cases.case import Case, Event

FORMAT = "contextcheck/cases/1"


def list_lines(cases: Sequence[Case]) -> Iterator[str]:
    """One case, two lines: what it is and where it stands; then what was found last."""
    for case in cases:
        now = case.snapshot
        owner = f" · {case.owner}" if case.owner else ""
        yield f"{case.id}  {_standing(case)}{owner}"
        held = ", ".join(f"{each.id} {each.verdict}" for each in now.held[:2]) or "no explanation holds"
        money = f" · contribution {now.contribution} a day" if now.contribution else ""
        yield f"    {days_text(case)} · {held}{money} · recommended {now.action}"
        if case.changed:
            yield f"    changed since it was decided: {case.changed}"


def _standing(case: Case) -> str:
    if case.decision is None:
        return case.state
    entry = f" ({case.decision.entry})" if case.decision.entry else ""
    return f"decided: {case.decision.cause}{entry}, {case.decision.action}"


def days_text(case: Case) -> str:
    """Such as "2026-03-02 to 2026-04-05, ongoing"."""
    window = case.snapshot.window
    return f"{window.start} to {window.end}, {case.snapshot.course.replace('_', ' ')}"


def show_lines(case: Case, history: Sequence[Event]) -> Iterator[str]:
    """A case with its whole history."""
    yield from list_lines([case])
    runs = "1 run" if case.runs == 1 else f"{case.runs} runs"
    yield f"    {', '.join(case.snapshot.metrics)} · seen in {runs}, last as of {case.snapshot.as_of}"
    yield "History"
    for event in history:
        yield f"  {event.at}  {event.by:12}  {event.kind:8}  {event.text}"


def as_json(cases: Sequence[Case], histories: Sequence[Sequence[Event]]) -> str:
    """Everything, ASCII-safe, dates as ISO text."""
    tree = [
        {**asdict(case), "history": [asdict(event) for event in history]}
        for case, history in zip(cases, histories, strict=True)
    ]
    return json.dumps({"schema": FORMAT, "cases": tree}, indent=1, default=str)
