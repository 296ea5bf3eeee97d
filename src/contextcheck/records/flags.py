"""What the detect step hands over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from contextcheck.records.values import Course, Direction, SeverityLevel, Window


@dataclass(frozen=True, slots=True)
class Observed:
    """What was seen in the window: events out of exposure; for a mean, `events` is the sum of values."""

    events: float
    exposure: float
    rate: float


@dataclass(frozen=True, slots=True)
class Expected:
    """What was to be expected there on those days: the rate and its 95 % prediction interval."""

    rate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class DailyPoint:
    """One local day of a flagged series, for pictures: observed and expected rate with its interval."""

    day: date
    observed: float | None
    expected: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Flag:
    """A region × metric × period that departs from expectation.

    One incident is one flag: metrics that moved in the same region on the same days are named in `related`
    (most telling first, the leading one is `metric`). `start_between` holds the days between which it began (95 %);
    None where the start was not estimated.
    """

    id: str
    rule: str
    metric: str
    region: str
    window: Window
    reference: Window
    direction: Direction
    severity: SeverityLevel
    observed: Observed
    expected: Expected
    excess_events: float
    relative_ratio: float
    q_value: float
    segment: Mapping[str, str] = field(default_factory=dict)
    related: tuple[RelatedMetric, ...] = ()
    daily: tuple[DailyPoint, ...] = ()
    course: Course = "over"
    start_between: tuple[date, date] | None = None


@dataclass(frozen=True, slots=True)
class RelatedMetric:
    """Another metric of the same incident."""

    metric: str
    direction: Direction
    observed_rate: float
    expected_rate: float
    q_value: float
