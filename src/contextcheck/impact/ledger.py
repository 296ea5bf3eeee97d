"""The money of a flag or of a launched region: lines, contribution, order value, and what acting would cost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from contextcheck.impact.amounts import balanced, money
from contextcheck.impact.bridge import bridge_steps, orders_change, orders_line
from contextcheck.impact.comparison import Comparison, compare_days
from contextcheck.impact.counterfactual import choose_method, effects_of, with_launch
from contextcheck.impact.described import described
from contextcheck.impact.development import PLACED_VALUE
from contextcheck.impact.methods.exposed_split import NO_PAST
from contextcheck.impact.once import break_even_abuse_share, expected_loss, extra_orders, once_lines, roll_back_line
from contextcheck.impact.order_value import order_value
from contextcheck.impact.parts import parts_of, sum_of
from contextcheck.impact.stretches import stretches
from contextcheck.impact.together import control_shares, quiet_gaps
from contextcheck.impact.value import DailyValue, daily_value, value_of_arms
from contextcheck.records import Ledger, LedgerLine, MoneyEstimate, Precision, Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

    from contextcheck.impact.effects import Effect
    from contextcheck.impact.split import Split
    from contextcheck.impact.value import ValueLine
    from contextcheck.knowledge.lines import Lines
    from contextcheck.panel.reference import Reference
    from contextcheck.panel.table import Panel
    from contextcheck.records import Counterfactual, Launch
    from contextcheck.settings import Costs

_SLOW = {
    "return_handling": "returns",
    "return_writedown": "returns",
    "goods_lost": "refunds and disputes",
    "chargeback_fees": "disputes",
}
"""What a line waits for, in the words of its sentence."""

_RETURN_LINES = ("return_handling", "return_writedown")

CONFIDENCE_LEVEL = 0.90
"""Each end of such an interval is a one-sided statement at 5 %: "certainly below 0" is wrong in one case of twenty."""


@dataclass(frozen=True)
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

    @cached_property
    def late(self) -> pd.DataFrame:
        """Day × line, see `_late_errors`."""
        return _late_errors(self)

    @property
    def added(self) -> list[ValueLine]:
        """The lines that add up to the contribution."""
        return [line for line in self.value.lines if line.amounts is not None and not line.within]


@dataclass(frozen=True, slots=True)
class _Effects:
    """The change per day of the contribution, of every line, of the orders and of their value as placed."""

    total: Effect
    by_id: Mapping[str, Effect]
    orders: Effect
    placed: Effect

    def added(self, lines: Iterable[ValueLine]) -> dict[str, tuple[str, Effect]]:
        """Title and effect of the lines that add up to the contribution."""
        return {
            line.id: (line.title, self.by_id[line.id]) for line in lines if line.id in self.by_id and not line.within
        }


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
        nothing is left over. The bridge from orders x average order value, see `bridge_steps`, ends at the same sum.
    Source: `docs/methods.md`, section on money.
    Blind spots: fixed costs; customers who stay away after the window, unless a future value is set.
    """
    del horizon_days  # the decision looks ahead, the ledger says what a day is worth
    value = daily_value(panel, costs, window)
    if value.reason:
        return _without(currency, (), value.reason, costs)
    comparison = compare_days(value.usable, value.immature, value.empty, region, window, reference)
    if comparison.reason:
        return _without(currency, tuple(_untold(line) for line in value.lines), comparison.reason, costs)
    case = _case(panel, region, window, costs, value, with_launch(comparison, launch, split), seed)
    effects = _effects(case)
    compared = described(
        case.comparison, effects.total, case.value.contribution, launch, usable=value.usable, clean=reference.clean
    )
    return _ledger(case, effects, currency, lines, compared)


def _case(
    panel: Panel, region: str, window: Window, costs: Costs, value: DailyValue, comparison: Comparison, seed: int
) -> _Case:
    """With a split the money of both arms stands in for that of the region and its controls."""
    arms = comparison.split.panel if comparison.split and comparison.method == "exposed-split" else None
    if arms is None:
        return _Case(panel, panel, region, window, costs, value, comparison, seed)
    return _Case(panel, arms, region, window, costs, value_of_arms(arms, costs, window), comparison, seed)


def _ledger(case: _Case, effects: _Effects, currency: str, lines: Lines, compared: Counterfactual) -> Ledger:
    total, comparison = effects.total, case.comparison
    low, high = total.interval(CONFIDENCE_LEVEL)
    contribution = money(total.value)
    told = _told_lines(case, effects, lines)
    acting, roll_back = once_lines(extra_orders(case.sums, comparison, case.seed), total.expected, case.costs)
    return Ledger(
        currency=currency,
        counterfactual=compared,
        contribution_per_day=MoneyEstimate(contribution, money(low), money(high)),
        confidence_level=CONFIDENCE_LEVEL,
        lines=(*_balanced(told, contribution), orders_line(effects.orders, total, CONFIDENCE_LEVEL)),
        order_value=order_value(case.sums, case.value, comparison, level=CONFIDENCE_LEVEL, seed=case.seed),
        break_even_abuse_share=break_even_abuse_share(case.panel, comparison, case.costs),
        cost_of_acting=acting.amount,
        cost_of_waiting_per_day=money(expected_loss(total.value, total.error)),
        judged_days=len(comparison.after),
        orders=orders_change(effects.orders, CONFIDENCE_LEVEL),
        bridge=bridge_steps(effects.orders, effects.placed, effects.added(case.value.lines), contribution),
        once=(acting, roll_back),
        precision=_precision(case, total),
        stretches=stretches(
            [_amounts(line) for line in case.added],
            _orders(case),
            comparison,
            as_of=case.panel.as_of,
            waits_days=max(line.waits_days for line in case.added),
            level=CONFIDENCE_LEVEL,
            seed=case.seed,
            late=case.late.sum(axis=1),
        ),
        quiet_gaps=quiet_gaps(case.value.contribution, comparison),
        control_shares=control_shares(case.value.contribution, comparison),
    )


