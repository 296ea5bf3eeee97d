"""A launch that comes to regions on different days: regions that have it later serve as controls until then."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from contextcheck.impact.comparison import cells
from contextcheck.impact.methods.ratio_did import RatioDid, ratio_did
from contextcheck.impact.noise import weekday_weights

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from contextcheck.impact.comparison import Comparison
    from contextcheck.impact.effects import Effect

    Array = NDArray[np.float64]

NEVER = 0
"""In `first_treated`: the unit is never treated."""


@dataclass(frozen=True, slots=True)
class Average:
    """An effect with what every unit adds to its error.

    Attributes:
        effect: The effect, or a mean of effects.
        influence: Per unit, how much the effect would move with the unit's weight, times the units; mean 0.
    """

    effect: float
    influence: Array = field(compare=False, repr=False)

    @property
    def error(self) -> float:
        """Standard error, units drawn independently; 0 for groups of one unit, which show no spread of their own."""
        return float(np.sqrt(np.mean(np.square(self.influence)) / len(self.influence)))


@dataclass(frozen=True, slots=True)
class GroupTime(Average):
    """The effect on the units first treated in one period, in one later (or earlier) period.

    Attributes:
        group: Period in which these units were first treated.
        period: The period the effect is for.
        members: Per unit, its weight where it belongs to the group, else 0; weights have the mean 1.
    """

    group: int = NEVER
    period: int = 0
    members: Array = field(default_factory=lambda: np.zeros(0), compare=False, repr=False)


def att_gt(
    outcomes: Array,
    periods: Sequence[int],
    first_treated: Sequence[int],
    *,
    weights: Array | None = None,
    controls: Literal["never", "not-yet"] = "not-yet",
) -> tuple[GroupTime, ...]:
    """Give the effect on every group of units in every period, against units that are not treated then.

    Args:
        outcomes: Units × periods.
        periods: The periods' numbers, rising.
        first_treated: Per unit the period in which it was first treated; 0 for never.
        weights: Per unit; equal when not given.
        controls: Compare with never treated units only, or also with those that are treated later.

    Returns:
        One effect per group and period for which there are controls, groups and periods rising. Before a group's
        start the base is the period before (a check of parallel trends), from then on the last one before the start.

    Method: ATT(g, t) = mean over group g of (Y_t - Y_base) - mean over controls of (Y_t - Y_base). Influence of unit i:
        its deviation from the mean of its side, divided by that side's share of all units, controls with a minus.
    Source: Callaway and Sant'Anna (2021), Journal of Econometrics 225(2), without covariates; theorem 2 for the error.
    Blind spots: assumes that treated and controls would have moved alike, and that nobody moves ahead of the start.
    """
    first = np.asarray(first_treated)
    mass = np.ones(len(first)) if weights is None else np.asarray(weights, dtype=float)
    mass = mass / mass.mean()
    number = list(periods)
    found = []
    for group in sorted({int(each) for each in first if each != NEVER and each > number[0]}):
        treated = np.where(first == group, mass, 0.0)
        start = max(position for position, period in enumerate(number) if period < group)
        for position in range(1, len(number)):
            base = start if number[position] >= group else position - 1
            is_free = first == NEVER
            if controls == "not-yet":
                is_free |= (first > max(number[position], number[base])) & (first != group)
            free = np.where(is_free, mass, 0.0)
            if free.sum() <= 0:
                continue
            moved = outcomes[:, position] - outcomes[:, base]
            own, others = np.average(moved, weights=treated), np.average(moved, weights=free)
            influence = treated / treated.mean() * (moved - own) - free / free.mean() * (moved - others)
            found.append(GroupTime(float(own - others), influence, group, number[position], treated))
    return tuple(found)


def aggregate(
    effects: Sequence[GroupTime],
    how: Literal["simple", "group", "event"],
    *,
    lengths: Mapping[int, float] | None = None,
) -> dict[int, Average]:
    """Give averages of the effects from each group's start on.

    Args:
        effects: From `att_gt`.
        how: "simple" one average over all, under key 0; "group" one per group; "event" one per number of periods since
            the start.
        lengths: How long each period is; equal when not given.

    Method: weights are the groups' units (times the periods' lengths). The error counts that the groups' shares of all
        units are estimated as well: to the weighted influences comes effect x influence of its weight.
    Source: Callaway and Sant'Anna (2021), section 3 and corollary 2.
    Blind spots: late event times rest on early groups alone; with a handful of units the error is too small.
    """
    keys: dict[int, list[GroupTime]] = {}
    for each in effects:
        if each.period >= each.group:
            key = {"simple": 0, "group": each.group, "event": each.period - each.group}[how]
            keys.setdefault(key, []).append(each)
    return {key: _average(group, lengths or {}) for key, group in sorted(keys.items())}


def _average(effects: Sequence[GroupTime], lengths: Mapping[int, float]) -> Average:
    members = np.stack([each.members * lengths.get(each.period, 1.0) for each in effects])
    shares = members.mean(axis=1)
    weights = shares / shares.sum()
    around = members - shares[:, None]
    of_weights = (around - weights[:, None] * around.sum(axis=0)) / shares.sum()
    values = np.array([each.effect for each in effects])
    influence = weights @ np.stack([each.influence for each in effects]) + values @ of_weights
    return Average(float(weights @ values), influence)


class Staggered:
    """Regions without the feature and, until it comes to them, regions that get it later.

    Method: the days after are cut where a later region drops out. In each stretch, effect = `att_gt` of the region's
        own group on outcomes that are shares of each region's level before, weighted with these levels (which is the
        ratio difference-in-differences against the controls of that stretch). The mean over stretches by days; the
        error is that of the fewest controls that any stretch has.
    Source: Callaway and Sant'Anna (2021), Journal of Econometrics 225(2).
    Blind spots: a region that prepares for its launch, by a campaign for instance, moves ahead of it.
    """

    def refuses(self, comparison: Comparison) -> str:
        return "" if comparison.later else "the launch did not come to other regions on later days"

    def effects(
        self, lines: Sequence[pd.DataFrame], comparison: Comparison, *, seed: int
    ) -> tuple[Effect, tuple[Effect, ...]]:
        stretches = _stretches(comparison)
        fewest = min(stretches, key=lambda each: len(each.controls))
        sure = replace(fewest, before=comparison.before, after=comparison.after)
        total, parts = ratio_did(lines, sure, seed=seed)
        values = [_value(line, comparison, stretches) for line in lines]
        moved = tuple(_moved_to(part, value) for part, value in zip(parts, values, strict=True))
        return _moved_to(total, sum(values)), moved

    def by_day(self, series: pd.DataFrame, comparison: Comparison) -> tuple[Array, float, float]:
        found = [RatioDid().by_day(series, stretch) for stretch in _stretches(comparison)]
        days = np.array([len(effects) for effects, _, _ in found])
        level = float(np.average([level for _, level, _ in found], weights=days))
        return np.concatenate([effects for effects, _, _ in found]), level, max(noise for _, _, noise in found)


def _stretches(comparison: Comparison) -> list[Comparison]:
    """Days after with the same controls on each, in order."""
    edges = sorted({until for until in comparison.later.values() if until <= comparison.after[-1]})
    bounds = [comparison.after[0], *edges, comparison.after[-1] + pd.Timedelta(days=1)]
    found = []
    for start, end in zip(bounds, bounds[1:], strict=False):
        days = comparison.after[(comparison.after >= start) & (comparison.after < end)]
        free = tuple(name for name, until in comparison.later.items() if until >= end)
        if len(days):
            found.append(replace(comparison, after=days, controls=(*comparison.controls, *free), later={}))
    return found


def _value(line: pd.DataFrame, comparison: Comparison, stretches: Sequence[Comparison]) -> float:
    """The effect per day on one line."""
    names = [comparison.region, *comparison.all_controls]
    days = {number: float(len(stretch.after)) for number, stretch in enumerate(stretches, start=1)}
    effects = []
    for number, stretch in enumerate(stretches, start=1):
        level = weekday_weights(stretch.before, stretch.after) @ cells(line, stretch.before, names)
        now = cells(line, stretch.after, names).mean(axis=0)
        is_free = np.array([name in stretch.controls for name in names])
        if level[0] == 0 or level[is_free].sum() == 0:
            effects.append(_alone(float(now[0] - level[0]), number))
            continue
        shares = np.where(level != 0, now / np.where(level != 0, level, 1.0), 1.0)
        first = np.where(is_free, NEVER, 1)
        keep = is_free | (np.arange(len(names)) == 0)
        outcomes = np.stack([np.ones(len(names)), shares], axis=1)[keep]
        found = att_gt(outcomes, [0, 1], first[keep], weights=np.abs(level[keep]))
        effects.append(_alone(found[0].effect * float(level[0]), number))
    return aggregate(effects, "simple", lengths=days)[0].effect


def _alone(effect: float, stretch: int) -> GroupTime:
    """The effect on the one region under study in one stretch of days."""
    return GroupTime(effect, np.zeros(1), 1, stretch, np.ones(1))


def _moved_to(effect: Effect, value: float) -> Effect:
    """The same uncertainty around another value; the expected level follows."""
    return replace(effect, value=value, expected=effect.expected + effect.value - value)
