"""What every registered detector must satisfy, whoever wrote it."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from unit.detect.simulated import Shop, rule

from contextcheck.detect.interface import DETECTORS, find_flags, load_detector
from contextcheck.knowledge.overlay import read_knowledge
from contextcheck.panel.baseline import baseline_of
from contextcheck.panel.baseline_grid import build_grid
from contextcheck.panel.table import Panel
from contextcheck.settings import Settings

DAYS, JUMP = 100, (80, 89)
REGIONS = {"US": 900.0, "KR": 700.0, "JP": 500.0, "DE": 400.0, "GB": 300.0}
RATES = {"cancel_rate": 0.06, "modify_rate": 0.05, "return_rate": 0.08}


@lru_cache
def shop() -> Panel:
    """Five markets; in KR cancels and changes triple on days 80 to 89 and baskets grow by half."""
    changes = {("KR", "cancel_rate"): [(*JUMP, 0.18)], ("KR", "modify_rate"): [(*JUMP, 0.15)]}
    value = {"KR": [(*JUMP, 1.5)]}
    return Shop(REGIONS, RATES, days=DAYS, changes=changes, value=30.0, value_changes=value).panel(seed=5)


def rules_for(detector: str):
    """The shipped rules of a detector; plain ones where it has none yet."""
    shipped = [each for each in read_knowledge(Settings()).detection_rules if each.detector == detector]
    plain = [rule("cancel_rate", detector=detector), rule("aov", "both", min_relative=0.08, detector=detector)]
    return shipped or plain


def told(panel: Panel, detector: str, seed: int = 0) -> list[tuple[str, str, float]]:
    flags = find_flags(panel, rules_for(detector), seed=seed).flags
    return [(each.id, str(each.window), round(each.q_value, 9)) for each in flags]


def scores_of(panel: Panel, detector: str):
    wanted = {metric for each in rules_for(detector) for metric in each.metrics} & set(panel.metrics)
    baseline = baseline_of(build_grid(panel, wanted | {"orders"}))
    return baseline.grid, load_detector(detector).score(baseline, launches=(), seed=0)


def with_daily(panel: Panel, daily) -> Panel:
    return replace(panel, daily=daily)


detectors = pytest.mark.parametrize("detector", DETECTORS)


@pytest.mark.parametrize("detector", sorted({each.detector for each in read_knowledge(Settings()).detection_rules}))
def test_the_planted_change_is_found_where_it_was_planted_by_what_ships(detector):
    flags = [each for each in find_flags(shop(), rules_for(detector)).flags if each.region == "KR"]
    assert flags
    start = np.datetime64(str(flags[0].window.start)) - np.datetime64(shop().daily["day"].min(), "D")
    assert JUMP[0] - 1 <= int(start.astype(int)) <= JUMP[1]


@detectors
def test_a_planted_jump_ranks_above_the_median_day(detector):
    grid, scores = scores_of(shop(), detector)
    rows = [row for row, (region, _) in enumerate(grid.series) if region == "KR"]
    chances = np.fmin(scores.upper[:, rows], scores.lower[:, rows])
    best = np.where(np.isnan(chances), 1, chances).min(axis=(0, 1))
    assert best[JUMP[0] : JUMP[1] + 1].min() < np.median(best)


@detectors
def test_the_order_of_rows_does_not_matter(detector):
    shuffled = shop().daily.sample(frac=1, random_state=3).reset_index(drop=True)
    assert told(with_daily(shop(), shuffled), detector) == told(shop(), detector)


@detectors
def test_the_same_seed_gives_the_same_flags(detector):
    assert told(shop(), detector, seed=4) == told(shop(), detector, seed=4)


@detectors
def test_the_input_is_not_modified(detector):
    before = shop().daily.copy(deep=True)
    find_flags(shop(), rules_for(detector))
    assert before.equals(shop().daily)


@detectors
def test_money_in_another_unit_changes_no_flag(detector):
    daily = shop().daily.copy()
    daily["value_sum"] *= 10
    daily["value_sumsq"] *= 100
    scaled = told(with_daily(shop(), daily), detector)
    assert [each[:2] for each in scaled] == [each[:2] for each in told(shop(), detector)]


@detectors
def test_a_missing_day_is_no_zero(detector):
    """Without the rows of one day a series cannot be judged on it, and nothing is flagged there."""
    daily, day = shop().daily, shop().daily["day"].min() + np.timedelta64(70, "D")
    holed = with_daily(shop(), daily[~((daily["region"] == "DE") & (daily["day"] == day))].reset_index(drop=True))
    grid, scores = scores_of(holed, detector)
    for row, (region, metric) in enumerate(grid.series):
        if region == "DE" and metric != "orders":
            assert np.isnan(scores.upper[0, row, 70]) and np.isnan(scores.lower[0, row, 70])
    assert not [each for each in find_flags(holed, rules_for(detector)).flags if each.region == "DE"]


@detectors
def test_no_day_is_judged_by_what_comes_after_it(detector):
    grid, whole = scores_of(shop(), detector)
    last = grid.days[85]
    early = shop().daily[shop().daily["day"] <= last].reset_index(drop=True)
    _, part = scores_of(with_daily(shop(), early), detector)
    np.testing.assert_allclose(part.upper[..., :86], whole.upper[..., :86], rtol=1e-6, equal_nan=True)
