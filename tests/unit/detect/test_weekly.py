"""Weekly panels are searched week by week, two weeks together, at the level that is stated."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import multivariate_normal, norm

import contextcheck
from contextcheck.detect.heavy import freedom
from contextcheck.detect.surveillance import tail_freedom
from contextcheck.detect.totals import Totals
from contextcheck.detect.two_weeks import two_week_chance
from contextcheck.panel.baseline import estimate_baseline
from contextcheck.panel.long_table import panel_of_table

WEEKS, JUDGED = 260, 104


def table(events: dict[str, np.ndarray], exposure: np.ndarray | None = None) -> pd.DataFrame:
    frames = []
    for metric, each in events.items():
        dates = pd.date_range("2020-01-06", periods=len(each), freq="7D")
        frame = pd.DataFrame({"date": dates, "region": "X", "metric": metric, "events": each})
        frames.append(frame if exposure is None else frame.assign(exposure=exposure))
    return pd.concat(frames, ignore_index=True)


def wide(days: pd.DataFrame, column: str) -> np.ndarray:
    return days.pivot_table(index="metric", columns="date", values=column).to_numpy()


def quiet(seed: int, series: int) -> dict[str, np.ndarray]:
    """Negative binomials from 2 to 80 a week with a season."""
    rng = np.random.default_rng(seed)
    season = np.cos(2 * np.pi * np.arange(WEEKS) / 52.1775)
    found = {}
    for number in range(series):
        mean = rng.uniform(2, 80) * np.exp(rng.uniform(0, 0.7) * season)
        dispersion = rng.uniform(1.1, 4)
        found[f"m{number:03d}"] = rng.negative_binomial(mean / (dispersion - 1), 1 / dispersion)
    return found


@pytest.mark.parametrize(("this", "last"), [(2.5, 1.0), (1.0, 2.5), (3.0, -1.0), (0.2, 0.1)])
def test_two_weeks_together_have_the_chance_of_the_normal_sum(this: float, last: float) -> None:
    # P(Z + max(U, 0) > t) = P(Z > t, U < 0) + P(Z + U > t, U > 0), from scipy's bivariate normal
    t = this + max(last, 0.0)
    # in the second, -(Z + U) < -t and -U < 0
    wanted = norm.sf(t) / 2 + multivariate_normal([0, 0], [[2, 1], [1, 1]]).cdf([-t, 0])
    chance = two_week_chance(norm.sf(np.array([[last, this]])))
    assert chance[0, 1] == pytest.approx(wanted, rel=0.02)


def test_a_week_that_is_not_judged_has_no_chance_and_a_missing_one_before_takes_nothing() -> None:
    chance = two_week_chance(np.array([[np.nan, 0.001, np.nan]]))
    assert np.isnan(chance[0, [0, 2]]).all()
    # 0.001 is 3.09 standard deviations: half of 0.001, and P(N(0, 2) > 3.09) = 0.0144 but for what U < 0 adds to it
    assert chance[0, 1] == pytest.approx(0.0148, abs=0.0005)


def test_a_score_of_two_is_reached_in_one_quiet_week_of_a_hundred() -> None:
    score = wide(contextcheck.detect_frame(table(quiet(1, 60)), direction="up"), "score")[:, -JUDGED:]
    # 60 × 104 = 6,240 weeks: one standard error is 0.13 points, more as neighbouring weeks hang together
    assert 0.006 < (score >= 2).mean() < 0.014
    assert 0.03 < (score >= -np.log10(0.05)).mean() < 0.06


def test_the_rising_half_of_a_season_is_no_incident() -> None:
    rng = np.random.default_rng(2)
    mean = 60 * np.exp(0.9 * np.cos(2 * np.pi * np.arange(WEEKS) / 52.1775))
    days = contextcheck.detect_frame(table({"m": rng.poisson(mean)}), direction="both")
    assert wide(days, "flag")[0, -JUDGED:].sum() == 0


def test_an_outbreak_over_two_weeks_is_found_and_scored_above_all_others() -> None:
    counts = quiet(3, 12)
    for each in counts.values():
        # about three standard deviations of a week, twice
        each[220:222] += np.ceil(3 * np.sqrt(2.5 * each.mean())).astype(int)
    days = contextcheck.detect_frame(table(counts), direction="up")
    score = wide(days, "score")
    assert (score[:, 220:222].max(axis=1) >= 2).sum() >= 10
    assert np.median(score[:, 221]) > np.quantile(score[:, 150:215], 0.995)


def test_twice_the_exposure_at_the_same_rate_is_no_flag() -> None:
    rng = np.random.default_rng(4)
    exposure = rng.poisson(4000, WEEKS) * np.where(np.arange(WEEKS) >= 250, 3, 1)
    rate = table({"m": rng.binomial(exposure, 0.02)}, exposure)
    days = contextcheck.detect_frame(rate, direction="both")
    assert wide(days, "flag")[0, 250:].sum() == 0
    assert wide(days, "score")[0, 250:].max() < 3


def test_a_missing_week_is_not_a_week_without_cases() -> None:
    counts = quiet(5, 4)
    whole = table(counts)
    hole = whole[~((whole["metric"] == "m001") & (whole["date"] == whole["date"].unique()[200]))]
    days = contextcheck.detect_frame(hole, direction="both")
    there = days[(days["metric"] == "m001") & (days["date"] == str(whole["date"].unique()[200])[:10])]
    assert there["judged"].tolist() == [0]
    assert there["flag"].tolist() == [0]


def test_a_shorter_weekly_panel_gives_the_same_weeks() -> None:
    counts = quiet(6, 6)
    counts["m002"][225:] += 90
    whole = contextcheck.detect_frame(table(counts))
    part = contextcheck.detect_frame(table({name: each[:240] for name, each in counts.items()}))
    both = whole.merge(part, on=["region", "metric", "date"], suffixes=("", "_then"))
    assert len(both) == 6 * 240
    assert (both["flag"] == both["flag_then"]).all()
    np.testing.assert_allclose(both["score"], both["score_then"], atol=2e-6)


def test_weeks_of_few_events_are_read_in_the_tails_of_their_counts() -> None:
    """What weeks vary beyond counting noise is heavy where there are many events; few have the tails of their count."""
    rng = np.random.default_rng(2)
    counts = {f"m{mean}": rng.negative_binomial(mean / 2, 1 / 3, WEEKS) for mean in (5, 500)}
    panel = panel_of_table(table(counts), {}, name="table", as_of=None)
    baseline = estimate_baseline(panel, sorted(panel.metrics))
    assert baseline.grid.is_weekly
    share = Totals.of(baseline).window(1).extra_share[:, 100:]
    degrees = freedom(tail_freedom(baseline)[:, 100:], 1, share)
    # of a variance of three times the mean two thirds are no counting noise
    assert np.median(share, axis=1) == pytest.approx([2 / 3 * 5 / 35, 2 / 3 * 500 / 530], abs=0.12)
    assert np.median(degrees[0]) > 50
    assert np.median(degrees[1]) < 15
