"""Values that every step uses: money, estimates, windows, launches and the fixed words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from decimal import Decimal

    from contextcheck.errors import Location

Direction = Literal["up", "down"]
Course = Literal["ongoing", "worsening", "easing", "over", "new_level"]
SeverityLevel = Literal["low", "medium", "high"]
ExplanationKind = Literal["norm", "abuse", "operational", "measurement"]
EntryStatus = Literal["draft", "trial", "active", "retired"]
SignResult = Literal["supports", "contradicts", "not_testable"]
Verdict = Literal["supported", "partly", "contradicted", "not_testable", "too_flexible"]
Weight = Literal["strong", "weak"]
LineStatus = Literal["measured", "assumed", "not_measured"]
CounterfactualMethod = Literal["exposed-split", "staggered", "synthetic-did", "ratio-did", "own-past"]
Action = Literal["keep", "watch", "ask-local-team", "act-on-accounts", "fix", "roll-back"]
Confidence = Literal["low", "medium", "high"]
Decision = Literal["pass", "hold", "roll-back"]


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency; two currencies never add."""

    amount: Decimal
    currency: str

    def __add__(self, other: Money) -> Money:
        if self.currency != other.currency:
            raise ValueError(f"cannot add {self.currency} and {other.currency}: convert at a given rate first")
        return Money(self.amount + other.amount, self.currency)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its 95 % interval (another level where the holder says so), same unit for all three."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Window:
    """Local days from `start` to `end`, both included; open while the newest judged day belongs to it."""

    start: date
    end: date
    is_open: bool = False

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    def overlaps(self, other: Window) -> bool:
        return self.start <= other.end and other.start <= self.end

    def dates(self) -> tuple[date, ...]:
        return tuple(self.start + timedelta(days=i) for i in range(self.days))


@dataclass(frozen=True, slots=True)
class Launch:
    """A feature that went live in some regions on a local day; `end` is None while it is live.

    `exposed_share` is the planned share of customers who see it, where only some do; None when that is not known.
    """

    feature: str
    regions: tuple[str, ...]
    start: date
    end: date | None = None
    where: Location | None = field(default=None, compare=False)
    exposed_share: float | None = None
