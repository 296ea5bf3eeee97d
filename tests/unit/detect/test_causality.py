"""What was flagged on a day uses nothing of later days."""

from __future__ import annotations

import math
from datetime import timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.detect.simulated import Shop, cut, day, rule

from contextcheck.detect.daily import daily_table, day_by_day
from contextcheck.detect.interface import find_flags

FEW = {"KR": 900.0, "JP": 600.0, "DE": 300.0, "FR": 200.0, "SE": 50.0, "NZ": 25.0, "IS": 10.0}
RULES = (rule("cancel_rate"), rule("orders", "both", min_relative=0.5))


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    last=st.integers(40, 78),
    start=st.integers(30, 70),
    length=st.integers(1, 30),
    rate=st.sampled_from([0.1, 0.15, 0.3]),
)
def test_later_days_change_nothing_that_was_known(seed: int, last: int, start: int, length: int, rate: float) -> None:
    shop = Shop(FEW, days=80, changes={("KR", "cancel_rate"): [(start, start + length, rate)]})
    panel = shop.panel(seed)
    then = find_flags(cut(panel, day(last)), RULES)
    # the same panel whose later days are utterly different
    other = cut(panel, day(79))
    is_later = other.daily["day"].dt.date > day(last)
    other.daily.loc[is_later & (other.daily["metric"] == "cancel_rate"), "events"] = 0.0
    later_calm = find_flags(other, RULES)
    later_true = find_flags(panel, RULES)
    for later in (later_calm, later_true):
        early = [flag for flag in later.flags if flag.window.start <= day(last)]
        assert {flag.region for flag in then.flags} <= {flag.region for flag in early}
        for flag in then.flags:
            if flag.window.is_open and (day(last) - flag.window.start).days <= 9:
                continue  # the start may still be corrected for a week
            assert flag.id in {each.id for each in early}
            if not flag.window.is_open:
                again = next(each for each in early if each.id == flag.id)
                assert again.window.end - flag.window.end >= timedelta(0)


# the season moves the level from day 364 on
@pytest.mark.parametrize("last", [363, 364, 367, 370, 371])
def test_scores_stay_while_the_first_season_begins(last: int) -> None:
    season = [(each, each, 0.06 * (1 + 0.4 * math.sin(each / 58))) for each in range(380)]
    changes = {(region, "cancel_rate"): season for region in FEW}
    changes["KR", "cancel_rate"] = [*season, (362, 379, 0.09)]
    panel = Shop(FEW, days=380, changes=changes).panel(6)
    now, then = (daily_table(day_by_day(each, RULES)) for each in (panel, cut(panel, day(last))))
    earlier = now[now["date"] <= str(day(last))].reset_index(drop=True)
    pd.testing.assert_frame_equal(earlier, then)


@pytest.mark.parametrize("last", [60, 66, 70, 79])
def test_nothing_is_flagged_before_the_day_that_shows_it(last: int) -> None:
    shop = Shop(FEW, days=80, changes={("KR", "cancel_rate"): [(67, 79, 0.2)]})
    flags = find_flags(cut(shop.panel(3), day(last)), RULES).flags
    assert [flag.region for flag in flags] == (["KR"] if last >= 67 else [])


def test_the_order_of_rows_and_regions_does_not_matter() -> None:
    panel = Shop(FEW, days=80, changes={("JP", "cancel_rate"): [(67, 79, 0.2)]}).panel(4)
    straight = find_flags(panel, RULES)
    panel.daily.iloc[:] = panel.daily.sample(frac=1, random_state=1)
    assert find_flags(panel, RULES[::-1]) == straight


def test_a_region_that_begins_later_changes_no_earlier_score() -> None:
    shop = Shop(FEW, days=80, starts={"IS": 60, "JP": 62})
    panel = shop.panel(5)
    now, then = (daily_table(day_by_day(each, RULES)) for each in (panel, cut(panel, day(50))))
    earlier = now[(now["date"] <= str(day(50))) & ~now["region"].isin(["IS", "JP"])].reset_index(drop=True)
    same = then[~then["region"].isin(["IS", "JP"])].reset_index(drop=True)
    assert earlier["score"].gt(0.5).any()
    pd.testing.assert_frame_equal(earlier, same)
