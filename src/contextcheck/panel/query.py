"""What one order adds to a sum, and how the engine adds it up; shared by the panel and the reading of arms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis

from contextcheck.knowledge.expression_compile import compile_term
from contextcheck.knowledge.expression_tree import TRUE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contextcheck.knowledge.expression_tree import Term
    from contextcheck.panel.orders import Orders
    from contextcheck.panel.plan import Sum


def line_of_region(table: ibis.Table, orders: Orders, amounts: Mapping[str, Any]) -> ibis.Value:
    """The line of each order's region; empty where it has none."""
    words_of: dict[float, list[str]] = {}
    for region, line in sorted(amounts.items()):
        words_of.setdefault(float(line.amount), []).extend(orders.region_words.get(region, ()))
    cases = [(table.region.isin(words), amount) for amount, words in words_of.items() if words]
    return ibis.cases(*cases) if cases else ibis.null("float64")


def inner_value(needed: Sum, table: ibis.Table, parameters: Mapping[str, ibis.Value]) -> ibis.Value:
    """What one order adds to a sum: its value (1 for a plain count) where the condition holds, else empty."""
    value = ibis.literal(1, "int8") if needed.value is None else _number(needed.value, table, parameters)
    if needed.condition == TRUE:
        return value
    return ibis.cases((compile_term(needed.condition, table, parameters), value))


def _number(term: Term, table: ibis.Table, parameters: Mapping[str, ibis.Value]) -> ibis.Value:
    return compile_term(term, table, parameters).cast("float64")


def aggregate_of(needed: Sum, value: ibis.Value) -> ibis.Value:
    """The sum, count or sum of squares of what orders add."""
    match needed.kind:
        case "count":
            return value.count()
        case "sum":
            return value.sum()
        case "sumsq":
            return (value * value).sum()
