"""The figures of one region: bounds, expected cost, and the alpha that goes with what a roll-back costs."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from contextcheck.gate.critical import critical_value
from contextcheck.gate.sequential import bounds, upper_path, weekdays_of
from contextcheck.gate.worth import alpha_for, worth_path
from contextcheck.records import GateFigures

if TYPE_CHECKING:
    from contextcheck.gate.inputs import OneLook, RegionInput, Stakes
    from contextcheck.knowledge.gate_policies import GatePolicy
    from contextcheck.records import Frozen

ONE_LOOK_PAST = 56


@dataclass(frozen=True, slots=True)
class Judged:
    """The figures of a region, and whether the expected cost speaks for a roll-back now."""

    figures: GateFigures
    is_worth_it: bool
    is_waiting_dear: bool


def judged_figures(region: RegionInput, policy: GatePolicy, stakes: Stakes, frozen: Frozen | None) -> Judged:
    """Give the figures that a region is judged by.

    Args:
        region: The region; it has days, or one look.
        policy: How it is judged.
        stakes: The numbers of finance.
        frozen: What was written down at the launch: its level and alpha count, not those of today.
    """
    level = frozen.levels.get(region.region, 0.0) if frozen else region.level_per_day
    cost_days = cost_in_days(region.metric, level, policy, stakes)
    alpha = frozen.alphas.get(region.region, 0.0) if frozen else 0.0
    alpha = alpha or region_alpha(region.metric, level, policy, stakes)
    base = level if level > 0 else abs(region.effect.base_per_day)
    loss = stakes.roll_back_cost if is_money(region.metric) else policy.roll_back_days * base
    break_even = loss / stakes.horizon_days
    shared = alpha / max(stakes.shared_by, 1)
    if region.one_look is not None:
        return _of_one_look(region, region.one_look, policy, stakes, (shared, alpha, cost_days, level, break_even))
    effect = region.effect
    values, weekdays = np.asarray(effect.effect, dtype=float), weekdays_of(effect.days)
    watch = policy.watch_days
    found = bounds(
        effect.days, effect.effect, effect.noise, effect.days_before, shared, pass_alpha=stakes.alpha, watch_days=watch
    )
    path = upper_path(values, effect.noise, weekdays, effect.days_before, shared, watch_days=watch)
    worth = worth_path(
        values,
        effect.noise,
        weekdays,
        effect.days_before,
        path,
        base_per_day=abs(effect.base_per_day),
        break_even=break_even,
        horizon_days=stakes.horizon_days,
        prior_share=policy.prior_share,
    )
    figures = GateFigures(
        metric=region.metric,
        unit=region.unit,
        currency=effect.currency,
        days=len(effect.days),
        mean=found.mean,
        upper=found.upper,
        upper_now=found.upper_now,
        lower=found.lower,
        recent=float(worth.recent[-1]),
        break_even=break_even,
        alpha=alpha,
        roll_back_days=cost_days,
        level_per_day=level,
        harm_since_day=found.harm_since_day,
    )
    return Judged(figures, bool(worth.is_below[-1]), bool(worth.is_waiting_dear[-1]))


def is_money(metric: str) -> bool:
    """Whether the cost of a roll-back can be set against the metric as it is."""
    return metric == "contribution"


def cost_in_days(metric: str, level: float, policy: GatePolicy, stakes: Stakes) -> float:
    """The cost of a roll-back in days of the region's usual level; infinite when it earns nothing."""
    if not is_money(metric):
        return policy.roll_back_days
    return stakes.roll_back_cost / level if level > 0 else inf


def region_alpha(metric: str, level: float, policy: GatePolicy, stakes: Stakes) -> float:
    """Alpha of a region before it is shared: it follows a cost that the shop has set, never an assumed one."""
    if is_money(metric) and not stakes.is_cost_given:
        return stakes.alpha
    return alpha_for(
        cost_in_days(metric, level, policy, stakes),
        stakes.alpha,
        cheap_alpha=policy.cheap_alpha,
        dear_from_days=policy.dear_from_days,
        cheap_to_days=policy.cheap_to_days,
    )


def _of_one_look(
    region: RegionInput,
    look: OneLook,
    policy: GatePolicy,
    stakes: Stakes,
    shares: tuple[float, float, float, float, float],
) -> Judged:
    """The same from an interval alone: the constant of the watch holds on whichever day the look is."""
    shared, alpha, cost_days, level, break_even = shares
    critical = critical_value(0, ONE_LOOK_PAST, policy.watch_days, shared)
    prior = (policy.prior_share * abs(look.level)) ** 2
    recent = look.mean * prior / (prior + look.error**2) if prior > 0 else look.mean
    upper = look.mean + critical * look.error
    figures = GateFigures(
        metric=region.metric,
        unit=region.unit,
        currency=region.effect.currency,
        days=look.days,
        mean=look.mean,
        upper=upper,
        upper_now=upper,
        lower=look.mean + float(ndtri(stakes.alpha)) * look.error,
        recent=recent,
        break_even=break_even,
        alpha=alpha,
        roll_back_days=cost_days,
        level_per_day=level,
        harm_since_day=look.days if upper < 0 else 0,
    )
    return Judged(figures, recent < -break_even, is_waiting_dear=True)
