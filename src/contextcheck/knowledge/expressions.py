"""Expressions over canonical columns: parsed by sqlglot, checked against an allow-list, compiled to Ibis.

Nothing is evaluated and no text reaches an engine: what sqlglot parsed is rebuilt as `expression_tree.Term`, and only
those are compiled. Allowed are and, or, not, comparisons, in (list), between, is null, + - * /, coalesce(), case when,
numbers, 'texts', true, false, null, `hours_between(from, to)`, canonical columns and the named lines of `PARAMETERS`.

A column inside `coalesce()` may be missing from the orders as long as another argument is there; any other missing
column makes what is counted unavailable. A comparison with an empty value is not fulfilled; a division by 0 is empty.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from contextcheck.knowledge.expression_tree import Term, without_missing
from contextcheck.knowledge.lines import LINE_KEYS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import ibis

    from contextcheck.errors import Location, Problem
    from contextcheck.knowledge.expression_tree import TermType

PARAMETERS = tuple(LINE_KEYS)


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression; `columns` and `parameters` are all that it mentions."""

    text: str
    term: Term
    where: Location = field(compare=False)

    @property
    def type(self) -> TermType:
        return self.term.type

    @property
    def columns(self) -> frozenset[str]:
        return self.term.names("column")

    @property
    def parameters(self) -> frozenset[str]:
        return self.term.names("parameter")

    def available(self, columns: Collection[str]) -> Term | None:
        """What of it can be computed from these columns; None when a needed one is missing."""
        term = without_missing(self.term, columns)
        if term is None or (self.columns and not term.names("column")):
            return None
        return term

    def missing(self, columns: Collection[str]) -> tuple[str, ...]:
        return tuple(sorted(self.columns - frozenset(columns)))


def parse_expression(text: str, where: Location, problems: list[Problem], *, prefix: str = "RL") -> Expression | None:
    """Give the checked expression, or None after reporting every problem.

    Args:
        text: Such as "status in ('cancelled', 'partially_cancelled')".
        where: Where the text begins, for the places of problems.
        problems: Collects: 201 too long or too deep, 202 cannot be read, 203 not allowed, 204 unknown name,
            205 wrong kind of value, 206 unknown status.
        prefix: Two letters in front of the codes.
    """
    expression, found = _read(text, where, prefix)
    problems.extend(found)
    return expression


@lru_cache(maxsize=1024)
def _read(text: str, where: Location, prefix: str) -> tuple[Expression | None, tuple[Problem, ...]]:
    """The expression and what is wrong with it; the few dozen of a run are asked for by every step and flag."""
    from contextcheck.knowledge.expression_check import check_text

    found: list[Problem] = []
    term = check_text(text, where, found, prefix)
    return Expression(text, term, where) if term is not None and not found else None, tuple(found)


def compile_expression(
    expression: Expression, table: ibis.Table, parameters: Mapping[str, ibis.Value | float] | None = None
) -> ibis.Value:
    """Give the expression as an Ibis value over `table`; a condition on empty values is false, never empty.

    Args:
        expression: What `parse_expression` gave.
        table: Orders under canonical names; columns inside coalesce() may be missing.
        parameters: A value for each name in `expression.parameters`; a parameter that is not given is empty.
    """
    import ibis

    from contextcheck.knowledge.expression_compile import compile_term

    term = expression.available(table.columns)
    if term is None:
        missing = ", ".join(expression.missing(table.columns))
        raise ValueError(f"{expression.where}: {expression.text!r} needs the missing {missing}")
    value = compile_term(term, table, parameters or {})
    return ibis.coalesce(value, False) if term.type == "boolean" else value
