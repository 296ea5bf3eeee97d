"""The whole backtest in order: replay, cuts, plantings, thresholds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from contextcheck.backtest.plant import LASTS_DAYS
from contextcheck.backtest.records import WANTED_SHARE, Backtest
from contextcheck.backtest.replay import check_cuts, count_alerts, replay
from contextcheck.backtest.sensitivity import PLANTED_DETECTOR, STARTS, sensitivities
from contextcheck.backtest.tune import tune
from contextcheck.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from contextcheck.knowledge.metrics import DetectionRule, Metric
    from contextcheck.panel.table import Panel
    from contextcheck.records import Launch


def backtest(
    panel: Panel,
    rules: Sequence[DetectionRule],
    *,
    launches: Sequence[Launch] = (),
    seed: int = 0,
    starts: int = STARTS,
    is_tuned: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> Backtest:
    """Replay a history and plant incidents into it.

    Args:
        panel: The history.
        rules: What is worth a flag.
        launches: Features that went live.
        seed: Of every draw; the same seed gives the same result.
        starts: Random quiet days per series from which each size is planted.
        is_tuned: Also try other thresholds.
        progress: Called with a short text at the start of each long step.

    Raises:
        InputError: BT101 no rule watches anything in the history.
    """
    progress("replaying the history")
    rules = [rule for rule in rules if set(rule.metrics) & set(panel.metrics)]
    replayed = replay(panel, rules, launches=launches, seed=seed)
    if replayed is None:
        message = "no rule watches any metric of this history; add rules under rules/detection"
        raise InputError(Problem("BT101", "backtest", message))
    progress("replaying cuts of it")
    cuts = check_cuts(panel, rules, launches=launches, seed=seed)
    seen = sensitivities(replayed, rules, seed=seed, starts=starts, progress=progress)
    tunings = tune(replayed, rules, launches=launches, seed=seed, progress=progress) if is_tuned else ()
    return Backtest(
        first=pd.Timestamp(panel.daily["day"].min()).date(),
        as_of=panel.as_of,
        seed=seed,
        alerts=count_alerts(replayed.found),
        sensitivities=seen,
        cuts=cuts,
        tunings=tunings,
        problems=(*panel.problems, *replayed.found.problems),
        notes=_notes(panel, rules, starts),
    )


def _watched(panel: Panel, rules: Sequence[DetectionRule]) -> list[Metric]:
    names = {name for rule in rules for name in rule.metrics}
    return [metric for name, metric in panel.metrics.items() if name in names]


def _notes(panel: Panel, rules: Sequence[DetectionRule], starts: int) -> tuple[str, ...]:
    notes = [
        f"each size was planted from up to {starts} random quiet days per series and lasted {LASTS_DAYS} days; caught "
        f"means flagged in at least {100 * WANTED_SHARE:.0f} % of them, at the thresholds and budget of the real days"
    ]
    hours = {metric.horizon_hours for metric in _watched(panel, rules)}
    waits = sorted(each / 24 for each in hours if each >= 24)
    if waits:
        notes.append(
            f"days count from the first changed day; metrics that wait for late events (up to {waits[-1]:g} days here) "
            "are known that much later"
        )
    others = sorted({rule.id for rule in rules if rule.detector != PLANTED_DETECTOR})
    if others:
        notes.append(f"nothing was planted for rules of other detectors: {', '.join(others)}")
    return tuple(notes)
