"""JSON Schemas for editors (completion, hover, red lines), derived from the declarations that the readers use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contextcheck.knowledge.columns import COLUMNS
from contextcheck.knowledge.entry_fields import (
    CERTAINTIES,
    DIRECTIONS,
    GRADES,
    MAX_MARGIN_DAYS,
    SOURCE_ROLES,
    STATUSES,
    VERDICTS,
)
from contextcheck.knowledge.lines import LINE_KEYS
from contextcheck.knowledge.sign_fields import WEIGHTS
from contextcheck.knowledge.signs import SIGN_SPECS, Option, SignSpec
from contextcheck.table_settings import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Schema = dict[str, object]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
FILES = {"region": "_schema/region.json", "group": "_schema/group.json", "explanation": "_schema.json"}
"""Where the schemas lie: the first two under regions/, the last under rules/explanations/."""

_TEXT: Schema = {"type": ["string", "number"]}
_TEXTS: Schema = {"oneOf": [_TEXT, {"type": "array", "items": _TEXT}]}
_DAY: Schema = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$", "description": "a day such as 2026-11-20"}
_HOURS: Schema = {"type": "string", "pattern": r"^\d+\s*(h|d|m)$", "description": "a duration such as 24h, 14d or 30m"}
_SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1, "description": "a share from 0 to 1"}

_USUAL_ORDER = (
    *("orders", "aov", "cancel_rate", "rapid_cancel_rate", "modify_rate", "return_rate", "refund_share"),
    *("unpaid_rate", "refused_rate", "discount_rate", "items_per_order", "chargeback_rate"),
)


def region_schema(metrics: Iterable[str] = ()) -> Schema:
    """Give the schema of regions/XX.yaml; `metrics` are offered for completion when given."""
    properties = {
        "region": _described(_TEXT, "ISO 3166 code or the team's own market name; the file has the same name"),
        "name": _described(_TEXT, "the market's name as reports print it"),
        "timezone": _described(_TEXT, "IANA zone in which the market's days are counted, such as Asia/Seoul"),
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$", "description": "ISO 4217 code of local amounts"},
        "owner": _described(_TEXT, "the team that answers for the entries of this file"),
        "reviewed": _review(),
        "defaults": _object({name: _money() for name in LINE_KEYS}, meaning="lines, each with its currency"),
        "norms": {"type": "array", "items": _entry_or_off(metrics), "description": "what is normal here"},
    }
    return _file("A market: its clock, its lines and its norms", properties, ("region",))


def group_schema(metrics: Iterable[str] = ()) -> Schema:
    """Give the schema of regions/_groups/NAME.yaml."""
    properties = {
        "group": _described(_TEXT, "name of the group; the file has the same name"),
        "name": _described(_TEXT, "the group's name as reports print it"),
        "owner": _described(_TEXT, "the team that answers for the entries of this file"),
        "reviewed": _review(),
        "members": _described(_TEXTS, 'region codes that inherit the norms; "*" for every region'),
        "norms": {"type": "array", "items": _entry_or_off(metrics), "description": "what is normal in every member"},
    }
    return _file("Norms that several markets share", properties, ("group", "name", "members"))


def explanation_schema(metrics: Iterable[str] = ()) -> Schema:
    """Give the schema of one file under rules/explanations/."""
    properties = {**_entry_properties(metrics), "off": _off()}
    return _file("An abuse pattern, an operational or a measurement fault", properties, ("id",))


def in_usual_order(metrics: Iterable[str]) -> tuple[str, ...]:
    """Give metrics in the order in which editors offer them: the usual ones first, a team's own behind them by name."""
    place = {name: number for number, name in enumerate(_USUAL_ORDER)}
    return tuple(sorted(metrics, key=lambda name: (place.get(name, len(place)), name)))


def schema_files(metrics: Iterable[str]) -> dict[str, Schema]:
    """Give every schema by its path below the folder that holds regions/ and rules/."""
    names = tuple(metrics)
    return {
        f"regions/{FILES['region']}": region_schema(names),
        f"regions/{FILES['group']}": group_schema(names),
        f"rules/explanations/{FILES['explanation']}": explanation_schema(names),
    }


def entry_keys() -> frozenset[str]:
    """Give every key that an entry may have; a test checks that the reader knows exactly these."""
    return frozenset(_entry_properties(()))


def _file(title: str, properties: Mapping[str, object], required: tuple[str, ...]) -> Schema:
    return {"$schema": DIALECT, "title": title, **_object(properties, required)}


def _object(properties: Mapping[str, object], required: tuple[str, ...] = (), meaning: str = "") -> Schema:
    schema: Schema = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    if required:
        schema["required"] = list(required)
    return {**schema, "description": meaning} if meaning else schema


def _described(schema: Schema, meaning: str) -> Schema:
    return {**schema, "description": meaning}


def _choice(names: Iterable[str], meaning: str = "") -> Schema:
    return {"enum": list(names), **({"description": meaning} if meaning else {})}


