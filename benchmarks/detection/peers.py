"""What teams use today, as published or from its own package, on the same panel: rates and volumes in, a score out.

Each alerts when its score passes a limit and it has not done so in the week before (one alert per incident, as
charitable as our own counting). They see the same days; none of them sets partly loaded days aside by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from kept import Asked, ask, code_of
from modelled_peers import HELPERS, R_SCRIPT, farrington_daily, prophet_residual, robust_spread, s_h_esd, stl_residual
from retail import METRICS, WARM_UP, World

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

QUIET_DAYS = 7


def rolling_z(rate: np.ndarray, events: np.ndarray, volume: np.ndarray) -> np.ndarray:
    """Departure from the mean of the last 28 days in their standard deviations."""
    del events, volume
    return _trailing(rate, 28, 0)


def ears_c2(rate: np.ndarray, events: np.ndarray, volume: np.ndarray) -> np.ndarray:
    """EARS C2: the last 7 days with a gap of 2."""
    del events, volume
    return _trailing(rate, 7, 2)


def laney(rate: np.ndarray, events: np.ndarray, volume: np.ndarray) -> np.ndarray:
    """Laney's p' chart: binomial z, scaled by the moving range of the last 56 z."""
    del events
    score = np.zeros_like(rate)
    for day in range(56, rate.shape[1]):
        past, orders = rate[:, day - 56 : day], volume[:, day - 56 : day]
        centre = (past * orders).sum(1) / np.maximum(orders.sum(1), 1)
        spread = np.sqrt(np.maximum(centre * (1 - centre), 1e-9))
        z = (past - centre[:, None]) / (spread[:, None] / np.sqrt(np.maximum(orders, 1)))
        scale = np.abs(np.diff(z, axis=1)).mean(1) / 1.128
        today = (rate[:, day] - centre) / (spread / np.sqrt(np.maximum(volume[:, day], 1)))
        score[:, day] = today / np.maximum(scale, 1e-9)
    return score


def weekday_median(rate: np.ndarray, events: np.ndarray, volume: np.ndarray) -> np.ndarray:
    """Robust z against the median of eight same weekdays, spread by the median absolute deviation of 8 weeks."""
    del events, volume
    score = np.zeros_like(rate)
    for day in range(56, rate.shape[1]):
        past = rate[:, day - 56 : day]
        middle = np.median(past[:, 0::7], axis=1)
        spread = np.array([robust_spread(each) for each in past])
        score[:, day] = (rate[:, day] - middle) / spread
    return score


def ecod(rate: np.ndarray, events: np.ndarray, volume: np.ndarray) -> np.ndarray:
    """PyOD's ECOD per series on the day's, the 3 days' and the 7 days' rate, upper side, refitted every 28 days."""
    del events, volume
    from pyod.models.ecod import ECOD

    sums = np.concatenate([np.zeros((rate.shape[0], 1)), np.cumsum(rate, axis=1)], axis=1)
    features = [rate]
    for window in (3, 7):
        mean = np.zeros_like(rate)
        mean[:, window - 1 :] = (sums[:, window:] - sums[:, :-window]) / window
        features.append(mean)
    stacked = np.stack(features, axis=2)
    score = np.zeros_like(rate)
    for row in range(rate.shape[0]):
        for first in range(WARM_UP, rate.shape[1], 28):
            model = ECOD().fit(stacked[row, 7:first])
            now = stacked[row, first : first + 28]
            upper = now[:, 0] > np.median(stacked[row, 7:first, 0])
            score[row, first : first + 28] = np.where(upper, model.decision_function(now), 0.0)
    return score


def _trailing(rate: np.ndarray, days: int, gap: int) -> np.ndarray:
    score = np.zeros_like(rate)
    for day in range(days + gap, rate.shape[1]):
        past = rate[:, day - gap - days : day - gap]
        # a few days without any event have no spread: then that of eight weeks counts
        spread, wide = past.std(1, ddof=1), rate[:, max(day - 56, 0) : day].std(1)
        score[:, day] = (rate[:, day] - past.mean(1)) / np.maximum(np.where(spread > 0, spread, wide), 1e-9)
    return score


@dataclass(frozen=True)
class Peer:
    """A way to score a series; `limit` is the one it is commonly used with, None when it has none."""

    score: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
    limit: float | None


PEERS = {
    "Farrington daily, orders as population (R)": Peer(farrington_daily, 3.0),
    "Prophet residuals": Peer(prophet_residual, 3.0),
    "Laney p' chart": Peer(laney, 3.0),
    "STL residuals, robust z": Peer(stl_residual, 3.0),
    "S-H-ESD": Peer(s_h_esd, 1.0),
    "PyOD ECOD": Peer(ecod, None),
    "rolling z (28 days)": Peer(rolling_z, 3.0),
    "weekday median, robust z": Peer(weekday_median, 3.0),
    "EARS C2": Peer(ears_c2, 3.0),
}


def scores(world: World, name: str, folder: Path | None) -> Asked:
    """Score of each series and day; asked once per world."""
    volume = np.tile(world.volume, (len(METRICS), 1)).astype(float)
    rate = world.events / np.maximum(volume, 1)
    method = PEERS[name].score
    # helpers of one peer count for all: asking once too often is no harm
    code = "".join(code_of(each) for each in (method, *HELPERS)) + (
        R_SCRIPT.read_text(encoding="utf-8") if method is farrington_daily else ""
    )
    return ask(folder, name, (rate, volume, code), lambda: (method(rate, world.events.astype(float), volume),))


def alarms(score: np.ndarray, limit: float) -> list[tuple[int, int]]:
    """New alerts: over the limit, and not so in the week before."""
    above = score > limit
    above[:, :WARM_UP] = False
    found = []
    for row, day in np.argwhere(above):
        if not above[row, max(day - QUIET_DAYS, 0) : day].any():
            found.append((int(row), int(day)))
    return found
