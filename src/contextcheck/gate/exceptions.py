"""Exceptions and baselines: what somebody answers for, and what an earlier verdict already had."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from contextcheck.errors import DefinitionError, Problem, nearest
from contextcheck.records import GateException, Reason
from contextcheck.settings import region_code
from contextcheck.yamlio.document import MapNode, read_file
from contextcheck.yamlio.fields import Fields

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from contextcheck.records import RegionVerdict

PREFIX = "GX"
RANK = {"pass": 0, "hold": 1, "roll-back": 2}


def read_exceptions(path: Path) -> tuple[GateException, ...]:
    """Give the exceptions of a file; each needs a scope, an owner, a reason and a day on which it ends.

    Raises:
        DefinitionError: With every problem of the file.
    """
    root, problems = read_file(path, PREFIX)
    found: list[GateException] = []
    if isinstance(root, MapNode):
        top = Fields(root, problems, PREFIX)
        found = [_exception(each) for each in top.mappings("exceptions", required=True)]
        top.finish()
    elif root is not None:
        problems.append(Problem("GX103", str(root.where), 'write "exceptions:" and a list below it'))
    if problems:
        raise DefinitionError(*problems)
    return tuple(found)


def _exception(entry: Fields) -> GateException:
    expires = entry.day("expires", required=True)
    scope = entry.mapping("scope", required=True)
    feature = scope.text("feature", required=True) if scope else ""
    regions = tuple(region_code(each) for each in scope.texts("regions")) if scope else ()
    metrics = scope.texts("metrics") if scope else ()
    if scope:
        scope.finish()
    found = GateException(
        feature=feature,
        regions=regions,
        metrics=metrics,
        owner=entry.text("owner", required=True),
        reason=entry.text("reason", required=True),
        expires=expires,  # type: ignore[arg-type]
        where=str(entry.where),
    )
    for key, value in (("owner", found.owner), ("reason", found.reason)):
        if entry.has(key) and not value:
            entry.problem("101", entry.place(key), f'"{key}" is empty')
    entry.finish()
    return found


def expired(exceptions: Sequence[GateException], feature: str, today: date) -> tuple[Problem, ...]:
    """Give an error for each exception of a feature that has run out: it counts no more, and it must be looked at."""
    return tuple(
        Problem(
            "GX301", each.where, f"the exception of {each.owner} ended on {each.expires}: decide again, or take it out"
        )
        for each in exceptions
        if each.feature == feature and each.expires < today
    )


def unmatched(
    exceptions: Sequence[GateException],
    feature: str,
    launched: Mapping[str, Collection[str]],
    metrics: Collection[str],
) -> tuple[Problem, ...]:
    """Give a warning for each name in an exception that can never match, with the nearest one.

    Args:
        exceptions: All of the file; those of other launched features are left for the runs that ask for them.
        feature: The one that is asked for.
        launched: Every feature of the settings with its regions.
        metrics: Every name that a reason of this run may carry.
    """
    problems = []
    for each in exceptions:
        wrong: list[tuple[str, str, Collection[str]]] = []
        if each.feature not in launched:
            wrong = [("launched feature", each.feature, launched)]
        if each.feature == feature:
            regions = launched.get(feature, ())
            wrong += [(f"region of {feature}", name, regions) for name in each.regions if name not in regions]
            wrong += [("metric", name, metrics) for name in each.metrics if name not in metrics]
        for what, name, known in wrong:
            missed = f'"{name}" in the exception of {each.owner} matches nothing'
            message = f"{missed}: no {what} is called so{nearest(name, known)}"
            problems.append(Problem("GX302", each.where, message, "warning"))
    return tuple(problems)


def excepted(verdict: RegionVerdict, exceptions: Sequence[GateException], feature: str, today: date) -> RegionVerdict:
    """Give the verdict of a region as it stands after the exceptions that hold there.

    An exception without metrics covers everything but doubts about the data; one with metrics covers the reasons that
    name one of them, and the decision is taken again from what is left.
    """
    from contextcheck.gate.judge import decision_of

    for each in exceptions:
        if each.feature != feature or each.expires < today or (each.regions and verdict.region not in each.regions):
            continue
        covered = [line for line in verdict.lines if _covers(each, line)]
        if not covered or verdict.decision == "pass":
            continue
        what = verdict.decision.replace("-", " ")
        text = f"{what} set aside until {each.expires} by {each.owner}: {each.reason} ({each.where})"
        told = Reason("exception", text)
        kept = tuple(replace(line, speaks_for="") if line in covered else line for line in verdict.lines)
        spoken = [line for line in kept if line.speaks_for]
        decision = decision_of(spoken) if spoken else "pass"
        lines = (*kept, told)
        verdict = replace(
            verdict, decision=decision, lines=lines, reasons=tuple(line.text for line in lines), exception=told.text
        )
    return verdict


def _covers(exception: GateException, line: Reason) -> bool:
    if line.speaks_for not in ("hold", "roll-back") or line.kind == "data":
        return False
    return not exception.metrics or line.metric in exception.metrics


# ── baseline ───────────────────────────────────────────────────────────────────────────────────────────


def against_baseline(verdict: RegionVerdict, baseline: Mapping[str, Any]) -> RegionVerdict:
    """Give the verdict of a region with what an earlier verdict already had set aside: only new or worse counts.

    Args:
        verdict: Today's.
        baseline: The tree of an earlier verdict.json.

    Returns:
        pass, marked as known, when the earlier decision was as bad, every reason was there and the money is not
        certainly worse than it was estimated then; the verdict as it is otherwise. Doubts about the data always count.
        What the earlier verdict itself had set aside as known stays known.
    """
    before = next((each for each in baseline.get("regions", ()) if each.get("region") == verdict.region), None)
    if before is None or verdict.decision == "pass" or RANK[verdict.decision] > RANK.get(_decision_then(before), 0):
        return verdict
    blocking = {_key(line.kind, line.metric) for line in verdict.lines if line.speaks_for in ("hold", "roll-back")}
    had = {
        _key(each.get("kind", ""), each.get("metric", ""))
        for each in before.get("lines", ())
        if each.get("speaks_for") in ("hold", "roll-back")
    }
    if not blocking <= had or any(kind == "data" for kind, _ in blocking) or _is_worse(verdict, before):
        return verdict
    told = Reason(
        "known", f"{verdict.decision.replace('-', ' ')} known since {baseline.get('as_of')}: no worse, not counted"
    )
    lines = (*verdict.lines, told)
    return replace(verdict, decision="pass", is_known=True, lines=lines, reasons=tuple(line.text for line in lines))


def _decision_then(before: Mapping[str, Any]) -> str:
    """The earlier decision on a region, before a baseline of its own set it aside."""
    from contextcheck.gate.judge import decision_of

    lines = before.get("lines", ())
    if not any(each.get("kind") == "known" for each in lines):
        return str(before.get("decision"))
    return decision_of([Reason(each.get("kind"), "", speaks_for=each.get("speaks_for") or "") for each in lines])


def _key(kind: str, metric: str) -> tuple[str, str]:
    """Harm and lack of benefit are the same question."""
    return ("benefit" if kind == "harm" else kind, metric)


def _is_worse(verdict: RegionVerdict, before: Mapping[str, Any]) -> bool:
    figures = before.get("figures") or {}
    then = figures.get("mean")
    return verdict.figures is not None and isinstance(then, (int, float)) and verdict.figures.upper < float(then)
