"""Ratio difference-in-differences against comparable regions; without any, against the own past."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from contextcheck.impact.comparison import cells
from contextcheck.impact.effects import Effect
from contextcheck.impact.noise import (
    BLOCK_DAYS,
    all_residuals,
    block_counts,
    long_run_ratio,
    movement_ratio,
    quiet_residuals,
    serial_dependence,
    serial_noise,
    weekday_weights,
)
from contextcheck.impact.spread import Drift, drift_of, interval_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from contextcheck.impact.comparison import Comparison

    Array = NDArray[np.float64]

MIN_DAYS_OF_HALF = 14
"""A past cut in two shows drift only when each half is at least two weeks long."""


@dataclass(frozen=True, slots=True)
class _Sides:
    """Days × lines × regions on both sides; region 0 is under study, the others are controls.

    `past` are the days before with the clean ones before them, and `past_weekdays` the weekdays of those.
    """

    before: Array
    after: Array
    weights: Array
    weekdays: NDArray[np.integer]
    inflation: float
    seed: int
    past: Array
    past_weekdays: NDArray[np.integer]

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

    def halves(self) -> _Sides | None:
        """The past cut in two at whole weeks, as if the launch had been then; None when it is too short."""
        later = len(self.past) // 2 // BLOCK_DAYS * BLOCK_DAYS
        if later < MIN_DAYS_OF_HALF:
            return None
        first = len(self.past) - later
        weekdays = self.past_weekdays[:first]
        shares = np.bincount(self.past_weekdays[first:], minlength=7) / later
        weights = (shares / np.maximum(np.bincount(weekdays, minlength=7), 1))[weekdays]
        weights = weights / weights.sum() if weights.sum() > 0 else np.full(first, 1 / first)
        before, after = self.past[:first], self.past[first:]
        return _Sides(before, after, weights, weekdays, self.inflation, self.seed, before, weekdays)


class RatioDid:
    """Comparable regions, each day together, as one control that is scaled to the region's own level."""

    def refuses(self, comparison: Comparison) -> str:
        return "" if comparison.controls else "no comparable region was untouched"

    def effects(
        self, lines: Sequence[pd.DataFrame], comparison: Comparison, *, seed: int
    ) -> tuple[Effect, tuple[Effect, ...]]:
        return ratio_did(lines, comparison, seed=seed)

    def by_day(self, series: pd.DataFrame, comparison: Comparison) -> tuple[Array, float, float]:
        """Effect_d = after_d - same weekday before x (controls on d / controls' same weekday before)."""
        names = [comparison.region, *comparison.controls]
        before, after = series.loc[comparison.before, names], series.loc[comparison.after, names]
        level = usual_level(before, comparison.after)
        moved = after.to_numpy(dtype=float)
        movement = np.ones(len(after))
        if comparison.controls:
            movement = movement_ratio(level[:, 1:].sum(axis=1), moved[:, 1:].sum(axis=1))
        expected = level[:, 0] * movement
        return moved[:, 0] - expected, float(expected.mean()), noise_of_a_day(before)


def usual_level(before: pd.DataFrame, days: pd.DatetimeIndex) -> Array:
    """The mean of each day's weekday before, days × regions."""
    usual = before.groupby(pd.DatetimeIndex(before.index).day_of_week).mean().reindex(range(7)).fillna(before.mean())
    return usual.loc[days.day_of_week].to_numpy(dtype=float)


