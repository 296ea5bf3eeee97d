"""Start, course and end of incidents, and incidents that belong together."""

from __future__ import annotations

from dataclasses import replace

import pytest
from unit.detect.simulated import SHIPPED_LIKE, TWELVE, Shop, cut, day, panel_of, rule

from contextcheck.detect.interface import find_flags
from contextcheck.panel.table import Panel
from contextcheck.records import Flag, Launch

RATES = {"cancel_rate": 0.06, "modify_rate": 0.02}


def flags_of(panel: Panel) -> tuple[Flag, ...]:
    return find_flags(panel, SHIPPED_LIKE).flags


@pytest.mark.parametrize("seed", range(3))
def test_an_incident_that_is_over_ends_with_its_last_odd_day(seed: int) -> None:
    shop = Shop(TWELVE, RATES, days=110, changes={("DE", "cancel_rate"): [(70, 79, 0.15)]})
    (flag,) = flags_of(shop.panel(seed))
    assert (flag.region, flag.metric) == ("DE", "cancel_rate")
    assert abs((flag.window.start - day(70)).days) <= 1
    assert abs((flag.window.end - day(79)).days) <= 1
    assert not flag.window.is_open


def test_one_incident_is_one_flag_however_long_it_lasts() -> None:
    shop = Shop(TWELVE, RATES, days=110, changes={("JP", "cancel_rate"): [(75, 109, 0.12)]})
    panel = shop.panel(1)
    for last in (78, 85, 95, 109):
        flags = flags_of(cut(panel, day(last)))
        assert [(flag.region, flag.window.is_open, flag.window.end) for flag in flags] == [("JP", True, day(last))]
        assert abs((flags[0].window.start - day(75)).days) <= 1


def test_the_start_lies_in_its_interval_as_often_as_it_says() -> None:
    """Forty weak changes with a known first day: 95 % means that at most five may miss (chance of more: 1.4 %)."""
    held = told = 0
    widths = []
    for seed in range(40):
        region, rate = [("JP", 0.085), ("GB", 0.09), ("MX", 0.12), ("US", 0.075)][seed % 4]
        shop = Shop(TWELVE, {"cancel_rate": 0.06}, days=100, changes={(region, "cancel_rate"): [(80, 99, rate)]})
        for flag in flags_of(shop.panel(100 + seed)):
            assert flag.start_between is not None
            earliest, latest = flag.start_between
            assert earliest <= flag.window.start <= latest
            if flag.region == region:
                told += 1
                held += earliest <= day(80) <= latest
                widths.append((latest - earliest).days + 1)
    assert told >= 36
    assert told - held <= 5
    # an interval that says nothing would hold as well
    assert max(widths) <= 14 and sum(widths) / len(widths) <= 4


def test_a_strong_start_is_known_to_the_day_and_a_weak_one_is_not() -> None:
    strong, weak = (
        flags_of(Shop(TWELVE, RATES, days=100, changes={("MX", "cancel_rate"): [(80, 99, rate)]}).panel(5))[0]
        for rate in (0.5, 0.11)
    )
    assert strong.start_between == (day(80), day(80))
    assert weak.start_between is not None and weak.start_between[0] < weak.start_between[1]


STEPS = {
    "worsening": [(80, 89, 0.12), (90, 96, 0.24)],
    "ongoing": [(80, 96, 0.16)],
    "easing": [(80, 89, 0.24), (90, 96, 0.15)],
    "over": [(80, 86, 0.2)],
}


@pytest.mark.parametrize("course", STEPS)
def test_the_course_of_a_flag_says_where_it_stands(course: str) -> None:
    shop = Shop(TWELVE, RATES, days=97, changes={("JP", "cancel_rate"): STEPS[course]})
    (flag,) = flags_of(shop.panel(21))
    assert flag.course == course
    assert flag.window.is_open == (course != "over")


def test_a_slump_that_deepens_is_worsening() -> None:
    shop = Shop(TWELVE, RATES, days=100, volume_changes={"JP": [(80, 90, 0.4), (91, 99, 0.05)]})
    (flag,) = flags_of(shop.panel(9))
    assert (flag.metric, flag.direction, flag.course) == ("orders", "down", "worsening")


def test_a_steady_incident_seldom_seems_to_turn() -> None:
    """Nominally 2 % on a given day; eight of sixty would come up with a chance under one in ten thousand."""
    turned = 0
    for seed in range(60):
        shop = Shop(TWELVE, {"cancel_rate": 0.06}, days=100, changes={("JP", "cancel_rate"): [(82, 99, 0.15)]})
        turned += any(flag.course != "ongoing" for flag in flags_of(shop.panel(200 + seed)) if flag.region == "JP")
    assert turned <= 7


