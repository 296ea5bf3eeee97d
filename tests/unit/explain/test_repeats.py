"""Accounts that share nothing and keep nothing, day after day: seen when there, never made of others."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from explain_worlds import FIRST_DAY, WINDOW, WINDOW_DAYS, quiet, sign, slice_of, with_padding, with_ring
from scipy.stats import binom

from contextcheck.explain.signs.repeats import Repeats, Visits, by_chance, stands_out

AGAIN = sign("repeats", share=0.1)


def with_cancellers(frame, accounts=25, days=6, *, start=WINDOW.start, last=WINDOW_DAYS, seed=3, name="lone"):
    """Accounts of their own that order on so many days of two weeks and call everything off; they share nothing."""
    rng = np.random.default_rng(seed)
    rows = []
    for account in range(accounts):
        for day in rng.choice(last, days, replace=False):
            created = pd.Timestamp(start) + pd.Timedelta(days=int(day), minutes=int(rng.integers(0, 1440)))
            rows.append({"created_at": created, "customer_id": f"{name}{account:03d}"})
    extra = pd.DataFrame(rows).assign(order_total=45.0, retained_total=0.0, status="cancelled")
    extra["cancelled_at"] = extra["created_at"] + pd.Timedelta(hours=2)
    for key in ("device_id", "address_id", "payment_id"):
        extra[key] = extra["customer_id"] + key
    return pd.concat([frame, extra], ignore_index=True)


def evidence_of(frame):
    return Repeats().test(slice_of(frame), AGAIN).evidence


def test_lone_accounts_inside_a_crowd_are_seen_with_their_share():
    frame = with_cancellers(with_padding(quiet(1), 1))
    evidence = evidence_of(frame)
    # 25 x 6 = 150 of the excess; the crowd's trimmed baskets are the rest
    trimmed = int((frame["status"] == "partially_cancelled").sum())
    assert evidence.result == "supports"
    assert evidence.effect.value == pytest.approx(150 / (150 + trimmed), abs=0.05)
    # an ordinary customer may stand out by chance beside them
    assert 25 <= int(evidence.sentence.split()[0]) <= 27


@pytest.mark.parametrize("seed", range(8))
def test_ordinary_weeks_and_harmless_crowds_have_none(seed):
    assert evidence_of(quiet(seed)).result != "supports"
    assert evidence_of(with_padding(quiet(seed), seed)).result != "supports"
    assert evidence_of(with_padding(quiet(seed, customers=400), seed)).result != "supports"


def test_people_who_have_always_done_so_carry_no_excess():
    frame = with_padding(quiet(2), 2)
    for week in range(0, 70, 14):
        start = pd.Timestamp(FIRST_DAY) + pd.Timedelta(days=week)
        frame = with_cancellers(frame, start=start, seed=week, name=f"w{week}")
    evidence = evidence_of(frame)
    assert evidence.result == "contradicts"
    usual = int(evidence.sentence.split("; ")[1].split()[0])
    assert 24 <= usual <= 28


def test_orders_of_one_day_are_one_decision():
    frame = with_cancellers(with_padding(quiet(1), 1), days=1)
    many = pd.concat([frame, *[frame[frame["customer_id"].str.startswith("lone")]] * 5], ignore_index=True)
    evidence = evidence_of(many)
    assert evidence.result == "contradicts"
    assert evidence.effect.value < 0.02


def test_people_who_keep_the_order_that_they_place_again_are_not_meant():
    frame = with_cancellers(with_padding(quiet(1), 1))
    mine = frame["customer_id"].str.startswith("lone")
    kept = frame[mine].assign(created_at=lambda rows: rows["created_at"] + pd.Timedelta(days=1), status="delivered")
    both = pd.concat([frame, kept.assign(retained_total=45.0, cancelled_at=pd.NaT)], ignore_index=True)
    assert evidence_of(both).result == "contradicts"


def test_accounts_that_share_things_are_a_group_and_another_entrys():
    assert evidence_of(with_ring(with_padding(quiet(1), 1), 1)).result == "contradicts"


def test_fewer_than_five_accounts_are_single_decisions():
    evidence = evidence_of(with_cancellers(quiet(1), accounts=4, days=12))
    assert evidence.result == "contradicts"


def test_without_amounts_it_says_what_is_missing():
    evidence = evidence_of(with_cancellers(quiet(1)).drop(columns="retained_total"))
    assert evidence.result == "not_testable" and "retained_total" in evidence.reason


def test_the_number_by_chance_by_hand():
    # one customer in ten loses a visit: of 3 visits all 3 must be lost, of 5 visits 3 (1.5 x 0.5 + 2 x 0.71 = 2.2)
    customer = np.repeat(np.arange(2), [3, 5])
    padding = np.arange(2, 34)  # single visits, which never count
    visits = Visits(np.concatenate([customer, padding]), np.concatenate([np.zeros(8), np.repeat([1.0, 0.0], [4, 28])]))
    assert visits.lost.mean() == pytest.approx(0.1)
    assert by_chance(visits) == pytest.approx(0.1**3 + binom.sf(2, 5, 0.1))


def test_the_limit_grows_with_the_visits():
    # 20 visits, 12 lost, half of all visits are lost: 1.5 x 10 + 2 x 3.2 = 21.3 is not reached
    visits = Visits(
        np.repeat([0, 1], [20, 20]), np.concatenate([np.repeat([1.0, 0.0], [12, 8]), np.ones(8), np.zeros(12)])
    )
    assert stands_out(visits, 2).tolist() == [False, False]
