"""The verdict of a gate as text, JSON, JUnit and Markdown; no region hides behind another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from contextcheck.errors import ExitCode, Problem, SettingsError
from contextcheck.report import words
from contextcheck.report.findings_write import (
    accounts_object,
    explanation_object,
    ledger_lines,
    money_object,
    problem_objects,
    recommendation_object,
    run_object,
)
from contextcheck.report.github_report import workflow_commands
from contextcheck.report.markdown import markdown_text
from contextcheck.report.plain import to_json
from contextcheck.report.privacy import Pseudonym, shown_verdict
from contextcheck.report.words import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from contextcheck.records import Decision, ExplanationResult, GateVerdict, Ledger, RegionVerdict
    from contextcheck.report.interface import ShowOptions

GateFormat = Literal["text", "json", "junit", "markdown", "github"]
SCHEMA = "contextcheck/verdict/1"

EXIT_CODES: dict[Decision, ExitCode] = {"pass": ExitCode.PASS, "hold": ExitCode.HOLD, "roll-back": ExitCode.ACT}
DECISION_WORDS: dict[Decision, str] = {"pass": "pass", "hold": "hold", "roll-back": "roll back"}
DECISION_MARKS: dict[Decision, str] = {"pass": "✓", "hold": "–", "roll-back": "✗"}


def render_gate(verdict: GateVerdict, format: GateFormat, options: ShowOptions) -> str:
    """Give the verdict of a gate in one of its formats.

    Args:
        verdict: What the gate decided.
        format: "text" for a log, "json" for `verdict.json`, "junit" for a test report, "markdown" for a comment or
            a step summary, "github" for annotations of a workflow.
        options: How it is shown; account ids are pseudonyms unless `show_ids`.

    Raises:
        SettingsError: When there is no such format.
    """
    writer = GATE_FORMATS.get(format)
    if writer is None:
        message = f'unknown format "{format}"; choose one of {", ".join(GATE_FORMATS)}'
        raise SettingsError(Problem("RP101", f"--format {format}", message))
    return writer(shown_verdict(verdict, options), options)


# ── text ───────────────────────────────────────────────────────────────────────────────────────────────


def _text(verdict: GateVerdict, options: ShowOptions) -> str:  # noqa: ARG001
    codes = [clean(each.region) for each in verdict.regions]
    wide = max((len(code) for code in codes), default=0)
    lines = [
        f"{code:<{wide}}  {DECISION_WORDS[each.decision]:<9}  {region_sentence(each)}"
        for code, each in zip(codes, verdict.regions, strict=True)
    ]
    lines += [_problem_line(each) for each in verdict.problems]
    lines.append(summary_sentence(verdict))
    return "\n".join(lines) + "\n"


def _problem_line(problem: Problem) -> str:
    return clean(str(problem)) if problem.severity == "info" else f"not complete: {clean(str(problem))}"


def region_sentence(verdict: RegionVerdict) -> str:
    """The decision's figures and reasons in one line."""
    reasons = [clean(each) for each in verdict.reasons]
    parts = (
        reasons if any("contribution" in each for each in reasons) else [contribution_words(verdict.ledger), *reasons]
    )
    holding = explained_words(verdict.explanations)
    if holding and not any(holding in each for each in reasons):
        parts.append(holding)
    if verdict.accounts.review:
        parts.append(f"{words.counted(len(verdict.accounts.review), 'account')} worth a review")
    return "; ".join(dict.fromkeys(parts))


def contribution_words(ledger: Ledger) -> str:
    """What the feature is worth per day; or why that is not known."""
    estimate = ledger.contribution_per_day
    if estimate is None or not estimate.value.is_finite():
        reason = clean(ledger.reason)
        return "contribution not known" + (f" ({reason})" if reason else "")
    return f"contribution {words.money_between(estimate, ledger.currency)} a day"


def explained_words(explanations: tuple[ExplanationResult, ...]) -> str:
    """Which entry explains it, in which version; says it when none of the tested ones holds."""
    holding = [each for each in explanations if each.verdict in ("supported", "partly")]
    if holding:
        names = [clean(each.id) + (f"@{clean(each.version)}" if each.version else "") for each in holding]
        return f"explained by {words.listed(names, 3)}"
    return f"no explanation holds ({words.number(len(explanations))} tested)" if explanations else ""


def summary_sentence(verdict: GateVerdict) -> str:
    """The decision on the feature, in which regions, and the exit code."""
    code = int(EXIT_CODES[verdict.decision])
    rolled = [clean(each.region) for each in verdict.regions if each.decision == "roll-back"]
    held = [clean(each.region) for each in verdict.regions if each.decision == "hold"]
    decision = DECISION_WORDS[verdict.decision]
    if rolled:
        only = " only" if len(rolled) < len(verdict.regions) else ""
        decision = f"roll back in {words.listed(rolled)}{only}"
        if held:
            decision += f", hold in {words.listed(held)}"
    elif held:
        decision = f"hold in {words.listed(held)}"
    regions = words.counted(len(verdict.regions), "market")
    risk = f"chance of rolling back a harmless feature at most {words.percent(verdict.alpha)}"
    day = words.day_text(verdict.as_of, with_year=True)
    return f"{clean(verdict.feature)}: {decision} (exit {code}) · {regions} judged as of {day} · {risk}"


# ── verdict.json ───────────────────────────────────────────────────────────────────────────────────────