def test_two_incidents_are_two_flags() -> None:
    shop = Shop(TWELVE, RATES, days=120, changes={("GB", "cancel_rate"): [(50, 54, 0.18), (90, 95, 0.18)]})
    flags = flags_of(shop.panel(2))
    assert [flag.region for flag in flags] == ["GB", "GB"]
    assert [abs((flag.window.start - day(at)).days) <= 1 for flag, at in zip(flags, (50, 90), strict=True)] == [
        True
    ] * 2


def test_an_incident_that_pauses_for_a_weekend_stays_one_flag() -> None:
    shop = Shop(TWELVE, RATES, days=110, changes={("GB", "cancel_rate"): [(70, 74, 0.18), (77, 81, 0.18)]})
    (flag,) = flags_of(shop.panel(3))
    assert abs((flag.window.start - day(70)).days) <= 1
    assert abs((flag.window.end - day(81)).days) <= 1


def test_a_lasting_change_becomes_the_new_level_after_six_weeks_and_is_said() -> None:
    shop = Shop(TWELVE, RATES, days=170, changes={("FR", "cancel_rate"): [(70, 169, 0.15)]})
    found = find_flags(shop.panel(4), SHIPPED_LIKE)
    assert [flag.region for flag in found.flags] == ["FR"]
    assert found.flags[0].window.days == 42
    assert not found.flags[0].window.is_open
    assert found.flags[0].course == "new_level"
    (problem,) = found.problems
    assert (problem.code, problem.where, problem.severity) == ("DT230", "FR", "info")
    assert "later days are compared with the new level" in problem.message


def test_a_second_change_on_top_of_the_new_level_is_flagged_against_it() -> None:
    changes = {("FR", "cancel_rate"): [(60, 149, 0.12), (150, 159, 0.24)]}
    found = find_flags(Shop(TWELVE, RATES, days=160, changes=changes).panel(5), SHIPPED_LIKE)
    assert [flag.region for flag in found.flags] == ["FR", "FR"]
    assert found.flags[1].expected.rate == pytest.approx(0.12, rel=0.15)
    assert abs((found.flags[1].window.start - day(150)).days) <= 1


def test_a_slow_ramp_is_one_flag() -> None:
    steps = [(70 + step, 70 + step, 0.06 + 0.005 * step) for step in range(16)]
    shop = Shop(TWELVE, RATES, days=90, changes={("DE", "cancel_rate"): [*steps, (86, 89, 0.14)]})
    (flag,) = flags_of(shop.panel(6))
    assert day(70) <= flag.window.start <= day(79)
    assert flag.window.is_open


def test_metrics_of_one_incident_are_one_flag_led_by_the_larger_excess() -> None:
    changes = {("KR", "cancel_rate"): [(80, 99, 0.18)], ("KR", "modify_rate"): [(80, 99, 0.10)]}
    shop = Shop(TWELVE, RATES, value=50.0, days=100, changes=changes, value_changes={"KR": [(80, 99, 1.15)]})
    (flag,) = flags_of(shop.panel(7))
    assert flag.metric == "cancel_rate"
    assert [(each.metric, each.direction) for each in flag.related] == [("modify_rate", "up"), ("aov", "up")]
    aov = flag.related[1]
    assert aov.observed_rate / aov.expected_rate == pytest.approx(1.15, abs=0.04)


def test_the_picture_of_a_flag_covers_reference_and_window() -> None:
    shop = Shop(TWELVE, RATES, days=100, changes={("KR", "cancel_rate"): [(80, 99, 0.18)]})
    (flag,) = flags_of(shop.panel(8))
    days = [point.day for point in flag.daily]
    assert days == sorted(days)
    assert (days[0], days[-1]) == (flag.reference.start, flag.window.end)
    assert len(days) == (days[-1] - days[0]).days + 1
    inside = [point for point in flag.daily if point.day >= flag.window.start]
    assert all(point.observed is not None and point.observed > point.high for point in inside)
    assert all(0.045 < point.expected < 0.08 for point in inside)
    assert all(point.low < point.expected < point.high for point in flag.daily)
    before = [point for point in flag.daily if point.day <= flag.reference.end]
    covered = sum(point.low <= point.observed <= point.high for point in before if point.observed is not None)
    assert covered >= len(before) - 4


