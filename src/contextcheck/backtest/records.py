"""What a backtest found out; frozen, plain values only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from contextcheck.errors import Problem
    from contextcheck.records import Direction

WITHIN_DAYS = (1, 3, 7)
WANTED_SHARE = 0.8
SizeUnit = Literal["points", "relative"]


@dataclass(frozen=True, slots=True)
class SeriesAlerts:
    """How often one series raised an alert in its own history."""

    region: str
    metric: str
    alerts: int
    days: int
    per_month: float


@dataclass(frozen=True, slots=True)
class Step:
    """Planted changes of one size: how many, and the share that was caught within so many days."""

    size: float
    trials: int
    caught: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What one series would have caught.

    Attributes:
        unit: points: sizes are added to a rate (0.01 is one point); relative: shares of the expected amount.
        steps: Smallest size first.
        smallest: Within so many days, the smallest size caught in at least 80 % of the plantings; None when even the
            largest planted size was not.
        reason: Why nothing could be planted; then there are no steps.
    """

    region: str
    metric: str
    rule: str
    direction: Direction
    unit: SizeUnit
    steps: tuple[Step, ...]
    smallest: Mapping[int, float | None]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Three numbers of a rule and what they would have meant in the team's own history."""

    false_discovery_rate: float
    min_relative: float
    min_excess: float
    alerts_per_month: float
    median_smallest: float | None
    regions_that_catch: int


@dataclass(frozen=True, slots=True)
class Tuning:
    """The trade-off of one rule: what it has now, every alternative, and the one proposed."""

    rule: str
    unit: SizeUnit
    current: Thresholds
    alternatives: tuple[Thresholds, ...]
    proposed: Thresholds


@dataclass(frozen=True, slots=True)
class CutCheck:
    """Whether a history cut after a day gave the same flags and scores up to that day."""

    day: date
    compared: int
    differing: int


@dataclass(frozen=True, slots=True)
class Backtest:
    """The whole result."""

    first: date
    as_of: date
    seed: int
    alerts: tuple[SeriesAlerts, ...]
    sensitivities: tuple[Sensitivity, ...]
    cuts: tuple[CutCheck, ...]
    tunings: tuple[Tuning, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
