"""The verdict of a gate in its formats."""

import json
import re
from dataclasses import replace
from importlib.resources import files
from math import inf
from pathlib import Path
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator, ValidationError
from unit.report import report_cases as cases

from contextcheck.errors import Problem, SettingsError
from contextcheck.records import GateException, GateFigures, GateVerdict, Guardrail, Reason
from contextcheck.report.gate_files import regions_off
from contextcheck.report.gate_report import render_gate
from contextcheck.report.interface import ShowOptions
from contextcheck.report.sarif_report import render_sarif

SCHEMA = json.loads(files("contextcheck.report").joinpath("schemas/verdict-1.schema.json").read_text("utf-8"))
OPTIONS = ShowOptions(pseudonym_key="a key of the tests")


def hostile() -> GateVerdict:
    base = cases.gate_verdict()
    bad = replace(base.regions[1], region=cases.HOSTILE, reasons=(cases.HOSTILE,))
    return replace(base, feature=cases.HOSTILE, regions=(bad,), problems=(Problem("GT1", "x", cases.HOSTILE),))


def test_the_log_has_one_line_per_region_and_the_decision_last() -> None:
    assert render_gate(cases.gate_verdict(), "text", OPTIONS).splitlines() == [
        "KR  pass       contribution +$4,120 (+2,300 to +5,900) a day; certainly above −$55 a day, the break-even of a "
        "roll-back; explained by kr-free-shipping-padding@2026-11-20",
        "DE  roll back  contribution −$1,930 (−3,460 to −410) a day; certainly below 0 since day 6; no explanation "
        "holds (1 tested); 1 account worth a review",
        "JP  hold       contribution not known (3 days of data, 7 needed); 3 of 7 days",
        "free-shipping-bar: roll back in DE only, hold in JP (exit 1) · 3 markets judged as of 16 March 2026 · "
        "chance of rolling back a harmless feature at most 5 %",
    ]


@pytest.mark.parametrize(
    ("decision", "code", "words"), [("pass", 0, "pass (exit 0)"), ("hold", 4, "hold in JP (exit 4)")]
)
def test_the_exit_code_goes_with_the_decision(decision: str, code: int, words: str) -> None:
    base = cases.gate_verdict()
    regions = base.regions[:1] if decision == "pass" else base.regions[::2]
    verdict = replace(base, decision=decision, regions=regions)
    assert json.loads(render_gate(verdict, "json", OPTIONS))["exit_code"] == code
    assert words in render_gate(verdict, "text", OPTIONS)


def test_the_verdict_satisfies_the_published_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    for verdict in (cases.gate_verdict(), hostile()):
        written = render_gate(verdict, "json", OPTIONS)
        assert written.isascii()
        tree = json.loads(written)
        Draft202012Validator(SCHEMA).validate(tree)
        with pytest.raises(ValidationError):
            Draft202012Validator(SCHEMA).validate({**tree, "decision": "maybe"})


def test_a_region_without_figures_is_null_with_its_reason() -> None:
    impact = json.loads(render_gate(cases.gate_verdict(), "json", OPTIONS))["regions"][2]["impact"]
    assert impact["contribution_per_day"] is None
    assert impact["reason"] == "3 days of data, 7 needed"


def test_the_same_verdict_gives_the_same_bytes() -> None:
    assert render_gate(cases.gate_verdict(), "json", OPTIONS) == render_gate(cases.gate_verdict(), "json", OPTIONS)


def test_a_roll_back_is_a_failure_and_a_hold_is_skipped() -> None:
    suite = ElementTree.fromstring(render_gate(cases.gate_verdict(), "junit", OPTIONS))
    assert suite.attrib["tests"] == "3" and suite.attrib["failures"] == "1" and suite.attrib["skipped"] == "1"
    kr, de, jp = suite.findall("testcase")
    assert kr.find("failure") is None and kr.find("skipped") is None
    assert de.find("failure").attrib["message"].startswith("contribution −$1,930")
    assert jp.find("skipped").attrib["message"].startswith("hold: ")


