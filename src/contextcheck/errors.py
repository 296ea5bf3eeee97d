"""The exceptions, the exit codes, and a place that an editor can jump to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

Severity = Literal["error", "warning", "info"]


class ExitCode(IntEnum):
    """What a command ends with."""

    PASS = 0
    ACT = 1
    USAGE = 2
    BAD_DATA = 3
    HOLD = 4
    DEFECT = 70


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a file; line and column count from 1, 0 means the file as a whole."""

    path: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        if self.line == 0:
            return self.path
        return f"{self.path}:{self.line}:{self.column}" if self.column else f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong or was left out: where, a code, and what to do about it."""

    code: str
    where: str
    message: str
    severity: Severity = "error"

    def __str__(self) -> str:
        return f"{self.where}: {self.code} {self.message}"


def in_reading_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Sort problems by file, line and column, as an editor lists them."""
    return tuple(sorted(problems, key=lambda each: place_of(each.where)))


def place_of(where: str) -> Location:
    """Give the place that a problem's `where` names; a colon inside the path stays in the path.

    Example:
        >>> place_of("C:/team/regions/KR.yaml:9:5")
        Location(path='C:/team/regions/KR.yaml', line=9, column=5)
    """
    found = re.fullmatch(r"(.+?):(\d+)(?::(\d+))?", where, re.DOTALL)
    return Location(found[1], int(found[2]), int(found[3] or 0)) if found else Location(where)


def nearest(word: str, known: Iterable[str]) -> str:
    """Give `; did you mean "x"?` for the nearest known name, or the list of known names when it is short."""
    from difflib import get_close_matches

    names = sorted(known)
    close = get_close_matches(word, names, n=1, cutoff=0.6)
    if close:
        return f'; did you mean "{close[0]}"?'
    return f"; known are {', '.join(names)}" if 0 < len(names) <= 12 else ""


class ContextCheckError(Exception):
    """Any refusal of contextcheck; carries every problem that was found, not only the first."""

    exit_code: ExitCode = ExitCode.DEFECT

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


class SettingsError(ContextCheckError):
    """The settings or the command line do not say what to do."""

    exit_code = ExitCode.USAGE


class DefinitionError(ContextCheckError):
    """A file under regions/ or rules/ does not say what it must."""

    exit_code = ExitCode.BAD_DATA


class InputError(ContextCheckError):
    """The orders (or another input) cannot be read or trusted."""

    exit_code = ExitCode.BAD_DATA


class EngineError(ContextCheckError):
    """The engine that holds the orders refused or failed."""

    exit_code = ExitCode.BAD_DATA