def noise_of_a_day(before: pd.DataFrame) -> float:
    """Standard deviation of the first column's quiet days against the others, enlarged for serial dependence."""
    weekdays = pd.DatetimeIndex(before.index).day_of_week.to_numpy()
    residuals = all_residuals(before.to_numpy(dtype=float), weekdays)
    return serial_noise(residuals[0], serial_dependence(residuals))


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
        before and after apart, and not less than what the scatter of the quiet days gives. Drift: the same delta for
        every control against the other controls, and for every region between the two halves of its clean past; what
        these placebo effects exceed days alone is the drift (see `drift_of` and `interval_of`).
    Source: MacKinnon and Webb (2020), QED 1355, on one treated region; Abadie, Diamond and Hainmueller (2010), on
        placebos in space and in time.
    Blind spots: a shock of the region's own that begins on the same day looks like an effect.
    """
    sides = _sides(lines, comparison, seed)
    pre, post = sides.levels()
    change, of_days, drifts = _deltas(pre, post, 0), _errors_of_days(sides, 0), _drifts(sides)
    total, *parts = (
        _effect(pre[own, 0], post[own, 0], change[own], float(of_days[number]), drifts[number], len(sides.before))
        for number, own in enumerate(_sums_and_lines(len(lines)))
    )
    return total, tuple(parts)


def _sides(lines: Sequence[pd.DataFrame], comparison: Comparison, seed: int) -> _Sides:
    names = [comparison.region, *comparison.controls]

    def on(days: pd.DatetimeIndex) -> Array:
        return np.stack([cells(line, days, names) for line in lines], axis=1)

    before, past = on(comparison.before), pd.DatetimeIndex([*comparison.history, *comparison.before])
    weekdays = comparison.before.day_of_week.to_numpy()
    return _Sides(
        before=before,
        after=on(comparison.after),
        weights=weekday_weights(comparison.before, comparison.after),
        weekdays=weekdays,
        inflation=long_run_ratio(all_residuals(before.sum(axis=1), weekdays), weekdays),
        seed=seed,
        past=on(past),
        past_weekdays=past.day_of_week.to_numpy(),
    )


def _sums_and_lines(lines: int) -> tuple[slice, ...]:
    """The sum of all lines first, then each line."""
    return (slice(None), *(slice(line, line + 1) for line in range(lines)))


def _effect(pre: Array, post: Array, change: Array, of_days: float, drift: Drift, days_before: int) -> Effect:
    before = float(pre.sum())
    error, degrees = interval_of(of_days, free_days(days_before), abs(before), drift)
    return Effect(
        value=float(change.sum()),
        expected=float((post - change).sum()),
        before=before,
        error=error,
        error_of_days=of_days,
        error_between=float(np.sqrt(drift.mean_square)) * abs(before),
        degrees=degrees,
    )


def free_days(days_before: int) -> int:
    """Degrees of freedom of the noise of days: seven less than the quiet days, one per weekday; at least seven."""
    return max(days_before - BLOCK_DAYS, BLOCK_DAYS)


def _deltas(pre: Array, post: Array, column: int) -> Array:
    """The effect on one region against the controls other than itself; shape without the regions' axis."""
    others = [each for each in range(1, pre.shape[-1]) if each != column]
    if not others:
        return np.asarray(post[..., column] - pre[..., column])
    movement = movement_ratio(pre[..., others].sum(axis=-1), post[..., others].sum(axis=-1))
    change: Array = post[..., column] - pre[..., column] * movement
    return change


def _errors_of_days(sides: _Sides, column: int, draws: tuple[Array, Array] | None = None) -> Array:
    """Standard errors that come from days, sum first then lines: the mean of scatter and of resampled blocks."""
    scatter = _errors_by_scatter(sides, column)
    if len(sides.after) < 2 * BLOCK_DAYS:
        return scatter
    deltas = _deltas(*(draws or sides.draws()), column)
    by_blocks = np.array([deltas[:, own].sum(axis=1).std(ddof=1) for own in _sums_and_lines(deltas.shape[1])])
    together: Array = np.sqrt((np.square(scatter) + np.square(by_blocks)) / 2)
    return together


def _errors_by_scatter(sides: _Sides, column: int) -> Array:
    reach = float(np.sqrt(1 / len(sides.after) + np.square(sides.weights).sum()))
    residuals = [
        quiet_residuals(sides.before[:, line, :], sides.weekdays, column) for line in range(sides.before.shape[1])
    ]
    noises = [float(np.sqrt(np.mean(np.square(each)))) for each in (np.sum(residuals, axis=0), *residuals)]
    return np.array(noises) * float(np.sqrt(sides.inflation)) * reach


def _drifts(sides: _Sides) -> list[Drift]:
    """What the placebo effects say about drift, sum first then lines."""
    controls = sides.regions - 1
    found = [_placebos(sides, column, 1.0) for column in range(1, sides.regions)] if controls > 1 else []
    halves = sides.halves()
    if halves is not None:
        # a random walk's means differ by a variance that grows with the days compared
        reach = np.sqrt((len(halves.before) + len(halves.after)) / (len(sides.before) + len(sides.after)))
        found += [_placebos(halves, column, float(reach)) for column in range(sides.regions)]
    count = sides.before.shape[1] + 1
    if not found:
        nothing = np.zeros(0)
        return [drift_of(nothing, nothing, nothing)] * count
    shares, errors, reaches = (np.array(each) for each in zip(*found, strict=True))
    days = len(sides.before) + len(sides.after)
    return [drift_of(shares[:, number], errors[:, number], reaches, days=days) for number in range(count)]


def _placebos(sides: _Sides, column: int, reach: float) -> tuple[Array, Array, float]:
    """One region's effect as if it had the launch and its error from days, both as shares of its level."""
    pre, post = sides.levels()
    change, noise = _deltas(pre, post, column), _errors_by_scatter(sides, column)
    slices = _sums_and_lines(sides.before.shape[1])
    level = np.array([abs(pre[own, column].sum()) for own in slices])
    changes = np.array([change[own].sum() for own in slices])
    safe = np.where(level > 0, level, np.inf)
    return changes / safe, noise / safe, reach
