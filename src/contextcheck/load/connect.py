"""Open the engines that hold the orders, through Ibis; the only file that knows those by name."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import ibis

from contextcheck.errors import EngineError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

MEMORY_LIMIT = "700MB"
EngineFault = duckdb.Error
"""What the analysis engine raises; caught where a file may be the cause."""


@dataclass(frozen=True, slots=True)
class Engine:
    """The analysis engine and the folder it may fill; the folder goes away with the connection.

    Attributes:
        connection: Ibis connection to DuckDB; its database file and its spill files lie in `folder`.
        folder: Scratch folder for text that must be rewritten before it can be read.
    """

    connection: Any
    folder: Path

    def run(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one statement and give its rows."""
        found = self.connection.con.execute(sql, list(parameters)).fetchall()
        return list(found)

    def store(self, table: Any, name: str) -> Any:
        """Run an expression once and keep its rows in a table on disk."""
        self.run(f"CREATE OR REPLACE TABLE {quoted(name)} AS {ibis.to_sql(table, dialect='duckdb')}")
        return self.connection.table(name)

    def use_one_thread(self) -> None:
        """Work on one core: for few rows the others cost more than they save."""
        self.run("SET threads = 1")

    def keep_order(self, *, is_kept: bool) -> None:
        """Say whether a table must keep the order of its file (needed for line numbers, slower)."""
        self.run(f"SET preserve_insertion_order = {'true' if is_kept else 'false'}")


def open_engine() -> Engine:
    """Give a fresh engine: bounded memory, all cores, spilling to a scratch folder."""
    folder = Path(tempfile.mkdtemp(prefix="contextcheck-"))
    connection = ibis.duckdb.connect(
        str(folder / "analysis.duckdb"),
        memory_limit=MEMORY_LIMIT,
        threads=os.cpu_count() or 1,
        temp_directory=str(folder / "spill"),
        preserve_insertion_order=False,
    )
    # instants become the UTC clock without any conversion per row
    connection.con.execute("SET TimeZone = 'UTC'")
    weakref.finalize(connection, shutil.rmtree, folder, ignore_errors=True)
    return Engine(connection, folder)


def open_url(url: str) -> Any:
    """Give the Ibis connection behind a URL.

    Raises:
        EngineError: The URL names an engine that is not known, not installed, or refuses the connection.
    """
    shown = url.split("@")[-1] if "@" in url else url
    try:
        return ibis.connect(url)
    except Exception as error:
        remedy = "check the URL, the network and that the engine's Ibis extra is installed"
        raise EngineError(Problem("IN301", shown, f"cannot connect: {str(error).splitlines()[0]}; {remedy}")) from error


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"
