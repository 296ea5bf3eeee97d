"""Every abuse pattern and fault is held to a situation in which it must hold and to one in which it must fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from contextcheck.knowledge.overlay import read_knowledge
from contextcheck.rehearse.situations import read_situation
from contextcheck.settings import Settings

RULES = {each.id: each for each in read_knowledge(Settings(folder=Path())).entries if each.kind != "norm"}
RESEARCHED = 17
"""Abuse patterns that the literature names; the ring of linked accounts comes on top."""


def test_there_are_as_many_patterns_and_faults_as_are_promised():
    kinds = [entry.kind for entry in RULES.values()]
    assert kinds.count("abuse") >= RESEARCHED and kinds.count("operational") >= 8 and kinds.count("measurement") >= 8


@pytest.mark.parametrize("name", RULES)
def test_a_rule_has_an_example_that_must_hold_and_one_that_must_fail(name):
    expected = {example.expect for example in RULES[name].examples}
    assert {"supported", "contradicted"} <= expected
    assert len({example.data for example in RULES[name].examples}) == len(RULES[name].examples)
    for example in RULES[name].examples:
        read_situation(example.data)


@pytest.mark.parametrize("name", [name for name, entry in RULES.items() if entry.kind == "abuse"])
def test_an_abuse_pattern_names_a_twin_and_what_separates_them(name):
    assert RULES[name].twins and all(len(each.separated_by.split()) >= 3 for each in RULES[name].twins)
