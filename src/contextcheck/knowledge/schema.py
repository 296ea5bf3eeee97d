"""JSON Schemas for editors (completion, hover, red lines), derived from the declarations that the readers use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contextcheck.knowledge.columns import COLUMNS
from contextcheck.knowledge.defaults import AMOUNTS, TITLES
from contextcheck.knowledge.entry_fields import (
    CERTAINTIES,
    DIRECTIONS,
    GRADES,
    MAX_MARGIN_DAYS,
    SOURCE_ROLES,
    STATUSES,
    VERDICTS,
)
from contextcheck.knowledge.sign_fields import WEIGHTS
from contextcheck.knowledge.signs import SIGN_SPECS, Option, SignSpec
from contextcheck.settings import COST_DEFAULTS
from contextcheck.table_settings import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Schema = dict[str, object]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
FILES = {
    "region": "_schema/region.json",
    "group": "_schema/group.json",
    "calendar": "_schema/calendar.json",
    "explanation": "_schema.json",
    "rule": "_schema.json",
}
"""Where the schemas lie: the first three under regions/, the others in the folder of rules/ that they are about."""

TEXT: Schema = {"type": ["string", "number"]}
TEXTS: Schema = {"oneOf": [TEXT, {"type": "array", "items": TEXT}]}
SOME_TEXTS: Schema = {"oneOf": [TEXT, {"type": "array", "items": TEXT, "minItems": 1}]}
_DAY: Schema = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$", "description": "a day such as 2026-11-20"}
HOURS: Schema = {
    "type": "string",
    "pattern": r"^\d{1,6}\s*(h|d|m)$",
    "description": "a duration such as 24h, 14d or 30m",
}
_SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1, "description": "a share from 0 to 1"}

_USUAL_ORDER = (
    *("orders", "aov", "cancel_rate", "rapid_cancel_rate", "modify_rate", "return_rate", "refund_share"),
    *("unpaid_rate", "refused_rate", "discount_rate", "items_per_order", "chargeback_rate"),
    "new_account_discount_rate",
)


def region_schema(metrics: Iterable[str] = ()) -> Schema:
    """Give the schema of regions/XX.yaml; `metrics` are offered for completion when given."""
    properties = {
        "region": described(TEXT, "ISO 3166 code or the team's own market name; the file has the same name"),
        "name": described(TEXT, "the market's name as reports print it"),
        "timezone": described(TEXT, "IANA zone in which the market's days are counted, such as Asia/Seoul"),
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$", "description": "ISO 4217 code of local amounts"},
        "owner": described(TEXT, "the team that answers for the entries of this file"),
        "reviewed": _review(),
        "defaults": _defaults(),
        "norms": {"type": "array", "items": _entry_or_off(metrics), "description": "what is normal here"},
    }
    return file_schema("A market: its clock, its lines and its norms", properties, ("region",))


def group_schema(metrics: Iterable[str] = ()) -> Schema:
    """Give the schema of regions/_groups/NAME.yaml."""
    properties = {
        "group": described(TEXT, "name of the group; the file has the same name"),
        "name": described(TEXT, "the group's name as reports print it"),
        "owner": described(TEXT, "the team that answers for the entries of this file"),
        "reviewed": _review(),
        "members": described(TEXTS, 'region codes that inherit the norms; "*" for every region'),
        "norms": {"type": "array", "items": _entry_or_off(metrics), "description": "what is normal in every member"},
    }
    return file_schema("Norms that several markets share", properties, ("group", "name", "members"))


def explanation_schema(metrics: Iterable[str] = ()) -> Schema:
    """Give the schema of one file under rules/explanations/."""
    properties = {**_entry_properties(metrics), "off": _off()}
    return file_schema("An abuse pattern, an operational or a measurement fault", properties, ("id",))


def in_usual_order(metrics: Iterable[str]) -> tuple[str, ...]:
    """Give metrics in the order in which editors offer them: the usual ones first, a team's own behind them by name."""
    place = {name: number for number, name in enumerate(_USUAL_ORDER)}
    return tuple(sorted(metrics, key=lambda name: (place.get(name, len(place)), name)))


