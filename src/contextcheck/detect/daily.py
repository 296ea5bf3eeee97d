"""What was known about every series on every single day: flagged or not, and how strong the evidence was.

A flag tells the story of an incident with what is known today (its estimated start lies before its alarm). This table
tells each day with what was known on that day, so that it can be laid beside other detectors and replayed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from contextcheck.detect.evidence import LAST_DAY_SHARE
from contextcheck.detect.general_rules import (
    FALSE_DISCOVERY_RATE,
    MIN_EXCESS,
    MIN_RELATIVE,
    RuleDirection,
    general_rule,
)
from contextcheck.detect.search import examine
from contextcheck.panel.long_table import panel_of_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray

    from contextcheck.detect.search import Searched
    from contextcheck.knowledge.metrics import DetectionRule
    from contextcheck.panel.table import Panel
    from contextcheck.records import Launch

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

FLAG_COLUMNS = ("region", "metric", "date", "flag", "score", "judged")
SMALLEST_CHANCE = 1e-300


@dataclass(frozen=True, slots=True)
class DayByDay:
    """Every watched series on every day.

    Attributes:
        searched: The search; `searched.evidence.watched` is the order of the rows below.
        score: −log10 of the smallest chance over the windows that end on the day, corrected for their number, watched
            × days: 2 is reached by chance on about 1 day in 100. 0 where nothing could be judged.
        is_flagged: An incident was open and ongoing as far as was known on that day.
        is_judged: There was enough data to say anything.
    """

    searched: Searched
    score: Floats
    is_flagged: Bools
    is_judged: Bools


def day_by_day(
    panel: Panel,
    rules: Sequence[DetectionRule],
    *,
    launches: Sequence[Launch] = (),
    seed: int = 0,
    since: date | None = None,
) -> DayByDay | None:
    """Search a panel and keep what was known on each day; None when no rule watches any of its series."""
    found = examine(panel, rules, launches=launches, seed=seed, since=since)
    if found is None or not found.evidence.watched:
        return None
    score, is_judged = _scores(found)
    return DayByDay(found, score, found.selection.is_flagged, is_judged)


def _scores(found: Searched) -> tuple[Floats, Bools]:
    """Evidence per watched series and day, whether or not it is material.

    Method:
        The smallest one-sided tail probability over the windows that end on the day, raised for the number of windows
        tried, of those whose last day carries its share (else an old incident would keep the long windows loud after
        its end) and that do not reach back into an incident that is over; the window of one day (of two weeks in weekly
        data) is always among them.
    """
    evidence, fence = found.evidence, found.selection.fence
    shape = evidence.is_tested.shape
    chance, is_judged = np.ones(shape), np.zeros(shape, dtype=np.bool_)
    day = np.arange(shape[1])
    shortest = 2 if found.baseline.grid.is_weekly else 1
    for number, watched in enumerate(evidence.watched):
        each = found.scores[watched.rule.detector]
        today = watched.sign * each.z[0, watched.row]
        for index, window in enumerate(each.windows):
            tail = each.tail(watched.direction)[index, watched.row]
            carries = today >= LAST_DAY_SHARE * watched.sign * each.z[index, watched.row] / np.sqrt(window)
            counts = (carries & (day - window + 1 > fence[number])) | (window <= shortest)
            chance[number] = np.fmin(chance[number], np.where(counts, tail * each.tries[index], np.nan))
            is_judged[number] |= ~np.isnan(tail)
    return -np.log10(np.clip(chance, SMALLEST_CHANCE, 1.0)), is_judged


def daily_table(found: DayByDay | None) -> pd.DataFrame:
    """Give region, metric, date, flag (0 or 1), score and judged (0 or 1) for every watched series and day.

    `score` grows with the evidence for a departure in the direction of a rule (for "both": in either); a series that
    several rules watch has its strongest. Where `judged` is 0 there was too little data, and flag and score are 0.
    """
    if found is None:
        return pd.DataFrame(columns=list(FLAG_COLUMNS))
    grid, watched = found.searched.baseline.grid, found.searched.evidence.watched
    rows = sorted({each.row for each in watched}, key=lambda row: grid.series[row])
    at = {row: number for number, row in enumerate(rows)}
    line = np.array([at[each.row] for each in watched], dtype=np.intp)
    shape = (len(rows), len(grid.days))
    score, flag, judged = np.zeros(shape), np.zeros(shape, np.bool_), np.zeros(shape, np.bool_)
    np.maximum.at(score, line, found.score)
    np.logical_or.at(flag, line, found.is_flagged)
    np.logical_or.at(judged, line, found.is_judged)
    is_there = _is_there(found, rows)
    row_at, day_at = np.nonzero(is_there)
    return pd.DataFrame(
        {
            "region": [grid.series[rows[each]][0] for each in row_at],
            "metric": [grid.series[rows[each]][1] for each in row_at],
            "date": np.datetime_as_string(grid.days[day_at], unit="D") if len(day_at) else [],
            "flag": flag[is_there].astype(int),
            "score": np.round(score[is_there], 6) + 0.0,
            "judged": judged[is_there].astype(int),
        },
        columns=list(FLAG_COLUMNS),
    )


def _is_there(found: DayByDay, rows: Sequence[int]) -> Bools:
    """Days that are to be judged."""
    baseline = found.searched.baseline
    shown = np.arange(len(baseline.grid.days)) >= baseline.first_judged
    return np.broadcast_to(shown, (len(rows), len(shown)))


def detect_frame(
    table: pd.DataFrame,
    *,
    direction: RuleDirection = "both",
    as_of: date | None = None,
    since: date | None = None,
    false_discovery_rate: float = FALSE_DISCOVERY_RATE,
    min_relative: float = MIN_RELATIVE,
    min_excess: float = MIN_EXCESS,
    seed: int = 0,
) -> pd.DataFrame:
    """Search a long table of any metrics and regions; `contextcheck.detect_frame` is this function.

    Args:
        table: date, region, metric, events; exposure for rates, value_sum (and value_sumsq) for means. Daily or weekly.
        direction: Which departures count: up, down or both.
        as_of: Later days are left out.
        since: Judge from this day on; earlier days are learned from and not in the result. The newest day of very many
            series is judged far faster so. An incident that has been going on by then opens anew.
        false_discovery_rate: Accepted share of false flags among all flags.
        min_relative: Smallest departure worth a flag, as a share of what was expected.
        min_excess: Smallest departure worth a flag, in events.
        seed: Of detectors that draw numbers.

    Returns:
        region, metric, date, flag, score, judged for every series and day; what is said about a day uses no later day.
        `flag` obeys false-discovery control over all series and days; to flag at a nominal level per series and day,
        as surveillance packages do, take score >= 2 for 1 % (10 ** -score is the chance, corrected for the windows);
        with `direction="both"` each side has that chance, so take score >= 2.3.

    Raises:
        InputError: The table lacks columns or holds impossible numbers.
    """
    panel = panel_of_table(table, {}, name="table", as_of=as_of)
    limits = {
        "false_discovery_rate": false_discovery_rate,
        "min_relative": min_relative,
        "min_excess": min_excess,
    }
    rules = [general_rule(panel, metric, direction, **limits) for metric in sorted(panel.metrics)]
    return daily_table(day_by_day(panel, rules, seed=seed, since=since))
