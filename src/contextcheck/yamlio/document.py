"""YAML text becomes nodes that keep the text as typed with its line and column.

Nothing goes through YAML's own typing: `NO` stays "NO", `12:30` stays "12:30". Duplicate keys, tags, aliases,
several documents, and texts that are too large or too deep are refused, each with its place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from contextcheck.errors import Location, Problem
from contextcheck.yamlio.remedies import key_remedy, odd_space, smart_quote, syntax_remedy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_BYTES = 2_000_000
MAX_DEPTH = 30
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value as typed."""

    text: str
    where: Location
    is_quoted: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.is_quoted and self.text in ("", "~", "null")


@dataclass(frozen=True, slots=True)
class ListNode:
    """A list of nodes."""

    items: tuple[Node, ...]
    where: Location


@dataclass(frozen=True, slots=True)
class MapNode:
    """Key to (place of the key, node)."""

    entries: dict[str, tuple[Location, Node]]
    where: Location

    def get(self, key: str) -> Node | None:
        found = self.entries.get(key)
        return found[1] if found else None


Node = Scalar | ListNode | MapNode


class _Refused(Exception):
    """Stops the reading of one document at the first problem of syntax."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def read_file(path: Path, prefix: str, *, shown_as: str | None = None) -> tuple[Node | None, list[Problem]]:
    """Give the root node of a YAML file and every problem of its syntax.

    Args:
        path: The file.
        prefix: Two letters in front of the problem codes, such as "KB".
        shown_as: The name used in locations; the path itself when left out.

    Returns:
        The root node (None when nothing can be read) and the problems found.
    """
    name = shown_as or path.as_posix()
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or "cannot be read"
        return None, [Problem(f"{prefix}001", name, f"{reason}; check the path and its permissions")]
    if len(data) > MAX_BYTES:
        return None, [Problem(f"{prefix}002", name, f"{len(data):,} bytes; a definition file may have {MAX_BYTES:,}")]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        where = str(Location(name, line, 1))
        return None, [Problem(f"{prefix}003", where, "not UTF-8; save the file as UTF-8 (without a special code page)")]
    return read_text(text, name, prefix)


def read_text(text: str, name: str, prefix: str) -> tuple[Node | None, list[Problem]]:
    """Give the root node of a YAML text and every problem of its syntax (see `read_file`)."""
    problems: list[Problem] = []
    try:
        events = yaml.parse(text, Loader=_Loader)
        return _Composer(events, name, prefix, problems).document(), problems
    except _Refused as refused:
        return None, [*problems, refused.problem]
    except yaml.MarkedYAMLError as error:
        # the parser points behind an open quote and behind a key without a colon; people look for where it begins
        context = error.context or ""
        is_begun = "scanning a quoted scalar" in context or "scanning a simple key" in context
        mark = error.context_mark if is_begun and error.context_mark else error.problem_mark or error.context_mark
        where = Location(name, mark.line + 1, mark.column + 1) if mark else Location(name)
        return None, [*problems, Problem(f"{prefix}004", str(where), _syntax_sentence(error, text))]
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        code = ord(error.character[:1]) if isinstance(error.character, (str, bytes)) else int(error.character)
        sentence = f"character U+{code:04X} is not allowed; delete it"
        return None, [*problems, Problem(f"{prefix}004", str(Location(name, line, 1)), sentence)]


def _syntax_sentence(error: yaml.MarkedYAMLError, text: str) -> str:
    """Say what is wrong with the syntax and what to do, in plain words."""
    mark = error.problem_mark or error.context_mark
    opened = error.context_mark.line + 1 if error.context_mark else 0
    if "scanning a quoted scalar" in (error.context or ""):
        return f"the quote opened in line {opened} is never closed; close it"
    if "scanning a simple key" in (error.context or "") and error.context_mark:
        return key_remedy(text.splitlines()[error.context_mark.line])
    return syntax_remedy(error.problem or "", error.context or "", text.splitlines(), mark.line if mark else 0)


class _Composer:
    """Builds nodes from the parser's events; one instance reads one document."""

    def __init__(self, events: Iterator[yaml.Event], name: str, prefix: str, problems: list[Problem]) -> None:
        self._events = events
        self._name = name
        self._prefix = prefix
        self._problems = problems

    def document(self) -> Node | None:
        root: Node | None = None
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self._refusal("006", event, "a second document starts here; one file holds one document")
                root = self._node(next(self._events), depth=0)
        return root

    def _place(self, event: yaml.Event) -> Location:
        mark = event.start_mark
        assert mark is not None
        return Location(self._name, mark.line + 1, mark.column + 1)

    def _refusal(self, number: str, event: yaml.Event, sentence: str) -> _Refused:
        return _Refused(Problem(f"{self._prefix}{number}", str(self._place(event)), sentence))

    def _node(self, event: yaml.Event, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise self._refusal("007", event, f"nested deeper than {MAX_DEPTH} levels")
        if isinstance(event, yaml.AliasEvent):
            raise self._refusal("005", event, f"the alias *{event.anchor} is not allowed; write the value out")
        anchor = getattr(event, "anchor", None)
        if anchor:
            sentence = f'the anchor &{anchor} is not allowed; put the value in "quotes", or delete the anchor'
            raise self._refusal("005", event, sentence)
        tag = getattr(event, "tag", None)
        if tag is not None:
            raise self._refusal("005", event, f"the tag {tag} is not allowed; write the plain value")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(event, depth)
        assert isinstance(event, yaml.MappingStartEvent), event
        return self._map(event, depth)

    def _scalar(self, event: yaml.ScalarEvent) -> Scalar:
        is_quoted = bool(event.style)  # the C parser says "" for plain text, the Python parser None
        quote = "" if is_quoted else smart_quote(event.value)
        if quote:
            sentence = f'the value begins with the typographic quote {quote}; write straight quotes (")'
            self._problems.append(Problem(f"{self._prefix}010", str(self._place(event)), sentence))
        return Scalar(event.value, self._place(event), is_quoted=is_quoted)

    def _list(self, start: yaml.Event, depth: int) -> ListNode:
        items = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, depth + 1))
        return ListNode(tuple(items), self._place(start))

    def _map(self, start: yaml.Event, depth: int) -> MapNode:
        entries: dict[str, tuple[Location, Node]] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise self._refusal("008", event, "a key must be plain text")
            key, place = event.value, self._place(event)
            if space := odd_space(key):
                sentence = f'a {space} stands in or before "{key.strip()}"; delete it and use plain spaces'
                self._problems.append(Problem(f"{self._prefix}011", str(place), sentence))
            value = self._node(next(self._events), depth + 1)
            if key in entries:
                first = entries[key][0].line
                sentence = f'the key "{key}" is already given in line {first}; keep one of the two'
                self._problems.append(Problem(f"{self._prefix}009", str(place), sentence))
                continue
            entries[key] = (place, value)
        return MapNode(entries, self._place(start))
