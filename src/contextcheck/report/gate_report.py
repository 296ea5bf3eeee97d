"""The verdict of a gate as text, JSON, JUnit and Markdown; no region hides behind another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from contextcheck.errors import Problem, SettingsError
from contextcheck.report.gate_files import code_quality, github_outputs, prometheus
from contextcheck.report.github_report import workflow_commands
from contextcheck.report.markdown import markdown_text
from contextcheck.report.privacy import shown_verdict
from contextcheck.report.verdict_json import verdict_json
from contextcheck.report.verdict_words import (
    DECISION_MARKS,
    DECISION_WORDS,
    figures_words,
    region_sentence,
    summary_sentence,
)
from contextcheck.report.words import clean, counted

if TYPE_CHECKING:
    from collections.abc import Callable

    from contextcheck.records import Decision, GateVerdict, RegionVerdict
    from contextcheck.report.interface import ShowOptions

GateFormat = Literal["text", "json", "junit", "markdown", "github", "github-outputs", "gitlab", "prometheus"]


def render_gate(verdict: GateVerdict, format: GateFormat, options: ShowOptions) -> str:
    """Give the verdict of a gate in one of its formats.

    Args:
        verdict: What the gate decided.
        format: "text" for a log, "json" for `verdict.json`, "junit" for a test report, "markdown" for a comment or
            a step summary, "github" for annotations of a workflow, "github-outputs" for its outputs, "gitlab" for a
            code quality report, "prometheus" for a textfile.
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
    wide = max((len(clean(each.region)) for each in verdict.regions), default=0)
    lines = [line for each in verdict.regions for line in _region_lines(each, wide)]
    lines += _problem_lines(verdict)
    lines.append(summary_sentence(verdict))
    return "\n".join(lines) + "\n"


def _region_lines(verdict: RegionVerdict, wide: int) -> list[str]:
    """The decision with the first reason, and one line for each further reason."""
    start = f"{clean(verdict.region):<{wide}}  {DECISION_WORDS[verdict.decision]:<9}  "
    if not verdict.lines:
        return [start + region_sentence(verdict)]
    told = [clean(each.text) + figures_words(each) for each in verdict.lines]
    if verdict.accounts.review:
        told.append(f"{counted(len(verdict.accounts.review), 'account')} worth a review")
    if verdict.without_context not in (None, verdict.decision) and not verdict.is_known and not verdict.exception:
        told.append(f"without context: {DECISION_WORDS[verdict.without_context]}")
    return [start + told[0], *(" " * len(start) + each for each in told[1:])]


def _problem_lines(verdict: GateVerdict) -> list[str]:
    """What the run lacks, one a line; remarks on the data are counted, and told where they are."""
    told = [each for each in verdict.problems if each.severity != "info" or each.code.startswith("G")]
    lines = [_problem_line(each) for each in told]
    rest = len(verdict.problems) - len(told)
    return [*lines, f"{counted(rest, 'remark')} on the data, under problems in verdict.json"] if rest else lines


def _problem_line(problem: Problem) -> str:
    return clean(str(problem)) if problem.severity == "info" else f"not complete: {clean(str(problem))}"


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
    lines += _markdown_reasons(verdict)
    for each in verdict.regions:
        change = [clean(reason) for reason in each.recommendation.would_change_if]
        if change and each.decision != "pass":
            told = markdown_text("; ".join(change))
            lines += [f"**{markdown_text(clean(each.region))}**: would change our mind: {told}", ""]
    lines += [f"- {markdown_text(_problem_line(each))}" for each in verdict.problems]
    return "\n".join(lines).rstrip("\n") + "\n"


def _markdown_reasons(verdict: GateVerdict) -> list[str]:
    """One row per reason with its figures; empty for verdicts without figures."""
    rows = [
        f"| {markdown_text(clean(region.region))} | {markdown_text(clean(line.text))} "
        f"| {markdown_text(figures_words(line).strip(' []'))} |"
        for region in verdict.regions
        for line in region.lines
    ]
    if not rows:
        return []
    return [
        "<details><summary>Every reason with its figures</summary>",
        "",
        "| market | reason | figures |",
        "|---|---|---|",
        *rows,
        "",
        "</details>",
        "",
    ]


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
    "json": verdict_json,
    "junit": _junit,
    "markdown": _markdown,
    "github": _github,
    "github-outputs": lambda verdict, options: github_outputs(verdict),  # noqa: ARG005
    "gitlab": lambda verdict, options: code_quality(verdict),  # noqa: ARG005
    "prometheus": lambda verdict, options: prometheus(verdict),  # noqa: ARG005
}
"""Name of a format to its function."""