def test_a_slump_of_orders_is_a_flag_downwards() -> None:
    shop = Shop(TWELVE, RATES, days=100, volume_changes={"JP": [(90, 99, 0.2)]})
    (flag,) = flags_of(shop.panel(9))
    assert (flag.region, flag.metric, flag.direction) == ("JP", "orders", "down")
    assert flag.relative_ratio == pytest.approx(0.2, abs=0.05)
    assert flag.excess_events < 0


def test_a_change_too_small_for_the_rule_is_not_flagged() -> None:
    shop = Shop(TWELVE, RATES, days=110, changes={("US", "cancel_rate"): [(80, 109, 0.069)]}, spread=0.01)
    panel = shop.panel(10)
    assert find_flags(panel, [rule("cancel_rate", min_relative=0.25)]).flags == ()
    assert [flag.region for flag in find_flags(panel, [rule("cancel_rate", min_relative=0.05)]).flags] == ["US"]


WEAK = ["IS", "NZ", "SE", "MX", "ES", "PT", "FI", "DK"]


def _weak_launch(seed: int, rate: float) -> tuple[Panel, Launch]:
    shop = Shop({**TWELVE, **dict.fromkeys(WEAK, 60.0)}, {"cancel_rate": 0.06}, days=100)
    shop.changes = {(region, "cancel_rate"): [(85, 99, rate)] for region in WEAK}
    return shop.panel(seed), Launch("bar", tuple(WEAK), day(85))


def test_markets_of_a_launch_too_weak_alone_are_found_together() -> None:
    loose = [rule("cancel_rate", min_excess=4.0)]
    alone = together = wrong = 0
    for seed in range(6):
        panel, launch = _weak_launch(seed, 0.11)
        early = cut(panel, day(89))
        alone += any(flag.region in WEAK for flag in find_flags(early, loose).flags)
        found = find_flags(early, loose, launches=[launch]).flags
        wrong += len({flag.region for flag in found} - set(WEAK))
        together += any(flag.region in WEAK for flag in found)
    assert wrong <= 1
    assert together >= 5
    assert together > alone


def test_markets_that_a_rule_names_are_found_together_without_any_launch() -> None:
    """Eight small markets of one payment provider: too weak alone, seen together, and no other market is drawn in."""
    plain = rule("cancel_rate", min_excess=4.0)
    named = replace(plain, groups={"provider": tuple(WEAK)})
    alone = together = wrong = 0
    for seed in range(6):
        early = cut(_weak_launch(seed, 0.11)[0], day(89))
        alone += any(flag.region in WEAK for flag in find_flags(early, [plain]).flags)
        found = find_flags(early, [named]).flags
        wrong += len({flag.region for flag in found} - set(WEAK))
        together += any(flag.region in WEAK for flag in found)
    assert wrong <= 1
    assert together >= 5
    assert together > alone


def test_a_named_group_where_nothing_happens_is_no_finding() -> None:
    named = replace(rule("cancel_rate"), groups={"provider": tuple(WEAK), "language": ("DE", "US", "GB")})
    for seed in range(4):
        assert find_flags(_weak_launch(seed, 0.06)[0], [named]).flags == ()


def test_a_launch_alone_is_no_finding() -> None:
    for seed in range(4):
        panel, launch = _weak_launch(seed, 0.06)
        assert find_flags(panel, SHIPPED_LIKE, launches=[launch]).flags == ()


def test_launches_outside_the_panel_change_nothing() -> None:
    panel = Shop(TWELVE, RATES, days=90, changes={("KR", "cancel_rate"): [(80, 89, 0.2)]}).panel(11)
    outside = [Launch("old", ("KR", "XX"), day(-300)), Launch("later", ("KR",), day(400))]
    assert find_flags(panel, SHIPPED_LIKE, launches=outside) == find_flags(panel, SHIPPED_LIKE)


def test_regions_named_like_no_and_na_are_regions() -> None:
    panel = Shop({**TWELVE, "NO": 800.0, "NA": 700.0}, RATES, days=90).panel(12)
    raised = panel.daily.copy()
    mask = (raised["metric"] == "cancel_rate") & raised["region"].isin(["NO", "NA"])
    late = mask & (raised["day"].dt.date >= day(80))
    raised.loc[late, "events"] = (raised.loc[late, "events"] * 3).clip(upper=raised.loc[late, "exposure"])
    assert {flag.region for flag in flags_of(replace(panel_of([raised])))} == {"NO", "NA"}
