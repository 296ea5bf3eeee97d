"""How many orders stand in a heap beyond a smooth density: the counterfactual of the bunching literature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Layout:
    """The bins of a histogram and what each is for.

    Attributes:
        position: Middle of each bin, any unit.
        fitted: Bins that the curve is fitted to; the others are near the heap or in it.
        heap: Bins whose mass is asked for.
        source: Bins that the heap's mass was taken from, when orders moved within what is counted; all False when they
            came from elsewhere.
        rounds: Per kind of round number, the bins that hold one.
        degree: Of the polynomial.
    """

    position: Floats
    fitted: Mask
    heap: Mask
    source: Mask
    rounds: tuple[Mask, ...] = ()
    degree: int = 5

    def design(self) -> Floats:
        """Polynomial terms and round-number indicators, one row per bin."""
        low, high = float(self.position.min()), float(self.position.max())
        scaled = (2 * self.position - low - high) / (high - low)
        terms = np.polynomial.chebyshev.chebvander(scaled, self.degree)
        return np.column_stack([terms, *(each.astype(np.float64) for each in self.rounds)])


def heap_weights(layout: Layout) -> Floats:
    """Give the weights w so that w @ counts is the mass in the heap above the curve fitted to the other bins.

    Method: least squares of the counts of `fitted` bins on a polynomial and round-number indicators; 1 inside the heap,
        minus the influence of each fitted bin on the curve in the heap.
    Source: Chetty, Friedman, Olsen and Pistaferri (2011), QJE 126; round numbers as in Kleven and Waseem (2013), QJE
        128.
    Blind spots: a density with a kink of its own at the heap.
    """
    design = layout.design()
    weights = layout.heap.astype(np.float64)
    weights[layout.fitted] -= design[layout.heap].sum(axis=0) @ np.linalg.pinv(design[layout.fitted])
    return weights


def excess_mass(counts: Floats, layout: Layout, weights: Floats | None = None) -> Floats:
    """Give the excess mass of one histogram or of many.

    Args:
        counts: Shape (..., bins).
        layout: What each bin is for.
        weights: From `heap_weights`, when already known.

    Returns:
        Shape (...): orders in the heap beyond the curve.

    Method: with displaced mass the curve must hold as many orders as there are (integration constraint): the counts of
        the source bins are raised in proportion by the excess B itself, B = w_heap c + w_rest (c + B c_source / sum
        c_source), solved for B.
    Source: Chetty et al. (2011), section II and online appendix; as `correct = TRUE` in R's package `bunching`
        (Mavrokonstantis 2019), which iterates to the same point.
    Blind spots: the raise is spread over all source bins alike.

    Example:
        >>> import numpy as np
        >>> middle = np.arange(0.5, 20.0)
        >>> heap = (middle > 10) & (middle < 12)
        >>> layout = Layout(middle, ~heap, heap, np.zeros(20, dtype=bool), degree=1)
        >>> round(float(excess_mass(100.0 + middle + 30.0 * heap, layout)), 6)
        60.0
    """
    weights = heap_weights(layout) if weights is None else weights
    excess = counts @ weights
    if not layout.source.any():
        return np.asarray(excess)
    rest = np.where(layout.heap, 0.0, weights) * layout.source
    total = counts @ layout.source.astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        raised = np.where(total > 0, (counts @ rest) / total, 0.0)
    return np.asarray(excess / (1.0 - raised))


def bins_with_multiples(low: Floats, high: Floats, units: Sequence[float]) -> list[Mask]:
    """Bins [low, high) that hold a multiple of each unit, up to rounding."""
    slack = 1e-9 * np.abs(high).max()
    return [np.floor((high - slack) / unit) > np.floor((low - slack) / unit) for unit in units]
