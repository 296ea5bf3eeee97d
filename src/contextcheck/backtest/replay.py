"""A history replayed: one causal run, the alerts of every day in it, and a check that cuts of it say the same."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from contextcheck.backtest.records import CutCheck, SeriesAlerts
from contextcheck.detect.budget import Budget
from contextcheck.detect.daily import daily_table, day_by_day
from contextcheck.detect.search import examine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from contextcheck.detect.search import Searched
    from contextcheck.knowledge.metrics import DetectionRule
    from contextcheck.panel.table import Panel
    from contextcheck.records import Launch

    Floats = NDArray[np.float64]

DAYS_PER_MONTH = 365.25 / 12
CUTS = (0.6, 0.8, 0.95)
# two runs sum in a different order; a score is a logarithm
SAME_SCORE = 1e-6


@dataclass(slots=True)
class Recorder:
    """Passes every question to a budget and writes down what it allowed on each day.

    `limits` holds, day by day, the chance up to which one test alone would have been flagged.
    """

    budget: Budget
    limits: list[float] = field(default_factory=list)
    share: float = field(init=False)

    def __post_init__(self) -> None:
        self.share = self.budget.share

    def q_values(self, chance: Floats, tests: int) -> Floats:
        """The budget's adjusted values."""
        return self.budget.q_values(chance, tests)

    def settle(self, tests: int, rejected: int, found: int, days: int = 1) -> None:
        """Close the day and keep its limit."""
        tiny = 1e-15
        q_value = float(self.budget.q_values(np.array([tiny]), max(tests, 1))[0])
        self.limits.append(tiny * self.share / q_value)
        self.budget.settle(tests, rejected, found, days)


@dataclass(frozen=True, slots=True)
class Replay:
    """The searched history and, per day, the chance up to which one test alone would have been flagged."""

    found: Searched
    limits: Floats


def replay(panel: Panel, rules: Sequence[DetectionRule], *, launches: Sequence[Launch], seed: int) -> Replay | None:
    """Search the whole history once; None when no rule watches anything in it.

    Method:
        The detector uses no later day for an earlier one, so one run holds what each day would have shown.
    """
    recorder = Recorder(Budget(max((rule.false_discovery_rate for rule in rules), default=0.05)))
    found = examine(panel, rules, launches=launches, seed=seed, judge=recorder)
    if found is None or not found.evidence.watched:
        return None
    return Replay(found, np.array(recorder.limits))


def count_alerts(found: Searched) -> tuple[SeriesAlerts, ...]:
    """Give the alerts of every watched series, over all rules that watch it."""
    grid, watched = found.baseline.grid, found.evidence.watched
    alerts: dict[int, int] = {}
    for episode in found.selection.episodes:
        alerts[episode.row] = alerts.get(episode.row, 0) + 1
    judged: dict[int, int] = {}
    for number, each in enumerate(watched):
        judged[each.row] = max(judged.get(each.row, 0), int(found.evidence.is_tested[number].sum()) * grid.step_days)
    rows = sorted(judged, key=lambda row: (grid.series[row][1], grid.series[row][0]))
    return tuple(
        SeriesAlerts(
            *grid.series[row],
            alerts=alerts.get(row, 0),
            days=judged[row],
            per_month=alerts.get(row, 0) / judged[row] * DAYS_PER_MONTH if judged[row] else 0.0,
        )
        for row in rows
    )


def check_cuts(
    panel: Panel, rules: Sequence[DetectionRule], *, launches: Sequence[Launch], seed: int
) -> tuple[CutCheck, ...]:
    """Search the history cut after a few days, and compare flags and scores with those of the whole."""
    whole = daily_table(day_by_day(panel, rules, launches=launches, seed=seed))
    days = np.unique(whole["date"])
    checks = []
    for share in CUTS:
        last = pd.Timestamp(days[int(share * (len(days) - 1))])
        cut = replace(panel, daily=panel.daily[panel.daily["day"] <= last], as_of=last.date())
        early = daily_table(day_by_day(cut, rules, launches=launches, seed=seed))
        both = whole.merge(early, on=["region", "metric", "date"], suffixes=("", "_early"))
        differs = (both["flag"] != both["flag_early"]) | ((both["score"] - both["score_early"]).abs() > SAME_SCORE)
        checks.append(CutCheck(last.date(), len(both), int(differs.sum())))
    return tuple(checks)
