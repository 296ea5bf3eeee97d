"""Weekly panels: trend, season and dispersion against means that were put in by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from contextcheck.knowledge.metrics import Metric
from contextcheck.panel.baseline import Baseline, estimate_baseline
from contextcheck.panel.baseline_season import kept_share
from contextcheck.panel.long_table import panel_of_table

WEEKS = 312
FIRST = "2019-01-07"


def weekly(counts: dict[str, np.ndarray], exposure: np.ndarray | None = None, first: str = FIRST) -> pd.DataFrame:
    frames = [
        pd.DataFrame(
            {
                "date": pd.date_range(first, periods=len(each), freq="7D"),
                "region": region,
                "metric": "cases",
                "events": each,
            }
        )
        for region, each in counts.items()
    ]
    table = pd.concat(frames, ignore_index=True)
    return table if exposure is None else table.assign(exposure=np.tile(exposure, len(counts)))


def estimate(table: pd.DataFrame) -> Baseline:
    panel = panel_of_table(table, {}, name="table")
    return estimate_baseline(panel, ["cases"])


def mean_of(weeks: int = WEEKS, wave: float = 0.6, trend: float = 0.002) -> np.ndarray:
    week = np.arange(weeks)
    # 52.1775 weeks are a year
    return 40 * np.exp(trend * week + wave * np.cos(2 * np.pi * week / 52.1775))


def negative_binomial(rng: np.random.Generator, mean: np.ndarray, dispersion: float) -> np.ndarray:
    return rng.negative_binomial(mean / (dispersion - 1), 1 / dispersion)


def expected(baseline: Baseline) -> np.ndarray:
    return np.exp(baseline.level + baseline.offset)


def test_a_weekly_panel_has_a_column_a_week() -> None:
    baseline = estimate(weekly({"A": np.full(60, 9)}))
    assert baseline.grid.is_weekly
    assert len(baseline.grid.days) == 60
    daily = weekly({"A": np.full(60, 9)}).assign(date=pd.date_range(FIRST, periods=60))
    assert not estimate(daily).grid.is_weekly


def test_season_and_trend_are_foretold() -> None:
    rng = np.random.default_rng(1)
    baseline = estimate(weekly({f"R{i}": negative_binomial(rng, mean_of(), 2.0) for i in range(6)}))
    ratio = expected(baseline)[:, -52:] / mean_of()[-52:]
    # 260 weeks of about 50 cases at dispersion 2, six coefficients: one standard error is near 4 %
    assert np.abs(np.log(ratio)).mean() < 0.06
    assert baseline.value_variance[:, -1] == pytest.approx(2.0, rel=0.3)


def test_the_stated_uncertainty_is_the_real_error() -> None:
    rng = np.random.default_rng(2)
    counts = {f"R{i}": negative_binomial(rng, mean_of(), 2.0) for i in range(40)}
    # each a metric of its own: nothing is borrowed
    table = weekly(counts).assign(metric=lambda rows: rows["region"])
    panel = panel_of_table(table, {}, name="table")
    baseline = estimate_baseline(panel, list(counts))
    error = np.log(expected(baseline)[:, -26:] / mean_of()[-26:])
    assert 0.5 < np.mean(error**2) / np.mean(baseline.level_variance[:, -26:]) < 1.6


def test_past_outbreaks_hardly_teach() -> None:
    rng = np.random.default_rng(3)
    counts = negative_binomial(rng, mean_of(trend=0.0), 1.5)
    sick = counts.copy()
    for start in (150, 200, 240, 280):
        sick[start : start + 2] += 60
    clean, marked = (estimate(weekly({"A": each})) for each in (counts, sick))
    assert expected(marked)[0, -1] == pytest.approx(expected(clean)[0, -1], rel=0.06)
    assert marked.value_variance[0, -1] < 1.35 * clean.value_variance[0, -1]


def test_no_season_is_looked_for_within_the_first_year() -> None:
    baseline = estimate(weekly({"A": np.round(mean_of(50)).astype(int)}))
    assert np.abs(baseline.offset).max() < 0.02


def test_weekly_rates_are_judged_by_their_exposure() -> None:
    rng = np.random.default_rng(4)
    exposure = np.where(np.arange(WEEKS) == 300, 30_000, 5_000)
    baseline = estimate(weekly({"A": rng.binomial(exposure, 0.03)}, exposure))
    assert str(baseline.grid.kinds[0]) == "rate"
    assert expected(baseline)[0, 300] == pytest.approx(0.03, rel=0.05)


def test_a_level_that_moved_for_good_is_followed() -> None:
    rng = np.random.default_rng(5)
    mean = np.where(np.arange(WEEKS) < 200, 50.0, 110.0)
    baseline = estimate(weekly({"A": rng.poisson(mean)}))
    assert expected(baseline)[0, 201] == pytest.approx(50, rel=0.15)
    assert expected(baseline)[0, 260] == pytest.approx(110, rel=0.15)


def test_later_weeks_change_nothing_that_was_known() -> None:
    rng = np.random.default_rng(6)
    counts = {f"R{i}": negative_binomial(rng, mean_of(), 2.0) for i in range(7)}
    whole = estimate(weekly(counts))
    part = estimate(weekly({region: each[:230] for region, each in counts.items()}))
    for name in ("level", "level_variance", "offset", "value_variance", "history"):
        np.testing.assert_allclose(getattr(whole, name)[:, :230], getattr(part, name), rtol=1e-9)


@pytest.mark.parametrize(("mean", "dispersion"), [(0.3, 1.5), (3.0, 2.0), (3.0, 5.0), (60.0, 1.2)])
def test_what_down_weighting_takes_from_ordinary_weeks_is_known(mean: float, dispersion: float) -> None:
    rng = np.random.default_rng(7)
    counts = negative_binomial(rng, np.full(400_000, mean), dispersion)
    # Anscombe residual of a count, as in Noufaily et al. 2013, scaled by the dispersion
    residual = 1.5 * (counts ** (2 / 3) - mean ** (2 / 3)) / (mean ** (1 / 6) * np.sqrt(dispersion))
    weight = np.minimum(1, 2.58 / np.maximum(np.abs(residual), 1e-9)) ** 4
    square = (counts - mean) ** 2
    share = kept_share(np.array([mean]), np.array([dispersion]))[0]
    assert share == pytest.approx((weight * square).sum() / square.sum(), abs=0.03)


def test_a_metric_of_means_is_taken_weekly_too() -> None:
    rng = np.random.default_rng(8)
    orders = np.full(120, 400)
    sums = np.array([rng.gamma(4, 10, 400).sum() for _ in range(120)])
    table = weekly({"A": orders}).assign(value_sum=sums, exposure=orders)
    panel = panel_of_table(table, {"cases": Metric("cases", "cases", "mean", "")}, name="table")
    baseline = estimate_baseline(panel, ["cases"])
    assert expected(baseline)[0, -1] == pytest.approx(40, rel=0.03)
