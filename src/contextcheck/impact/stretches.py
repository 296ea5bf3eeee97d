"""Parts of the judged days that may tell another story: the newest week, and the days on which everything is in."""

from __future__ import annotations

from dataclasses import replace
from math import hypot
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.impact.amounts import money
from contextcheck.impact.counterfactual import effects_of
from contextcheck.impact.methods.interface import load_method
from contextcheck.impact.parts import parts_of, sum_of
from contextcheck.records import MoneyEstimate, Stretch, Window

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    import pandas as pd

    from contextcheck.impact.comparison import Comparison
    from contextcheck.impact.effects import Effect

WEEK = 7
BEYOND_CHANCE = 2.576
"""Standard errors apart from which two parts of the days are taken to differ (1 %, two-sided).

Stricter than the alpha of a decision: every flag is looked at in this way, and a part that differs by chance is an
extreme one."""
BEYOND_CHANCE_OF_TWO = 2.807
"""The same where two things are looked at, a step and a slope: half of 1 % each."""


def stretches(
    lines: Sequence[pd.DataFrame],
    orders: pd.DataFrame,
    comparison: Comparison,
    *,
    as_of: date,
    waits_days: float,
    level: float,
    seed: int,
    late: pd.Series,
) -> tuple[Stretch, ...]:
    """Give the contribution of the newest week and of the days on which every line is in, where there are such.

    Args:
        lines: The lines that add up, day × region.
        orders: Orders placed, day × region.
        comparison: Which days and regions.
        as_of: The last local day of the data.
        waits_days: Days that the slowest line of money needs to be complete; 0 when days are held back for all.
        level: Level of the intervals.
        seed: Seed of the resampling of days.
        late: Standard error per day of what late parcels bring back, one and the same on all days; zeros where they
            are in time.

    Returns:
        None, one or two parts; each says whether the other days differ from it beyond chance.

    Method: the same comparison on a part of the days after; it differs when it lies more than 2.576 standard errors
        from the remaining days: the days' of both parts, and once what regions drift apart by themselves. The newest
        week also differs where the days' effects rise or fall along a line, so far that its middle lies 2.807 such
        errors from that of the days before it; the step is then held to 2.807 as well.
    Source: the usual two-sample z test; the slope of least squares; docs/methods.md on money.
    Blind spots: a change inside the newest week; both parts share the quiet days before, so the test is cautious.
    """
    after = comparison.after
    found = []
    if len(after) >= 2 * WEEK:
        found.append(("newest-week", "the newest 7 judged days", after[-WEEK:]))
    old = after[[(as_of - day.date()).days >= waits_days for day in after]]
    if waits_days > 0 and WEEK <= len(old) < len(after):
        found.append(("all-in", f"the {len(old)} days on which nearly all returns and refunds are in", old))
    return tuple(
        _stretch(lines, orders, comparison, days, name, title, level=level, seed=seed, late=late)
        for name, title, days in found
    )


def led_by_the_newest_week(found: Sequence[Stretch]) -> tuple[Stretch, ...]:
    """The same where what was flagged is known to grow: the newest week then says something else than the days before.

    That the behaviour grows is told by its own counts, which vary far less than the money does.
    """
    return tuple(replace(each, differs=True) if each.id == "newest-week" else each for each in found)


def _stretch(
    lines: Sequence[pd.DataFrame],
    orders: pd.DataFrame,
    comparison: Comparison,
    days: pd.DatetimeIndex,
    name: str,
    title: str,
    *,
    level: float,
    seed: int,
    late: pd.Series,
) -> Stretch:
    part = replace(comparison, after=days)
    effect, _ = effects_of(lines, part, seed=seed)
    effect = effect.with_error(abs(float(late.loc[days].mean())))
    others = comparison.after.difference(days)
    rest, _ = effects_of(lines, replace(comparison, after=others), seed=seed)
    low, high = effect.interval(level)
    is_newest = name == "newest-week"
    differs = _differ(effect, rest, BEYOND_CHANCE_OF_TWO if is_newest else BEYOND_CHANCE)
    if is_newest and not differs:
        differs = _slopes(lines, comparison, effect.error_between)
    return Stretch(
        id="newest-week" if is_newest else "all-in",
        title=title,
        window=Window(days[0].date(), days[-1].date()),
        days=len(days),
        contribution=MoneyEstimate(money(effect.value), money(low), money(high)),
        error=effect.error,
        differs=differs,
        parts=parts_of(sum_of(lines), orders, part, effect, seed=seed),
    )


def _differ(one: Effect, other: Effect, beyond: float) -> bool:
    """Regions drift within a few weeks as well, so the error between regions counts beside that of both parts' days."""
    return abs(one.value - other.value) > beyond * hypot(one.error_of_days, other.error_of_days, one.error_between)


def _slopes(lines: Sequence[pd.DataFrame], comparison: Comparison, between: float) -> bool:
    """Whether the days' effects rise or fall beyond chance, told as the newest week against the days before it."""
    by_day, _, noise = load_method(comparison.method).by_day(sum_of(lines), comparison)
    place = np.arange(len(by_day)) - (len(by_day) - 1) / 2
    size = float(place @ place)
    apart = len(by_day) / 2  # from the middle of the days before the newest week to the middle of that week
    return abs(float(place @ by_day)) / size * apart > BEYOND_CHANCE_OF_TWO * hypot(
        noise / np.sqrt(size) * apart, between
    )
