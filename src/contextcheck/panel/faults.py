"""Data faults that show while the panel is built: partial days and days on which nothing was loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from contextcheck.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

USUAL_ORDERS = 5.0
SHOWN_DAYS = 3


def day_problems(
    regions: Sequence[str],
    days: NDArray[np.datetime64],
    counts: NDArray[np.float64],
    inside: NDArray[np.bool_],
    is_complete: NDArray[np.bool_],
) -> list[Problem]:
    """Give one problem for the partial days, one for days without any order, one per region with days missing.

    Args:
        regions: Names, shape (regions,).
        days: Shape (days,).
        counts: Orders, shape (regions, days).
        inside: Whether the region's calendar holds the day.
        is_complete: Whether the data cover the local day.
    """
    problems = []
    partial = (inside & ~is_complete).any(axis=0)
    if partial.any():
        sentence = f"{_named(days[partial])} not wholly in the data, therefore not judged"
        problems.append(Problem("PN201", "orders", sentence, "info"))
    looked_at = inside & is_complete
    empty_everywhere = looked_at.any(axis=0) & ~((counts > 0) & inside).any(axis=0)
    if empty_everywhere.any():
        sentence = f"{_named(days[empty_everywhere])} without any order in any region; was every file loaded?"
        problems.append(Problem("PN202", "orders", sentence, "warning"))
    for number, region in enumerate(regions):
        mine = looked_at[number]
        missing = mine & (counts[number] == 0) & ~empty_everywhere
        if missing.any() and np.median(counts[number][mine]) >= USUAL_ORDERS:
            sentence = f"{_named(days[missing])} without any order; closed, or not loaded?"
            problems.append(Problem("PN202", region, sentence, "warning"))
    return problems


def _named(days: NDArray[np.datetime64]) -> str:
    """Such as "3 days (2026-03-01, 2026-03-02, …)"."""
    shown = ", ".join(str(day) for day in days[:SHOWN_DAYS])
    more = ", …" if len(days) > SHOWN_DAYS else ""
    return f"{len(days)} {'day' if len(days) == 1 else 'days'} ({shown}{more})"
