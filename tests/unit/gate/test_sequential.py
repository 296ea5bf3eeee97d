"""The anytime-valid bounds: formula, false alarms, time to detect."""

from __future__ import annotations

from datetime import date, timedelta
from math import inf, log, sqrt

import numpy as np
import pytest

from contextcheck.gate.critical import critical_value
from contextcheck.gate.information import information, information_table
from contextcheck.gate.sequential import (
    alpha_of_restart,
    best_reach,
    bounds,
    days_until_known,
    reach,
    upper_path,
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


def noisy_days(runs: int, looks: int, dependence: float, seed: int) -> np.ndarray:
    """Effects of harmless launches: AR(1) noise, compared with weekday means of a past that is as noisy."""
    rng = np.random.default_rng(seed)
    shocks = rng.normal(size=(runs, DAYS_BEFORE + looks)) * NOISE * sqrt(1 - dependence**2)
    series = np.empty_like(shocks)
    series[:, 0] = rng.normal(size=runs) * NOISE
    for day in range(1, series.shape[1]):
        series[:, day] = dependence * series[:, day - 1] + shocks[:, day]
    past = series[:, :DAYS_BEFORE].reshape(runs, -1, 7).mean(axis=1)
    return series[:, DAYS_BEFORE:] - np.tile(past, looks // 7 + 1)[:, :looks]


def ever_harmful(effects: np.ndarray, dependence: float, alpha: float = 0.05) -> np.ndarray:
    inflated = np.full(len(effects), NOISE * sqrt((1 + dependence) / (1 - dependence)))
    weekdays = np.arange(effects.shape[1]) % 7
    return upper_path(effects, inflated, weekdays, DAYS_BEFORE, alpha).upper < 0


@pytest.mark.parametrize(("dependence", "seed"), [(0.0, 1), (0.3, 2), (0.6, 3)])
@pytest.mark.parametrize("alpha", [0.05, 0.2])
def test_false_alarms_stay_under_alpha_over_two_thousand_features(dependence: float, seed: int, alpha: float) -> None:
    found = ever_harmful(noisy_days(2000, 28, dependence, seed), dependence, alpha).any(axis=1).mean()
    # 2,000 runs have a standard error of 0.5 (0.9) points.
    assert found <= alpha + 2 * sqrt(alpha * (1 - alpha) / 2000)


def test_most_of_alpha_is_used_in_the_watch_so_that_evidence_is_not_dearer_than_it_must_be() -> None:
    assert ever_harmful(noisy_days(4000, 28, 0.0, 7), 0.0, 0.2).any(axis=1).mean() > 0.14


def test_after_the_watch_hardly_anything_is_left_to_spend() -> None:
    alarms = ever_harmful(noisy_days(2000, 200, 0.0, 8), 0.0)
    assert alarms[:, 27].mean() <= alarms[:, -1].mean() <= alarms[:, 27].mean() + 0.002


def test_a_clear_harm_is_found_within_days() -> None:
    alarms = ever_harmful(noisy_days(400, 28, 0.0, 6) - 3 * NOISE, 0.0)
    assert alarms.any(axis=1).all()
    assert np.median(alarms.argmax(axis=1) + 1) <= 2


def test_a_bound_once_reached_holds_on() -> None:
    effects = [-300.0] * 7 + [0.0] * 60
    assert bounds(days(7), effects[:7], NOISE, DAYS_BEFORE, 0.05).upper < 0
    found = bounds(days(67), effects, NOISE, DAYS_BEFORE, 0.05)
    assert found.upper < 0 and found.harm_since_day <= 7


def test_many_series_at_once_give_what_each_gives_alone() -> None:
    effects, noise = noisy_days(5, 40, 0.2, 9), np.array([80.0, 100.0, 120.0, 90.0, 110.0])
    weekdays = np.array([day.weekday() for day in days(40)])
    together = upper_path(effects, noise, weekdays, DAYS_BEFORE, 0.05)
    for row in range(5):
        alone = bounds(days(40), effects[row].tolist(), noise[row], DAYS_BEFORE, 0.05)
        assert alone.upper == pytest.approx(together.upper[row, -1])
        assert alone.upper_since == together.start[row, -1] + 1


@pytest.mark.parametrize(("looks", "published"), [(2, 2.178), (5, 2.413), (7, 2.485)])
def test_the_constant_is_the_published_one_where_there_are_no_restarts(looks: int, published: float) -> None:
    # Pocock's constants for two-sided 5 %: Jennison and Turnbull (2000), Group Sequential Methods, table 2.1; one side
    # of it is 2.5 % but for the chance of crossing both. The constant here is for 0.99 alpha, taken on the safe side.
    assert critical_value(0, 0, looks, 0.025 / 0.99) == pytest.approx(published, abs=0.04)


def test_a_tiny_alpha_is_divided_by_every_look_and_the_noise_of_a_short_past_counts() -> None:
    # 0.99 x 1e-6 / (28 days x 4 sequences) = 8.8e-9: the normal quantile is 5.63.
    assert critical_value(0, 0, 28, 1e-6) == pytest.approx(5.63, abs=0.01)
    assert critical_value(0, 14, 28, 0.05) > critical_value(0, 56, 28, 0.05) > critical_value(0, 0, 28, 0.05)


def test_the_table_of_information_is_that_of_each_sequence_alone() -> None:
    weekdays = np.array([day.weekday() for day in days(17)])
    table = information_table(weekdays, DAYS_BEFORE)
    assert table.shape == (3, 17)
    counts = np.bincount(weekdays[7:12], minlength=7)
    assert table[1, 11] == pytest.approx(information(5, counts, 1.0, DAYS_BEFORE))
    assert table[2, 13] == 0


def test_without_a_past_only_the_days_count() -> None:
    assert 1 / information(7, [1] * 7, 100.0, 0) == pytest.approx(100**2 / 7)


def test_the_day_when_waiting_will_have_answered() -> None:
    # 1.6449 x 100 x sqrt(1/n + 1/56) < 30: 1/n < (30 / 164.49)^2 - 1/56 = 0.03326 - 0.01786, so n > 64.9.
    assert days_until_known(100.0, 56, 30.0, 0.05) == 65
    # However long: 164.49 / sqrt(56) = 21.98, so that 20 is never reached.
    assert days_until_known(100.0, 56, 20.0, 0.05) == 0
    assert best_reach(100.0, 56, 0.05) == pytest.approx(21.98, abs=0.01)
