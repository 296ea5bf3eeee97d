"""What would have happened without the change: ratio difference-in-differences against comparable regions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtrit

from contextcheck.impact.noise import (
    BLOCK_DAYS,
    all_residuals,
    block_counts,
    movement_ratio,
    quiet_residuals,
    serial_dependence,
    serial_noise,
    weekday_weights,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from contextcheck.impact.comparison import Comparison

    Array = NDArray[np.float64]

MIN_CONTROLS_FOR_SPREAD = 3


@dataclass(frozen=True, slots=True)
class Effect:
    """A change per day against the counterfactual.

    Attributes:
        value: after - expected, per day, in the unit of the series.
        expected: What the counterfactual says per day.
        before: The region's level before, per day, weighted to the weekdays of after.
        error: Standard error: days and the spread between regions together.
        error_of_days: The part that comes from days alone.
        error_between: The part that comes from regions going their own way.
        degrees: Degrees of freedom of the interval's t value.
    """

    value: float
    expected: float
    before: float
    error: float
    error_of_days: float
    error_between: float
    degrees: int

    @property
    def movement(self) -> float:
        """What the controls say the level would have been multiplied with; 1 without controls."""
        return self.expected / self.before if self.before else 1.0

    def interval(self, level: float) -> tuple[float, float]:
        """Low and high end of the interval at a level such as 0.95."""
        reach = float(stdtrit(self.degrees, 0.5 + level / 2)) * self.error
        return self.value - reach, self.value + reach


@dataclass(frozen=True, slots=True)
class _Sides:
    """Days × lines × regions on both sides; region 0 is under study, the others are controls."""

    before: Array
    after: Array
    weights: Array
    weekdays: NDArray[np.integer]
    dependence: float
    seed: int

    @property
    def regions(self) -> int:
        return int(self.before.shape[2])

    def levels(self) -> tuple[Array, Array]:
        """Mean per day before (weekdays as after) and after, lines × regions."""
        return np.tensordot(self.weights, self.before, axes=1), self.after.mean(axis=0)

    def draws(self) -> tuple[Array, Array]:
        """The same for resampled blocks of days, resamples × lines × regions; the same days for all regions."""
        rng = np.random.default_rng(self.seed)
        weighted = self.before * self.weights[:, None, None]
        pre = np.tensordot(block_counts(len(self.before), rng), weighted, axes=1)
        post = np.tensordot(block_counts(len(self.after), rng), self.after, axes=1) / len(self.after)
        return pre, post


def ratio_did(
    lines: Sequence[pd.DataFrame], comparison: Comparison, *, seed: int = 0
) -> tuple[Effect, tuple[Effect, ...]]:
    """Give how far a region's daily level moved beyond what the controls did, in total and line by line.

    Args:
        lines: Day × region tables of daily amounts that add up to what is judged (one table is fine).
        comparison: Which days and regions.
        seed: Seed of the resampling of days.

    Returns:
        The effect of the sum and of each line, per day, with standard errors. The lines' values add up to the sum's.

    Method: per line delta = post - pre x (sum of controls' post / sum of controls' pre), per day, pre weighted to the
        weekdays of post. The error adds two parts. Days: blocks of 7 days resampled, the same days for all regions,
        before and after apart, and not less than what the scatter of the quiet days gives. Regions: the same
        delta for every control against the other controls (a placebo), less what days alone explain (DerSimonian-Laird
        with the mean known to be 0). Degrees of freedom of both parts by Satterthwaite.
    Source: MacKinnon and Webb (2020), QED 1355, on one treated region; DerSimonian and Laird (1986).
    Blind spots: a shock of the region's own that begins on the same day looks like an effect.
    """
    names = [comparison.region, *comparison.controls]
    before = np.stack([line.loc[comparison.before, names].to_numpy(dtype=float) for line in lines], axis=1)
    weekdays = comparison.before.day_of_week.to_numpy()
    sides = _Sides(
        before=before,
        after=np.stack([line.loc[comparison.after, names].to_numpy(dtype=float) for line in lines], axis=1),
        weights=weekday_weights(comparison.before, comparison.after),
        weekdays=weekdays,
        dependence=serial_dependence(all_residuals(before.sum(axis=1), weekdays)),
        seed=seed,
    )
    pre, post = sides.levels()
    change, of_days, apart = _deltas(pre, post, 0), _errors_of_days(sides, 0), _spread_between(sides)
    total, *parts = (
        _effect(pre[own, 0], post[own, 0], change[own], float(of_days[number]), float(apart[number]), comparison)
        for number, own in enumerate(_sums_and_lines(len(lines)))
    )
    return total, tuple(parts)


def _sums_and_lines(lines: int) -> tuple[slice, ...]:
    """The sum of all lines first, then each line."""
    return (slice(None), *(slice(line, line + 1) for line in range(lines)))


def _effect(pre: Array, post: Array, change: Array, of_days: float, apart: float, comparison: Comparison) -> Effect:
    before = float(pre.sum())
    between = apart * abs(before)
    return Effect(
        value=float(change.sum()),
        expected=float((post - change).sum()),
        before=before,
        error=float(np.hypot(of_days, between)),
        error_of_days=of_days,
        error_between=between,
        degrees=degrees_of_freedom(of_days, between, len(comparison.controls), len(comparison.before)),
    )


def degrees_of_freedom(of_days: float, between: float, controls: int, days_before: int) -> int:
    """Give the degrees of freedom of the interval: those of the days and of the regions, weighted by their variances.

    Args:
        of_days: Standard error that comes from days.
        between: Standard error that comes from regions going their own way.
        controls: Control regions; their spread has one degree of freedom less.
        days_before: Quiet days; the noise of days has seven less, one per weekday.

    Method: (d^2 + b^2)^2 / (d^4 / (days - 7) + b^4 / (controls - 1)).
    Source: Satterthwaite (1946), Biometrics Bulletin 2(6).
    Blind spots: the split into the two parts is itself estimated.
    """
    free_days = max(days_before - BLOCK_DAYS, BLOCK_DAYS)
    if between <= 0 or controls < MIN_CONTROLS_FOR_SPREAD:
        return free_days
    parts = of_days**4 / free_days + between**4 / (controls - 1)
    return max(int((of_days**2 + between**2) ** 2 / parts), 1)


def _deltas(pre: Array, post: Array, column: int) -> Array:
    """The effect on one region against the controls other than itself; shape without the regions' axis."""
    others = [each for each in range(1, pre.shape[-1]) if each != column]
    if not others:
        return np.asarray(post[..., column] - pre[..., column])
    movement = movement_ratio(pre[..., others].sum(axis=-1), post[..., others].sum(axis=-1))
    change: Array = post[..., column] - pre[..., column] * movement
    return change


