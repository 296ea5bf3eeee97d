"""Which figure would change the answer: every cost line is moved until the sign of the contribution flips."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contextcheck.knowledge.amounts import money_text

if TYPE_CHECKING:
    from contextcheck.knowledge.policies import FactValue
    from contextcheck.records import Ledger, LedgerLine
    from contextcheck.settings import Costs

UNIT_COSTS: dict[str, tuple[str, str]] = {
    "shipping_cost": ("shipping_cost", "an extra shipment costs"),
    "cancel_handling": ("cancel_handling", "handling a cancelled or changed order costs"),
    "return_handling": ("return_handling", "handling a return costs"),
    "return_writedown": ("return_writedown", "the write-down of returned goods is"),
    "chargeback_fees": ("chargeback_fee", "a chargeback costs"),
}
"""Ledger line to the unit cost that it is proportional to, and how a sentence about it begins."""

MAX_FACTOR = 10.0


def find_flips(ledger: Ledger, costs: Costs) -> dict[str, FactValue]:
    """Give the facts `flip`, `flip_second` and `flip_not_measured`.

    Args:
        ledger: The money with its lines.
        costs: The unit costs the lines were computed with.

    Returns:
        Sentences without their "if"; None where nothing would flip the sign. Assumed figures come before those that
        the shop gave or that were counted; the smallest move first.

    Method: a line is proportional to its unit cost c, so the contribution is 0 at c x (1 - contribution / line). Values
        under 0 or beyond ten times the figure are not told. Goods move with 1 - gross margin instead.
    Source: arithmetic of the ledger's lines.
    Blind spots: one figure is moved at a time.
    """
    facts: dict[str, FactValue] = {"flip": None, "flip_second": None, "flip_not_measured": None}
    if ledger.contribution_per_day is None:
        return facts
    value = float(ledger.contribution_per_day.value)
    found = sorted((*_unit_flips(ledger, costs, value), *_margin_flip(ledger, costs, value)))
    for name, (_, _, sentence) in zip(("flip", "flip_second"), found, strict=False):
        facts[name] = sentence
    missing = [line.title for line in ledger.lines if line.status == "not_measured" and not line.within]
    if missing and value > 0:
        what = missing[0][0].lower() + missing[0][1:]
        facts["flip_not_measured"] = (
            f"{what} (not measured) grew by more than {money_text(value, ledger.currency)} a day"
        )
    return facts


def _unit_flips(ledger: Ledger, costs: Costs, value: float) -> list[tuple[bool, float, str]]:
    """Whether the figure is known, how far it must move (as a factor from 1), and the sentence."""
    found = []
    for line in ledger.lines:
        if line.id not in UNIT_COSTS or line.per_day is None or not line.per_day.value:
            continue
        factor = 1.0 - value / float(line.per_day.value)
        if 0 <= factor <= MAX_FACTOR and abs(factor - 1.0) >= 0.01:
            found.append((line.status != "assumed", abs(factor - 1.0), _sentence(line, factor, costs, ledger.currency)))
    return found


def _sentence(line: LedgerLine, factor: float, costs: Costs, currency: str) -> str:
    """The value at which the sign flips; in percent where the line was counted and has no unit cost."""
    cost, begins = UNIT_COSTS[line.id]
    now = float(getattr(costs, cost))
    side = "more than" if factor > 1 else "less than"
    if now <= 0 or (cost == "shipping_cost" and line.status == "measured" and cost not in costs.given):
        return f"{begins} {abs(factor - 1):.0%} {side.split(maxsplit=1)[0]} than in your orders".replace("%", " %")
    origin = "set to" if cost in costs.given else "assumed"
    if cost == "return_writedown":
        return f"{begins} {side} {now * factor:.0%} ({origin} {now:.0%})".replace("%", " %")
    return f"{begins} {side} {money_text(now * factor, currency)} ({origin} {money_text(now, currency)})"


def _margin_flip(ledger: Ledger, costs: Costs, value: float) -> list[tuple[bool, float, str]]:
    goods = [line for line in ledger.lines if line.id in ("goods", "goods_lost") and line.per_day is not None]
    if not any(line.id == "goods" and line.basis == costs.basis("gross_margin") for line in goods):
        return []
    amount = sum(float(line.per_day.value) for line in goods if line.per_day is not None)
    share = 1.0 - float(costs.gross_margin)
    factor = 1.0 - value / amount if amount else -1.0
    margin = 1.0 - share * factor
    if not 0 <= margin < 1 or abs(factor - 1.0) < 0.01:
        return []
    side = "under" if margin < float(costs.gross_margin) else "over"
    is_given = "gross_margin" in costs.given
    origin = "set to" if is_given else "assumed"
    told = f"the gross margin is {side} {margin:.0%} ({origin} {float(costs.gross_margin):.0%})".replace("%", " %")
    return [(is_given, abs(factor - 1.0), told)]
