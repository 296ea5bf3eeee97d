"""Split a delimited text into records with their physical lines, and set aside those that are broken."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contextcheck.load.textshape import TextShape, open_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_LINES_PER_RECORD = 200


@dataclass(frozen=True, slots=True)
class Record:
    """One record as written; `reason` is empty when its fields can be told apart."""

    line: int
    text: str
    reason: str = ""


def records(path: Path, shape: TextShape) -> Iterator[Record]:
    """Give every record below the header, broken ones with the reason, blank lines left out.

    After a broken record the reading goes on at the next physical line, so that one stray quote costs one record.
    """
    width, delimiter = len(shape.headers), shape.delimiter
    with open_text(path, shape) as stream:
        lines = _PhysicalLines(stream)
        _skip_header(lines, shape)
        while (numbered := lines.next()) is not None:
            number, text = numbered
            if not text.strip():
                continue
            if '"' not in text:
                yield Record(number, text, _plain_fault(text, delimiter, width))
            else:
                yield _quoted_record(lines, number, text, delimiter, width)


class _PhysicalLines:
    """Numbered lines of a text that can be put back."""

    def __init__(self, stream: Iterator[str]) -> None:
        self._stream = stream
        self._back: list[tuple[int, str]] = []
        self._number = 0

    def next(self) -> tuple[int, str] | None:
        if self._back:
            return self._back.pop()
        text = next(self._stream, None)
        if text is None:
            return None
        self._number += 1
        return self._number, text[:-1] if text.endswith("\n") else text

    def put_back(self, lines: list[tuple[int, str]]) -> None:
        self._back.extend(reversed(lines))


def _skip_header(lines: _PhysicalLines, shape: TextShape) -> None:
    quotes = 0
    while (numbered := lines.next()) is not None:
        if numbered[0] < shape.header_line:
            continue
        quotes += numbered[1].count('"')
        if quotes % 2 == 0:
            return


def _plain_fault(text: str, delimiter: str, width: int) -> str:
    found = text.count(delimiter) + 1
    if found != width:
        return f"{found} columns, {width} expected"
    return _undecodable(text)


def _undecodable(text: str) -> str:
    if text.isascii() or not any("\udc80" <= letter <= "\udcff" for letter in text):
        return ""
    return "bytes that are not text in this encoding"


def _quoted_record(lines: _PhysicalLines, number: int, text: str, delimiter: str, width: int) -> Record:
    """A record with quotes, over as many lines as its quotes need."""
    more: list[tuple[int, str]] = []
    whole = text
    while whole.count('"') % 2 and len(more) < MAX_LINES_PER_RECORD:
        following = lines.next()
        if following is None:
            break
        more.append(following)
        whole = f"{whole}\n{following[1]}"
    fault = _quoted_fault(whole, delimiter, width)
    if not fault:
        return Record(number, whole)
    if not more:
        return Record(number, text, fault)
    lines.put_back(more)
    return Record(number, text, "unclosed quote")


def _quoted_fault(whole: str, delimiter: str, width: int) -> str:
    if whole.count('"') % 2:
        return "unclosed quote"
    try:
        rows = list(csv.reader([line + "\n" for line in whole.split("\n")], delimiter=delimiter, strict=True))
    except csv.Error:
        return "broken quotes"
    if len(rows) != 1:
        return "broken quotes"
    if len(rows[0]) != width:
        return f"{len(rows[0])} columns, {width} expected"
    return _undecodable(whole)
