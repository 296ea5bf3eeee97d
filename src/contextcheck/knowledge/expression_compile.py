"""Checked terms become Ibis values; one small function per operation."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import ibis

    from contextcheck.knowledge.expression_tree import Term

MICROSECONDS_PER_HOUR = 3_600_000_000


def compile_term(term: Term, table: ibis.Table, parameters: Mapping[str, ibis.Value | float]) -> Any:
    """Give a term as an Ibis value; conditions keep SQL's third value (the caller decides that empty is false)."""
    import ibis

    match term.operation:
        case "column":
            return table[term.name]
        case "parameter":
            given = parameters.get(term.name)
            return ibis.null("float64") if given is None else given
        case "literal":
            return ibis.literal(float(term.value) if term.type == "number" else term.value)  # type: ignore[arg-type]
        case "null":
            return ibis.null()
    arguments = [compile_term(argument, table, parameters) for argument in term.arguments]
    return _OPERATIONS[term.operation](*arguments)


def _case(*arguments: Any) -> Any:
    import ibis

    pairs = [(arguments[i], arguments[i + 1]) for i in range(0, len(arguments) - 1, 2)]
    return ibis.cases(*pairs, else_=arguments[-1])


def _coalesce(*arguments: Any) -> Any:
    import ibis

    return ibis.coalesce(*arguments)


_OPERATIONS: dict[str, Callable[..., Any]] = {
    "and": lambda *parts: reduce(lambda left, right: left & right, parts),
    "or": lambda *parts: reduce(lambda left, right: left | right, parts),
    "not": lambda value: ~value,
    "=": lambda left, right: left == right,
    "<>": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
    "in": lambda value, *choices: value.isin(choices),
    "between": lambda value, low, high: value.between(low, high),
    "is_null": lambda value: value.isnull(),
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right.nullif(0),
    "negate": lambda value: -value,
    "coalesce": _coalesce,
    "case": _case,
    "hours_between": lambda start, end: end.delta(start, unit="microsecond") / MICROSECONDS_PER_HOUR,
}
