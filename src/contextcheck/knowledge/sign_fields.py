"""Reads the signs of an entry, typed by `SIGN_SPECS`: options, nearest names, defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from contextcheck.errors import nearest
from contextcheck.knowledge.columns import COLUMNS, KINDS
from contextcheck.knowledge.signs import SIGN_SPECS, Option, OptionValue, Sign, SignSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contextcheck.records import Weight
    from contextcheck.yamlio.fields import Fields

WEIGHTS: tuple[Weight, ...] = ("strong", "weak")
FIRST_MOMENTS = ("account_created_at", "created_at")
"""In this order, before every other moment of an order."""


def read_signs(entry: Fields, key: str, role: Literal["sign", "contradicted_by"]) -> tuple[Sign, ...]:
    """Give the signs listed under `key`; every problem of each is collected."""
    found = (_read_sign(fields, role) for fields in entry.mappings(key))
    return tuple(sign for sign in found if sign is not None)


def columns_needed(signs: tuple[Sign, ...]) -> tuple[str, ...]:
    """Give the columns that the strong signs need (all signs when none is strong), in the order of the signs."""
    strong = [sign for sign in signs if sign.weight == "strong"] or list(signs)
    columns: dict[str, None] = {}
    for sign in strong:
        columns.update(dict.fromkeys(SIGN_SPECS[sign.test].needs(sign)))
    return tuple(column for column in columns if column not in COLUMNS or not COLUMNS[column].is_required)


def _read_sign(fields: Fields, role: Literal["sign", "contradicted_by"]) -> Sign | None:
    test = fields.text("test", required=True)
    spec = SIGN_SPECS.get(test)
    if spec is None:
        if test:
            fields.problem("105", fields.place("test"), f'unknown sign test "{test}"{nearest(test, SIGN_SPECS)}')
        return None
    weight: Weight = fields.choice("weight", WEIGHTS, "strong")
    problems_before = len(fields.problems)
    options = {name: _read_option(fields, spec, name, option) for name, option in spec.options.items()}
    if test == "delay":
        _check_moments(fields, options)
    fields.finish()
    if len(fields.problems) > problems_before:
        return None
    return Sign(test, options, weight, role, fields.where)


def _read_option(fields: Fields, spec: SignSpec, name: str, option: Option) -> OptionValue:
    if not fields.has(name):
        if option.is_required:
            fields.problem("101", fields.where, f'sign "{spec.name}" needs "{name}": {option.meaning}')
        return option.default
    if option.kind == "column":
        return _column(fields, name, option, fields.text(name))
    if option.kind in ("columns", "texts"):
        return _several(fields, name, option)
    if option.kind == "choice":
        return fields.choice(name, option.choices)
    if option.kind == "bounds":
        return _bounds(fields, name, option)
    if option.kind == "hours":
        return _more_than_none(fields, name)
    return fields.share(name) if option.kind == "share" else fields.number(name)


def _several(fields: Fields, name: str, option: Option) -> tuple[str, ...]:
    found = fields.texts(name)
    fields.refuse_empty(name, "name at least one" if option.is_required else "name at least one, or leave the key out")
    return found if option.kind == "texts" else tuple(_column(fields, name, option, each) for each in found)


def _column(fields: Fields, name: str, option: Option, column: str) -> str:
    if column not in COLUMNS:
        fields.problem("105", fields.place(name), f'unknown column "{column}"{nearest(column, option.columns)}')
    elif column not in option.columns:
        sentence = f'{name} is "{column}", no column of {option.holds}; write one of {", ".join(option.columns)}'
        fields.problem("103", fields.place(name), sentence)
    return column


def _check_moments(fields: Fields, options: Mapping[str, OptionValue]) -> None:
    """Refuse a delay that ends where it begins or earlier; the account comes first, the order next, then all else."""
    start, end = options.get("from"), options.get("to")
    if start == end and start in KINDS["times"]:
        fields.problem("103", fields.place("to"), f"from and to are both {start}; write another column in one of them")
    elif end in FIRST_MOMENTS and start in KINDS["times"]:
        is_reversed = start not in FIRST_MOMENTS or FIRST_MOMENTS.index(start) > FIRST_MOMENTS.index(end)
        if is_reversed:
            fields.problem("103", fields.place("to"), f"{end} comes before {start}; swap from and to")


def _bounds(fields: Fields, name: str, option: Option) -> dict[str, float]:
    inner = fields.mapping(name)
    if inner is None:
        return {}
    found = {
        key: _more_than_none(inner, key) if option.in_hours else inner.share(key)
        for key in option.keys
        if inner.has(key)
    }
    inner.finish()
    if not found:
        known = " or ".join(f"{{{key}: {'24h' if option.in_hours else '0.5'}}}" for key in option.keys)
        inner.problem("101", inner.where, f"{name} sets no bound; write {known}")
    low, high = found.get("at_least"), found.get("at_most")
    if found and not option.in_hours and (low or 0) <= 0 and (1 if high is None else high) >= 1:
        sentence = "every share fits, so this sign cannot fail; write a bound between 0 and 1"
        inner.problem("104", inner.where, sentence)
    if low is not None and high is not None and low > high:
        inner.problem("104", inner.where, f"at_least {low:g} is above at_most {high:g}; swap the two")
    return found


def _more_than_none(fields: Fields, name: str) -> float:
    """A duration that something can fit into."""
    problems_before = len(fields.problems)
    hours = fields.hours(name)
    if not hours and len(fields.problems) == problems_before:
        fields.problem(
            "104", fields.place(name), f"{name} is 0 hours, which says nothing; write a duration such as 24h"
        )
    return hours
