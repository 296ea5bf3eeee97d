"""Reads one file of rules/decisions/ into a Policy; every problem is collected with its place."""

from __future__ import annotations

import re
from string import Formatter
from typing import TYPE_CHECKING, get_args

from contextcheck.errors import Problem, nearest
from contextcheck.knowledge.policies import FACTS, OPERATORS, Condition, Policy, PolicyExample, PolicyRule
from contextcheck.records import Action, Confidence
from contextcheck.yamlio.document import ListNode, MapNode, Scalar, read_file
from contextcheck.yamlio.fields import Fields, to_decimal

if TYPE_CHECKING:
    from pathlib import Path

    from contextcheck.errors import Location
    from contextcheck.knowledge.policies import FactValue
    from contextcheck.yamlio.document import Node

PREFIX = "RL"
_NAME = re.compile(r"[a-z][a-z0-9-]*")
_MEASURES = ("number", "share", "change", "money", "money_per_day")


def read_policy(path: Path, shown_as: str, problems: list[Problem]) -> Policy | None:
    """Give the policy of one file, or None when it cannot be read at all."""
    root, found = read_file(path, PREFIX, shown_as=shown_as)
    problems.extend(found)
    if not isinstance(root, MapNode):
        if root is not None or not found:
            where = shown_as if root is None else str(root.where)
            problems.append(Problem("RL103", where, 'a policy is a mapping with "policy:" and "rules:"'))
        return None
    fields = Fields(root, problems, PREFIX)
    name = fields.text("policy", required=True)
    rules = tuple(_rule(each) for each in fields.mappings("rules", required=True))
    examples = tuple(_example(each) for each in fields.mappings("examples"))
    fields.finish()
    _check_rules(fields, rules)
    _check_examples(fields, rules, examples)
    return Policy(name, rules, examples, fields.where)


def _rule(fields: Fields) -> PolicyRule:
    rule = PolicyRule(
        id=fields.text("id", required=True),
        when=_conditions(fields),
        action=fields.choice("action", get_args(Action)),
        confidence=fields.choice("confidence", get_args(Confidence)),
        because=_templates(fields, "because", required=True),
        would_change_if=_templates(fields, "would_change_if"),
        where=fields.where,
        scope=_template(fields, "scope", "{region}"),
        ask=_templates(fields, "ask"),
        advice=_templates(fields, "advice"),
    )
    if rule.id and not _NAME.fullmatch(rule.id):
        fields.problem("210", fields.place("id"), f'the id "{rule.id}" must be lower-case words joined by "-"')
    fields.finish()
    return rule


def _conditions(fields: Fields) -> tuple[Condition, ...]:
    """`when: {fact: value}` means is; `when: {fact: [a, b]}` is any of; `when: {fact: {above: 0}}` compares."""
    when = fields.mapping("when")
    found: list[Condition] = []
    for fact in when.names() if when else ():
        assert when is not None
        key_place = when.node.entries[fact][0]
        node = when.child(fact)
        if fact not in FACTS:
            when.problem("201", key_place, f'unknown fact "{fact}"{nearest(fact, FACTS)}')
        elif node is None:
            when.problem("101", key_place, f'"{fact}" has no value')
        elif isinstance(node, MapNode):
            found.extend(_comparisons(Fields(node, when.problems, PREFIX), fact))
        else:
            found.append(Condition(fact, "is", _wanted(when, fact, node), key_place))
    return tuple(found)


def _comparisons(fields: Fields, fact: str) -> list[Condition]:
    found = []
    for operator in fields.names():
        place, node = fields.node.entries[operator]
        if operator not in OPERATORS:
            fields.problem("202", place, f'unknown comparison "{operator}"{nearest(operator, OPERATORS)}')
            continue
        is_order = operator not in ("is", "is_not")
        if is_order and FACTS[fact].kind not in _MEASURES:
            fields.problem(
                "203", place, f'{fact} is no number and cannot be compared by "{operator}"; use is or is_not'
            )
            continue
        found.append(Condition(fact, operator, _wanted(fields, fact, node), place))
    return found


