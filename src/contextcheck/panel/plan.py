"""Which sums the engine has to make for some metrics; sums that several metrics need are made once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from contextcheck.errors import Location, Problem
from contextcheck.knowledge.expression_tree import TRUE, Term, both
from contextcheck.knowledge.expressions import Expression, parse_expression
from contextcheck.records import Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contextcheck.knowledge.metrics import Metric

SumKind = Literal["count", "sum", "sumsq"]


@dataclass(frozen=True, slots=True)
class Sum:
    """Over the orders that fulfil `condition`: how many (have a value), or the sum of their values (or squares)."""

    kind: SumKind
    condition: Term
    value: Term | None = None


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a metric is put together from the sums; `parameters` are the lines a region must have for it."""

    metric: Metric
    events: Sum
    exposure: Sum | None
    value_sum: Sum | None = None
    value_sumsq: Sum | None = None
    parameters: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Plan:
    """The recipes of the available metrics, every sum they need once, and what cannot be had."""

    recipes: tuple[Recipe, ...]
    sums: tuple[Sum, ...]
    unavailable: tuple[Unavailable, ...]
    problems: tuple[Problem, ...]


COUNT_ALL = Sum("count", TRUE)


def make_plan(metrics: Mapping[str, Metric], columns: frozenset[str], parameters: frozenset[str]) -> Plan:
    """Give the plan for the metrics that these columns and known lines allow.

    Args:
        metrics: By id.
        columns: The canonical columns that the orders have.
        parameters: Names of the lines that at least one region has.
    """
    problems: list[Problem] = []
    recipes, unavailable = [], []
    for metric in sorted(metrics.values(), key=lambda metric: metric.id):
        planned = _Planner(metric, columns, parameters, problems).recipe()
        if isinstance(planned, Recipe):
            recipes.append(planned)
        else:
            unavailable.append(planned)
    sums = {COUNT_ALL: None}
    for recipe in recipes:
        for needed in (recipe.events, recipe.exposure, recipe.value_sum, recipe.value_sumsq):
            if needed is not None:
                sums[needed] = None
    return Plan(tuple(recipes), tuple(sums), tuple(unavailable), tuple(problems))


class _Planner:
    """Plans one metric: parses its expressions and keeps what the columns allow."""

    def __init__(
        self, metric: Metric, columns: frozenset[str], parameters: frozenset[str], problems: list[Problem]
    ) -> None:
        self._metric = metric
        self._columns = columns
        self._parameters = parameters
        self._problems = problems

    def recipe(self) -> Recipe | Unavailable:
        metric = self._metric
        numerator = self._parse(metric.numerator)
        denominator = self._parse(metric.denominator)
        choice = self._value()
        wanted = [numerator, denominator, *([choice] if choice else [])]
        terms = [expression.available(self._columns) for expression in wanted]
        if None in terms:
            return self._unavailable(wanted, terms)
        parameters = frozenset().union(*(expression.parameters for expression in wanted))
        if not parameters <= self._parameters:
            names = tuple(sorted(parameters - self._parameters))
            return Unavailable(metric.id, metric.title, names, f"no {' or '.join(names)} is known for any region")
        self._say_what_is_left_out(wanted)
        counted, base, *values = [term for term in terms if term is not None]
        return self._put_together(counted, base, values[0] if values else None, parameters)

    def _put_together(self, counted: Term, base: Term, value: Term | None, parameters: frozenset[str]) -> Recipe:
        within = self._within_horizon()
        if value is None:
            events = Sum("count", both(both(base, counted), within))
            exposure = Sum("count", base) if self._metric.kind == "rate" else None
            return Recipe(self._metric, events, exposure, parameters=parameters)
        condition = both(base, within)
        number = Sum("count", condition, value)
        total = Sum("sum", condition, value)
        # how single values spread matters where their mean is judged
        squares = Sum("sumsq", condition, value) if self._metric.kind == "mean" else None
        return Recipe(self._metric, number, number, total, squares, parameters)

    def _parse(self, text: str) -> Expression:
        problems: list[Problem] = []
        expression = parse_expression(text, self._metric.where or Location(self._metric.id), problems)
        if expression is None:
            raise ValueError(f"{self._metric.id}: {'; '.join(map(str, problems))}")
        return expression

    def _value(self) -> Expression | None:
        """The first way to get the value whose columns are there; the least demanding one when none can be had."""
        choices = [(self._parse(choice.expression), choice.note) for choice in self._metric.values]
        for expression, note in choices:
            if expression.available(self._columns) is not None:
                if note:
                    self._say("PN205", note)
                return expression
        lacking = [len(expression.missing(self._columns)) for expression, _ in choices]
        return choices[lacking.index(min(lacking))][0] if choices else None

    def _within_horizon(self) -> Term:
        """The event happened within the horizon; an event without a time counts by its status."""
        metric = self._metric
        if not metric.happens_at:
            return TRUE
        parsed = self._parse(metric.happens_at)
        moment = parsed.available(self._columns)
        if moment is None:
            columns = " or ".join(parsed.missing(self._columns))
            self._say("PN203", f'"{metric.title}" is counted by status alone, whenever it happened (no {columns})')
            return TRUE
        hours = Term("hours_between", "number", (Term("column", "time", name="created_at"), moment))
        limit = Term("literal", "number", value=float(metric.horizon_hours))
        unknown = Term("is_null", "boolean", (moment,))
        return Term("or", "boolean", (unknown, Term("<=", "boolean", (hours, limit))))

    def _unavailable(self, wanted: list[Expression], terms: list[Term | None]) -> Unavailable:
        lacking = [expression for expression, term in zip(wanted, terms, strict=True) if term is None]
        missing = sorted({name for expression in lacking for name in expression.missing(self._columns)})
        reason = f"the orders have no {' and no '.join(missing)}"
        return Unavailable(self._metric.id, self._metric.title, tuple(missing), reason)

    def _say_what_is_left_out(self, wanted: list[Expression]) -> None:
        left_out = sorted({name for expression in wanted for name in expression.missing(self._columns)})
        if left_out:
            self._say("PN204", f'"{self._metric.title}" is counted without {" and ".join(left_out)} (no such column)')

    def _say(self, code: str, sentence: str) -> None:
        self._problems.append(Problem(code, self._metric.id, sentence, "info"))
