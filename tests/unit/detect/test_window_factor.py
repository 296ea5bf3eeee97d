"""What several windows cost, by white noise drawn with numpy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from contextcheck.detect.evidence import LAST_DAY_SHARE
from contextcheck.detect.surveillance import TRIES, WINDOWS


def test_all_windows_together_have_as_many_false_alarms_as_one_at_the_chance_that_is_said() -> None:
    days, level, alarms = 4_000_000, 1e-4, 0
    for seed in range(3):
        noise = np.random.default_rng(seed).normal(size=days)
        sums = np.concatenate([[0.0], np.cumsum(noise)])
        is_alarm = np.zeros(days, dtype=np.bool_)
        for window, tries in zip(WINDOWS, TRIES, strict=True):
            z = (sums[window:] - sums[:-window]) / np.sqrt(window)
            carries = noise[window - 1 :] >= LAST_DAY_SHARE * z / np.sqrt(window)
            is_alarm[window - 1 :] |= carries & (z > norm.isf(level / tries))
        alarms += int(is_alarm.sum())
    # about 1,200 alarms: one standard error is 3 %, somewhat more as neighbouring days hang together
    assert alarms / (3 * days * level) == pytest.approx(1.0, rel=0.1)
