"""Annotations for GitHub Actions; the step summary is the Markdown of the same verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contextcheck.errors import place_of
from contextcheck.report.words import clean, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contextcheck.errors import Problem

MOST_ANNOTATIONS = 9
"""GitHub shows ten annotations of a kind per step; the tenth says how many were left out."""


def workflow_commands(notes: Sequence[tuple[str, str, str]]) -> str:
    """Give workflow commands, one a line, the worst nine of each kind and a count.

    Args:
        notes: Kind ("error", "warning" or "notice"), title and message of each, the worst first.
    """
    lines = []
    for kind in ("error", "warning", "notice"):
        of_kind = [(title, message) for each, title, message in notes if each == kind]
        lines += [_command(kind, title, message) for title, message in of_kind[:MOST_ANNOTATIONS]]
        rest = len(of_kind) - MOST_ANNOTATIONS
        if rest > 0:
            lines.append(_command(kind, "contextcheck", f"{number(rest)} more of this kind, see the log"))
    return "".join(f"{line}\n" for line in lines)


def problem_commands(problems: Sequence[Problem]) -> str:
    """Give problems of definition files as annotations beside their lines."""
    return "".join(f"{_placed(each)}\n" for each in problems)


def _placed(problem: Problem) -> str:
    found = place_of(problem.where)
    place = f",line={found.line},col={found.column or 1}" if found.line else ""
    kind = {"error": "error", "warning": "warning", "info": "notice"}[problem.severity]
    return f"::{kind} file={_property(found.path)}{place},title={_property(problem.code)}::{_data(problem.message)}"


def _command(kind: str, title: str, message: str) -> str:
    return f"::{kind} title={_property(title)}::{_data(message)}"


def _data(text: str) -> str:
    """A message that cannot end its line and start a command of its own."""
    return clean(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
