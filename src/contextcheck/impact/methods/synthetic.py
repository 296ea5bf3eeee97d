"""Synthetic difference-in-differences: control regions weighted so that they ran alongside the region before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from contextcheck.impact.comparison import cells
from contextcheck.impact.effects import Effect
from contextcheck.impact.methods.ratio_did import RatioDid, free_days
from contextcheck.impact.noise import BLOCK_DAYS, block_counts, long_run_ratio, weekday_weights
from contextcheck.impact.simplex import closest_weights
from contextcheck.impact.spread import Drift, drift_of, interval_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from contextcheck.impact.comparison import Comparison

    Array = NDArray[np.float64]

MIN_CONTROLS = 10
MIN_DAYS_BEFORE = 28
MIN_WEEKS_BEFORE = 4
MIN_DAYS_OF_WEEK = 4
ALMOST_NOTHING = 1e-6
Kind = Literal["synthetic-did", "synthetic-control", "did"]


@dataclass(frozen=True, slots=True)
class Synthetic:
    """A weighted average of control units and of periods before.

    Attributes:
        units: Weight of every control unit; they add up to 1.
        times: Weight of every period before; they add up to 1 (0 each for synthetic control).
        effect: What the treated unit gained against it, mean over the periods after.
        fitted_times: How many controls' worth of it the period weights took up.
    """

    units: Array
    times: Array
    effect: float
    fitted_times: float = 0.0


def synthetic(
    treated: Array,
    controls: Array,
    periods_before: int,
    kind: Kind = "synthetic-did",
    *,
    noise_of_units: Array | None = None,
) -> Synthetic:
    """Give the effect on one treated unit against weighted controls.

    Args:
        treated: Outcome of the treated unit per period, shape (periods,).
        controls: Outcomes of the control units, shape (units, periods).
        periods_before: How many periods come before the treatment.
        kind: Synthetic difference-in-differences, synthetic control, or plain difference-in-differences.
        noise_of_units: How much each control varies by itself; where it is given, the ridge of a unit's weight follows
            the square of it, and the period weights get a ridge as well. As published when it is not given.

    Returns:
        The weights and the effect.

    Method: unit weights on the simplex minimise the squared gap to the treated unit over the periods before, after
        taking each one's level out, plus a ridge (T_after^(1/4) x sd of the controls' first differences)^2 per period;
        period weights likewise foretell the controls' mean after from their periods before, with hardly any ridge.
        effect = (after - weighted before) of the treated less the weighted same of the controls. As published:
        Frank-Wolfe steps with exact line search, 100 rounds, weights under a quarter of the largest dropped, then until
        a round gains less than (1e-5 x sd)^2; with the noise of units, the minimum itself. Synthetic
        control: no level taken out, hardly any ridge, no period weights.
    Source: Arkhangelsky, Athey, Hirshberg, Imbens and Wager (2021), American Economic Review 111(12), algorithm 1.
    Blind spots: with few or noisy periods before the weights follow the noise.
    """
    past, after = controls[:, :periods_before], controls[:, periods_before:].mean(axis=1)
    noise = _noise(past)
    count = len(controls)
    units, fitted_times = np.full(count, 1 / count), 0.0
    times = np.full(periods_before, 1 / periods_before)
    if kind != "did":
        strength = ALMOST_NOTHING if kind == "synthetic-control" else _strength(controls.shape[1] - periods_before)
        level_out = kind == "synthetic-did"
        ridges = strength * noise * _relative(noise_of_units, count)
        stop = 1e-5 * noise if noise_of_units is None else 0.0
        units = closest_weights(past.T, treated[:periods_before], ridges, level_out=level_out, stop=stop)
        times = np.zeros(periods_before)
        if level_out:
            steady = ALMOST_NOTHING if noise_of_units is None else strength
            even = np.full(periods_before, steady * noise)
            times = closest_weights(past, after, even, level_out=True, stop=stop)
            fitted_times = _fitted(past, even)
    gains = np.append(treated[periods_before:].mean() - times @ treated[:periods_before], after - past @ times)
    return Synthetic(units, times, float(gains[0] - units @ gains[1:]), fitted_times)


def _fitted(donors: Array, ridges: Array) -> float:
    """Effective degrees of freedom of a ridge regression on the donors, trace of its hat matrix."""
    inner = donors - donors.mean(axis=0)
    penalty = np.diag(len(donors) * np.square(np.maximum(ridges, ALMOST_NOTHING)))
    cross = inner.T @ inner
    return float(np.trace(np.linalg.solve(cross + penalty, cross)))


def _noise(past: Array) -> float:
    """Standard deviation of the controls' first differences before."""
    return float(np.diff(past, axis=1).std(ddof=1)) if past.shape[1] > 1 else 0.0


def _strength(periods_after: int) -> float:
    return float(periods_after**0.25)


