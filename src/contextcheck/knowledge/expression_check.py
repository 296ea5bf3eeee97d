"""Text of an expression becomes checked terms; whatever is not on the list is refused with its place."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any, cast

from sqlglot import exp, parse
from sqlglot.errors import SqlglotError, TokenError

from contextcheck.errors import Location, Problem
from contextcheck.knowledge.columns import COLUMNS, STATUSES
from contextcheck.knowledge.expression_tree import Operation, Term, TermType
from contextcheck.knowledge.expressions import PARAMETERS

MAX_LENGTH = 2_000
MAX_DEPTH = 50
ALLOWED = "and, or, not, comparisons, in (…), between, is null, + - * /, coalesce(), case when, hours_between()"

_COLUMN_TYPES: dict[str, TermType] = {
    "text": "text",
    "time": "time",
    "amount": "number",
    "number": "number",
    "flag": "boolean",
}
_KIND_WORDS = {"text": "text", "time": "a time", "number": "a number", "boolean": "a condition", "null": "empty"}
_LOGIC: dict[type[exp.Expression], Operation] = {exp.And: "and", exp.Or: "or"}
_COMPARE: dict[type[exp.Expression], Operation] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
_ARITHMETIC: dict[type[exp.Expression], Operation] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/"}
_PARTS: dict[type[exp.Expression], frozenset[str]] = {
    exp.In: frozenset({"this", "expressions"}),
    exp.Between: frozenset({"this", "low", "high"}),
    exp.Case: frozenset({"ifs", "default"}),
    exp.If: frozenset({"this", "true"}),
    exp.Coalesce: frozenset({"this", "expressions"}),
    exp.Anonymous: frozenset({"this", "expressions"}),
    exp.Literal: frozenset({"this", "is_string"}),
    exp.Identifier: frozenset({"this", "quoted"}),
    exp.Div: frozenset({"this", "expression"}),
}
_TWO = frozenset({"this", "expression"})


class _Refused(Exception):
    """Stops the check of one branch."""


def check_text(text: str, where: Location, problems: list[Problem], prefix: str) -> Term | None:
    """Give the checked term of a text, or None; see `expressions.parse_expression`."""
    checker = _Checker(text, where, problems, prefix)
    if len(text) > MAX_LENGTH:
        checker.report("201", 0, f"{len(text):,} characters; an expression may have {MAX_LENGTH:,}. Split the metric")
        return None
    if (depth := _depth(text)) > MAX_DEPTH:
        checker.report("201", 0, f"nested {depth} levels deep; at most {MAX_DEPTH} are allowed. Split the metric")
        return None
    try:
        statements = parse(text, dialect="duckdb")
    except SqlglotError as error:
        checker.report("202", *_syntax_problem(text, error))
        return None
    except RecursionError:
        checker.report("201", 0, "nested too deep to be read. Split the metric")
        return None
    if len(statements) != 1 or statements[0] is None:
        count = len([statement for statement in statements if statement is not None])
        checker.report("202", 0, f"one expression is wanted, {count} found; delete the semicolon and what follows")
        return None
    try:
        return checker.term(cast("exp.Expression", statements[0]))
    except _Refused:
        return None


def _depth(text: str) -> int:
    """How deep parentheses, case … end and chains of not and signs are nested, before anything recursive runs."""
    depth = deepest = chain = 0
    for token in re.findall(r"'(?:[^']|'')*'|\w+|\S", text):
        word = token.lower()
        chain = chain + 1 if word in ("not", "-", "+", "~") else 0
        if word in ("(", "[", "{", "case"):
            depth += 1
        elif word in (")", "]", "}", "end"):
            depth -= 1
        deepest = max(deepest, depth + chain)
    return deepest


def _syntax_problem(text: str, error: SqlglotError) -> tuple[int, str]:
    """Offset and sentence for a text that sqlglot cannot read."""
    if isinstance(error, TokenError):
        return 0, f'cannot be read: "{_short(text)}"; close every quote and parenthesis'
    details: list[dict[str, Any]] = getattr(error, "errors", [])
    word = str(details[0].get("highlight") or "") if details else ""
    line, column = (details[0].get("line") or 1, details[0].get("col") or 1) if details else (1, 1)
    before = sum(len(part) for part in text.splitlines(keepends=True)[: line - 1])
    offset = max(0, before + column - max(len(word), 1))
    return offset, f"cannot be read at \"{word or _short(text)}\"; write a condition such as status = 'cancelled'"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 40 else f"{line[:39]}…"


class _Checker:
    """Rebuilds one parsed expression from allowed parts; collects problems."""

    def __init__(self, text: str, where: Location, problems: list[Problem], prefix: str) -> None:
        self._text = text
        self._where = where
        self._problems = problems
        self._prefix = prefix

    def report(self, number: str, offset: int, sentence: str) -> None:
        self._problems.append(Problem(f"{self._prefix}{number}", str(self._place(offset)), sentence))

    def _place(self, offset: int) -> Location:
        if self._where.column == 0 or "\n" in self._text:
            return self._where
        return Location(self._where.path, self._where.line, self._where.column + offset)

    def _refuse(self, number: str, node: exp.Expression, sentence: str) -> _Refused:
        self.report(number, _offset(node), sentence)
        return _Refused()

    # ── dispatch ──

    def term(self, node: exp.Expression) -> Term:
        """Give the term of a node, or refuse it."""
        kind = type(node)
        if node.comments:
            raise self._refuse("203", node, "a comment inside an expression is not allowed; put it on a YAML line")
        if isinstance(node, exp.Paren):
            return self.term(node.this)
        if isinstance(node, exp.Column):
            return self._name(node)
        if isinstance(node, (exp.Literal, exp.Boolean, exp.Null)):
            return self._literal(node)
        wanted = _PARTS.get(kind, _TWO)
        extra = [name for name, value in node.args.items() if value and name not in wanted]
        if kind in _LOGIC or kind in _COMPARE or kind in _ARITHMETIC:
            if not extra:
                return self._binary(node)
        elif not extra and (build := _BUILDERS.get(kind)) is not None:
            return cast("Term", build(self, node))
        raise self._refuse("203", node, f'"{_short(node.sql(dialect="duckdb"))}" is not allowed; use {ALLOWED}')

    def terms(self, nodes: list[exp.Expression]) -> tuple[Term, ...]:
        """Give the terms of several nodes; every refused one is reported before it stops."""
        found, is_refused = [], False
        for node in nodes:
            try:
                found.append(self.term(node))
            except _Refused:
                is_refused = True
        if is_refused:
            raise _Refused
        return tuple(found)

    # ── names and values ──

    def _name(self, node: exp.Column) -> Term:
        identifier = node.this
        is_plain = isinstance(identifier, exp.Identifier) and set(filter(node.args.get, node.args)) <= {"this"}
        if not is_plain:
            raise self._refuse("203", node, f'"{_short(node.sql())}" is not allowed; write the column alone')
        name = str(identifier.this)
        if name in COLUMNS:
            return Term("column", _COLUMN_TYPES[COLUMNS[name].type], name=name)
        if name in PARAMETERS:
            return Term("parameter", "number", name=name)
        close = get_close_matches(name.lower(), [*COLUMNS, *PARAMETERS], n=1, cutoff=0.4)
        hint = f'; did you mean "{close[0]}"?' if close else "; see the canonical columns for the known ones"
        raise self._refuse("204", node, f'unknown column "{_short(name)}"{hint}')

    def _literal(self, node: exp.Expression) -> Term:
        if isinstance(node, exp.Null):
            return Term("null", "null")
        if isinstance(node, exp.Boolean):
            return Term("literal", "boolean", value=bool(node.this))
        if node.args.get("is_string"):
            return Term("literal", "text", value=str(node.this))
        if not re.fullmatch(r"\d{1,15}(\.\d{1,9})?|\.\d{1,9}", str(node.this)):
            raise self._refuse("203", node, f'the number "{_short(str(node.this))}" is not plain; write it like 0.35')
        return Term("literal", "number", value=float(str(node.this)))

    # ── operations ──

    def _binary(self, node: exp.Expression) -> Term:
        kind = type(node)
        if kind in _LOGIC:
            parts = self.terms(list(cast("Any", node).flatten()))
            self._want("boolean", parts, node)
            return Term(_LOGIC[kind], "boolean", parts)
        parts = self.terms(list(_chain(node) if kind in _ARITHMETIC else (node.this, node.expression)))
        if kind in _COMPARE:
            self._comparable(parts, node)
            return Term(_COMPARE[kind], "boolean", parts)
        self._want("number", parts, node)
        term = parts[0]
        for operation, right in zip(_chain_operations(node), parts[1:], strict=True):
            term = Term(operation, "number", (term, right))
        return term

    def not_(self, node: exp.Expression) -> Term:
        parts = self.terms([node.this])
        self._want("boolean", parts, node)
        return Term("not", "boolean", parts)

    def negate(self, node: exp.Expression) -> Term:
        parts = self.terms([node.this])
        self._want("number", parts, node)
        return Term("negate", "number", parts)

    def is_null(self, node: exp.Expression) -> Term:
        if not isinstance(node.expression, exp.Null):
            raise self._refuse("203", node, '"is" may only be followed by null or not null; use = for values')
        return Term("is_null", "boolean", self.terms([node.this]))

    def in_(self, node: exp.Expression) -> Term:
        parts = self.terms([node.this, *node.expressions])
        if len(parts) < 2:
            raise self._refuse("203", node, "\"in\" needs a list of values such as ('cancelled', 'changed')")
        if any(part.operation not in ("literal", "negate") for part in parts[1:]):
            raise self._refuse("203", node, '"in" may only list values; use "or" to compare with columns')
        self._comparable(parts, node)
        return Term("in", "boolean", parts)

    def between(self, node: exp.Expression) -> Term:
        parts = self.terms([node.this, node.args["low"], node.args["high"]])
        self._comparable(parts, node)
        return Term("between", "boolean", parts)

    def coalesce(self, node: exp.Expression) -> Term:
        parts = self.terms([node.this, *node.expressions])
        return Term("coalesce", self._same_type(parts, node), parts)

    def case(self, node: exp.Expression) -> Term:
        branches = [(branch.this, branch.args["true"]) for branch in node.args["ifs"]]
        conditions = self.terms([condition for condition, _ in branches])
        self._want("boolean", conditions, node)
        default = node.args.get("default")
        values = self.terms([value for _, value in branches] + ([default] if default is not None else []))
        if default is None:
            values = (*values, Term("null", "null"))
        parts = [part for pair in zip(conditions, values, strict=False) for part in pair]
        return Term("case", self._same_type(values, node), (*parts, values[-1]))

    def function(self, node: exp.Expression) -> Term:
        if str(node.this) != "hours_between":
            raise self._refuse("203", node, f'the function "{_short(str(node.this))}" is not allowed; use {ALLOWED}')
        parts = self.terms(node.expressions)
        if len(parts) != 2:
            raise self._refuse("203", node, "hours_between takes two times: hours_between(created_at, cancelled_at)")
        self._want("time", parts, node)
        return Term("hours_between", "number", parts)

    # ── kinds of values ──

    def _want(self, wanted: TermType, parts: tuple[Term, ...], node: exp.Expression) -> None:
        for part in parts:
            if part.type not in (wanted, "null"):
                found = f'"{part.name}" is' if part.name else f'in "{_short(node.sql(dialect="duckdb"))}" a part is'
                raise self._refuse(
                    "205", node, f"{found} {_KIND_WORDS[part.type]}, but {_KIND_WORDS[wanted]} is needed"
                )

    def _same_type(self, parts: tuple[Term, ...], node: exp.Expression) -> TermType:
        kinds = [part.type for part in parts if part.type != "null"]
        if not kinds:
            raise self._refuse("205", node, "every value here is null; give one that is not")
        self._want(kinds[0], parts, node)
        return kinds[0]

    def _comparable(self, parts: tuple[Term, ...], node: exp.Expression) -> None:
        if any(part.type == "null" for part in parts):
            raise self._refuse("205", node, "a comparison with null is never true; write is null or is not null")
        self._same_type(parts, node)
        if any(part.operation == "column" and part.name == "status" for part in parts):
            for part in parts:
                if part.operation == "literal" and part.value not in STATUSES:
                    close = get_close_matches(str(part.value), STATUSES, n=1, cutoff=0.5)
                    hint = f'did you mean "{close[0]}"?' if close else f"known are {', '.join(STATUSES)}"
                    raise self._refuse("206", node, f'unknown status "{_short(str(part.value))}"; {hint}')


_BUILDERS: dict[type[exp.Expression], Any] = {
    exp.Not: _Checker.not_,
    exp.Neg: _Checker.negate,
    exp.Is: _Checker.is_null,
    exp.In: _Checker.in_,
    exp.Between: _Checker.between,
    exp.Coalesce: _Checker.coalesce,
    exp.Case: _Checker.case,
    exp.Anonymous: _Checker.function,
}


def _chain(node: exp.Expression) -> list[exp.Expression]:
    """The operands of a + b - c, which sqlglot nests to the left."""
    operands = []
    while type(node) in _ARITHMETIC:
        operands.append(node.expression)
        node = node.this
    return [node, *reversed(operands)]


def _chain_operations(node: exp.Expression) -> list[Operation]:
    operations = []
    while type(node) in _ARITHMETIC:
        operations.append(_ARITHMETIC[type(node)])
        node = node.this
    return operations[::-1]


def _offset(node: exp.Expression) -> int:
    """Where in the text the first part with a known place stands."""
    starts = [part.meta["start"] for part in node.walk() if "start" in part.meta]
    return min(starts, default=0)
