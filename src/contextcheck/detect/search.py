"""The whole step in order: panel, faults, baseline, scores, incidents, flags."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.detect.common import common_events
from contextcheck.detect.evidence import weigh
from contextcheck.detect.flags import build_flags
from contextcheck.detect.holidays import moved_as_holidays_do
from contextcheck.detect.interface import Detected, failed, load_detector
from contextcheck.detect.select import select
from contextcheck.detect.surveillance import MIN_HISTORY_DAYS
from contextcheck.errors import Problem
from contextcheck.panel.baseline import baseline_of
from contextcheck.panel.baseline_faults import find_faults
from contextcheck.panel.baseline_grid import build_grid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contextcheck.detect.budget import Judge
    from contextcheck.detect.episodes import Episode
    from contextcheck.detect.evidence import Evidence
    from contextcheck.detect.scores import Scores
    from contextcheck.detect.select import Selection
    from contextcheck.knowledge.metrics import DetectionRule
    from contextcheck.panel.baseline import Baseline
    from contextcheck.panel.table import Panel
    from contextcheck.records import Launch


# up to so many series × days the days before the first judged one are kept for the tails of the metric
KEEP_ALL_CELLS = 1_000_000


@dataclass(frozen=True, slots=True)
class Searched:
    """A searched panel with everything that was worked out on the way."""

    baseline: Baseline
    scores: Mapping[str, Scores]
    evidence: Evidence
    selection: Selection
    problems: tuple[Problem, ...]


def examine(
    panel: Panel,
    rules: Sequence[DetectionRule],
    *,
    launches: Sequence[Launch] = (),
    seed: int = 0,
    judge: Judge | None = None,
    since: date | None = None,
) -> Searched | None:
    """Search a panel and keep what every window said on every day; None when there is nothing to look at.

    With `since`, only that day and later ones are judged.
    """
    wanted = {metric for rule in rules for metric in rule.metrics} & set(panel.metrics)
    grid = build_grid(panel, wanted | ({"orders"} & set(panel.metrics)))
    if not grid.series or not len(grid.days):
        return None
    faults = find_faults(grid)
    grid = grid.without(faults.is_set_aside)
    first = grid.column_of(since) if since is not None else 0
    only_windows = all(rule.detector == "surveillance" for rule in rules)
    keep_all = grid.amount.size <= KEEP_ALL_CELLS or not only_windows
    baseline = baseline_of(grid, first, keep_all=keep_all)
    scores, problems = score_all(baseline, rules, launches=launches, seed=seed)
    evidence = weigh(baseline, rules, scores)
    return Searched(
        baseline, scores, evidence, select(baseline, evidence, judge, launches=launches), (*faults.problems, *problems)
    )


def search(
    panel: Panel, rules: Sequence[DetectionRule], *, launches: Sequence[Launch], seed: int, since: date | None = None
) -> Detected:
    """Search a panel; `contextcheck.detect.interface.find_flags` says what is promised."""
    found = examine(panel, rules, launches=launches, seed=seed, since=since)
    if found is None:
        message = "too little data: no whole day with orders"
        return Detected((), tuple(Problem("DT220", region, message, "info") for region in panel.regions), 0, 0)
    baseline, scores, evidence, selection = found.baseline, found.scores, found.evidence, found.selection
    problems = [
        *found.problems,
        *_short_histories(baseline),
        *common_events(baseline),
        *moved_as_holidays_do(baseline, evidence, selection),
        *_new_levels(baseline, selection.episodes),
    ]
    tested = {each.row for index, each in enumerate(evidence.watched) if evidence.is_tested[index].any()}
    partners = {name: each.partners for name, each in scores.items()}
    flags = build_flags(baseline, evidence, selection.episodes, partners)
    return Detected(flags, tuple(problems), len(tested), selection.tests * len(evidence.windows))


def score_all(
    baseline: Baseline, rules: Sequence[DetectionRule], *, launches: Sequence[Launch], seed: int
) -> tuple[dict[str, Scores], list[Problem]]:
    """Scores of each detector that a rule names; one that fails is a problem, not the end."""
    scores: dict[str, Scores] = {}
    problems: list[Problem] = []
    for name in sorted({rule.detector for rule in rules}):
        try:
            scores[name] = load_detector(name).score(baseline, launches=launches, seed=seed)
        except Exception as error:  # noqa: BLE001 - whatever a plug-in raises must not take the others down
            problems.append(failed(name, error))
    return scores, problems


def _short_histories(baseline: Baseline) -> list[Problem]:
    """Regions none of whose series has enough days."""
    grid = baseline.grid
    days = baseline.history[:, -1] + (grid.exposure[:, -1] > 0)
    found = []
    longest = np.zeros(len(grid.regions))
    np.maximum.at(longest, grid.region_of, days)
    for region, most in zip(grid.regions, longest.astype(int).tolist(), strict=True):
        if most < MIN_HISTORY_DAYS + 1:
            word = "week" if grid.is_weekly else "day"
            message = (
                f"too little data: {most} {word}s with orders, {MIN_HISTORY_DAYS + 1} needed before a {word} is judged"
            )
            found.append(Problem("DT220", region, message, "info"))
    return found


def _new_levels(baseline: Baseline, episodes: Sequence[Episode]) -> list[Problem]:
    """Say which changes have lasted so long that later days are compared with them."""
    found = []
    for episode in episodes:
        if episode.course != "new_level":
            continue
        region, metric = baseline.grid.series[episode.row]
        start, end = (date.fromisoformat(str(baseline.grid.days[each])) for each in (episode.start, episode.end))
        days = (int(np.subtract(episode.end, episode.start)) + 1) * baseline.grid.step_days
        message = (
            f"{metric} has stayed changed for {days} days since {start}; later days are compared with the new level"
        )
        found.append(Problem("DT230", region, message, "info"))
    return found
