"""What a launch changed on each day since, against the counterfactual: the numbers that the gate looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contextcheck.impact.comparison import compare_days
from contextcheck.impact.counterfactual import with_launch
from contextcheck.impact.methods.exposed_split import NO_PAST
from contextcheck.impact.methods.interface import load_method
from contextcheck.impact.value import daily_value, value_of_arms
from contextcheck.records import DailyEffect, Window

if TYPE_CHECKING:
    from contextcheck.impact.split import Split
    from contextcheck.knowledge.lines import Lines
    from contextcheck.panel.reference import Reference
    from contextcheck.panel.table import Panel
    from contextcheck.records import Launch
    from contextcheck.settings import Costs


OWN_PAST = "no comparable region was untouched: compared with its own past only"


def daily_effect(
    panel: Panel,
    region: str,
    launch: Launch,
    reference: Reference,
    *,
    costs: Costs,
    currency: str,
    lines: Lines,
    split: Split | None = None,
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
        split: Exposed and unexposed customers of the region, where the orders tell them apart.

    Returns:
        One effect per day, and the noise of such a difference on days without an effect. No days, with a reason,
        when there is nothing to compare with.

    Method: the method that `choose_method` finds, day by day; for regions effect_d = contribution_d - (mean of the same
        weekday before) x (controls that day / controls' mean of that weekday before), and the noise is that of the
        same difference on the quiet days, its standard deviation enlarged for serial dependence (AR(1)); for a split
        see `ExposedSplit`.
    Source: `docs/methods.md`; Waudby-Smith et al. (2024), Annals of Statistics 52(6), for its use day by day.
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
    comparison = with_launch(comparison, launch, split)
    arms = comparison.split.panel if comparison.split and comparison.method == "exposed-split" else None
    contribution = value_of_arms(arms, costs, window).contribution if arms else value.contribution
    effects, level, noise = load_method(comparison.method).by_day(contribution, comparison)
    return DailyEffect(
        region=region,
        days=tuple(day.date() for day in comparison.after),
        effect=tuple(float(each) for each in effects),
        noise=noise,
        base_per_day=level,
        currency=currency,
        reason=OWN_PAST if comparison.method == "own-past" else "",
        days_before=NO_PAST if arms else len(comparison.before),
        method=comparison.method,
    )


def _nothing(region: str, currency: str, reason: str) -> DailyEffect:
    return DailyEffect(region, (), (), 0.0, 0.0, currency, reason=reason)
