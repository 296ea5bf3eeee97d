"""What moves in all regions at once is said once, with its days and its whole size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from contextcheck.errors import Problem
from contextcheck.panel.baseline_filter import WOBBLE_LIMIT, counting_variance, staying
from contextcheck.panel.baseline_level import LEARNING_DAYS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from contextcheck.panel.baseline import Baseline
    from contextcheck.panel.baseline_grid import Indices

    Floats = NDArray[np.float64]

# log-scale movement of all regions together from which it is worth a sentence; promotions move counts every month
COMMON_FROM = {"rate": 0.1, "mean": 0.1, "count": 0.25}
# and a count's must be so many times as large as the root mean square of such movements on the days before
TIMES_USUAL_COUNT = 5.0
# days of one movement may lie so far apart, and two movements of which the second goes back
APART_DAYS = 3
RETURN_DAYS = 7


def common_events(baseline: Baseline) -> list[Problem]:
    """Give one problem for each movement of a metric in all regions at once; it is not flagged in each region.

    Method:
        Days on which what the other regions share, as the baseline takes it out, is large in the median region; days of
        one direction at most three days apart are one movement. Its size is measured against the level before its
        first day and is not limited as what is taken out: the median of the regions, weighted by what each can show.

    Blind spots:
        A movement that comes as often as promotions do is usual for a count and not said.
    """
    grid = baseline.grid
    found = []
    for index, metric in enumerate(grid.metrics):
        members = np.flatnonzero(grid.metric_of == index)
        if not len(members):
            continue
        kind = str(grid.kinds[members[0]])
        moved = np.median(baseline.common[members], axis=0)
        since, ended = 0, -RETURN_DAYS
        for first, last in _runs(moved, COMMON_FROM[kind], grid.columns(APART_DAYS)):
            follows = first - ended <= grid.columns(RETURN_DAYS)
            since, ended = since if follows else first, last
            size = _size(baseline, members, since, (first, last))
            # what goes back to where the movement before it began is the end of that one
            is_back = follows and abs(size) < COMMON_FROM[kind]
            if last < baseline.first_judged or is_back or (kind == "count" and not _is_unusual(size, moved[:since])):
                continue
            until = f" from {grid.days[first]} to {grid.days[last]}" if last > first else ""
            limit = float(np.sign(size)) * WOBBLE_LIMIT[kind]
            beyond = "it" if abs(size) <= abs(limit) else f"{_percent(limit)} %"
            message = (
                f"{metric} moved by {_percent(size)} % in all regions together{until}; "
                f"only what goes beyond {beyond} is flagged"
            )
            found.append(Problem("DT240", str(grid.days[first]), message, "info"))
    return found


def _percent(log_scale: float) -> str:
    return f"{100 * (float(np.exp(log_scale)) - 1):+.0f}"


def _runs(moved: Floats, least: float, apart: int) -> list[tuple[int, int]]:
    """First and last column of each movement; one that has begun goes on while half as much is seen."""
    runs: list[tuple[int, int]] = []
    for day in np.flatnonzero(np.abs(moved) >= least / 2).tolist():
        if runs and day - runs[-1][1] <= apart and moved[day] * moved[runs[-1][1]] > 0:
            runs[-1] = (runs[-1][0], day)
        elif np.abs(moved[day]) >= least:
            runs.append((day, day))
    return runs


def _is_unusual(size: float, before: Floats) -> bool:
    """Whether a movement of a count is far beyond those of the days on which enough regions spoke."""
    spoke = before[before != 0]
    return len(spoke) >= LEARNING_DAYS and abs(size) >= TIMES_USUAL_COUNT * float(np.sqrt(np.mean(spoke**2)))


def _size(baseline: Baseline, members: Indices, since: int, span: tuple[int, int]) -> float:
    """Movement of the median region over some days on the log scale, against the level before the day `since`."""
    grid, before, (first, last) = baseline.grid, int(baseline.before(since)), span
    members = members[baseline.history[members, since] >= LEARNING_DAYS]
    days = np.s_[members, first : last + 1]
    # what all share is part of the day effect, and so is what of it has stayed; both are to be measured
    stayed = np.cumsum(staying(baseline.common[members, since:last], WOBBLE_LIMIT[str(grid.kinds[members[0]])]), axis=1)
    stayed = np.concatenate([np.zeros((len(members), 1)), stayed], axis=1)[:, first - since :]
    ahead = baseline.level[members, before][:, None] + baseline.offset[days] - baseline.common[days] - stayed
    exposure, expected = (each.sum(axis=1) for each in (grid.exposure[days], grid.exposure[days] * np.exp(ahead)))
    kinds, values = grid.kinds[members], baseline.value_variance[members, since]
    counting = counting_variance(kinds, expected, exposure, values)
    half = np.where(kinds == "mean", 1e-9, 0.5)
    departure = np.log((grid.amount[days].sum(axis=1) + half) / (expected + half))
    order = np.argsort(departure)
    weight = np.where(exposure > 0, 1 / np.sqrt(counting + baseline.extra_variance[members, since]), 0.0)[order]
    reached = np.cumsum(weight)
    return float(departure[order][np.searchsorted(reached, reached[-1] / 2)])
