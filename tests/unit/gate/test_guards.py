"""Stops without statistics, and doubts about the data on which nothing passes."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from unit.gate.test_judge import POLICY, effect_of, verdict_of

from contextcheck.gate.guards import (
    ExposedDay,
    UsualDay,
    failed_orders,
    late_region,
    no_revenue,
    partial_load,
    sample_ratio,
    stale_data,
)
from contextcheck.gate.judge import decision_of
from contextcheck.knowledge.gate_policies import DataGuards, HardStops
from contextcheck.records import Reason

DAY = date(2026, 3, 10)
STOPS: HardStops = POLICY.hard_stops
GUARDS: DataGuards = POLICY.data
USUAL = UsualDay(100.0, 0.06, 5_000.0)


def day(failed: int, orders: int = 100, revenue: float | None = 5_000.0) -> ExposedDay:
    return ExposedDay(DAY, orders, orders, failed, revenue)


def test_half_of_the_exposed_orders_failing_stops_the_feature() -> None:
    (stop,) = failed_orders([day(50)], USUAL, STOPS)
    assert stop.speaks_for == "roll-back"
    assert (stop.value, stop.limit, stop.n) == (0.5, 0.5, 100)
    assert "50% of 100 exposed orders failed on 2026-03-10" in stop.text


@pytest.mark.parametrize(
    ("days", "usual"),
    [
        ([day(49)], USUAL),
        ([day(18, orders=20)], USUAL),  # too few orders to say anything
        ([day(60)], UsualDay(100.0, 0.45, 5_000.0)),  # usual there: 1.5 x 45 % = 67.5 %
    ],
)
def test_what_is_usual_there_or_too_small_stops_nothing(days: list[ExposedDay], usual: UsualDay) -> None:
    assert failed_orders(days, usual, STOPS) == ()


def test_orders_without_revenue_and_days_without_orders_stop_the_feature() -> None:
    assert no_revenue([day(0, revenue=0.0)], USUAL, STOPS)[0].speaks_for == "roll-back"
    (stop,) = no_revenue([day(0, orders=0, revenue=None)], USUAL, STOPS)
    assert "not one order" in stop.text and "if the load lacks them" in stop.text
    assert no_revenue([day(0, orders=0, revenue=None)], UsualDay(5.0, 0.0, 50.0), STOPS) == ()
    assert no_revenue([day(0)], USUAL, STOPS) == ()


def test_only_exposed_orders_count_as_failed_and_all_orders_as_sold() -> None:
    assert failed_orders([ExposedDay(DAY, 400, 40, 30, 5_000.0)], USUAL, STOPS)[0].n == 40
    assert no_revenue([ExposedDay(DAY, 100, 0, 0, 5_000.0)], USUAL, STOPS) == ()


def test_a_stop_rolls_back_whatever_the_money_says() -> None:
    stop = failed_orders([day(70)], USUAL, STOPS)
    assert verdict_of(effect_of(4120)).decision == "pass"
    assert verdict_of(effect_of(4120), stops=stop).decision == "roll-back"


def test_doubtful_data_hold_whatever_the_money_says() -> None:
    doubt = stale_data(DAY, DAY + timedelta(days=9), GUARDS)
    assert verdict_of(effect_of(4120), doubts=doubt).decision == "hold"
    assert verdict_of(effect_of(-1930), doubts=doubt).decision == "hold"


def test_old_data_are_doubted_only_against_a_day_that_was_asked_for() -> None:
    assert stale_data(DAY, None, GUARDS) == ()
    assert stale_data(DAY, DAY + timedelta(days=3), GUARDS) == ()
    assert "no fresh data" in stale_data(DAY, DAY + timedelta(days=4), GUARDS)[0].text


def orders_table(days: int = 70) -> pd.DataFrame:
    index = pd.date_range("2026-01-05", periods=days, name="day")
    weekly = 100 + 10 * np.cos(np.arange(days) * 2 * np.pi / 7)
    return pd.DataFrame({name: weekly for name in ("KR", "DE", "FR", "GB", "US")}, index=index)


def test_a_region_that_ends_before_the_others_is_late() -> None:
    table = orders_table()
    newest = table.index[-1].date()
    assert late_region(table, "KR", newest, GUARDS) == ()
    table.iloc[-1:, 0] = 0.0
    assert late_region(table, "KR", newest, GUARDS) == ()
    table.iloc[-3:, 0] = 0.0
    assert "late data: the last order of KR" in late_region(table, "KR", newest, GUARDS)[0].text
    assert "no orders of SE" in late_region(table, "SE", newest, GUARDS)[0].text


def test_a_day_loaded_in_part_is_doubted_but_a_launched_region_that_falls_is_not() -> None:
    table = orders_table()
    newest, start = table.index[-1].date(), table.index[56].date()
    assert partial_load(table, ["KR"], start, newest, GUARDS) == ()
    fallen = table.copy()
    fallen.iloc[-3:, 0] = 5.0
    assert partial_load(fallen, ["KR"], start, newest, GUARDS) == ()
    table.iloc[-1, 1:4] = 20.0
    (doubt,) = partial_load(table, ["KR"], start, newest, GUARDS)
    assert "3 of 4 untouched regions" in doubt.text and doubt.speaks_for == "hold"


def test_the_sample_ratio_is_tested_against_the_share_that_was_meant() -> None:
    half = DataGuards(3, 2, 0.4, 0.001, 0.5)
    # 5,150 of 10,000 at 50 %: chi-squared = 150^2 / 2,500 = 9, p = 0.0027; 5,200: 16, p = 0.00006.
    assert sample_ratio(5150, 4850, half) == ()
    assert sample_ratio(5200, 4800, half)[0].speaks_for == "hold"
    assert sample_ratio(9000, 1000, GUARDS) == ()


def test_nothing_said_is_no_pass() -> None:
    assert decision_of([]) == "hold"
    assert decision_of([Reason("context", "a remark")]) == "hold"
    assert (
        decision_of([Reason("benefit", "x", speaks_for="pass"), Reason("guardrail", "y", speaks_for="hold")]) == "hold"
    )