def test_a_problem_of_the_run_is_no_green_case() -> None:
    suite = ElementTree.fromstring(render_gate(hostile(), "junit", OPTIONS))
    assert suite.attrib["errors"] == "1"
    assert suite.find("testcase/error").attrib["type"] == "GT1"
    assert "not complete: x: GT1" in render_gate(hostile(), "text", OPTIONS)


def test_texts_stay_texts_in_every_format() -> None:
    assert "\x1b" not in render_gate(hostile(), "text", OPTIONS)
    assert "<script" not in render_gate(hostile(), "markdown", OPTIONS)
    rows = [line for line in render_gate(hostile(), "markdown", OPTIONS).splitlines() if line.startswith("| ")]
    assert len(rows) == 2


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(SettingsError, match="text, json, junit, markdown, github, github-outputs, gitlab, prometheus"):
        render_gate(cases.gate_verdict(), "yaml", OPTIONS)  # type: ignore[arg-type]


def test_annotations_name_the_worst_nine_and_count_the_rest() -> None:
    base = cases.gate_verdict()
    lines = render_gate(replace(base, regions=base.regions[1:2] * 12), "github", OPTIONS).splitlines()
    assert len(lines) == 10
    assert lines[0].startswith("::error title=free-shipping-bar in DE::contribution −$1,930")
    assert lines[-1] == "::error title=contextcheck::3 more of this kind, see the log"


def test_no_text_becomes_a_workflow_command() -> None:
    base = cases.gate_verdict()
    bad = replace(base.regions[0], region="KR\n::error::x", reasons=("a%0A::set-output name=x::y\r\n::stop::",))
    page = render_gate(replace(base, regions=(bad,)), "github", OPTIONS)
    (line,) = page.splitlines()
    assert line.startswith("::notice title=free-shipping-bar in KR %3A%3Aerror%3A%3Ax::")
    assert "a%250A::set-output" in line


def full() -> GateVerdict:
    """As the gate gives it: a line per reason, figures, a guardrail, an exception, a hostile region name."""
    base = cases.gate_verdict()
    harm = Reason(
        "harm", "contribution −$1,930 a day, certainly below 0", "contribution", -1930.4, -410.0, 0.0, 14, "USD a day",
        flag="DE-cancel-1", speaks_for="roll-back",
    )  # fmt: skip
    figures = GateFigures(
        "contribution", "day", "USD", 14, -1930.4, -410.0, -400.0, -3000.0, -1700.0, 55.6, 0.05, 3.1, 1600.0, 6
    )
    rail = Guardrail("orders", "down", 0.1, -0.3, -0.2, 14, "broken")
    loss = replace(base.regions[1], lines=(harm,), figures=figures, guardrails=(rail,), without_context="roll-back")
    hostile_region = replace(base.regions[2], region=cases.HOSTILE, figures=replace(figures, roll_back_days=inf))
    excepted = GateException("x", ("DE",), (), "owner", "why", cases.AS_OF, "e.yaml:2:5")
    return replace(base, regions=(base.regions[0], loss, hostile_region), exceptions=(excepted,), asked={"seed": 0})


def test_each_reason_is_a_line_with_its_figures_and_its_flag() -> None:
    lines = render_gate(full(), "text", OPTIONS).splitlines()
    assert lines[1].startswith("DE ") and "roll back  contribution −$1,930 a day" in lines[1]
    assert lines[1].endswith("[value −1,930, bound −410, limit 0, n 14, flag DE-cancel-1]")
    page = render_gate(full(), "markdown", OPTIONS)
    assert "Every reason with its figures" in page and "bound −410, limit 0, n 14, flag DE" in page


