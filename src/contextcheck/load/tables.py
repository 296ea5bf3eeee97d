"""Contacts, surveys and disputes beside the orders: files or tables in, `SideTable` out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import ibis

from contextcheck.errors import InputError, Problem
from contextcheck.load.connect import open_engine
from contextcheck.load.engine_functions import md5
from contextcheck.load.markets import region_words
from contextcheck.load.numbers import inspect_numbers, read_number
from contextcheck.load.panel_file import input_of
from contextcheck.load.sources import open_source
from contextcheck.load.tablemaps import choose_table_map
from contextcheck.load.times import assumption, clock_of, inspect_time, read_time
from contextcheck.panel.side_tables import SideTable
from contextcheck.settings import OrdersSource

if TYPE_CHECKING:
    from collections.abc import Callable

    from contextcheck.load.sources import Source
    from contextcheck.load.tablemaps import TableFit
    from contextcheck.load.times import TimeReading
    from contextcheck.settings import Settings

NUMBERS = ("score", "amount")


@dataclass(frozen=True, slots=True)
class LoadedTables:
    """The tables that the settings name, by name, and what was noticed while reading them."""

    tables: dict[str, SideTable] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def load_tables(settings: Settings, progress: Callable[[str], None]) -> LoadedTables:
    """Read the contacts, surveys and disputes that the settings name.

    Args:
        settings: Its `tables`, and the team's own names of markets.
        progress: Told what is being done.

    Raises:
        InputError: A file is not there, or it cannot be told when its rows were written or whose they are.
        SettingsError: A map or header that is not there.
    """
    tables: dict[str, SideTable] = {}
    problems: list[Problem] = []
    for name in settings.tables:
        progress(f"reading {name}")
        tables[name], found = load_table(settings, name)
        problems += found
    return LoadedTables(tables, tuple(problems))


def load_table(settings: Settings, name: str) -> tuple[SideTable, list[Problem]]:
    """Read one of the tables; rows without a readable time are left out and counted."""
    given = settings.tables[name]
    where = OrdersSource(paths=given.paths, url=given.url, table=given.table)
    source = open_source(replace(settings, orders=where), open_engine())
    fit = choose_table_map(settings, name, source.headers, source.name)
    table, reading, clock = _staged(source, fit, settings, name)
    row = _counted(table)
    if not row["dated"]:
        raise InputError(Problem("IN141", source.name, f'no row has a readable time in "{fit.headers["created_at"]}"'))
    problems = assumption({"created_at": reading}, source.name)
    left_out = int(row["rows"]) - int(row["dated"]) + source.broken_rows
    if left_out:
        message = f"{left_out:,} of {int(row['rows']) + source.broken_rows:,} rows have no readable time: left out"
        problems.append(Problem("IN142", source.name, message, "warning"))
    table = _one_per_id(table.filter(table.created_at.notnull()))
    words = _region_words(table, fit, settings)
    scale = given.scale or fit.map.scale or tuple(row[key] for key in ("low", "high") if row[key] is not None)
    return SideTable(
        name=name,
        title=fit.map.title,
        table=table,
        columns=frozenset(table.columns),
        clock=clock,
        region_words=words,
        scale=(float(scale[0]), float(scale[1])) if len(scale) == 2 else None,
        rows=int(row["dated"]),
        first=row["first"],
        last=row["last"],
        inputs=tuple(input_of(part) for part in source.parts),
    ), problems


def _staged(source: Source, fit: TableFit, settings: Settings, name: str) -> tuple[Any, TimeReading, str]:
    """Our columns, typed; kept on disk when the source is a file."""
    given, rows = settings.tables[name], source.table
    if fit.map.skip_rows:
        rows = rows.filter(rows._row >= fit.map.skip_rows)
    values: dict[str, Any] = {}
    header = fit.headers["created_at"]
    reading = inspect_time(rows, _blank(rows[header]), header, given.date_order, source.name)
    clock = clock_of(reading, given.timezone)
    for column, header in fit.headers.items():
        found = _blank(rows[header])
        if column == "created_at":
            values[column] = read_time(found, reading, clock, given.timezone)
        elif column in NUMBERS:
            values[column] = _number(rows, fit, settings, name, source.name, column)
        else:
            text = found if found.type().is_string() else found.cast("string")
            values[column] = md5(text.lower()) if column in fit.map.digests else text
    staged = rows.select(**values)
    return (staged if given.url else source.engine.store(staged, "side_table")), reading, clock


def _blank(column: Any) -> Any:
    """A text column trimmed, blank texts empty."""
    if not column.type().is_string():
        return column
    trimmed = column.strip()
    return ibis.ifelse(trimmed == "", ibis.null("string"), trimmed)


def _number(rows: Any, fit: TableFit, settings: Settings, name: str, shown: str, ours: str) -> Any:
    header = fit.headers[ours]
    column = _blank(rows[header])
    if ours == "score" and fit.map.score_words and column.type().is_string():
        numbers = list(fit.map.score_words.items())
        return column.lower().cases(*numbers, else_=ibis.null("float64")).cast("float64")
    currency = _blank(rows[fit.headers["currency"]]) if "currency" in fit.headers else settings.currency
    styles = inspect_numbers(
        rows,
        {header: column},
        given=settings.tables[name].decimal,
        currency=lambda: currency,
        name=shown,
        key=name,
        counts=[header] if ours == "score" else [],
    )
    return read_number(column, styles[header])


def _counted(table: Any) -> dict[str, Any]:
    if "score" not in table.columns:
        table = table.mutate(score=ibis.null("float64"))
    counted = table.aggregate(
        rows=table.count(),
        dated=table.created_at.count(),
        first=table.created_at.min(),
        last=table.created_at.max(),
        low=table.score.min(),
        high=table.score.max(),
    )
    row: dict[str, Any] = counted.to_pyarrow().to_pylist()[0]
    return row


def _one_per_id(table: Any) -> Any:
    """The first row of each id (some reports have a line per step); rows without an id stay."""
    if "id" not in table.columns:
        return table
    rest = [name for name in table.columns if name not in ("id", "created_at")]
    ordered = ibis.window(group_by=table.id, order_by=[table.created_at, *(table[name] for name in rest)])
    ranked = table.mutate(_rank=ibis.row_number().over(ordered))
    return ranked.filter((ranked._rank == 0) | ranked.id.isnull()).drop("_rank")


def _region_words(table: Any, fit: TableFit, settings: Settings) -> dict[str, tuple[str, ...]]:
    if "region" not in table.columns:
        return {}
    words = table.select("region").distinct().to_pyarrow().column("region").to_pylist()
    return region_words([word for word in words if word], settings, fit.map)[0]
