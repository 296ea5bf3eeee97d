"""What the impact step hands over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from decimal import Decimal

    from contextcheck.records.values import CounterfactualMethod, Estimate, LineStatus, Window


@dataclass(frozen=True, slots=True)
class MoneyEstimate:
    """Money with its interval; the level is stated by the ledger."""

    value: Decimal
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One money line per day against the counterfactual; positive is a gain for the shop.

    `within` names the line that this one is a part of (shown, not added); empty for the lines that add up.
    """

    id: str
    title: str
    per_day: MoneyEstimate | None
    status: LineStatus
    basis: str
    within: str = ""


@dataclass(frozen=True, slots=True)
class OrderValue:
    """Average order value (as placed, and as kept) before and after, with the change as a ratio."""

    placed_before: Decimal
    placed_after: Decimal
    placed_change_ratio: Estimate
    kept_before: Decimal | None
    kept_after: Decimal | None
    kept_change_ratio: Estimate | None


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """What the figures are compared with, in words and by name.

    `not_used` says for each better method why it could not be used; `placebo_regions` and `placebo_dates` how many of
    the comparable regions (of the past dates) moved as far as the region did, and how many were looked at;
    `exposed_share` is the planned share of customers who saw the feature where customers are compared with customers;
    `newest_week_per_day` the contribution per day over the last seven of the days judged, to hold against the mean.
    """

    method: CounterfactualMethod
    controls: tuple[str, ...]
    dropped: Mapping[str, str]
    before: Window
    after: Window
    sentence: str
    not_used: Mapping[str, str] = field(default_factory=dict)
    placebo_regions: tuple[int, int] | None = None
    placebo_dates: tuple[int, int] | None = None
    exposed_share: float | None = None
    newest_week_per_day: MoneyEstimate | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """The money of a flag or of a launched region: contribution per day, its lines and what acting would cost."""

    currency: str
    counterfactual: Counterfactual | None
    contribution_per_day: MoneyEstimate | None
    confidence_level: float
    lines: tuple[LedgerLine, ...]
    order_value: OrderValue | None
    break_even_abuse_share: float | None
    cost_of_acting: Decimal | None
    cost_of_waiting_per_day: Decimal | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DailyEffect:
    """What a launch changed per local day against the counterfactual, in the reporting currency per day.

    `days` are consecutive matured days since the launch; `effect` the difference of contribution to the counterfactual
    on each; `noise` its standard deviation on days without any effect (from the days before the launch, serial
    dependence included); `base_per_day` the counterfactual's contribution per day; `days_before` how many quiet days
    the counterfactual rests on (3650 where exposed customers are compared with unexposed ones, so that the past adds no
    error); `method` how the counterfactual was made.
    """

    region: str
    days: tuple[date, ...]
    effect: tuple[float, ...]
    noise: float
    base_per_day: float
    currency: str
    reason: str = ""
    days_before: int = 0
    method: CounterfactualMethod = "ratio-did"
