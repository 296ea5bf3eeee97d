"""The flag of an example: which metrics its world moves on the days in question, measured on the panel."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from contextcheck.panel.reference import choose_reference
from contextcheck.records import Expected, Flag, Observed, RelatedMetric

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from contextcheck.knowledge.entries import Entry
    from contextcheck.records import Direction, Window
    from contextcheck.rehearse.worlds import Stage

    Floats = NDArray[np.float64]

MIN_DEVIATIONS = 3.0
"""A metric counts as moved from here on …"""
MIN_OWN_DEVIATIONS = 2.0
"""… and from here on when the entry says that it moves."""


@dataclass(frozen=True, slots=True)
class _Days:
    """The days of one metric: events, exposure, and what is looked at (the values of a mean, else events)."""

    events: Floats
    exposure: Floats
    amount: Floats


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
    inside, past = (_days_of(stage, window) for window in (stage.window, reference.before))
    moves = [_move(metric, now, past[metric]) for metric, now in inside.items() if metric in past]
    found = [move for move in moves if move is not None and abs(move.deviations) >= MIN_OWN_DEVIATIONS]
    return tuple(sorted(found, key=lambda each: -abs(each.deviations)))


def _days_of(stage: Stage, window: Window) -> dict[str, _Days]:
    """The market's usable days of a window per metric."""
    daily = stage.panel.daily
    chosen = (daily["region"] == stage.region).to_numpy() & (daily["is_complete"] & daily["is_mature"]).to_numpy()
    day = daily["day"].to_numpy()
    chosen &= (day >= np.datetime64(window.start)) & (day <= np.datetime64(window.end))
    rows = daily[chosen]
    events, exposure, value = (rows[name].to_numpy(dtype=float) for name in ("events", "exposure", "value_sum"))
    amount = np.where(np.isnan(value), events, value)
    code, metrics = pd.factorize(rows["metric"], sort=True)
    return {
        str(metric): _Days(events[code == place], exposure[code == place], amount[code == place])
        for place, metric in enumerate(metrics)
    }


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


def _move(metric: str, inside: _Days, past: _Days) -> Move | None:
    if inside.exposure.sum() <= 0 or past.exposure.sum() <= 0:
        return None
    now = float(inside.amount.sum() / inside.exposure.sum())
    then = float(past.amount.sum() / past.exposure.sum())
    weighty = past.exposure > 0
    daily = past.amount[weighty] / past.exposure[weighty]
    deviation = float(daily.std(ddof=1)) if len(daily) > 1 else math.nan
    spread = deviation * math.sqrt(1 / len(inside.amount) + 1 / len(past.amount))
    if not spread > 0:
        # a metric that was 0 on every past day: any visible amount is a move
        spread = max(now, 1e-9) / (2 * MIN_DEVIATIONS) if inside.amount.sum() >= 10 else math.inf
    deviations = (now - then) / spread
    observed = Observed(float(inside.events.sum()), float(inside.exposure.sum()), now)
    expected = Expected(then, then - 1.96 * spread, then + 1.96 * spread)
    return Move(metric, "up" if now >= then else "down", deviations, observed, expected)
