"""Every format against its golden file.

Rewrite them all with: REWRITE_GOLDEN=1 python -m pytest tests/unit/report/test_report_golden.py
and review the difference. The pictures of the page are left out: their digits belong to the drawing library.
"""

import os
import re
from pathlib import Path

import pytest
from unit.report import report_cases as cases

from contextcheck.report.executive import render_executive
from contextcheck.report.gate_report import render_gate
from contextcheck.report.interface import ShowOptions, render

GOLDEN = Path(__file__).parent / "golden"
OPTIONS = ShowOptions(pseudonym_key="a key of the tests")
CASES = {
    "padding": cases.padding_investigation,
    "ring": cases.ring_investigation,
    "hostile": cases.hostile_investigation,
    "quiet": cases.quiet_investigation,
    "opposite": cases.opposite_investigation,
}
ENDINGS = {"terminal": "txt", "markdown": "md", "json": "json", "html": "html", "csv": "csv"}
GATE_ENDINGS = {"text": "txt", "json": "json", "junit": "xml", "markdown": "md", "github": "github.txt"}


def compare(name: str, page: str) -> None:
    path = GOLDEN / name
    if os.environ.get("REWRITE_GOLDEN"):
        path.write_text(page, encoding="utf-8", newline="\n")
    assert page == path.read_text(encoding="utf-8"), f"{path.name} differs; see the head of this file"


@pytest.mark.parametrize("format", ENDINGS)
@pytest.mark.parametrize("case", CASES)
def test_an_investigation_looks_as_it_was_reviewed(case: str, format: str) -> None:
    page = render(CASES[case](), format, OPTIONS)
    page = re.sub(r"<svg.*?</svg>", "<svg></svg>", page, flags=re.DOTALL)
    compare(f"{case}.{ENDINGS[format]}", page)


@pytest.mark.parametrize("format", GATE_ENDINGS)
def test_a_verdict_looks_as_it_was_reviewed(format: str) -> None:
    compare(f"gate.{GATE_ENDINGS[format]}", render_gate(cases.gate_verdict(), format, OPTIONS))


@pytest.mark.parametrize("format", ["terminal", "markdown", "html"])
@pytest.mark.parametrize("case", ["opposite", "ring", "quiet"])
def test_an_executive_page_looks_as_it_was_reviewed(case: str, format: str) -> None:
    page = render_executive(CASES[case](), format, OPTIONS)
    page = re.sub(r"<svg.*?</svg>", "<svg></svg>", page, flags=re.DOTALL)
    compare(f"executive-{case}.{ENDINGS[format]}", page)
