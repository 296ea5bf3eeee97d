"""Tail probabilities against scipy.stats."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

from contextcheck.detect.tails import event_tails, gamma_tails, prediction_interval, soften, tails


def arrays(*values: float) -> tuple[np.ndarray, ...]:
    return tuple(np.array([value]) for value in values)


@pytest.mark.parametrize("seen", [0, 1, 3, 7, 12, 30])
def test_without_extra_variance_a_rate_is_exactly_binomial(seen: int) -> None:
    expected = stats.binom(50, 0.06)
    upper, lower = event_tails(*arrays(seen, 3.0, 50 * 0.06 * 0.94))
    half = expected.pmf(seen) / 2
    assert upper[0] == pytest.approx(expected.sf(seen) + half, rel=1e-3, abs=1e-12)
    assert lower[0] == pytest.approx(expected.cdf(seen) - half, rel=1e-3, abs=1e-12)


@pytest.mark.parametrize("seen", [0, 2, 9, 25, 60])
def test_a_count_with_extra_variance_is_exactly_negative_binomial(seen: int) -> None:
    mean, extra = 9.0, 0.2
    variance = mean + extra * mean**2
    expected = stats.nbinom(1 / extra, 1 / (1 + extra * mean))
    upper, lower = event_tails(*arrays(seen, mean, variance))
    half = expected.pmf(seen) / 2
    assert upper[0] == pytest.approx(expected.sf(seen) + half, rel=1e-6)
    assert lower[0] == pytest.approx(expected.cdf(seen) - half, rel=1e-6)


def test_a_variance_equal_to_the_mean_is_poisson() -> None:
    upper, _ = event_tails(*arrays(12.0, 3.0, 3.0))
    assert upper[0] == pytest.approx(stats.poisson.sf(12, 3) + stats.poisson.pmf(12, 3) / 2, rel=0.02)


@pytest.mark.parametrize(("orders", "share"), [(20, 0.06), (60, 0.05), (300, 0.01), (40, 0.2)])
def test_an_overdispersed_rate_is_near_the_beta_binomial(orders: int, share: float) -> None:
    # beta with a coefficient of variation of 15 %: extra variance 0.0225 of the log rate
    extra = 0.0225
    total = share * (1 - share) / (extra * share**2) - 1
    expected = stats.betabinom(orders, share * total, (1 - share) * total)
    for seen in range(int(orders * share) + 1, min(orders, int(orders * share * 4) + 4)):
        exact = expected.sf(seen) + expected.pmf(seen) / 2
        upper, _ = tails("rate", *arrays(seen, orders * share, expected.var(), orders))
        if exact > 1e-7:
            # as a z-score no further off than 0.25 down to one in ten million
            assert abs(stats.norm.isf(upper[0]) - stats.norm.isf(exact)) < 0.25


def test_a_rate_above_one_half_is_judged_by_its_complement() -> None:
    high = stats.binom(50, 0.9)
    upper, lower = tails("rate", *arrays(38.0, 45.0, high.var(), 50.0))
    assert lower[0] == pytest.approx(high.cdf(38) - high.pmf(38) / 2, rel=1e-3)
    assert upper[0] == pytest.approx(high.sf(38) + high.pmf(38) / 2, rel=1e-3)


def test_three_expected_events_are_not_judged_by_the_normal() -> None:
    # ten events where three are expected: Poisson 1 in 1,000; the normal approximation would say 1 in 38,000
    upper, _ = tails("count", *arrays(10.0, 3.0, 3.0, 1.0))
    assert upper[0] == pytest.approx(stats.poisson.sf(10, 3) + stats.poisson.pmf(10, 3) / 2, rel=0.02)
    assert upper[0] > 10 * stats.norm.sf(7 / np.sqrt(3))


def test_sums_of_values_are_judged_by_the_gamma() -> None:
    upper, lower = gamma_tails(*arrays(30.0, 20.0, 25.0))
    assert upper[0] == pytest.approx(stats.gamma(16, scale=1.25).sf(30))
    assert lower[0] == pytest.approx(stats.gamma(16, scale=1.25).cdf(30))


def test_the_prediction_interval_holds_what_it_says() -> None:
    rng = np.random.default_rng(1)
    low, high = prediction_interval(np.array([40.0]), np.array([40 + 0.04 * 1600]))
    drawn = rng.poisson(40 * rng.gamma(1 / 0.04, 0.04, 20_000))
    assert ((drawn >= low[0]) & (drawn <= high[0])).mean() == pytest.approx(0.95, abs=0.012)


@pytest.mark.parametrize("days", [9.0, 20.0, 60.0, 1e6])
@pytest.mark.parametrize("heavy", [5.0, 20.0, 1e6])
def test_small_chances_are_those_of_heavy_tails_on_a_spread_that_is_not_known(days: float, heavy: float) -> None:
    """By numerical integration over the spread, whose square is chi-squared."""
    unit = np.sqrt(heavy / (heavy - 2))
    for score in (2.5, 4.0, 6.0):

        def on(share: float, score: float = score) -> float:
            return float(stats.t.sf(score * unit * np.sqrt(stats.chi2.ppf(share, days) / days), heavy))

        expected = quad(on, 0, 1, limit=400, points=[1e-6, 1e-4, 1e-2])[0]
        given = (np.array([each]) for each in (stats.norm.sf(score), days, heavy))
        # far out and with few days it is somewhat too large, never too small
        assert expected * 0.995 < soften(*given)[0] < expected * (1.02 if score < 5 and days > 9 else 1.2)


@pytest.mark.parametrize("number", [0.5, 2.0, 6.0])
def test_a_sum_without_any_value_is_as_likely_as_a_poisson_number_of_none(number: float) -> None:
    """A Poisson number of values of one size: mean and variance are those of the gamma variable, and 0 may come."""
    size = 0.3
    mean, variance = np.array([number * size]), np.array([number * size**2])
    _, lower = gamma_tails(np.zeros(1), mean, variance)
    assert lower[0] == pytest.approx(np.exp(-number))
    # of a sum of many values nothing is taken
    assert gamma_tails(np.array([80.0]), np.array([100.0]), np.array([25.0]))[1][0] == pytest.approx(
        stats.gamma.cdf(80, 400, scale=0.25)
    )
