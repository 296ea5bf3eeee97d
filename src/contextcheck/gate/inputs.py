"""What the gate is told about one launched region, whatever the input was: orders, a panel or a findings file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contextcheck.records import DailyEffect, Explained, Flag, Guardrail, Ledger, Reason, Recommendation


@dataclass(frozen=True, slots=True)
class OneLook:
    """A mean effect per day with its standard error, where the days themselves are not known (a findings file)."""

    mean: float
    error: float
    days: int
    level: float


@dataclass(frozen=True, slots=True)
class RegionInput:
    """One launched region.

    Attributes:
        region: The market.
        metric: What is judged, such as contribution.
        effect: What the launch changed on each matured day; no days with a reason when that is not known.
        level_per_day: Usual level of the judged metric before the launch; 0 when not known.
        unit: What is independent of what: "day", or "customer" where exposed and unexposed customers are compared.
        ledger: The money of the region since the launch, shown beside the decision.
        recommendation: What the decision policy says.
        flags: The region's flags since the launch.
        explained: The tested explanations of those flags, in their order.
        guardrails: Metrics that must not get worse.
        stops: What stops the feature without statistics.
        doubts: Why the data are not good enough to judge on.
        one_look: Instead of `effect`, for a findings file.
    """

    region: str
    metric: str
    effect: DailyEffect
    level_per_day: float
    unit: str
    ledger: Ledger
    recommendation: Recommendation
    flags: tuple[Flag, ...] = ()
    explained: tuple[Explained, ...] = ()
    guardrails: tuple[Guardrail, ...] = ()
    stops: tuple[Reason, ...] = ()
    doubts: tuple[Reason, ...] = ()
    one_look: OneLook | None = None

    def say(self, amount: float, *, with_sign: bool = False) -> str:
        """An amount of the judged metric, in a few characters."""
        from contextcheck.knowledge.amounts import money_text

        if self.effect.currency:
            return money_text(amount, self.effect.currency, with_sign=with_sign)
        digits = f"{abs(amount):,.0f}" if abs(amount) >= 9.995 else f"{abs(amount):,.2f}"
        sign = "−" if amount < 0 and digits.strip("0.,") else ("+" if with_sign and digits.strip("0.,") else "")
        return f"{sign}{digits}"


@dataclass(frozen=True, slots=True)
class Stakes:
    """The numbers of finance that every region of a launch is judged with.

    Attributes:
        alpha: Chance of ever rolling back a harmless feature, where a roll-back is dear.
        is_cost_given: Whether the shop set the cost of a roll-back itself; an assumed one never makes evidence cheap.
        roll_back_cost: What a roll-back costs once, in the reporting currency.
        horizon_days: Days over which finance looks ahead.
        shared_by: Regions judged together, which share alpha.
    """

    alpha: float
    is_cost_given: bool
    roll_back_cost: float
    horizon_days: int
    shared_by: int
