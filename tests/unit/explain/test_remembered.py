"""A remembered function gives what the plain one gives, and works it out once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from contextcheck.explain import remembered as module
from contextcheck.explain.remembered import remembered


@dataclass(frozen=True)
class Pair:
    values: np.ndarray
    weight: float


def counted():
    calls = []

    @remembered
    def total(pair: Pair, factor: float, *, shift: float = 0.0) -> float:
        calls.append(factor)
        return float(pair.values.sum()) * pair.weight * factor + shift

    return total, calls


def test_equal_content_is_worked_out_once_and_any_other_content_anew() -> None:
    total, calls = counted()
    assert total(Pair(np.array([1.0, 2.0]), 2.0), 3.0) == 18.0
    assert total(Pair(np.array([1.0, 2.0]), 2.0), 3.0) == 18.0
    assert len(calls) == 1
    assert total(Pair(np.array([1.0, 2.5]), 2.0), 3.0) == 21.0
    assert total(Pair(np.array([1.0, 2.0]), 1.0), 3.0) == 9.0
    assert total(Pair(np.array([1.0, 2.0]), 2.0), 4.0) == 24.0
    assert total(Pair(np.array([1.0, 2.0]), 2.0), 3.0, shift=1.0) == 19.0
    assert total(Pair(np.array([[1.0], [2.0]]), 2.0), 3.0) == 18.0
    assert total(Pair(np.array([1, 2]), 2.0), 3.0) == 18.0
    assert len(calls) == 7


def test_an_array_that_is_changed_afterwards_is_another_one() -> None:
    total, calls = counted()
    values = np.array([1.0, 2.0])
    assert total(Pair(values, 1.0), 1.0) == 3.0
    values[0] = 5.0
    assert total(Pair(values, 1.0), 1.0) == 7.0
    assert len(calls) == 2


def test_only_the_newest_results_are_kept(monkeypatch) -> None:
    monkeypatch.setattr(module, "MOST_KEPT", 2)
    total, calls = counted()
    pair = Pair(np.array([1.0]), 1.0)
    for factor in (1.0, 2.0, 1.0, 3.0, 1.0, 2.0):
        total(pair, factor)
    assert calls == [1.0, 2.0, 3.0, 2.0]
