"""An incident in weekly data lives by the calendar: so many days are so many weeks."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
from unit.detect.simulated import rule

from contextcheck.detect.interface import find_flags
from contextcheck.panel.long_table import panel_of_table
from contextcheck.panel.table import Panel
from contextcheck.records import Launch

FIRST_WEEK = "2023-01-02"
MARKETS = tuple(f"R{number:02d}" for number in range(12))


def weekly_shop(seed: int, changes: dict[tuple[str, str], list[tuple[int, int, float]]]) -> Panel:
    """Twelve markets, one row a week, a launch-free rate of 6 %."""
    rng = np.random.default_rng(seed)
    weeks = pd.date_range(FIRST_WEEK, periods=120, freq="7D")
    frames = []
    for region in MARKETS:
        orders = rng.poisson(6000, len(weeks))
        rate = np.full(len(weeks), 0.06)
        for start, end, new in changes.get((region, "cancel_rate"), []):
            rate[start : end + 1] = new
        events = rng.binomial(orders, rate * rng.lognormal(0, 0.02, len(weeks)))
        frames.append(
            pd.DataFrame(
                {"date": weeks, "region": region, "metric": "cancel_rate", "events": events, "exposure": orders}
            )
        )
    return panel_of_table(pd.concat(frames, ignore_index=True), {}, name="weeks.csv")


def test_a_lasting_change_of_weekly_data_is_the_new_level_after_six_weeks_too() -> None:
    found = find_flags(weekly_shop(1, {("R04", "cancel_rate"): [(90, 119, 0.09)]}), [rule("cancel_rate", "both")])
    (flag,) = found.flags
    assert (flag.region, flag.course) == ("R04", "new_level")
    assert (flag.window.end - flag.window.start).days + 1 == 42
    assert [each.message for each in found.problems if each.code == "DT230"] == [
        f"cancel_rate has stayed changed for 42 days since {flag.window.start}; later days are compared with the new "
        "level"
    ]


def test_a_quiet_week_of_weekly_data_parts_two_incidents_only_when_it_is_more_than_one() -> None:
    def windows(second: int) -> list[int]:
        changes = {("R04", "cancel_rate"): [(90, 91, 0.10), (second, second + 1, 0.10)]}
        flags = find_flags(weekly_shop(2, changes), [rule("cancel_rate")]).flags
        return [((each.window.end - each.window.start).days + 1) // 7 for each in flags]

    assert windows(93) == [5]
    assert windows(96) == [2, 2]


def test_the_markets_of_a_launch_are_looked_at_in_its_own_weeks() -> None:
    """Five markets a tenth up for three weeks after a launch, each too weak alone; a launch of other weeks is none."""
    regions = MARKETS[:5]
    panel = weekly_shop(5, {(each, "cancel_rate"): [(90, 92, 0.066)] for each in regions})
    start = date.fromisoformat(FIRST_WEEK) + timedelta(days=7 * 90 + 2)

    def seen(launch: Launch) -> set[str]:
        flags = find_flags(panel, [rule("cancel_rate", min_relative=0.02)], launches=[launch]).flags
        return {each.region for each in flags if each.window.start >= start - timedelta(days=14)}

    assert len(seen(Launch("bar", tuple(regions), start)) & set(regions)) >= 3
    assert not seen(Launch("bar", tuple(regions), start - timedelta(days=7 * 30)))


def test_a_quiet_weekly_panel_is_nearly_never_flagged() -> None:
    flags = sum(len(find_flags(weekly_shop(seed, {}), [rule("cancel_rate", "both")]).flags) for seed in range(30, 42))
    # at an accepted share of 2 % a quiet panel spends 0.1 % a week: 12 worlds of 98 judged weeks give about one
    assert flags <= 4


def test_a_combination_is_found_in_weekly_data() -> None:
    """Every one of six rates of one market up by three tenths in one week, as in the daily test."""
    rng = np.random.default_rng(4)
    weeks = pd.date_range(FIRST_WEEK, periods=110, freq="7D")
    frames = []
    for region in MARKETS:
        for letter in "abcdef":
            rate = 0.06 * np.where((np.arange(110) == 100) & (region == "R04"), 1.3, 1.0)
            orders = rng.poisson(6000, 110)
            events = rng.binomial(orders, rate * rng.lognormal(0, 0.05, 110))
            frames.append(
                pd.DataFrame(
                    {"date": weeks, "region": region, "metric": f"rate_{letter}", "events": events, "exposure": orders}
                )
            )
    panel = panel_of_table(pd.concat(frames, ignore_index=True), {}, name="weeks.csv")
    names = tuple(f"rate_{letter}" for letter in "abcdef")
    odd = rule("rate_a", "both", metrics=names, detector="joint(ecod)", min_excess=0.0, min_relative=0.0)
    found = find_flags(panel, [odd])
    assert found.problems == ()
    assert [(each.region, each.window.start) for each in found.flags] == [("R04", weeks[100].date())]
    assert found.flags[0].window.end - found.flags[0].window.start == timedelta(days=6)
