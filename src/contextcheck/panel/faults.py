"""Data faults that show while the panel is built: partial days and days on which nothing was loaded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

USUAL_ORDERS = 5.0
SHOWN_DAYS = 3
STRAY_GAP_DAYS = 180
STRAY_SHARE = 0.01


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


@dataclass(frozen=True, slots=True)
class Strays:
    """A few orders far before or after all the others; the others cover `first_day` to `last_day` whole."""

    first_day: date
    last_day: date
    problem: Problem


def find_strays(days: NDArray[np.datetime64], orders: NDArray[np.float64]) -> Strays | None:
    """Look for orders whose date is most likely a slip and would move the newest day of the whole run.

    Args:
        days: Shape (days,).
        orders: Of all regions, shape (days,).
    """
    busy = np.flatnonzero(orders > 0)
    gaps = np.diff(busy)
    if not len(gaps) or gaps.max() < STRAY_GAP_DAYS:
        return None
    before, after = busy[int(gaps.argmax())], busy[int(gaps.argmax()) + 1]
    later, total = float(orders[after:].sum()), float(orders.sum())
    first, last = (int(busy[0]), int(before) - 1) if later * 2 < total else (int(after) + 1, int(busy[-1]))
    few = min(later, total - later)
    if few > STRAY_SHARE * total or first > last:
        return None
    side, example = ("after", days[after]) if later * 2 < total else ("before", days[before])
    subject = "1 order is" if few == 1 else f"{few:,.0f} orders are"
    sentence = (
        f"{subject} dated {gaps.max():,} days and more {side} all the others (such as {example}); only "
        f"{days[first]} to {days[last]} is looked at: repair the dates, or say the last day with --as-of"
    )
    first_day, last_day = (date.fromisoformat(str(days[each])) for each in (first, last))
    return Strays(first_day, last_day, Problem("PN206", "orders", sentence, "warning"))


def _named(days: NDArray[np.datetime64]) -> str:
    """Such as "3 days (2026-03-01, 2026-03-02, …)"."""
    shown = ", ".join(str(day) for day in days[:SHOWN_DAYS])
    more = ", …" if len(days) > SHOWN_DAYS else ""
    return f"{len(days)} {'day' if len(days) == 1 else 'days'} ({shown}{more})"
