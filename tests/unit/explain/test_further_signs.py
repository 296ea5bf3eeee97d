"""The further signs: each with a supporting, a contradicting and a not testable case."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from explain_worlds import BEFORE, CANCEL, ORDERS, WINDOW, in_window, quiet, sign, slice_of, with_padding, with_ring
from scipy.stats import beta

from contextcheck.explain.signs.composition import Composition, mix_part
from contextcheck.explain.signs.discount_use import DiscountUse
from contextcheck.explain.signs.duplicates import Duplicates, twins
from contextcheck.explain.signs.exposed_only import ExposedOnly
from contextcheck.explain.signs.interface import SIGN_TESTS, load_sign_test
from contextcheck.explain.signs.new_accounts import NewAccounts
from contextcheck.explain.signs.product_concentration import ProductConcentration
from contextcheck.explain.signs.rebuy import Rebuy, next_order_hours
from contextcheck.explain.signs.recurrence import Recurrence, log_move
from contextcheck.explain.signs.unit_jump import UnitJump
from contextcheck.explain.signs.value_kept import ValueKept
from contextcheck.panel.table import PANEL_COLUMNS, Panel

SPIKE = 0.2


def spiked(frame: pd.DataFrame, rows: object = True, share: float = SPIKE, seed: int = 9) -> pd.DataFrame:
    frame = frame.copy()
    hit = in_window(frame) & np.asarray(rows) & (np.random.default_rng(seed).random(len(frame)) < share)
    frame.loc[hit, "status"], frame.loc[hit, "retained_total"] = "cancelled", 0.0
    return frame


# ── rebuy ────────────────────────────────────────────────────────────────────────────────────────────────


def again(frame: pd.DataFrame, hours: float = 5.0) -> pd.DataFrame:
    """Every cancelled order of the window is ordered again by the same customer."""
    copies = frame[in_window(frame) & (frame["status"] == "cancelled")].copy()
    copies["created_at"] = copies["created_at"] + pd.Timedelta(hours=hours)
    copies = copies.assign(status="delivered", order_total=copies["order_total"] * 0.9)
    return pd.concat([frame, copies[copies["created_at"] < pd.Timestamp(WINDOW.end)]], ignore_index=True)


def test_cancel_and_reorder_is_seen_and_its_absence_too():
    expects = sign("rebuy", expect={"at_least": 0.5})
    assert Rebuy().test(slice_of(again(spiked(quiet(1)))), expects).evidence.result == "supports"
    assert Rebuy().test(slice_of(spiked(quiet(1))), expects).evidence.result == "contradicts"
    bare = slice_of(quiet(1).drop(columns="customer_id"))
    assert Rebuy().test(bare, expects).evidence.reason == "the orders have no customer_id column"


def test_the_next_order_is_the_customers_own():
    hours = next_order_hours(np.array([2, 1, 2, 1, 3]), np.array([10.0, 1.0, 4.0, 9.0, 2.0]))
    assert hours.tolist() == [np.inf, 8.0, 6.0, np.inf, np.inf]


# ── duplicates ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_repeated_submit_leaves_twins_and_ordinary_weeks_do_not():
    expects = sign("duplicates", among="all", expect={"at_least": 0.3})
    frame = quiet(1)
    copies = frame[in_window(frame) & (np.random.default_rng(1).random(len(frame)) < 0.5)].copy()
    copies["created_at"] = copies["created_at"] + pd.Timedelta(minutes=2)
    doubled = pd.concat([frame, copies], ignore_index=True)
    found = Duplicates().test(slice_of(doubled), expects).evidence
    assert found.result == "supports"
    # every copy and its original are twins of each other; ordinary baskets of equal cents are very rare
    orders = in_window(frame).sum() + len(copies)
    assert found.effect.value == pytest.approx(2 * len(copies) / orders, abs=0.005)
    assert Duplicates().test(slice_of(frame), expects).evidence.result == "contradicts"
    assert Duplicates().test(slice_of(frame.drop(columns="order_total")), expects).evidence.result == "not_testable"


def test_twins_are_as_sure_as_pairs_and_no_surer():
    """No narrower than the exact interval of half the orders, as another package gives it."""
    frame = quiet(1)
    copies = frame[in_window(frame)].sample(20, random_state=1).copy()
    copies["created_at"] = copies["created_at"] + pd.Timedelta(minutes=2)
    expects = sign("duplicates", among="all", expect={"at_least": 0.005})
    found = Duplicates().test(slice_of(pd.concat([frame, copies], ignore_index=True)), expects).evidence
    pairs = found.n / 2
    low, high = proportion_of(found.effect.value * pairs, pairs)
    assert found.effect.low <= low + 1e-9
    assert found.effect.high >= high - 1e-9


def proportion_of(events: float, n: float) -> tuple[float, float]:
    return float(beta.ppf(0.025, events, n - events + 1)), float(beta.ppf(0.975, events + 1, n - events))


def test_twins_need_the_same_customer_amount_and_minutes():
    found = twins(
        np.array([1, 1, 1, 2, 1]), np.array([9.0, 9.0, 8.0, 9.0, 9.0]), np.array([0.0, 0.2, 0.1, 0.1, 9.0]), 0.25
    )
    assert found.tolist() == [True, True, False, False, False]


# ── new accounts, discounts, products ────────────────────────────────────────────────────────────────────


def test_new_accounts_that_carry_the_excess_are_seen_and_old_ones_contradict():
    expects = sign("new_accounts", at_least=0.5)
    assert NewAccounts().test(slice_of(with_ring(quiet(1), 1, orders=300)), expects).evidence.result == "supports"
    assert NewAccounts().test(slice_of(with_padding(quiet(1), 1)), expects).evidence.result == "contradicts"
    guests = with_padding(quiet(1), 1)
    guests.loc[guests.index % 4 != 0, "account_created_at"] = pd.NaT
    assert "only 25% of the orders" in NewAccounts().test(slice_of(guests), expects).evidence.reason


def test_discounted_orders_that_carry_the_excess_are_seen_and_others_contradict():
    frame = quiet(1)
    frame["coupon"] = np.where(np.random.default_rng(1).random(len(frame)) < 0.2, "SAVE10", None)
    expects = sign("discount_use", at_least=0.5)
    assert (
        DiscountUse().test(slice_of(spiked(frame, frame["coupon"].notna(), 0.6)), expects).evidence.result == "supports"
    )
    assert DiscountUse().test(slice_of(spiked(frame)), expects).evidence.result == "contradicts"
    assert DiscountUse().test(slice_of(quiet(1)), expects).evidence.result == "not_testable"


def test_one_product_that_carries_the_excess_is_seen_and_a_best_seller_is_not():
    expects = sign("product_concentration", share=0.5)
    frame = quiet(1)
    best = np.random.default_rng(1).random(len(frame)) < 0.2
    frame.loc[best, "product_id"] = "best"
    outcome = ProductConcentration().test(slice_of(spiked(frame, best, 0.8)), expects)
    assert outcome.evidence.result == "supports"
    assert (outcome.members == best).all()
    assert ProductConcentration().test(slice_of(spiked(frame)), expects).evidence.result == "contradicts"
    bare = slice_of(spiked(quiet(1)).drop(columns="product_id"))
    assert ProductConcentration().test(bare, expects).evidence.result == "not_testable"


# ── exposed only ─────────────────────────────────────────────────────────────────────────────────────────


def exposed_world(everybody: bool) -> pd.DataFrame:
    frame = quiet(1)
    frame["feature_exposed"] = in_window(frame) & (np.random.default_rng(2).random(len(frame)) < 0.5)
    return spiked(frame, True if everybody else frame["feature_exposed"])


def test_only_those_who_saw_the_feature_moved_or_everybody_did():
    only, everybody = sign("exposed_only"), sign("exposed_only", expect="everybody")
    split, common = slice_of(exposed_world(everybody=False)), slice_of(exposed_world(everybody=True))
    assert ExposedOnly().test(split, only).evidence.result == "supports"
    assert ExposedOnly().test(common, only).evidence.result == "contradicts"
    assert ExposedOnly().test(split, everybody).evidence.result == "contradicts"
    assert ExposedOnly().test(common, everybody).evidence.result == "supports"


def test_without_unexposed_orders_nothing_is_compared():
    frame = quiet(1).assign(feature_exposed=True)
    assert "0 unexposed orders" in ExposedOnly().test(slice_of(frame), sign("exposed_only")).evidence.reason
    assert ExposedOnly().test(slice_of(frame, ORDERS), sign("exposed_only")).evidence.result == "not_testable"


# ── composition ──────────────────────────────────────────────────────────────────────────────────────────


def test_more_orders_in_a_high_segment_are_told_from_higher_rates():
    frame = quiet(1, cancel_rate=0.04)
    bank = (frame["payment_method"] == "bank_transfer").to_numpy()
    frame.loc[bank & (np.random.default_rng(1).random(len(frame)) < 0.4), "status"] = "cancelled"
    more = frame[bank & in_window(frame)]
    copies = pd.concat([more.assign(customer_id=more["customer_id"] + f"x{i}") for i in range(3)])
    mixed = slice_of(pd.concat([frame, copies], ignore_index=True))
    is_mix = sign("composition", column="payment_method", expect="composition")
    is_rate = sign("composition", column="payment_method", expect="behaviour")
    assert Composition().test(mixed, is_mix).evidence.result == "supports"
    assert Composition().test(mixed, is_rate).evidence.result == "contradicts"
    assert Composition().test(slice_of(spiked(quiet(1))), is_rate).evidence.result == "supports"
    assert Composition().test(slice_of(quiet(2)), is_mix).evidence.result == "not_testable"


def test_the_parts_by_hand():
    # shares 0.8/0.2 to 0.5/0.5, levels 0.1/0.4 to 0.2/0.4: mix = -0.3 x 0.15 + 0.3 x 0.4 = 0.075
    column = [np.array([[a], [b]]) for a, b in ((0.8, 0.2), (0.5, 0.5), (0.1, 0.4), (0.2, 0.4))]
    assert mix_part(*column)[0] == pytest.approx(0.075)


# ── value kept ───────────────────────────────────────────────────────────────────────────────────────────


def test_the_value_kept_goes_up_down_or_stays():
    frame = quiet(1)
    richer = frame.assign(retained_total=np.where(in_window(frame), 1.3, 1.0) * frame["retained_total"])
    poorer = frame.assign(retained_total=np.where(in_window(frame), 0.7, 1.0) * frame["retained_total"])
    up, down = sign("value_kept", expect="up"), sign("value_kept", expect="down")
    same = sign("value_kept", expect="unchanged", margin=0.1)
    worlds = [slice_of(world) for world in (richer, poorer, frame)]
    found = [ValueKept().test(world, each).evidence.result for world in worlds for each in (up, down, same)]
    assert found[:3] == ["supports", "contradicts", "contradicts"]
    assert found[3:6] == ["contradicts", "supports", "contradicts"]
    assert found[8] == "supports"
    bare = slice_of(frame.drop(columns="retained_total"))
    assert ValueKept().test(bare, up).evidence.result == "not_testable"


# ── jump of units ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("times", "result"),
    [(100.0, "supports"), (0.0007, "supports"), (1.14, "not_testable"), (0.85, "not_testable"), (2.5, "not_testable")],
)
def test_only_a_jump_that_no_basket_makes_is_one_of_units(times: float, result: str):
    frame = quiet(1)
    moved = frame.assign(order_total=np.where(in_window(frame), times, 1.0) * frame["order_total"])
    found = UnitJump().test(slice_of(moved), sign("unit_jump")).evidence
    assert found.result == result
    assert found.effect is not None and found.effect.value == pytest.approx(times, rel=0.1)
    assert found.effect.low < found.effect.value < found.effect.high
    assert result == "supports" or "baskets" in found.reason


def test_amounts_that_stay_are_of_no_other_unit():
    frame = quiet(1).assign(order_total=50.0)
    assert UnitJump().test(slice_of(frame), sign("unit_jump")).evidence.result == "contradicts"
    bare = slice_of(frame.drop(columns="order_total"))
    assert UnitJump().test(bare, sign("unit_jump")).evidence.result == "not_testable"


# ── recurrence ───────────────────────────────────────────────────────────────────────────────────────────


def two_years(move_then: float) -> Panel:
    rng = np.random.default_rng(3)
    days = pd.date_range(BEFORE.start - timedelta(days=364), WINDOW.end)
    rate = pd.Series(0.06, index=days)
    rate[pd.Timestamp(WINDOW.start) :] = 0.18
    year = timedelta(days=364)
    rate[pd.Timestamp(WINDOW.start - year) : pd.Timestamp(WINDOW.end - year)] = 0.06 * move_then
    table = pd.DataFrame({"region": "KR", "day": days, "metric": "cancel_rate", "events": rng.binomial(300, rate)})
    table = table.assign(exposure=300.0, value_sum=np.nan, value_sumsq=np.nan, is_complete=True, is_mature=True)
    return Panel(table[list(PANEL_COLUMNS)].astype({"events": float}), {"cancel_rate": CANCEL}, (), WINDOW.end, {})


def test_the_same_weeks_a_year_ago_moved_or_did_not():
    slice_ = slice_of(quiet(1, orders_per_day=2))

    def result(move_then: float, expect: str) -> str:
        scene = replace(slice_.scene, panel=two_years(move_then))
        return Recurrence().test(replace(slice_, scene=scene), sign("recurrence", expect=expect)).evidence.result

    assert result(3.0, "present") == "supports" and result(3.0, "absent") == "contradicts"
    assert result(1.0, "present") == "contradicts" and result(1.0, "absent") == "supports"


def test_without_last_years_days_recurrence_is_not_tested():
    panel = two_years(3.0)
    short = replace(panel, daily=panel.daily[panel.daily["day"] >= pd.Timestamp(BEFORE.start)])
    slice_ = slice_of(quiet(1, orders_per_day=2))
    slice_ = replace(slice_, scene=replace(slice_.scene, panel=short))
    evidence = Recurrence().test(slice_, sign("recurrence")).evidence
    assert evidence.result == "not_testable" and "0 quiet days a year ago" in evidence.reason


def test_the_log_move_by_hand():
    # levels e and e^3 before: mean of logs has sd sqrt(2); window mean 1: log(1) - log((e + e^3) / 2)
    value, _, _, error = log_move(np.array([1.0]), np.array([np.e, np.e**3]))
    assert value == pytest.approx(-np.log((np.e + np.e**3) / 2))
    assert error == pytest.approx(np.sqrt(2) * np.sqrt(1 + 1 / 2))


# ── every sign ───────────────────────────────────────────────────────────────────────────────────────────

OPTIONS = {
    "bunching": {"at": "free_shipping_threshold", "expect": "above"},
    "kept_share": {"expect": {"at_least": 0.5}},
    "delay": {"to": "cancelled_at", "expect": {"within": 24.0}},
    "mix": {"column": "payment_method", "values": ("card",)},
    "peers": {"expect": "alone"},
    "rebuy": {"expect": {"at_least": 0.5}},
    "duplicates": {"expect": {"at_least": 0.5}},
    "composition": {"column": "channel", "expect": "composition"},
    "value_kept": {"expect": "up"},
}


@pytest.mark.parametrize("name", SIGN_TESTS)
def test_no_sign_breaks_on_an_empty_slice_or_one_without_columns(name):
    this = sign(name, **OPTIONS.get(name, {}))
    for world in (quiet(1).head(0), quiet(1)[["created_at", "status"]].head(3), quiet(1, orders_per_day=1)):
        evidence = load_sign_test(name).test(slice_of(world.reset_index(drop=True)).named(frozenset()), this).evidence
        assert evidence.result != "supports"
        assert evidence.reason or evidence.sentence


@pytest.mark.parametrize("name", SIGN_TESTS)
def test_shuffled_rows_give_the_same_evidence(name):
    frame = with_ring(with_padding(quiet(1), 1), 1)
    this = sign(name, **OPTIONS.get(name, {}))
    shuffled = frame.sample(frac=1, random_state=1).reset_index(drop=True)
    days = frozenset({WINDOW.start, WINDOW.end})
    first = load_sign_test(name).test(slice_of(frame).named(days), this).evidence
    second = load_sign_test(name).test(slice_of(shuffled).named(days), this).evidence
    assert first.result == second.result
    if first.effect is not None:
        assert second.effect.value == pytest.approx(first.effect.value, abs=1e-9)