def _json(verdict: GateVerdict, options: ShowOptions) -> str:
    listed = [each.account for region in verdict.regions for each in region.accounts.review]
    plain = options.show_ids and not any(isinstance(account, Pseudonym) for account in listed)
    return to_json(
        {
            "schema": SCHEMA,
            "feature": verdict.feature,
            "decision": verdict.decision,
            "exit_code": int(EXIT_CODES[verdict.decision]),
            "as_of": verdict.as_of,
            "alpha": verdict.alpha,
            "summary": summary_sentence(verdict),
            "regions": [_region_object(each) for each in verdict.regions],
            "account_ids": "plain" if plain else "pseudonyms",
            "problems": problem_objects(verdict.problems),
            "evidence_pack": run_object(verdict.run),
        }
    )


def _region_object(verdict: RegionVerdict) -> dict[str, object]:
    ledger = verdict.ledger
    return {
        "region": verdict.region,
        "decision": verdict.decision,
        "recommendation": recommendation_object(verdict.recommendation),
        "impact": {
            "currency": ledger.currency,
            **money_object(ledger.contribution_per_day, "contribution_per_day"),
            "confidence_level": ledger.confidence_level,
            "lines": ledger_lines(ledger),
            "reason": ledger.reason,
        },
        "explanations": [explanation_object(each) for each in verdict.explanations],
        "accounts": accounts_object(verdict.accounts),
        "reasons": list(verdict.reasons),
        "flags": list(verdict.flag_ids),
    }


# ── JUnit ──────────────────────────────────────────────────────────────────────────────────────────────


def _junit(verdict: GateVerdict, options: ShowOptions) -> str:  # noqa: ARG001
    """One test case per region: a roll-back is a failure, a hold is skipped (not enough data is no pass and no fault).

    A problem of the run is an error of its own case, so that an incomplete gate is not green.
    """
    problems = [each for each in verdict.problems if each.severity == "error"]
    cases = [*verdict.regions]
    suite = Element(
        "testsuite",
        name=f"contextcheck gate {_xml_text(verdict.feature)}",
        tests=str(len(cases) + len(problems)),
        failures=str(sum(each.decision == "roll-back" for each in cases)),
        skipped=str(sum(each.decision == "hold" for each in cases)),
        errors=str(len(problems)),
        timestamp=f"{verdict.as_of.isoformat()}T00:00:00",
        time="0",
    )
    for region in cases:
        _junit_region(suite, region, verdict.feature)
    for problem in problems:
        case = SubElement(suite, "testcase", classname="contextcheck.gate", name=_xml_text(problem.where), time="0")
        SubElement(case, "error", message=_xml_text(str(problem)), type=_xml_text(problem.code))
    indent(suite)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(suite, encoding="unicode") + "\n"


def _junit_region(suite: Element, verdict: RegionVerdict, feature: str) -> None:
    name = f"{_xml_text(feature)} in {_xml_text(verdict.region)}"
    case = SubElement(suite, "testcase", classname="contextcheck.gate", name=name, time="0")
    message = _xml_text(region_sentence(verdict))
    if verdict.decision == "roll-back":
        failure = SubElement(case, "failure", message=message, type="roll-back")
        failure.text = "\n".join(_xml_text(each) for each in verdict.recommendation.reasons)
    elif verdict.decision == "hold":
        SubElement(case, "skipped", message=f"hold: {message}")
    else:
        SubElement(case, "system-out").text = message


def _xml_text(text: str) -> str:
    """A text that XML 1.0 can carry."""
    return "".join(each for each in clean(text) if each not in "\ufffe\uffff")


# ── Markdown ───────────────────────────────────────────────────────────────────────────────────────────


def _markdown(verdict: GateVerdict, options: ShowOptions) -> str:  # noqa: ARG001
    lines = [f"## {markdown_text(summary_sentence(verdict))}", "", "| market | decision | why |", "|---|---|---|"]
    for each in verdict.regions:
        decision = f"{DECISION_MARKS[each.decision]} {DECISION_WORDS[each.decision]}"
        lines.append(f"| {markdown_text(clean(each.region))} | {decision} | {markdown_text(region_sentence(each))} |")
    lines.append("")
    for each in verdict.regions:
        change = [clean(reason) for reason in each.recommendation.would_change_if]
        if change and each.decision != "pass":
            told = markdown_text("; ".join(change))
            lines += [f"**{markdown_text(clean(each.region))}**: would change our mind: {told}", ""]
    lines += [f"- {markdown_text(_problem_line(each))}" for each in verdict.problems]
    return "\n".join(lines).rstrip("\n") + "\n"


# ── GitHub ─────────────────────────────────────────────────────────────────────────────────────────────

ANNOTATION_KINDS: dict[Decision, str] = {"roll-back": "error", "hold": "warning", "pass": "notice"}


def _github(verdict: GateVerdict, options: ShowOptions) -> str:  # noqa: ARG001
    notes = [
        (ANNOTATION_KINDS[each.decision], f"{verdict.feature} in {each.region}", region_sentence(each))
        for each in verdict.regions
    ]
    notes += [("error", "not complete", str(each)) for each in verdict.problems if each.severity == "error"]
    return workflow_commands(notes)


GATE_FORMATS: dict[str, Callable[[GateVerdict, ShowOptions], str]] = {
    "text": _text,
    "json": _json,
    "junit": _junit,
    "markdown": _markdown,
    "github": _github,
}
"""Name of a format to its function."""
