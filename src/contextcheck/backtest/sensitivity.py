"""The smallest change that each region would have caught within 1, 3 and 7 days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.backtest.plant import BEFORE_DAYS, LASTS_DAYS, all_trials, ladder, planted, quiet_starts
from contextcheck.backtest.records import WANTED_SHARE, WITHIN_DAYS, Sensitivity, Step
from contextcheck.detect.evidence import weigh
from contextcheck.detect.surveillance import score_windows, tail_freedom

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from contextcheck.backtest.plant import Trials
    from contextcheck.backtest.records import SizeUnit
    from contextcheck.backtest.replay import Replay
    from contextcheck.detect.evidence import Watched
    from contextcheck.detect.scores import Scores
    from contextcheck.knowledge.metrics import DetectionRule
    from contextcheck.panel.baseline import Baseline
    from contextcheck.records import Direction

    Floats = NDArray[np.float64]
    Indices = NDArray[np.intp]

TRIALS_AT_ONCE = 2000
STARTS = 12
PLANTED_DETECTOR = "surveillance"
NEVER = 99


def sensitivities(
    replayed: Replay,
    rules: Sequence[DetectionRule],
    *,
    seed: int,
    starts: int = STARTS,
    progress: Callable[[str], None],
) -> tuple[Sensitivity, ...]:
    """Plant incidents into every series that a rule of the default detector watches.

    Args:
        replayed: The real history, searched.
        rules: Their thresholds apply to the planted incidents as to real ones.
        seed: Of the draws.
        starts: Random quiet days per series.
        progress: Told about each rule.

    Method:
        One incident at a time: the level, spread and tails are those of the real history before the incident, the other
        regions stay as they were, and the chance that one test alone needs is that of the real day. Windows that begin
        later than the second changed day are not counted, because their level would have seen the incident; so the
        figures are, if anything, on the careful side.
    """
    heavy = tail_freedom(replayed.found.baseline)
    result: list[Sensitivity] = []
    for rule in rules:
        if rule.detector != PLANTED_DETECTOR:
            continue
        progress(f"planting incidents for {rule.id}")
        share = max(each.rule.false_discovery_rate for each in replayed.found.evidence.watched)
        limits = replayed.limits * rule.false_discovery_rate / share
        for sign in signs(rule):
            for metric in rule.metrics:
                planting = plant(replayed, heavy, metric, sign, starts=starts, seed=seed)
                if planting is not None:
                    result.extend(judge_planting(planting, replayed, rule, limits))
    return tuple(result)


def signs(rule: DetectionRule) -> tuple[int, ...]:
    """1 for up, −1 for down."""
    return {"up": (1,), "down": (-1,), "both": (1, -1)}[rule.direction]


@dataclass(frozen=True, slots=True)
class Planting:
    """Incidents planted into one metric in every region, scored; `parts` holds them a few thousand at a time."""

    metric: str
    sign: int
    unit: SizeUnit
    rows: Indices
    trials: Trials
    parts: tuple[tuple[Trials, Baseline, Scores], ...]


def plant(replayed: Replay, heavy: Floats, metric: str, sign: int, *, starts: int, seed: int) -> Planting | None:
    """Plant and score; None when the history has no such metric."""
    baseline = replayed.found.baseline
    rows = np.array([row for row, each in enumerate(baseline.grid.series) if each[1] == metric], dtype=np.intp)
    if not len(rows):
        return None
    random = np.random.default_rng([seed, sign + 1, *metric.encode()])
    unit, sizes = ladder(baseline, rows, sign)
    drawn = [quiet_starts(replayed.found, int(row), starts, random) for row in rows]
    trials = all_trials(rows.tolist(), drawn, sizes)
    parts = []
    for first in range(0, len(trials.row), TRIALS_AT_ONCE):
        part = trials.part(first, first + TRIALS_AT_ONCE)
        short, tails = planted(baseline, heavy, part, sign, random)
        parts.append((part, short, score_windows(short, tails)))
    return Planting(metric, sign, unit, rows, trials, tuple(parts))


def judge_planting(
    planting: Planting, replayed: Replay, rule: DetectionRule, limits: Floats
) -> tuple[Sensitivity, ...]:
    """Say what a rule would have caught of a planting, where `limits` is what one test needed on each day."""
    grid, trials = replayed.found.baseline.grid, planting.trials
    delay = np.full(len(trials.row), NEVER)
    at = 0
    for part, short, scores in planting.parts:
        days = part.start[:, None] + np.arange(LASTS_DAYS)[None, :]
        delay[at : at + len(part.row)] = delays(short, scores, rule, planting.sign, limits[days])
        at += len(part.row)
    result = []
    for row in planting.rows.tolist():
        region, metric = grid.series[row]
        is_mine = trials.row == row
        steps = []
        for size in np.unique(trials.size[is_mine]).tolist():
            mine = delay[is_mine & (trials.size == size)]
            steps.append(Step(size, len(mine), {k: float((mine < k).mean()) for k in WITHIN_DAYS}))
        reason = "" if steps else "no quiet day with enough history before it"
        smallest = {k: smallest_caught(steps, k) for k in WITHIN_DAYS}
        direction: Direction = "up" if planting.sign > 0 else "down"
        result.append(Sensitivity(region, metric, rule.id, direction, planting.unit, tuple(steps), smallest, reason))
    return tuple(result)


def delays(short: Baseline, scores: Scores, rule: DetectionRule, sign: int, limits: Floats) -> Indices:
    """Give after how many changed days each planted incident was caught (0: on the first), `NEVER` when it was not."""
    evidence = weigh(short, [rule], {rule.detector: scores})
    mine = [number for number, each in enumerate(evidence.watched) if _is_mine(each, sign)]
    chance = evidence.chance[:, mine, BEFORE_DAYS:]
    day = np.arange(LASTS_DAYS)[None, :]
    first = day - np.array(evidence.windows)[:, None] + 1
    chance = np.where((first <= 1)[:, None, :], chance, 1.0).min(axis=0)
    is_caught = chance <= limits
    return np.where(is_caught.any(axis=1), is_caught.argmax(axis=1), NEVER).astype(np.intp)


def _is_mine(watched: Watched, sign: int) -> bool:
    return watched.sign == sign


def smallest_caught(steps: Sequence[Step], days: int) -> float | None:
    """Give the smallest size of which at least 80 % are caught within so many days.

    Method:
        Shares made monotone in size (pool adjacent violators), then interpolated between neighbouring sizes on the log
        scale; below the smallest planted size nothing is claimed.
    """
    if not steps:
        return None
    shares = _monotone(
        np.array([step.caught[days] for step in steps]), np.array([step.trials for step in steps], dtype=np.float64)
    )
    reached = np.flatnonzero(shares >= WANTED_SHARE - 1e-9)
    if not len(reached):
        return None
    at = int(reached[0])
    if at == 0:
        return steps[0].size
    low, high = float(shares[at - 1]), float(shares[at])
    part = (WANTED_SHARE - low) / (high - low)
    size = np.log(steps[at - 1].size) + part * (np.log(steps[at].size) - np.log(steps[at - 1].size))
    return float(np.exp(size))


def _monotone(shares: Floats, weights: Floats) -> Floats:
    from sklearn.isotonic import isotonic_regression

    return np.asarray(isotonic_regression(shares, sample_weight=weights, increasing=True))
