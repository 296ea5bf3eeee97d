"""Each statistic behind a sign against a value from outside: a published table, another package, or exact counting."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from explain_worlds import quiet, sign, slice_of

from contextcheck.explain.proportions import difference, p_higher, p_share_above, wilson
from contextcheck.explain.resampling import effective_number, holm
from contextcheck.explain.signs.calendar import two_means
from contextcheck.explain.signs.composition import mix_part
from contextcheck.explain.signs.concentration import Units, permutation_p
from contextcheck.explain.signs.peers import Moves, outside_p
from contextcheck.explain.signs.recurrence import log_move
from contextcheck.explain.signs.spread import permuted_top_share, top_share
from contextcheck.explain.signs.value_kept import ValueKept
from contextcheck.explain.signs.voice import _welch
from contextcheck.explain.signs.volume import Volume


# Newcombe (1998), Two-sided confidence intervals for the single proportion, Statistics in Medicine 17, table I,
# method 3 (score without continuity correction): behind kept_share, delay, rebuy and duplicates
@pytest.mark.parametrize(
    ("events", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_of_a_share_is_newcombes_method_3(events, n, low, high):
    found = wilson(events / n, n)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


# Newcombe (1998), Interval estimation for the difference between independent proportions, Statistics in Medicine 17,
# table II, method 10: behind voice
@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_the_interval_of_a_difference_is_newcombes_method_10(first, second, low, high):
    found = difference(first[0] / first[1], first[1], second[0] / second[1], second[1])
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_the_test_of_a_difference_is_pearsons_chi_square():
    from scipy import stats

    table = np.array([[56, 14], [48, 32]])
    chi2 = stats.chi2_contingency(table, correction=False)
    assert 2 * p_higher(56 / 70, 70, 48 / 80, 80) == pytest.approx(chi2.pvalue)
    # 60 of 100 against a half: z = 2, upper tail of the normal table 0.0228
    assert p_share_above(0.6, 100, 0.5) == pytest.approx(0.02275, abs=1e-5)


def das_gupta() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Death rates per 1,000 and population in thousands by race and age, United States 1970 and 1985."""
    size = np.array(
        [
            3041, 11577, 27450, 32711, 35480, 27411, 19555, 19795, 15254, 8022, 2472,
            707, 2692, 6473, 6841, 6547, 4352, 3034, 2540, 1749, 804, 236,
            2968, 11484, 34614, 30992, 21983, 20314, 20928, 16897, 11339, 5720, 1315,
            535, 2162, 6120, 4781, 3096, 2718, 2363, 1767, 1149, 448, 117,
        ], dtype=float,
    )  # fmt: skip
    rate = np.array(
        [
            9.163, 0.462, 0.248, 0.929, 1.084, 1.810, 4.715, 12.187, 27.728, 64.068, 157.570,
            17.208, 0.738, 0.328, 1.103, 2.045, 3.724, 8.052, 17.812, 34.128, 68.276, 125.161,
            18.469, 0.751, 0.391, 1.146, 1.287, 2.672, 6.636, 15.691, 34.723, 79.763, 176.837,
            36.993, 1.352, 0.541, 2.040, 3.523, 6.746, 12.967, 24.471, 45.091, 74.902, 123.205,
        ]
    )  # fmt: skip
    return size[22:] / size[22:].sum(), size[:22] / size[:22].sum(), rate[22:], rate[:22]


def test_mix_and_rate_parts_of_death_rates_1970_and_1985():
    # Das Gupta (1993), Standardization and decomposition of rates, example 5.3, as R's DasGuptR 2.1.0 prints it: crude
    # rates 9.421833 and 8.735618, rate effect -2.2277254 of -0.6862158
    w0, w1, p0, p1 = das_gupta()
    crude = float((w0 * p0).sum()), float((w1 * p1).sum())
    assert crude == pytest.approx((9.421833, 8.735618), abs=1e-6)
    mix = float(mix_part(w0[:, None], w1[:, None], p0[:, None], p1[:, None])[0])
    rate = float(((p1 - p0) * (w0 + w1) / 2).sum())
    assert mix + rate == pytest.approx(crude[1] - crude[0])
    assert rate == pytest.approx(-2.2277254, abs=1e-6)
    assert mix == pytest.approx(-0.6862158 + 2.2277254, abs=1e-6)


def test_the_effective_number_is_the_inverse_of_the_herfindahl_index():
    # U.S. Department of Justice, "Herfindahl-Hirschman Index": firms of 30, 30, 20 and 20 % give 2,600
    firms = np.repeat(np.arange(4), [30, 30, 20, 20])
    assert 10_000 / effective_number(firms) == pytest.approx(2600)


