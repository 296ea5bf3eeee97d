"""Days on which no single metric is odd but the combination is, by any PyOD or scikit-learn outlier model."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtri

from contextcheck.detect.scores import Scores
from contextcheck.detect.surveillance import MIN_HISTORY_DAYS
from contextcheck.detect.tails import tails
from contextcheck.detect.totals import Totals

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from contextcheck.panel.baseline import Baseline
    from contextcheck.records import Launch

    Floats = NDArray[np.float64]

MODELS = {
    "ecod": "pyod.models.ecod:ECOD",
    "copod": "pyod.models.copod:COPOD",
    "iforest": "pyod.models.iforest:IForest",
    "pca": "pyod.models.pca:PCA",
}
MIN_METRICS = 2
MIN_ROWS = 200
# columns learned from and between two fits: of a daily panel four months and a week, of a weekly one two years and a
# month
TRAINING = {1: 120, 7: 104}
REFIT = {1: 7, 7: 4}
# departures further out are incidents of their own: they neither teach the model nor count for more
CLIP = 4.0
TAIL = 0.05
PARTNER_FROM = 1.5


class JointOddity:
    """Scores each region's day by all its metrics together.

    Args:
        model: A short name (ecod, copod, iforest, pca) or "package.module:Class" of a PyOD or scikit-learn model.

    Method:
        The day's departures of a region's rates and means, as normal scores against the baseline, are one row. Every
        week (of weekly data every fourth) the model learns the rows of the last 120 days (104 weeks) over all regions;
        a new row's chance is read from an exponential tail fitted to the largest twentieth of the learned scores. The
        metric that departs most carries the finding, those beyond 1.5 are named with it.

    Source:
        ECOD: Li et al. 2022 (doi 10.1109/TKDE.2022.3159580); PyOD: Zhao et al. 2019.

    Blind spots:
        Needs 200 region-days; what many markets do every week is usual to it.
    """

    def __init__(self, model: str = "ecod") -> None:
        self.model = MODELS.get(model.lower(), model)

    def score(self, baseline: Baseline, *, launches: Sequence[Launch], seed: int) -> Scores:
        """Give one chance per region and day, on the series that departs most; the others stay NaN."""
        del launches
        rows, span = self._departures(baseline)
        shape = (1, *baseline.grid.amount.shape)
        upper, lower = np.full(shape, np.nan), np.full(shape, np.nan)
        chance = self._chances(np.nan_to_num(rows), ~np.isnan(rows), baseline.grid.step_days, seed)
        partners: dict[tuple[int, int], tuple[int, ...]] = {}
        by_region = [np.flatnonzero(baseline.grid.region_of == each) for each in range(len(baseline.grid.regions))]
        for region, day in np.argwhere(~np.isnan(chance)).tolist():
            members = by_region[region]
            columns = baseline.grid.metric_of[members]
            departures = np.nan_to_num(rows[region, day, columns])
            leader = int(np.argmax(np.abs(departures)))
            side = upper if departures[leader] > 0 else lower
            side[0, members[leader], day] = chance[region, day]
            moved = members[np.abs(departures) >= PARTNER_FROM]
            partners[int(members[leader]), day] = tuple(int(each) for each in moved if each != members[leader])
        precision = span.expected / np.sqrt(span.variance + 1e-12)
        ratio, excess, behind, z = (each[None] for each in (span.ratio, span.excess, span.behind, span.z))
        return Scores((1,), upper, lower, ratio, excess, behind, z, precision[None], (1.0,), partners)

    def _departures(self, baseline: Baseline) -> tuple[Floats, Any]:
        """Normal scores, regions × days × metrics; NaN for counts and where a series cannot be judged."""
        grid = baseline.grid
        span = Totals.of(baseline).window(1)
        rows = np.full((len(grid.regions), len(grid.days), len(grid.metrics)), np.nan)
        is_judged = span.is_judged & (baseline.history >= MIN_HISTORY_DAYS)
        for row, kind in enumerate(grid.kinds.tolist()):
            if kind == "count":
                continue
            high, low = tails(kind, span.amount[row], span.expected[row], span.variance[row], span.exposure[row])
            middle = np.where(high < low, -ndtri(np.maximum(high, 1e-300)), ndtri(np.maximum(low, 1e-300)))
            departure = np.clip(middle, -CLIP, CLIP)
            rows[grid.region_of[row], :, grid.metric_of[row]] = np.where(is_judged[row], departure, np.nan)
        return rows, span

    def _chances(self, rows: Floats, is_known: NDArray[np.bool_], step: int, seed: int) -> Floats:
        """Chance of each region's day, learned from earlier days only; NaN before there are enough."""
        regions, days, _ = rows.shape
        # a metric that never speaks would leave some models without an inverse
        speaks = is_known.any(axis=(0, 1))
        rows, is_known = rows[:, :, speaks], is_known[:, :, speaks]
        chance = np.full((regions, days), np.nan)
        is_row = is_known.sum(axis=2) >= MIN_METRICS
        teaches = is_row & (np.abs(rows).max(axis=2, initial=0) < CLIP)
        for first in range(0, days, REFIT[step]):
            start = max(first - TRAINING[step], 0)
            learned = rows[:, start:first][teaches[:, start:first]]
            if len(learned) < MIN_ROWS:
                continue
            chance_of = self._learn(learned, seed)
            for day in range(first, min(first + REFIT[step], days)):
                now = is_row[:, day]
                if now.any():
                    chance[now, day] = chance_of(rows[now, day])
        return chance

    def _learn(self, learned: Floats, seed: int) -> Callable[[Floats], Floats]:
        """Learn what is usual, and give what says how unusual the rows of one day are.

        Days are scored one by one: some models (ECOD, COPOD) rank new rows together with the learned ones, and the
        rows of a later day would move an earlier day's score.
        """
        model, sign = self._build(seed)
        model.fit(learned)
        known = sign * np.asarray(model.decision_function(learned), dtype=np.float64)
        threshold = float(np.quantile(known, 1 - TAIL))
        beyond = known[known > threshold]
        scale = float((beyond - threshold).mean()) if len(beyond) else 0.0
        ordered = np.sort(known)

        def chance_of(new: Floats) -> Floats:
            scores = sign * np.asarray(model.decision_function(new), dtype=np.float64)
            rank = 1 - np.searchsorted(ordered, scores, side="left") / (len(ordered) + 1)
            tail = TAIL * np.exp(-np.maximum(scores - threshold, 0) / max(scale, 1e-12))
            return np.where(scores > threshold, tail, np.maximum(rank, TAIL))

        return chance_of

    def _build(self, seed: int) -> tuple[Any, int]:
        """The model, and the sign that makes larger scores odder (scikit-learn counts the other way)."""
        module, _, name = self.model.partition(":")
        kind = getattr(importlib.import_module(module), name)
        try:
            model = kind(random_state=seed)
        except TypeError:
            model = kind()
        return model, 1 if hasattr(model, "contamination") and module.startswith("pyod") else -1
