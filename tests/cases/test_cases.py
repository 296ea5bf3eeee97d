"""Every case folder against what was reviewed; the first step that differs is the one that is named.

Rewrite them all with: REWRITE_CASES=1 python -m pytest tests/cases
and review the difference.
"""

from __future__ import annotations

import os

import pytest
from cases.case_runner import CASES, STEPS, run_case

FOLDERS = sorted(path.parent.name for path in CASES.glob("*/case.yaml"))


@pytest.mark.parametrize("name", FOLDERS)
def test_a_case_gives_at_every_step_what_was_reviewed(name, tmp_path):
    outcome = run_case(CASES / name, tmp_path)
    expected = CASES / name / "expected"
    if os.environ.get("REWRITE_CASES"):
        expected.mkdir(exist_ok=True)
        for step in STEPS:
            (expected / step).write_text(outcome.texts[step], encoding="utf-8", newline="\n")
    for step in STEPS:
        reviewed = (expected / step).read_text(encoding="utf-8")
        assert outcome.texts[step].splitlines() == reviewed.splitlines(), f"{name}: first difference in {step}"


def test_there_is_a_case_for_every_scenario_of_the_demo():
    from contextcheck.simulate.worlds import SCENARIOS

    assert {"korea-padding", "korea-padding-at-a-loss", "korea-ring-in-the-crowd", "checkout-bug", "quiet"} <= set(
        FOLDERS
    )
    assert set(FOLDERS) & set(SCENARIOS)
