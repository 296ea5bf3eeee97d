"""The file of unreadable rows: whole, with line numbers and reasons, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contextcheck.errors import Problem, SettingsError
from contextcheck.load.textfiles import lines_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from contextcheck.load.checks import Judged
    from contextcheck.load.mapfit import MapFit
    from contextcheck.load.sources import Source
    from contextcheck.load.stage import Staged

_NUMBER = re.compile(r"^[+-]?\d[\d.,]*$")
_BATCH_ROWS = 10_000


def quarantine_path(source: Source, folder: Path) -> Path:
    """Where the unreadable rows of a source go."""
    if len(source.parts) > 1:
        return folder / "orders.bad.csv"
    first = source.parts[0]
    stem = re.sub(r"[^\w.-]+", "-", first.name.replace("\\", "/").rsplit("/", 1)[-1]).strip("-.") or "orders"
    base = re.sub(r"(\.(csv|tsv|txt|jsonl|json|ndjson|parquet|xlsx|gz|zst|db|duckdb|sqlite))+$", "", stem, flags=re.I)
    return folder / f"{base or 'orders'}.bad.csv"


def write_quarantine(source: Source, staged: Staged, fit: MapFit, judged: Judged, folder: Path) -> Path:
    """Write every unreadable row of the source; the file appears whole or not at all.

    Columns: file, line, reason, the source's own columns, and `unsplit` with the text of rows whose fields could not be
    told apart. A cell that a spreadsheet would run as a formula is led by an apostrophe.
    """
    target = quarantine_path(source, folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=".", suffix=".part")
    except OSError as error:
        reason = error.strerror or str(error)
        sentence = f"rows that cannot be read cannot be written here ({reason}); name another folder with --quarantine"
        raise SettingsError(Problem("IN206", str(folder), sentence)) from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["file", "line", "reason", *map(safe_cell, source.headers), "unsplit"])
            for row in _rows(source, staged, fit, judged):
                writer.writerow([safe_cell(value) for value in row])
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return target


def safe_cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    if text[:1] in ("=", "+", "-", "@", "\t", "\r") and not _NUMBER.match(text):
        return f"'{text}"
    return text


def _rows(source: Source, staged: Staged, fit: MapFit, judged: Judged) -> Iterator[Sequence[object]]:
    for table in _tables(source, staged, fit, judged):
        yield from _originals(source, table)
    if source.broken_rows:
        empty = [""] * len(source.headers)
        for file, line, reason, original in source.engine.run("SELECT * FROM broken_rows ORDER BY file, line"):
            yield [file, line, reason, *empty, original]


def _tables(source: Source, staged: Staged, fit: MapFit, judged: Judged) -> Iterable[Any]:
    """Source rows with the reason of each, from the rows and orders that were judged."""
    originals = source.table
    if judged.table is not None:
        bad = judged.table.filter(judged.table._reason.notnull())
        if "_key" in bad.columns:
            keyed = bad.select(bad_key=bad._key, bad_reason=bad._reason)
            key = originals[fit.headers[fit.map.key]].cast("string").strip()
            yield originals.inner_join(keyed, key == keyed.bad_key)
        else:
            yield _by_place(originals, bad, bad._reason)
    if staged.unreadable_lines is not None:
        lines = staged.unreadable_lines
        yield _by_place(originals, lines, lines._unreadable)


def _by_place(originals: Any, bad: Any, reason: Any) -> Any:
    placed = bad.select(bad_file=bad._file, bad_row=bad._row, bad_reason=reason)
    return originals.inner_join(placed, (originals._file == placed.bad_file) & (originals._row == placed.bad_row))


def _originals(source: Source, table: Any) -> Iterator[Sequence[object]]:
    columns = ["_file", "_row", "_line", "bad_reason", *source.headers]
    ordered = table.select(*columns).order_by(["_file", "_row"])
    paths = {part.name: part.path for part in source.parts}
    for batch in ordered.to_pyarrow_batches(chunk_size=_BATCH_ROWS):
        rows = [list(values) for values in zip(*(column.to_pylist() for column in batch.columns), strict=True)]
        missing: dict[str, list[int]] = {}
        for row in rows:
            if row[2] is None:
                missing.setdefault(row[0], []).append(row[1])
        lines = {file: lines_of(path, numbers) for file, numbers in missing.items() if (path := paths[file])}
        for file, number, line, reason, *values in rows:
            place = line if line is not None else lines.get(file, {}).get(number, "")
            yield [file, place, reason, *values, ""]
