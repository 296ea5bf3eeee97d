"""Segments, named days and other regions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from explain_worlds import BEFORE, CANCEL, WINDOW, in_window, quiet, sign, slice_of

from contextcheck.explain.signs.calendar import Calendar
from contextcheck.explain.signs.mix import Mix, matches
from contextcheck.explain.signs.peers import Moves, Peers, outside_p
from contextcheck.panel.table import PANEL_COLUMNS, Panel
from contextcheck.records import Launch

BANK = sign("mix", column="payment_method", values=("BANK*",), at_least=0.5)
MOVED = sign("calendar")
ALONE = sign("peers", expect="alone")
TOGETHER = sign("peers", expect="together")


def with_spike(frame: pd.DataFrame, rows: np.ndarray, share: float = 0.5) -> pd.DataFrame:
    """In the window a share of some orders is cancelled as well."""
    frame = frame.copy()
    hit = in_window(frame) & rows & (np.random.default_rng(9).random(len(frame)) < share)
    frame.loc[hit, "status"] = "cancelled"
    return frame


# ── mix ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_spike_of_one_payment_method_is_carried_by_it():
    frame = quiet(1)
    slice_ = slice_of(with_spike(frame, (frame["payment_method"] == "bank_transfer").to_numpy()))
    outcome = Mix().test(slice_, BANK)
    assert outcome.evidence.result == "supports"
    # truth: all extra cancels are bank transfers
    assert outcome.evidence.effect.low <= 1.0 <= outcome.evidence.effect.high + 0.02
    assert "payment method bank_transfer" in outcome.evidence.sentence
    assert (outcome.members == (frame["payment_method"] == "bank_transfer").to_numpy()).all()


def test_a_spike_over_all_payment_methods_contradicts_and_supports_not_more():
    slice_ = slice_of(with_spike(quiet(1), np.ones(len(quiet(1)), dtype=bool), 0.2))
    assert Mix().test(slice_, BANK).evidence.result == "contradicts"
    not_more = sign("mix", column="payment_method", values=("bank*",), expect="not_more", at_least=0.5)
    assert Mix().test(slice_, not_more).evidence.result == "supports"


def test_more_orders_of_a_high_rate_segment_are_told_from_a_higher_rate():
    # bank transfers always cancel more (30 %); in the window there are simply four times as many of them
    frame = quiet(1, cancel_rate=0.05)
    rng = np.random.default_rng(2)
    bank = (frame["payment_method"] == "bank_transfer").to_numpy()
    frame.loc[bank & (rng.random(len(frame)) < 0.25), "status"] = "cancelled"
    more = frame[bank & in_window(frame)]
    copies = pd.concat([more.assign(customer_id=more["customer_id"] + f"x{i}") for i in range(3)])
    evidence = Mix().test(slice_of(pd.concat([frame, copies], ignore_index=True)), BANK).evidence
    assert evidence.result == "supports"
    assert "only because more orders are in it" in evidence.sentence


def test_a_segment_that_the_orders_do_not_know_is_not_tested():
    cash = sign("mix", column="payment_method", values=("cash",))
    evidence = Mix().test(slice_of(quiet(1)), cash).evidence
    assert evidence.result == "not_testable" and "other words may be used" in evidence.reason
    absent = sign("mix", column="touchpoint", values=("banner",))
    assert Mix().test(slice_of(quiet(1)), absent).evidence.reason == "the orders have no touchpoint column"


def test_an_unclear_excess_is_not_divided():
    hits = 0
    for seed in range(40):
        frame = quiet(seed, orders_per_day=40, customers=500)
        hits += Mix().test(slice_of(frame), BANK).evidence.result == "supports"
    assert hits <= 2


def test_words_match_in_any_case_with_any_ending():
    assert matches("Bank_Transfer", ("bank*",)) and matches("가상계좌-국민", ("가상계좌*",))
    assert not matches("mybank", ("bank*",)) and not matches("bank_transfer", ("bank",))


# ── calendar ─────────────────────────────────────────────────────────────────────────────────────────────


def named(*offsets: int) -> frozenset:
    return frozenset(WINDOW.start + timedelta(days=each) for each in offsets)


def test_a_move_on_the_named_days_supports_and_on_other_days_contradicts():
    frame = quiet(1)
    day = frame["created_at"].dt.date
    on_three = with_spike(frame, day.isin(list(named(2, 3, 4))).to_numpy(), 0.3)
    slice_ = slice_of(on_three)
    assert Calendar().test(slice_.named(named(2, 3, 4)), MOVED).evidence.result == "supports"
    assert Calendar().test(slice_.named(named(8, 9, 10)), MOVED).evidence.result == "contradicts"
    not_moved = sign("calendar", expect="not_moved")
    assert Calendar().test(slice_.named(named(2, 3, 4)), not_moved).evidence.result == "contradicts"


def test_the_interval_is_the_t_interval_worked_out_by_scipy():
    from scipy import stats

    frame = with_spike(quiet(1), np.ones(len(quiet(1)), dtype=bool), 0.2)
    effect = Calendar().test(slice_of(frame).named(named(*range(14))), MOVED).evidence.effect
    cancelled = frame["status"].isin(["cancelled", "partially_cancelled"])
    rates = cancelled.groupby(frame["created_at"].dt.date).mean()
    window, past = rates[rates.index >= WINDOW.start], rates[rates.index <= BEFORE.end]
    # days spread as binomial days do: by sqrt(p (1 - p)), p being the level of all 70 days
    level, usual = rates.mean(), past.mean()
    widened = np.sqrt(level * (1 - level) / (usual * (1 - usual)))
    # every weekday has a mean of its own in the past: 56 days less 7 means
    own = past - past.groupby([day.weekday() for day in past.index]).transform("mean")
    error = widened * np.sqrt((own**2).sum() / 49) * np.sqrt(1 / 14 + 1 / 56)
    assert effect.value == pytest.approx(window.mean() - past.mean())
    assert effect.high - effect.value == pytest.approx(stats.t.ppf(0.975, 49) * error)


def test_a_saturday_is_compared_with_saturdays():
    frame = quiet(1)
    saturday = pd.to_datetime(frame["created_at"]).dt.dayofweek.to_numpy() == 5
    always = with_spike(frame, saturday, 0.15)
    rng = np.random.default_rng(3)
    past = (saturday & ~in_window(frame)) & (rng.random(len(frame)) < 0.15)
    always.loc[past, "status"] = "cancelled"
    last = frozenset({WINDOW.end - timedelta(days=1), WINDOW.end - timedelta(days=8)})
    assert {day.weekday() for day in last} == {5}
    found = Calendar().test(slice_of(always).named(last), MOVED).evidence
    assert found.result != "supports" and "weekday by weekday" in found.sentence


def test_flagged_days_that_are_not_named_contradict():
    evidence = Calendar().test(slice_of(quiet(1)).named(frozenset({BEFORE.start})), MOVED).evidence
    assert evidence.result == "contradicts" and "none of the 14 flagged days" in evidence.sentence


def test_an_entry_without_days_is_not_tested():
    assert Calendar().test(slice_of(quiet(1)), MOVED).evidence.reason == "the entry names no days"


def test_a_habit_of_every_saturday_does_not_explain_one_window():
    frame = quiet(1)
    saturday = (frame["created_at"].dt.dayofweek == 5).to_numpy()
    frame.loc[saturday & (np.random.default_rng(3).random(len(frame)) < 0.2), "status"] = "cancelled"
    every = frozenset(BEFORE.start + timedelta(days=i) for i in range(5, 70, 7))
    assert Calendar().test(slice_of(frame).named(every), MOVED).evidence.result != "supports"


def test_quiet_worlds_move_on_named_days_as_rarely_as_the_level_says():
    hits = 0
    for seed in range(120):
        frame = quiet(seed, orders_per_day=40, customers=500, is_lean=True)
        hits += Calendar().test(slice_of(frame).named(named(3, 4)), MOVED).evidence.result == "supports"
    assert hits <= 9  # 2.5 % one-sided of 120 is 3; 9 is the 99.9 % limit


# ── peers ────────────────────────────────────────────────────────────────────────────────────────────────


def panel(moves: dict[str, float], seed: int = 0) -> Panel:
    """Regions whose cancel rate is 6 % before and 6 % x move in the window, 300 orders a day, with noise."""
    rng = np.random.default_rng(seed)
    days = pd.date_range(BEFORE.start, WINDOW.end)
    table = pd.DataFrame({"region": np.repeat(list(moves), len(days)), "day": np.tile(days, len(moves))})
    move = np.repeat(list(moves.values()), len(days))
    rate = 0.06 * np.where(table["day"] >= pd.Timestamp(WINDOW.start), move, 1.0)
    table = table.assign(metric="cancel_rate", events=rng.binomial(300, rate).astype(float), exposure=300.0)
    table = table.assign(value_sum=np.nan, value_sumsq=np.nan, is_complete=True, is_mature=True)
    return Panel(table[list(PANEL_COLUMNS)], {"cancel_rate": CANCEL}, (), WINDOW.end, {})


OTHERS = ("JP", "TW", "SG", "DE", "FR", "US")
SMALL = quiet(1, orders_per_day=2)


def orders_of(move: float) -> pd.DataFrame:
    """Orders of KR, more orders of the window cancelled until the rate has moved so much."""
    frame = quiet(1, orders_per_day=20)
    extra = in_window(frame) & (np.random.default_rng(5).random(len(frame)) < 0.06 * (move - 1))
    frame.loc[extra, ["status", "retained_total"]] = ["cancelled", 0.0]
    return frame


def peers(moves: dict[str, float], this, **scene: object):
    return Peers().test(slice_of(orders_of(moves["KR"]), panel=panel(moves), **scene), this).evidence


def test_one_region_that_moves_is_alone_and_not_together():
    moves = {"KR": 3.0} | dict.fromkeys(OTHERS, 1.0)
    assert peers(moves, ALONE).result == "supports"
    assert peers(moves, TOGETHER).result == "contradicts"
    assert "in KR it rose by" in peers(moves, ALONE).sentence


def test_regions_that_move_alike_are_together_and_not_alone():
    moves = {"KR": 3.0} | dict.fromkeys(OTHERS, 2.9)
    assert peers(moves, TOGETHER).result == "supports"
    assert peers(moves, ALONE).result == "contradicts"


def test_nobody_moves_together_with_a_region_that_did_not_move():
    # the others rose by 30 %, this one by nothing that its customers' chance would not do: no shared cause to see
    evidence = peers({"KR": 1.0} | dict.fromkeys(OTHERS, 1.3), TOGETHER)
    assert evidence.result == "not_testable" and "did not clearly move" in evidence.reason


def test_regions_with_the_same_launch_are_left_out_of_alone():
    moves = {"KR": 3.0, "JP": 2.8} | dict.fromkeys(("TW", "SG", "DE"), 1.0)
    launch = (Launch("bar", ("KR", "JP"), WINDOW.start),)
    evidence = peers(moves, ALONE, launches=launch)
    assert evidence.result == "supports" and evidence.n == 3


def test_two_other_regions_are_too_few():
    evidence = peers({"KR": 3.0, "JP": 1.0, "TW": 1.0}, ALONE)
    assert evidence.result == "not_testable" and evidence.reason.startswith("2 comparable regions")


def test_the_p_value_is_the_prediction_t_test_by_hand():
    # others -0.1, 0, 0.1: mean 0, sd 0.1, with three of them s = 0.1 x sqrt(4/3) = 0.11547; t = 1 / 0.11547 = 8.660
    # scipy.stats.t.sf(8.660254, 2) * 2 = 0.013072
    assert outside_p(Moves(1.0, np.array([-0.1, 0.0, 0.1]), ())) == pytest.approx(0.013072, abs=1e-5)


def test_quiet_regions_are_alone_as_rarely_as_the_level_says():
    slice_ = slice_of(SMALL)
    hits = 0
    for seed in range(100):
        scene = slice_.scene
        quiet_panel = panel(dict.fromkeys(("KR", *OTHERS), 1.0), seed)
        hits += (
            Peers().test(replace(slice_, scene=replace(scene, panel=quiet_panel)), ALONE).evidence.result == "supports"
        )
    assert hits <= 8  # 2.5 % of 100 is 2.5; 8 is the 99.9 % limit
