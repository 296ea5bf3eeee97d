"""The marks of verdicts and signs, the same in every format, and their stand-ins where glyphs are not wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contextcheck.records import Verdict
    from contextcheck.report.causes import Mark

VERDICT_MARKS: dict[Verdict, str] = {
    "supported": "●",
    "partly": "◐",
    "contradicted": "○",
    "not_testable": "◌",
    "too_flexible": "○",
}
SIGN_MARKS: dict[Mark, str] = {"yes": "✓", "no": "✗", "open": "–"}
ACTION_MARK = "→"

PLAIN_MARKS: dict[str, str] = {
    "●": "*",
    "◐": "~",
    "○": "o",
    "◌": "?",
    "✓": "+",
    "✗": "x",
    # A dash in front of a sentence would read as a minus sign.
    "–": "?",
    "→": "->",
}
"""Decoration alone; what people wrote, currency signs and minus signs stay as they are in every output."""

PLAIN_ARROWS = {" → ": " -> ", " ← ": " <- "}


def shown_mark(mark: str, *, use_glyphs: bool) -> str:
    """Give a mark as it is, or its plain form for a pipe."""
    return mark if use_glyphs else PLAIN_MARKS.get(mark, mark)


def plain_arrows(text: str) -> str:
    """Give a text whose free-standing arrows are made of ASCII; every other letter stays."""
    for arrow, plain in PLAIN_ARROWS.items():
        text = text.replace(arrow, plain)
    return text
