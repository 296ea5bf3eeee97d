"""Parquet (in place), JSON (lines or one array) and Excel as engine views of source columns."""

from __future__ import annotations

import json
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, Literal

from contextcheck.errors import InputError, Problem
from contextcheck.load.connect import EngineFault, literal, quoted
from contextcheck.load.sources import Part
from contextcheck.load.textfiles import load_numbered, plain_path, view_of_text, write_numbered
from contextcheck.load.textshape import compression_of, open_bytes, unique_headers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from contextcheck.load.connect import Engine

_BROKEN_BATCH = 500


def open_parquet(engine: Engine, name: str, path: Path, number: int) -> Part:
    """Open a Parquet file in place: nothing is copied, only the columns that are asked for are read.

    Raises:
        InputError: IN105 the file is cut off or not Parquet.
    """
    view = f"parquet_{number}_rows"
    file = literal(str(plain_path(engine, path)))
    try:
        described = engine.run(f"DESCRIBE SELECT * FROM read_parquet({file})")
        rows = int(engine.run(f"SELECT count(*) FROM read_parquet({file})")[0][0])
    except EngineFault as error:
        reason = str(error).splitlines()[0]
        problem = Problem("IN105", name, f"this Parquet file cannot be read ({reason}); write or copy it again")
        raise InputError(problem) from error
    headers = tuple(str(row[0]) for row in described)
    columns = ", ".join(quoted(header) for header in headers)
    engine.run(
        f"CREATE OR REPLACE VIEW {quoted(view)} AS SELECT {columns}, {literal(name)} AS _file, "
        f"file_row_number AS _row, file_row_number + 1 AS _line FROM read_parquet({file}, file_row_number = true)"
    )
    return Part(name, path, "parquet", "Parquet", rows, view, headers)


def open_json(engine: Engine, name: str, path: Path, number: int, *, kind: Literal["jsonl", "json"]) -> Part:
    """Parse JSON objects, one a line or in one array; every value is kept as the text it was written with.

    Raises:
        InputError: IN105 an array that is not valid JSON.
    """
    objects = _array_objects(name, path) if kind == "json" else _line_objects(engine, name, path)
    keys: dict[str, int] = {}
    clean, table = engine.folder / f"json-{number}.csv", f"json_{number}"
    write_numbered(clean, _as_rows(objects, keys))
    headers = unique_headers(tuple(keys))
    load_numbered(engine, clean, headers, ",", table, is_ragged=True)
    clean.unlink()
    view = view_of_text(engine, name, table, headers)
    rows = int(engine.run(f"SELECT count(*) FROM {quoted(table)}")[0][0])
    return Part(name, path, kind, "JSON, one object per line" if kind == "jsonl" else "JSON array", rows, view, headers)


def _as_rows(
    objects: Iterable[tuple[int, dict[str, Any]]], keys: dict[str, int]
) -> Iterator[tuple[int, Sequence[str | None]]]:
    """Objects as rows; `keys` grows as new keys appear, earlier rows stay short."""
    for line, value in objects:
        for key in value:
            keys.setdefault(key, len(keys))
        row: list[str | None] = [None] * len(keys)
        for key, each in value.items():
            row[keys[key]] = _as_text(each)
        yield line, row


def _as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else json.dumps(value, ensure_ascii=False)


class _Digits(str):
    """A number as it was written."""

    __slots__ = ()


def _line_objects(engine: Engine, name: str, path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a file with one a line; other lines are put aside."""
    broken: list[tuple[str, int, str, str]] = []
    with open_bytes(path, compression_of(path)) as stream:
        for line, data in enumerate(stream, start=1):
            if not data.strip():
                continue
            try:
                value = json.loads(data.decode("utf-8-sig"), parse_float=_Digits, parse_int=_Digits)
                reason = "" if isinstance(value, dict) else "not a JSON object"
            except ValueError:
                reason = "not valid JSON"
            if not reason:
                yield line, value
                continue
            original = data.decode("utf-8", errors="replace").rstrip("\r\n")
            broken.append((name, line, reason, original))
            if len(broken) >= _BROKEN_BATCH:
                _put_aside(engine, broken)
    _put_aside(engine, broken)


def _put_aside(engine: Engine, broken: list[tuple[str, int, str, str]]) -> None:
    """Move broken rows to the engine, all at once."""
    if broken:
        values = ", ".join(["(?, ?, ?, ?)"] * len(broken))
        engine.run(f"INSERT INTO broken_rows VALUES {values}", [cell for row in broken for cell in row])
        broken.clear()


def _array_objects(name: str, path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with open_bytes(path, compression_of(path)) as stream:
        try:
            values = json.loads(stream.read().decode("utf-8-sig"), parse_float=_Digits, parse_int=_Digits)
        except ValueError as error:
            problem = Problem("IN105", name, f"not valid JSON ({error}); write one object per line, or repair it")
            raise InputError(problem) from error
    for position, value in enumerate(values, start=1):
        if not isinstance(value, dict):
            raise InputError(Problem("IN105", f"{name}:{position}", "the array must hold objects, one per order"))
        yield position, value


def open_excel(engine: Engine, name: str, path: Path, number: int, *, sheet: str) -> Part:
    """Parse one sheet of an Excel file; the first row with a value is the header.

    Raises:
        InputError: IN105 not an Excel file; IN112 no such sheet; IN102 an empty sheet.
    """
    found = _sheet_rows(name, path, sheet)
    header = next(((line, values) for line, values in found if any(values)), None)
    if header is None:
        raise InputError(Problem("IN102", name, "the sheet is empty; name another with orders: {table: SHEET}"))
    headers = unique_headers([value or "" for value in header[1]])
    clean, table = engine.folder / f"excel-{number}.csv", f"excel_{number}"
    width = len(headers)
    rows = ((line, [*values, *[None] * width][:width]) for line, values in found if any(values))
    write_numbered(clean, rows)
    load_numbered(engine, clean, headers, ",", table)
    clean.unlink()
    view = view_of_text(engine, name, table, headers)
    count = int(engine.run(f"SELECT count(*) FROM {quoted(table)}")[0][0])
    return Part(name, path, "excel", "Excel", count, view, headers)


def _sheet_rows(name: str, path: Path, sheet: str) -> Iterator[tuple[int, list[str | None]]]:
    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:
        problem = Problem("IN105", name, "this file cannot be opened as Excel (.xlsx); save it again, or as CSV")
        raise InputError(problem) from error
    if sheet and sheet not in book.sheetnames:
        known = ", ".join(book.sheetnames)
        raise InputError(Problem("IN112", name, f'no sheet "{sheet}"; it has {known}'))
    chosen = book[sheet] if sheet else book[book.sheetnames[0]]
    for line, cells in enumerate(chosen.iter_rows(values_only=True), start=1):
        yield line, [_cell_text(value) for value in cells]


def _cell_text(value: object) -> str | None:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="auto")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return _as_text(value)
