"""The table of every day: one row per day and series, nothing of the future in it, stronger is more."""

import sys

import numpy as np
import pandas as pd
import pytest

import contextcheck

DAYS = 150
BURST = slice(120, 126)


def _table(days: int = DAYS) -> pd.DataFrame:
    random = np.random.default_rng(5)
    parts = []
    for region, orders in (("KR", 4000), ("IS", 60), ("Nordics", 700), ("DE", 9000)):
        exposure = random.poisson(orders, DAYS)
        rate = np.full(DAYS, 0.06)
        if region == "KR":
            rate[BURST] = 0.09
        frame = {"date": pd.date_range("2025-01-06", periods=DAYS), "region": region, "metric": "late"}
        parts.append(pd.DataFrame({**frame, "events": random.binomial(exposure, rate), "exposure": exposure}))
    rows = pd.concat(parts, ignore_index=True)
    return rows[rows["date"] < pd.Timestamp("2025-01-06") + pd.Timedelta(days=days)]


@pytest.fixture(scope="module")
def found() -> pd.DataFrame:
    return contextcheck.detect_frame(_table(), direction="up")


def test_every_series_has_every_day_once(found):
    assert list(found.columns) == ["region", "metric", "date", "flag", "score", "judged"]
    assert len(found) == 4 * DAYS
    assert not found.duplicated(["region", "metric", "date"]).any()
    assert set(found["flag"]) == {0, 1}


def test_the_planted_days_are_flagged_and_score_highest(found):
    south_korea = found[found["region"] == "KR"].reset_index(drop=True)
    flagged = south_korea.index[south_korea["flag"] == 1]
    assert set(flagged) <= set(range(120, 127))
    assert 121 in flagged
    assert south_korea["score"].nlargest(4).index.isin(range(120, 127)).all()
    assert found.loc[found["region"] != "KR", "flag"].sum() == 0


def test_days_without_enough_history_are_marked_not_judged(found):
    first = found[found["date"] == "2025-01-10"]
    assert (first["judged"] == 0).all()
    assert (first["score"] == 0).all()


@pytest.mark.parametrize("cut", [100, 121, 123, 127])
def test_a_shorter_panel_gives_the_same_days(found, cut):
    early = contextcheck.detect_frame(_table(cut), direction="up")
    same = found.merge(early, on=["region", "metric", "date"], suffixes=("", "_early"))
    assert len(same) == 4 * cut
    assert np.allclose(same["score"], same["score_early"])
    assert (same["flag"] == same["flag_early"]).all()


def test_a_fall_counts_only_when_it_is_asked_for(found):
    rows = _table()
    is_burst = rows["date"].between("2025-05-06", "2025-05-11") & (rows["region"] == "DE")
    rows.loc[is_burst, "events"] = (rows.loc[is_burst, "events"] * 0.6).astype(int)
    up, down = (contextcheck.detect_frame(rows, direction=each) for each in ("up", "down"))
    assert up.loc[up["region"] == "DE", "flag"].sum() == 0
    assert down.loc[down["region"] == "DE", "flag"].sum() >= 5
    assert down.loc[down["region"] == "KR", "flag"].sum() == 0


def test_asking_for_the_function_is_what_loads_pandas():
    import subprocess

    code = "import sys, contextcheck; assert 'pandas' not in sys.modules; contextcheck.detect_frame"
    environment = {"PYTHONPATH": ":".join(sys.path)}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)


def test_a_quiet_day_scores_two_about_once_in_a_hundred():
    """Six windows are tried, and what that costs is in the score: without it one day in 45 would."""
    random = np.random.default_rng(8)
    parts = []
    for index in range(20):
        exposure = random.poisson(3000, 300)
        frame = {"date": pd.date_range("2025-01-06", periods=300), "region": f"R{index}", "metric": "late"}
        events = random.binomial(exposure, 0.06 * random.lognormal(0, 0.05, 300))
        parts.append(pd.DataFrame({**frame, "events": events, "exposure": exposure}))
    table = contextcheck.detect_frame(pd.concat(parts, ignore_index=True), direction="up")
    scores = table.loc[table["judged"] == 1, "score"]
    assert 0.004 < (scores >= 2).mean() < 0.015