def _without(currency: str, lines: tuple[LedgerLine, ...], reason: str, costs: Costs) -> Ledger:
    once = (roll_back_line(None, costs),)
    return Ledger(currency, None, None, CONFIDENCE_LEVEL, lines, None, None, None, None, reason=reason, once=once)


def _orders(case: _Case) -> pd.DataFrame:
    return case.sums.table(PLACED_VALUE, "events").astype(float).fillna(0.0)


def _precision(case: _Case, total: Effect) -> Precision:
    comparison = case.comparison
    return Precision(
        error=total.error,
        error_of_days=total.error_of_days,
        error_between=total.error_between,
        degrees=total.degrees,
        base_per_day=total.expected,
        days_before=NO_PAST if comparison.method == "exposed-split" else len(comparison.before),
        days_after=len(comparison.after),
        parts=parts_of(
            sum_of([_amounts(line) for line in case.added]), _orders(case), comparison, total, seed=case.seed
        ),
    )


def _untold(line: ValueLine) -> LedgerLine:
    """A line that has a status but no amount, because there is nothing to compare with."""
    return LedgerLine(line.id, line.title, None, line.status, line.basis, within=line.within)


def _effects(case: _Case) -> _Effects:
    """The contribution's change per day and every line's; lines that are parts of others are compared on their own."""
    total, parts = effects_of([_amounts(line) for line in case.added], case.comparison, seed=case.seed)
    late = case.late.mean()
    total = total.with_error(float(abs(late.sum())))
    by_id = {
        line.id: effect.with_error(float(abs(late.get(line.id, 0.0))))
        for line, effect in zip(case.added, parts, strict=True)
    }
    for line in case.value.lines:
        comparison = _where_known(line, case.comparison) if line.within else None
        if comparison is not None:
            by_id[line.id], _ = effects_of([_amounts(line)], comparison, seed=case.seed)
    counts, values = (case.sums.table(PLACED_VALUE, each).astype(float).fillna(0.0) for each in ("events", "value_sum"))
    orders, _ = effects_of([counts], case.comparison, seed=case.seed)
    placed, _ = effects_of([values], case.comparison, seed=case.seed)
    return _Effects(total, by_id, orders, placed)


def _late_errors(case: _Case) -> pd.DataFrame:
    """Day × line: what the region would earn more or less if one standard error more of late parcels came back.

    No columns where parcels are in time. Customers who are compared with customers of the same region wait for the same
    parcels.
    """
    if case.region not in case.value.late or case.sums is not case.panel:
        return pd.DataFrame(index=case.comparison.after)
    more = daily_value(case.panel, case.costs, case.window, late_errors=1.0)
    told = {line.id: line for line in more.lines}
    days = case.comparison.after
    return pd.DataFrame(
        {line.id: (_amounts(told[line.id]) - _amounts(line)).loc[days, case.region] for line in case.added}
    )


def _told_lines(case: _Case, effects: _Effects, free_shipping_lines: Lines) -> tuple[LedgerLine, ...]:
    return tuple(
        _told(case, line, effects.by_id[line.id], free_shipping_lines) if line.id in effects.by_id else _untold(line)
        for line in case.value.lines
    )


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
    estimate = MoneyEstimate(money(effect.value), money(low), money(high))
    told, share = _not_in_yet(case, line)
    return LedgerLine(
        line.id, line.title, estimate, line.status, basis, within=line.within, immature=told, to_come_share=share
    )


def _not_in_yet(case: _Case, line: ValueLine) -> tuple[str, float | None]:
    """What of a line is not in yet, empty when all of it is; and what is counted for it, as a share of kept sales."""
    days = case.comparison.after
    young = sum((case.panel.as_of - day.date()).days < line.waits_days for day in days)
    if not young:
        return "", None
    newest = f"the newest {young} of {len(days)} judged days"
    if line.id in _RETURN_LINES and case.value.to_come is not None:
        share = _share_to_come(case, days[-young:])
        taken = f"{100 * share:.1f} % of their kept sales is taken off for those to come"
        late = "; returns come later than usual, as late parcels do" if case.region in case.value.late else ""
        return f"of {newest} not all returns are in: {taken}{late}", share
    what = _SLOW.get(line.id, "what happens later")
    return f"{what} younger than {line.waits_days:.0f} days are not in yet: {newest}", None


def _share_to_come(case: _Case, days: pd.DatetimeIndex) -> float:
    """What is taken to come back of what these days kept so far, as a share."""
    kept = case.value.kept
    assert case.value.to_come is not None
    columns = [case.region] if case.region in kept.columns else list(kept.columns)
    to_come = float(case.value.to_come.loc[days, columns].to_numpy().sum())
    so_far = float(kept.loc[days, columns].fillna(0.0).to_numpy().sum()) + to_come
    return max(to_come, 0.0) / so_far if so_far > 0 else 0.0


def _balanced(lines: tuple[LedgerLine, ...], total: Decimal) -> tuple[LedgerLine, ...]:
    """The lines with the last cent of rounding put on the largest one, so that they add up to the total exactly."""
    amounts = {line.id: line.per_day.value for line in lines if line.per_day is not None and not line.within}
    exact = balanced(amounts, total)
    return tuple(
        replace(line, per_day=replace(line.per_day, value=exact[line.id]))
        if line.per_day is not None and line.id in exact
        else line
        for line in lines
    )
