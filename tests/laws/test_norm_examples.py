"""Every shipped norm is held to a situation in which it must hold and to one in which it must fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from contextcheck.knowledge.overlay import read_knowledge
from contextcheck.rehearse.situations import read_situation
from contextcheck.settings import Settings
from contextcheck.simulate.behaviours.library import BEHAVIOURS, parameters_of

HOLDS = ("supported", "partly")
FAILS = ("contradicted", "not_testable")
ENTRIES = {each.id: each for each in read_knowledge(Settings(folder=Path())).entries}
NORMS = [name for name, entry in ENTRIES.items() if entry.kind == "norm"]


def test_there_are_as_many_regions_and_norms_as_are_promised():
    regions = {code for name in NORMS for code in ENTRIES[name].regions} - {"*"}
    assert len(NORMS) >= 150
    assert len(regions) >= 45


@pytest.mark.parametrize("name", NORMS)
def test_a_norm_has_an_example_that_must_hold_and_one_that_must_fail(name):
    expected = {example.expect for example in ENTRIES[name].examples}
    assert expected & set(HOLDS), f"{name}: no example in which it must hold"
    assert expected & set(FAILS), f"{name}: no example in which it must fail"
    assert expected <= {*HOLDS, *FAILS}


@pytest.mark.parametrize("name", NORMS)
def test_the_examples_of_a_norm_tell_their_situation_in_words_and_name_one_that_can_be_played(name):
    examples = ENTRIES[name].examples
    assert len({example.name for example in examples}) == len(examples)
    # The same data cannot hold and fail.
    assert len({example.data for example in examples}) == len(examples)
    for example in examples:
        read_situation(example.data)
        assert len(example.name.split()) >= 3 or name == "kr-free-shipping-padding", example.name
        assert not example.name.endswith(".")


def test_the_library_of_behaviours_is_large_enough_to_stage_them():
    named = {
        part.name
        for name in NORMS
        for example in ENTRIES[name].examples
        for part in read_situation(example.data).parts
        if part.name in BEHAVIOURS
    }
    assert len(named) >= 20


def test_the_page_about_examples_lists_every_behaviour_with_what_it_does_and_takes():
    page = (Path(__file__).parents[2] / "docs" / "examples.md").read_text(encoding="utf-8")
    for name, make in BEHAVIOURS.items():
        does = (make.__doc__ or "").strip().splitlines()[0].rstrip(".")
        taken = (f"`{each}`" for each in parameters_of(name) if each not in ("region", "first_day", "last_day"))
        assert f"| `{name}` | {does} | {', '.join(taken)} |" in page, name
