"""Evidence → verdict, shares, placebo, drivers and accounts, with truths worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from explain_worlds import ORDERS, in_window, quiet, sign, slice_of, with_padding, with_ring
from test_investigate import PADDING, entry

from contextcheck.explain.accounts import review_accounts
from contextcheck.explain.drivers import find_drivers
from contextcheck.explain.placebo import is_too_flexible, quiet_slices, try_elsewhere, with_other_regions
from contextcheck.explain.scoring import Scored, corrected, score
from contextcheck.explain.signs.interface import SIGN_TESTS, SignOutcome, load_sign_test
from contextcheck.explain.verdict import divide, verdict_of
from contextcheck.knowledge.signs import SIGN_SPECS
from contextcheck.records import Evidence, Placebo


def evidence(result: str, weight: str = "strong", role: str = "sign", p_value: float | None = None) -> Evidence:
    return Evidence("bunching", result, "sentence", weight, role, p_value=p_value)  # type: ignore[arg-type]


YES, NO, OPEN = evidence("supports"), evidence("contradicts"), evidence("not_testable")
SPREAD = replace(YES, test="spread")
WEAK_YES, WEAK_NO = evidence("supports", "weak"), evidence("contradicts", "weak")


def other_test(one):
    """The same result of another kind of sign."""
    return replace(one, test="another")


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        ((YES, WEAK_YES), "supported"),
        ((YES, OPEN), "partly"),  # one sign alone, and the other could not be tested
        ((YES, other_test(YES)), "supported"),
        ((YES, other_test(WEAK_YES), OPEN, OPEN), "partly"),  # one of three strong signs is too few
        ((YES, OPEN, OPEN), "not_testable"),  # one of three signs says too little
        ((YES,), "supported"),  # all that the entry predicts
        ((WEAK_YES, WEAK_YES), "partly"),  # nothing strong
        ((WEAK_YES, WEAK_YES, OPEN), "not_testable"),  # only general predictions hold, its own could not be tested
        ((WEAK_YES, SPREAD, OPEN), "not_testable"),  # a broad spread is general too
        ((WEAK_YES, SPREAD), "partly"),  # no prediction of its own stayed open
        ((YES, WEAK_NO), "contradicted"),  # one for, one against
        ((YES, WEAK_YES, WEAK_NO), "supported"),
        ((OPEN, OPEN), "not_testable"),
        ((OPEN, evidence("contradicts", role="contradicted_by")), "contradicted"),
        ((YES, evidence("supports", "weak", "contradicted_by")), "supported"),
        ((OPEN, evidence("supports", "weak", "contradicted_by")), "not_testable"),  # no support from what is absent
        ((), "not_testable"),
    ],
)
def test_the_verdict_follows_the_documented_rules(found, verdict):
    assert verdict_of(found) == verdict


def test_many_weak_signs_never_outvote_a_strong_contradiction():
    assert verdict_of((NO, *(WEAK_YES,) * 50)) == "contradicted"
    assert verdict_of((NO, YES, YES, YES)) == "contradicted"


def test_every_sign_that_may_be_written_has_a_test_and_back():
    assert set(SIGN_TESTS) == set(SIGN_SPECS)
    for name in SIGN_TESTS:
        text = type(load_sign_test(name)).__doc__ or ""
        places = [text.find(heading) for heading in ("Method:", "Source:", "Blind spots:", "Example:")]
        assert -1 not in places and places == sorted(places), name


def test_looking_at_many_predictions_makes_a_faint_one_untested():
    one = entry("one", "norm", (sign("bunching", at="free_shipping_threshold", expect="above"),))
    scored = Scored(one, tuple(SignOutcome(evidence("supports", p_value=p)) for p in (0.02, 0.0001, 0.5)))
    (after,) = corrected([scored])
    # Holm: 0.0001 x 3 = 0.0003; 0.02 x 2 = 0.04; 0.5
    assert [round(each.p_value, 4) for each in after.evidence] == [0.04, 0.0003, 0.5]
    faint = Scored(one, tuple(SignOutcome(evidence("supports", p_value=p)) for p in (0.03, 0.03)))
    (after,) = corrected([faint])
    assert {each.result for each in after.evidence} == {"not_testable"}  # 0.03 x 2 = 0.06
    assert "looking at 2 predictions" in after.evidence[0].reason


def shared_out(slice_, *masks):
    return divide(slice_, [(f"m{i}", mask) for i, mask in enumerate(masks)])


def test_shares_are_the_excess_inside_the_footprint_by_hand():
    # past: 100 orders, 10 cancelled, 4 of them inside; window: 200 orders, 60 cancelled, 40 inside; scale 2
    # excess 60 - 2 x 10 = 40; inside 40 - 2 x 4 = 32; share 0.8, rest 0.2
    start = pd.Timestamp("2026-02-10")
    window = pd.Timestamp("2026-03-05")
    frame = pd.DataFrame(
        {
            "created_at": [start] * 100 + [window] * 200,
            "status": ["cancelled"] * 10 + ["delivered"] * 90 + ["cancelled"] * 60 + ["delivered"] * 140,
        }
    )
    inside = np.zeros(300, dtype=bool)
    inside[:4] = inside[100:140] = True
    division = shared_out(slice_of(frame), inside)
    assert division.shares["m0"].value == pytest.approx(0.8)
    assert division.unexplained.value == pytest.approx(0.2)


def test_an_order_is_given_to_the_most_specific_explanation_only():
    frame = with_ring(with_padding(quiet(1), 1), 1)
    ring = frame["customer_id"].str.startswith("ring").to_numpy()
    quick = (frame["cancelled_at"] - frame["created_at"] < pd.Timedelta(days=1)).to_numpy()
    division = shared_out(slice_of(frame), quick, ring)
    alone = shared_out(slice_of(frame), quick)
    assert division.shares["m1"].value == pytest.approx(200 / (200 + 478), abs=0.06)
    assert division.shares["m0"].value == pytest.approx(
        alone.shares["m0"].value - division.shares["m1"].value, abs=0.01
    )
    total = sum(each.value for each in division.shares.values()) + division.unexplained.value
    assert total == pytest.approx(1.0, abs=0.05)


def a_spike(inside: int, outside: int):
    """100 past orders with 10 cancelled, 100 in the window of which some are cancelled: first `inside`, then others."""
    start, window = pd.Timestamp("2026-02-10"), pd.Timestamp("2026-03-05")
    cancelled = inside + outside
    status = ["cancelled"] * 10 + ["delivered"] * 90 + ["cancelled"] * cancelled + ["delivered"] * (100 - cancelled)
    return pd.DataFrame({"created_at": [start] * 100 + [window] * 100, "status": status})


def test_explanations_that_fit_the_same_orders_share_them_evenly_and_say_so():
    # window 60 cancelled, past 10: excess 50. A fits 40 of them, B fits 36 of these and 4 others; Jaccard 36/44
    # alone A has 4, alone B has 4, in common 36: each 4 + 18 = 22 of 50, left over 6 of 50 (16 minus the usual 10)
    slice_ = slice_of(a_spike(60, 0))
    a, b = np.zeros(200, dtype=bool), np.zeros(200, dtype=bool)
    a[100:140], b[104:144] = True, True
    division = shared_out(slice_, a, b)
    assert division.shares["m0"].value == division.shares["m1"].value == pytest.approx(22 / 50)
    assert division.unexplained.value == pytest.approx(6 / 50)
    assert division.twins == {"m0": ("m1",), "m1": ("m0",)}
    # the data cannot say whose they are: from the 4 of its own to all 40
    assert division.shares["m0"].low <= 4 / 50 and division.shares["m0"].high >= 40 / 50


def test_a_small_footprint_inside_a_large_one_is_no_twin_and_takes_its_orders_first():
    slice_ = slice_of(a_spike(60, 0))
    large, small = np.zeros(200, dtype=bool), np.zeros(200, dtype=bool)
    large[100:150], small[100:110] = True, True  # Jaccard 10/50
    division = shared_out(slice_, large, small)
    assert division.shares["m1"].value == pytest.approx(10 / 50)
    assert division.shares["m0"].value == pytest.approx(40 / 50)
    assert division.twins == {}


def test_of_two_that_fit_the_same_orders_the_one_that_fits_few_usual_ones_takes_them():
    # window: 60 cancelled; A fits 45 of them and none of the 10 usual ones, B fits all, now and before
    # A takes 45 of the excess of 50; B is left with 15 - 10 = 5
    slice_ = slice_of(a_spike(60, 0))
    sharp, general = np.zeros(200, dtype=bool), np.ones(200, dtype=bool)
    sharp[100:145] = True
    for masks, names in (((sharp, general), ("m0", "m1")), ((general, sharp), ("m1", "m0"))):
        division = shared_out(slice_, *masks)
        assert division.shares[names[0]].value == pytest.approx(45 / 50)
        assert division.shares[names[1]].value == pytest.approx(5 / 50)
        assert division.twins == {} and division.sharper == {names[1]: (names[0],)}
        # (45.5 / 61) / (0.5 / 11) and (60.5 / 61) / (10.5 / 11)
        assert division.sharpness[names[0]] == pytest.approx(16.41, abs=0.01)
        assert division.sharpness[names[1]] == pytest.approx(1.039, abs=0.001)


def test_the_sharper_one_takes_its_orders_first_even_when_it_fits_more_of_them():
    # both fit largely the same orders; the general one is smaller now, but fits the usual ones as well
    slice_ = slice_of(a_spike(60, 0))
    sharp, general = np.zeros(200, dtype=bool), np.zeros(200, dtype=bool)
    sharp[100:155] = general[100:150] = general[:9] = True
    division = shared_out(slice_, general, sharp)
    assert division.shares["m1"].value == pytest.approx(1.0)
    assert division.shares["m0"].value == 0.0


def test_a_quiet_world_has_no_excess_to_share_out():
    refused = 0
    for seed in range(20):
        slice_ = slice_of(quiet(seed, orders_per_day=60, is_lean=True))
        refused += divide(slice_, []).reason != ""
    assert refused >= 16


def test_the_interval_of_a_share_holds_the_truth_in_most_worlds():
    hits = 0
    for seed in range(40):
        frame = with_padding(quiet(seed, orders_per_day=100, is_lean=True), seed)
        padded = (frame["status"] == "partially_cancelled").to_numpy()
        half = padded & (frame["customer_id"] < "c03000").to_numpy()
        truth = half.sum() / padded.sum()  # of the planted excess; chance moves the rest around zero
        share = shared_out(slice_of(frame), half).shares["m0"]
        hits += share.low <= truth <= share.high
    assert hits >= 35  # nominal 38 of 40


# ── placebo ──────────────────────────────────────────────────────────────────────────────────────────────


def test_an_explanation_that_fits_any_week_is_too_flexible():
    anything = entry("anything", "norm", (sign("value_kept", expect="unchanged", margin=0.3), sign("spread")))
    slice_ = slice_of(with_padding(quiet(1), 1))
    placebo = try_elsewhere(slice_, anything, {}).placebo
    assert score(slice_, anything).verdict == "supported"
    assert placebo == Placebo(1.0, 4, "4 quiet windows of KR") and is_too_flexible(placebo)


def test_padding_would_not_have_explained_quiet_weeks():
    slice_ = slice_of(with_padding(quiet(1), 1))
    slices = quiet_slices(slice_)
    assert len(slices) == 4  # 56 days in windows of 14
    assert all((each.day < np.datetime64(slice_.scene.window.start)).all() for each in slices)
    placebo = try_elsewhere(slice_, PADDING, {}).placebo
    assert placebo.rate == 0.0 and not is_too_flexible(placebo)


def test_an_explanation_that_holds_on_the_same_days_in_other_regions_is_too_flexible():
    # the habit is new on these days, but in every market: the quiet past of the region alone does not show it
    everywhere = {name: slice_of(with_padding(quiet(seed), seed), region=name) for seed, name in ((2, "JP"), (3, "TW"))}
    here = slice_of(with_padding(quiet(1), 1))
    tried = try_elsewhere(here, PADDING, everywhere)
    assert [each.verdict for each in tried.same_days.values()] == ["supported", "supported"]
    # 4 quiet windows of each of three markets, and the flag's days of two
    assert tried.placebo.n == 14 and round(tried.placebo.rate * 14) == 2
    assert tried.placebo.where == "4 quiet windows of KR, 10 windows of JP, TW"
    beside = with_other_regions(score(here, PADDING).evidence, tried.same_days)
    assert "the same days elsewhere: JP 0." in beside[0].reference and "TW 0." in beside[0].reference


def test_one_hit_in_four_is_chance_and_two_are_not():
    # 5 % each: P(1+ of 4) = 0.185, P(2+ of 4) = 0.014, P(2+ of 8) = 0.057, P(3+ of 8) = 0.006
    assert not is_too_flexible(Placebo(0.25, 4)) and is_too_flexible(Placebo(0.5, 4))
    assert not is_too_flexible(Placebo(0.25, 8)) and is_too_flexible(Placebo(0.375, 8))
    assert not is_too_flexible(Placebo(1.0, 1)) and not is_too_flexible(None)


# ── drivers ──────────────────────────────────────────────────────────────────────────────────────────────


def test_the_segment_that_carries_the_excess_is_found_and_no_other():
    frame = quiet(1)
    hit = in_window(frame) & (frame["payment_method"] == "wallet") & (np.random.default_rng(1).random(len(frame)) < 0.5)
    frame.loc[hit, "status"] = "cancelled"
    (driver,) = find_drivers(slice_of(frame))
    assert (driver.dimension, driver.value) == ("payment_method", "wallet")
    assert driver.share_of_excess == pytest.approx(1.0, abs=0.15)


def test_a_broad_spike_has_no_driver_and_looking_at_many_segments_finds_none_by_chance():
    found = 0
    for seed in range(12):
        frame = quiet(seed, orders_per_day=60)
        rng = np.random.default_rng(seed)
        frame["category"] = rng.choice([f"k{i}" for i in range(20)], len(frame))
        frame.loc[in_window(frame) & (rng.random(len(frame)) < 0.15), "status"] = "cancelled"
        found += len(find_drivers(slice_of(frame))) > 0
    assert found == 0


def test_a_segment_without_a_past_never_carries_more_than_all_of_it():
    frame = quiet(1)
    frame["feature_exposed"] = in_window(frame)
    frame.loc[in_window(frame) & (np.random.default_rng(1).random(len(frame)) < 0.2), "status"] = "cancelled"
    assert all(driver.share_of_excess <= 1.01 for driver in find_drivers(slice_of(frame)))


# ── accounts ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_shared_device_alone_is_never_enough():
    # 12 old accounts on one device trim padded baskets, keep most, over many hours: only the link stands out
    frame = with_padding(quiet(1), 1)
    padded = np.flatnonzero(frame["status"] == "partially_cancelled")[:60]
    frame.loc[padded, "customer_id"] = [f"dorm{i % 12}" for i in range(60)]
    frame.loc[padded, "device_id"] = "shared"
    frame.loc[padded, "cancelled_at"] = frame.loc[padded, "created_at"] + pd.Timedelta(hours=9)
    review = review_accounts(slice_of(frame))
    assert review.review == () and "stands out" in review.reason


def test_a_campus_that_cancels_as_often_as_everybody_is_not_listed_and_one_that_always_did_neither():
    # 120 accounts share an address: at the usual rate, and at three times the usual rate in the past as well
    frame = with_ring(quiet(1), 1, accounts=20, orders=120)
    campus = frame["customer_id"].isin([f"c{i:05d}" for i in range(2000, 2120)])
    frame.loc[campus, "address_id"] = "campus"
    usual = review_accounts(slice_of(frame))
    rng = np.random.default_rng(2)
    more = campus & (rng.random(len(frame)) < 0.18) & (frame["status"] == "delivered")
    frame.loc[more, ["status", "retained_total"]] = ["cancelled", 0.0]
    frame.loc[more, "cancelled_at"] = frame.loc[more, "created_at"] + pd.Timedelta(hours=9)
    always = review_accounts(slice_of(frame))
    for review in (usual, always):
        assert {each.account for each in review.review} == {f"ring{i:03d}" for i in range(20)}


def test_a_ring_is_listed_whole_with_two_reasons_each_and_nothing_else():
    review = review_accounts(slice_of(with_ring(quiet(1), 1, accounts=25, orders=150)))
    assert {each.account for each in review.review} == {f"ring{i:03d}" for i in range(25)}
    reasons = " ".join(review.review[0].reasons)
    assert "share devices or addresses" in reasons and "kept 0 %" in reasons and "opened" in reasons
    assert review.share_of_excess > 0.7


def test_a_single_account_that_repeats_is_listed_without_links():
    frame = quiet(1).drop(columns=["device_id", "address_id", "payment_id"])
    rows = np.flatnonzero(in_window(frame))[:40]
    frame.loc[rows, "customer_id"], frame.loc[rows, "status"] = "busy", "cancelled"
    frame.loc[rows, "retained_total"] = 0.0
    review = review_accounts(slice_of(frame))
    busy = next(each for each in review.review if each.account == "busy")
    assert "40 of 40 orders flagged" in busy.reasons and busy.group == ""
    assert len(review.review) <= 2  # one more by chance at most


def test_quiet_and_harmless_worlds_list_nobody():
    listed = 0
    for seed in range(4):
        frame = quiet(seed) if seed % 2 else with_padding(quiet(seed), seed)
        listed += len(review_accounts(slice_of(frame)).review)
    assert listed == 0


def test_an_empty_list_says_why():
    assert "customer_id" in review_accounts(slice_of(quiet(1).drop(columns="customer_id"))).reason
    no_past = slice_of(quiet(1)[in_window(quiet(1))].reset_index(drop=True))
    no_past = replace(no_past, scene=replace(no_past.scene, before=None, before_reason="3 quiet days before"))
    assert "3 quiet days before" in review_accounts(no_past).reason
    assert review_accounts(slice_of(quiet(1), ORDERS)).reason != ""


def test_a_broad_spread_alone_carries_no_explanation():
    broad = replace(YES, test="spread")
    assert verdict_of((broad, replace(WEAK_YES, test="kept_share"))) == "partly"
    assert verdict_of((broad, replace(YES, test="delay"))) == "supported"


def test_a_ring_is_seen_by_how_little_else_it_orders_even_where_a_sign_is_about_cancels_alone():
    # The ring's cancels fit the delay like everybody's; only beside the orders that were not cancelled it stands out.
    frame = with_ring(quiet(1), 1)
    quick = sign("delay", to="cancelled_at", among="cancelled", expect={"within": 1000.0}, at_least=0.5)
    few = sign("concentration", role="contradicted_by", over=("device_id",), expect="few", share=0.3)
    scored = score(slice_of(frame), entry("crowd", "norm", (quick,), (few,)))
    by_test = {each.test: each.result for each in scored.evidence}
    assert by_test == {"delay": "supports", "concentration": "contradicts"}
    assert scored.verdict == "contradicted"