def test_the_full_verdict_satisfies_the_schema_and_names_what_is_not_known() -> None:
    tree = json.loads(render_gate(full(), "json", OPTIONS))
    Draft202012Validator(SCHEMA).validate(tree)
    assert tree["off"] == ["DE"] and tree["regions"][1]["lines"][0]["flag"] == "DE-cancel-1"
    assert {"where": "/regions/2/figures/roll_back_days", "reason": "no upper limit"} in tree["not_known"]


def test_outputs_of_a_workflow_stay_one_line_each() -> None:
    lines = render_gate(full(), "github-outputs", OPTIONS).splitlines()
    assert [line.split("=")[0] for line in lines] == [
        "decision", "exit-code", "roll-back-regions", "hold-regions", "summary",
    ]  # fmt: skip
    assert lines[2] == "roll-back-regions=DE"
    assert len(lines[3].split("=", 1)[1].split()) == 1


def test_a_code_quality_report_has_what_gitlab_asks_for() -> None:
    entries = json.loads(render_gate(full(), "gitlab", OPTIONS))
    assert [each["severity"] for each in entries] == ["blocker", "minor"]
    for each in entries:
        assert set(each) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert each["location"]["lines"]["begin"] == 1
    again = json.loads(render_gate(replace(full(), alpha=0.2), "gitlab", OPTIONS))
    assert [each["fingerprint"] for each in again] == [each["fingerprint"] for each in entries]


SAMPLE = re.compile(r'^[a-z_]+\{[a-z_]+="(?:[^"\\\n]|\\.)*"(?:,[a-z_]+="(?:[^"\\\n]|\\.)*")*\} -?[0-9.e+-]+$')


def test_a_prometheus_file_is_what_a_collector_reads() -> None:
    lines = render_gate(full(), "prometheus", OPTIONS).splitlines()
    samples = [line for line in lines if not line.startswith("# ")]
    assert all(SAMPLE.match(line) for line in samples), [line for line in samples if not SAMPLE.match(line)]
    names = {line.split("{")[0] for line in samples}
    assert names == {line.split()[2] for line in lines if line.startswith("# TYPE")}
    decisions = [line for line in samples if line.startswith("contextcheck_gate_decision")]
    assert len(decisions) == 9 and sum(line.endswith(" 1") for line in decisions) == 3


def test_a_dry_run_says_what_it_would_end_with() -> None:
    dry = replace(full(), is_dry_run=True, exit_code=0, would_exit=1)
    assert "(dry run: would exit 1, exit 0)" in render_gate(dry, "text", OPTIONS)


def test_the_regions_to_switch_off_as_lines_or_as_json() -> None:
    assert regions_off(full(), Path("off.txt")) == "DE\n"
    assert json.loads(regions_off(full(), Path("off.json"))) == {
        "feature": "free-shipping-bar", "off": ["DE"], "as_of": "2026-03-16",
    }  # fmt: skip


def test_lint_problems_become_sarif_with_their_places() -> None:
    problems = [
        Problem("KB112", "regions/KR.yaml:41:9", 'unknown key "expcts"'),
        Problem("KB300", "regions/my file.yaml", "no norm", "info"),
        Problem("KB112", "regions/DE.yaml:3", "x", "warning"),
    ]
    tree = json.loads(render_sarif(problems, "0.1.0"))
    assert set(tree) == {"$schema", "version", "runs"} and tree["version"] == "2.1.0"
    (run,) = tree["runs"]
    assert [each["id"] for each in run["tool"]["driver"]["rules"]] == ["KB112", "KB300"]
    assert [each["level"] for each in run["results"]] == ["error", "note", "warning"]
    assert [each["ruleIndex"] for each in run["results"]] == [0, 1, 0]
    places = [each["locations"][0]["physicalLocation"] for each in run["results"]]
    assert places == [
        {"artifactLocation": {"uri": "regions/KR.yaml"}, "region": {"startLine": 41, "startColumn": 9}},
        {"artifactLocation": {"uri": "regions/my%20file.yaml"}},
        {"artifactLocation": {"uri": "regions/DE.yaml"}, "region": {"startLine": 3, "startColumn": 1}},
    ]