def _money() -> Schema:
    amount: Schema = {"type": "number", "minimum": 0}
    return _object({"amount": amount, "currency": {"type": "string"}}, ("amount", "currency"), "with its currency")


def _review() -> Schema:
    return _object({"by": _TEXT, "on": _DAY, "next": _DAY}, (), "who last read it, when, and when it is due again")


def _off() -> Schema:
    return _object({"reason": _TEXT, "on": _DAY}, ("reason", "on"), "switches a shipped entry off, with reason and day")


def _entry_or_off(metrics: Iterable[str]) -> Schema:
    return _object({**_entry_properties(metrics), "off": _off()}, ("id",))


def _entry_properties(metrics: Iterable[str]) -> dict[str, object]:
    names = tuple(metrics)
    metric = _choice(names, "the metric that moves") if names else _described(_TEXT, "the metric that moves")
    explains = _object({"metric": metric, "direction": _choice(DIRECTIONS)}, ("metric", "direction"))
    signs = {"oneOf": [_sign(spec) for spec in SIGN_SPECS.values()]}
    source = {"title": _TEXT, "url": _TEXT, "year": _TEXT, "grade": _choice(GRADES), "for": _choice(SOURCE_ROLES)}
    example = {"name": _TEXT, "data": _TEXT, "expect": _choice(VERDICTS)}
    return {
        "id": _described(_TEXT, "short name in small letters with hyphens, such as kr-free-shipping-padding"),
        "title": _described(_TEXT, "one line as a report prints it"),
        "status": _choice(STATUSES, "only active entries can change a recommendation"),
        "owner": _described(_TEXT, "who answers for this entry; the file's owner when left out"),
        "regions": _described(_TEXTS, "where it may apply (abuse, operational and measurement entries only)"),
        "mechanism": _described(_TEXT, "who does what, and why it leaves the traces below; one paragraph"),
        "note": _described(_TEXT, "which part is how well known, and the caveats of quoted figures"),
        "explains": {"type": "array", "items": explains, "description": "the movements it can account for"},
        "when": _when(),
        "needs": {"type": "array", "items": _choice((*COLUMNS, *TABLES)), "description": "what its strong signs need"},
        "signs": {"type": "array", "items": signs, "description": "predictions that can fail"},
        "contradicted_by": {"type": "array", "items": signs, "description": "traces that would speak against it"},
        "ask": _described(_TEXTS, "questions for the local team"),
        "advice": _described(_TEXTS, "what helps when it holds"),
        "sources": {
            "type": "array",
            "items": _object(source, ("title", "grade")),
            "description": "A law to D unsourced",
        },
        "twins": {"type": "array", "items": _object({"id": _TEXT, "separated_by": _TEXT}, ("id", "separated_by"))},
        "reviewed": _review(),
        "text": {"type": "object", "additionalProperties": _TEXT, "description": "title in local languages"},
        "examples": {"type": "array", "items": _object(example, ("name", "data", "expect"))},
    }


def _when() -> Schema:
    properties = {
        "after_launch": _described(_TEXTS, 'a feature\'s name, or "any"'),
        "holiday": _described(_TEXTS, 'names of public holidays there in English, or "any"'),
        "dates": _described(
            _TEXTS, '"11-11", "2026-02-17", "11-01..11-11", "4th thu of november +1", or a calendar\'s name'
        ),
        "weekday": _described(_TEXTS, "mon … sun"),
        "payday": _described(_TEXTS, "a day of the month, or last"),
        "before_days": {"type": "integer", "minimum": 0, "maximum": MAX_MARGIN_DAYS},
        "after_days": {"type": "integer", "minimum": 0, "maximum": MAX_MARGIN_DAYS},
        "certainty": _choice(CERTAINTIES),
    }
    always: Schema = {"const": "always"}
    return {"oneOf": [always, _object({"always": True, **properties})], "description": "days on which it can hold"}


def _sign(spec: SignSpec) -> Schema:
    properties: dict[str, object] = {"test": {"const": spec.name, "description": spec.title}}
    properties |= {name: _option(option) for name, option in spec.options.items()}
    properties["weight"] = _choice(WEIGHTS, "strong when it decides, weak when it only leans")
    required = tuple(name for name, option in spec.options.items() if option.is_required)
    return _object(properties, ("test", *required), spec.title)


def _option(option: Option) -> Schema:
    kinds: dict[str, Schema] = {
        "column": _choice(COLUMNS),
        "columns": {"type": "array", "items": _choice(COLUMNS)},
        "choice": _choice(option.choices),
        "hours": _HOURS,
        "share": _SHARE,
        "number": {"type": "number"},
        "texts": _TEXTS,
        "bounds": {
            **_object(dict.fromkeys(option.keys, _HOURS if option.in_hours else _SHARE)),
            "minProperties": 1,
        },
    }
    return _described(kinds[option.kind], option.meaning)
