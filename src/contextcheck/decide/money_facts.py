"""The ledger and the look ahead as facts; not known is None."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

from contextcheck.decide.outlook import deciding_stretch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contextcheck.knowledge.policies import FactValue
    from contextcheck.records import Ledger, MoneyEstimate, Outlook
    from contextcheck.settings import Costs

MIN_MATURE_SHARE = 0.5
"""Share of the judged days on which returns must be in; below it a gain may still be taken back."""

NORMAL = NormalDist()


def sign_of(low: float, high: float) -> str:
    """Gain or loss when the whole interval lies on one side of 0."""
    if low > 0:
        return "gain"
    return "loss" if high < 0 else "unclear"


def money_facts(
    ledger: Ledger, costs: Costs, horizon_days: int, looked_ahead: Outlook | None = None
) -> dict[str, FactValue]:
    """Give the facts about the contribution and what is expected of it.

    Args:
        ledger: The money.
        costs: Unit costs.
        horizon_days: Days over which finance looks ahead.
        looked_ahead: What keeping, rolling back and waiting are expected to cost.

    Returns:
        Fact by name. Signs are told at finance's alpha, on the days that the forecast rests on.
    """
    compared = ledger.counterfactual
    facts: dict[str, FactValue] = {
        "counterfactual": compared.method if compared else "none",
        "has_controls": compared is not None and compared.method != "own-past",
        "controls": float(len(compared.controls)) if compared else 0.0,
        "horizon_days": float(horizon_days),
        "roll_back_cost": float(looked_ahead.roll_back_cost if looked_ahead else costs.roll_back),
        "contribution_sign": "not_measurable",
        "rest_sign": "not_measurable",
        "per_order_sign": "not_measurable",
        "why_not_measurable": ledger.reason or None,
        "cost_of_acting": None if ledger.cost_of_acting is None else float(ledger.cost_of_acting),
        "break_even_abuse_share": ledger.break_even_abuse_share,
        "waiting_costs": None if ledger.cost_of_waiting_per_day is None else float(ledger.cost_of_waiting_per_day),
        **_immaturity(ledger),
    }
    contribution = ledger.contribution_per_day
    if contribution is None:
        return facts
    facts.update(
        contribution=float(contribution.value),
        contribution_low=float(contribution.low),
        contribution_high=float(contribution.high),
        sign_holds_at_margins=holds_at_margins(ledger, costs, float(contribution.value)),
        **_signs_and_costs(ledger, contribution, float(costs.roll_back), horizon_days, looked_ahead),
    )
    facts.update(_per_order_facts(ledger, looked_ahead))
    facts.update(_returns_facts(ledger, costs, is_immature=facts["is_immature"] is True))
    if ledger.order_value is not None:
        facts["order_value_change"] = ledger.order_value.placed_change_ratio.value
        kept = ledger.order_value.kept_change_ratio
        facts["kept_order_value_change"] = kept.value if kept else None
    return facts


def _signs_and_costs(
    ledger: Ledger, contribution: MoneyEstimate, roll_back: float, horizon: int, looked_ahead: Outlook | None
) -> dict[str, FactValue]:
    """With a look ahead its figures; without one (an old findings file, a test) the plain estimate's."""
    chosen = deciding_stretch(ledger)
    estimate = chosen.contribution if chosen else contribution
    if looked_ahead is None:
        low, high, forecast = float(estimate.low), float(estimate.high), float(estimate.value)
        return {
            **_deciding(estimate, low, high),
            "loss_over_horizon": max(0.0, -forecast) * horizon,
            "is_loss_above_roll_back": -forecast * horizon > roll_back,
            "is_worst_case_above_roll_back": -low * horizon > roll_back,
            "regret_of_keeping": max(0.0, -low * horizon - roll_back),
            "regret_of_rolling_back": roll_back + max(0.0, high) * horizon,
        }
    low, high = _interval_at(estimate, ledger.confidence_level, looked_ahead.alpha)
    forecast, limit = float(looked_ahead.forecast_per_day), float(looked_ahead.break_even_per_day)
    return {
        **_deciding(estimate, low, high),
        "alpha": looked_ahead.alpha,
        "forecast": forecast,
        "forecast_basis": chosen.title if chosen else None,
        "forecast_raw": float(chosen.contribution.value) if chosen else None,
        "break_even": limit,
        "chance_of_loss": looked_ahead.chance_of_loss,
        "chance_worth_roll_back": looked_ahead.chance_worth_roll_back,
        "cost_of_keeping": float(looked_ahead.cost_of_keeping),
        "cost_of_rolling_back": float(looked_ahead.cost_of_rolling_back),
        "best_choice": looked_ahead.choice,
        "minimax": looked_ahead.minimax,
        "answer": looked_ahead.answer,
        "loss_over_horizon": max(0.0, -forecast) * horizon,
        "is_loss_above_roll_back": forecast < limit,
        "is_worst_case_above_roll_back": low < limit,
        "regret_of_keeping": float(looked_ahead.regret_of_keeping),
        "regret_of_rolling_back": float(looked_ahead.regret_of_rolling_back),
    }


def _per_order_facts(ledger: Ledger, looked_ahead: Outlook | None) -> dict[str, FactValue]:
    """What lies in the value of an order, on the days that the forecast rests on; nothing when it is not known."""
    chosen = deciding_stretch(ledger)
    parts = chosen.parts if chosen else ledger.precision.parts if ledger.precision else None
    if parts is None or looked_ahead is None:
        return {}
    reach = NORMAL.inv_cdf(1 - looked_ahead.alpha) * parts.per_order_error
    low, high = parts.per_order - reach, parts.per_order + reach
    return {
        "per_order": parts.per_order,
        "per_order_low": low,
        "per_order_high": high,
        "per_order_sign": sign_of(low, high),
    }


