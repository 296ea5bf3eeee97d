"""Heaps at a line: planted, absent, unknown."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from explain_worlds import LINE, WINDOW, in_window, quiet, sign, slice_of, with_padding

from contextcheck.explain.density import Layout, excess_mass, heap_weights
from contextcheck.explain.signs.bunching import ABOVE, BELOW, Bunching, bins_of, layout_of
from contextcheck.explain.signs.outcome import money

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "bunching"
ABOVE_LINE = sign("bunching", at="free_shipping_threshold", expect="above", among="cancelled_or_changed")
NO_HEAP = sign("bunching", at="free_shipping_threshold", expect="none", among="cancelled_or_changed")


def test_padding_is_seen_with_the_planted_share_inside_the_interval():
    frame = with_padding(quiet(2), 2)
    outcome = Bunching().test(slice_of(frame), ABOVE_LINE)
    evidence = outcome.evidence
    assert evidence.result == "supports"
    cancelled = frame["status"].isin(["cancelled", "partially_cancelled"]) & in_window(frame)
    # every padded basket lies in the heap; the rest of the group is heaped as before
    planted = (frame["status"] == "partially_cancelled").sum() / cancelled.sum()
    assert evidence.effect.low <= planted <= evidence.effect.high
    assert "just above ₩50,000" in evidence.sentence and "is usual here" in evidence.sentence
    inside = frame["order_total"].between(36 * (1 - 1e-9), 36 * 1.15 * (1 - 1e-9), inclusive="left")
    group = frame["status"].isin(["cancelled", "partially_cancelled"])
    assert (outcome.members == (inside & group).to_numpy()).all()


def test_a_spike_without_a_heap_contradicts():
    frame = quiet(2)
    rng = np.random.default_rng(2)
    frame.loc[in_window(frame) & (rng.random(len(frame)) < 0.25), "status"] = "cancelled"
    assert Bunching().test(slice_of(frame), ABOVE_LINE).evidence.result == "contradicts"
    assert Bunching().test(slice_of(frame), NO_HEAP).evidence.result == "supports"


def test_a_heap_contradicts_where_none_is_expected():
    assert Bunching().test(slice_of(with_padding(quiet(2), 2)), NO_HEAP).evidence.result == "contradicts"


def test_a_heap_that_was_always_there_explains_nothing_new():
    frame = quiet(4)
    rng = np.random.default_rng(4)
    heaped = rng.random(len(frame)) < 0.3
    frame.loc[heaped, "order_total"] = LINE.amount * rng.uniform(1, 1.12, heaped.sum())
    frame.loc[in_window(frame) & (rng.random(len(frame)) < 0.25), "status"] = "cancelled"
    assert Bunching().test(slice_of(frame), ABOVE_LINE).evidence.result != "supports"


def test_an_unknown_line_and_too_few_orders_are_not_tested_with_the_reason():
    no_line = Bunching().test(slice_of(quiet(1), lines={}), ABOVE_LINE).evidence
    assert no_line.result == "not_testable" and "no free_shipping_threshold is known for KR" in no_line.reason
    few = quiet(1, orders_per_day=10)
    assert "30 needed" in Bunching().test(slice_of(few), ABOVE_LINE).evidence.reason
    no_column = Bunching().test(slice_of(quiet(1).drop(columns="order_total")), ABOVE_LINE).evidence
    assert no_column.reason == "the orders have no order_total column"


def test_one_agent_who_pads_400_times_is_not_400_decisions():
    frame = with_padding(quiet(2, cancel_rate=0.0), 2)
    frame.loc[frame["status"] == "partially_cancelled", "customer_id"] = "agent"
    evidence = Bunching().test(slice_of(frame), ABOVE_LINE).evidence
    assert evidence.result == "not_testable" and "decisions of about one customer" in evidence.reason


def test_a_smooth_cubic_density_has_no_excess_and_a_planted_one_is_recovered_exactly():
    # a polynomial of degree 3 is fitted without error by one of degree 5; 40 orders are added to the heap's bins
    middles = np.arange(0.275, 2.75, 0.05)
    smooth = 100 + 30 * middles - 20 * middles**2 + 4 * middles**3
    above, below = (layout_of(heap, 36.0, is_displaced=False) for heap in (ABOVE, BELOW))
    assert excess_mass(smooth, above) == pytest.approx(0.0, abs=1e-8)
    heaped = smooth + np.where((middles > 1.0) & (middles < 1.15), 40.0, 0.0)
    assert excess_mass(heaped, above) == pytest.approx(120.0)
    assert excess_mass(smooth, below) == pytest.approx(0.0, abs=1e-8)


def test_the_fit_agrees_with_numpys_least_squares():
    rng = np.random.default_rng(1)
    middles = np.arange(0.275, 2.75, 0.05)
    counts = rng.poisson(100, len(middles)).astype(float)
    outside = (middles < 0.85) | (middles > 1.30)
    fitted = np.polynomial.Polynomial.fit(middles[outside], counts[outside], 5)
    inside = (middles > 1.0) & (middles < 1.15)
    layout = Layout(middles, outside, inside, np.zeros(len(middles), dtype=bool))
    assert heap_weights(layout) @ counts == pytest.approx(counts[inside].sum() - fitted(middles[inside]).sum())


def kink_bins() -> tuple[np.ndarray, np.ndarray]:
    table = pd.read_csv(FIXTURES / "kink_bins.csv")
    return table["bin"].to_numpy(dtype=float), table["orders"].to_numpy(dtype=float)


def test_the_kink_example_of_r_bunching_comes_out():
    # vignette of R bunching 0.8.6: polynomial of degree 4, 20 bins on each side, integration constraint on the bins
    # above; B = 629.5111 and b = 1.822088 (stopped when B moved by less than 1), 1.989 without the correction
    bins, counts = kink_bins()
    at, above = bins == 10000, bins > 10000
    free = Layout(bins, ~at, at, np.zeros(len(bins), dtype=bool), degree=4)
    excess = float(excess_mass(counts, free))
    height = float(counts[at].sum()) - excess
    assert excess / height == pytest.approx(1.989, abs=0.0005)
    held = Layout(bins, ~at, at, above, degree=4)
    corrected = float(excess_mass(counts, held))
    assert corrected == pytest.approx(629.5111, abs=0.5)
    assert corrected / (float(counts[at].sum()) - corrected) == pytest.approx(1.822088, abs=0.004)


def test_the_curve_holds_as_many_orders_as_there_are():
    bins, counts = kink_bins()
    at, above = bins == 10000, bins > 10000
    layout = Layout(bins, ~at, at, above, degree=4)
    excess = float(excess_mass(counts, layout))
    raised = counts + excess * np.where(above, counts, 0.0) / counts[above].sum()
    design = layout.design()
    curve = design @ (np.linalg.pinv(design[~at]) @ raised[~at])
    # outside the heap the curve has the sum of the raised counts, inside what is left when the excess is taken away
    assert curve.sum() == pytest.approx(counts.sum(), rel=1e-3)


def test_diamonds_heap_just_above_one_carat():
    # R for Data Science: 23 diamonds of 0.99 carat, 1,558 of 1.00
    table = pd.read_csv(FIXTURES / "diamonds_by_carat.csv").set_index("carat")["diamonds"]
    assert (table[0.99], table[1.00]) == (23, 1558)
    code = bins_of(table.index.to_numpy(dtype=float))
    counts = np.bincount(code, weights=table.to_numpy(), minlength=51)[:50]
    inside = table[(table.index >= 1.0) & (table.index < 1.15)].sum()
    above = float(excess_mass(counts, layout_of(ABOVE, 1.0, is_displaced=True)))
    assert 0.5 * inside < above < inside
    assert table[(table.index >= 0.95) & (table.index < 1.0)].sum() < inside / 20  # 65 + 103 + 59 + 31 + 23


def test_amounts_that_are_round_everywhere_are_no_heap_at_a_round_line():
    # a smooth density, and 40 more in every bin that holds a multiple of 5 in local money; the line is 50
    middles = np.arange(0.275, 2.75, 0.05)
    smooth = 100 + 30 * middles - 20 * middles**2 + 4 * middles**3
    is_round = np.round((middles - 0.025) * 50, 6) % 5 == 0
    counts = smooth + 40.0 * is_round
    layout = layout_of(ABOVE, 50.0, is_displaced=False)
    assert len(layout.rounds) == 2  # multiples of 10, and of 5 that are none of 10
    assert excess_mass(counts, layout) == pytest.approx(0.0, abs=1e-6)
    without = Layout(layout.position, layout.fitted, layout.heap, layout.source)
    assert excess_mass(counts, without) > 10


@pytest.mark.slow
def test_orders_that_move_over_the_line_are_recovered_within_the_interval_in_93_of_100_worlds():
    # among all orders, a tenth of those at 0.4 to 1.0 of the line is filled up to it; a fifth of all prices is round
    everybody = sign("bunching", at="free_shipping_threshold", expect="above", among="all")
    hits = 0
    for seed in range(100):
        frame = quiet(3000 + seed, is_lean=True)
        rng = np.random.default_rng(seed)
        rounded = rng.random(len(frame)) < 0.2
        frame.loc[rounded, "order_total"] = np.maximum(np.round(frame.loc[rounded, "order_total"] / 3.6), 1) * 3.6
        ratio = frame["order_total"] / LINE.amount
        padded = in_window(frame) & ratio.between(0.4, 0.999).to_numpy() & (rng.random(len(frame)) < 0.25)
        frame.loc[padded, "order_total"] = LINE.amount * rng.uniform(1.0, 1.12, padded.sum())
        effect = Bunching().test(slice_of(frame), everybody).evidence.effect
        hits += effect.low <= padded.sum() / in_window(frame).sum() <= effect.high
    assert hits >= 93


def test_a_basket_equal_to_the_line_up_to_rounding_lies_above_it():
    # 0.1 + 0.2 is a hair above 0.3; its neighbour below must fall into the same bin as the line itself
    line = 0.3
    values = np.array([0.1 + 0.2, 0.3, np.nextafter(0.3, 0), 0.29]) / line
    bins = bins_of(values)
    assert bins.tolist() == [15, 15, 15, 14]  # (1.0 - 0.25) / 0.05 = 15


def test_money_is_shown_as_people_there_know_it():
    assert money(LINE, LINE.amount) == "₩50,000"


def test_no_heap_is_seen_in_quiet_worlds():
    seen = 0
    for seed in range(60):
        frame = quiet(1000 + seed, orders_per_day=60, customers=800, is_lean=True)
        seen += Bunching().test(slice_of(frame), ABOVE_LINE).evidence.result == "supports"
    assert seen <= 3


@pytest.mark.slow
def test_the_planted_excess_lies_in_the_interval_in_93_of_100_worlds():
    hits = 0
    for seed in range(100):
        frame = with_padding(quiet(2000 + seed), seed)
        cancelled = frame["status"].isin(["cancelled", "partially_cancelled"]) & in_window(frame)
        planted = (frame["status"] == "partially_cancelled").sum() / cancelled.sum()
        effect = Bunching().test(slice_of(frame), ABOVE_LINE).evidence.effect
        # the group's other orders heap by chance as before: their share shrinks by what was planted
        hits += effect.low <= planted <= effect.high
    assert hits >= 93


def test_without_a_past_the_smooth_curve_is_the_reference():
    frame = with_padding(quiet(2), 2)
    frame = frame[in_window(frame)].reset_index(drop=True)
    evidence = Bunching().test(slice_of(frame, before=None, before_reason="none"), ABOVE_LINE).evidence
    assert evidence.result == "supports" and "usual" not in evidence.sentence
    assert pd.Timestamp(WINDOW.start) <= frame["created_at"].min()