def _relative(noise_of_units: Array | None, count: int) -> Array:
    """Each unit's noise beside the typical one, 1 for all where it is not known."""
    if noise_of_units is None:
        return np.ones(count)
    typical = float(np.sqrt(np.mean(np.square(noise_of_units))))
    return noise_of_units / typical if typical > 0 else np.ones(count)


def placebo_weights(controls: Array, periods_before: int, noise_of_units: Array) -> Array:
    """Give for every control the unit weights of the other controls, as `synthetic` would; shape (units, units)."""
    past = controls[:, :periods_before]
    noise = _noise(past)
    strength = _strength(controls.shape[1] - periods_before)
    ridges = strength * noise * _relative(noise_of_units, len(controls))
    found = np.zeros((len(controls), len(controls)))
    for number, target in enumerate(past):
        others = np.arange(len(controls)) != number
        found[number, others] = closest_weights(past[others].T, target, ridges[others], level_out=True)
    return found


class SyntheticDid:
    """Ten or more control regions, weighted so that they ran alongside the region in the weeks before.

    Method: every region's days as shares of its own level before; the past as weeks, each weighted to the weekdays of
        after; weights from the sum of all lines, the same for each line, so that lines add up. The error of days
        from the daily gap to the weighted controls (scatter with its dependence, and resampled blocks of days);
        drift from placebos: every control as if it had the launch, against the other controls, with unit
        weights of its own and the region's period weights. What the period weights fit of the noise is given back to
        the placebos: root of N / (N - p), p the effective degrees of freedom of a ridge regression.
    Source: Arkhangelsky et al. (2021), American Economic Review 111(12), algorithm 4 for one treated unit;
        Hastie, Tibshirani and Friedman (2009), section 3.4.1, for the degrees of freedom.
    Blind spots: a control that behaves alike by chance gets weight; where some regions earn and others lose (or have
        nothing) on a line, that line is compared by ratio difference-in-differences.
    """

    def refuses(self, comparison: Comparison) -> str:
        if len(comparison.controls) < MIN_CONTROLS:
            return f"{len(comparison.controls)} comparable regions, {MIN_CONTROLS} needed"
        if len(comparison.before) < MIN_DAYS_BEFORE:
            return f"{len(comparison.before)} quiet days before, {MIN_DAYS_BEFORE} needed"
        if len(_weeks(comparison)) < MIN_WEEKS_BEFORE:
            return f"{len(_weeks(comparison))} quiet weeks before, {MIN_WEEKS_BEFORE} needed"
        return ""

    def effects(
        self, lines: Sequence[pd.DataFrame], comparison: Comparison, *, seed: int
    ) -> tuple[Effect, tuple[Effect, ...]]:
        total = sum(lines[1:], start=lines[0])
        weeks = _weeks(comparison)
        level = _level(total, comparison)
        if not _one_sign(level):
            return RatioDid().effects(lines, comparison, seed=seed)
        found, drift = _fit(total, level, weeks, comparison)
        inside = [_effect(each, level, found, drift, weeks, comparison, seed) for each in (total, *lines)]
        return inside[0], tuple(inside[1:])

    def by_day(self, series: pd.DataFrame, comparison: Comparison) -> tuple[Array, float, float]:
        level = _level(series, comparison)
        if not _one_sign(level):
            return RatioDid().by_day(series, comparison)
        weeks = _weeks(comparison)
        found, _ = _fit(series, level, weeks, comparison)
        before, after = _gaps(series, level, found.units, comparison)
        rest, pattern = _without_weekdays(before, comparison)
        effects = (after - pattern[comparison.after.day_of_week] - found.times @ (weeks @ rest)) * level[0]
        own = series.loc[comparison.after, comparison.region].mean()
        return effects, float(own - effects.mean()), float(np.sqrt(_variance(rest, comparison)) * level[0])


def _names(comparison: Comparison) -> list[str]:
    return [comparison.region, *comparison.controls]


def _level(table: pd.DataFrame, comparison: Comparison) -> Array:
    weights = weekday_weights(comparison.before, comparison.after)
    level: Array = weights @ cells(table, comparison.before, _names(comparison))
    return level


def _one_sign(level: Array) -> bool:
    return bool((level > 0).all() or (level < 0).all())