def schema_files(metrics: Iterable[str]) -> dict[str, Schema]:
    """Give every schema by its path below the folder that holds regions/ and rules/."""
    names = tuple(metrics)
    from contextcheck.knowledge import rule_schemas

    return {
        f"regions/{FILES['region']}": region_schema(names),
        f"regions/{FILES['group']}": group_schema(names),
        f"regions/{FILES['calendar']}": rule_schemas.calendar_schema(),
        f"rules/explanations/{FILES['explanation']}": explanation_schema(names),
        f"rules/metrics/{FILES['rule']}": rule_schemas.metrics_schema(),
        f"rules/detection/{FILES['rule']}": rule_schemas.detection_schema(names),
        f"rules/decisions/{FILES['rule']}": rule_schemas.decision_schema(),
        f"rules/gates/{FILES['rule']}": rule_schemas.gate_schema(names),
    }


def entry_keys() -> frozenset[str]:
    """Give every key that an entry may have; a test checks that the reader knows exactly these."""
    return frozenset(_entry_properties(()))


def file_schema(title: str, properties: Mapping[str, object], required: tuple[str, ...]) -> Schema:
    """The schema of a whole file."""
    return {"$schema": DIALECT, "title": title, **object_of(properties, required)}


def object_of(properties: Mapping[str, object], required: tuple[str, ...] = (), meaning: str = "") -> Schema:
    """A mapping with these keys and no others."""
    schema: Schema = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    if required:
        schema["required"] = list(required)
    return {**schema, "description": meaning} if meaning else schema


def described(schema: Schema, meaning: str) -> Schema:
    """A schema with the text that an editor shows on hover."""
    return {**schema, "description": meaning}


def choice_of(names: Iterable[str], meaning: str = "") -> Schema:
    """One of some words."""
    return {"enum": list(names), **({"description": meaning} if meaning else {})}


def _defaults() -> Schema:
    """What is documented for a market, each value with its source."""
    known: dict[str, object] = {
        "source": described(TEXT, "where the value is known from"),
        "url": TEXT,
        "year": TEXT,
        "grade": choice_of(GRADES, "A law to D unsourced"),
        "counts": described(TEXT, "what it counts from, or what it is a share of"),
        "note": described(TEXT, "range and caveats"),
    }

    def value(unit: str, meaning: str, **more: object) -> Schema:
        own: dict[str, dict[str, object]] = {
            "money": {"amount": {"type": "number", "minimum": 0}, "currency": {"type": "string"}},
            "hours": {"within": HOURS},
            "share": {"share": _SHARE},
        }
        return object_of({**own[unit], **more, **known}, tuple(own[unit]), meaning)

    expiry = value("hours", TITLES["payment_expiry"], method=described(TEXT, "way to pay it belongs to"))
    costs = {name: value("share" if each.high == 1 else "money", each.unit) for name, each in COST_DEFAULTS.items()}
    properties: dict[str, object] = {name: value("money", TITLES[name]) for name in AMOUNTS}
    properties |= {
        "return_window": value("hours", TITLES["return_window"]),
        "payment_expiry": {"type": "array", "items": expiry, "description": "one per way to pay"},
        "cod_share": value("share", TITLES["cod_share"]),
        "costs": object_of(costs, (), "unit costs, as under costs: in contextcheck.yaml"),
    }
    return object_of(properties, (), "what holds here until the shop says otherwise, each with its source")


def _review() -> Schema:
    return object_of({"by": TEXT, "on": _DAY, "next": _DAY}, (), "who last read it, when, and when it is due again")


def _off() -> Schema:
    return object_of({"reason": TEXT, "on": _DAY}, ("reason", "on"), "switches a shipped entry off, with reason")


def _entry_or_off(metrics: Iterable[str]) -> Schema:
    return object_of({**_entry_properties(metrics), "off": _off()}, ("id",))


