"""What would have happened without the change: ratio difference-in-differences against comparable regions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import stdtrit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from contextcheck.panel.reference import Reference
    from contextcheck.records import Window

    Array = NDArray[np.float64]

BLOCK_DAYS = 7
RESAMPLES = 400
MIN_CONTROLS_FOR_SPREAD = 3
MIN_DAYS_AFTER = 3
MIN_DAYS_BEFORE = 14
MIN_SHARE_OF_DAYS = 0.8
MAX_MOVEMENT = 3.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """The days and regions that are compared.

    Attributes:
        region: The region under study.
        before: Its quiet days, usable in every control as well.
        after: The days judged, usable in every control as well.
        controls: Regions that serve as controls; empty for own past only.
        dropped: Region to the reason why it is no control.
        left_out: Sentences about days that do not count, such as "4 days are too young".
        reason: Why nothing can be compared; empty otherwise.
    """

    region: str
    before: pd.DatetimeIndex
    after: pd.DatetimeIndex
    controls: tuple[str, ...]
    dropped: Mapping[str, str]
    left_out: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """A change per day against the counterfactual.

    Attributes:
        value: after - expected, per day, in the unit of the series.
        expected: What the counterfactual says per day.
        before: The region's level before, per day.
        movement: What the controls say the level would have been multiplied with; 1 without controls.
        error: Standard error: days and the spread between regions together.
        error_of_days: The part that comes from days alone.
        error_between: The part that comes from regions going their own way.
        degrees: Degrees of freedom of the interval's t value.
    """

    value: float
    expected: float
    before: float
    movement: float
    error: float
    error_of_days: float
    error_between: float
    degrees: int

    def interval(self, level: float) -> tuple[float, float]:
        """Low and high end of the interval at a level such as 0.95."""
        reach = float(stdtrit(self.degrees, 0.5 + level / 2)) * self.error
        return self.value - reach, self.value + reach


def compare_days(
    usable: pd.DataFrame, immature: pd.DataFrame, empty: pd.DataFrame, region: str, window: Window, reference: Reference
) -> Comparison:
    """Choose the days and the controls that can be compared.

    Args:
        usable: Day × region, True where the day counts.
        immature: Day × region, True where the day is complete but too young to judge.
        empty: Day × region, True where a complete day has no order at all.
        region: The region under study.
        window: The days to judge.
        reference: The quiet past and the possible controls.

    Returns:
        The comparison; with a reason when there are too few days.
    """
    nothing = pd.DatetimeIndex([])
    if reference.before is None:
        return Comparison(region, nothing, nothing, (), reference.dropped, reason=reference.reason)
    if region not in usable.columns:
        return Comparison(region, nothing, nothing, (), reference.dropped, reason=f"no orders in {region}")
    own = usable[region]
    days = pd.DatetimeIndex(usable.index)
    before = days[(own & _inside(days, reference.before)).to_numpy()]
    after = days[(own & _inside(days, window)).to_numpy()]
    controls, dropped = _covering(usable, reference, before.union(after))
    if controls:
        shared = usable[list(controls)].all(axis=1)
        before, after = before[shared.loc[before].to_numpy()], after[shared.loc[after].to_numpy()]
    left_out = _left_out(immature[region], empty[region], window)
    reason = ""
    if len(after) < MIN_DAYS_AFTER:
        reason = f"{len(after)} days that can be judged since {window.start}, {MIN_DAYS_AFTER} needed"
        reason = "; ".join((reason, *left_out))
    elif len(before) < MIN_DAYS_BEFORE:
        reason = f"{len(before)} comparable days before {window.start}, {MIN_DAYS_BEFORE} needed"
    return Comparison(region, before, after, controls, dropped, left_out, reason)


def _inside(days: pd.Index, window: Window) -> pd.Series:
    inside = (days >= pd.Timestamp(window.start)) & (days <= pd.Timestamp(window.end))
    return pd.Series(inside, index=days)


def _covering(
    usable: pd.DataFrame, reference: Reference, days: pd.DatetimeIndex
) -> tuple[tuple[str, ...], dict[str, str]]:
    """The controls whose days can be compared, and why the others cannot."""
    dropped = dict(reference.dropped)
    kept: list[str] = []
    for control in reference.controls:
        covered = int(usable[control].reindex(days, fill_value=False).sum()) if control in usable.columns else 0
        if len(days) == 0 or covered < MIN_SHARE_OF_DAYS * len(days):
            dropped[control] = f"{covered} of {len(days)} days can be compared"
        else:
            kept.append(control)
    return tuple(kept), dropped


def _left_out(immature: pd.Series, empty: pd.Series, window: Window) -> tuple[str, ...]:
    young = int((immature & _inside(immature.index, window)).sum())
    without = int((empty & _inside(empty.index, window)).sum())
    told = []
    if young:
        told.append(f"{young} {'day is' if young == 1 else 'days are'} too young to judge and left out")
    if without:
        told.append(f"{without} {'day has' if without == 1 else 'days have'} no order at all and left out")
    return tuple(told)


def weekday_weights(before: pd.DatetimeIndex, after: pd.DatetimeIndex) -> Array:
    """Give each day before a weight, so that its weekdays count as often as they do after.

    Args:
        before: Days before.
        after: Days after.

    Returns:
        Weights, shape (days before,), that add up to 1; equal for whole weeks on both sides.
    """
    shares = np.bincount(after.day_of_week, minlength=7) / len(after)
    counts = np.bincount(before.day_of_week, minlength=7)
    weights = np.asarray((shares / np.maximum(counts, 1))[before.day_of_week], dtype=float)
    total = weights.sum()
    return weights / total if total > 0 else np.full(len(before), 1 / len(before))


def ratio_did(series: pd.DataFrame, comparison: Comparison, *, seed: int = 0, movement: float | None = None) -> Effect:
    """Give how far a region's daily level moved beyond what the controls did.

    Args:
        series: Day × region, a daily amount (money or a count).
        comparison: Which days and regions.
        seed: Seed of the resampling of days.
        movement: The controls' ratio when it is already known (a line moves as the contribution does).

    Returns:
        The effect per day with its standard error.

    Method: delta = post - pre x (sum of controls' post / sum of controls' pre), per day, pre weighted to the
        weekdays of post. Its error adds the days' noise (blocks of 7 days resampled, the same days for all regions, before
        and after apart; not less than what the quiet days' own scatter gives) and the spread between regions: the
        same delta for every control against the other controls (a placebo), less what days alone explain
        (DerSimonian-Laird with the mean known to be 0). The t value has as many degrees of freedom as controls less one.
    Source: MacKinnon and Webb (2020), QED 1355, on one treated region; DerSimonian and Laird (1986).
    Blind spots: a shock of the region's own that begins on the same day looks like an effect.
    """
    names = [comparison.region, *comparison.controls]
    before = series.loc[comparison.before, names].to_numpy(dtype=float)
    after = series.loc[comparison.after, names].to_numpy(dtype=float)
    weights = weekday_weights(comparison.before, comparison.after)
    pre, post = weights @ before, after.mean(axis=0)
    if movement is None:
        movement = float(_ratio(pre[1:].sum(), post[1:].sum())) if comparison.controls else 1.0
    of_days = _error_of_days(before, after, weights, comparison, 0, seed)
    between = 0.0
    if len(comparison.controls) >= MIN_CONTROLS_FOR_SPREAD:
        between = _spread_between(before, after, weights, comparison, seed) * abs(float(pre[0]))
    return Effect(
        value=float(post[0] - pre[0] * movement),
        expected=float(pre[0] * movement),
        before=float(pre[0]),
        movement=movement,
        error=float(np.hypot(of_days, between)),
        error_of_days=of_days,
        error_between=between,
        degrees=degrees_of_freedom(len(comparison.controls), len(comparison.before)),
    )


def degrees_of_freedom(controls: int, days_before: int) -> int:
    """Controls less one; with too few controls for a spread, weeks before less one."""
    weeks = max(days_before // BLOCK_DAYS - 1, 1)
    return max(controls - 1, 1) if controls >= MIN_CONTROLS_FOR_SPREAD else weeks


def _deltas(pre: Array, post: Array, column: int) -> Array:
    """The effect of one column against the columns after it; shape of the leading dimension."""
    others = [each for each in range(1, pre.shape[-1]) if each != column]
    if not others:
        return post[..., column] - pre[..., column]
    movement = _ratio(pre[..., others].sum(axis=-1), post[..., others].sum(axis=-1))
    return post[..., column] - pre[..., column] * movement


def _ratio(pre: Array, post: Array) -> Array:
    """Post / pre of costs or of earnings, within reason; 1 where the sign changes or nothing was there before."""
    safe = np.where(pre != 0, pre, 1.0)
    return np.where(post * pre > 0, np.clip(post / safe, 1 / MAX_MOVEMENT, MAX_MOVEMENT), 1.0)


def _spread_between(before: Array, after: Array, weights: Array, comparison: Comparison, seed: int) -> float:
    """How far regions drift apart by themselves, as a share of their level: from placebo effects of the controls."""
    pre, post = weights @ before, after.mean(axis=0)
    shares, precision = [], []
    for column in range(1, before.shape[1]):
        if pre[column] == 0:
            continue
        error = _error_of_days(before, after, weights, comparison, column, seed) / abs(pre[column])
        shares.append(float(_deltas(pre, post, column)) / abs(pre[column]))
        precision.append(1.0 / max(error, 1e-9) ** 2)
    if len(shares) < MIN_CONTROLS_FOR_SPREAD:
        return 0.0
    weight = np.asarray(precision)
    chi = float((weight * np.square(shares)).sum())
    return float(np.sqrt(max(0.0, (chi - len(shares)) / weight.sum())))


def _error_of_days(
    before: Array, after: Array, weights: Array, comparison: Comparison, column: int, seed: int
) -> float:
    """Standard error that comes from days: the larger of resampled blocks and of the scatter of quiet days."""
    scatter = _error_by_scatter(before, after, weights, comparison, column)
    if len(after) < 2 * BLOCK_DAYS:
        return scatter
    return max(scatter, _error_by_blocks(before, after, comparison, column, seed))


def _error_by_scatter(before: Array, after: Array, weights: Array, comparison: Comparison, column: int) -> float:
    residual = quiet_residuals(before, comparison.before.day_of_week.to_numpy(), column)
    noise = serial_noise(residual)
    return noise * float(np.sqrt(1 / len(after) + np.square(weights).sum()))


def quiet_residuals(before: Array, weekdays: NDArray[np.integer], column: int = 0) -> Array:
    """Give how far a region's quiet days lie from their weekday's level, moved as the other regions moved that day.

    Args:
        before: Quiet days × regions; the region under study is column 0, the others are controls.
        weekdays: Weekday of each day, 0 to 6.
        column: The region of interest.

    Returns:
        Residuals, shape (days,), in the unit of the series, scaled up for the seven means that were estimated.
    """
    level = np.zeros_like(before)
    for weekday in np.unique(weekdays):
        rows = weekdays == weekday
        level[rows] = before[rows].mean(axis=0)
    others = [each for each in range(1, before.shape[1]) if each != column]
    movement = _ratio(level[:, others].sum(axis=1), before[:, others].sum(axis=1)) if others else 1.0
    residual: Array = before[:, column] - level[:, column] * movement
    free = max(len(residual) - len(np.unique(weekdays)), 1)
    return residual * float(np.sqrt(len(residual) / free))


def serial_noise(residual: Array) -> float:
    """Give the standard deviation of daily noise, enlarged so that means over days have the right error.

    Method: sd x sqrt((1 + r) / (1 - r)), r the lag-one autocorrelation with its small-sample bias (1 + 4r)/n taken
        back, between 0 and 0.8.
    Source: Kendall (1954) for the bias; the factor is the large-sample variance of a mean of an AR(1) series.
    """
    n = len(residual)
    if n < 3:
        return float(np.sqrt(np.mean(np.square(residual)))) if n else 0.0
    total = float((residual * residual).sum())
    if total <= 0:
        return 0.0
    lag = float((residual[1:] * residual[:-1]).sum()) / total
    lag = min(max(lag + (1 + 4 * lag) / n, 0.0), 0.8)
    return float(np.sqrt(total / n)) * float(np.sqrt((1 + lag) / (1 - lag)))


def _error_by_blocks(before: Array, after: Array, comparison: Comparison, column: int, seed: int) -> float:
    """Blocks of seven days resampled, the same days for all regions, before and after apart."""
    rng = np.random.default_rng(seed)
    pre = _adjusted(before, comparison.before, comparison.after)
    values = _deltas(_block_means(pre, rng), _block_means(after, rng), column)
    return float(np.std(values, ddof=1))


def _adjusted(before: Array, days_before: pd.DatetimeIndex, days_after: pd.DatetimeIndex) -> Array:
    """Days before times their weekday weight, so that a plain mean of them is the weighted one."""
    return before * (weekday_weights(days_before, days_after) * len(days_before))[:, None]


def _block_means(values: Array, rng: np.random.Generator) -> Array:
    """Means of circular block resamples, shape (resamples, regions)."""
    n = len(values)
    blocks = -(-n // BLOCK_DAYS)
    starts = rng.integers(0, n, size=(RESAMPLES, blocks))
    rows = (starts[:, :, None] + np.arange(BLOCK_DAYS)) % n
    picked: Array = values[rows.reshape(RESAMPLES, -1)[:, :n]].mean(axis=1)
    return picked


def placebo_rank(series: pd.DataFrame, comparison: Comparison) -> tuple[int, int]:
    """Give how many controls moved at least as far (relative to their level) as the region, and how many there are.

    Args:
        series: Day × region, a daily amount.
        comparison: Which days and regions.

    Returns:
        Controls that moved as far or further, and controls compared. The placebo p value is (first + 1) / (second + 1).

    Method: the effect of each control against the other controls and the region's against all; ranked by size / level.
    Source: Abadie, Diamond and Hainmueller (2010), section 2.4; Kessler and Roth (2014) read in The Effect, chapter 18.
    """
    names = [comparison.region, *comparison.controls]
    weights = weekday_weights(comparison.before, comparison.after)
    pre = weights @ series.loc[comparison.before, names].to_numpy(dtype=float)
    post = series.loc[comparison.after, names].to_numpy(dtype=float).mean(axis=0)
    sizes = [abs(float(_deltas(pre, post, column))) / abs(pre[column]) for column in range(len(names)) if pre[column]]
    return sum(size >= sizes[0] for size in sizes[1:]), len(sizes) - 1
