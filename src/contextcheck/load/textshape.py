"""How a delimited text is written: compression, encoding, line ends, delimiter, headers."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, cast

from contextcheck.errors import InputError, Problem
from contextcheck.load.encodings import detect_encoding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", "\x1f": "unit separator"}
_HEAD_CHARACTERS = 400_000
_BLOCK_BYTES = 1 << 20
_OWN_NAMES = ("_file", "_row", "_line")


@dataclass(frozen=True, slots=True)
class TextShape:
    """How one delimited text is written.

    Attributes:
        compression: "", "gz" or "zst".
        encoding: A Python codec name.
        line_end: "LF", "CRLF" or "CR".
        delimiter: The character between fields.
        headers: Names of the columns, made unique.
        header_line: Physical line of the header, from 1.
        is_header_long: Whether the header goes on over more lines than that one, inside quotes.
    """

    compression: str
    encoding: str
    line_end: str
    delimiter: str
    headers: tuple[str, ...]
    header_line: int
    is_header_long: bool = False

    def describe(self) -> str:
        """The shape in a few words, such as "UTF-8, semicolon"."""
        parts = [shown_encoding(self.encoding), DELIMITERS.get(self.delimiter, self.delimiter)]
        if self.line_end == "CR":
            parts.append("bare CR line ends")
        if self.compression:
            parts.append(self.compression)
        return ", ".join(parts)


def shown_encoding(name: str) -> str:
    """An encoding as people call it."""
    known = {"utf-8-sig": "UTF-8 with BOM", "latin-1": "Latin-1", "cp932": "Shift-JIS (cp932)"}
    return known.get(name, name.upper() if name.startswith("utf") else name)


def compression_of(path: Path) -> str:
    """Tell the compression from the first bytes: "", "gz" or "zst"."""
    with path.open("rb") as stream:
        head = stream.read(4)
    if head[:2] == b"\x1f\x8b":
        return "gz"
    return "zst" if head == b"\x28\xb5\x2f\xfd" else ""


def open_bytes(path: Path, compression: str) -> BinaryIO:
    """Open a file for reading its decompressed bytes."""
    if compression == "gz":
        import gzip

        return cast("BinaryIO", gzip.open(path, "rb"))
    if compression == "zst":
        import pyarrow

        return cast("BinaryIO", io.BufferedReader(pyarrow.CompressedInputStream(str(path), "zstd")))
    return path.open("rb")


def open_text(path: Path, shape: TextShape) -> io.TextIOWrapper:
    """Open a delimited text; every line end is read as a line feed, bytes that do not decode are kept as marks."""
    stream = open_bytes(path, shape.compression)
    return io.TextIOWrapper(stream, encoding=shape.encoding, errors="surrogateescape", newline=None)


def detect_shape(path: Path, name: str) -> TextShape:
    """Find out how a delimited text is written.

    Args:
        path: The file.
        name: How problems call it.

    Raises:
        InputError: IN102 the file is empty; IN104 no delimiter divides it into columns.
    """
    compression = compression_of(path)
    encoding = detect_encoding(_blocks(path, compression))
    with open_bytes(path, compression) as stream:
        raw = io.TextIOWrapper(stream, encoding=encoding, errors="surrogateescape", newline="")
        head = raw.read(_HEAD_CHARACTERS)
    if not head.strip():
        remedy = "export the orders again, or give another file"
        raise InputError(Problem("IN102", name, f"the file is empty; {remedy}"))
    line_end = _line_end(head)
    lines = head.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    start = next(index for index, line in enumerate(lines) if line.strip())
    delimiter = ""
    if lines[start].lower().startswith("sep=") and len(lines[start]) == 5:
        delimiter = lines[start][4]
        start += 1
    body = lines[start:-1] if len(head) == _HEAD_CHARACTERS else lines[start:]
    delimiter = delimiter or _delimiter(body, name)
    rows = csv.reader((f"{line}\n" for line in body), delimiter=delimiter)
    headers = unique_headers(next(rows))
    return TextShape(compression, encoding, line_end, delimiter, headers, start + 1, is_header_long=rows.line_num > 1)


def _blocks(path: Path, compression: str) -> Iterator[bytes]:
    with open_bytes(path, compression) as stream:
        while block := stream.read(_BLOCK_BYTES):
            yield block


def _line_end(head: str) -> str:
    if "\r\n" in head:
        return "CRLF"
    return "CR" if head.count("\r") > head.count("\n") else "LF"


def _delimiter(lines: Sequence[str], name: str) -> str:
    """The delimiter that divides header and rows into the same number of columns, most columns first."""
    sample = [line for line in lines[:200] if line.strip()]
    best, best_score = "", 0.0
    for delimiter in DELIMITERS:
        width = len(next(csv.reader([sample[0]], delimiter=delimiter)))
        rows = list(csv.reader(sample, delimiter=delimiter))
        if width < 2:
            continue
        consistent = sum(1 for row in rows if len(row) == width) / len(rows)
        score = consistent + width / 1000
        if score > best_score:
            best, best_score = delimiter, score
    if not best:
        shown = sample[0] if len(sample[0]) <= 60 else sample[0][:57] + "..."
        tried = ", ".join(DELIMITERS.values())
        found = f'one column only ("{shown}"); no {tried} divides the header'
        raise InputError(Problem("IN104", f"{name}:1", f"{found}; export the orders with a header and a delimiter"))
    return best


def unique_headers(found: Sequence[str]) -> tuple[str, ...]:
    """Column names that the engine can tell apart: trimmed, never empty, repeated ones numbered."""
    taken = {name.casefold() for name in _OWN_NAMES}
    headers = []
    for position, text in enumerate(found, start=1):
        base = " ".join(text.strip().lstrip("\ufeff").splitlines()).strip() or f"column {position}"
        name, number = base, 2
        while name.casefold() in taken:
            name, number = f"{base} ({number})", number + 1
        taken.add(name.casefold())
        headers.append(name)
    return tuple(headers)
