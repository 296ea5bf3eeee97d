"""The conditions of a column map as engine expressions."""

from __future__ import annotations

import re
from functools import reduce
from typing import TYPE_CHECKING, Any

import ibis

if TYPE_CHECKING:
    from collections.abc import Callable

    from contextcheck.load.columnmaps import Condition

_COMPARISON = re.compile(r"^([<>=])\s*(-?\d+(?:\.\d+)?)$")


def fits(condition: Condition, text_of: Callable[[str], Any]) -> Any:
    """Give whether a row fits every header of a condition (never empty: a missing value does not fit a word).

    Args:
        condition: Headers with their patterns (see `contextcheck.load.columnmaps.Condition`).
        text_of: Gives the column of a header as text, blank texts empty.
    """
    parts = [_fits_header(text_of(header), patterns) for header, patterns in condition]
    return reduce(lambda one, other: one & other, parts, ibis.literal(True))


def _fits_header(text: Any, patterns: tuple[str, ...]) -> Any:
    wanted = [_fits_pattern(text, pattern) for pattern in patterns if not pattern.startswith("!")]
    denied = [~_fits_pattern(text, pattern[1:]) for pattern in patterns if pattern.startswith("!")]
    any_wanted = reduce(lambda one, other: one | other, wanted) if wanted else ibis.literal(True)
    return reduce(lambda one, other: one & other, denied, any_wanted)


def _fits_pattern(text: Any, pattern: str) -> Any:
    if pattern == "":
        return text.isnull()
    if pattern == "*":
        return text.notnull()
    compared = _COMPARISON.match(pattern)
    if compared:
        number, limit = text.try_cast("float64"), float(compared[2])
        result = {"<": number < limit, ">": number > limit, "=": number == limit}[compared[1]]
        return result.fill_null(False)
    lowered, word = text.lower(), pattern.casefold()
    if word.endswith("*"):
        return lowered.startswith(word[:-1]).fill_null(False)
    if word.startswith("*"):
        return lowered.endswith(word[1:]).fill_null(False)
    return (lowered == word).fill_null(False)
