"""What a launch changed in any metric of the panel on each day since: for panels without money, and for guardrails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from contextcheck.impact.comparison import compare_days
from contextcheck.impact.methods.ratio_did import RatioDid
from contextcheck.records import DailyEffect, Window

if TYPE_CHECKING:
    import pandas as pd

    from contextcheck.panel.reference import Reference
    from contextcheck.panel.table import Panel
    from contextcheck.records import Launch


def metric_effect(
    panel: Panel,
    region: str,
    launch: Launch,
    reference: Reference,
    metric: str,
    *,
    currency: str = "",
    as_total: bool = False,
) -> DailyEffect:
    """Give the difference to the counterfactual of one metric on every matured day since the launch.

    Args:
        panel: Daily sums.
        region: A region of the launch.
        launch: The launch; days after its end do not count.
        reference: The quiet past and the controls.
        metric: A metric of the panel: a rate per order, a mean, or a count or sum per day.
        currency: Of a metric that is money; empty otherwise.
        as_total: The day's sum of a mean instead of its mean.

    Returns:
        One effect per day in the metric's unit, and the noise of such a difference on days without an effect. No days,
        with a reason, when there is nothing to compare with.

    Method: as `daily_effect`, on the metric's daily value: value_sum of a sum, events of a count, events / exposure of
        a rate, value_sum / exposure of a mean.
    Source: `RatioDid`.
    Blind spots: the daily rates of a small market are far from normal; days without orders are left out.
    """
    window = Window(launch.start, min(launch.end or panel.as_of, panel.as_of))
    if metric not in panel.metrics:
        return _nothing(region, currency, f"the data have no {metric}")
    if window.end < window.start:
        return _nothing(region, currency, f"launched on {launch.start}, the data end on {panel.as_of}")
    values, usable, immature, empty = _tables(panel, metric, as_total=as_total)
    comparison = compare_days(usable, immature, empty, region, window, reference)
    if comparison.reason and len(comparison.after) == 0:
        return _nothing(region, currency, comparison.reason)
    effects, level, noise = RatioDid().by_day(values, comparison)
    return DailyEffect(
        region=region,
        days=tuple(day.date() for day in comparison.after),
        effect=tuple(float(each) for each in effects),
        noise=noise,
        base_per_day=level,
        currency=currency,
        reason=comparison.reason
        or ("" if comparison.controls else "no comparable region was untouched: compared with its own past only"),
        days_before=len(comparison.before),
    )


def usual_level(values: pd.DataFrame, usable: pd.DataFrame, region: str, before: Window | None) -> float:
    """Give the mean of a region's usable days before a launch, in the metric's unit; 0 when there are none."""
    if before is None or region not in values.columns:
        return 0.0
    inside = (values.index >= np.datetime64(before.start)) & (values.index <= np.datetime64(before.end))
    days = values.loc[inside & usable[region].to_numpy(dtype=bool), region]
    return float(days.mean()) if len(days) else 0.0


def metric_level(panel: Panel, region: str, metric: str, before: Window | None, *, as_total: bool = False) -> float:
    """Give the same for a metric of the panel."""
    if metric not in panel.metrics:
        return 0.0
    values, usable, _, _ = _tables(panel, metric, as_total=as_total)
    return usual_level(values, usable, region, before)


def _nothing(region: str, currency: str, reason: str) -> DailyEffect:
    return DailyEffect(region, (), (), 0.0, 0.0, currency, reason=reason)


def _tables(
    panel: Panel, metric: str, *, as_total: bool = False
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Day × region: the metric's value, and whether the day is usable, immature or empty."""
    kind = panel.metrics[metric].kind
    events, exposure = panel.table(metric, "events"), panel.table(metric, "exposure")
    amounts = panel.table(metric, "value_sum")
    if kind == "rate":
        values = events / exposure.where(exposure > 0)
    elif kind == "mean" and not as_total:
        values = amounts / exposure.where(exposure > 0)
    else:
        values = events if kind == "count" else amounts
    complete = panel.table(metric, "is_complete") == True  # noqa: E712 - missing compares as False
    mature = panel.table(metric, "is_mature") == True  # noqa: E712
    counted = exposure if kind in ("rate", "mean") else events
    empty = complete & (counted.fillna(0.0) == 0.0)
    return values, complete & mature & ~empty & values.notna(), complete & ~mature, empty
