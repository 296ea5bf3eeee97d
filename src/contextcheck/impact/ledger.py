"""The money of a flag or of a launched region: lines, contribution, order value, and what acting would cost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from math import erf, exp, pi, sqrt
from typing import TYPE_CHECKING

from contextcheck.impact.comparison import Comparison, compare_days
from contextcheck.impact.counterfactual import choose_method, effects_of, with_launch
from contextcheck.impact.described import described
from contextcheck.impact.order_value import order_value
from contextcheck.impact.value import DailyValue, daily_value
from contextcheck.records import Ledger, LedgerLine, MoneyEstimate, Window

if TYPE_CHECKING:
    import pandas as pd

    from contextcheck.impact.effects import Effect
    from contextcheck.impact.split import Split
    from contextcheck.impact.value import ValueLine
    from contextcheck.knowledge.lines import Lines
    from contextcheck.panel.reference import Reference
    from contextcheck.panel.table import Panel
    from contextcheck.records import Launch
    from contextcheck.settings import Costs

CONFIDENCE_LEVEL = 0.90
"""Each end of such an interval is a one-sided statement at 5 %: "certainly below 0" is wrong in one case of twenty."""
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class _Case:
    """What one assessment works on.

    `panel` is the region's, `sums` what the comparison reads: the same, or the arms of a split; `value` is of `sums`.
    """

    panel: Panel
    sums: Panel
    region: str
    window: Window
    costs: Costs
    value: DailyValue
    comparison: Comparison
    seed: int


def money(amount: float) -> Decimal:
    """An amount to the cent; never minus zero."""
    return Decimal(repr(float(amount))).quantize(CENT) + Decimal(0)


def assess(
    panel: Panel,
    region: str,
    window: Window,
    reference: Reference,
    *,
    costs: Costs,
    currency: str,
    lines: Lines,
    horizon_days: int,
    seed: int = 0,
    launch: Launch | None = None,
    split: Split | None = None,
) -> Ledger:
    """Give what a flag or a launch changed in money, per day of the region, against its counterfactual.

    Args:
        panel: Daily sums; its ledger metrics are read.
        region: The region under study.
        window: The flagged days, or the days since the launch.
        reference: The quiet past and the controls.
        costs: Unit costs in the reporting currency.
        currency: Reporting currency, ISO 4217.
        lines: Free-shipping lines, named in the basis of the line about shipping given away.
        horizon_days: Days over which finance looks ahead; not needed for a figure per day.
        seed: Seed of the resampling of days.
        launch: The launch under study, named in the sentence.
        split: Its exposed and unexposed customers in the region, where the orders tell them apart.

    Returns:
        The ledger. Without a past to compare with, its reason says so and its amounts are None.

    Method: see `choose_method`; the contribution is the sum of its lines, each against its own counterfactual, so that
        nothing is left over.
    Source: `docs/methods.md`, section on money.
    Blind spots: customers who come back or stay away after the window; stock that is held meanwhile.
    """
    del horizon_days  # the decision looks ahead, the ledger says what a day is worth
    value = daily_value(panel, costs, window)
    if value.reason:
        return _without(currency, (), value.reason)
    comparison = compare_days(value.usable, value.immature, value.empty, region, window, reference)
    if comparison.reason:
        return _without(currency, tuple(_untold(line) for line in value.lines), comparison.reason)
    case = _case(panel, region, window, costs, value, with_launch(comparison, launch, split), seed)
    effect, told = _lines(case, lines)
    low, high = effect.interval(CONFIDENCE_LEVEL)
    return Ledger(
        currency=currency,
        counterfactual=described(
            case.comparison,
            effect,
            case.value.contribution,
            launch,
            usable=value.usable,
            clean=reference.clean,
            level=CONFIDENCE_LEVEL,
            seed=seed,
        ),
        contribution_per_day=MoneyEstimate(money(effect.value), money(low), money(high)),
        confidence_level=CONFIDENCE_LEVEL,
        lines=_balanced(told, money(effect.value)),
        order_value=order_value(case.sums, case.comparison, level=CONFIDENCE_LEVEL, seed=seed),
        break_even_abuse_share=_break_even(case),
        cost_of_acting=_cost_of_acting(case),
        cost_of_waiting_per_day=money(expected_loss(effect.value, effect.error)),
    )


def _case(
    panel: Panel, region: str, window: Window, costs: Costs, value: DailyValue, comparison: Comparison, seed: int
) -> _Case:
    """With a split the money of both arms stands in for that of the region and its controls."""
    arms = comparison.split.panel if comparison.split and comparison.method == "exposed-split" else None
    if arms is None:
        return _Case(panel, panel, region, window, costs, value, comparison, seed)
    return _Case(panel, arms, region, window, costs, daily_value(arms, costs, window), comparison, seed)


def _without(currency: str, lines: tuple[LedgerLine, ...], reason: str) -> Ledger:
    return Ledger(currency, None, None, CONFIDENCE_LEVEL, lines, None, None, None, None, reason=reason)


def _untold(line: ValueLine) -> LedgerLine:
    """A line that has a status but no amount, because there is nothing to compare with."""
    return LedgerLine(line.id, line.title, None, line.status, line.basis, within=line.within)


def _lines(case: _Case, free_shipping_lines: Lines) -> tuple[Effect, tuple[LedgerLine, ...]]:
    """The contribution's change per day and every line's; lines that are parts of others are compared on their own."""
    added = [line for line in case.value.lines if line.amounts is not None and not line.within]
    total, effects = effects_of([_amounts(line) for line in added], case.comparison, seed=case.seed)
    by_id = {line.id: effect for line, effect in zip(added, effects, strict=True)}
    for line in case.value.lines:
        comparison = _where_known(line, case.comparison) if line.within else None
        if comparison is not None:
            by_id[line.id], _ = effects_of([_amounts(line)], comparison, seed=case.seed)
    told = tuple(
        _told(case, line, by_id[line.id], free_shipping_lines) if line.id in by_id else _untold(line)
        for line in case.value.lines
    )
    return total, told


def _where_known(line: ValueLine, comparison: Comparison) -> Comparison | None:
    """The comparison among regions that have this line of money; None when the region itself has not."""
    if line.amounts is None:
        return None
    if comparison.method == "exposed-split":
        return comparison
    known = set(line.amounts.columns)
    if comparison.region not in known:
        return None
    controls = tuple(each for each in comparison.controls if each in known)
    later = {each: until for each, until in comparison.later.items() if each in known}
    if len(controls) + len(later) == len(comparison.all_controls):
        return comparison
    return choose_method(replace(comparison, controls=controls, later=later))


def _amounts(line: ValueLine) -> pd.DataFrame:
    assert line.amounts is not None, line.id
    return line.amounts.fillna(0.0)


def _told(case: _Case, line: ValueLine, effect: Effect, free_shipping_lines: Lines) -> LedgerLine:
    low, high = effect.interval(CONFIDENCE_LEVEL)
    basis = line.basis
    known = free_shipping_lines.get("free_shipping_threshold", {}).get(case.region)
    if line.id == "shipping_given_away" and known is not None:
        basis = f"line at {known.local.amount:,} {known.local.currency}; {basis}"
    young = sum((case.panel.as_of - day.date()).days < line.waits_days for day in case.comparison.after)
    if young:
        basis = f"{basis}; takes up to {line.waits_days:.0f} days to show, so the newest {young} days are not all in"
    estimate = MoneyEstimate(money(effect.value), money(low), money(high))
    return LedgerLine(line.id, line.title, estimate, line.status, basis, within=line.within)


def _balanced(lines: tuple[LedgerLine, ...], total: Decimal) -> tuple[LedgerLine, ...]:
    """The lines with the last cent of rounding put on the largest one, so that they add up to the total exactly."""
    added = [line for line in lines if line.per_day is not None and not line.within]
    amounts = {line.id: line.per_day.value for line in added if line.per_day is not None}
    rest = total - sum(amounts.values(), Decimal(0))
    if not amounts or rest == 0:
        return lines
    largest = max(amounts, key=lambda line_id: abs(amounts[line_id]))
    balanced = []
    for line in lines:
        if line.id == largest and line.per_day is not None:
            line = replace(line, per_day=replace(line.per_day, value=line.per_day.value + rest))
        balanced.append(line)
    return tuple(balanced)


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


def _break_even(case: _Case) -> float | None:
    """Share of abuse among these orders above which acting against all of them pays.

    Acting on one order wins back what it costs when it is abuse (r per order, from the handling, payment and shipping
    costs of a cancelled order), loses a good customer (f) when it is not, and costs a review (v) in any case:
    p x r = (1 - p) x f + v, so p = (f + v) / (f + r).
    """
    costs = case.costs
    good = float(costs.false_action_per_account)
    recovered = _loss_per_order(case)
    if recovered is None or good + recovered <= 0:
        return None
    return min(1.0, (good + float(costs.account_review)) / (good + recovered))


def _loss_per_order(case: _Case) -> float | None:
    """What one order costs that is placed, paid, handled, shipped free and not kept."""
    rows = case.panel.series(case.region, "placed_value")
    rows = rows.loc[rows.index.intersection(case.comparison.after)]
    orders = float(rows["events"].sum())
    if orders <= 0:
        return None
    average = float(rows["value_sum"].sum()) / orders
    costs = case.costs
    payment = float(costs.payment_rate) * average + float(costs.payment_fixed)
    return payment + float(costs.cancel_handling) + float(costs.shipping_cost)


def _cost_of_acting(case: _Case) -> Decimal:
    """What acting against everybody behind the extra cancels and returns would cost, were they all good customers."""
    extra = 0.0
    for metric in ("cancelled_orders", "returned_orders"):
        if metric in case.panel.metrics:
            counts = case.sums.table(metric, "events").astype(float).fillna(0.0)
            effect, _ = effects_of([counts], case.comparison, seed=case.seed)
            extra += max(0.0, effect.value) * len(case.comparison.after)
    each = float(case.costs.false_action_per_account + case.costs.account_review)
    return money(extra * each)
