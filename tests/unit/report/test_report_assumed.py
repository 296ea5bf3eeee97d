"""What is assumed of a market is told below its money and kept in the findings file."""

from __future__ import annotations

from dataclasses import replace

from report_cases import padding_investigation

from contextcheck.records import Assumption
from contextcheck.report.interface import ShowOptions, render
from contextcheck.report.json_report import read_findings

WINDOW = Assumption(
    name="return_window",
    title="return window",
    value="14 days after receipt",
    basis="default of the market: Directive, 2011, grade A",
    note="to declare it",
)


def test_an_assumption_is_told_with_its_source_in_every_format_and_read_back():
    investigation = padding_investigation()
    finding = replace(investigation.findings[0], assumed=(WINDOW,))
    told = replace(investigation, findings=(finding,))
    for name in ("terminal", "markdown", "html"):
        text = " ".join(render(told, name, ShowOptions()).split())
        assert "return window 14 days after receipt" in text and "Directive, 2011, grade A" in text, name
    assert read_findings(render(told, "json", ShowOptions()), "findings.json").findings[0].assumed == (WINDOW,)


def test_nothing_is_said_where_nothing_is_assumed():
    assert "assumed for" not in render(padding_investigation(), "terminal", ShowOptions())