def _weeks(comparison: Comparison) -> Array:
    """The past as weeks counted back from its end: weeks × days, each row adds up to 1, weekdays as after."""
    days = comparison.before
    age = np.asarray((days[-1] - days).days // BLOCK_DAYS)
    rows = []
    for week in sorted(set(age.tolist()), reverse=True):
        inside = age == week
        if inside.sum() < MIN_DAYS_OF_WEEK:
            continue
        row = np.zeros(len(days))
        row[inside] = weekday_weights(days[inside], comparison.after)
        rows.append(row)
    return np.array(rows)


def _periods(table: pd.DataFrame, level: Array, weeks: Array, comparison: Comparison) -> tuple[Array, Array]:
    """Weeks before and one period per week after, as shares of each region's level: the region's own, the controls'."""
    names = _names(comparison)
    before = weeks @ (cells(table, comparison.before, names) / level)
    after = cells(table, comparison.after, names).mean(axis=0) / level
    repeated = np.repeat(after[None, :], max(len(comparison.after) // BLOCK_DAYS, 1), axis=0)
    shares = np.concatenate([before, repeated]).T
    return shares[0], shares[1:]


def _fit(total: pd.DataFrame, level: Array, weeks: Array, comparison: Comparison) -> tuple[Synthetic, Drift]:
    """The weights, and what every control's own placebo effect says about drift."""
    own, others = _periods(total, level, weeks, comparison)
    noise = np.diff(others[:, : len(weeks)], axis=1).std(axis=1)
    found = synthetic(own, others, len(weeks), noise_of_units=noise)
    gains = others[:, len(weeks) :].mean(axis=1) - others[:, : len(weeks)] @ found.times
    placebos = placebo_weights(others, len(weeks), noise)
    before = _shares(total, level, comparison.before, comparison)
    gaps = before[:, 1:] - before[:, 1:] @ placebos.T
    errors = [_scatter(gap, found, weeks, comparison) for gap in gaps.T]
    # the period weights were made to foretell the controls themselves, so that their placebos come out too small
    unseen = np.sqrt(len(errors) / max(len(errors) - found.fitted_times, 1.0))
    # weights follow the noise of the past a little: outside it the gap is never as small as inside
    days = len(comparison.before) + len(comparison.after)
    return found, drift_of(
        unseen * (gains - placebos @ gains), np.array(errors), np.ones(len(errors)), no_drift=0.0, days=days
    )


def _shares(table: pd.DataFrame, level: Array, days: pd.DatetimeIndex, comparison: Comparison) -> Array:
    """Days × regions, the region's own first, as shares of the levels."""
    found: Array = cells(table, days, _names(comparison)) / level
    return found


def _gaps(table: pd.DataFrame, level: Array, units: Array, comparison: Comparison) -> tuple[Array, Array]:
    """Daily gap of the region to the weighted controls, as shares of the levels, before and after."""
    shares = [_shares(table, level, days, comparison) for days in (comparison.before, comparison.after)]
    before, after = (each[:, 0] - each[:, 1:] @ units for each in shares)
    return before, after


def _without_weekdays(before: Array, comparison: Comparison) -> tuple[Array, Array]:
    """The gap around its weekdays' means, and how far each weekday's mean lies from the overall mean."""
    weekday = comparison.before.day_of_week
    counts = np.maximum(np.bincount(weekday, minlength=7), 1)
    pattern = np.bincount(weekday, weights=before, minlength=7) / counts - before.mean()
    pattern = np.where(np.bincount(weekday, minlength=7) > 0, pattern, 0.0)
    return before - pattern[weekday], pattern


def _variance(rest: Array, comparison: Comparison) -> float:
    """Variance of a day of the gap, as much larger as days that hang together make the error of their mean."""
    dependence = long_run_ratio([rest], comparison.before.day_of_week.to_numpy())
    return float(np.square(rest).sum()) / free_days(len(rest)) * dependence


def _scatter(before: Array, found: Synthetic, weeks: Array, comparison: Comparison) -> float:
    """Standard error of the mean gap after less the weighted weeks before, from the scatter of quiet days."""
    rest, _ = _without_weekdays(before, comparison)
    rest = rest - rest.mean()
    past = found.times @ weeks
    return float(np.sqrt(_variance(rest, comparison) * (1 / len(comparison.after) + float(past @ past))))


def _effect(
    line: pd.DataFrame,
    level: Array,
    found: Synthetic,
    drift: Drift,
    weeks: Array,
    comparison: Comparison,
    seed: int,
) -> Effect:
    before, after = _gaps(line, level, found.units, comparison)
    past = found.times @ weeks
    value = float((after.mean() - past @ before) * level[0])
    error = _scatter(before, found, weeks, comparison)
    if len(after) >= 2 * BLOCK_DAYS:
        rng = np.random.default_rng(seed)
        drawn = block_counts(len(after), rng) @ after / len(after) - block_counts(len(before), rng) @ (before * past)
        error = float(np.sqrt((error**2 + drawn.var(ddof=1)) / 2))
    own = _level(line, comparison)[0]
    total, degrees = interval_of(error * level[0], free_days(len(before)), abs(float(own)), drift)
    now = float(cells(line, comparison.after, [comparison.region]).mean())
    return Effect(
        value,
        now - value,
        float(own),
        total,
        float(error * level[0]),
        float(np.sqrt(drift.mean_square) * abs(own)),
        degrees,
    )
