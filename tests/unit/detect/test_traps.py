"""Faults of the data and harmless surges: none of them is a flag, and the faults are said."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from unit.detect.simulated import SHIPPED_LIKE, TWELVE, Shop, day, panel_of, rows, rule

from contextcheck.detect.interface import Detected, find_flags
from contextcheck.panel.table import Panel

RATES = {"cancel_rate": 0.06, "chargeback_rate": 0.002}


def search(panel: Panel) -> Detected:
    return find_flags(panel, SHIPPED_LIKE)


def codes(found: Detected) -> list[tuple[str, str]]:
    return [(problem.code, problem.where) for problem in found.problems]


def changed(panel: Panel, mask: pd.Series, **factors: float) -> Panel:
    daily = panel.daily.copy()
    for column, factor in factors.items():
        daily.loc[mask, column] = np.floor(daily.loc[mask, column] * factor)
    return replace(panel, daily=daily)


def on(panel: Panel, index: int) -> pd.Series:
    return panel.daily["day"] == pd.Timestamp(day(index))


def test_a_half_loaded_last_day_is_provisional_and_nothing_on_it_is_flagged() -> None:
    panel = Shop(TWELVE, RATES, days=90).panel(1)
    is_last, is_count = on(panel, 89), panel.daily["metric"] == "orders"
    partial = changed(panel, is_last & is_count, events=0.35)
    # the cancels of the missing orders are missing too, all but the early ones: rates look off as well
    partial = changed(partial, is_last & ~is_count, exposure=0.35, events=0.8)
    found = search(partial)
    assert found.flags == ()
    assert codes(found) == [("DT210", str(day(89)))]
    assert re.search(r"have 3\d % of their usual orders", found.problems[0].message)


def test_a_day_loaded_twice_raises_no_flag_and_is_said() -> None:
    panel = Shop(TWELVE, RATES, value=50.0, days=90).panel(2)
    is_twice = on(panel, 70)
    doubled = changed(panel, is_twice, events=2, exposure=2, value_sum=2, value_sumsq=2)
    is_count = doubled.daily["metric"] == "orders"
    doubled.daily.loc[is_twice & is_count, "exposure"] = 1.0
    found = search(doubled)
    assert found.flags == ()
    assert codes(found) == [("DT211", str(day(70)))]


@pytest.mark.parametrize("seed", range(3))
def test_a_promotion_that_triples_volume_at_an_unchanged_rate_is_no_flag(seed: int) -> None:
    shop = Shop(TWELVE, RATES, value=50.0, days=100, volume_changes={"KR": [(80, 86, 3.0)], "NZ": [(60, 75, 3.0)]})
    found = search(shop.panel(seed))
    assert found.flags == ()
    assert found.problems == ()


def test_days_on_which_a_region_was_not_loaded_are_said_and_not_flagged() -> None:
    panel = Shop(TWELVE, RATES, days=90).panel(3)
    mask = (panel.daily["region"] == "JP") & panel.daily["day"].between(pd.Timestamp(day(80)), pd.Timestamp(day(82)))
    lost = changed(panel, mask, events=0, exposure=0)
    lost.daily.loc[mask & (lost.daily["metric"] == "orders"), "exposure"] = 1.0
    found = search(lost)
    assert found.flags == ()
    assert codes(found) == [("DT212", "JP")]
    assert f"{day(80)} to {day(82)}" in found.problems[0].message


def test_an_incident_after_missing_days_is_still_found() -> None:
    shop = Shop(TWELVE, RATES, days=100, changes={("JP", "cancel_rate"): [(85, 99, 0.16)]})
    panel = shop.panel(3)
    mask = (panel.daily["region"] == "JP") & panel.daily["day"].between(pd.Timestamp(day(80)), pd.Timestamp(day(84)))
    lost = replace(panel, daily=panel.daily[~mask].reset_index(drop=True))
    found = search(lost)
    assert [(flag.region, flag.metric, flag.window.start) for flag in found.flags] == [("JP", "cancel_rate", day(85))]


def test_immature_days_are_not_judged() -> None:
    shop = Shop(TWELVE, RATES, days=90, changes={(region, "cancel_rate"): [(84, 89, 0.3)] for region in ("KR", "US")})
    panel = shop.panel(4)
    is_young = panel.daily["day"] >= pd.Timestamp(day(84))
    daily = panel.daily.assign(is_mature=~(is_young & (panel.daily["metric"] == "cancel_rate")))
    assert search(replace(panel, daily=daily)).flags == ()
    assert {flag.region for flag in search(panel).flags} == {"KR", "US"}


def test_a_market_without_orders_on_most_days_is_no_flag() -> None:
    rng = np.random.default_rng(5)
    volume = rng.poisson(0.15, 100)
    frames = [rows("TV", "orders", volume, np.ones(100)), rows("TV", "cancel_rate", rng.binomial(volume, 0.06), volume)]
    panel = Shop(TWELVE, RATES, days=100).panel(5)
    both = panel_of([panel.daily, *frames])
    assert search(both).flags == ()


def test_a_region_that_starts_late_is_too_little_data_and_not_a_flag() -> None:
    shop = Shop({**TWELVE, "ES": 700.0}, {"cancel_rate": 0.06}, days=90, starts={"ES": 75})
    shop.changes = {("ES", "cancel_rate"): [(0, 89, 0.14)]}
    found = search(shop.panel(6))
    assert found.flags == ()
    assert codes(found) == [("DT220", "ES")]
    assert found.problems[0].severity == "info"
    assert "15 days with orders" in found.problems[0].message


def test_a_young_region_is_judged_after_three_weeks_against_its_own_level() -> None:
    shop = Shop({**TWELVE, "ES": 700.0}, {"cancel_rate": 0.06}, days=100, starts={"ES": 50})
    shop.changes = {("ES", "cancel_rate"): [(0, 89, 0.14), (90, 99, 0.3)]}
    found = search(shop.panel(7))
    assert [(flag.region, flag.window.start) for flag in found.flags] == [("ES", day(90))]


def test_one_huge_order_is_no_finding_about_baskets() -> None:
    panel = Shop(TWELVE, RATES, value=50.0, days=90).panel(8)
    mask = on(panel, 80) & (panel.daily["region"] == "SE") & (panel.daily["metric"] == "aov")
    panel.daily.loc[mask, "value_sum"] += 77_000.0
    panel.daily.loc[mask, "value_sumsq"] += 77_000.0**2
    assert search(panel).flags == ()


def test_what_was_expected_does_not_grow_wider_with_the_amounts_that_came() -> None:
    panel = Shop(TWELVE, RATES, value=50.0, days=90).panel(8)
    mask = panel.daily["day"].ge(pd.Timestamp(day(80))) & (panel.daily["region"] == "SE")
    cents = mask & (panel.daily["metric"] == "aov")
    panel.daily.loc[cents, "value_sum"] *= 100
    panel.daily.loc[cents, "value_sumsq"] *= 100**2
    (flag,) = search(panel).flags
    assert flag.observed.rate == pytest.approx(5000, rel=0.1)
    assert flag.expected.low > 40 and flag.expected.high < 60


def test_an_empty_panel_and_rules_without_their_metric_give_nothing() -> None:
    panel = Shop({"KR": 500.0}, days=40).panel(9)
    assert find_flags(panel, [rule("unheard_of")]).flags == ()
    nothing = replace(panel, daily=panel.daily.iloc[:0])
    assert find_flags(nothing, SHIPPED_LIKE) == Detected((), (), 0, 0)


def test_a_detector_that_fails_is_a_problem_and_the_others_still_flag() -> None:
    shop = Shop(TWELVE, RATES, days=90, changes={("KR", "cancel_rate"): [(80, 89, 0.2)]})
    rules = [rule("cancel_rate"), rule("chargeback_rate", detector="no-such"), rule("orders", detector="json:nothing")]
    found = find_flags(shop.panel(10), rules)
    assert [flag.region for flag in found.flags] == ["KR"]
    assert codes(found) == [("DT290", "detector json:nothing"), ("DT290", "detector no-such")]
    assert 'no detector "no-such"; known: joint, surveillance' in found.problems[1].message
