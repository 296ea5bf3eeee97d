"""Synthetic difference-in-differences: control regions weighted so that they ran alongside the region before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from contextcheck.impact.effects import Effect
from contextcheck.impact.methods.ratio_did import RatioDid, free_days
from contextcheck.impact.noise import BLOCK_DAYS, block_counts, long_run_ratio, weekday_weights
from contextcheck.impact.spread import Drift, drift_of, interval_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from contextcheck.impact.comparison import Comparison

    Array = NDArray[np.float64]

MIN_CONTROLS = 10
MIN_DAYS_BEFORE = 28
ALMOST_NOTHING = 1e-6
FIRST_ROUND, ALL_ROUNDS = 100, 10_000
Kind = Literal["synthetic-did", "synthetic-control", "did"]


@dataclass(frozen=True, slots=True)
class Synthetic:
    """A weighted average of control units and of periods before.

    Attributes:
        units: Weight of every control unit; they add up to 1.
        times: Weight of every period before; they add up to 1 (0 each for synthetic control).
        effect: What the treated unit gained against it, mean over the periods after.
    """

    units: Array
    times: Array
    effect: float


def synthetic(treated: Array, controls: Array, periods_before: int, kind: Kind = "synthetic-did") -> Synthetic:
    """Give the effect on one treated unit against weighted controls.

    Args:
        treated: Outcome of the treated unit per period, shape (periods,).
        controls: Outcomes of the control units, shape (units, periods).
        periods_before: How many periods come before the treatment.
        kind: Synthetic difference-in-differences, synthetic control, or plain difference-in-differences.

    Returns:
        The weights and the effect.

    Method: unit weights on the simplex minimise the squared gap to the treated unit over the periods before, after
        taking each one's level out, plus a ridge (T_after^(1/4) x sd of the controls' first differences)^2 per period;
        period weights likewise foretell the controls' mean after from their periods before, with hardly any ridge.
        effect = (after - weighted before) of the treated less the weighted same of the controls. Frank-Wolfe steps with
        exact line search: 100 rounds, weights under a quarter of the largest dropped, then until a round gains less
        than (1e-5 x sd)^2. Synthetic control: no level taken out, hardly any ridge, no period weights.
    Source: Arkhangelsky, Athey, Hirshberg, Imbens and Wager (2021), American Economic Review 111(12), algorithm 1.
    Blind spots: with few or noisy periods before the weights follow the noise.
    """
    past, after = controls[:, :periods_before], controls[:, periods_before:].mean(axis=1)
    noise = float(np.diff(past, axis=1).std(ddof=1)) if periods_before > 1 else 0.0
    count = len(controls)
    units = np.full(count, 1 / count)
    times = np.full(periods_before, 1 / periods_before)
    if kind != "did":
        strength = ALMOST_NOTHING if kind == "synthetic-control" else (controls.shape[1] - periods_before) ** 0.25
        level_out = kind == "synthetic-did"
        units = _simplex(past.T, treated[:periods_before], strength * noise, 1e-5 * noise, level_out=level_out)
        times = np.zeros(periods_before)
        if level_out:
            times = _simplex(past, after, ALMOST_NOTHING * noise, 1e-5 * noise, level_out=True)
    gains = np.append(treated[periods_before:].mean() - times @ treated[:periods_before], after - past @ times)
    return Synthetic(units, times, float(gains[0] - units @ gains[1:]))


def _simplex(donors: Array, target: Array, ridge: float, least_gain: float, *, level_out: bool) -> Array:
    """Weights of the donors' columns, none below 0 and adding up to 1, that come closest to the target."""
    if level_out:
        donors, target = donors - donors.mean(axis=0), target - target.mean()
    start = np.full(donors.shape[1], 1 / donors.shape[1])
    first = _frank_wolfe(donors, target, ridge, least_gain, start, FIRST_ROUND)
    kept = np.where(first > first.max() / 4, first, 0.0)
    return _frank_wolfe(donors, target, ridge, least_gain, kept / kept.sum(), ALL_ROUNDS)


def _frank_wolfe(donors: Array, target: Array, ridge: float, least_gain: float, weights: Array, rounds: int) -> Array:
    """Minimise |donors w - target|^2 / rows + ridge^2 |w|^2 by moving towards the best corner, as far as it pays."""
    rows = len(target)
    penalty = rows * ridge**2
    gap = donors @ weights - target
    last = np.inf
    for step in range(rounds):
        slope = gap @ donors + penalty * weights
        corner = int(slope.argmin())
        way = -weights
        way[corner] += 1
        moved = donors[:, corner] - gap - target
        curve = float(moved @ moved + penalty * (way @ way))
        if curve <= 0:
            break
        length = min(max(-float(slope @ way) / curve, 0.0), 1.0)
        weights = weights + length * way
        gap = gap + length * moved
        now = float(gap @ gap) / rows + ridge**2 * float(weights @ weights)
        if step >= 1 and last - now <= least_gain**2:
            break
        last = now
    return weights


