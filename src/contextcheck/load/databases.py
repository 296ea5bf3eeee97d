"""Tables in DuckDB and SQLite files and behind connection URLs."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from contextcheck.errors import EngineError, InputError, Problem, nearest
from contextcheck.load.connect import EngineFault, literal, open_url, quoted
from contextcheck.load.sources import Part, Source
from contextcheck.load.textfiles import load_numbered, view_of_text, write_numbered
from contextcheck.load.textshape import unique_headers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from contextcheck.load.connect import Engine


def _chosen(name: str, table: str, tables: Sequence[str]) -> str:
    """The table to read; the only one when none is named."""
    if table in tables:
        return table
    if not table and len(tables) == 1:
        return tables[0]
    if not tables:
        raise InputError(Problem("IN112", name, "this database has no table; give the file that holds the orders"))
    if not table:
        remedy = "name it with orders: {table: NAME}"
        raise InputError(Problem("IN112", name, f"which table? it has {', '.join(tables)}; {remedy}"))
    raise InputError(Problem("IN112", name, f'no table "{table}"{nearest(table, tables)}'))


def open_duckdb(engine: Engine, name: str, path: Path, number: int, *, table: str) -> Part:
    """Open a table of a DuckDB file in place, read-only.

    Raises:
        InputError: IN105 the file cannot be opened; IN112 no such table.
    """
    alias, view = f"database_{number}", f"database_{number}_rows"
    try:
        engine.run(f"ATTACH {literal(str(path))} AS {alias} (READ_ONLY)")
    except EngineFault as error:
        problem = Problem("IN105", name, f"this DuckDB file cannot be opened ({str(error).splitlines()[0]})")
        raise InputError(problem) from error
    listing = "SELECT table_name FROM information_schema.tables WHERE table_catalog = ? ORDER BY 1"
    chosen = _chosen(name, table, [str(row[0]) for row in engine.run(listing, [alias])])
    full = f"{alias}.{quoted(chosen)}"
    headers = tuple(str(row[0]) for row in engine.run(f"DESCRIBE SELECT * FROM {full}"))
    columns = ", ".join(quoted(header) for header in headers)
    try:
        engine.run(f"SELECT rowid FROM {full} LIMIT 0")
        row = "rowid"
    except EngineFault:
        row = "0"
    engine.run(
        f"CREATE OR REPLACE VIEW {quoted(view)} AS SELECT {columns}, {literal(name)} AS _file, {row} AS _row, "
        f"{row} + 1 AS _line FROM {full}"
    )
    rows = int(engine.run(f"SELECT count(*) FROM {full}")[0][0])
    return Part(name, path, "duckdb", f"DuckDB table {chosen}", rows, view, headers)


def open_sqlite(engine: Engine, name: str, path: Path, number: int, *, table: str) -> Part:
    """Copy a table of a SQLite file into the engine as text.

    Raises:
        InputError: IN105 the file cannot be opened; IN112 no such table.
    """
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            listing = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY 1"
            chosen = _chosen(name, table, [str(row[0]) for row in database.execute(listing)])
            cursor = database.execute(f"SELECT * FROM {quoted(chosen)}")
            headers = unique_headers([column[0] for column in cursor.description])
            clean = engine.folder / f"sqlite-{number}.csv"
            write_numbered(clean, _texts(cursor))
    except sqlite3.Error as error:
        raise InputError(Problem("IN105", name, f"this SQLite file cannot be read ({error})")) from error
    loaded = f"sqlite_{number}"
    load_numbered(engine, clean, headers, ",", loaded)
    clean.unlink()
    view = view_of_text(engine, name, loaded, headers)
    rows = int(engine.run(f"SELECT count(*) FROM {quoted(loaded)}")[0][0])
    return Part(name, path, "sqlite", f"SQLite table {chosen}", rows, view, headers)


def _texts(cursor: sqlite3.Cursor) -> Iterator[tuple[int, Sequence[str | None]]]:
    for number, row in enumerate(cursor, start=1):
        yield number, [_text(value) for value in row]


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return value.decode("utf-8", errors="replace") if isinstance(value, bytes) else str(value)


def open_connection(url: str, table: str, engine: Engine) -> Source:
    """Open a table behind a connection URL; its rows stay where they are.

    Raises:
        EngineError: IN301 the connection is refused; IN302 no such table.
    """
    import ibis

    connection = open_url(url)
    shown = url.split("@")[-1]
    tables: list[Any] = list(connection.list_tables())
    if table not in tables:
        known = f"{nearest(table, tables)}" if table else f"; name one of {', '.join(tables[:12])}"
        raise EngineError(Problem("IN302", shown, f'no table "{table}"{known} under orders: {{table: ...}}'))
    found = connection.table(table)
    headers = tuple(found.columns)
    numbered = found.mutate(
        _file=ibis.literal(f"{shown} {table}"), _row=ibis.literal(0, "int64"), _line=ibis.null("int64")
    )
    rows = int(found.count().execute())
    part = Part(f"{shown} {table}", None, "duckdb", f"table {table}", rows, table, headers)
    return Source(numbered, headers, (part,), True, 0, engine)
