"""The bootstrap over customers and the correction for looking, against hand calculation, scipy and statsmodels."""

from __future__ import annotations

import numpy as np
import pytest

from contextcheck.explain.resampling import (
    GROUPS,
    Draws,
    Resampler,
    customer_groups,
    effective_number,
    holm,
    p_above,
    ratio,
)


def test_repeat_buyers_widen_the_interval_as_the_cluster_formula_says():
    rng = np.random.default_rng(0)
    customers, per_customer = 3000, 5
    cluster = np.repeat(np.arange(customers), per_customer)
    fits = np.repeat(rng.random(customers) < 0.4, per_customer)  # all orders of a customer are alike
    resampler = Resampler(customer_groups(cluster), 1)
    share = ratio(resampler.totals(fits.astype(float)), resampler.totals(np.ones(len(fits))))
    # perfect correlation inside clusters of equal size: standard error sqrt(p(1-p)/customers), as if one order each
    by_hand = np.sqrt(fits.mean() * (1 - fits.mean()) / customers)
    assert share.standard_error == pytest.approx(by_hand, rel=0.12)
    # and clearly more than the 1 / sqrt(5) of it that counting orders would give
    assert share.standard_error > 1.8 * by_hand / np.sqrt(per_customer)


def test_single_orders_give_the_binomial_error():
    rng = np.random.default_rng(3)
    fits = rng.random(20_000) < 0.2
    resampler = Resampler(customer_groups(np.arange(20_000)), 1)
    share = ratio(resampler.totals(fits.astype(float)), resampler.totals(np.ones(len(fits))))
    assert share.standard_error == pytest.approx(np.sqrt(0.16 / 20_000), rel=0.12)


def test_customers_fall_into_all_groups_evenly_and_stay_in_theirs():
    cluster = np.arange(40_000)
    groups = customer_groups(cluster)
    counts = np.bincount(groups, minlength=GROUPS)
    assert counts.min() > 50 and counts.max() < 160  # Poisson(100): 5 standard deviations are 50
    assert (customer_groups(cluster[::-1]) == groups[::-1]).all()


def test_the_correction_for_looking_agrees_with_an_outside_implementation():
    # statsmodels.stats.multitest.multipletests([0.01, 0.04, 0.03, 0.005], method="holm")[1]
    assert holm(np.array([0.01, 0.04, 0.03, 0.005])) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_the_normal_tail_agrees_with_a_table():
    assert p_above(1.96, 1.0) == pytest.approx(0.025, abs=1e-4)
    assert p_above(0.0, 0.0) == 1.0 and p_above(0.1, 0.0) == 0.0


def test_one_bulk_buyer_is_one_decision():
    # Kish: (98 + 1 + 1)^2 / (98^2 + 1 + 1) = 10000 / 9606
    assert effective_number(np.array([0] * 98 + [1, 2])) == pytest.approx(10000 / 9606)
    assert effective_number(np.array([], dtype=np.int64)) == 0.0


def test_a_draw_that_is_not_finite_is_left_out_of_the_interval():
    estimate = Draws(1.0, np.array([np.nan, 0.5, 1.5, 1.0])).estimate()
    assert 0.5 <= estimate.low <= 1.0 <= estimate.high <= 1.5
