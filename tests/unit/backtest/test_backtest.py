"""A backtest: its claim of causality, its counts, and its plantings against a search from scratch."""

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from contextcheck.backtest.page import as_html
from contextcheck.backtest.plant import BEFORE_DAYS, Trials, planted
from contextcheck.backtest.records import Step, Thresholds
from contextcheck.backtest.run import backtest
from contextcheck.backtest.sensitivity import smallest_caught
from contextcheck.backtest.text import as_json, as_markdown, as_text, size_text
from contextcheck.backtest.tune import BOUNDS, propose
from contextcheck.detect.general_rules import general_rule
from contextcheck.detect.interface import find_flags
from contextcheck.detect.search import examine
from contextcheck.detect.surveillance import tail_freedom
from contextcheck.errors import InputError
from contextcheck.panel.long_table import panel_of_table

DAYS = 200
REGIONS = {"KR": 4000, "IS": 80, "Nordics": 700, "DE": 9000}


def _table() -> pd.DataFrame:
    random = np.random.default_rng(11)
    parts = []
    for region, orders in REGIONS.items():
        exposure = random.poisson(orders, DAYS)
        rate = np.full(DAYS, 0.06)
        if region == "KR":
            rate[150:156] = 0.1
        frame = {"date": pd.date_range("2025-01-06", periods=DAYS), "region": region, "metric": "late"}
        parts.append(pd.DataFrame({**frame, "events": random.binomial(exposure, rate), "exposure": exposure}))
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def history():
    panel = panel_of_table(_table(), {}, name="table")
    return panel, [general_rule(panel, "late", "up")]


@pytest.fixture(scope="module")
def done(history):
    return backtest(*history, seed=1, is_tuned=True)


def test_cuts_of_the_history_say_what_the_whole_says(done):
    assert len(done.cuts) == 3
    assert all(each.compared >= 4 * 100 for each in done.cuts)
    assert sum(each.differing for each in done.cuts) == 0


def test_the_real_incident_is_the_only_alert(done):
    assert {(each.region, each.alerts) for each in done.alerts} == {("KR", 1), ("IS", 0), ("Nordics", 0), ("DE", 0)}
    korea = next(each for each in done.alerts if each.region == "KR")
    # one alert in so many judged days of 30.44 to the month
    assert korea.per_month == pytest.approx(30.4375 / korea.days)


def test_large_regions_see_smaller_changes_and_longer_waits_help(done):
    smallest = {each.region: each.smallest for each in done.sensitivities}
    assert smallest["DE"][7] < smallest["Nordics"][7] < smallest["IS"][7]
    for by_days in smallest.values():
        known = [size for size in (by_days[1], by_days[3], by_days[7]) if size is not None]
        assert known == sorted(known, reverse=True)
        assert known


def test_a_planted_share_agrees_with_searches_from_scratch(history, done):
    """The plantings are judged on the level before them; a full search of a changed table must agree."""
    panel, rules = history
    seen = next(each for each in done.sensitivities if each.region == "Nordics")
    size = next(step.size for step in seen.steps if step.caught[7] == 1.0)
    small = next(step.size for step in reversed(seen.steps) if step.caught[7] == 0.0)
    for change, is_caught in ((size, True), (small, False)):
        caught = []
        for start in (60, 100, 130):
            rows = _table()
            random = np.random.default_rng(start)
            day = (rows["date"] - rows["date"].min()).dt.days
            at = (rows["region"] == "Nordics") & day.between(start, start + 6)
            free = (rows.loc[at, "exposure"] - rows.loc[at, "events"]).to_numpy()
            rows.loc[at, "events"] += random.binomial(free, change / 0.94)
            flags = find_flags(panel_of_table(rows, {}, name="table"), rules).flags
            first = pd.Timestamp("2025-01-06") + pd.Timedelta(days=start)
            caught.append(
                any(
                    each.region == "Nordics" and abs((pd.Timestamp(each.window.start) - first).days) <= 6
                    for each in flags
                )
            )
        assert caught == [is_caught] * 3