class SyntheticDid:
    """Ten or more control regions, weighted so that they ran alongside the region in the weeks before.

    Method: every region's days as shares of its own level before; the past as weeks, each weighted to the weekdays of
        after; weights from the sum of all lines, the same for each line, so that lines add up. The error of days
        from the daily gap to the weighted controls (scatter with its dependence, and resampled blocks of days);
        drift from placebos: every control as if it had the launch, against the other controls.
    Source: Arkhangelsky et al. (2021), American Economic Review 111(12), algorithm 4 for one treated unit.
    Blind spots: a control that behaves alike by chance gets weight; regions with no or negative level are refused.
    """

    def refuses(self, comparison: Comparison) -> str:
        if len(comparison.controls) < MIN_CONTROLS:
            return f"{len(comparison.controls)} comparable regions, {MIN_CONTROLS} needed"
        if len(comparison.before) < MIN_DAYS_BEFORE:
            return f"{len(comparison.before)} quiet days before, {MIN_DAYS_BEFORE} needed"
        return ""

    def effects(
        self, lines: Sequence[pd.DataFrame], comparison: Comparison, *, seed: int
    ) -> tuple[Effect, tuple[Effect, ...]]:
        total = sum(lines[1:], start=lines[0])
        weeks = _weeks(comparison)
        level = _level(total, comparison)
        if (level <= 0).any():
            return RatioDid().effects(lines, comparison, seed=seed)
        found, drift = _fit(total, level, weeks, comparison)
        inside = [_effect(each, level, found, drift, weeks, comparison, seed) for each in (total, *lines)]
        return inside[0], tuple(inside[1:])

    def by_day(self, series: pd.DataFrame, comparison: Comparison) -> tuple[Array, float, float]:
        level = _level(series, comparison)
        if (level <= 0).any():
            return RatioDid().by_day(series, comparison)
        weeks = _weeks(comparison)
        found = synthetic(*_periods(series, level, weeks, comparison), len(weeks))
        before, after = _gaps(series, level, found.units, comparison)
        rest, pattern = _without_weekdays(before, comparison)
        effects = (after - pattern[comparison.after.day_of_week] - found.times @ (weeks @ rest)) * level[0]
        own = series.loc[comparison.after, comparison.region].mean()
        spread = float(np.sqrt(np.square(rest).sum() / free_days(len(rest)) * long_run_ratio([rest])))
        return effects, float(own - effects.mean()), spread * float(level[0])


def _names(comparison: Comparison) -> list[str]:
    return [comparison.region, *comparison.controls]


def _level(table: pd.DataFrame, comparison: Comparison) -> Array:
    weights = weekday_weights(comparison.before, comparison.after)
    level: Array = weights @ table.loc[comparison.before, _names(comparison)].to_numpy(dtype=float)
    return level


def _weeks(comparison: Comparison) -> Array:
    """The past as weeks counted back from its end: weeks × days, each row adds up to 1, weekdays as after."""
    days = comparison.before
    age = np.asarray((days[-1] - days).days // BLOCK_DAYS)
    rows = []
    for week in sorted(set(age.tolist()), reverse=True):
        inside = age == week
        if inside.sum() < BLOCK_DAYS and age.max() > 0:
            continue
        row = np.zeros(len(days))
        row[inside] = weekday_weights(days[inside], comparison.after)
        rows.append(row)
    return np.array(rows)


def _periods(table: pd.DataFrame, level: Array, weeks: Array, comparison: Comparison) -> tuple[Array, Array]:
    """Weeks before and one period per week after, as shares of each region's level: the region's own, the controls'."""
    names = _names(comparison)
    before = weeks @ (table.loc[comparison.before, names].to_numpy(dtype=float) / level)
    after = table.loc[comparison.after, names].to_numpy(dtype=float).mean(axis=0) / level
    repeated = np.repeat(after[None, :], max(len(comparison.after) // BLOCK_DAYS, 1), axis=0)
    shares = np.concatenate([before, repeated]).T
    return shares[0], shares[1:]


def _fit(total: pd.DataFrame, level: Array, weeks: Array, comparison: Comparison) -> tuple[Synthetic, Drift]:
    """The weights, and what every control's own placebo effect says about drift."""
    own, others = _periods(total, level, weeks, comparison)
    found = synthetic(own, others, len(weeks))
    shares, errors = [], []
    for number in range(len(others)):
        rest = np.delete(others, number, axis=0)
        placebo = synthetic(others[number], rest, len(weeks))
        units = np.insert(np.insert(placebo.units, number, 0.0), 0, 0.0)
        shares.append(placebo.effect)
        errors.append(
            _scatter(_gaps(total, level, units[1:], comparison, column=number + 1)[0], found, weeks, comparison)
        )
    return found, drift_of(np.array(shares), np.array(errors), np.ones(len(shares)))


def _gaps(
    table: pd.DataFrame, level: Array, units: Array, comparison: Comparison, column: int = 0
) -> tuple[Array, Array]:
    """Daily gap of one region to the weighted controls, as shares of the levels, before and after."""
    names = _names(comparison)
    shares = [table.loc[days, names].to_numpy(dtype=float) / level for days in (comparison.before, comparison.after)]
    before, after = (each[:, column] - each[:, 1:] @ units for each in shares)
    return before, after


def _without_weekdays(before: Array, comparison: Comparison) -> tuple[Array, Array]:
    """The gap around its weekdays' means, and how far each weekday's mean lies from the overall mean."""
    weekday = comparison.before.day_of_week
    counts = np.maximum(np.bincount(weekday, minlength=7), 1)
    pattern = np.bincount(weekday, weights=before, minlength=7) / counts - before.mean()
    pattern = np.where(np.bincount(weekday, minlength=7) > 0, pattern, 0.0)
    return before - pattern[weekday], pattern


def _scatter(before: Array, found: Synthetic, weeks: Array, comparison: Comparison) -> float:
    """Standard error of the mean gap after less the weighted weeks before, from the scatter of quiet days."""
    rest, _ = _without_weekdays(before, comparison)
    rest = rest - rest.mean()
    variance = float(np.square(rest).sum()) / free_days(len(rest)) * long_run_ratio([rest])
    past = found.times @ weeks
    return float(np.sqrt(variance * (1 / len(comparison.after) + float(past @ past))))


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
    now = float(line.loc[comparison.after, comparison.region].mean())
    return Effect(
        value,
        now - value,
        float(own),
        total,
        float(error * level[0]),
        float(np.sqrt(drift.mean_square) * abs(own)),
        degrees,
    )