def _errors_of_days(sides: _Sides, column: int, draws: tuple[Array, Array] | None = None) -> Array:
    """Standard errors that come from days, sum first then lines: the larger of scatter and of resampled blocks."""
    scatter = _errors_by_scatter(sides, column)
    if len(sides.after) < 2 * BLOCK_DAYS:
        return scatter
    deltas = _deltas(*(draws or sides.draws()), column)
    by_blocks = np.array([deltas[:, own].sum(axis=1).std(ddof=1) for own in _sums_and_lines(deltas.shape[1])])
    larger: Array = np.maximum(scatter, by_blocks)
    return larger


def _errors_by_scatter(sides: _Sides, column: int) -> Array:
    reach = float(np.sqrt(1 / len(sides.after) + np.square(sides.weights).sum()))
    residuals = [
        quiet_residuals(sides.before[:, line, :], sides.weekdays, column) for line in range(sides.before.shape[1])
    ]
    noises = [serial_noise(each, sides.dependence) for each in (np.sum(residuals, axis=0), *residuals)]
    return np.array(noises) * reach


def _spread_between(sides: _Sides) -> Array:
    """How far regions drift apart by themselves, as a share of their level, sum first then lines (placebo effects)."""
    count = sides.before.shape[1] + 1
    if sides.regions - 1 < MIN_CONTROLS_FOR_SPREAD:
        return np.zeros(count)
    pre, post = sides.levels()
    draws = sides.draws() if len(sides.after) >= 2 * BLOCK_DAYS else None
    shares, errors = [], []
    for column in range(1, sides.regions):
        change, noise = _deltas(pre, post, column), _errors_of_days(sides, column, draws)
        level = np.array([abs(pre[own, column].sum()) for own in _sums_and_lines(count - 1)])
        changes = np.array([change[own].sum() for own in _sums_and_lines(count - 1)])
        safe = np.where(level > 0, level, np.inf)
        shares.append(changes / safe)
        errors.append(np.maximum(noise / safe, 1e-6))
    weight = np.square(1 / np.array(errors))
    surplus = (weight * np.square(shares)).sum(axis=0) - len(shares)
    spread: Array = np.sqrt(np.maximum(surplus, 0.0) / weight.sum(axis=0))
    return spread


def placebo_rank(series: pd.DataFrame, comparison: Comparison) -> tuple[int, int]:
    """Give how many controls moved at least as far (relative to their level) as the region, and how many there are.

    Args:
        series: Day × region, a daily amount.
        comparison: Which days and regions.

    Returns:
        Controls that moved as far or further, and controls compared. The placebo p value is (first + 1) / (second + 1).

    Method: the effect of each control against the other controls and the region's against all; ranked by size / level.
    Source: Abadie, Diamond and Hainmueller (2010), section 2.4; Kessler and Roth (2014) read in The Effect, chapter 18.
    Blind spots: with few controls even the largest effect has a large placebo p value.
    """
    names = [comparison.region, *comparison.controls]
    weights = weekday_weights(comparison.before, comparison.after)
    pre = weights @ series.loc[comparison.before, names].to_numpy(dtype=float)
    post = series.loc[comparison.after, names].to_numpy(dtype=float).mean(axis=0)
    sizes = [abs(float(_deltas(pre, post, column))) / abs(pre[column]) for column in range(len(names)) if pre[column]]
    return sum(size >= sizes[0] for size in sizes[1:]), len(sizes) - 1
