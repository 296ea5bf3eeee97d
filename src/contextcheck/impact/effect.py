"""What a launch changed on each day since, against the counterfactual: the numbers that the gate looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from contextcheck.impact.comparison import compare_days
from contextcheck.impact.noise import all_residuals, movement_ratio, serial_dependence, serial_noise
from contextcheck.impact.value import daily_value
from contextcheck.records import DailyEffect, Window

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from contextcheck.impact.comparison import Comparison
    from contextcheck.knowledge.lines import Lines
    from contextcheck.panel.reference import Reference
    from contextcheck.panel.table import Panel
    from contextcheck.records import Launch
    from contextcheck.settings import Costs


def daily_effect(
    panel: Panel, region: str, launch: Launch, reference: Reference, *, costs: Costs, currency: str, lines: Lines
) -> DailyEffect:
    """Give the difference to the counterfactual of every matured day since the launch.

    Args:
        panel: Daily sums; its ledger metrics are read.
        region: A region of the launch.
        launch: The launch; days after its end do not count.
        reference: The quiet past and the controls.
        costs: Unit costs in the reporting currency.
        currency: Reporting currency, ISO 4217.
        lines: Free-shipping lines; not needed for the sum.

    Returns:
        One effect per day, and the noise of such a difference on days without an effect. No days, with a reason,
        when there is nothing to compare with.

    Method: effect_d = contribution_d - (mean of the same weekday before) x (controls that day / controls' mean of that
        weekday before). Noise: the same difference on the quiet days, its standard deviation enlarged for serial
        dependence (AR(1)).
    Source: `ratio_did`; Waudby-Smith et al. (2024), Annals of Statistics 52(6), for its use day by day.
    Blind spots: without controls a season is taken for an effect; the gate then never does more than hold.
    """
    del lines
    window = Window(launch.start, min(launch.end or panel.as_of, panel.as_of))
    value = daily_value(panel, costs, window)
    if value.reason:
        return _nothing(region, currency, value.reason)
    if window.end < window.start:
        return _nothing(region, currency, f"launched on {launch.start}, the data end on {panel.as_of}")
    comparison = compare_days(value.usable, value.immature, value.empty, region, window, reference)
    if comparison.reason and len(comparison.after) == 0:
        return _nothing(region, currency, comparison.reason)
    effects, level, noise = effects_of(value.contribution, comparison)
    return DailyEffect(
        region=region,
        days=tuple(day.date() for day in comparison.after),
        effect=tuple(float(each) for each in effects),
        noise=noise,
        base_per_day=level,
        currency=currency,
        reason="" if comparison.controls else "no comparable region was untouched: compared with its own past only",
        days_before=len(comparison.before),
    )


def _nothing(region: str, currency: str, reason: str) -> DailyEffect:
    return DailyEffect(region, (), (), 0.0, 0.0, currency, reason=reason)


def effects_of(series: pd.DataFrame, comparison: Comparison) -> tuple[NDArray[np.float64], float, float]:
    """Effects per day, the counterfactual's level per day, and the noise of a day."""
    names = [comparison.region, *comparison.controls]
    before, after = series.loc[comparison.before, names], series.loc[comparison.after, names]
    usual = before.groupby(comparison.before.day_of_week).mean().reindex(range(7)).fillna(before.mean())
    level = usual.loc[comparison.after.day_of_week].to_numpy(dtype=float)
    moved = after.to_numpy(dtype=float)
    movement = np.ones(len(after))
    if comparison.controls:
        movement = movement_ratio(level[:, 1:].sum(axis=1), moved[:, 1:].sum(axis=1))
    expected = level[:, 0] * movement
    residuals = all_residuals(before.to_numpy(dtype=float), comparison.before.day_of_week.to_numpy())
    noise = serial_noise(residuals[0], serial_dependence(residuals))
    return moved[:, 0] - expected, float(expected.mean()), noise
