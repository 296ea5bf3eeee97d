"""What several windows cost, by white noise drawn with numpy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from contextcheck.detect.evidence import LAST_DAY_SHARE
from contextcheck.detect.scores import WINDOW_FACTOR
from contextcheck.detect.surveillance import WINDOWS


def test_all_windows_together_have_as_many_false_alarms_as_their_factor_says() -> None:
    days, level, alarms = 4_000_000, 1e-4, 0
    for seed in range(3):
        noise = np.random.default_rng(seed).normal(size=days)
        sums = np.concatenate([[0.0], np.cumsum(noise)])
        best = np.full(days, -np.inf)
        for window in WINDOWS:
            z = (sums[window:] - sums[:-window]) / np.sqrt(window)
            carries = noise[window - 1 :] >= LAST_DAY_SHARE * z / np.sqrt(window)
            best[window - 1 :] = np.maximum(best[window - 1 :], np.where(carries, z, -np.inf))
        alarms += int((best > norm.isf(level)).sum())
    # about 5,300 alarms: one standard error is 1.4 %, somewhat more as neighbouring days hang together
    assert alarms / (3 * days * level) == pytest.approx(WINDOW_FACTOR * len(WINDOWS), rel=0.06)
