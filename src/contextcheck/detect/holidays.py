"""Holidays on which a market moved as far as holidays move it: not flagged, and therefore said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from contextcheck.detect.tails import tails
from contextcheck.detect.totals import Totals
from contextcheck.errors import Problem

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from contextcheck.detect.evidence import Evidence
    from contextcheck.detect.select import Selection
    from contextcheck.panel.baseline import Baseline

# chance from which an ordinary day would have been looked at
LOUD_BELOW = 3e-5
# only what is news: days this near to the newest
NEWEST_DAYS = 28
NAMED = 3


def moved_as_holidays_do(baseline: Baseline, evidence: Evidence, selection: Selection) -> list[Problem]:
    """Say on which named days of the last four weeks a wider margin kept a movement from being tested further.

    Args:
        baseline: Knows the named days and their margin.
        evidence: Which series are watched.
        selection: Which of them were flagged on the day; these need no such sentence.
    """
    grid = baseline.grid
    first = max(baseline.first_judged, len(grid.days) - grid.columns(NEWEST_DAYS))
    if not grid.named.names or not baseline.offset_variance[:, first:].any():
        return []
    span = Totals.of(baseline).window(1, first)
    margin = baseline.offset_variance[:, first:] * span.expected**2
    chance = np.ones(margin.shape)
    for kind in np.unique(grid.kinds):
        rows = np.flatnonzero(grid.kinds == kind)
        narrow = np.maximum(span.variance[rows] - margin[rows], 1e-12)
        sides = tails(str(kind), span.amount[rows], span.expected[rows], narrow, span.exposure[rows])
        chance[rows] = np.minimum(*sides)
    is_watched, is_flagged = _by_series(evidence, selection, first, span.amount.shape)
    is_said = (margin > 0) & span.is_judged & (chance <= LOUD_BELOW) & is_watched & ~is_flagged
    found: dict[tuple[int, int, str], list[str]] = {}
    for row, column in np.argwhere(is_said).tolist():
        region, _ = grid.series[row]
        name = grid.named.names[int(grid.named.of_day[grid.region_of[row], first + column])]
        change = f"{region} {100 * (float(span.ratio[row, column]) - 1):+.0f} %"
        found.setdefault((column, int(grid.metric_of[row]), name), []).append(change)
    return [
        Problem("DT241", str(grid.days[first + column]), _sentence(grid.metrics[metric], name, changes), "info")
        for (column, metric, name), changes in sorted(found.items())
    ]


def _sentence(metric: str, name: str, changes: list[str]) -> str:
    shown = ", ".join(changes[:NAMED]) + (f" and {len(changes) - NAMED} more" if len(changes) > NAMED else "")
    return f"{metric} on {name}: {shown} against expectation; within what such days do to it, so not flagged"


def _by_series(
    evidence: Evidence, selection: Selection, first: int, shape: tuple[int, ...]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which series are tested, and flagged, on which day by any rule."""
    tested, flagged = np.zeros(shape, dtype=np.bool_), np.zeros(shape, dtype=np.bool_)
    rows = np.array([each.row for each in evidence.watched], dtype=np.intp)
    np.logical_or.at(tested, rows, evidence.is_tested[:, first:])
    np.logical_or.at(flagged, rows, selection.is_flagged[:, first:])
    return tested, flagged
