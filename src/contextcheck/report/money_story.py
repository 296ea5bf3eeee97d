"""The money, told: what it is worth, line by line, with what was measured, assumed or not measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contextcheck.report import words
from contextcheck.report.words import clean

if TYPE_CHECKING:
    from contextcheck.records import Ledger, LedgerLine, LineStatus, OrderValue

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

    @property
    def told(self) -> str:
        """Such as "cancel handling −$940 (assumed: $1.50 each)"."""
        basis = f": {self.basis}" if self.basis and self.status != "measured" else ""
        lead = "of which " if self.is_part else ""
        if not self.amount:
            return f"{lead}{self.title} not measured" + (f" ({self.basis})" if self.basis else "")
        return f"{lead}{self.title} {self.amount}" + (
            f" ({self.status_words}{basis})" if self.status != "measured" else ""
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


def money_story(ledger: Ledger) -> MoneyStory:
    """Tell a ledger."""
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
    return MoneyStory(
        currency=clean(ledger.currency),
        headline=_headline(ledger, not_known),
        against=_against(ledger),
        order_value=order_value,
        contribution=contribution,
        total=words.money(estimate.value, ledger.currency, signed=True)
        if estimate is not None and known
        else "not known",
        total_interval=f"{level} {words.money_limits(estimate)}" if estimate is not None and known else reason,
        value=float(estimate.value) if estimate is not None and known else None,
        lines=lines,
        decision=_decision(ledger),
        adds_up=_adds_up(lines, float(estimate.value)) if estimate is not None and known else False,
    )


def _headline(ledger: Ledger, not_known: str) -> str:
    estimate = ledger.contribution_per_day
    if estimate is None or not estimate.value.is_finite():
        return f"What it is worth: {not_known}"
    told = words.money_between(estimate, ledger.currency)
    if estimate.low > 0:
        meaning = "a gain"
    elif estimate.high < 0:
        meaning = "a loss"
    else:
        meaning = "not clearly a gain or a loss"
    change = ledger.order_value.placed_change_ratio if ledger.order_value else None
    value = f"; average order value {words.change(change.value)}" if change and words.is_known(change.value) else ""
    return f"Worth {told} a day, {meaning}{value}"


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
    told = [
        f"average order value {words.change_between(value.placed_change_ratio)}, "
        f"{words.money(value.placed_after, currency)} instead of {words.money(value.placed_before, currency)}"
    ]
    if value.kept_change_ratio is None or value.kept_before is None or value.kept_after is None:
        told.append("kept order value not measured")
    else:
        told.append(
            f"kept order value {words.change_between(value.kept_change_ratio)}, "
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
    )


def _basis(line: LedgerLine) -> str:
    """The basis without the status in front of it, which is told beside it."""
    basis = clean(line.basis)
    for status in STATUS_WORDS.values():
        if basis.casefold().startswith(f"{status}:"):
            return basis[len(status) + 1 :].strip()
    return basis


def _decision(ledger: Ledger) -> tuple[str, ...]:
    """Break-even, the cost of acting and of waiting, as far as they are known."""
    told = []
    break_even = ledger.break_even_abuse_share
    if break_even is not None and words.is_known(break_even):
        told.append(f"acting pays only if more than {words.share(break_even)} of these orders are abuse")
    if ledger.cost_of_acting is not None and ledger.cost_of_acting.is_finite():
        told.append(f"acting would cost {words.money(ledger.cost_of_acting, ledger.currency)}")
    waiting = ledger.cost_of_waiting_per_day
    if waiting is not None and waiting.is_finite():
        told.append(
            f"waiting costs {words.money(waiting, ledger.currency)} a day"
            if waiting
            else "waiting costs nothing as far as measured"
        )
    return tuple(told)


def _adds_up(lines: tuple[MoneyLine, ...], total: float) -> bool:
    """Whether the lines are a bridge to the contribution (to one percent of the largest amount)."""
    values = [each.value for each in lines if each.value is not None and not each.is_part]
    largest = max((abs(value) for value in (*values, total)), default=0.0)
    return len(values) > 1 and abs(sum(values) - total) <= 0.01 * largest
