"""The checked form of an expression: only what is listed here can be in one, so only this ever reaches an engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

TermType = Literal["text", "time", "number", "boolean", "null"]
Operation = Literal[
    "column",
    "parameter",
    "literal",
    "null",
    "and",
    "or",
    "not",
    "=",
    "<>",
    "<",
    "<=",
    ">",
    ">=",
    "in",
    "between",
    "is_null",
    "+",
    "-",
    "*",
    "/",
    "negate",
    "coalesce",
    "case",
    "hours_between",
]


@dataclass(frozen=True, slots=True)
class Term:
    """One step of an expression.

    Attributes:
        operation: What is done with `arguments`.
        type: What comes out.
        arguments: The terms it works on; for `case`: condition, value, condition, value, …, default.
        name: Of a column or a parameter.
        value: Of a literal.
    """

    operation: Operation
    type: TermType
    arguments: tuple[Term, ...] = ()
    name: str = ""
    value: str | float | bool | None = None

    def walk(self) -> Iterator[Term]:
        yield self
        for argument in self.arguments:
            yield from argument.walk()

    def names(self, operation: Operation) -> frozenset[str]:
        """The columns or parameters in it."""
        return frozenset(term.name for term in self.walk() if term.operation == operation)


TRUE = Term("literal", "boolean", value=True)


def both(left: Term, right: Term) -> Term:
    """`left and right`, without a needless "true"."""
    if left == TRUE:
        return right
    return left if right in (TRUE, left) else Term("and", "boolean", (left, right))


def without_missing(term: Term, columns: Collection[str]) -> Term | None:
    """Give the term without the arguments of coalesce() whose columns are missing; None when it needs one of them."""
    if term.operation == "column":
        return term if term.name in columns else None
    kept = tuple(without_missing(argument, columns) for argument in term.arguments)
    present = tuple(argument for argument in kept if argument is not None)
    if term.operation == "coalesce":
        if not present:
            return None
        return present[0] if len(present) == 1 else Term("coalesce", term.type, present)
    if len(present) < len(kept):
        return None
    return Term(term.operation, term.type, present, term.name, term.value) if present else term