def test_the_permutation_of_events_over_orders_agrees_with_counting_all_cases():
    # four customers with 4, 2, 1 and 1 orders, three events: the largest share over all 56 choices of three orders
    holders = np.repeat(np.arange(4), [4, 2, 1, 1])
    shares = [np.bincount(holders[list(three)], minlength=4).max() / 3 for three in combinations(range(8), 3)]
    amounts = np.array([1.0, 1, 1, 0, 0, 0, 0, 0])
    seen = top_share(np.bincount(holders, weights=amounts, minlength=4).astype(float), 4)
    usual, p_value = permuted_top_share(holders, amounts, int(holders.max()) + 1, 0, seen, 20_000)
    assert usual == pytest.approx(np.mean(shares), abs=0.006)
    assert p_value == pytest.approx(
        np.mean(np.array(shares) >= 1.0 - 1e-12), abs=0.006
    )  # all three in one hand: 4 / 56


def test_the_permutation_of_labels_agrees_with_the_hypergeometric_tail():
    # 60 customers with one order each, 12 of them flagged; a group of 10 has 7 of these. Fisher's exact test, one-sided
    from scipy import stats

    events = np.zeros(60)
    events[[0, 1, 2, 3, 4, 5, 6, 20, 21, 22, 23, 24]] = 1.0
    label = np.where(np.arange(60) < 10, 0, -1)
    units = Units(events, np.ones(60), label, np.zeros(60, dtype=np.int64), 1)
    exact = stats.fisher_exact([[7, 3], [5, 45]], alternative="greater").pvalue
    assert permutation_p(units, 0, 20_000) == pytest.approx(exact, abs=0.0006)


def test_scores_are_compared_by_welchs_t_test():
    from scipy import stats

    rng = np.random.default_rng(5)
    now, usual = rng.normal(3.4, 1.0, 80), rng.normal(3.8, 0.6, 200)
    estimate, p_up = _welch(now, np.arange(80.0), usual, np.arange(200.0))
    theirs = stats.ttest_ind(now, usual, equal_var=False)
    assert 1 - p_up == pytest.approx(theirs.pvalue / 2)
    assert (estimate.low, estimate.high) == pytest.approx(tuple(theirs.confidence_interval(0.95)))


def test_two_means_and_log_moves_are_student_intervals():
    from scipy import stats

    rng = np.random.default_rng(6)
    named, others = rng.normal(2, 0.2, 4), rng.normal(1, 0.2, 30)
    _, margin, error = two_means(named, others, float(others.std(ddof=1)), 29)
    assert margin / error == pytest.approx(stats.t.ppf(0.975, 29))
    value, low, _, error = log_move(np.exp(named), np.exp(others))
    assert (value - low) / error == pytest.approx(stats.t.ppf(0.975, 29))


def test_a_region_outside_the_others_is_a_new_observation_of_a_t_sample():
    from scipy import stats

    others = np.array([0.05, -0.02, 0.11, 0.0, 0.04])
    # prediction interval of one more observation: its p-value is where the interval just reaches it
    distance = abs(0.4 - others.mean()) / (others.std(ddof=1) * np.sqrt(1 + 1 / 5))
    assert outside_p(Moves(0.4, others, ())) == pytest.approx(2 * stats.t.sf(distance, 4))


def test_ratios_to_the_past_have_the_error_of_the_delta_method():
    # Cochran (1977), Sampling Techniques, ratio of two means: relative variances add
    frame = quiet(8, customers=60_000, is_lean=True)
    slice_ = slice_of(frame)
    effect = ValueKept().test(slice_, sign("value_kept", expect="unchanged")).evidence.effect
    window = frame["retained_total"][slice_.in_window], frame["retained_total"][~slice_.in_window]
    error = np.sqrt(sum(each.var() / len(each) / each.mean() ** 2 for each in window)) * effect.value
    assert (effect.high - effect.low) / (2 * 1.96) == pytest.approx(error, rel=0.15)
    rates = Volume().test(slice_, sign("volume", expect="only", margin=0.5)).evidence.effect
    now, then = (slice_.amount[each].mean() for each in (slice_.in_window, ~slice_.in_window))
    counts = int(slice_.in_window.sum()), int((~slice_.in_window).sum())
    error = np.sqrt((1 - now) / now / counts[0] + (1 - then) / then / counts[1]) * rates.value
    assert (rates.high - rates.low) / (2 * 1.96) == pytest.approx(error, rel=0.15)


def test_the_correction_for_looking_is_holms():
    # example of R's p.adjust documentation style: 0.01, 0.04, 0.03, 0.005 become 0.03, 0.06, 0.06, 0.02
    assert holm(np.array([0.01, 0.04, 0.03, 0.005])).tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])
