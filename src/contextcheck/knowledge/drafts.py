"""Writes a new entry into a region file as a person would: commented, indented alike, nothing else touched."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import yaml

from contextcheck.errors import Location, Problem, SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

WRAP = 120
REVIEW_DAYS = 182
USUAL_SIGNS = ("{test: spread, over: customer_id, expect: broad, weight: strong}",)
USUAL_AGAINST = (
    "{test: concentration, over: [device_id, address_id, payment_id], expect: few, share: 0.3, weight: strong}",
)
_MECHANISM = (
    "# Who does what, and why that leaves the traces below: a practice, a law, a payment method or a date,",
    "# never a people. Two or three sentences.",
)
_SIGNS = (
    "# What the orders must look like when this is true. At least one that could fail; the usual one is filled in,",
    "# better ones are about baskets (bunching), money kept (kept_share), time (delay) or payment (mix).",
)
_SOURCES = (
    "# Where it is known from. Grades: A law or peer-reviewed, B official or measured, C press or a shop's own terms,",
    "# D not published (your own experience). An active entry needs A or B for its mechanism.",
)
_TWINS = ("# What looks alike at first sight, and the sign that separates the two.",)
_EXAMPLES = (
    "# Data on which it must hold, and data on which it must not: behaviours of the simulator, run by",
    "# contextcheck norms test. For instance {name: the practice itself, data: padding, expect: supported}",
)


@dataclass(frozen=True, slots=True)
class Draft:
    """The answers from which an entry is written; empty ones are left open, with a comment on what belongs there."""

    id: str
    title: str
    explains: tuple[tuple[str, str], ...]
    when: str = "always"
    mechanism: str = ""
    signs: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    owner: str = ""
    examples: tuple[str, ...] = ()
    twins: tuple[str, ...] = ()
    reviewed_on: date = field(default_factory=date.today)


@dataclass(frozen=True, slots=True)
class RegionHead:
    """The head of a new region file; empty parts are taken over from the shipped file of the same region."""

    region: str
    name: str = ""
    timezone: str = ""
    currency: str = ""
    owner: str = ""


def new_file(head: RegionHead, draft: Draft) -> str:
    """Give the text of a new region file with one entry."""
    lines = ["# yaml-language-server: $schema=_schema/region.json", f"region: {head.region}"]
    lines += [
        f"{key}: {text_of(value)}" for key in ("name", "timezone", "currency", "owner") if (value := getattr(head, key))
    ]
    return "\n".join([*lines, "", "norms:", *entry_lines(draft, 2)]) + "\n"


def rule_file(draft: Draft) -> str:
    """Give the text of a new file under rules/explanations/KIND."""
    # an entry of a list is indented by its dash, the one entry of a file is not
    lines = ["# yaml-language-server: $schema=../_schema.json", *(line[2:] for line in entry_lines(draft, 0))]
    return "\n".join(lines) + "\n"


def with_entry(text: str, name: str, draft: Draft) -> str:
    """Give a region file's text with one entry behind its last; every other character stays.

    Args:
        text: The file.
        name: Its shown name, for problems.
        draft: The entry.

    Raises:
        SettingsError: The file cannot be read, or its norms stand in one line.
    """
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        root = None
    if not isinstance(root, yaml.MappingNode):
        sentence = "the file has problems; mend it first (contextcheck norms lint shows them)"
        raise SettingsError(Problem("ST127", name, sentence))
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    found = next((value for key, value in root.value if key.value == "norms"), None)
    if found is None:
        return "".join([*lines, "\n" if lines and lines[-1].strip() else "", "norms:\n", *_with_ends(draft, 2)])
    if not isinstance(found, yaml.SequenceNode) or not found.value or found.flow_style:
        where = str(Location(name, found.start_mark.line + 1, found.start_mark.column + 1))
        sentence = 'norms must be a list of lines that start with "- "; write its entries below it, or delete the key'
        raise SettingsError(Problem("ST127", where, sentence))
    first = found.value[0].start_mark
    dash = lines[first.line].index("-")
    after = _last_line_of(lines, found.value[-1].start_mark.line, dash) + 1
    return "".join([*lines[:after], "\n", *_with_ends(draft, dash), *lines[after:]])


def entry_lines(draft: Draft, indent: int) -> list[str]:
    """Give the lines of one entry, its dash after `indent` spaces."""
    inner = [
        f"id: {draft.id}",
        f"title: {text_of(draft.title)}",
        "status: draft  # draft: a question to ask; trial: tested, moves nothing; active: may move a recommendation",
        *([f"owner: {text_of(draft.owner)}"] if draft.owner else []),
        *_MECHANISM,
        *_folded("mechanism", draft.mechanism),
        "explains:",
        *(f"  - {{metric: {metric}, direction: {direction}}}" for metric, direction in draft.explains),
        f"when: {draft.when}  # the days on which it can hold",
        *_SIGNS,
        *_listed("signs", draft.signs or USUAL_SIGNS),
        "# What would speak against it.",
        *_listed("contradicted_by", draft.against or USUAL_AGAINST),
        *_listed("ask", [text_of(each) for each in draft.ask]),
        *_listed("advice", [text_of(each) for each in draft.advice]),
        *_SOURCES,
        *(_listed("sources", draft.sources) or ["sources:"]),
        *([*_TWINS, *_listed("twins", draft.twins)] if draft.twins else []),
        *_review(draft),
        *_EXAMPLES,
        *(_listed("examples", draft.examples) or ["examples:"]),
    ]
    margin = " " * indent
    return [f"{margin}- {inner[0]}", *(f"{margin}  {line}".rstrip() for line in inner[1:])]


def text_of(text: str) -> str:
    """Give a text as YAML reads it back unchanged: plain where that is safe, quoted where it is not."""
    plain = " ".join(text.split())
    is_safe = plain and plain[0].isalnum() and not any(mark in plain for mark in (": ", " #", '"', "'", "\\"))
    is_safe = is_safe and not plain.endswith(":") and not set(plain) & set("{}[],&*!|>%@`")
    return plain if is_safe else '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _review(draft: Draft) -> list[str]:
    following = date.fromordinal(draft.reviewed_on.toordinal() + REVIEW_DAYS)
    by = text_of(draft.owner) if draft.owner else ""
    who = f"by: {by}, " if by else ""
    return [f"reviewed: {{{who}on: {draft.reviewed_on}, next: {following}}}"]


def _folded(key: str, text: str) -> list[str]:
    if not text.strip():
        return [f"{key}:"]
    lines, line = [f"{key}: >-"], ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > WRAP - 10:
            lines.append(f"  {line}")
            line = word
        else:
            line = f"{line} {word}".strip()
    return [*lines, f"  {line}"]


def _listed(key: str, items: Sequence[str]) -> list[str]:
    return [f"{key}:", *(f"  - {item}" for item in items)] if items else []


def _with_ends(draft: Draft, indent: int) -> list[str]:
    return [f"{line}\n" for line in entry_lines(draft, indent)]


def _last_line_of(lines: Sequence[str], start: int, dash: int) -> int:
    """The last line of the list item that starts at a line: what is indented deeper than its dash."""
    last = start
    for number in range(start + 1, len(lines)):
        line = lines[number]
        if not line.strip():
            continue
        if len(line) - len(line.lstrip(" ")) <= dash:
            break
        last = number
    return last
