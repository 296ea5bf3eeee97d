"""Drift from placebos and the interval that follows, against textbook cases and an independent simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t as student

from contextcheck.impact.spread import GRID, Drift, drift_of, interval_of

NONE = np.zeros(0)


def half_width(error: float, degrees: int, level: float = 0.9) -> float:
    return float(student.ppf(0.5 + level / 2, degrees)) * error


def test_without_placebos_days_alone_make_the_interval() -> None:
    assert interval_of(2.0, 49, 100.0, drift_of(NONE, NONE, NONE)) == (2.0, 49)


def test_many_placebos_of_known_drift_give_that_drift() -> None:
    # 200 placebos with a drift of 4 % beside 3 % of noise.
    rng = np.random.default_rng(3)
    shares = rng.normal(size=200) * np.hypot(0.04, 0.03)
    drift = drift_of(shares, np.full(200, 0.03), np.ones(200))
    assert np.sqrt(drift.mean_square) == pytest.approx(0.04, rel=0.12)
    # An effect on a level of 100 then has errors of 4 and of 2 together: sqrt(20) = 4.47, times 1.645.
    assert half_width(*interval_of(2.0, 400, 100.0, drift)) == pytest.approx(1.645 * np.sqrt(20), rel=0.1)


def test_placebos_no_larger_than_their_noise_show_hardly_any_drift() -> None:
    rng = np.random.default_rng(4)
    drift = drift_of(rng.normal(size=40) * 0.02, np.full(40, 0.02), np.ones(40))
    assert np.sqrt(drift.mean_square) < 0.01


def test_a_placebo_over_fewer_days_speaks_of_more_drift() -> None:
    shares, errors = np.array([0.06, -0.05, 0.07, -0.06]), np.full(4, 0.01)
    short = drift_of(shares, errors, np.full(4, 0.5))
    assert short.mean_square > 2 * drift_of(shares, errors, np.ones(4)).mean_square


def test_the_interval_is_the_mixture_of_what_the_drift_may_be() -> None:
    # Half the chance no drift, half a drift of 10 % (a point of the grid): drawn 400,000 times by numpy alone.
    place = int(np.abs(GRID - 0.1).argmin())
    chances = np.zeros(len(GRID))
    chances[0] = chances[place] = 0.5
    drift = Drift(chances, float(chances @ np.square(GRID)))
    rng = np.random.default_rng(5)
    scale = np.where(rng.random(400_000) < 0.5, 3.0, np.hypot(3.0, 100 * GRID[place]))
    wanted = np.quantile(np.abs(scale * rng.standard_t(49, size=400_000)), 0.9)
    assert half_width(*interval_of(3.0, 49, 100.0, drift)) == pytest.approx(wanted, rel=0.01)


def test_few_placebos_leave_few_degrees_of_freedom() -> None:
    shares, errors = np.array([0.1, -0.12, 0.02]), np.full(3, 0.005)
    few = interval_of(0.5, 49, 100.0, drift_of(shares, errors, np.ones(3)))[1]
    many = interval_of(0.5, 49, 100.0, drift_of(np.tile(shares, 20), np.tile(errors, 20), np.ones(60)))[1]
    assert few < 8 < many
