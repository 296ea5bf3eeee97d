"""Expected cost, the value of waiting, and alpha that follows the cost of a roll-back."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest

from contextcheck.gate.sequential import upper_path
from contextcheck.gate.worth import alpha_for, worth_path

WEEK = np.arange(28) % 7


def worth_of(effects: np.ndarray, break_even: float, noise: float = 100.0, base: float = 10_000.0):
    path = upper_path(effects, noise, WEEK[: len(effects)], 0, 0.05)
    return worth_path(
        effects, noise, WEEK[: len(effects)], 0, path, base_per_day=base, break_even=break_even, horizon_days=90
    )


def test_alpha_is_dear_where_a_roll_back_is_dear_and_follows_in_between() -> None:
    assert [alpha_for(days, 0.05) for days in (3, 10, inf)] == [0.05] * 3
    assert alpha_for(0.5, 0.05) == alpha_for(0.01, 0.05) == 0.2
    # 0.05 x (3 / 1)^(ln 4 / ln 6) = 0.05 x 3^0.7737 = 0.117
    assert alpha_for(1, 0.05) == pytest.approx(0.117, abs=0.0005)
    costs = np.linspace(0.4, 4, 50)
    falling = np.diff([alpha_for(cost, 0.05) for cost in costs])
    assert (falling <= 1e-12).all() and falling.min() > -0.025


def test_a_shop_that_accepts_more_than_the_cheap_alpha_keeps_its_own() -> None:
    assert alpha_for(0.1, 0.3) == 0.3


def test_the_newest_week_is_shrunk_as_the_normal_model_says() -> None:
    # Data: mean -200 of 7 days, variance 100^2 / 7 = 1,428.6; prior sd 3 % of 10,000 = 300, variance 90,000:
    # -200 x 90,000 / (90,000 + 1,428.6) = -196.87.
    effects = np.array([0.0] * 7 + [-200.0] * 7)
    assert worth_of(effects, 50.0).recent[-1] == pytest.approx(-196.87, abs=0.01)


def test_the_days_since_the_onset_are_those_of_the_sequence_that_speaks_loudest() -> None:
    effects = np.array([0.0] * 14 + [-200.0] * 7)
    assert worth_of(effects, 50.0).current[-1] == pytest.approx(-196.87, abs=0.01)


def test_a_harm_below_the_break_even_is_not_worth_a_roll_back() -> None:
    effects = np.full(14, -200.0)
    assert worth_of(effects, 100.0).says_roll_back[-1]
    assert not worth_of(effects, 250.0).is_below[-1]


def test_one_bad_week_of_a_harm_that_is_smaller_on_the_whole_is_not_worth_it() -> None:
    # The sequence from the launch is the loudest: its mean is -45, shrunk to -44.8; the newest week is -59.
    found = worth_of(np.array([-40.0] * 21 + [-60.0] * 7), 45.0)
    assert found.recent[-1] < -45 < found.current[-1]
    assert not found.is_below[-1]


def test_waiting_is_worth_what_a_simulation_of_it_gains() -> None:
    """One more day: draw truth and day from the posterior, decide again, average what that gains over deciding now."""
    rng = np.random.default_rng(4)
    effects, noise, base, limit, horizon = np.full(5, -60.0), 100.0, 2_000.0, -45.0, 90
    prior, known = (0.03 * base) ** 2, noise**2 / 5
    variance = prior * known / (prior + known)
    mean = -60.0 * prior / (prior + known)
    truth = mean + np.sqrt(variance) * rng.standard_normal(400_000)
    later_known = noise**2 / 6
    day = truth + noise * rng.standard_normal(truth.size)
    later_mean = (5 * -60.0 + day) / 6 * prior / (prior + later_known)
    gain = horizon * (np.maximum(later_mean, limit).mean() - max(mean, limit))
    cost = -mean
    found = worth_of(effects, -limit, noise, base)
    assert bool(found.is_waiting_dear[-1]) == bool(gain < cost)
    # the same decision on either side of the point where a day costs what it tells
    assert not worth_of(effects, -mean, noise, base).is_waiting_dear[-1] or gain < cost
    assert worth_of(np.full(28, -400.0), 45.0, noise, base).is_waiting_dear[-1]


def test_near_the_break_even_one_more_day_is_worth_it() -> None:
    found = worth_of(np.full(6, -52.0), 50.0, noise=60.0)
    assert found.is_below[-1] and not found.is_waiting_dear[-1]
