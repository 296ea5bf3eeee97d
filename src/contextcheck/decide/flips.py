"""Which figure would change the answer: every line is moved until the sign of the contribution flips."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from contextcheck.knowledge.amounts import money_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contextcheck.knowledge.policies import FactValue
    from contextcheck.records import Ledger, LedgerLine, Outlook
    from contextcheck.settings import Costs

UNIT_COSTS: dict[str, tuple[str, str]] = {
    "shipping_cost": ("shipping_cost", "an extra shipment costs"),
    "cancel_handling": ("cancel_handling", "handling a cancelled or changed order costs"),
    "return_handling": ("return_handling", "handling a return costs"),
    "return_writedown": ("return_writedown", "the write-down of returned goods is"),
    "chargeback_fees": ("chargeback_fee", "a chargeback costs"),
    "stock_held": ("stock_holding", "holding stock for a year costs"),
    "future_value": ("future_value_per_order", "an order's future value is"),
}
"""Ledger line to the unit cost that it is proportional to, and how a sentence about it begins."""

SHARES = frozenset({"return_writedown", "stock_holding"})
"""Unit costs that are shares, not amounts."""

MAX_FACTOR = 10.0
SMALLEST_MOVE = 0.01


@dataclass(frozen=True, slots=True)
class Flip:
    """At which figure of one line the sign turns; ordered: assumed before known, the smallest move first."""

    is_known: bool
    move: float
    sentence: str
    line: str


def find_flips(ledger: Ledger, costs: Costs, looked_ahead: Outlook | None = None) -> dict[str, FactValue]:
    """Give the facts `flip`, `flip_second`, `flip_not_measured` and `flip_roll_back`.

    Args:
        ledger: The money with its lines.
        costs: The unit costs the lines were computed with.
        looked_ahead: The forecast, for the cost of a roll-back at which rolling back stops paying.

    Returns:
        Sentences without their "if"; None where nothing would flip the sign. Assumed figures come before those that
        the shop gave or that were counted; the smallest move first.

    Method: a line is proportional to its unit cost c, so the contribution is 0 at c x (1 - contribution / line). Values
        under 0 or beyond ten times the figure are not told. Goods move with 1 - gross margin instead; assumed lines
        without one unit cost (payment, goods lost) in percent. A roll-back stops paying when it costs more than the
        forecast loses over the horizon, or when the feature ends before it has lost that much.
    Source: arithmetic of the ledger's lines.
    Blind spots: one figure is moved at a time.
    """
    facts: dict[str, FactValue] = dict.fromkeys(("flip", "flip_second", "flip_not_measured", "flip_roll_back"))
    facts["flip_roll_back"] = _roll_back_flip(looked_ahead, ledger.currency)
    if ledger.contribution_per_day is None:
        return facts
    for name, flip in zip(("flip", "flip_second"), all_flips(ledger, costs), strict=False):
        facts[name] = flip.sentence
    value = float(ledger.contribution_per_day.value)
    missing = [line for line in ledger.lines if _is_open_cost(line)]
    if missing and value > 0:
        what = missing[0].title[0].lower() + missing[0].title[1:]
        facts["flip_not_measured"] = (
            f"{what} (not measured) grew by more than {money_text(value, ledger.currency)} a day"
        )
    return facts


def all_flips(ledger: Ledger, costs: Costs) -> list[Flip]:
    """Every figure at which the sign turns, the most telling first."""
    if ledger.contribution_per_day is None:
        return []
    value = float(ledger.contribution_per_day.value)
    found = [*_line_flips(ledger, costs, value), *_margin_flip(ledger, costs, value)]
    return sorted(found, key=lambda flip: (flip.is_known, flip.move, flip.sentence))


def with_break_evens(ledger: Ledger, costs: Costs) -> Ledger:
    """Give the ledger with the figure at which the sign turns beside every line that has one."""
    contribution = ledger.contribution_per_day
    if contribution is None:
        return ledger
    turns = {flip.line: flip.sentence for flip in all_flips(ledger, costs)}
    value = float(contribution.value)
    for line in ledger.lines:
        if line.status == "not_measured" and not line.within and value:
            turns[line.id] = _open_turn(value, ledger)
    lines = tuple(replace(line, break_even=turns[line.id]) if line.id in turns else line for line in ledger.lines)
    return replace(ledger, lines=lines)


def _open_turn(value: float, ledger: Ledger) -> str:
    """How large a line that is not measured would have to be."""
    orders = ledger.orders.actual_per_day if ledger.orders else 0.0
    each = f" ({money_text(abs(value) / orders, ledger.currency)} per order)" if orders > 0 else ""
    side = "costs" if value > 0 else "brings"
    return f"it {side} more than {money_text(abs(value), ledger.currency)} a day{each}"


def _is_open_cost(line: LedgerLine) -> bool:
    return line.status == "not_measured" and not line.within and line.id != "future_value"


def _line_flips(ledger: Ledger, costs: Costs, value: float) -> Iterator[Flip]:
    for line in ledger.lines:
        if line.within or line.per_day is None or not line.per_day.value:
            continue
        factor = 1.0 - value / float(line.per_day.value)
        if not 0 <= factor <= MAX_FACTOR or abs(factor - 1.0) < SMALLEST_MOVE:
            continue
        if line.id in UNIT_COSTS:
            sentence = _unit_sentence(line, factor, costs, ledger.currency)
        elif line.status == "assumed" and line.id != "goods":
            sentence = f"{_lower(line.title)} is {_percent(abs(factor - 1))} {'more' if factor > 1 else 'less'}"
            sentence += " than assumed"
        else:
            continue
        yield Flip(line.status != "assumed", abs(factor - 1.0), sentence, line.id)


def _unit_sentence(line: LedgerLine, factor: float, costs: Costs, currency: str) -> str:
    """The value at which the sign flips; in percent where the line was counted and has no unit cost."""
    cost, begins = UNIT_COSTS[line.id]
    now = float(getattr(costs, cost))
    side = "more than" if factor > 1 else "less than"
    if now <= 0 or (cost == "shipping_cost" and line.status == "measured" and cost not in costs.given):
        return f"{begins} {_percent(abs(factor - 1))} {side.split(maxsplit=1)[0]} than in your orders"
    origin = "set to" if cost in costs.given else "assumed"
    if cost in SHARES:
        return f"{begins} {side} {_percent(now * factor)} ({origin} {_percent(now)})"
    return f"{begins} {side} {money_text(now * factor, currency)} ({origin} {money_text(now, currency)})"


def _margin_flip(ledger: Ledger, costs: Costs, value: float) -> Iterator[Flip]:
    goods = [line for line in ledger.lines if line.id in ("goods", "goods_lost") and line.per_day is not None]
    if not any(line.id == "goods" and line.basis == costs.basis("gross_margin") for line in goods):
        return
    amount = sum(float(line.per_day.value) for line in goods if line.per_day is not None)
    share = 1.0 - float(costs.gross_margin)
    factor = 1.0 - value / amount if amount else -1.0
    margin = 1.0 - share * factor
    if not 0 <= margin < 1 or abs(factor - 1.0) < SMALLEST_MOVE:
        return
    side = "under" if margin < float(costs.gross_margin) else "over"
    is_given = "gross_margin" in costs.given
    origin = "set to" if is_given else "assumed"
    told = f"the gross margin is {side} {_percent(margin)} ({origin} {_percent(float(costs.gross_margin))})"
    yield Flip(is_given, abs(factor - 1.0), told, "goods")


def _roll_back_flip(looked_ahead: Outlook | None, currency: str) -> str | None:
    """What a roll-back may cost at most, and how soon the feature would have to end anyway."""
    if looked_ahead is None or looked_ahead.forecast_per_day >= 0 or looked_ahead.roll_back_cost <= 0:
        return None
    loss = -float(looked_ahead.forecast_per_day)
    most, cost = loss * looked_ahead.horizon_days, float(looked_ahead.roll_back_cost)
    if not cost < most <= MAX_FACTOR * cost:
        return None
    days = max(round(cost / loss), 1)
    spent = "1 day" if days == 1 else f"{days} days"
    return f"a roll-back costs more than {money_text(most, currency)}, or the feature ends within {spent} anyway"


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")


def _lower(title: str) -> str:
    return title[0].lower() + title[1:]
