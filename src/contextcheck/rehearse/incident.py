"""The flag of an example: which metrics its world moves on the days in question, measured on the panel."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from contextcheck.panel.reference import choose_reference
from contextcheck.records import Expected, Flag, Observed, RelatedMetric

if TYPE_CHECKING:
    from contextcheck.knowledge.entries import Entry
    from contextcheck.records import Direction, Window
    from contextcheck.rehearse.worlds import Stage

MIN_DEVIATIONS = 3.0
"""A metric counts as moved from here on …"""
MIN_OWN_DEVIATIONS = 2.0
"""… and from here on when the entry says that it moves."""


@dataclass(frozen=True, slots=True)
class Move:
    """How one metric of the market differs from its quiet past."""

    metric: str
    direction: Direction
    deviations: float
    observed: Observed
    expected: Expected


def moves_of(stage: Stage) -> tuple[Move, ...]:
    """Give the metrics that moved on the stage, the most telling first.

    Method: pooled level in the window less pooled level of the quiet past, over the spread of single days
    divided by the root of the number of days on both sides.
    """
    reference = choose_reference(stage.panel, stage.region, stage.window, (), stage.launches)
    if reference.before is None:
        return ()
    usable = stage.panel.usable()
    here = usable[usable["region"] == stage.region]
    here = here.assign(amount=here["value_sum"].where(here["value_sum"].notna(), here["events"]))
    inside, past = _within(here, stage.window), _within(here, reference.before)
    then = dict(iter(past.groupby("metric", observed=True)))
    found = []
    for metric, now in inside.groupby("metric", observed=True):
        move = _move(str(metric), now, then[metric]) if metric in then else None
        if move is not None and abs(move.deviations) >= MIN_OWN_DEVIATIONS:
            found.append(move)
    return tuple(sorted(found, key=lambda each: -abs(each.deviations)))


def flag_of(stage: Stage, entry: Entry, moves: tuple[Move, ...]) -> Flag | None:
    """Give the flag that an entry is asked to explain; None when nothing that it explains has moved."""
    explained = {(each.metric, each.direction) for each in entry.explains}
    own = [each for each in moves if (each.metric, each.direction) in explained]
    if not own:
        return None
    leading = own[0]
    others = [*own[1:], *(each for each in moves if each not in own and abs(each.deviations) >= MIN_DEVIATIONS)]
    excess = (leading.observed.rate - leading.expected.rate) * leading.observed.exposure
    return Flag(
        id="example",
        rule="example",
        metric=leading.metric,
        region=stage.region,
        window=stage.window,
        reference=stage.window,
        direction=leading.direction,
        severity="medium",
        observed=leading.observed,
        expected=leading.expected,
        excess_events=excess,
        relative_ratio=leading.observed.rate / leading.expected.rate if leading.expected.rate else math.inf,
        q_value=0.0,
        related=tuple(_related(each) for each in others),
    )


def _related(move: Move) -> RelatedMetric:
    return RelatedMetric(move.metric, move.direction, move.observed.rate, move.expected.rate, 0.0)


def _within(rows: pd.DataFrame, window: Window) -> pd.DataFrame:
    return rows[rows["day"].between(pd.Timestamp(window.start), pd.Timestamp(window.end))]


def _move(metric: str, inside: pd.DataFrame, past: pd.DataFrame) -> Move | None:
    if inside["exposure"].sum() <= 0 or past["exposure"].sum() <= 0:
        return None
    now = float(inside["amount"].sum() / inside["exposure"].sum())
    then = float(past["amount"].sum() / past["exposure"].sum())
    weighty = past[past["exposure"] > 0]
    daily = weighty["amount"] / weighty["exposure"]
    spread = float(daily.std()) * math.sqrt(1 / max(len(inside), 1) + 1 / max(len(past), 1))
    if not spread > 0:
        # a metric that was 0 on every past day: any visible amount is a move
        spread = max(now, 1e-9) / (2 * MIN_DEVIATIONS) if inside["amount"].sum() >= 10 else math.inf
    deviations = (now - then) / spread
    observed = Observed(float(inside["events"].sum()), float(inside["exposure"].sum()), now)
    expected = Expected(then, then - 1.96 * spread, then + 1.96 * spread)
    return Move(metric, "up" if now >= then else "down", deviations, observed, expected)
