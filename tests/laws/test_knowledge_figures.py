"""docs/knowledge-figures.md says what the shipped files say."""

from __future__ import annotations

import importlib.util
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_of_figures_is_current():
    path = ROOT / "docs" / "generate_knowledge_figures.py"
    spec = importlib.util.spec_from_file_location("generate_knowledge_figures", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    page = (ROOT / "docs" / "knowledge-figures.md").read_text(encoding="utf-8")
    assert page.partition(f"\n{module.TIMES}")[0] == module.counts(), "run: python docs/generate_knowledge_figures.py"
    assert "## Times" in page and "norms lint" in page
