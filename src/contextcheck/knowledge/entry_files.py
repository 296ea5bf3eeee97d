"""Reads regions/XX.yaml, regions/_groups/NAME.yaml and rules/explanations/*/*.yaml into records."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from contextcheck.errors import Location, Problem
from contextcheck.knowledge.defaults import read_defaults
from contextcheck.knowledge.entries import Entry, GroupFile, RegionFile, SwitchedOff
from contextcheck.knowledge.entry_fields import NEVER_REVIEWED, EntryContext, read_entry, read_review
from contextcheck.knowledge.places import is_currency
from contextcheck.yamlio.document import MapNode, read_file
from contextcheck.yamlio.fields import Fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contextcheck.knowledge.source_files import SourceFile
    from contextcheck.records import ExplanationKind

PREFIX = "KB"
EVERYWHERE = ("*",)
_CURRENCY = re.compile(r"^[A-Z]{3}$")


@dataclass(frozen=True, slots=True)
class RegionRead:
    """What a region file says: the market and its norms, and what it switches off."""

    file: RegionFile
    switched_off: tuple[SwitchedOff, ...]


def read_region_file(
    source: SourceFile,
    problems: list[Problem],
    *,
    calendars: Mapping[str, tuple[str, ...]],
    base: RegionFile | None = None,
    is_own: bool = False,
) -> RegionRead | None:
    """Give one region file.

    Args:
        source: The file; its stem must be the region's code.
        problems: Every problem found is added here.
        calendars: Named lists of days that `when: {dates: …}` may refer to.
        base: The shipped file of the same region when a team's file is read: what the team leaves out stays as shipped.
        is_own: Whether the team wrote the file.

    Returns:
        The region, with as much as could be read; None when nothing could.
    """
    fields = _open(source, problems)
    if fields is None:
        return None
    region = _code(fields, "region", source)
    owner = fields.text("owner", base.owner if base else "")
    context = EntryContext("norm", (region,), owner, source.sha256, read_review(fields), calendars)
    entries, switched_off = _norms(fields, context)
    file = RegionFile(
        region=region,
        name=fields.text("name", base.name if base else "", required=base is None),
        timezone=_zone(fields, base.timezone if base else ""),
        currency=_currency(fields, base.currency if base else ""),
        owner=owner,
        defaults={**(base.defaults if base else {}), **read_defaults(fields, is_own=is_own)},
        norms=entries,
        where=Location(source.shown),
        places={key: fields.place(key) for key in ("timezone", "currency") if fields.has(key)},
    )
    fields.finish()
    return RegionRead(file, switched_off)


def read_group_file(
    source: SourceFile, problems: list[Problem], *, calendars: Mapping[str, tuple[str, ...]]
) -> tuple[GroupFile, tuple[SwitchedOff, ...]] | None:
    """Give one group file; its norms apply in every member."""
    fields = _open(source, problems)
    if fields is None:
        return None
    group = _code(fields, "group", source)
    members, owner = fields.texts("members", required=True), fields.text("owner")
    entries, switched_off = _norms(
        fields, EntryContext("norm", members, owner, source.sha256, read_review(fields), calendars)
    )
    name = fields.text("name", required=True)
    fields.finish()
    return GroupFile(group, name, owner, members, entries, Location(source.shown)), switched_off


def read_explanation_file(
    source: SourceFile,
    kind: ExplanationKind,
    problems: list[Problem],
    *,
    calendars: Mapping[str, tuple[str, ...]],
) -> Entry | SwitchedOff | None:
    """Give the one entry of a file under rules/explanations/; the file is named for the entry's id."""
    fields = _open(source, problems)
    if fields is None:
        return None
    _code(fields, "id", source)
    return read_entry(fields, EntryContext(kind, EVERYWHERE, "", source.sha256, NEVER_REVIEWED, calendars))


def _open(source: SourceFile, problems: list[Problem]) -> Fields | None:
    root, found = read_file(source.path, PREFIX, shown_as=source.shown)
    problems.extend(found)
    if root is None:
        if not found:
            problems.append(Problem("KB101", source.shown, "the file is empty; fill it or delete it"))
        return None
    if not isinstance(root, MapNode):
        problems.append(Problem("KB103", str(root.where), 'the file must be "key: value" lines'))
        return None
    return Fields(root, problems, PREFIX)


def _code(fields: Fields, key: str, source: SourceFile) -> str:
    """The file's own name for what it describes; both must be the same text ("NO" stays "NO")."""
    code = fields.text(key, required=True)
    if code and code != source.stem:
        sentence = f"{key} is {code}, but the file is named {source.stem}.yaml; rename one of the two"
        fields.problem("217", fields.place(key), sentence)
    return code or source.stem


def _zone(fields: Fields, default: str) -> str:
    zone = fields.text("timezone", default, required=not default)
    if zone and zone != default:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            sentence = f'unknown time zone "{zone}"; write an IANA name such as Asia/Seoul'
            fields.problem("105", fields.place("timezone"), sentence)
    return zone


def _currency(fields: Fields, default: str) -> str:
    currency = fields.text("currency", default, required=not default)
    if currency and not _CURRENCY.match(currency):
        sentence = f'currency is "{currency}", but must be three capital letters such as KRW'
        fields.problem("105", fields.place("currency"), sentence)
    elif currency and not is_currency(currency):
        sentence = f'unknown currency "{currency}"; write its ISO 4217 code such as KRW'
        fields.problem("105", fields.place("currency"), sentence)
    return currency


def _norms(fields: Fields, context: EntryContext) -> tuple[tuple[Entry, ...], tuple[SwitchedOff, ...]]:
    entries: list[Entry] = []
    switched_off: list[SwitchedOff] = []
    ids: dict[str, Location] = {}
    for each in fields.mappings("norms"):
        found = read_entry(each, context)
        if found is None:
            continue
        if found.id in ids:
            sentence = f'the id "{found.id}" is already given in line {ids[found.id].line}'
            each.problem("210", each.place("id"), f"{sentence}; ids name one entry")
            continue
        ids[found.id] = each.place("id")
        if isinstance(found, Entry):
            entries.append(found)
        else:
            switched_off.append(found)
    return tuple(entries), tuple(switched_off)
