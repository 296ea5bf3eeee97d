"""The money, told: what it is worth, line by line, with what was measured, assumed or not measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contextcheck.records import MoneyEstimate
from contextcheck.report import words
from contextcheck.report.words import clean

if TYPE_CHECKING:
    from contextcheck.records import Ledger, LedgerLine, LineStatus, OnceLine, OrderValue

ORDERS_LINE = "orders"
"""The line about more or fewer orders; it is inside all the others."""

STATUS_WORDS: dict[LineStatus, str] = {
    "measured": "measured",
    "assumed": "assumed",
    "not_measured": "not measured",
}


@dataclass(frozen=True, slots=True)
class MoneyLine:
    """One line of the ledger; `amount` is empty when it was not measured."""

    id: str
    title: str
    amount: str
    value: float | None
    low: float | None
    high: float | None
    status: LineStatus
    status_words: str
    basis: str
    is_part: bool
    immature: str = ""
    turns: str = ""
    limits: str = ""

    @property
    def lead(self) -> str:
        """How a line begins that is shown and not added."""
        if self.id == ORDERS_LINE:
            return "in these lines: "
        return "of which " if self.is_part else ""

    @property
    def brief(self) -> str:
        """Such as "cancel handling −$940 (assumed)"; empty without an amount or where nothing moved."""
        if not self.amount or not self.value:
            return ""
        basis = f": {self.basis}" if self.basis else ""
        status = "" if self.status == "measured" else f" ({self.status_words}{basis})"
        return f"{self.lead}{words.lowered(self.title)} {self.amount}{status}"

    @property
    def told(self) -> str:
        """Such as "cancel handling −$940 (assumed: $1.50 each)"."""
        basis = f": {self.basis}" if self.basis and self.status != "measured" else ""
        lead = self.lead
        turns = f"; the sign turns if {self.turns}" if self.turns and self.status != "measured" else ""
        if not self.amount:
            return f"{lead}{self.title} not measured" + (f" ({self.basis}{turns})" if self.basis else "")
        limits = f" ({self.limits})" if self.limits else ""
        return f"{lead}{self.title} {self.amount}{limits}" + (
            f" ({self.status_words}{basis}{turns})" if self.status != "measured" else ""
        )


@dataclass(frozen=True, slots=True)
class MoneyStory:
    """What the flag is worth per day."""

    currency: str
    headline: str
    against: str
    order_value: tuple[str, ...]
    contribution: str
    total: str
    total_interval: str
    value: float | None
    lines: tuple[MoneyLine, ...]
    decision: tuple[str, ...]
    adds_up: bool
    worth: tuple[str, ...] = ()
    without_accounts: str = ""
    period: str = ""
    bridge: str = ""
    limits: str = ""
    immature: tuple[str, ...] = ()
    stretches: tuple[str, ...] = ()

    def in_short(self, ahead: tuple[str, ...]) -> tuple[str, ...]:
        """The break-even of acting, the cost of waiting and what is expected from now on; the rest is in the page."""
        kept = tuple(each for each in self.decision if not each.endswith(")"))
        return (*kept, *ahead[:1], *ahead[-1:])


def money_story(ledger: Ledger, without_accounts: Ledger | None = None) -> MoneyStory:
    """Tell a ledger, and what is left of it without the listed accounts."""
    estimate = ledger.contribution_per_day
    known = estimate is not None and estimate.value.is_finite()
    reason = clean(ledger.reason)
    not_known = "contribution not known" + (f": {reason}" if reason else "")
    level = f"{words.percent(ledger.confidence_level)} interval"
    contribution = not_known
    if estimate is not None and known:
        contribution = f"contribution {words.money_between(estimate, ledger.currency)} a day, {level}"
    lines = tuple(_line(each, ledger.currency) for each in _parts_last(ledger.lines))
    order_value = _order_value(ledger.order_value, ledger.currency)
    worth = _worth(ledger, not_known)
    return MoneyStory(
        currency=clean(ledger.currency),
        headline=words.sentence(f"Worth {'; '.join(worth)}").rstrip(".") if known else f"What it is worth: {not_known}",
        against=_against(ledger),
        order_value=order_value,
        contribution=contribution,
        total=words.money(estimate.value, ledger.currency, signed=True)
        if estimate is not None and known
        else "not known",
        total_interval=level if estimate is not None and known else reason,
        limits=words.money_limits(estimate) if estimate is not None and known else "",
        value=float(estimate.value) if estimate is not None and known else None,
        lines=lines,
        decision=_decision(ledger),
        adds_up=_adds_up(lines, float(estimate.value)) if estimate is not None and known else False,
        worth=worth,
        without_accounts=_without_accounts(without_accounts),
        period=_period(ledger),
        bridge=_bridge(ledger),
        immature=tuple(dict.fromkeys(each.immature for each in lines if each.immature)),
        stretches=_stretches(ledger),
    )


def _worth(ledger: Ledger, not_known: str) -> tuple[str, ...]:
    """The amount with what it means, then the average order value as placed and as kept."""
    estimate = ledger.contribution_per_day
    if estimate is None or not estimate.value.is_finite():
        return (not_known,)
    if estimate.low > 0:
        meaning = "a gain"
    elif estimate.high < 0:
        meaning = "a loss"
    else:
        meaning = "not clearly a gain or a loss"
    newest = [each for each in ledger.stretches if each.id == "newest-week" and each.differs]
    so_far = " on average so far" if newest else ""
    told = f"{words.money_between(estimate, ledger.currency)} a day{so_far}, {meaning}"
    if newest:
        told += f", {words.money_between(newest[0].contribution, ledger.currency)} a day in the newest week"
    value = ledger.order_value
    if value is None or not words.is_known(value.placed_change_ratio.value):
        return (told,)
    placed = f"average order value {words.change(value.placed_change_ratio.value)} as placed"
    kept = value.kept_change_ratio
    as_kept = f", {words.change(kept.value)} as kept" if kept and words.is_known(kept.value) else ""
    return told, placed + as_kept


def _without_accounts(rest: Ledger | None) -> str:
    estimate = rest.contribution_per_day if rest else None
    if rest is None or estimate is None or not estimate.value.is_finite():
        return ""
    return f"without the listed accounts {words.money_between(estimate, rest.currency)} a day"


def _period(ledger: Ledger) -> str:
    """What the judged days came to together."""
    estimate = ledger.contribution_per_day
    if estimate is None or not ledger.judged_days or not estimate.value.is_finite():
        return ""
    days = ledger.judged_days
    ends = (each * days for each in (estimate.value, estimate.low, estimate.high))
    told = words.money_between(MoneyEstimate(*ends), ledger.currency)
    return f"over the {words.counted(days, 'judged day')} together {told}"


def _bridge(ledger: Ledger) -> str:
    """From orders and baskets to contribution in one line; every step is told, they add up."""
    if not ledger.bridge or ledger.contribution_per_day is None:
        return ""
    steps = [
        f"{words.lowered(clean(each.title))} {words.money(each.per_day, ledger.currency, signed=True)}"
        for each in ledger.bridge
        if each.per_day
    ]
    total = words.money(ledger.contribution_per_day.value, ledger.currency, signed=True)
    return f"from orders x average order value to contribution: {', '.join(steps)} = {total}"


def _stretches(ledger: Ledger) -> tuple[str, ...]:
    """Parts of the judged days; told when they count beside the others."""
    return tuple(
        f"{clean(each.title)} on their own: {words.money_between(each.contribution, ledger.currency)} a day"
        for each in ledger.stretches
        if each.differs
    )


def _against(ledger: Ledger) -> str:
    compared = ledger.counterfactual
    if compared is None:
        return "Money, per day"
    if compared.sentence:
        return f"Money, per day, {clean(compared.sentence).rstrip('.')}"
    if compared.controls:
        return f"Money, per day, against {words.listed([clean(each) for each in compared.controls], 6)}"
    return "Money, per day, against its own past"


def _order_value(value: OrderValue | None, currency: str) -> tuple[str, ...]:
    """Placed and kept average, both named."""
    if value is None:
        return ("average order value not known",)
    after, before = (words.money(each, currency) for each in (value.placed_after, value.placed_before))
    change = words.change_between(value.placed_change_ratio)
    told = [f"average order value {change}, {after} instead of {before}, as placed"]
    if value.kept_change_ratio is None or value.kept_before is None or value.kept_after is None:
        told.append("average order value as kept not measured")
    else:
        told.append(
            f"average order value as kept {words.change_between(value.kept_change_ratio)}, "
            f"{words.money(value.kept_after, currency)} instead of {words.money(value.kept_before, currency)}"
        )
    return tuple(told)


def _parts_last(lines: tuple[LedgerLine, ...]) -> list[LedgerLine]:
    """The lines in their order, each followed by the lines that are a part of it."""
    ids = {each.id for each in lines}
    ordered = []
    for line in lines:
        if line.within not in ids:
            ordered += [line, *(part for part in lines if part.within == line.id)]
    return ordered


def _line(line: LedgerLine, currency: str) -> MoneyLine:
    estimate = line.per_day
    known = estimate is not None and estimate.value.is_finite() and line.status != "not_measured"
    return MoneyLine(
        id=clean(line.id),
        title=clean(line.title),
        amount=words.money(estimate.value, currency, signed=True) if estimate and known else "",
        value=float(estimate.value) if estimate and known else None,
        low=float(estimate.low) if estimate and known else None,
        high=float(estimate.high) if estimate and known else None,
        status=line.status,
        status_words=STATUS_WORDS[line.status],
        basis=_basis(line),
        is_part=bool(line.within),
        immature=clean(line.immature),
        turns=clean(line.break_even),
        limits=words.money_limits(estimate) if estimate and known else "",
    )


def _basis(line: LedgerLine) -> str:
    """The basis without the status in front of it, which is told beside it."""
    basis = clean(line.basis)
    told = f"{STATUS_WORDS[line.status]}:"
    return basis.replace(told, "").replace("  ", " ").strip()


def _decision(ledger: Ledger) -> tuple[str, ...]:
    """Break-even, what acting and rolling back cost once, and the cost of waiting, as far as they are known."""
    told = []
    break_even = ledger.break_even_abuse_share
    if break_even is not None and words.is_known(break_even):
        told.append(f"acting pays only if more than {words.share(break_even)} of these orders are abuse")
    told += [_once(each, ledger.currency) for each in ledger.once if each.amount is not None]
    if not ledger.once and ledger.cost_of_acting is not None and ledger.cost_of_acting.is_finite():
        told.append(f"acting would cost {words.money(ledger.cost_of_acting, ledger.currency)}")
    waiting = ledger.cost_of_waiting_per_day
    if waiting is not None and waiting.is_finite():
        told.append(
            f"waiting costs {words.money(waiting, ledger.currency)} a day"
            if waiting
            else "waiting costs nothing as far as measured"
        )
    return tuple(told)


def _once(line: OnceLine, currency: str) -> str:
    assert line.amount is not None
    title = clean(line.title)
    basis = clean(line.basis).removeprefix(f"{STATUS_WORDS[line.status]}: ")
    status = "" if line.status == "measured" else f"{STATUS_WORDS[line.status]}: "
    return f"{words.lowered(title)} would cost {words.money(line.amount, currency)} once ({status}{basis})"


def _adds_up(lines: tuple[MoneyLine, ...], total: float) -> bool:
    """Whether the lines are a bridge to the contribution (to one percent of the largest amount)."""
    values = [each.value for each in lines if each.value is not None and not each.is_part]
    largest = max((abs(value) for value in (*values, total)), default=0.0)
    return len(values) > 1 and abs(sum(values) - total) <= 0.01 * largest
