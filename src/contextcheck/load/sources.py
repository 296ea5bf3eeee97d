"""Find the files of a run, tell their kinds, and open them as one engine table of source columns."""

from __future__ import annotations

import glob
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from contextcheck.errors import InputError, Problem
from contextcheck.load.connect import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ibis

    from contextcheck.load.connect import Engine
    from contextcheck.settings import Settings

Kind = Literal["text", "jsonl", "json", "parquet", "excel", "duckdb", "sqlite"]
STDIN = "-"


@dataclass(frozen=True, slots=True)
class Part:
    """One file or table that was opened.

    Attributes:
        name: How problems and reports call it.
        path: The file; None for a table behind a URL.
        kind: What it is.
        description: Encoding, delimiter and the like, in a few words.
        rows: Readable rows.
        view: Engine relation with the source columns and `_file`, `_row`, `_line`.
        headers: Source columns.
    """

    name: str
    path: Path | None
    kind: Kind
    description: str
    rows: int
    view: str
    headers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """All orders of a run under their source headers, before any map.

    Attributes:
        table: Ibis table: `headers`, and `_file` (name), `_row` (from 0 in its file), `_line` (physical line, or row
            from 1; empty where it is looked up only when needed).
        headers: Source columns in their order.
        parts: What was opened.
        is_typed: Whether columns have types of their own (Parquet, databases); else all are text.
        broken_rows: Rows whose fields could not be told apart; they stand in the engine table `broken_rows`.
    """

    table: ibis.Table
    headers: tuple[str, ...]
    parts: tuple[Part, ...]
    is_typed: bool
    broken_rows: int
    engine: Engine = field(repr=False)

    @property
    def name(self) -> str:
        """One name for the whole input."""
        first = self.parts[0].name
        return first if len(self.parts) == 1 else f"{first} and {len(self.parts) - 1} more"

    @property
    def place_word(self) -> str:
        """What a place in the source is called."""
        return "line" if self.parts[0].kind in ("text", "jsonl") else "row"

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.parts)


def find_files(settings: Settings, engine: Engine) -> tuple[tuple[str, Path], ...]:
    """Give (shown name, path) of every file of the run; standard input is copied to the scratch folder first.

    Raises:
        InputError: IN101 a file or pattern is not there; IN100 no file was named.
    """
    given = settings.orders.paths
    if not given:
        remedy = "name a file on the command line or under orders: {path: ...} in contextcheck.yaml"
        raise InputError(Problem("IN100", "orders", f"no orders were given; {remedy}"))
    found: list[tuple[str, Path]] = []
    for text in given:
        if text == STDIN:
            copy = engine.folder / "stdin"
            with copy.open("wb") as target:
                shutil.copyfileobj(sys.stdin.buffer, target)
            found.append(("standard input", copy))
            continue
        path = settings.path(text)
        if path.is_file():
            found.append((text, path))
            continue
        matches = sorted(glob.glob(str(path), recursive=True))
        files = [Path(match) for match in matches if Path(match).is_file()]
        if not files or path.is_dir():
            raise InputError(_missing(text, path))
        found.extend((file.as_posix(), file) for file in files)
    return tuple(found)


def _missing(text: str, path: Path) -> Problem:
    if path.is_dir():
        return Problem("IN101", text, f"this is a folder; name its files, such as {text.rstrip('/')}/*.csv")
    if glob.has_magic(text):
        return Problem("IN101", text, f"no file fits this pattern in {path.parent.as_posix()}; check the path")
    from difflib import get_close_matches

    siblings = [entry.name for entry in path.parent.iterdir() if entry.is_file()] if path.parent.is_dir() else []
    close = get_close_matches(path.name, siblings, n=1)
    hint = f'; did you mean "{close[0]}"?' if close else "; check the path"
    return Problem("IN101", text, f"no such file{hint}")


def kind_of(path: Path, name: str) -> Kind:
    """Tell what a file is from its first bytes, not from its name.

    Raises:
        InputError: IN102 the file is empty; IN105 a format that is not read.
    """
    with path.open("rb") as stream:
        head = stream.read(64)
    if not head:
        raise InputError(Problem("IN102", name, "the file is empty; export the orders again, or give another file"))
    if head[:4] == b"PAR1":
        return "parquet"
    if head[:15] == b"SQLite format 3":
        return "sqlite"
    if head[8:12] == b"DUCK":
        return "duckdb"
    if head[:4] == b"PK\x03\x04":
        return "excel"
    if head[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise InputError(Problem("IN105", name, "an old Excel file (.xls) is not read; save it as .xlsx or CSV"))
    return _text_kind(path)


def _text_kind(path: Path) -> Kind:
    from contextcheck.load.textshape import compression_of, open_bytes

    with open_bytes(path, compression_of(path)) as stream:
        start = stream.read(4096).lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] == b"{":
        return "jsonl"
    return "json" if start[:1] == b"[" else "text"


def open_source(settings: Settings, engine: Engine) -> Source:
    """Open everything the settings name under `orders`.

    Raises:
        InputError: A file is missing, empty, not readable, or has a header only.
        EngineError: A connection is refused.
    """
    from contextcheck.load.databases import open_connection, open_duckdb, open_sqlite
    from contextcheck.load.documents import open_excel, open_json, open_parquet
    from contextcheck.load.textfiles import open_text_file

    if settings.orders.url:
        return open_connection(settings.orders.url, settings.orders.table, engine)
    engine.run("CREATE OR REPLACE TABLE broken_rows (file VARCHAR, line BIGINT, reason VARCHAR, original VARCHAR)")
    parts: list[Part] = []
    for number, (name, path) in enumerate(find_files(settings, engine), start=1):
        kind = kind_of(path, name)
        match kind:
            case "parquet":
                part = open_parquet(engine, name, path, number)
            case "excel":
                part = open_excel(engine, name, path, number, sheet=settings.orders.table)
            case "jsonl" | "json":
                part = open_json(engine, name, path, number, kind=kind)
            case "duckdb":
                part = open_duckdb(engine, name, path, number, table=settings.orders.table)
            case "sqlite":
                part = open_sqlite(engine, name, path, number, table=settings.orders.table)
            case "text":
                part = open_text_file(engine, name, path, number)
        parts.append(part)
    return _joined(engine, parts)


def _joined(engine: Engine, parts: Sequence[Part]) -> Source:
    broken = int(engine.run("SELECT count(*) FROM broken_rows")[0][0])
    if sum(part.rows for part in parts) + broken == 0:
        remedy = "there is nothing to look at: export a period with orders"
        raise InputError(Problem("IN103", parts[0].name, f"a header and no rows; {remedy}"))
    headers = tuple(dict.fromkeys(header for part in parts for header in part.headers))
    union = " UNION ALL BY NAME ".join(f"SELECT * FROM {quoted(part.view)}" for part in parts)
    engine.run(f"CREATE OR REPLACE VIEW source_rows AS {union}")
    is_typed = all(part.kind in ("parquet", "duckdb") for part in parts)
    return Source(engine.connection.table("source_rows"), headers, tuple(parts), is_typed, broken, engine)
