"""The counterfactual against hand calculations and published numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from unit.impact.money_panels import FIRST_DAY, against, window

from contextcheck.impact.comparison import Comparison, compare_days
from contextcheck.impact.effects import Effect
from contextcheck.impact.methods.ratio_did import ratio_did
from contextcheck.impact.noise import long_run_ratio, quiet_residuals, serial_dependence, serial_noise, weekday_weights
from contextcheck.impact.placebo import placebo_rank
from contextcheck.panel.reference import Reference


def table(**regions: list[float]) -> pd.DataFrame:
    length = len(next(iter(regions.values())))
    return pd.DataFrame(regions, index=pd.date_range(FIRST_DAY, periods=length), dtype=float)


def effect_of(series: pd.DataFrame, compared: Comparison) -> Effect:
    return ratio_did([series], compared)[0]


def comparison(series: pd.DataFrame, before: int, *controls: str) -> Comparison:
    return Comparison(series.columns[0], series.index[:before], series.index[before:], controls, {})


def test_a_change_that_the_controls_share_is_taken_out() -> None:
    # KR 100 → 130, controls together 50 + 150 = 200 → 220, that is x 1.1: delta = 130 - 100 x 1.1 = 20 a day.
    series = table(KR=[100.0] * 14 + [130.0] * 7, JP=[50.0] * 14 + [60.0] * 7, TW=[150.0] * 14 + [160.0] * 7)
    effect = effect_of(series, comparison(series, 14, "JP", "TW"))
    assert effect.value == pytest.approx(20.0)
    assert effect.movement == pytest.approx(1.1)
    assert effect.expected == pytest.approx(110.0)


def test_without_controls_the_own_past_alone_is_compared() -> None:
    series = table(KR=[100.0] * 14 + [130.0] * 7)
    assert effect_of(series, comparison(series, 14)).value == pytest.approx(30.0)


def test_a_window_of_a_weekend_is_compared_with_weekends() -> None:
    # Saturdays and Sundays are 200, other days 100, before and after alike: nothing changed.
    week = [100.0] * 5 + [200.0] * 2
    series = table(KR=week * 3, JP=week * 3)
    only_weekend = Comparison("KR", series.index[:14], series.index[19:21], ("JP",), {})
    assert effect_of(series, only_weekend).value == pytest.approx(0.0)


def test_weights_of_whole_weeks_are_equal() -> None:
    days = pd.date_range(FIRST_DAY, periods=28)
    assert weekday_weights(days[:14], days[14:]) == pytest.approx(np.full(14, 1 / 14))


def test_the_drift_of_the_controls_widens_the_interval() -> None:
    # Nothing varies from day to day, but the controls drift by -10, 0, +10 %: days alone would say "certain".
    before = [100.0] * 14
    series = table(KR=before + [105.0] * 14, A=before + [90.0] * 14, B=before + [100.0] * 14, C=before + [110.0] * 14)
    effect = effect_of(series, comparison(series, 14, "A", "B", "C"))
    assert effect.error_of_days == pytest.approx(0.0, abs=1e-6)
    # Placebo of A: 90 - 100 x 210/200 = -15; B: 100 - 100 x 200/200 = 0; C: 110 - 100 x 190/200 = +15: their root mean
    # square is 12.25 % of KR's 100 a day; three of them leave room for more.
    assert 12.25 < effect.error_between < 20
    low, high = effect.interval(0.9)
    assert low < -15
    assert high > 25


def test_noise_of_quiet_days_is_the_textbook_standard_deviation() -> None:
    # Four weeks of one weekday pattern plus noise known by hand: +1 and -1 in turn by week, so that every weekday has
    # mean 0 and sum of squares 28; 28 days less 7 weekday means leave 21: sd = sqrt(28 / 21).
    pattern = np.tile(np.arange(7.0) * 10, 4)
    noise = np.repeat([1.0, -1.0, 1.0, -1.0], 7)
    days = pd.date_range(FIRST_DAY, periods=28)
    residual = quiet_residuals((pattern + noise + 100)[:, None], days.day_of_week.to_numpy())
    assert np.sqrt(np.mean(residual**2)) == pytest.approx(np.sqrt(28 / 21))


def test_serial_dependence_enlarges_the_noise() -> None:
    rng = np.random.default_rng(4)
    weekdays = np.arange(2000) % 7
    independent = rng.normal(size=2000)
    dependent = np.empty(2000)
    dependent[0] = independent[0]
    for number in range(1, 2000):
        dependent[number] = 0.5 * dependent[number - 1] + independent[number]
    assert serial_noise(independent, serial_dependence([independent])) == pytest.approx(1.0, rel=0.08)
    assert long_run_ratio([independent], weekdays) == pytest.approx(1.0, abs=0.25)
    # The variance of a mean of an AR(1) with r = 0.5 is (1 + 0.5) / (1 - 0.5) = 3 times that of independent days; its
    # spectrum, (1 - r^2) / (1 + r^2 - 2 r cos w), is 2.1 at waves of two weeks and 2.7 at waves of four, the ones that
    # are looked at.
    assert 2.0 < long_run_ratio([dependent], weekdays) < 2.8
    # A mean of n days of AR(1) with r = 0.5 and innovations of variance 1 has variance (1 / (1 - 0.5))^2 / n = 4 / n.
    assert serial_noise(dependent, serial_dependence([dependent])) == pytest.approx(2.0, rel=0.1)


def test_a_slow_drift_is_not_taken_for_days_that_hang_together() -> None:
    """Placebo effects measure drift; counted in the noise of days as well it would count twice."""
    rng = np.random.default_rng(7)
    weekdays = np.arange(56) % 7
    regions = [rng.normal(size=56) + 1.5 * np.cos(np.pi * (np.arange(56) + 0.5) / 56) for _ in range(8)]
    assert long_run_ratio(regions, weekdays) < 1.3


def test_a_drift_that_only_the_older_past_shows_widens_the_interval() -> None:
    """The same quiet days; in the eight weeks before them each region stood ten percent higher or lower."""
    rng = np.random.default_rng(9)
    names = ["KR", "A", "B", "C", "D"]
    noise = pd.DataFrame(
        100 * rng.normal(1, 0.02, (140, 5)), index=pd.date_range(FIRST_DAY, periods=140), columns=names
    )
    moved = noise.copy()
    moved.iloc[:56] *= [1.1, 0.9, 1.1, 0.9, 1.1]
    compared = Comparison("KR", noise.index[56:112], noise.index[112:], tuple(names[1:]), {})
    with_past = replace(compared, history=noise.index[:56])
    assert effect_of(moved, compared) == effect_of(noise, compared)
    assert effect_of(moved, with_past).error > 2 * effect_of(noise, with_past).error
    assert effect_of(noise, with_past).value == effect_of(noise, compared).value


def test_the_older_past_is_clean_and_comparable_and_at_most_eight_weeks() -> None:
    days = pd.date_range(FIRST_DAY, periods=140)
    usable = pd.DataFrame({"KR": True, "JP": True}, index=days)
    usable.iloc[100 - 70, 1] = False  # one day of JP that does not count
    reference = replace(against("JP", before=window(77, 97)), clean=window(10, 97))
    found = compare_days(usable, ~usable, usable & False, "KR", window(100, 120), reference)
    assert len(found.history) == 56
    assert found.history[-1] == days[76]
    assert days[30] not in found.history
    assert found.history[0] == days[20]  # 56 days back from day 76, day 30 left out


def test_blocks_of_days_agree_with_the_standard_error_of_independent_days() -> None:
    rng = np.random.default_rng(1)
    series = table(KR=list(rng.normal(100, 5, 112)))
    effect = effect_of(series, comparison(series, 56))
    # Means of 56 independent days with sd 5 on both sides: 5 x sqrt(1/56 + 1/56) = 0.945.
    assert effect.error_of_days == pytest.approx(0.945, rel=0.25)


def test_a_placebo_rank_counts_controls_that_moved_as_far() -> None:
    before = [100.0] * 14
    series = table(
        KR=before + [112.0] * 7,
        A=before + [80.0] * 7,
        B=before + [101.0] * 7,
        C=before + [99.0] * 7,
        D=before + [100.0] * 7,
    )
    # Only A moved further than KR, relative to the others.
    assert placebo_rank(series, comparison(series, 14, "A", "B", "C", "D")) == (1, 4)


def test_days_that_are_too_young_are_left_out_and_counted() -> None:
    days = pd.date_range(FIRST_DAY, periods=28)
    usable = pd.DataFrame({"KR": [True] * 24 + [False] * 4, "JP": True}, index=days)
    immature = pd.DataFrame({"KR": [False] * 24 + [True] * 4, "JP": False}, index=days)
    empty = pd.DataFrame({"KR": False, "JP": False}, index=days)
    found = compare_days(usable, immature, empty, "KR", window(14, 27), against("JP", before=window(0, 13)))
    assert len(found.after) == 10
    assert found.left_out == ("4 days are too young to judge and left out",)


def test_a_control_without_enough_days_is_dropped_with_its_reason() -> None:
    days = pd.date_range(FIRST_DAY, periods=28)
    usable = pd.DataFrame({"KR": True, "JP": [True] * 28, "TW": [False] * 20 + [True] * 8}, index=days)
    nothing = usable & False
    found = compare_days(usable, nothing, nothing, "KR", window(14, 27), against("JP", "TW", before=window(0, 13)))
    assert found.controls == ("JP",)
    assert found.dropped["TW"] == "8 of 28 days can be compared"


def test_no_quiet_past_is_a_reason_and_no_number() -> None:
    days = pd.date_range(FIRST_DAY, periods=28)
    usable = pd.DataFrame({"KR": True}, index=days)
    reference = Reference(None, (), {}, "3 quiet days before 2026-01-08, 14 needed")
    found = compare_days(usable, usable & False, usable & False, "KR", window(3, 27), reference)
    assert found.reason == "3 quiet days before 2026-01-08, 14 needed"
