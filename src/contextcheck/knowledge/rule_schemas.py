"""JSON Schemas of calendars, metrics, detection rules and decision policies, for editors."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from contextcheck.knowledge.calendars import DATED, MAX_MARGIN_DAYS
from contextcheck.knowledge.entry_fields import CERTAINTIES
from contextcheck.knowledge.metrics import MetricKind, MetricUse
from contextcheck.knowledge.policies import FACTS
from contextcheck.knowledge.schema import HOURS, TEXT, TEXTS, choice_of, described, file_schema, object_of
from contextcheck.records import Action, Confidence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contextcheck.knowledge.schema import Schema

_EXPRESSION = "condition over canonical columns, such as status = 'returned'"


def calendar_schema() -> Schema:
    """Give the schema of regions/_calendars/NAME.yaml."""
    meanings = {
        "days": "past days, or days that follow from a rule",
        "announced": "days that whoever sets them has named",
        "estimated": "days by the pattern of earlier years; widened by margin_days",
    }
    properties = {
        "id": described(TEXT, "name under which norms refer to it: when: {dates: [NAME]}"),
        "title": described(TEXT, "what the days are"),
        **{name: described(TEXTS, meanings[name]) for name in DATED},
        "margin_days": {
            "type": "integer",
            "minimum": 1,
            "maximum": MAX_MARGIN_DAYS,
            "description": "by how many days estimated ones may be off",
        },
        "certainty": choice_of(CERTAINTIES, "of the days under days"),
        "source": described(TEXT, "where the days are known from"),
    }
    calendars: Schema = {"type": "array", "items": object_of(properties, ("id", "title", "source"))}
    return file_schema("Named lists of days", {"calendars": calendars}, ("calendars",))


def metrics_schema() -> Schema:
    """Give the schema of rules/metrics/NAME.yaml: one metric, or a list of them."""
    value = object_of({"expression": TEXT, "note": TEXT}, ("expression",))
    properties = {
        "id": described(TEXT, "name in YAML, code, JSON and report"),
        "title": described(TEXT, "a few words for people"),
        "kind": choice_of(get_args(MetricKind), "a rate, a count, a mean or a sum"),
        "unit": described(TEXT, "such as share of orders, money, items"),
        "numerator": described(TEXT, f"which orders count: a {_EXPRESSION}"),
        "denominator": described(TEXT, f"of which orders: a {_EXPRESSION}; left out for every order"),
        "values": {"type": "array", "items": value, "description": "ways to compute the value, best first"},
        "happens_at": described(TEXT, "expression for the moment of the event"),
        "horizon": described(HOURS, "how long after the order an event still counts"),
        "uses": described(TEXTS, " or ".join(get_args(MetricUse))),
    }
    return _one_or_many("Metrics", "metrics", object_of(properties, ("id", "title", "kind", "unit")))


def detection_schema(metrics: Iterable[str] = ()) -> Schema:
    """Give the schema of rules/detection/NAME.yaml: one rule, or a list of them."""
    names = tuple(metrics)
    number: Schema = {"type": "number", "minimum": 0}
    severity = object_of(
        {"medium_from_relative": number, "high_from_relative": number}, (), "size of the departure from which on"
    )
    properties = {
        "id": described(TEXT, "name shown with the flag"),
        "title": described(TEXT, "a few words for people"),
        "metrics": {"type": "array", "items": choice_of(names) if names else TEXT, "description": "what it watches"},
        "direction": choice_of(("up", "down", "both")),
        "detector": described(TEXT, "name in the table of detectors"),
        "min_exposure": described(number, "orders below which nothing is judged"),
        "min_excess": described(number, "events below which a departure does not matter"),
        "min_relative": described(number, "0.2 for a departure of 20 percent"),
        "false_discovery_rate": described({"type": "number", "minimum": 0.0001, "maximum": 0.5}, "accepted share"),
        "severity": severity,
        "groups": described(
            {"type": "object", "additionalProperties": {**TEXTS, "minItems": 2}},
            "regions that are also looked at together, by name: a payment provider's, a language area's",
        ),
    }
    required = tuple(name for name in properties if name != "groups")
    return _one_or_many("What is worth a flag", "rules", object_of(properties, required))


def decision_schema() -> Schema:
    """Give the schema of rules/decisions/NAME.yaml; facts are offered with their meaning."""
    fact: dict[str, object] = {name: {"description": spec.meaning} for name, spec in FACTS.items()}
    conditions: Schema = {"type": "object", "properties": fact, "description": "facts that must all hold"}
    rule: Schema = {
        "type": "object",
        "properties": {
            "id": described(TEXT, "lower-case words joined by -"),
            "when": conditions,
            "action": choice_of(get_args(Action), "what to do"),
            "confidence": choice_of(get_args(Confidence)),
            "scope": described(TEXT, "what the action is about; facts in {braces}"),
            "because": described(TEXTS, "sentences; one that names an unknown fact is left out"),
            "would_change_if": TEXTS,
            "ask": TEXTS,
            "advice": TEXTS,
        },
        "required": ["id", "action", "confidence", "because"],
    }
    example: Schema = {
        "type": "object",
        "properties": {"name": TEXT, "facts": conditions, "expect": choice_of(get_args(Action)), "rule": TEXT},
        "required": ["name", "facts", "expect"],
    }
    properties = {
        "policy": described(TEXT, "name; default is always there"),
        "rules": {"type": "array", "items": rule, "description": "the first whose conditions hold decides"},
        "examples": {"type": "array", "items": example},
    }
    return {**file_schema("What to do about a flag", properties, ("policy", "rules")), "additionalProperties": True}


def gate_schema(metrics: Iterable[str] = ()) -> Schema:
    """Give the schema of rules/gates/NAME.yaml."""
    names = tuple(metrics)

    def number(low: float, high: float | None = None, meaning: str = "") -> Schema:
        return described({"type": "number", "minimum": low, **({"maximum": high} if high is not None else {})}, meaning)

    def whole(low: int, meaning: str) -> Schema:
        return described({"type": "integer", "minimum": low}, meaning)

    alpha = {
        "cheap": number(0.0001, 0.49, "accepted chance of a wrong roll-back where a roll-back costs next to nothing"),
        "cheap_to_days": number(0.01, 1000, "cost of a roll-back, in days of contribution, up to which that holds"),
        "dear_from_days": number(0.02, 1000, "cost from which decision.alpha of the settings holds"),
    }
    guardrail = {
        "metric": choice_of(names) if names else TEXT,
        "worse": choice_of(("up", "down"), "the direction that is worse"),
        "margin": number(0.001, 100, "how much worse is still accepted, as a share of the usual level"),
        "optional": described({"type": "boolean"}, "whether data without the columns may still pass"),
    }
    stops = {
        "failed": described(TEXT, f"which orders have failed: a {_EXPRESSION}"),
        "failed_share": number(0, 1, "share of a day's exposed orders from which the feature stops"),
        "times_usual": number(1, 100, "and how many times the usual share"),
        "min_orders": whole(1, "orders a day below which nothing is said"),
        "revenue_to_zero": described({"type": "boolean"}, "whether orders without any revenue, or none, stop it"),
    }
    data = {
        "fresh_within_days": whole(1, "the newest complete day against --as-of"),
        "late_days": whole(1, "a launched region whose orders end this much earlier than the others'"),
        "partial_below": number(0, 1, "orders of the untouched regions on a day, against the usual"),
        "sample_ratio_p": number(0, 1, "below this, exposed and unexposed are not the share that was meant"),
        "exposed_share": number(0.001, 0.999, "share of the customers that was meant to see the feature"),
    }
    properties = {
        "gate": described(TEXT, "name for --policy; default is always there"),
        "judge": described(TEXTS, "the first of these that the data have is judged"),
        "alpha": object_of(alpha),
        "roll_back_days": number(0.01, 1000, "cost of a roll-back where the judged metric is not contribution"),
        "watch_days": described(
            {"type": "integer", "minimum": 7, "maximum": 182}, "days that spend nearly all of alpha"
        ),
        "pass_after_days": described({"type": "integer", "minimum": 1, "maximum": 182}, "days before anything passes"),
        "prior_share": number(0.001, 1, "most features move the judged metric by less than this share"),
        "min_share_explained": number(0, 1, "what an explanation must account for before it helps"),
        "guardrails": {"type": "array", "items": object_of(guardrail, ("metric", "worse", "margin"))},
        "hard_stops": object_of(stops, (), "what stops a feature at once, without statistics"),
        "data": object_of(data, (), "when the data are not good enough to judge on"),
    }
    return file_schema("How a launched feature is judged", properties, ("gate",))


def _one_or_many(title: str, key: str, item: Schema) -> Schema:
    """A file with one definition, or with a list of them under a key."""
    from contextcheck.knowledge.schema import DIALECT

    several = object_of({key: {"type": "array", "items": item}}, (key,))
    return {"$schema": DIALECT, "title": title, "oneOf": [item, several]}
