"""Maps of the tables beside the orders: which header of an export format is which of our columns (codes TM…)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from contextcheck.errors import DefinitionError, InputError, Location, Problem, SettingsError, nearest
from contextcheck.load.columnmaps import MAPS_FOLDER
from contextcheck.table_settings import TABLE_COLUMNS
from contextcheck.yamlio.document import MapNode, Scalar, read_file
from contextcheck.yamlio.fields import Fields

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from contextcheck.settings import Settings

WHOSE = ("region", "customer_id", "order_id")
"""One of these must be there: otherwise nobody can say which market a row belongs to."""


@dataclass(frozen=True, slots=True)
class TableMap:
    """One export format of contacts, surveys or disputes.

    Attributes:
        id: Name in settings.
        title: Name for people.
        columns: Our column to the headers that may hold it, best first.
        digests: Columns of which only a digest is kept (mail addresses used as customer numbers).
        score_words: Word of the score column, any case, to its number.
        scale: Lowest and highest score; empty when the format has no fixed one.
        skip_rows: Rows after the header that are no data.
        region_words: Word of the source to a region code.
        notes: What a reader must know.
        where: The file.
    """

    id: str
    title: str
    columns: Mapping[str, tuple[str, ...]]
    digests: frozenset[str] = frozenset()
    score_words: Mapping[str, float] = field(default_factory=dict)
    scale: tuple[float, ...] = ()
    skip_rows: int = 0
    region_words: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    where: Location = field(default_factory=lambda: Location("map"), compare=False)


@dataclass(frozen=True, slots=True)
class TableFit:
    """A map against the headers of one source: our column to the header it is read from."""

    map: TableMap
    headers: Mapping[str, str]

    @property
    def is_usable(self) -> bool:
        """Whether it is known when a row was written and whose it is."""
        return "created_at" in self.headers and any(name in self.headers for name in WHOSE)


def shipped_table_maps(kind: str) -> dict[str, Path]:
    """Map id to file, of the maps of one table that come with contextcheck."""
    return {path.stem: path for path in sorted((MAPS_FOLDER / kind).glob("*.yaml"))}


def choose_table_map(settings: Settings, kind: str, found: Sequence[str], name: str) -> TableFit:
    """Give the map that the settings name, or the one that knows most of the headers.

    Args:
        settings: Its `tables` name the map and headers of one's own.
        kind: contacts, surveys or disputes.
        found: Headers of the source.
        name: What the source is called.

    Raises:
        SettingsError: ST120 the settings name a map that is not there; ST160 a header that is not there.
        InputError: IN140 it cannot be told when a row was written or whose it is.
    """
    source = settings.tables[kind]
    absent = [header for header in source.columns.values() if header not in found]
    if absent:
        message = f'no column "{absent[0]}" in {name}{nearest(absent[0], found)}'
        raise SettingsError(Problem("ST160", f"{kind}.columns", message))
    maps = [_named(settings, kind)] if source.map != "auto" else _all(kind)
    fits = [_fit(each, found, source.columns) for each in maps]
    best = max(fits, key=lambda each: (each.is_usable, len(each.headers), each.map.id != "canonical"))
    if not best.is_usable:
        lacking = "created_at" if "created_at" not in best.headers else "region, customer_id or order_id"
        shown = ", ".join(list(found)[:8])
        message = (
            f"no column for {lacking} (read as {best.map.title}; headers are {shown}); name it with "
            f"{kind}: {{columns: {{{lacking.split(',')[0]}: ‹header›}}}}"
        )
        raise InputError(Problem("IN140", name, message))
    return best


def _all(kind: str) -> list[TableMap]:
    return [read_table_map(path, f"maps/{kind}/{path.name}") for path in shipped_table_maps(kind).values()]


def _named(settings: Settings, kind: str) -> TableMap:
    given, known = settings.tables[kind].map, shipped_table_maps(kind)
    if given.endswith((".yaml", ".yml")):
        return read_table_map(settings.path(given), given)
    if given not in known:
        hint = f"{nearest(given, known)} or give the path of your own map (.yaml)"
        raise SettingsError(Problem("ST120", f"{kind}.map", f'unknown map "{given}"{hint}'))
    return read_table_map(known[given], f"maps/{kind}/{given}.yaml")


def _fit(table_map: TableMap, found: Sequence[str], own: Mapping[str, str]) -> TableFit:
    by_key = {header.strip().casefold(): header for header in reversed(found)}
    headers = {}
    for column in TABLE_COLUMNS:
        spellings = (own[column],) if column in own else table_map.columns.get(column, ())
        there = [by_key[each.strip().casefold()] for each in spellings if each.strip().casefold() in by_key]
        if there:
            headers[column] = there[0]
    return TableFit(table_map, headers)


def read_table_map(path: Path, shown: str) -> TableMap:
    """Read one map.

    Raises:
        DefinitionError: With every problem of the file.
    """
    node, problems = read_file(path, "TM", shown_as=shown)
    if isinstance(node, MapNode):
        found = _map_of(Fields(node, problems, "TM"))
        if not problems:
            return found
    elif not problems:
        problems.append(Problem("TM103", shown, 'a map must be "key: value" lines'))
    raise DefinitionError(*problems)


def _map_of(top: Fields) -> TableMap:
    columns, digests = _columns(top)
    words = top.mapping("score_words")
    regions = top.mapping("region_words")
    scale = tuple(float(text) for text in top.texts("scale"))
    found = TableMap(
        id=top.text("id", required=True),
        title=top.text("title", required=True),
        columns=columns,
        digests=digests,
        score_words={word.casefold(): words.number(word) for word in words.names()} if words else {},
        scale=scale,
        skip_rows=top.whole("skip_rows", 0, low=0, high=10),
        region_words={word: regions.text(word) for word in regions.names()} if regions else {},
        notes=top.texts("notes"),
        where=top.where,
    )
    top.finish()
    return found


def _columns(top: Fields) -> tuple[dict[str, tuple[str, ...]], frozenset[str]]:
    table = top.mapping("columns", required=True)
    columns: dict[str, tuple[str, ...]] = {}
    digests = set()
    for name in table.names() if table else ():
        assert table is not None
        if name not in TABLE_COLUMNS:
            sentence = f'unknown column "{name}"{nearest(name, TABLE_COLUMNS)}'
            table.problem("102", table.node.entries[name][0], sentence)
            table.has(name)
        elif isinstance(table.node.get(name), MapNode):
            entry = table.mapping(name)
            assert entry is not None
            columns[name] = entry.texts("from", required=True)
            if entry.boolean("digest", default=False):
                digests.add(name)
            entry.finish()
        else:
            columns[name] = (table.text(name),) if isinstance(table.node.get(name), Scalar) else table.texts(name)
    return columns, frozenset(digests)
