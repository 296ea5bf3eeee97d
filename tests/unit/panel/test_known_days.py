"""Holidays, commercial dates and the season of the year before in daily panels."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from unit.panel.test_baseline import panel_of, row_of, rows

from contextcheck.detect.general_rules import general_rule
from contextcheck.detect.interface import find_flags
from contextcheck.knowledge.dates import public_holidays
from contextcheck.panel.baseline import Baseline, estimate_baseline
from contextcheck.panel.named_days import name_days
from contextcheck.panel.table import Panel

FIRST = pd.Timestamp("2026-01-05")
MARKETS = ("DE", "FR", "IT", "ES", "NL", "AT", "BE", "PL")
# Christmas Day of the first and of the second year, from 5 January 2026 on
CHRISTMAS = (354, 719)
DAYS = 740


def shop(seed: int, factors: dict[int, float], days: int = DAYS, names: tuple[str, ...] = MARKETS) -> Panel:
    rng = np.random.default_rng(seed)
    factor = np.ones(days)
    for column, each in factors.items():
        factor[column] = each
    frames = []
    for region in names:
        orders = rng.poisson(3000, days)
        rate = 0.06 * factor * rng.lognormal(0, 0.04, days)
        frames.append(rows(region, "cancel_rate", rng.binomial(orders, rate), orders))
    return panel_of(*frames)


def expected(baseline: Baseline, region: str, column: int) -> float:
    row = row_of(baseline, region)
    return float(np.exp(baseline.level[row, column] + baseline.offset[row, column]))


def test_christmas_day_of_germany_is_the_355th_day_of_the_panel() -> None:
    # 5 January + 354 days = 25 December
    assert (FIRST + pd.Timedelta(days=CHRISTMAS[0])).date() == date(2026, 12, 25)
    assert (FIRST + pd.Timedelta(days=CHRISTMAS[1])).date() == date(2027, 12, 25)
    assert public_holidays("DE", date(2026, 12, 25), date(2026, 12, 25)) == {date(2026, 12, 25): "Christmas Day"}


def test_a_holiday_of_last_year_is_expected_this_year() -> None:
    moved = dict.fromkeys(CHRISTMAS, 1.4)
    baseline = estimate_baseline(shop(1, moved), ["cancel_rate"])
    assert expected(baseline, "DE", CHRISTMAS[0]) == pytest.approx(0.06, rel=0.1)
    assert expected(baseline, "DE", CHRISTMAS[1]) == pytest.approx(0.084, rel=0.1)
    # nothing of it spills over to the ordinary week before
    assert expected(baseline, "DE", CHRISTMAS[1] - 7) == pytest.approx(0.06, rel=0.08)


def test_the_margin_is_wider_on_a_holiday_by_what_holidays_usually_do() -> None:
    # every holiday of Germany moves the rates of all markets by a fifth, up or down
    rng = np.random.default_rng(2)
    found = name_days(["DE"], np.arange(np.datetime64("2026-01-05"), np.datetime64("2026-01-05") + DAYS), {})
    named = np.flatnonzero(found.of_day[0] >= 0)
    wild = estimate_baseline(shop(2, {int(each): float(rng.choice([0.8, 1.25])) for each in named}), ["cancel_rate"])
    calm = estimate_baseline(shop(2, {}), ["cancel_rate"])
    row, last = row_of(wild, "DE"), int(named[named < 360][-1])
    # log 1.25 is 0.22; the other markets have holidays on days of their own, which move nothing
    assert 0.1 < np.sqrt(wild.offset_variance[row, last]) < 0.25
    assert np.sqrt(calm.offset_variance[row, last]) < 0.05
    assert not wild.offset_variance[row, np.flatnonzero(found.of_day[0] < 0)].any()


def test_where_holidays_move_nothing_the_margin_shrinks() -> None:
    calm = estimate_baseline(shop(3, {}), ["cancel_rate"])
    row = row_of(calm, "DE")
    named = np.flatnonzero(calm.offset_variance[row] > 0)
    variance = calm.offset_variance[row, named]
    assert np.median(variance[-20:]) < 0.7 * variance[0]


def test_a_holiday_never_seen_is_expected_to_do_what_holidays_do() -> None:
    """Every holiday of Germany lifts the rates by a fifth; the first Christmas comes after eight others."""
    found = name_days(["DE"], np.arange(np.datetime64("2026-01-05"), np.datetime64("2026-01-05") + DAYS), {})
    real = [name for name in found.names if not name.startswith("the day")]
    moved = {int(day): 1.2 for day in np.flatnonzero(found.of_day[0] >= 0) if found.names[found.of_day[0, day]] in real}
    baseline = estimate_baseline(shop(4, moved, names=("DE",)), ["cancel_rate"])
    assert expected(baseline, "DE", CHRISTMAS[0]) > 0.065
    calm = estimate_baseline(shop(4, {}, names=("DE",)), ["cancel_rate"])
    assert expected(calm, "DE", CHRISTMAS[0]) == pytest.approx(0.06, rel=0.06)


def test_a_holiday_without_events_where_two_are_usual_is_no_huge_fall() -> None:
    """Thirty orders a day and two cancels: none on Christmas Day is chance, and next year's expectation shows it."""
    rng = np.random.default_rng(5)
    orders = rng.poisson(35, DAYS)
    events = rng.binomial(orders, 0.06)
    events[list(CHRISTMAS)[0]] = 0
    baseline = estimate_baseline(panel_of(rows("DE", "cancel_rate", events, orders)), ["cancel_rate"])
    assert expected(baseline, "DE", CHRISTMAS[1]) > 0.045


