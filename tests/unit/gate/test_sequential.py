"""The anytime-valid bounds: formula, false alarms, time to detect."""

from __future__ import annotations

from datetime import date, timedelta
from math import inf, log, sqrt

import numpy as np
import pytest

from contextcheck.gate.sequential import (
    alpha_of_restart,
    best_reach,
    bounds,
    days_until_known,
    information,
    reach,
    recent_mean,
)

LAUNCH = date(2026, 3, 2)
NOISE = 100.0
DAYS_BEFORE = 56


def days(count: int) -> list[date]:
    return [LAUNCH + timedelta(days=number) for number in range(count)]


def test_information_of_a_whole_week_is_that_of_a_difference_of_means() -> None:
    # Variance of a mean of 7 days less a mean of 56 days: 100^2 x (1/7 + 1/56).
    assert 1 / information(7, [1] * 7, 100.0, 56) == pytest.approx(100**2 * (1 / 7 + 1 / 56))


def test_information_of_one_day_knows_that_only_eight_days_like_it_lie_behind() -> None:
    assert 1 / information(1, [1, 0, 0, 0, 0, 0, 0], 100.0, 56) == pytest.approx(100**2 * (1 + 1 / 8))


def test_the_bound_is_the_published_formula() -> None:
    # With information t / s^2 this is the one-sided bound of Waudby-Smith et al. (2024):
    # s x sqrt(2 (t r^2 + 1) / (t^2 r^2) x log(1 + sqrt(t r^2 + 1) / (2 alpha))), here t = 10, s = 3, alpha = 0.05,
    # r^2 = (-2 log(0.1) + log(1 - 2 log(0.1))) / 5.
    squared = (-2 * log(0.1) + log(1 - 2 * log(0.1))) / 5
    grown = 10 * squared + 1
    expected = 3 * sqrt(2 * grown / (100 * squared) * log(1 + sqrt(grown) / 0.1))
    assert reach(10 / 9, 5 / 9, 0.05) == pytest.approx(expected)


def test_the_restarts_spend_no_more_than_alpha() -> None:
    assert sum(alpha_of_restart(number, 0.05) for number in range(10_000)) <= 0.05
    assert alpha_of_restart(0, 0.05) == 0.025


def test_a_day_without_any_noise_is_known_exactly() -> None:
    assert information(3, [1, 1, 1, 0, 0, 0, 0], 0.0, 56) == inf
    assert bounds(days(3), [-5.0] * 3, 0.0, 56, 0.05).upper == -5.0


def test_harm_is_dated_from_the_day_since_which_it_is_certain() -> None:
    found = bounds(days(20), [-200.0] * 20, NOISE, DAYS_BEFORE, 0.05)
    assert found.upper < 0
    first = found.harm_since_day
    assert bounds(days(first), [-200.0] * first, NOISE, DAYS_BEFORE, 0.05).upper < 0
    assert bounds(days(first - 1), [-200.0] * (first - 1), NOISE, DAYS_BEFORE, 0.05).upper >= 0


def test_late_harm_is_not_diluted_by_good_weeks() -> None:
    effects = [50.0] * 28 + [-250.0] * 7
    assert np.mean(effects) < 0.0
    found = bounds(days(35), effects, NOISE, DAYS_BEFORE, 0.05)
    assert found.upper < 0
    assert found.upper_since == 29


def test_the_recent_mean_is_shrunk_as_the_normal_model_says() -> None:
    # Data: mean -200 of 7 days, variance 100^2 x (1/7 + 1/56) = 1,607.1; prior sd 5 % of 10,000 = 500:
    # -200 x (1 / 1607.1) / (1 / 1607.1 + 1 / 250000) = -198.72.
    mean, spread = recent_mean(days(14), [0.0] * 7 + [-200.0] * 7, NOISE, DAYS_BEFORE, 10_000.0)
    assert mean == pytest.approx(-198.72, abs=0.01)
    assert spread == pytest.approx(sqrt(1 / (1 / 1607.142857 + 1 / 250_000)), rel=1e-6)


def one_run(rng: np.random.Generator, effect: float, dependence: float, looks: int) -> int:
    """First look (0: none) at which the upper bound is below 0; noise is AR(1), the past is noisy as well."""
    total = DAYS_BEFORE + looks
    shocks = rng.normal(size=total) * NOISE * sqrt(1 - dependence**2)
    series = np.empty(total)
    series[0] = rng.normal() * NOISE
    for number in range(1, total):
        series[number] = dependence * series[number - 1] + shocks[number]
    series -= np.mean(series[:DAYS_BEFORE])
    inflated = NOISE * sqrt((1 + dependence) / (1 - dependence))
    effects = series[DAYS_BEFORE:] + effect
    for look in range(1, looks + 1):
        if bounds(days(look), effects[:look].tolist(), inflated, DAYS_BEFORE, 0.05).upper < 0:
            return look
    return 0


def first_looks(runs: int, effect: float, dependence: float, seed: int) -> list[int]:
    rng = np.random.default_rng(seed)
    return [one_run(rng, effect, dependence, 28) for _ in range(runs)]


@pytest.mark.parametrize("dependence", [0.0, 0.4])
def test_a_harmless_feature_is_hardly_ever_called_harmful(dependence: float) -> None:
    found = first_looks(250, 0.0, dependence, seed=5)
    # alpha is 5 %; 250 runs have a standard error of 1.4 points.
    assert sum(look > 0 for look in found) / 250 <= 0.05


def test_a_clear_harm_is_found_within_days() -> None:
    found = first_looks(100, -3 * NOISE, 0.0, seed=6)
    assert all(look > 0 for look in found)
    assert float(np.median(found)) <= 3


@pytest.mark.slow
@pytest.mark.parametrize(("dependence", "seed"), [(0.0, 1), (0.3, 2), (0.6, 3)])
def test_false_alarms_stay_under_alpha_over_two_thousand_features(dependence: float, seed: int) -> None:
    found = first_looks(2000, 0.0, dependence, seed)
    assert sum(look > 0 for look in found) / 2000 <= 0.05


def test_the_day_when_waiting_will_have_answered() -> None:
    # 1.6449 x 100 x sqrt(1/n + 1/56) < 30: 1/n < (30 / 164.49)^2 - 1/56 = 0.03326 - 0.01786, so n > 64.9.
    assert days_until_known(100.0, 56, 30.0, 0.05) == 65
    # However long: 164.49 / sqrt(56) = 21.98, so that 20 is never reached.
    assert days_until_known(100.0, 56, 20.0, 0.05) == 0
    assert best_reach(100.0, 56, 0.05) == pytest.approx(21.98, abs=0.01)
