"""What the impact step hands over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

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
    `immature` says what of this line is not in yet, `break_even` at which figure the sign of the contribution turns.
    `to_come_share` is the share of the newest days' kept sales that is counted as still to come back; None where that
    is not known, and what is not in yet is missing.
    """

    id: str
    title: str
    per_day: MoneyEstimate | None
    status: LineStatus
    basis: str
    within: str = ""
    immature: str = ""
    break_even: str = ""
    to_come_share: float | None = None


@dataclass(frozen=True, slots=True)
class OnceLine:
    """A cost that a decision has once, such as a roll-back; `amount` is None when it is not known."""

    id: str
    title: str
    amount: Decimal | None
    status: LineStatus
    basis: str


@dataclass(frozen=True, slots=True)
class BridgeStep:
    """One step from orders x average order value to contribution, per day; the steps add up to the contribution."""

    id: str
    title: str
    per_day: Decimal


@dataclass(frozen=True, slots=True)
class OrdersChange:
    """Orders per day (without those never paid): what the counterfactual says, what came, and the difference."""

    expected_per_day: float
    actual_per_day: float
    change: Estimate


@dataclass(frozen=True, slots=True)
class Parts:
    """The contribution's change per day in two parts that add up: more or fewer orders, and what each one brings."""

    orders: float
    orders_error: float
    per_order: float
    per_order_error: float


@dataclass(frozen=True, slots=True)
class Precision:
    """How exactly the contribution is known, for those who look ahead; per day, in the reporting currency.

    `error` has two parts: days (shrinks with more days) and regions going their own way (does not). `base_per_day` is
    what the counterfactual says the region earns per day. `parts` divides the change into orders and what they bring;
    None where customers are compared with customers.
    """

    error: float
    error_of_days: float
    error_between: float
    degrees: int
    base_per_day: float
    days_before: int
    days_after: int
    parts: Parts | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """The contribution on a part of the judged days.

    `differs` when the other days say something else beyond chance, or what was flagged grows beyond chance.
    """

    id: Literal["newest-week", "all-in"]
    title: str
    window: Window
    days: int
    contribution: MoneyEstimate
    error: float
    differs: bool
    parts: Parts | None = None


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
    `exposed_share` is the planned share of customers who saw the feature where customers are compared with customers.
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


@dataclass(frozen=True, slots=True)
class Ledger:
    """The money of a flag or of a launched region: contribution per day, its lines and what acting would cost.

    An amount of the period is the amount per day times `judged_days`. `quiet_gaps` are how far each quiet day lay from
    the controls, `control_shares` the controls' shares in their sum; they tell how far regions err together. Both live
    within a run and are not written.
    """

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
    judged_days: int = 0
    orders: OrdersChange | None = None
    bridge: tuple[BridgeStep, ...] = ()
    once: tuple[OnceLine, ...] = ()
    precision: Precision | None = None
    stretches: tuple[Stretch, ...] = ()
    quiet_gaps: Mapping[date, float] = field(default_factory=dict, compare=False, repr=False)
    control_shares: Mapping[str, float] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class DailyEffect:
    """What a launch changed per local day against the counterfactual, in the reporting currency per day.

    `days` are consecutive matured days since the launch; `effect` the difference of contribution to the counterfactual
    on each; `noise` its standard deviation on days without any effect (from the days before the launch, serial
    dependence included); `base_per_day` the counterfactual's contribution per day; `days_before` how many quiet days
    the counterfactual rests on (0 where exposed customers are compared with unexposed ones of the same day); `method`
    how the counterfactual was made.
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

    @property
    def unit(self) -> Literal["day", "customer"]:
        """What is independent of what."""
        return "customer" if self.method == "exposed-split" else "day"
