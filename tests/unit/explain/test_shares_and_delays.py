"""How much is kept and how fast it happens: supporting, contradicting, left open, not testable."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from explain_worlds import in_window, quiet, sign, slice_of, with_padding

from contextcheck.explain.signs.delay import Delay, fits
from contextcheck.explain.signs.kept_share import KeptShare

KEEPS = sign("kept_share", among="cancelled_or_changed", expect={"at_least": 0.5})
KEEPS_LITTLE = sign("kept_share", among="cancelled_or_changed", expect={"at_most": 0.3})
WITHIN_A_DAY = sign("delay", to="cancelled_at", among="cancelled_or_changed", expect={"within": 24.0})


def test_trimmed_baskets_keep_part_and_the_share_is_the_counted_one():
    frame = with_padding(quiet(3), 3)
    slice_ = slice_of(frame)
    outcome = KeptShare().test(slice_, KEEPS)
    group = frame["status"].isin(["cancelled", "partially_cancelled"]).to_numpy() & slice_.in_window
    counted = (frame["retained_total"].to_numpy()[group] > 0).mean()
    assert outcome.evidence.result == "supports"
    assert outcome.evidence.effect.value == pytest.approx(counted)
    assert outcome.evidence.n == group.sum()
    assert outcome.evidence.sentence.endswith("0 % is usual here")


def test_the_interval_agrees_with_statsmodels_clustered_by_customer():
    import statsmodels.api as sm

    frame = with_padding(quiet(3), 3)
    slice_ = slice_of(frame)
    group = frame["status"].isin(["cancelled", "partially_cancelled"]).to_numpy() & slice_.in_window
    kept = (frame["retained_total"].to_numpy()[group] > 0).astype(float)
    fit = sm.OLS(kept, np.ones(len(kept))).fit(cov_type="cluster", cov_kwds={"groups": slice_.cluster[group]})
    effect = KeptShare().test(slice_, KEEPS).evidence.effect
    assert (effect.high - effect.low) / (2 * 1.96) == pytest.approx(fit.bse[0], rel=0.15)


def test_whole_cancels_contradict_keeping_and_support_its_opposite():
    slice_ = slice_of(quiet(3))
    assert KeptShare().test(slice_, KEEPS).evidence.result == "contradicts"
    opposite = KeptShare().test(slice_, KEEPS_LITTLE)
    assert (opposite.evidence.result, opposite.evidence.weight) == ("supports", "weak")  # it always comes true there
    assert (opposite.members == (quiet(3)["status"] == "cancelled").to_numpy()).all()


def test_what_holds_under_contradicted_by_speaks_against_the_entry():
    against = sign("kept_share", role="contradicted_by", among="cancelled_or_changed", expect={"at_most": 0.2})
    found = KeptShare().test(slice_of(quiet(3)), against).evidence
    assert (found.result, found.weight) == ("contradicts", "strong")
    harmless = KeptShare().test(slice_of(with_padding(quiet(3), 3, 0.5)), against).evidence
    assert (harmless.result, harmless.weight, harmless.role) == ("supports", "weak", "contradicted_by")


def test_a_share_too_close_to_the_bound_is_left_open():
    frame = quiet(3, orders_per_day=60, customers=800)
    cancelled = np.flatnonzero(frame["status"] == "cancelled")
    frame.loc[cancelled[::2], "retained_total"] = 5.0
    evidence = KeptShare().test(slice_of(frame), KEEPS).evidence
    assert evidence.result == "not_testable" and "leaves open" in evidence.reason and evidence.effect is not None


def test_open_orders_without_a_known_rest_are_not_counted_as_kept_or_lost():
    frame = with_padding(quiet(3), 3)
    lost = frame["status"] == "cancelled"
    frame.loc[lost, "retained_total"] = np.nan
    evidence = KeptShare().test(slice_of(frame), KEEPS).evidence
    assert evidence.effect.value == 1.0
    assert evidence.n == (frame["status"] == "partially_cancelled").sum()


def test_missing_columns_are_named():
    evidence = KeptShare().test(slice_of(quiet(1).drop(columns="retained_total")), KEEPS).evidence
    assert evidence.result == "not_testable" and evidence.reason == "the orders have no retained_total column"
    delay = Delay().test(slice_of(quiet(1).drop(columns="cancelled_at")), WITHIN_A_DAY).evidence
    assert delay.reason == "the orders have no cancelled_at column"


def test_quick_trims_support_a_day_and_slow_ones_contradict():
    frame = with_padding(quiet(3), 3)
    outcome = Delay().test(slice_of(frame), WITHIN_A_DAY)
    assert outcome.evidence.result == "supports"
    assert "within 24 hours after the order" in outcome.evidence.sentence
    slow = frame.assign(cancelled_at=frame["cancelled_at"] + pd.Timedelta(days=3))
    assert Delay().test(slice_of(slow), WITHIN_A_DAY).evidence.result == "contradicts"


def test_around_a_deadline_is_one_hour_or_five_percent():
    # 72 h: give or take max(1, 3.6) = 3.6 h; 1 h: give or take 1 h
    hours = np.array([72.0, 75.5, 75.7, 68.5, np.nan])
    assert fits(hours, {"around": 72.0}).tolist() == [True, True, False, True, False]
    assert fits(np.array([0.0, 2.0, 2.1]), {"around": 1.0}).tolist() == [True, True, False]
    assert fits(np.array([5.0, 30.0]), {"after": 24.0}).tolist() == [False, True]
    assert fits(np.array([-1.0, 3.0]), {"within": 24.0}).tolist() == [False, True]


@pytest.mark.parametrize("true_share", [0.5])
def test_at_the_bound_itself_support_is_as_rare_as_the_level_says(true_share):
    supports = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        frame = quiet(seed, orders_per_day=40, customers=300, is_lean=True)
        cancelled = np.flatnonzero(frame["status"] == "cancelled")
        frame.loc[cancelled, "retained_total"] = np.where(rng.random(len(cancelled)) < true_share, 5.0, 0.0)
        supports += KeptShare().test(slice_of(frame), KEEPS).evidence.result == "supports"
    assert supports <= 8  # 2.5 % one-sided of 100 is 2.5; 8 is its 99.9 % limit


def test_what_is_usual_there_supports_but_cannot_carry():
    # four fifths of all cancels come within a day, before and now; nothing about that is new
    frame = quiet(6, cancel_rate=0.2, is_lean=True)
    rng = np.random.default_rng(6)
    hours = np.where(rng.random(len(frame)) < 0.8, rng.uniform(1, 23, len(frame)), rng.uniform(30, 90, len(frame)))
    frame["cancelled_at"] = (frame["created_at"] + pd.to_timedelta(hours, unit="h").floor("s")).where(
        frame["status"] == "cancelled"
    )
    within = sign("delay", to="cancelled_at", among="cancelled", expect={"within": 24.0}, at_least=0.7)
    usual = Delay().test(slice_of(frame), within).evidence
    assert (usual.result, usual.weight) == ("supports", "weak")
    late = in_window(frame)
    slow = rng.random(len(frame)) < 0.5
    frame.loc[~late & slow, "cancelled_at"] += pd.Timedelta(days=2)
    new = Delay().test(slice_of(frame), within).evidence
    assert (new.result, new.weight) == ("supports", "strong")
    never = Delay().test(slice_of(frame), sign("delay", to="cancelled_at", among="cancelled", expect={"within": 0.5}))
    assert (never.evidence.result, never.evidence.weight) == ("contradicts", "strong")  # it can still contradict


def test_times_known_by_the_day_say_nothing_about_hours():
    frame = with_padding(quiet(1), 1)
    by_day = frame.assign(**{name: frame[name].dt.normalize() for name in ("created_at", "cancelled_at")})
    quick = sign("delay", to="cancelled_at", expect={"within": 24.0})
    assert Delay().test(slice_of(frame), quick).evidence.result == "supports"
    evidence = Delay().test(slice_of(by_day), quick).evidence
    assert evidence.result == "not_testable" and "by the day only" in evidence.reason
    days = sign("delay", to="cancelled_at", expect={"within": 72.0})
    assert Delay().test(slice_of(by_day), days).evidence.result != "not_testable"