def test_a_small_region_without_events_on_a_feast_says_little_about_the_feast_elsewhere() -> None:
    """None of four cancels is no rare thing: a large market that has the same feast later expects an ordinary one."""
    rng = np.random.default_rng(6)
    small, large = rng.poisson(66, DAYS), rng.poisson(20_000, DAYS)
    few, many = rng.binomial(small, 0.06), rng.binomial(large, 0.06)
    few[CHRISTMAS[0]] = 0
    # the large market is not there yet in the first year
    late = large * (np.arange(DAYS) > 400)
    panel = panel_of(rows("AT", "cancel_rate", few, small), rows("DE", "cancel_rate", np.where(late, many, 0), late))
    seen = expected(estimate_baseline(panel, ["cancel_rate"]), "DE", CHRISTMAS[1])
    assert seen == pytest.approx(0.06, rel=0.25)


def test_a_feast_that_is_bigger_than_last_year_is_still_flagged_and_the_usual_one_is_not() -> None:
    rule = general_rule(shop(7, {}, 30), "cancel_rate", "both")
    usual, bigger = ({CHRISTMAS[0]: 1.4, CHRISTMAS[1]: second} for second in (1.4, 2.4))
    since = date(2027, 12, 1)
    assert not find_flags(shop(7, usual), [rule], since=since).flags
    flags = find_flags(shop(7, bigger), [rule], since=since).flags
    assert {flag.region for flag in flags} == set(MARKETS)
    # the start is an estimate
    assert all(abs((flag.window.start - date(2027, 12, 25)).days) <= 1 for flag in flags)


def test_a_first_holiday_within_the_usual_is_said_and_not_flagged() -> None:
    # holidays of the year move the rate by about a fifth; Christmas does so for the first time
    found = name_days(["DE"], np.arange(np.datetime64("2026-01-05"), np.datetime64("2026-01-05") + 360), {})
    named = [int(each) for each in np.flatnonzero(found.of_day[0] >= 0)]
    rng = np.random.default_rng(8)
    panel = shop(8, {each: float(rng.choice([0.75, 1.3])) for each in named}, 360)
    detected = find_flags(panel, [general_rule(panel, "cancel_rate", "both")], since=date(2026, 12, 10))
    said = [each.message for each in detected.problems if each.code == "DT241"]
    assert said
    assert "cancel_rate on " in said[0]
    assert "not flagged" in said[0]
    assert not [flag for flag in detected.flags if flag.region == "DE"]


def test_a_market_name_that_is_no_code_has_no_holidays() -> None:
    baseline = estimate_baseline(shop(4, {}, 120, ("North", "South", "R00")), ["cancel_rate"])
    assert not baseline.offset_variance.any()


def test_days_beside_a_holiday_and_commercial_dates_have_names() -> None:
    days = np.arange(np.datetime64("2026-11-20"), np.datetime64("2027-01-03"))
    found = name_days(["DE", "North"], days, {"North": {date(2026, 11, 27): "black-friday"}})
    names = {str(days[column]): found.names[found.of_day[0, column]] for column in np.flatnonzero(found.of_day[0] >= 0)}
    assert names["2026-12-25"] == "Christmas Day"
    assert names["2026-12-24"] == "the day before Christmas Day"
    assert names["2026-12-27"].startswith("the day after ")
    assert [found.names[each] for each in found.of_day[1] if each >= 0] == ["black-friday"]


def test_a_wave_of_a_year_is_foretold_in_the_second_year() -> None:
    rng = np.random.default_rng(5)
    days = 800
    rate = 0.06 * np.exp(0.35 * np.cos(2 * np.pi * np.arange(days) / 365.2425))
    frames = []
    for region in ("North", "South", "East", "West", "Isles", "Hills", "Coast"):
        orders = rng.poisson(4000, days)
        frames.append(rows(region, "cancel_rate", rng.binomial(orders, rate * rng.lognormal(0, 0.03, days)), orders))
    baseline = estimate_baseline(panel_of(*frames), ["cancel_rate"])
    # four weeks ahead from the level known before, in the steepest months of the second year
    ahead = np.arange(420, 500)
    foretold = np.exp(baseline.level[:, ahead - 28] + baseline.offset[:, ahead])
    standing = np.exp(baseline.level[:, ahead - 28] + baseline.offset[:, ahead - 28])
    wrong, naive = (np.abs(np.log(each / rate[ahead])).mean() for each in (foretold, standing))
    # with little more than a year to learn from some of the wave is taken for drift
    assert wrong < 0.7 * naive


def test_without_a_wave_none_is_followed() -> None:
    baseline = estimate_baseline(
        shop(6, {}, 500, ("North", "South", "East", "West", "Isles", "Hills")), ["cancel_rate"]
    )
    moved = baseline.offset[:, 490] - baseline.offset[:, 490 - 28]
    assert np.abs(moved).max() < 0.03
