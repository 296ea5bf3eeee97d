"""Least squares with classical standard errors: differences of groups, and differences of differences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtr

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One coefficient of a fit, with its standard error and the fit's degrees of freedom."""

    value: float
    error: float
    degrees: int

    @property
    def chance(self) -> float:
        """Two-sided chance of a coefficient as far from 0."""
        if not self.error > 0:
            return 1.0 if self.value == 0 else 0.0
        return float(2 * stdtr(self.degrees, -abs(self.value / self.error)))


def least_squares(outcome: Array, columns: Mapping[str, Array]) -> dict[str, Coefficient]:
    """Give the coefficients of an outcome on some columns and a constant.

    Args:
        outcome: Shape (rows,).
        columns: Name to values, shape (rows,) each; a constant is added.

    Returns:
        Coefficient by name, "constant" included.

    Method: (X'X)^-1 X'y, standard errors from the residual variance with rows - columns degrees of freedom.
    Source: Wooldridge, Introductory Econometrics, chapters 3 and 13.
    Blind spots: takes rows as independent and of equal variance.
    """
    names = ["constant", *columns]
    design = np.column_stack([np.ones(len(outcome)), *(np.asarray(each, dtype=float) for each in columns.values())])
    solved, _, _, _ = np.linalg.lstsq(design, outcome, rcond=None)
    degrees = len(outcome) - design.shape[1]
    rest = outcome - design @ solved
    # the columns are scaled first, since ages squared beside dummies lose digits
    scale = np.sqrt(np.square(design).sum(axis=0))
    inverse = np.linalg.inv((design / scale).T @ (design / scale))
    errors = np.sqrt(np.diag(inverse) * float(rest @ rest) / degrees) / scale
    return {
        name: Coefficient(float(value), float(error), degrees)
        for name, value, error in zip(names, solved, errors, strict=True)
    }