def _wanted(fields: Fields, fact: str, node: Node) -> FactValue | tuple[str, ...]:
    """The value that a fact is compared with, in the fact's kind; a list only for texts."""
    if isinstance(node, ListNode) and FACTS[fact].kind == "text":
        texts = [fact_value(fields, fact, item) for item in node.items]
        return tuple(text for text in texts if isinstance(text, str))
    return fact_value(fields, fact, node)


def fact_value(fields: Fields, fact: str, node: Node) -> FactValue:
    """One value in the kind of its fact; a problem and None when it does not fit."""
    spec = FACTS[fact]
    if not isinstance(node, Scalar):
        fields.problem("103", node.where, f'"{fact}" must be a single value')
        return None
    text = node.text.strip()
    if spec.kind == "flag":
        if text not in ("true", "false"):
            fields.problem("103", node.where, f'{fact} is "{text}", but must be true or false')
        return text == "true"
    if spec.kind in _MEASURES:
        number = to_decimal(text)
        if number is None:
            fields.problem("103", node.where, f'{fact} is "{text}", but must be a number such as 0.5')
        elif spec.kind == "share" and not 0 <= number <= 1:
            fields.problem("104", node.where, f"{fact} is {text}, but must be from 0 to 1")
        return None if number is None else float(number)
    if spec.choices and text not in spec.choices:
        fields.problem("105", node.where, f'unknown {fact} "{text}"{nearest(text, spec.choices)}')
    return text


def _templates(fields: Fields, key: str, *, required: bool = False) -> tuple[str, ...]:
    texts = fields.texts(key, required=required)
    for text in texts:
        _check_template(fields, fields.place(key), text)
    return texts


def _template(fields: Fields, key: str, default: str) -> str:
    text = fields.text(key, default)
    _check_template(fields, fields.place(key), text)
    return text


def _check_template(fields: Fields, place: Location, text: str) -> None:
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        fields.problem("204", place, f'"{text}" has a brace without its partner; write facts as {{region}}')
        return
    for _, name, form, conversion in parts:
        if name is None:
            continue
        if name not in FACTS or conversion:
            fields.problem("201", place, f'unknown fact "{name}" in a sentence{nearest(name, FACTS)}')
        elif form and (FACTS[name].kind != "number" or form.count("|") != 1):
            told = f"{{{name}:{form}}}"
            fields.problem("204", place, f"{told} takes a noun for one and for several of a number, as one|several")


def _example(fields: Fields) -> PolicyExample:
    table = fields.mapping("facts", required=True)
    facts: dict[str, FactValue] = {}
    for fact in table.names() if table else ():
        assert table is not None
        key_place, node = table.node.entries[fact]
        if fact not in FACTS:
            table.problem("201", key_place, f'unknown fact "{fact}"{nearest(fact, FACTS)}')
        else:
            facts[fact] = fact_value(table, fact, node)
    example = PolicyExample(
        name=fields.text("name", required=True),
        facts=facts,
        expect=fields.choice("expect", get_args(Action)),
        where=fields.where,
        rule=fields.text("rule"),
    )
    fields.finish()
    return example


def _check_rules(fields: Fields, rules: tuple[PolicyRule, ...]) -> None:
    seen: dict[str, PolicyRule] = {}
    for position, rule in enumerate(rules):
        place = rule.where or fields.where
        if rule.id in seen:
            first = seen[rule.id].where
            fields.problem(
                "205", place, f'the rule id "{rule.id}" is already used in line {first.line if first else 0}'
            )
        seen[rule.id] = rule
        if not rule.when and position < len(rules) - 1:
            fields.problem("206", place, f'"{rule.id}" has no condition, so that no rule after it is ever reached')
    if rules and rules[-1].when:
        fields.problem("207", rules[-1].where or fields.where, "the last rule must have no condition")


def _check_examples(fields: Fields, rules: tuple[PolicyRule, ...], examples: tuple[PolicyExample, ...]) -> None:
    ids = {rule.id for rule in rules}
    for example in examples:
        if example.rule and example.rule not in ids:
            place = example.where or fields.where
            fields.problem("208", place, f'no rule "{example.rule}"{nearest(example.rule, ids)}')
