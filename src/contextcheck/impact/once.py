"""What a decision costs once: acting against customers, rolling back; and from which share of abuse acting pays."""

from __future__ import annotations

from math import erf, exp, pi, sqrt
from typing import TYPE_CHECKING

from contextcheck.impact.amounts import money
from contextcheck.impact.counterfactual import effects_of
from contextcheck.records import OnceLine

if TYPE_CHECKING:
    from decimal import Decimal

    from contextcheck.impact.comparison import Comparison
    from contextcheck.panel.table import Panel
    from contextcheck.settings import Costs

ROLL_BACK_DAYS = 3
"""Days of a region's contribution that a roll-back is taken to cost where the shop names no figure of its own."""


def expected_loss(mean: float, error: float) -> float:
    """Give the expected loss per day while nothing is done: E[max(0, -x)] for x normal with this mean and error.

    Example:
        >>> round(expected_loss(0.0, 1.0), 4)
        0.3989
    """
    if error <= 0:
        return max(0.0, -mean)
    standard = mean / error
    density = exp(-(standard**2) / 2) / sqrt(2 * pi)
    below = 0.5 * (1 + erf(-standard / sqrt(2)))
    return max(0.0, error * density - mean * below)


def break_even_abuse_share(panel: Panel, comparison: Comparison, costs: Costs) -> float | None:
    """Share of abuse among these orders above which acting against all of them pays; None when nobody ordered.

    Acting on one order wins back what it costs when it is abuse (r per order, from the handling, payment and shipping
    costs of a cancelled order), loses a good customer (f) when it is not, and costs a review (v) in any case:
    p x r = (1 - p) x f + v, so p = (f + v) / (f + r).
    """
    good = float(costs.false_action_per_account)
    recovered = _loss_per_order(panel, comparison, costs)
    if recovered is None or good + recovered <= 0:
        return None
    return min(1.0, (good + float(costs.account_review)) / (good + recovered))


def _loss_per_order(panel: Panel, comparison: Comparison, costs: Costs) -> float | None:
    """What one order costs that is placed, paid, handled, shipped free and not kept."""
    rows = panel.series(comparison.region, "placed_value")
    rows = rows.loc[rows.index.intersection(comparison.after)]
    orders = float(rows["events"].sum())
    if orders <= 0:
        return None
    average = float(rows["value_sum"].sum()) / orders
    payment = float(costs.payment_rate) * average + float(costs.payment_fixed)
    return payment + float(costs.cancel_handling) + float(costs.shipping_cost)


def extra_orders(panel: Panel, comparison: Comparison, seed: int) -> float:
    """Cancels and returns beyond the counterfactual, over the judged days; none when there are fewer."""
    extra = 0.0
    for metric in ("cancelled_orders", "returned_orders"):
        if metric in panel.metrics:
            counts = panel.table(metric, "events").astype(float).fillna(0.0)
            effect, _ = effects_of([counts], comparison, seed=seed)
            extra += max(0.0, effect.value) * len(comparison.after)
    return extra


def once_lines(extra: float, base_per_day: float, costs: Costs) -> tuple[OnceLine, ...]:
    """Give what acting against everybody and what a roll-back would cost, each once.

    Args:
        extra: Cancels and returns beyond the counterfactual over the judged days.
        base_per_day: What the counterfactual says the region earns per day, in the reporting currency.
        costs: Unit costs.
    """
    each = costs.false_action_per_account + costs.account_review
    is_given = costs.given >= {"false_action_per_account", "account_review"}
    names = ("false_action_per_account", "account_review")
    basis = f"{extra:,.0f} extra cancels and returns, were they all good customers, at {each} each: " + "; ".join(
        dict.fromkeys(costs.basis(name) for name in names)
    )
    acting = OnceLine(
        "cost_of_acting",
        "Acting against everybody behind it",
        money(extra * float(each)),
        "measured" if is_given else "assumed",
        basis,
    )
    return acting, roll_back_line(base_per_day, costs)


def roll_back_line(base_per_day: float | None, costs: Costs) -> OnceLine:
    """What a roll-back costs: the shop's figure, or some days of the region's contribution, in any currency."""
    title = "Rolling back"
    if "roll_back" in costs.given:
        return OnceLine("roll_back", title, costs.roll_back, "measured", costs.basis("roll_back"))
    if base_per_day is None or base_per_day <= 0:
        return OnceLine("roll_back", title, costs.roll_back, "assumed", costs.basis("roll_back"))
    basis = f"assumed: {ROLL_BACK_DAYS} days of the region's contribution; set costs.roll_back"
    return OnceLine("roll_back", title, money(ROLL_BACK_DAYS * base_per_day), "assumed", basis)


def roll_back_cost(lines: tuple[OnceLine, ...], costs: Costs) -> Decimal:
    """The roll-back's cost among a ledger's one-off costs; the settings' own where the ledger has none."""
    found = [line.amount for line in lines if line.id == "roll_back" and line.amount is not None]
    return found[0] if found else costs.roll_back
