"""What several windows cost, by white noise drawn with numpy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from contextcheck.detect.evidence import LAST_DAY_SHARE
from contextcheck.detect.surveillance import TRIES, WEEKLY_TRIES, WINDOWS
from contextcheck.detect.two_weeks import two_week_chance


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


def test_the_windows_of_weeks_together_are_a_sixth_more_often_loud_than_one_chance() -> None:
    weeks, level = 1_000_000, 0.01
    noise = np.random.default_rng(4).normal(size=weeks)
    sums = np.concatenate([[0.0], np.cumsum(noise)])
    one, two, four = WEEKLY_TRIES
    is_alarm = noise > norm.isf(level / one)
    is_alarm |= two_week_chance(norm.sf(noise)[None, :])[0] < level / two
    z = (sums[4:] - sums[:-4]) / 2
    is_alarm[3:] |= (noise[3:] >= LAST_DAY_SHARE * z / 2) & (z > norm.isf(level / four))
    # about 11,700 alarms: one standard error is 1 %
    assert is_alarm.mean() / level == pytest.approx(1.17, abs=0.05)
