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
    closed_weekdays,
    empty_days,
    failed_orders,
    late_region,
    no_revenue,
    partial_load,
    refused_split,
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


def days_of(*orders: int, is_counted: bool = False) -> list[ExposedDay]:
    """Days in a row up to DAY, a Tuesday."""
    return [
        ExposedDay(DAY - timedelta(days=len(orders) - 1 - place), count, count, 0, 50.0 * count, is_counted)
        for place, count in enumerate(orders)
    ]


def test_orders_without_revenue_stop_the_feature() -> None:
    assert no_revenue([day(0, revenue=0.0)], USUAL, STOPS, GUARDS)[0].speaks_for == "roll-back"
    assert no_revenue([day(0)], USUAL, STOPS, GUARDS) == ()


@pytest.mark.parametrize(
    ("orders", "words"),
    [
        ((100, 100, 0), "not one order on 2026-03-10, 100 are usual: not loaded, or nobody could order"),
        ((100, 0, 100), "not one order on 2026-03-09, 100 are usual and orders again since: not loaded, or"),
        ((100, 0, 0, 100), "not one order on 2026-03-09 and 1 other day, 100 are usual and orders again since"),
        ((100, 30, 0, 30), "not one order on 2026-03-09"),  # one thin day beside it: cut by the load, perhaps
        ((100, 0, 38, 62, 0), "not one order on 2026-03-10 and 1 other day"),  # one day of another clock, in two parts
    ],
)
def test_a_day_without_orders_alone_is_a_doubt_and_no_stop(orders: tuple[int, ...], words: str) -> None:
    assert no_revenue(days_of(*orders), USUAL, STOPS, GUARDS) == ()
    (doubt,) = empty_days(days_of(*orders), USUAL, STOPS, GUARDS)
    assert (doubt.kind, doubt.speaks_for) == ("data", "hold")
    assert words in doubt.text


def test_late_data_are_doubted_once() -> None:
    assert empty_days(days_of(100, 100, 0, 0), USUAL, STOPS, GUARDS) == ()  # late_region says it from two days on
    (doubt,) = empty_days(days_of(100, 0, 100, 0, 0), USUAL, STOPS, GUARDS)
    assert "not one order on 2026-03-07, 100" in doubt.text


def test_an_empty_day_that_is_long_past_or_small_or_usual_is_no_doubt() -> None:
    past = days_of(100, 0, *[100] * 7)
    assert empty_days(past, USUAL, STOPS, GUARDS) == no_revenue(past, USUAL, STOPS, GUARDS) == ()
    assert empty_days(days_of(5, 0), UsualDay(5.0, 0.0, 50.0), STOPS, GUARDS) == ()
    closed = UsualDay(100.0, 0.06, 5_000.0, closed_weekdays(days_frame(weekly=[120] * 6 + [0])))
    assert closed.closed == frozenset({6})
    assert empty_days(days_of(100, 0, 100, 100), closed, STOPS, GUARDS) == ()  # 8 March is a Sunday


def days_frame(weekly: list[int]) -> pd.Series:
    return pd.Series(weekly * 4, index=pd.date_range("2026-01-05", periods=28), dtype=float)  # from a Monday on


def test_a_loaded_market_that_sells_nothing_any_more_stops_the_feature() -> None:
    fading = days_of(100, 100, 0, 3, 0, 5, 0)
    (stop,) = no_revenue(fading, USUAL, STOPS, GUARDS)
    assert (stop.kind, stop.speaks_for) == ("hard-stop", "roll-back")
    assert "under 40% of that on each of the 2 days with orders since" in stop.text
    assert empty_days(fading, USUAL, STOPS, GUARDS) == ()
    visited = days_of(100, 100, 0, is_counted=True)
    (stop,) = no_revenue(visited, USUAL, STOPS, GUARDS)
    assert "not one order on 2026-03-10, 100 are usual, and other figures of the market were counted" in stop.text
    assert empty_days(visited, USUAL, STOPS, GUARDS) == ()


def test_only_exposed_orders_count_as_failed_and_all_orders_as_sold() -> None:
    assert failed_orders([ExposedDay(DAY, 400, 40, 30, 5_000.0)], USUAL, STOPS)[0].n == 40
    assert no_revenue([ExposedDay(DAY, 100, 0, 0, 5_000.0)], USUAL, STOPS, GUARDS) == ()


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
    # 5,150 of 10,000 at 50 %: chi-squared = 150^2 / 2,500 = 9, p = 0.0027; 5,200: 16, p = 0.00006.
    assert sample_ratio(5150, 4850, 0.5, GUARDS) == ()
    assert sample_ratio(5200, 4800, 0.5, GUARDS)[0].speaks_for == "hold"
    assert sample_ratio(9000, 1000, None, GUARDS) == ()


def test_a_split_that_was_meant_and_is_refused_is_a_doubt() -> None:
    (doubt,) = refused_split("every customer saw the feature", 0.5)
    assert (doubt.kind, doubt.speaks_for) == ("data", "hold")
    assert doubt.text.startswith("50% of the customers were meant to see it, but")
    assert refused_split("", 0.5) == refused_split("every customer saw the feature", None) == ()


def test_nothing_said_is_no_pass() -> None:
    assert decision_of([]) == "hold"
    assert decision_of([Reason("context", "a remark")]) == "hold"
    assert (
        decision_of([Reason("benefit", "x", speaks_for="pass"), Reason("guardrail", "y", speaks_for="hold")]) == "hold"
    )