def _deciding(estimate: MoneyEstimate, low: float, high: float) -> dict[str, FactValue]:
    return {
        "contribution_sign": sign_of(low, high),
        "deciding": float(estimate.value),
        "deciding_low": low,
        "deciding_high": high,
    }


def _interval_at(estimate: MoneyEstimate, level: float, alpha: float) -> tuple[float, float]:
    """The interval whose ends are each wrong with chance alpha; rescaled from the ledger's level."""
    usual = (1 - level) / 2
    if abs(usual - alpha) < 1e-9 or not 0 < usual < 0.5:
        return float(estimate.low), float(estimate.high)
    factor = NORMAL.inv_cdf(1 - alpha) / NORMAL.inv_cdf(1 - usual)
    value = float(estimate.value)
    return value - factor * (value - float(estimate.low)), value + factor * (float(estimate.high) - value)


def _immaturity(ledger: Ledger) -> dict[str, FactValue]:
    """What is not in yet, and whether the judged days leave open how it will come in.

    Where returns to come are counted, some days old enough to show them are enough; else most of the days must be.
    """
    young = [line for line in ledger.lines if line.immature and not line.within]
    if not young:
        return {"immature": None, "is_immature": False}
    mature = [each.days for each in ledger.stretches if each.id == "all-in"]
    is_counted = any(line.to_come_share is not None for line in young)
    enough = 1 if is_counted else MIN_MATURE_SHARE * max(ledger.judged_days, 1)
    is_open = (mature[0] if mature else 0) < enough
    return {"immature": young[0].immature if is_open else None, "is_immature": is_open}


def _returns_facts(ledger: Ledger, costs: Costs, *, is_immature: bool) -> dict[str, FactValue]:
    """How much of the kept value has to come back for a gain to be gone: it loses its margin and a write-down."""
    value, orders, contribution = ledger.order_value, ledger.orders, ledger.contribution_per_day
    if value is None or value.kept_after is None or orders is None or contribution is None or contribution.value <= 0:
        return {}
    lost = float(costs.gross_margin + costs.return_writedown) * float(value.kept_after) * orders.actual_per_day
    share = float(contribution.value) / lost if lost > 0 else None
    return {"returns_turn_at": share, "returns_turn_late": share if is_immature else None}


def rest_facts(
    ledger: Ledger, rest: Ledger | None, facts: Mapping[str, FactValue], costs: Costs, horizon_days: int
) -> dict[str, FactValue]:
    """Give the facts about everybody but the listed accounts.

    Args:
        ledger: The money of all orders.
        rest: The money without the orders of the listed accounts; None when it was not counted.
        facts: Those known so far; the number of accounts is read.
        costs: What a review and a good customer lost cost.
        horizon_days: Days over which finance looks ahead.

    Returns:
        Fact by name. Without listed accounts the rest is all; with accounts that could not be left out, unknown.

    Method: acting on n accounts in d reviews (linked accounts are looked at together) pays when
        p x taken x H > d x review + n x (1 - p) x value of a good customer, with p the share of them that is abuse,
        so p = (d / n x review + value) / (taken x H / n + value), at most 1.
    Source: docs/methods.md, decision.
    Blind spots: accounts are listed for what they did, so the rest looks a little better than it is.
    """
    whole = ledger.contribution_per_day
    if whole is None:
        return {}
    accounts = facts.get("accounts_to_review")
    if not accounts:
        return {
            "contribution_rest": float(whole.value),
            "rest_low": float(whole.low),
            "rest_high": float(whole.high),
            "rest_sign": facts.get("contribution_sign"),
        }
    if rest is None or rest.contribution_per_day is None:
        return {"rest_sign": "not_measurable", "why_not_measurable": "the listed accounts could not be left out"}
    left = rest.contribution_per_day
    alpha = facts.get("alpha")
    level = ledger.confidence_level
    low, high = _interval_at(left, level, alpha if isinstance(alpha, float) else (1 - level) / 2)
    taken = float(left.value - whole.value)
    assert isinstance(accounts, float)
    decisions = facts.get("account_decisions")
    reviews = decisions / accounts if isinstance(decisions, float) else 1.0
    good, review = float(costs.false_action_per_account), reviews * float(costs.account_review)
    each = max(taken, 0.0) * horizon_days / accounts
    return {
        "contribution_rest": float(left.value),
        "rest_low": low,
        "rest_high": high,
        "rest_sign": sign_of(low, high),
        "accounts_take": -taken,
        "accounts_pay_share": min(1.0, (review + good) / (each + good)) if each + good > 0 else None,
    }


def holds_at_margins(ledger: Ledger, costs: Costs, value: float) -> bool:
    """Whether the sign stays when an assumed gross margin is 20 % or 60 %; always true when it is known."""
    goods = [line for line in ledger.lines if line.id in ("goods", "goods_lost") and line.per_day is not None]
    if not any(line.status == "assumed" and line.id == "goods" for line in goods):
        return True
    share = 1.0 - float(costs.gross_margin)
    if share <= 0:
        return True
    amount = sum(float(line.per_day.value) for line in goods if line.per_day is not None)
    others = value - amount
    return all((others + amount * (1 - margin) / share > 0) == (value > 0) for margin in (0.2, 0.6))
