"""Verdicts and money as plain facts that a decision policy can speak of; not known is None."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contextcheck.decide.flips import find_flips
from contextcheck.knowledge.policies import FACTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from contextcheck.knowledge.policies import FactValue
    from contextcheck.records import (
        Explained,
        ExplanationKind,
        ExplanationResult,
        Flag,
        Launch,
        Ledger,
        Window,
    )
    from contextcheck.settings import Costs

KINDS: tuple[ExplanationKind, ...] = ("norm", "abuse", "operational", "measurement")
_RANK = {"supported": 0, "partly": 1, "not_testable": 2, "too_flexible": 3, "contradicted": 4}
ACCOUNT_LINES = (
    "cancel_handling",
    "return_handling",
    "return_writedown",
    "chargeback_fees",
    "goods_lost",
    "payment_cost",
)
"""Lines whose cost follows the flagged orders; what accounts carry of the excess, they carry of these."""


def facts_of(
    flag: Flag | None,
    explained: Explained | None,
    ledger: Ledger,
    *,
    region: str,
    launches: Sequence[Launch],
    costs: Costs,
    horizon_days: int,
) -> dict[str, FactValue]:
    """Give every fact that a policy may use, by its name in `contextcheck.knowledge.policies.FACTS`.

    Args:
        flag: The flag; None for a launched region where nothing departed from what was expected.
        explained: The tested explanations of that flag; None without a flag.
        ledger: The money.
        region: The market.
        launches: Every launch; the one that is live in the region and the window counts.
        costs: Unit costs, for the values at which an assumption would flip the sign.
        horizon_days: Days over which finance looks ahead.

    Returns:
        Fact by name; each name of FACTS is there, None when it is not known.
    """
    launch = _launch_of(region, _window(flag, ledger), launches)
    facts: dict[str, FactValue] = dict.fromkeys(FACTS)
    facts.update(
        region=region,
        currency=ledger.currency,
        is_flagged=flag is not None,
        metric=flag.metric if flag else None,
        direction=flag.direction if flag else None,
        severity=flag.severity if flag else None,
        is_launched=launch is not None,
        feature=launch.feature if launch else None,
    )
    facts.update(_explanation_facts(explained.explanations if explained else ()))
    facts.update(_account_facts(explained))
    facts.update(_money_facts(ledger, costs, horizon_days))
    facts.update(_rest_facts(ledger, facts))
    facts.update(find_flips(ledger, costs))
    return facts


def _window(flag: Flag | None, ledger: Ledger) -> Window | None:
    if flag is not None:
        return flag.window
    return ledger.counterfactual.after if ledger.counterfactual else None


def _launch_of(region: str, window: Window | None, launches: Iterable[Launch]) -> Launch | None:
    """The newest launch that is live in the region on a day of the window (any day when there is no window)."""
    live = [
        launch
        for launch in launches
        if region in launch.regions
        and (window is None or (launch.start <= window.end and (launch.end is None or launch.end >= window.start)))
    ]
    return max(live, key=lambda launch: launch.start, default=None)


def _explanation_facts(explanations: Sequence[ExplanationResult]) -> dict[str, FactValue]:
    facts: dict[str, FactValue] = {"leading_kind": _leading_kind(explanations)}
    for kind in KINDS:
        active = [each for each in explanations if each.kind == kind and each.status == "active"]
        best = min(active, key=lambda each: (_RANK[each.verdict], -_share(each)), default=None)
        facts[f"{kind}_verdict"] = best.verdict if best else "none"
        if best is not None:
            facts[f"{kind}_title"] = best.title
            facts[f"{kind}_share"] = best.share_explained.value if best.share_explained else None
            facts[f"{kind}_owner"] = best.owner or None
    norms = [each for each in explanations if each.kind == "norm"]
    idle = [each.title for each in norms if each.status != "active" and each.verdict == "supported"]
    contradicted = [each.title for each in norms if each.status == "active" and each.verdict == "contradicted"]
    facts["idle_norm_title"] = idle[0] if idle else None
    facts["contradicted_norm_title"] = contradicted[0] if contradicted else None
    return facts


def _share(explanation: ExplanationResult) -> float:
    return explanation.share_explained.value if explanation.share_explained else 0.0


def _leading_kind(explanations: Iterable[ExplanationResult]) -> str:
    supported = [each for each in explanations if each.verdict == "supported" and each.status == "active"]
    leading = max(supported, key=_share, default=None)
    return leading.kind if leading else "none"


def _account_facts(explained: Explained | None) -> dict[str, FactValue]:
    if explained is None:
        return {"accounts_to_review": 0.0, "accounts_share": 0.0}
    unexplained = explained.unexplained_share
    return {
        "accounts_to_review": float(len(explained.accounts.review)),
        "accounts_share": explained.accounts.share_of_excess,
        "unexplained_share": unexplained.value if unexplained else None,
    }


def sign_of(low: float, high: float) -> str:
    """Gain or loss when the whole interval lies on one side of 0."""
    if low > 0:
        return "gain"
    return "loss" if high < 0 else "unclear"


def _money_facts(ledger: Ledger, costs: Costs, horizon_days: int) -> dict[str, FactValue]:
    compared = ledger.counterfactual
    facts: dict[str, FactValue] = {
        "counterfactual": compared.method if compared else "none",
        "has_controls": compared is not None and compared.method != "own-past",
        "controls": float(len(compared.controls)) if compared else 0.0,
        "horizon_days": float(horizon_days),
        "roll_back_cost": float(costs.roll_back),
        "contribution_sign": "not_measurable",
        "rest_sign": "not_measurable",
        "why_not_measurable": ledger.reason or None,
        "cost_of_acting": None if ledger.cost_of_acting is None else float(ledger.cost_of_acting),
        "break_even_abuse_share": ledger.break_even_abuse_share,
    }
    contribution = ledger.contribution_per_day
    if contribution is None:
        return facts
    value, low, high = float(contribution.value), float(contribution.low), float(contribution.high)
    facts.update(
        contribution=value,
        contribution_low=low,
        contribution_high=high,
        contribution_sign=sign_of(low, high),
        sign_holds_at_margins=_holds_at_margins(ledger, costs, value),
        loss_over_horizon=max(0.0, -value) * horizon_days,
        **_regret_facts(low, high, horizon_days, float(costs.roll_back)),
        is_loss_above_roll_back=-value * horizon_days > float(costs.roll_back),
        is_worst_case_above_roll_back=-low * horizon_days > float(costs.roll_back),
    )
    if ledger.order_value is not None:
        facts["order_value_change"] = ledger.order_value.placed_change_ratio.value
        kept = ledger.order_value.kept_change_ratio
        facts["kept_order_value_change"] = kept.value if kept else None
    return facts


def _regret_facts(low: float, high: float, horizon_days: int, roll_back: float) -> dict[str, FactValue]:
    """The worst each choice can turn out to have lost, at the ends of the interval (minimax regret, Stoye 2009)."""
    return {
        "regret_of_keeping": max(0.0, -low * horizon_days - roll_back),
        "regret_of_rolling_back": roll_back + max(0.0, high) * horizon_days,
    }


def _rest_facts(ledger: Ledger, facts: dict[str, FactValue]) -> dict[str, FactValue]:
    """The contribution without what the listed accounts cost: their share of lines that follow the flagged orders."""
    contribution, share = ledger.contribution_per_day, facts["accounts_share"]
    if contribution is None or not isinstance(share, float):
        return {}
    amounts = [line.per_day.value for line in ledger.lines if line.id in ACCOUNT_LINES and line.per_day is not None]
    carried = -share * sum(min(0.0, float(amount)) for amount in amounts)
    low, high = float(contribution.low) + carried, float(contribution.high) + carried
    return {"contribution_rest": float(contribution.value) + carried, "rest_sign": sign_of(low, high)}


def _holds_at_margins(ledger: Ledger, costs: Costs, value: float) -> bool:
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
