"""Reading of rules/metrics and rules/detection: strict, every problem of every file is collected."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from contextcheck.errors import Location, Problem, nearest
from contextcheck.knowledge.expressions import Expression, parse_expression
from contextcheck.knowledge.metrics import DetectionRule, Metric, ValueChoice
from contextcheck.yamlio.document import ListNode, MapNode, Node, Scalar, read_file
from contextcheck.yamlio.fields import Fields

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from contextcheck.knowledge.expression_tree import TermType
    from contextcheck.knowledge.metrics import MetricKind, MetricUse

PREFIX = "RL"
KINDS: tuple[MetricKind, ...] = ("rate", "count", "mean", "sum")
USES: tuple[MetricUse, ...] = ("detect", "ledger")
MAX_HORIZON_HOURS = 24 * 400
_ID = re.compile(r"[a-z][a-z0-9]*([_-][a-z0-9]+)*")
_TYPE_WORDS = {"boolean": "a condition (true or false per order)", "number": "a number per order", "time": "a time"}
Record = TypeVar("Record", Metric, DetectionRule)


def read_metric_files(paths: Sequence[tuple[Path, str]], problems: list[Problem]) -> dict[str, Metric]:
    """Give the metrics by id, in the order of the files; see `metrics.read_metrics`."""
    return _read(paths, "metrics", _metric, problems)


def read_rule_files(paths: Sequence[tuple[Path, str]], problems: list[Problem]) -> tuple[DetectionRule, ...]:
    """Give the detection rules in the order of the files; see `metrics.read_detection_rules`."""
    return tuple(_read(paths, "rules", _rule, problems).values())


def unknown_metrics(rules: Sequence[DetectionRule], known: Sequence[str]) -> list[Problem]:
    """Give a problem for every metric that a rule names and no file defines."""
    return [
        Problem(f"{PREFIX}303", str(rule.where or rule.id), f'unknown metric "{name}"{nearest(name, known)}')
        for rule in rules
        for name in rule.metrics
        if name not in known
    ]


def _read(
    paths: Sequence[tuple[Path, str]], key: str, read: Callable[[Fields], Record | None], problems: list[Problem]
) -> dict[str, Record]:
    found: dict[str, Record] = {}
    for path, name in paths:
        root, syntax = read_file(path, PREFIX, shown_as=name)
        problems.extend(syntax)
        for fields in _definitions(root, key, name, problems):
            record = read(fields)
            fields.finish()
            if record is None:
                continue
            if (first := found.get(record.id)) is not None:
                sentence = f'"{record.id}" is already defined at {first.where}; keep one of the two'
                fields.problem("301", fields.place("id"), sentence)
                continue
            found[record.id] = record
    return found


def _definitions(root: Node | None, key: str, name: str, problems: list[Problem]) -> Iterator[Fields]:
    """The definitions of one file: a list under `key`, or one definition alone."""
    if root is None:
        return
    if isinstance(root, MapNode) and "id" in root.entries:
        yield Fields(root, problems, PREFIX)
    elif isinstance(root, MapNode):
        top = Fields(root, problems, PREFIX)
        yield from top.mappings(key, required=True)
        top.finish()
    else:
        where = root.where if isinstance(root, (ListNode, Scalar)) else Location(name)
        problems.append(Problem(f"{PREFIX}103", str(where), f'the file must begin with "{key}:" and a list under it'))


def _id(fields: Fields) -> str:
    text = fields.text("id", required=True)
    if text and not _ID.fullmatch(text):
        sentence = f'id is "{text}", but must be lower-case letters, digits, _ or -, such as cancel_rate'
        fields.problem("302", fields.place("id"), sentence)
        return ""
    return text


# ── metrics ────────────────────────────────────────────────────────────────────────────────────────────


def _metric(fields: Fields) -> Metric | None:
    before = len(fields.problems)
    kind = fields.choice("kind", KINDS)
    metric = Metric(
        id=_id(fields),
        title=fields.text("title", required=True),
        kind=kind,
        unit=fields.text("unit", required=True),
        numerator=_expression(fields, "numerator", "boolean", default="true", required=kind == "rate"),
        denominator=_expression(fields, "denominator", "boolean", default="true"),
        values=tuple(_values(fields)),
        happens_at=_expression(fields, "happens_at", "time"),
        horizon_hours=_horizon(fields),
        uses=_uses(fields),
        where=fields.where,
    )
    _check_kind(fields, metric)
    return metric if len(fields.problems) == before else None


def _check_kind(fields: Fields, metric: Metric) -> None:
    """Refuse what a metric of this kind would silently ignore, and what it cannot do without."""
    has_values = metric.kind in ("mean", "sum")
    if has_values and not fields.has("values"):
        fields.problem("101", fields.where, f'"values" is missing; a {metric.kind} needs the value of one order')
    if not has_values and fields.has("values"):
        fields.problem("304", fields.place("values"), f'a {metric.kind} has no "values"; delete it or set kind: mean')
    if has_values and fields.has("numerator"):
        sentence = f'a {metric.kind} has no "numerator"; write the orders it is taken over under "denominator"'
        fields.problem("304", fields.place("numerator"), sentence)
    if metric.kind == "count" and fields.has("denominator"):
        fields.problem("304", fields.place("denominator"), 'a count has no "denominator"; delete it or set kind: rate')
    if metric.happens_at and not metric.horizon_hours:
        sentence = 'happens_at needs "horizon", the time after the order within which the event counts, such as 7d'
        fields.problem("101", fields.place("happens_at"), sentence)


def _horizon(fields: Fields) -> float:
    hours = fields.hours("horizon", 0.0)
    if hours > MAX_HORIZON_HOURS:
        fields.problem("104", fields.place("horizon"), f"horizon is {hours / 24:g}d, but must be 400d or less")
    return hours


def _uses(fields: Fields) -> tuple[MetricUse, ...]:
    given = fields.texts("uses")
    for use in given:
        if use not in USES:
            fields.problem("105", fields.place("uses"), f'unknown use "{use}"{nearest(use, USES)}')
    return tuple(use for use in USES if use in given) or ("detect",)


def _values(fields: Fields) -> Iterator[ValueChoice]:
    for item in fields.mappings("values"):
        expression = _expression(item, "expression", "number", required=True)
        note = item.text("note")
        item.finish()
        if expression:
            yield ValueChoice(expression, note)


def _expression(fields: Fields, key: str, wanted: TermType, *, default: str = "", required: bool = False) -> str:
    """Give an expression as typed once it is known to be good; its problems are collected otherwise."""
    node = fields.scalar(key, required=required)
    if node is None:
        return default
    where = Location(node.where.path, node.where.line, node.where.column + int(node.is_quoted))
    expression: Expression | None = parse_expression(node.text, where, fields.problems, prefix=PREFIX)
    if expression is None:
        return default
    if expression.type != wanted:
        fields.problem("205", where, f'"{key}" must be {_TYPE_WORDS[wanted]}; this gives {expression.type}')
        return default
    return node.text.strip()


# ── detection rules ────────────────────────────────────────────────────────────────────────────────────


def _rule(fields: Fields) -> DetectionRule | None:
    before = len(fields.problems)
    severity = fields.mapping("severity", required=True)
    rule = DetectionRule(
        id=_id(fields),
        title=fields.text("title", required=True),
        metrics=fields.texts("metrics", required=True),
        direction=fields.choice("direction", ("up", "down", "both")),
        detector=fields.text("detector", required=True),
        min_exposure=fields.number("min_exposure", low=0),
        min_excess=fields.number("min_excess", low=0),
        min_relative=fields.number("min_relative", low=0, high=100),
        false_discovery_rate=fields.number("false_discovery_rate", low=0.0001, high=0.5),
        medium_from_relative=severity.number("medium_from_relative", low=0) if severity else 0.0,
        high_from_relative=severity.number("high_from_relative", low=0) if severity else 0.0,
        where=fields.where,
        groups=_groups(fields),
    )
    if severity is not None:
        if rule.high_from_relative < rule.medium_from_relative:
            sentence = f"high_from_relative {rule.high_from_relative:g} is below medium_from_relative"
            severity.problem("104", severity.place("high_from_relative"), f"{sentence}; swap the two")
        severity.finish()
    return rule if len(fields.problems) == before else None


def _groups(fields: Fields) -> dict[str, tuple[str, ...]]:
    """Regions that are looked at together, by the name that the team gives them."""
    entry = fields.mapping("groups")
    if entry is None:
        return {}
    groups = {name: entry.texts(name) for name in entry.names()}
    for name, regions in groups.items():
        if len(regions) < 2:
            entry.problem("104", entry.place(name), f"{name} needs two regions or more, such as [AT, CH, DE]")
    entry.finish()
    return groups
