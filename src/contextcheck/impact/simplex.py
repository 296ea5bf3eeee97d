"""Weights that add up to 1 and are not negative."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Mask = NDArray[np.bool_]

FIRST_ROUNDS, ALL_ROUNDS = 100, 10_000
MOST_ROUNDS = 20
"""Rounds per weight after which a search for the minimum stops; it takes one or two."""


def closest_weights(donors: Array, target: Array, ridges: Array, *, level_out: bool, stop: float = 0.0) -> Array:
    """Give the weights of the donors, none below 0 and adding up to 1, that come closest to the target.

    Args:
        donors: Shape (rows, donors).
        target: Shape (rows,).
        ridges: What a donor's weight costs: |donors w - target|^2 / rows + |ridges w|^2 is minimised.
        level_out: Whether every column's mean is taken out first.
        stop: Where it is given, Frank-Wolfe steps with exact line search, which end where a round gains less than its
            square: published figures were worked out in this way. Else the minimum itself.

    Returns:
        The weights, shape (donors,).

    Method: see `on_simplex` for the minimum.
    Source: Frank and Wolfe (1956), Naval Research Logistics 3, for the steps.
    Blind spots: without a ridge and with more donors than rows there are many minima, and the steps find one of them.
    """
    inner = donors - donors.mean(axis=0) if level_out else donors
    aim = target - target.mean() if level_out else target
    if stop:
        even = 1 / np.square(ridges)
        first = _frank_wolfe(inner, aim, ridges, stop, even / even.sum(), FIRST_ROUNDS)
        kept = np.where(first > first.max() / 4, first, 0.0)
        return _frank_wolfe(inner, aim, ridges, stop, kept / kept.sum(), ALL_ROUNDS)
    return on_simplex(inner.T @ inner + np.diag(len(donors) * np.square(ridges)), inner.T @ aim)


def _frank_wolfe(donors: Array, target: Array, ridges: Array, stop: float, weights: Array, rounds: int) -> Array:
    """Minimise |donors w - target|^2 / rows + |ridges w|^2 by moving towards the best corner, as far as it pays."""
    penalty = len(target) * np.square(ridges)
    gap, last = donors @ weights - target, np.inf
    for _ in range(rounds):
        slope = gap @ donors + penalty * weights
        corner = int(slope.argmin())
        way = -weights
        way[corner] += 1
        moved = donors[:, corner] - gap - target
        curve = float(moved @ moved + (penalty * way) @ way)
        length = float(np.clip(-(slope @ way) / curve, 0.0, 1.0)) if curve > 0 else 0.0
        weights, gap = weights + length * way, gap + length * moved
        now = float(gap @ gap + (penalty * weights) @ weights) / len(target)
        if last - now <= stop**2:
            break
        last = now
    return weights


def on_simplex(square: Array, linear: Array) -> Array:
    """Minimise w'Qw / 2 - b'w over weights that are not negative and add up to 1.

    Args:
        square: Q, positive definite, shape (n, n).
        linear: b, shape (n,).

    Returns:
        The weights, shape (n,).

    Method: primal active set: the minimum on the free weights with their sum held; on the way to it the first weight
        that would turn negative is set to 0; at it, the bound weight whose slope lies lowest under the free ones' is
        freed; until none does.
    Source: Lawson and Hanson (1974), Solving Least Squares Problems, chapter 23, with one equality added; Nocedal and
        Wright (2006), Numerical Optimization, algorithm 16.3.
    Blind spots: a matrix that is singular among the free weights has no single minimum and raises LinAlgError.
    """
    count = len(linear)
    first = int(np.argmin(np.diag(square) / 2 - linear))
    weights = np.zeros(count)
    weights[first] = 1.0
    free = weights > 0
    slack = 1e-9 * max(float(np.abs(square).max()), float(np.abs(linear).max()))
    for _ in range(MOST_ROUNDS * count):
        aim, slope = _held_to_one(square, linear, free)
        if (aim[free] < 0).any():
            falling = free & (aim < 0)
            reach = np.where(falling, weights / np.where(falling, weights - aim, 1.0), np.inf)
            weights = weights + float(reach.min()) * (aim - weights)
            free &= weights > 0
            free[int(reach.argmin())] = False
            weights[~free] = 0.0
            continue
        weights = aim
        below = np.where(free, np.inf, square @ weights - linear - slope)
        if free.all() or below.min() >= -slack:
            break
        free[int(below.argmin())] = True
    return weights


def _held_to_one(square: Array, linear: Array, free: Mask) -> tuple[Array, float]:
    """The minimum over the free weights that add up to 1, whatever their signs; and their common slope there."""
    chosen = np.flatnonzero(free)
    answers = np.linalg.solve(square[np.ix_(chosen, chosen)], np.stack([linear[chosen], np.ones(len(chosen))], axis=1))
    slope = float((1 - answers[:, 0].sum()) / answers[:, 1].sum())
    found = np.zeros(len(linear))
    found[chosen] = answers[:, 0] + slope * answers[:, 1]
    return found, slope
