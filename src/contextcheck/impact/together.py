"""How far the errors of several regions go together: what a feature is worth over all its regions, and how sure."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, sqrt
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.impact.noise import quiet_residuals

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    import pandas as pd
    from numpy.typing import NDArray

    from contextcheck.impact.comparison import Comparison
    from contextcheck.records import CounterfactualMethod, Ledger

    Array = NDArray[np.float64]

MIN_COMMON_DAYS = 14
"""With fewer quiet days in common nothing is known, and errors are taken to go together in full."""


@dataclass(frozen=True, slots=True)
class ErrorParts:
    """What makes one region's estimate uncertain.

    Attributes:
        method: How its counterfactual was made.
        controls: The regions that it was compared with, with their share in what they add up to.
        gaps: Per quiet day, how far the region lay from its controls.
        of_days: Standard error that comes from days or customers.
        between: Standard error that comes from regions going their own way.
    """

    method: CounterfactualMethod
    controls: Mapping[str, float]
    gaps: Mapping[date, float]
    of_days: float
    between: float


def quiet_gaps(series: pd.DataFrame, comparison: Comparison) -> dict[date, float]:
    """How far the region's quiet days lay from their weekday's level, moved as the controls moved; none for a split."""
    if comparison.method == "exposed-split":
        return {}
    quiet = series.loc[comparison.before, [comparison.region, *comparison.all_controls]]
    gaps = quiet_residuals(quiet.to_numpy(dtype=float), comparison.before.day_of_week.to_numpy())
    return {day.date(): float(gap) for day, gap in zip(comparison.before, gaps, strict=True)}


def control_shares(series: pd.DataFrame, comparison: Comparison) -> dict[str, float]:
    """Each control's share in what all of them are on a quiet day; none for a split."""
    if comparison.method == "exposed-split":
        return {}
    levels = series.loc[comparison.before, list(comparison.all_controls)].mean().clip(lower=0.0)
    if levels.sum() <= 0:
        return dict.fromkeys(levels.index, 1 / len(levels)) if len(levels) else {}
    return {str(name): float(share) for name, share in (levels / levels.sum()).items()}


def error_parts_of(ledger: Ledger) -> ErrorParts | None:
    """The error's parts of a region's ledger; None where they are not known, as in a findings file."""
    if ledger.precision is None or ledger.counterfactual is None:
        return None
    compared, known = ledger.counterfactual, ledger.precision
    if not ledger.quiet_gaps and compared.method != "exposed-split":
        return None
    return ErrorParts(
        compared.method, ledger.control_shares, ledger.quiet_gaps, known.error_of_days, known.error_between
    )


def correlations(parts: Sequence[ErrorParts | None]) -> Array:
    """Give how far the errors of regions go together.

    Args:
        parts: One per region; None where nothing is known.

    Returns:
        Correlations between 0 and 1, regions × regions.

    Method: errors have two parts, and each part its own correlation. Days: that of the regions' quiet days, as far as
        they lay from their controls, never below 0. Drift: every region drifts alike by itself, the controls' mean by
        their shares w and v in it, so sum of w v / sqrt((1 + sum of w^2) (1 + sum of v^2)). Customers of different
        regions have nothing in common; a past without controls, and what is not known, counts as 1.
    Source: Moulton (1990), Review of Economics and Statistics 72(2), on errors that share what they are compared with.
    Blind spots: weights of a synthetic control are told by size as well.
    """
    found = np.eye(len(parts))
    for row, one in enumerate(parts):
        for column in range(row):
            found[row, column] = found[column, row] = _correlation(one, parts[column])
    return found


def _correlation(one: ErrorParts | None, other: ErrorParts | None) -> float:
    if one is None or other is None:
        return 1.0
    if "exposed-split" in (one.method, other.method):
        return 0.0
    if not one.controls or not other.controls:
        return 1.0
    shared = sum(share * other.controls.get(name, 0.0) for name, share in one.controls.items())
    of_drift = shared / sqrt((1 + _concentration(one)) * (1 + _concentration(other)))
    of_days = _of_days(one.gaps, other.gaps)
    whole = hypot(one.of_days, one.between) * hypot(other.of_days, other.between)
    if whole <= 0:
        return 1.0
    return (of_days * one.of_days * other.of_days + of_drift * one.between * other.between) / whole


def _concentration(parts: ErrorParts) -> float:
    """1 / k for k controls of like size, more when a few are large."""
    return sum(share**2 for share in parts.controls.values())


def _of_days(one: Mapping[date, float], other: Mapping[date, float]) -> float:
    common = sorted(set(one) & set(other))
    if len(common) < MIN_COMMON_DAYS:
        return 1.0
    pairs = np.array([[one[day], other[day]] for day in common])
    if (pairs.std(axis=0) <= 0).any():
        return 1.0
    return max(float(np.corrcoef(pairs.T)[0, 1]), 0.0)


def joint_reach(reaches: Sequence[float], together: Array) -> float:
    """Give how far a sum may lie from its estimate, when each part may lie so far.

    Example:
        >>> joint_reach([3.0, 4.0], np.eye(2)), joint_reach([3.0, 4.0], np.ones((2, 2)))
        (5.0, 7.0)
    """
    each = np.asarray(reaches, dtype=float)
    return float(np.sqrt(max(each @ together @ each, 0.0)))
