"""Rules laid over scores: what is tested, and which windows are material enough to be flagged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

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
# a normal score further out than this says nothing more
MAX_SCORE = 8.0


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
    """What each window of each watched series says on each day; all arrays but `is_tested` windows × watched × days.

    Attributes:
        watched: What is tested, in the order of the second axis.
        windows: Window lengths of the first axis.
        chance: Tail probability corrected for the number of windows; 1 where the window is not material or its last
            day does not carry its share.
        normal: The uncorrected tail probability as a normal score in the rule's direction; NaN where nothing is known.
        precision: What one per cent of change would show, for weighing regions against each other.
        is_material: The departure is as large as the rule asks.
        is_tested: The series had volume enough to be judged on that day, whatever came out; watched × days.
    """

    watched: tuple[Watched, ...]
    windows: tuple[int, ...]
    chance: Floats
    normal: Floats
    precision: Floats
    is_material: Bools
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
    rules = [rule for rule in rules if rule.detector in scores]
    windows = tuple(sorted({window for each in scores.values() for window in each.windows}))
    watched = tuple(
        Watched(rule, row, direction)
        for rule in rules
        for direction in _directions(rule)
        for row, (_, metric) in enumerate(baseline.grid.series)
        if metric in rule.metrics
    )
    shape = (len(windows), len(watched), len(baseline.grid.days))
    chance, normal, precision = np.ones(shape), np.full(shape, np.nan), np.full(shape, np.nan)
    evidence = Evidence(
        watched, windows, chance, normal, precision, np.zeros(shape, np.bool_), np.zeros(shape[1:], np.bool_)
    )
    for rule in rules:
        for direction in _directions(rule):
            at = np.array([i for i, each in enumerate(watched) if each.rule is rule and each.direction == direction])
            if len(at):
                _lay(evidence, scores[rule.detector], rule, direction, at)
    chance[:, :, : baseline.first_judged] = 1.0
    evidence.is_tested[:, : baseline.first_judged] = False
    return evidence


def _directions(rule: DetectionRule) -> tuple[Direction, ...]:
    return ("up", "down") if rule.direction == "both" else (rule.direction,)


def _lay(evidence: Evidence, scores: Scores, rule: DetectionRule, direction: Direction, at: NDArray[np.intp]) -> None:
    """Fill in the evidence of one rule and direction."""
    sign = 1 if direction == "up" else -1
    rows = np.array([evidence.watched[each].row for each in at], dtype=np.intp)
    today = sign * scores.z[0, rows]
    is_tested = np.zeros((len(at), today.shape[1]), dtype=np.bool_)
    for index, window in enumerate(scores.windows):
        tail = scores.tail(direction)[index, rows]
        has_volume = ~np.isnan(tail) & (scores.exposure[index, rows] >= rule.min_exposure)
        is_material = (
            has_volume
            & (sign * (scores.ratio[index, rows] - 1) >= rule.min_relative)
            & (sign * scores.excess[index, rows] >= rule.min_excess)
        )
        carries = today >= LAST_DAY_SHARE * sign * scores.z[index, rows] / np.sqrt(window)
        corrected = np.minimum(np.nan_to_num(tail, nan=1.0) * scores.tries[index], 1.0)
        target = evidence.windows.index(window)
        evidence.chance[target, at] = np.where(is_material & carries, corrected, 1.0)
        evidence.normal[target, at] = np.clip(-ndtri(tail), -MAX_SCORE, MAX_SCORE)
        evidence.precision[target, at] = scores.precision[index, rows]
        evidence.is_material[target, at] = is_material
        is_tested |= has_volume
    evidence.is_tested[at] = is_tested
