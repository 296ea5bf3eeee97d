"""Lays out a page of the reference: tables, code words, and what a docstring lists."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

NOTE = "<!-- Written by docs/generate_reference.py; change the source and run it again. -->"


def page(lines: Iterable[str]) -> str:
    return "\n".join((NOTE, *lines)).rstrip() + "\n"


def contents(written: Mapping[str, str]) -> list[str]:
    titles = {name: text.split("# ", 1)[1].splitlines()[0] for name, text in written.items()}
    listed = [f"- [{title}]({name})" for name, title in titles.items()]
    said = "Every page here is written by `python docs/generate_reference.py` from the program and its rules."
    return ["# Reference", "", said, "", *listed]


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    lines += [f"| {' | '.join(cell(value) for value in row)} |" for row in rows]
    return [*lines, ""]


def cell(value: object) -> str:
    return " ".join(str(value).split()).replace("|", "\\|").replace("<", "&lt;")


def code(value: object) -> str:
    text = " ".join(str(value).split())
    return f"`{text}`" if text else ""


def attributes(of: type) -> dict[str, str]:
    """The lines under `Attributes:` of a class's docstring, by name."""
    found: dict[str, str] = {}
    name = ""
    _, _, text = inspect.cleandoc(of.__doc__ or "").partition("Attributes:\n")
    for line in text.splitlines():
        head, colon, rest = line.strip().partition(": ")
        if line.startswith("    ") and not line.startswith("     ") and colon and head.isidentifier():
            name = head
            found[name] = rest
        elif name and line.strip():
            found[name] += " " + line.strip()
    return found
