"""Rules laid over scores: what is tested, and which windows are material enough to be flagged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from contextcheck.detect.scores import Scores
    from contextcheck.knowledge.metrics import DetectionRule
    from contextcheck.panel.baseline import Baseline
    from contextcheck.records import Direction

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

LAST_DAY_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Watched:
    """One thing that is tested every day: a rule, a series and a direction."""

    rule: DetectionRule
    row: int
    direction: Direction

    @property
    def sign(self) -> int:
        return 1 if self.direction == "up" else -1


@dataclass(frozen=True, slots=True)
class Evidence:
    """Corrected chances per window, watched series and day.

    Attributes:
        watched: What is tested, in the order of the second axis.
        windows: Window lengths of the first axis.
        chance: Tail probability times the number of windows, 1 where the window is not material or its last day does
            not carry its share; windows × watched × days.
        is_tested: The series had volume enough to be judged on that day, whatever came out; watched × days.
    """

    watched: tuple[Watched, ...]
    windows: tuple[int, ...]
    chance: Floats
    is_tested: Bools


def weigh(baseline: Baseline, rules: Sequence[DetectionRule], scores: Mapping[str, Scores]) -> Evidence:
    """Lay rules over the scores of their detectors.

    Args:
        baseline: Its grid names the series.
        rules: What is worth a flag.
        scores: Scores by the name of the detector.

    Method:
        What is not material counts as chance 1, which can only make a rule stricter than its false-discovery rate; the
        number of tests counts every series with volume enough, material or not.
    """
    watched: list[Watched] = []
    chances: list[Floats] = []
    tested: list[Bools] = []
    windows: tuple[int, ...] = ()
    for rule in rules:
        if rule.detector not in scores:
            continue
        given = scores[rule.detector]
        windows = given.windows
        rows = [row for row, (_, metric) in enumerate(baseline.grid.series) if metric in rule.metrics]
        for direction in _directions(rule):
            watched.extend(Watched(rule, row, direction) for row in rows)
            chance, is_tested = _chances(given, rule, np.array(rows, dtype=np.intp), direction)
            chances.append(chance)
            tested.append(is_tested)
    if not watched:
        days = len(baseline.grid.days)
        return Evidence((), windows, np.ones((len(windows), 0, days)), np.zeros((0, days), dtype=np.bool_))
    return Evidence(tuple(watched), windows, np.concatenate(chances, axis=1), np.concatenate(tested))


def _directions(rule: DetectionRule) -> tuple[Direction, ...]:
    return ("up", "down") if rule.direction == "both" else (rule.direction,)


def _chances(scores: Scores, rule: DetectionRule, rows: NDArray[np.intp], direction: Direction) -> tuple[Floats, Bools]:
    sign = 1 if direction == "up" else -1
    tail = scores.tail(direction)[:, rows]
    has_volume = ~np.isnan(tail) & (scores.exposure[:, rows] >= rule.min_exposure)
    is_material = (
        has_volume
        & (sign * (scores.ratio[:, rows] - 1) >= rule.min_relative)
        & (sign * scores.excess[:, rows] >= rule.min_excess)
    )
    z = sign * scores.z[:, rows]
    length = np.array(scores.windows, dtype=np.float64)[:, None, None]
    carries = z[0][None] >= LAST_DAY_SHARE * z / np.sqrt(length)
    corrected = np.minimum(np.nan_to_num(tail, nan=1.0) * len(scores.windows), 1.0)
    return np.where(is_material & carries, corrected, 1.0), np.asarray(has_volume.any(axis=0))
