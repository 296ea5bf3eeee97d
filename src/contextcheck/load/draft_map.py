"""A draft of a column map for an export that no shipped map fits: proposals by header, for somebody to check."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from contextcheck.knowledge.columns import COLUMNS, REQUIRED_COLUMNS
from contextcheck.load.connect import open_engine, quoted
from contextcheck.load.header_words import HEADERS, STATUS_WORDS
from contextcheck.load.propose import one_line, yaml_text
from contextcheck.load.sources import open_source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contextcheck.load.sources import Source
    from contextcheck.settings import Settings

MOST_WORDS = 40
"""Distinct words of a status column that are asked about; a column with more is not a status."""


@dataclass(frozen=True, slots=True)
class DraftMap:
    """The text of a map and what is still missing in it.

    Attributes:
        text: YAML with a comment behind every proposal.
        missing: Required columns that no header was found for, and words of the status that are not known.
    """

    text: str
    missing: tuple[str, ...]


def draft_map(settings: Settings) -> DraftMap:
    """Propose a column map for the orders that the settings name.

    Raises:
        InputError: The file is not there, empty, or nothing can be told from it.
        EngineError: A connection is refused.

    Method: headers and a list of the words that exports use are compared without case, blanks and signs; every header
        is proposed once, for the column that lists it earliest. Words of the status column are looked up in the same
        way. Nothing is guessed from values but whether order numbers repeat.
    """
    source = open_source(settings, open_engine())
    found = proposed_columns(source.headers)
    words = _words_of(source, found["status"]) if "status" in found else ()
    known = {word: status for word in words if (status := _STATUS_OF.get(_key(word)))}
    missing = [f'a header for "{name}"' for name in REQUIRED_COLUMNS if name not in found]
    missing += [f'a status for "{word}"' for word in words if word not in known]
    lines = [
        f"# A draft by contextcheck init from the headers of {one_line(source.name)}.",
        "# Check every line; contextcheck doctor shows what is read with it.",
        f"id: {yaml_text(PurePath(one_line(source.parts[0].name)).stem or 'orders')}",
        f"title: {yaml_text(one_line(source.name))}",
        *_grain(source, found.get("order_id", "")),
        *_columns(found, source.headers),
        *_status(found.get("status", ""), words, known),
    ]
    return DraftMap("\n".join(lines) + "\n", tuple(missing))


def proposed_columns(headers: Sequence[str]) -> dict[str, str]:
    """Canonical column to the header that probably stands for it, in the order of the contract."""
    ranked = sorted(
        (rank, position, name, header)
        for position, header in enumerate(headers)
        for name, rank in _COLUMNS_OF.get(_key(header), ())
    )
    found: dict[str, str] = {}
    for _, _, name, header in ranked:
        if name not in found and header not in found.values():
            found[name] = header
    return {name: found[name] for name in COLUMNS if name in found}


def _key(text: str) -> str:
    """Letters and digits alone, of any script, without case."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _ranks() -> dict[str, tuple[tuple[str, int], ...]]:
    found: dict[str, tuple[tuple[str, int], ...]] = {}
    for name, words in HEADERS.items():
        for rank, word in enumerate(dict.fromkeys([_key(name), *(_key(each) for each in words.split(", "))])):
            found[word] = (*found.get(word, ()), (name, rank))
    return found


_COLUMNS_OF = _ranks()
_STATUS_OF = {_key(word): status for status, words in STATUS_WORDS.items() for word in (status, *words.split(", "))}


def _grain(source: Source, order_id: str) -> list[str]:
    """One row an order, unless the numbers repeat."""
    repeats = False
    if order_id:
        column = quoted(order_id)
        rows, different = source.engine.run(f"SELECT count({column}), count(DISTINCT {column}) FROM source_rows")[0]
        repeats = different < rows
    if not repeats:
        return ["grain: order   # line_item where one order stands on several rows; then name key: as well"]
    return [
        "grain: line_item   # the order numbers repeat; where that is a fault of the file: grain: order, and no key",
        f"key: {yaml_text(order_id)}",
    ]


def _columns(found: Mapping[str, str], headers: Sequence[str]) -> list[str]:
    lines = ["", "columns:"]
    for name, spec in COLUMNS.items():
        if name == "status":
            continue
        if name in found:
            source = yaml_text(found[name])
            # an address of a person is used as a number only
            told = f"{{from: {source}, digest: true}}" if name == "customer_id" and "mail" in _key(source) else source
            lines.append(f"  {name}: {told}   # {spec.meaning}")
        elif spec.is_required:
            lines.append(f"  # {name}:   # REQUIRED, no header was recognised: {spec.meaning}")
    rest = [name for name in COLUMNS if name not in found and not COLUMNS[name].is_required]
    lines += [f"  # {name}:   # {COLUMNS[name].meaning}" for name in rest]
    left = [header for header in headers if header not in found.values()]
    if left:
        lines += ["", "# Headers that are not used so far; take them from here into the lines above:"]
        lines += [f"ignored: [{', '.join(yaml_text(each) for each in left)}]"]
    return lines


def _status(header: str, words: Sequence[str], known: Mapping[str, str]) -> list[str]:
    lines = ["", "status:"]
    if not header:
        return [
            *lines,
            "  # REQUIRED, no header was recognised. Either a column of words:",
            "  # from: HEADER",
            "  # words: {paid: paid, gone: cancelled}",
            "  # or rules, the first that fits decides:",
            "  # rules: [{when: {HEADER: [yes]}, is: cancelled}]",
            f"  # otherwise: paid   # any of {', '.join(STATUS_WORDS)}",
        ]
    opening = "words:" if known else "words: {}"
    lines += [f"  from: {yaml_text(header)}", f"  {opening}   # each is one of {', '.join(STATUS_WORDS)}"]
    lines += [f"    {yaml_text(word)}: {known[word]}" for word in words if word in known]
    lines += [f"    # {yaml_text(word)}:   # not known: choose one" for word in words if word not in known]
    return lines


def _words_of(source: Source, header: str) -> tuple[str, ...]:
    column = quoted(header)
    rows = source.engine.run(
        f"SELECT CAST({column} AS VARCHAR) AS word FROM source_rows WHERE trim(CAST({column} AS VARCHAR)) <> '' "
        f"GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT {MOST_WORDS}"
    )
    return tuple(str(row[0]) for row in rows)
