"""Weights on the simplex, against a general solver and conditions that only the minimum meets."""

import numpy as np
import pytest
from scipy.optimize import minimize

from contextcheck.impact.simplex import closest_weights, on_simplex


def problem(seed: int, donors: int, rows: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    table = rng.normal(1, 0.1, (rows, donors)).cumsum(axis=0)
    return table, table @ rng.dirichlet(np.ones(donors) / 2) + rng.normal(0, 0.05, rows), rng.uniform(0.02, 0.2, donors)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(("donors", "rows"), [(3, 12), (12, 8), (40, 8)])
def test_the_minimum_is_that_of_a_general_solver(seed: int, donors: int, rows: int) -> None:
    table, target, ridges = problem(seed, donors, rows)

    def loss(weights: np.ndarray) -> float:
        return float(np.mean((table @ weights - target) ** 2) + np.sum((ridges * weights) ** 2))

    found = closest_weights(table, target, ridges, level_out=False)
    assert found.sum() == pytest.approx(1)
    assert found.min() >= 0
    general = minimize(
        loss,
        np.full(donors, 1 / donors),
        bounds=[(0, 1)] * donors,
        constraints={"type": "eq", "fun": lambda weights: weights.sum() - 1},
        options={"ftol": 1e-12, "maxiter": 2000},
    )
    assert loss(found) <= general.fun + 1e-9
    slow = closest_weights(table, target, ridges, level_out=False, stop=1e-7)
    assert loss(found) <= loss(slow) + 1e-12
    assert np.abs(table @ (slow - found)).max() < 0.05, "Frank-Wolfe steps come close to it"


@pytest.mark.parametrize("seed", range(20))
def test_no_weight_could_be_moved_for_a_gain(seed: int) -> None:
    rng = np.random.default_rng(seed)
    half = rng.normal(size=(30, 25))
    square, linear = half.T @ half + 0.01 * np.eye(25), rng.normal(0, 30, 25)
    weights = on_simplex(square, linear)
    slope = square @ weights - linear
    used = weights > 0
    assert np.ptp(slope[used]) == pytest.approx(0, abs=1e-6 * np.abs(slope).max())
    assert slope[~used].min(initial=np.inf) >= slope[used].mean() - 1e-6 * np.abs(slope).max()


def test_alike_donors_share_evenly_and_a_perfect_one_takes_all() -> None:
    assert on_simplex(np.eye(4), np.zeros(4)) == pytest.approx([0.25] * 4)
    assert on_simplex(1e-6 * np.eye(3), np.array([0.0, 9.0, 0.0])) == pytest.approx([0, 1, 0])
    assert on_simplex(np.eye(1), np.array([5.0])) == pytest.approx([1.0])
