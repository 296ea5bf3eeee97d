"""What every registered sign test must satisfy, whoever wrote it."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from unit.explain.explain_worlds import quiet, slice_of, with_padding, with_ring

from contextcheck.explain.signs.interface import SIGN_TESTS, load_sign_test
from contextcheck.knowledge.overlay import read_knowledge
from contextcheck.knowledge.signs import SIGN_SPECS, Sign
from contextcheck.settings import Settings

RESULTS = {"supports", "contradicts", "not_testable"}


@lru_cache
def shipped_signs() -> dict[str, Sign]:
    """The first shipped use of each sign test."""
    found: dict[str, Sign] = {}
    for entry in read_knowledge(Settings()).entries:
        for sign in (*entry.signs, *entry.contradicted_by):
            found.setdefault(sign.test, sign)
    return found


def sign_named(name: str) -> Sign:
    """A shipped use of the test; else its defaults, with the first choice where one is required."""
    if name in shipped_signs():
        return shipped_signs()[name]
    options = {}
    for key, option in SIGN_SPECS[name].options.items():
        first = option.choices[0] if option.choices else None
        bounds = {option.keys[0]: 0.5} if option.keys else None
        options[key] = option.default if option.default is not None and not option.is_required else first or bounds
    return Sign(name, options, "strong", "sign")


@lru_cache
def frame():
    return with_ring(with_padding(quiet(2), 2), 2)


def evidence(name: str, orders):
    sliced = slice_of(orders)
    return load_sign_test(name).test(sliced.named(frozenset({sliced.scene.window.start})), sign_named(name)).evidence


signs = pytest.mark.parametrize("name", SIGN_TESTS)


@signs
def test_a_sign_gives_evidence_with_a_sentence_or_a_reason(name):
    found = evidence(name, frame())
    assert found.test == name
    assert found.result in RESULTS
    assert found.reason if found.result == "not_testable" else found.sentence


@signs
def test_the_order_of_rows_does_not_matter(name):
    shuffled = frame().sample(frac=1, random_state=1).reset_index(drop=True)
    first, second = evidence(name, frame()), evidence(name, shuffled)
    assert first.result == second.result
    assert first.n == second.n
    assert (first.effect is None) == (second.effect is None)
    if first.effect is not None and second.effect is not None:
        assert first.effect.value == pytest.approx(second.effect.value, rel=1e-6, abs=1e-9)


@signs
def test_the_same_orders_give_the_same_evidence(name):
    assert evidence(name, frame()) == evidence(name, frame())


@signs
def test_the_orders_are_not_modified(name):
    orders = frame().copy(deep=True)
    evidence(name, orders)
    assert orders.equals(frame())


@signs
def test_without_its_columns_a_sign_is_not_testable_and_says_why(name):
    bare = frame()[["created_at", "status"]].copy()
    found = evidence(name, bare)
    if found.result == "not_testable":
        assert found.reason
    else:
        # it needs nothing but times and statuses
        assert set(SIGN_SPECS[name].needs(sign_named(name))) <= {"created_at", "status"}


@signs
def test_too_few_orders_are_not_testable(name):
    few = frame().groupby(frame()["created_at"] >= np.datetime64("2026-03-02"), group_keys=False).head(2)
    assert evidence(name, few.reset_index(drop=True)).result == "not_testable"


@signs
def test_an_empty_window_is_no_error(name):
    sliced = slice_of(frame())
    nothing = replace(sliced, focus=np.zeros(len(frame()), dtype=bool))
    found = load_sign_test(name).test(nothing, sign_named(name)).evidence
    assert found.result in RESULTS
