"""What teams use today, written down as published, on the same panel: rates and volumes in, a score per day out.

Each alerts when its score passes a limit and it has not done so in the week before (one alert per incident, as
charitable as our own counting). They see the same days; none of them sets partly loaded days aside by itself.
"""

from __future__ import annotations

import numpy as np
from retail import METRICS, WARM_UP, World

QUIET_DAYS = 7


def rolling_z(rate: np.ndarray, volume: np.ndarray) -> np.ndarray:
    """Departure from the mean of the last 28 days in their standard deviations."""
    del volume
    return _trailing(rate, 28, 0)


def ears_c2(rate: np.ndarray, volume: np.ndarray) -> np.ndarray:
    """EARS C2: the last 7 days with a gap of 2."""
    del volume
    return _trailing(rate, 7, 2)


def laney(rate: np.ndarray, volume: np.ndarray) -> np.ndarray:
    """Laney's p' chart: binomial z, scaled by the moving range of the last 56 z."""
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


def weekday_median(rate: np.ndarray, volume: np.ndarray) -> np.ndarray:
    """Robust z against the median of eight same weekdays, spread by the median absolute deviation of 8 weeks."""
    del volume
    score = np.zeros_like(rate)
    for day in range(56, rate.shape[1]):
        past = rate[:, day - 56 : day]
        middle = np.median(past[:, 0::7], axis=1)
        spread = 1.4826 * np.median(np.abs(past - np.median(past, axis=1, keepdims=True)), axis=1)
        score[:, day] = (rate[:, day] - middle) / np.maximum(spread, 1e-9)
    return score


def ecod(rate: np.ndarray, volume: np.ndarray) -> np.ndarray:
    """PyOD's ECOD per series on the day's, the 3 days' and the 7 days' rate, upper side, refitted every 28 days."""
    del volume
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


PEERS = {
    "rolling z (28 days)": rolling_z,
    "EARS C2": ears_c2,
    "Laney p' chart": laney,
    "weekday median, robust z": weekday_median,
    "PyOD ECOD": ecod,
}


def _trailing(rate: np.ndarray, days: int, gap: int) -> np.ndarray:
    score = np.zeros_like(rate)
    for day in range(days + gap, rate.shape[1]):
        past = rate[:, day - gap - days : day - gap]
        score[:, day] = (rate[:, day] - past.mean(1)) / np.maximum(past.std(1, ddof=1), 1e-9)
    return score


def scores(world: World, name: str) -> np.ndarray:
    """Score of each series and day."""
    volume = np.tile(world.volume, (len(METRICS), 1)).astype(float)
    rate = world.events / np.maximum(volume, 1)
    return PEERS[name](rate, volume)


def alarms(score: np.ndarray, limit: float) -> list[tuple[int, int]]:
    """New alerts: over the limit, and not so in the week before."""
    above = score > limit
    above[:, :WARM_UP] = False
    found = []
    for row, day in np.argwhere(above):
        if not above[row, max(day - QUIET_DAYS, 0) : day].any():
            found.append((int(row), int(day)))
    return found