def _entry_properties(metrics: Iterable[str]) -> dict[str, object]:
    names = tuple(metrics)
    metric = choice_of(names, "the metric that moves") if names else described(TEXT, "the metric that moves")
    explains = object_of({"metric": metric, "direction": choice_of(DIRECTIONS)}, ("metric", "direction"))
    signs = {"oneOf": [_sign(spec) for spec in SIGN_SPECS.values()]}
    source = {"title": TEXT, "url": TEXT, "year": TEXT, "grade": choice_of(GRADES), "for": choice_of(SOURCE_ROLES)}
    example = {"name": TEXT, "data": TEXT, "expect": choice_of(VERDICTS)}
    return {
        "id": described(TEXT, "short name in small letters with hyphens, such as kr-free-shipping-padding"),
        "title": described(TEXT, "one line as a report prints it"),
        "status": choice_of(STATUSES, "only active entries can change a recommendation"),
        "owner": described(TEXT, "who answers for this entry; the file's owner when left out"),
        "regions": described(TEXTS, "where it may apply (abuse, operational and measurement entries only)"),
        "mechanism": described(TEXT, "who does what, and why it leaves the traces below; one paragraph"),
        "note": described(TEXT, "which part is how well known, and the caveats of quoted figures"),
        "explains": {
            "type": "array",
            "items": explains,
            "minItems": 1,
            "description": "the movements it can account for",
        },
        "when": _when(),
        "needs": {
            "type": "array",
            "items": choice_of((*COLUMNS, *TABLES)),
            "description": "what its strong signs need",
        },
        "signs": {"type": "array", "items": signs, "description": "predictions that can fail"},
        "contradicted_by": {"type": "array", "items": signs, "description": "traces that would speak against it"},
        "ask": described(TEXTS, "questions for the local team"),
        "advice": described(TEXTS, "what helps when it holds"),
        "sources": {
            "type": "array",
            "items": object_of(source, ("title", "grade")),
            "description": "A law to D unsourced",
        },
        "twins": {"type": "array", "items": object_of({"id": TEXT, "separated_by": TEXT}, ("id", "separated_by"))},
        "reviewed": _review(),
        "text": {"type": "object", "additionalProperties": TEXT, "description": "title in local languages"},
        "examples": {"type": "array", "items": object_of(example, ("name", "data", "expect"))},
    }


def _when() -> Schema:
    properties = {
        "after_launch": described(SOME_TEXTS, 'a feature\'s name, or "any"'),
        "holiday": described(SOME_TEXTS, 'names of public holidays there in English, or "any"'),
        "dates": described(
            SOME_TEXTS, '"11-11", "2026-02-17", "11-01..11-11", "4th thu of november +1", or a calendar\'s name'
        ),
        "weekday": described(SOME_TEXTS, "mon … sun"),
        "payday": described(SOME_TEXTS, "a day of the month, or last"),
        "before_days": {"type": "integer", "minimum": 0, "maximum": MAX_MARGIN_DAYS},
        "after_days": {"type": "integer", "minimum": 0, "maximum": MAX_MARGIN_DAYS},
        "certainty": choice_of(CERTAINTIES),
    }
    always: Schema = {"const": "always"}
    return {"oneOf": [always, object_of({"always": True, **properties})], "description": "days on which it can hold"}


def _sign(spec: SignSpec) -> Schema:
    properties: dict[str, object] = {"test": {"const": spec.name, "description": spec.title}}
    properties |= {name: _option(option) for name, option in spec.options.items()}
    properties["weight"] = choice_of(WEIGHTS, "strong when it decides, weak when it only leans")
    required = tuple(name for name, option in spec.options.items() if option.is_required)
    return object_of(properties, ("test", *required), spec.title)


def _option(option: Option) -> Schema:
    kinds: dict[str, Schema] = {
        "column": choice_of(option.columns),
        "columns": {"type": "array", "items": choice_of(option.columns), "minItems": 1},
        "choice": choice_of(option.choices),
        "hours": HOURS,
        "share": _SHARE,
        "number": {"type": "number"},
        "texts": SOME_TEXTS,
        "bounds": {
            **object_of(dict.fromkeys(option.keys, HOURS if option.in_hours else _SHARE)),
            "minProperties": 1,
        },
    }
    return described(kinds[option.kind], option.meaning)
