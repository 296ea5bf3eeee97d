"""Judging the newest days only says of them what judging all days says."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from unit.detect.simulated import TWELVE, Shop, day, rule

from contextcheck.detect import search
from contextcheck.detect.budget import Budget
from contextcheck.detect.daily import daily_table, day_by_day
from contextcheck.detect.interface import find_flags

RULES = (rule("cancel_rate"), rule("orders", "both", min_relative=0.5))
SHOP = Shop(TWELVE, days=120, changes={("KR", "cancel_rate"): [(117, 119, 0.16)]})


def both_ways(since: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    panel = SHOP.panel(3)
    whole, part = (daily_table(day_by_day(panel, RULES, since=each)) for each in (None, day(since)))
    return whole[whole["date"] >= str(day(since))].reset_index(drop=True), part


@pytest.mark.parametrize("kept", [10**9, 0])
@pytest.mark.parametrize("since", [119, 112, 60])
def test_the_scores_are_those_of_a_full_search(monkeypatch: pytest.MonkeyPatch, kept: int, since: int) -> None:
    # 0: as with very many series only the columns that the windows reach are kept
    monkeypatch.setattr(search, "KEEP_ALL_CELLS", kept)
    whole, part = both_ways(since)
    assert part[["region", "metric", "date"]].equals(whole[["region", "metric", "date"]])
    # an incident that has begun before opens anew, so the fence behind old ones may differ; where few columns are kept,
    # less is known of tails, which tells only far out
    same = np.isclose(whole["score"], part["score"], atol=1e-6 if kept else 0.1, rtol=1e-6 if kept else 0.12)
    assert same.mean() > 0.99


def test_a_running_incident_is_flagged_on_the_newest_day() -> None:
    found = find_flags(SHOP.panel(3), RULES, since=day(119))
    assert [(flag.region, flag.metric) for flag in found.flags] == [("KR", "cancel_rate")]
    assert abs((found.flags[0].window.start - day(117)).days) <= 1
    assert found.flags[0].window.end == day(119)


def test_what_was_over_before_is_not_told() -> None:
    shop = Shop(TWELVE, days=120, changes={("KR", "cancel_rate"): [(70, 75, 0.16)]})
    assert find_flags(shop.panel(3), RULES).flags
    assert not find_flags(shop.panel(3), RULES, since=day(119)).flags


def test_only_the_days_asked_for_are_counted_as_tests() -> None:
    panel = SHOP.panel(3)
    week, newest = (find_flags(panel, RULES, since=day(119) - timedelta(days=each)).tests_made for each in (6, 0))
    assert 0 < newest < week < 8 * newest


def test_a_search_of_the_newest_day_alone_starts_with_what_a_quiet_past_leaves() -> None:
    """Searched anew every day it would else spend its first budget every day."""
    share, quiet = 0.05, Budget(0.05)
    for _ in range(2000):
        quiet.settle(40, 0, 0)
    left = Budget.after_quiet(share)
    assert left.spent == pytest.approx(quiet.spent, rel=1e-9)
    # each new day lets pass about a tenth of what the first day of a history does
    chance = np.array([1e-4])
    assert left.q_values(chance, 40)[0] > 8 * Budget(share).q_values(chance, 40)[0]


def test_the_newest_day_is_judged_with_that_budget() -> None:
    shop = Shop(TWELVE, days=120, changes={("KR", "cancel_rate"): [(119, 119, 0.18)]})
    panel, newest = shop.panel(3), day(119)
    fresh = search.examine(panel, RULES, since=newest, judge=Budget(RULES[0].false_discovery_rate))
    usual = search.examine(panel, RULES, since=newest)
    assert fresh is not None
    assert usual is not None
    (first,), (second,) = fresh.selection.episodes, usual.selection.episodes
    assert first.chance == second.chance
    assert second.q_value > 8 * first.q_value
