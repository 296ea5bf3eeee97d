"""The verdict of a gate in its formats."""

import json
from dataclasses import replace
from importlib.resources import files
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator, ValidationError
from unit.report import report_cases as cases

from contextcheck.errors import Problem, SettingsError
from contextcheck.records import GateVerdict
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
    with pytest.raises(SettingsError, match="text, json, junit, markdown, github"):
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
