"""Delimited text becomes an engine table of text columns, parsed once."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from contextcheck.load.connect import EngineFault, literal, quoted
from contextcheck.load.sources import Part
from contextcheck.load.textrows import records
from contextcheck.load.textshape import TextShape, detect_shape

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from contextcheck.load.connect import Engine


_LONGEST_RECORD = 16_000_000


def open_text_file(engine: Engine, name: str, path: Path, number: int) -> Part:
    """Parse one delimited text into the engine.

    A text that the engine reads without a single fault is taken as it is. Any other one (another encoding, bare CR,
    a broken row) is first rewritten record by record, so that every broken row is found with its physical line.

    Raises:
        InputError: IN102 empty; IN104 no delimiter.
    """
    shape = detect_shape(path, name)
    table = f"text_{number}"
    if not (_is_native(shape) and _read_in_place(engine, path, shape, table)):
        _rewrite(engine, name, path, shape, number, table)
    view = view_of_text(engine, name, table, shape.headers)
    rows = int(engine.run(f"SELECT count(*) FROM {quoted(table)}")[0][0])
    return Part(name, path, "text", shape.describe(), rows, view, shape.headers)


def _is_native(shape: TextShape) -> bool:
    return shape.encoding in ("utf-8", "utf-8-sig") and shape.line_end != "CR" and not shape.is_header_long


def _read_in_place(engine: Engine, path: Path, shape: TextShape, table: str) -> bool:
    """Let the engine parse the file; False when it finds any fault."""
    compression = {"": "none", "gz": "gzip", "zst": "zstd"}[shape.compression]
    options = f"header = true, skip = {shape.header_line - 1}, compression = {literal(compression)}"
    reading = _reading(engine, path, shape.headers, shape.delimiter, options)
    try:
        _create(engine, table, f"SELECT NULL::BIGINT AS _line, * FROM {reading}")
    except EngineFault:
        return False
    return True


def _reading(engine: Engine, path: Path, headers: Sequence[str], delimiter: str, options: str) -> str:
    columns = ", ".join(f"{literal(header)}: 'VARCHAR'" for header in headers)
    return (
        f"read_csv({literal(str(plain_path(engine, path)))}, columns = {{{columns}}}, delim = {literal(delimiter)}, "
        f"quote = '\"', escape = '\"', nullstr = '', auto_detect = false, strict_mode = true, "
        f"max_line_size = {_LONGEST_RECORD}, {options})"
    )


def plain_path(engine: Engine, path: Path) -> Path:
    """A path without the characters that the engine would read as a pattern."""
    if not any(letter in str(path) for letter in "*?["):
        return path
    link = engine.folder / f"input-{abs(hash(str(path)))}{path.suffix}"
    if not link.exists():
        link.symlink_to(path.resolve())
    return link


def _create(engine: Engine, table: str, select: str) -> None:
    engine.keep_order(is_kept=True)
    try:
        engine.run(f"CREATE OR REPLACE TABLE {quoted(table)} AS {select}")
    finally:
        engine.keep_order(is_kept=False)


def _rewrite(engine: Engine, name: str, path: Path, shape: TextShape, number: int, table: str) -> None:
    """Write the readable records anew with their physical lines, and put the broken ones aside."""
    clean, broken = engine.folder / f"clean-{number}.csv", engine.folder / f"broken-{number}.csv"
    with (
        clean.open("w", encoding="utf-8", errors="replace", newline="") as good,
        broken.open("w", encoding="utf-8", errors="replace", newline="") as bad,
    ):
        reject = csv.writer(bad)
        for record in records(path, shape):
            if record.reason:
                reject.writerow((name, record.line, record.reason, record.text))
            else:
                good.write(f"{record.line}{shape.delimiter}{record.text}\n")
    load_numbered(engine, clean, shape.headers, shape.delimiter, table)
    if broken.stat().st_size:
        columns = "{'file': 'VARCHAR', 'line': 'BIGINT', 'reason': 'VARCHAR', 'original': 'VARCHAR'}"
        options = f"header = false, auto_detect = false, quote = '\"', escape = '\"', max_line_size = {_LONGEST_RECORD}"
        engine.run(
            f"INSERT INTO broken_rows SELECT * FROM read_csv({literal(str(broken))}, columns = {columns}, {options})"
        )
    clean.unlink()
    broken.unlink()


def load_numbered(
    engine: Engine, clean: Path, headers: Sequence[str], delimiter: str, table: str, *, is_ragged: bool = False
) -> None:
    """Load a UTF-8 file whose first field is the physical line and whose other fields are the headers'."""
    if not clean.stat().st_size:
        columns = ", ".join(f"{quoted(header)} VARCHAR" for header in headers)
        engine.run(f"CREATE OR REPLACE TABLE {quoted(table)} (_line BIGINT, {columns})")
        return
    options = f"header = false, null_padding = {'true' if is_ragged else 'false'}"
    reading = _reading(engine, clean, ("_line", *headers), delimiter, options)
    _create(engine, table, f"SELECT _line::BIGINT AS _line, * EXCLUDE (_line) FROM {reading}")


def write_numbered(clean: Path, rows: Iterable[tuple[int, Sequence[str | None]]]) -> None:
    """Write rows for `load_numbered`, comma separated; None becomes an empty field."""
    with clean.open("w", encoding="utf-8", errors="replace", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        for line, values in rows:
            writer.writerow((line, *("" if value is None else value for value in values)))


def view_of_text(engine: Engine, name: str, table: str, headers: Sequence[str]) -> str:
    """Give the view of a parsed table: its columns, the file's name, the row's number and line."""
    view = f"{table}_rows"
    columns = ", ".join(quoted(header) for header in headers)
    engine.run(
        f"CREATE OR REPLACE VIEW {quoted(view)} AS SELECT {columns}, {literal(name)} AS _file, rowid AS _row, _line "
        f"FROM {quoted(table)}"
    )
    return view


def lines_of(path: Path, rows: Iterable[int]) -> dict[int, int]:
    """Give the physical line of records by their number from 0, for a text that was read in place."""
    wanted = set(rows)
    found: dict[int, int] = {}
    if not wanted:
        return found
    shape, last = detect_shape(path, path.name), max(wanted)
    for index, record in enumerate(records(path, shape)):
        if index in wanted:
            found[index] = record.line
        if index >= last:
            break
    return found