def test_what_is_planted_has_the_size_it_should(history):
    panel, rules = history
    baseline = examine(panel, rules).baseline
    row = baseline.grid.series.index(("DE", "late"))
    trials = Trials(np.full(400, row), np.full(400, 100), np.full(400, 0.02))
    for sign in (1, -1):
        short, _ = planted(baseline, tail_freedom(baseline), trials, sign, np.random.default_rng(0))
        before, after = (slice(None, BEFORE_DAYS), slice(BEFORE_DAYS, None))
        real = baseline.grid.amount[row, 100 - BEFORE_DAYS : 107]
        assert (short.grid.amount[:, before] == real[before]).all()
        added = (short.grid.amount[:, after] - real[after]).mean(axis=0) / short.grid.exposure[0, after]
        # two points of a rate of 6 %; the real day's own count moves it by a few hundredths of that
        assert added == pytest.approx(np.full(7, sign * 0.02), rel=0.12)


def test_the_smallest_size_is_where_the_monotone_share_crosses_four_fifths():
    steps = [Step(size, 10, {7: share}) for size, share in ((0.01, 0.0), (0.02, 0.6), (0.04, 1.0))]
    # from 0.6 at 0.02 to 1 at 0.04: half way on the log scale, √(0.02 · 0.04)
    assert smallest_caught(steps, 7) == pytest.approx(0.02 * 2**0.5)
    assert smallest_caught(steps[:2], 7) is None
    assert smallest_caught(steps[2:], 7) == 0.04
    assert smallest_caught([], 7) is None


def test_a_proposal_never_costs_more_alerts_and_stays_in_bounds(done):
    (tuning,) = done.tunings
    assert tuning.proposed.alerts_per_month <= tuning.current.alerts_per_month
    for each in tuning.alternatives:
        assert BOUNDS["false_discovery_rate"][0] <= each.false_discovery_rate <= BOUNDS["false_discovery_rate"][1]
        assert BOUNDS["min_relative"][0] <= each.min_relative <= BOUNDS["min_relative"][1]
    now = Thresholds(0.05, 0.1, 3, 1.0, 0.02, 4)
    louder, finer = replace(now, alerts_per_month=2.0, median_smallest=0.001), replace(now, median_smallest=0.01)
    assert propose(now, [louder, finer]) == finer
    assert propose(now, [louder]) == now


def test_the_page_has_shades_for_a_terminal_and_numbers_for_a_pipe(done):
    shades, numbers = as_text(done, use_unicode=True), as_text(done, use_unicode=False)
    assert "█" in shades
    assert numbers.isascii()
    assert "late up: DE sees +" in numbers
    assert "| DE |" in as_markdown(done)
    assert json.loads(as_json(done))["alerts"][0]["metric"] == "late"


def test_the_web_page_has_a_shaded_cell_with_its_number_for_every_size(done):
    page = as_html(done)
    rows = [each for each in done.sensitivities if each.steps]
    cells = re.findall(r'<td class="h([0-4])">([0-9]+)</td>', page)
    assert len(cells) == sum(len(each.steps) for each in rows)
    assert [int(shade) for shade, _ in cells] == [min(int(int(share) / 25 + 0.5), 4) for _, share in cells]
    assert {share for _, share in cells} >= {"0", "100"}
    for each in rows:
        assert f'<th scope="row">{each.region}</th>' in page
    assert "http" not in page.replace("http-equiv", "") and "<script" not in page


def test_sizes_in_words():
    assert size_text(0.011, "points", "up") == "+1.1"
    assert size_text(0.2, "relative", "down") == "-20%"


def test_the_same_seed_gives_the_same_result(history):
    assert as_json(backtest(*history, seed=4, starts=3)) == as_json(backtest(*history, seed=4, starts=3))


def test_a_history_that_no_rule_watches_is_refused(history):
    panel, rules = history
    with pytest.raises(InputError, match="no rule watches"):
        backtest(panel, [replace(rules[0], metrics=("other",))])
