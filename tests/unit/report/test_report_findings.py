"""The findings file: its shape, its bytes, and reading it back."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError
from unit.report import report_cases as cases

from contextcheck.errors import InputError
from contextcheck.records import Expected, Investigation, MoneyEstimate, Observed
from contextcheck.report.interface import ShowOptions, render
from contextcheck.report.json_report import read_findings

SCHEMA = json.loads(files("contextcheck.report").joinpath("schemas/findings-1.schema.json").read_text("utf-8"))
EVERY_CASE = [
    cases.padding_investigation,
    cases.ring_investigation,
    cases.hostile_investigation,
    cases.quiet_investigation,
]
OPTIONS = ShowOptions(pseudonym_key="a key of the tests")


def with_flag(**changes: object) -> Investigation:
    base = cases.padding_investigation()
    first = base.findings[0]
    return replace(base, findings=(replace(first, flag=replace(first.flag, **changes)),))


@pytest.mark.parametrize("case", EVERY_CASE)
def test_the_file_satisfies_the_published_schema(case) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(json.loads(render(case(), "json", OPTIONS)))


def test_the_schema_refuses_what_the_contract_does_not_know() -> None:
    tree = json.loads(render(cases.padding_investigation(), "json", OPTIONS))
    for break_it in (
        lambda flag: flag["recommendation"].update(action="punish"),
        lambda flag: flag["impact"].update(net_per_day=4120.0),
        lambda flag: flag["window"].update(start="3 March"),
        lambda flag: flag.pop("observed"),
    ):
        broken = json.loads(json.dumps(tree))
        break_it(broken["flags"][0])
        with pytest.raises(ValidationError):
            Draft202012Validator(SCHEMA).validate(broken)


def test_further_keys_are_allowed_and_ignored() -> None:
    tree = json.loads(render(cases.padding_investigation(), "json", OPTIONS))
    tree["later"] = {"x": 1}
    tree["flags"][0]["later"] = [1]
    Draft202012Validator(SCHEMA).validate(tree)
    assert read_findings(json.dumps(tree), "f.json").findings[0].flag == cases.flag()


@pytest.mark.parametrize("case", EVERY_CASE)
@pytest.mark.parametrize("options", [OPTIONS, ShowOptions(), ShowOptions(show_ids=True)])
def test_reading_back_and_writing_again_gives_the_same_bytes(case, options: ShowOptions) -> None:
    written = render(case(), "json", options)
    assert render(read_findings(written, "findings.json"), "json", options) == written


@pytest.mark.parametrize("format", ["terminal", "markdown", "html", "csv"])
def test_every_format_is_the_same_from_the_file_as_from_the_scan(format: str) -> None:
    scanned = cases.ring_investigation()
    from_file = read_findings(render(scanned, "json", OPTIONS), "findings.json")
    assert render(from_file, format, OPTIONS) == render(scanned, format, OPTIONS)


def test_records_come_back_as_they_were() -> None:
    scanned = cases.padding_investigation()
    back = read_findings(render(scanned, "json", OPTIONS), "findings.json")
    assert back.findings == scanned.findings
    assert back.launches == scanned.launches and back.metrics == scanned.metrics
    assert back.run == scanned.run and back.unavailable == scanned.unavailable
    assert back.findings[0].recommendation.where == cases.recommendation().where


def test_the_file_is_ascii_with_iso_days_and_money_as_decimal_text() -> None:
    written = render(cases.padding_investigation(), "json", OPTIONS)
    assert written.isascii()
    flag = json.loads(written)["flags"][0]
    assert flag["window"] == {"start": "2026-03-03", "end": "2026-03-16", "days": 14, "open": True}
    assert flag["impact"]["net_per_day"] == "4120"
    assert flag["impact"]["aov"]["before"] == "54.20"
    assert flag["explanations"][2]["text"]["ko"].startswith("무료배송")


def test_numpy_figures_do_not_leak() -> None:
    observed = Observed(np.float64(4358), np.int64(23685), np.float32(0.5))  # type: ignore[arg-type]
    written = render(with_flag(observed=observed, q_value=np.float64("nan")), "json", OPTIONS)
    flag = json.loads(written)["flags"][0]
    assert flag["observed"] == {"events": 4358, "exposure": 23685, "rate": 0.5}
    assert flag["q_value"] is None


def test_a_figure_that_is_not_finite_is_null_with_a_reason() -> None:
    expected = Expected(0.061, float("-inf"), float("inf"))
    tree = json.loads(render(with_flag(expected=expected, q_value=float("nan")), "json", OPTIONS))
    assert tree["flags"][0]["expected"] == {"rate": 0.061, "low": None, "high": None}
    assert tree["not_known"] == [
        {"where": "/flags/0/expected/low", "reason": "no lower limit"},
        {"where": "/flags/0/expected/high", "reason": "no upper limit"},
        {"where": "/flags/0/q_value", "reason": "not a number"},
    ]
    back = read_findings(json.dumps(tree), "f.json").findings[0].flag
    assert back.expected == expected
    assert back.q_value != back.q_value


figures = st.floats(allow_nan=True, allow_infinity=True)
amounts = st.decimals(allow_nan=True, allow_infinity=True, min_value=None, max_value=None, places=3)


@settings(deadline=None, max_examples=60)
@given(figures, figures, figures, amounts, amounts, st.text(max_size=20), st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_any_figures_and_texts_survive_the_round_trip(rate, low, q_value, net, limit, text, day) -> None:
    base = with_flag(observed=Observed(1, 2, rate), expected=Expected(0.1, low, 1.0), q_value=q_value, id=text)
    finding = base.findings[0]
    ledger = replace(finding.ledger, contribution_per_day=MoneyEstimate(net, limit, Decimal(9)))
    base = replace(base, findings=(replace(finding, ledger=ledger),), run=replace(base.run, as_of=day))
    written = render(base, "json", OPTIONS)
    Draft202012Validator(SCHEMA).validate(json.loads(written))
    assert render(read_findings(written, "f.json"), "json", OPTIONS) == written


@pytest.mark.parametrize(
    ("damage", "code", "where", "message"),
    [
        (lambda text: "", "RP201", "f.json:1:1", "empty"),
        (lambda text: text[: len(text) // 2], "RP201", "f.json:", "cut off"),
        (lambda text: "flags: []", "RP201", "f.json:1:1", "not JSON"),
        (lambda text: "[]", "RP202", "f.json", "give the file that scan wrote"),
        (lambda text: text.replace("findings/1", "findings/9"), "RP202", "f.json", "findings/9"),
        (
            lambda text: text.replace("findings/1", "verdict/1").replace("x/", "x"),
            "RP202",
            "f.json",
            "verdict of a gate",
        ),
        (lambda text: text.replace('"2026-03-03"', '"2026-13-03"'), "RP203", "f.json: flags/0/", "is not a day"),
        (lambda text: text.replace('"keep"', '"punish"'), "RP203", "recommendation/action", "none of keep"),
        (lambda text: text.replace('"4120"', "4120"), "RP203", "flags/0/impact/net_per_day", "the number 4120"),
        (lambda text: text.replace('"4120"', '"a lot"'), "RP203", "flags/0/impact/net_per_day", "is not an amount"),
        (lambda text: text.replace('"seed": 7', '"seed": "7"'), "RP203", "run/seed", "a whole number is expected"),
        (
            lambda text: text.replace('"flags": [', '"flags": {"a": [').replace('],\n "not', ']},\n "not'),
            "RP203",
            "flags",
            "a list",
        ),
        (lambda text: "[" * 100000, "RP201", "f.json", ""),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_place(damage, code: str, where: str, message: str) -> None:
    text = render(cases.padding_investigation(), "json", OPTIONS)
    with pytest.raises(InputError) as refused:
        read_findings(damage(text), "f.json")
    (problem,) = refused.value.problems
    assert problem.code == code
    assert where in problem.where
    assert message in problem.message


def test_the_order_of_mappings_does_not_show_in_the_file() -> None:
    base = cases.padding_investigation()
    turned = replace(
        base,
        metrics=dict(reversed(base.metrics.items())),
        run=replace(base.run, settings=dict(reversed(base.run.settings.items()))),
    )
    assert render(turned, "json", OPTIONS) == render(base, "json", OPTIONS)
