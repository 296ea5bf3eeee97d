"""A series in a few characters."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contextcheck.records import DailyPoint

BLOCKS = "▁▂▃▄▅▆▇█"
PLAIN = "_.,-=+*#"
MOST_CHARACTERS = 28
NO_VALUE = " "


def sparkline(daily: Sequence[DailyPoint], *, use_glyphs: bool) -> str:
    """Give the observed days as bars, the newest on the right; a day without a value is a gap.

    Args:
        daily: The days in order; a long series is joined into at most 28 steps by their mean.
        use_glyphs: Block characters; else letters of ASCII that rise likewise.
    """
    steps = _steps([each.observed for each in daily])
    known = [each for each in steps if each is not None]
    if not known:
        return ""
    low, high = min(min(known), 0.0), max(known)
    marks = BLOCKS if use_glyphs else PLAIN
    span = high - low

    def bar(value: float | None) -> str:
        if value is None:
            return NO_VALUE
        return marks[0] if span == 0 else marks[min(int((value - low) / span * len(marks)), len(marks) - 1)]

    return "".join(bar(each) for each in steps)


def _steps(values: Sequence[float | None]) -> list[float | None]:
    size = max(math.ceil(len(values) / MOST_CHARACTERS), 1)
    # Steps are counted from the newest day, so that the last bar is never a part of one.
    first = len(values) % size
    cuts = ([values[:first]] if first else []) + [
        values[start : start + size] for start in range(first, len(values), size)
    ]
    return [_mean(each) for each in cuts]


def _mean(values: Sequence[float | None]) -> float | None:
    known = [each for each in values if each is not None and math.isfinite(each)]
    return sum(known) / len(known) if known else None
