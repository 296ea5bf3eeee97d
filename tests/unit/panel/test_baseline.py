"""The baseline against rates that were put in by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from contextcheck.knowledge.metrics import Metric
from contextcheck.panel.baseline import Baseline, estimate_baseline
from contextcheck.panel.baseline_faults import find_faults
from contextcheck.panel.baseline_grid import build_grid
from contextcheck.panel.table import Panel

DAYS = 140
FIRST = pd.Timestamp("2026-01-05")


def rows(region: str, metric: str, events: np.ndarray, exposure: np.ndarray, **values: np.ndarray) -> pd.DataFrame:
    days = pd.date_range(FIRST, periods=len(events), freq="D")
    frame = pd.DataFrame({"region": region, "day": days, "metric": metric, "events": events, "exposure": exposure})
    for column in ("value_sum", "value_sumsq"):
        frame[column] = values.get(column, np.full(len(events), np.nan))
    return frame.assign(is_complete=True, is_mature=True).astype({"events": float, "exposure": float})


def panel_of(*frames: pd.DataFrame, **kinds: str) -> Panel:
    daily = pd.concat(frames, ignore_index=True).sort_values(["region", "metric", "day"], ignore_index=True)
    metrics = {name: Metric(name, name, kinds.get(name, "rate"), "") for name in daily["metric"].unique()}  # type: ignore[arg-type]
    return Panel(daily, metrics, (), daily["day"].max().date(), {})


def rates(seed: int, sizes: dict[str, float], rate: np.ndarray, extra: float = 0.0) -> Panel:
    rng = np.random.default_rng(seed)
    frames = []
    for region, size in sizes.items():
        orders = rng.poisson(size, len(rate))
        daily = np.clip(rate * rng.lognormal(-(extra**2) / 2, extra, len(rate)), 0, 1)
        frames.append(rows(region, "cancel_rate", rng.binomial(orders, daily), orders))
    return panel_of(*frames)


def row_of(baseline: Baseline, region: str) -> int:
    return [name for name, _ in baseline.grid.series].index(region)


MANY = {f"R{index}": 2000.0 for index in range(12)}


def test_the_level_is_the_rate_that_was_put_in() -> None:
    baseline = estimate_baseline(rates(1, {"A": 3000.0, "B": 20.0}, np.full(DAYS, 0.06)), ["cancel_rate"])
    assert np.exp(baseline.level[row_of(baseline, "A"), -1]) == pytest.approx(0.06, rel=0.05)
    # 140 days × 20 orders × 6 % = 168 cancels: one standard error is 8 %
    assert np.exp(baseline.level[row_of(baseline, "B"), -1]) == pytest.approx(0.06, rel=0.25)
    assert baseline.level_variance[row_of(baseline, "B"), -1] > baseline.level_variance[row_of(baseline, "A"), -1]


def test_the_stated_uncertainty_of_the_level_is_its_real_error() -> None:
    errors, stated = [], []
    for seed in range(6):
        baseline = estimate_baseline(rates(seed, MANY, np.full(DAYS, 0.06), extra=0.1), ["cancel_rate"])
        errors.extend(baseline.level[:, -1] - np.log(0.06))
        stated.extend(baseline.level_variance[:, -1])
    # 72 errors; a mean square has a relative standard error of sqrt(2 / 72) = 17 %
    assert 0.5 < np.mean(np.square(errors)) / np.mean(stated) < 1.6


def test_weekdays_are_learned_and_a_small_region_borrows_them() -> None:
    shape = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 1.3, 1.3])[np.arange(DAYS) % 7]
    baseline = estimate_baseline(rates(2, {**MANY, "tiny": 5.0}, 0.06 * shape), ["cancel_rate"])
    # weekend over working day 1.3, whatever the level is called
    for region in ("R3", "tiny"):
        offset = baseline.offset[row_of(baseline, region)]
        assert np.exp(offset[-1] - offset[-3]) == pytest.approx(1.3, abs=0.07)


def test_extra_variance_is_found_and_not_invented() -> None:
    wild = estimate_baseline(rates(3, MANY, np.full(DAYS, 0.06), extra=0.15), ["cancel_rate"])
    calm = estimate_baseline(rates(3, MANY, np.full(DAYS, 0.06)), ["cancel_rate"])
    assert np.sqrt(np.median(wild.extra_variance[:, -1])) == pytest.approx(0.15, rel=0.2)
    assert np.sqrt(np.median(calm.extra_variance[:, -1])) < 0.035


def test_the_third_week_shows_how_noisy_regions_are() -> None:
    """When a region is first judged, after 21 days, a metric that varies by 15 % a day is no longer taken for calm."""
    wild = estimate_baseline(rates(3, MANY, np.full(DAYS, 0.06), extra=0.15), ["cancel_rate"])
    spread = np.sqrt(np.median(wild.extra_variance, axis=0))
    assert spread[14] == pytest.approx(0.05)
    assert spread[21] > 0.1


def test_a_region_far_noisier_than_the_others_is_known_as_that() -> None:
    """Eleven regions vary by 4 % a day, one by 28 %: the cut of departures must not hide it."""
    calm, noisy = (
        rates(seed, sizes, np.full(DAYS, 0.06), extra)
        for seed, sizes, extra in (
            (13, {f"R{index}": 5000.0 for index in range(11)}, 0.04),
            (14, {"wild": 5000.0}, 0.28),
        )
    )
    baseline = estimate_baseline(panel_of(calm.daily, noisy.daily), ["cancel_rate"])
    assert np.sqrt(baseline.extra_variance[row_of(baseline, "wild"), -1]) == pytest.approx(0.28, rel=0.25)
    assert np.sqrt(np.median(baseline.extra_variance[:, -1])) == pytest.approx(0.04, rel=0.3)


@pytest.mark.parametrize("size", [2500.0, 25000.0])
def test_a_moderate_change_that_stays_is_the_level_six_weeks_later(size: float) -> None:
    rate = np.full(220, 0.06)
    rate[100:] = 0.08
    baseline = estimate_baseline(rates(15, {"A": size}, rate, extra=0.05), ["cancel_rate"])
    expected = np.exp(baseline.level[0] + baseline.offset[0])
    # three weeks on it is still measured against what was before
    assert expected[115:122].mean() < 0.067
    assert expected[155:170].mean() == pytest.approx(0.08, rel=0.08)


def test_a_spike_of_one_day_is_never_taken_for_a_new_level() -> None:
    rate = np.full(DAYS, 0.06)
    rate[100] = 0.4
    baseline = estimate_baseline(rates(16, {"A": 1500.0}, rate, extra=0.05), ["cancel_rate"])
    assert np.abs(baseline.level[0, 102:] - np.log(0.06)).max() < 0.15


def test_a_wobble_that_all_regions_share_is_taken_out() -> None:
    rate = np.full(DAYS, 0.06)
    rate[120] = 0.068
    large = {f"R{index}": 20_000.0 for index in range(12)}
    baseline = estimate_baseline(rates(4, large, rate), ["cancel_rate"])
    shared = baseline.offset[:, 120] - baseline.offset[:, 113]
    assert np.exp(np.median(shared)) == pytest.approx(0.068 / 0.06, abs=0.03)


def test_a_share_that_few_orders_have_gets_no_weekdays_from_days_without_it() -> None:
    """Values of 0 on two Mondays are ordinary where most values are 0, and no Monday of a ten-thousandth."""
    rng = np.random.default_rng(16)
    frames = []
    for index in range(12):
        orders = rng.poisson(15, DAYS)
        with_it = rng.binomial(orders, 0.03)
        values = {"value_sum": with_it.astype(float), "value_sumsq": with_it.astype(float)}
        frames.append(rows(f"R{index}", "refund_share", orders, orders, **values))
    baseline = estimate_baseline(panel_of(*frames, refund_share="mean"), ["refund_share"])
    assert np.abs(baseline.offset[:, 40:]).max() < 0.5


def test_what_stays_in_all_regions_moves_their_levels() -> None:
    step = np.where(np.arange(DAYS) < 80, 0.06, 0.066)
    baseline = estimate_baseline(rates(15, MANY, step), ["cancel_rate"])
    assert baseline.common[:, 80:83].mean() == pytest.approx(np.log(1.1), abs=0.03)
    # two months later a tenth a day has left nothing of it
    assert abs(baseline.common[:, -14:].mean()) < 0.01
    # `level` is told as of the beginning of the panel, what has moved since is part of the day
    expected = np.exp(baseline.level[:, -14:] + baseline.offset[:, -14:])
    assert expected.mean() == pytest.approx(0.066, rel=0.02)


def test_the_spread_is_learned_inside_an_incident_too() -> None:
    """A level that is far off for weeks says nothing on the spread, the steps from day to day do."""

    def spread(seed: int, *, is_wild: bool) -> float:
        noise = np.random.default_rng(100 + seed).normal(0, 1, DAYS) * 0.05
        noise[70:90] = np.log(2) + noise[70:90] * (5 if is_wild else 1)
        baseline = estimate_baseline(rates(seed, {"A": 30_000.0}, 0.06 * np.exp(noise)), ["cancel_rate"])
        return float(np.sqrt(baseline.extra_variance[0, 90]))

    steady = np.mean([spread(seed, is_wild=False) for seed in range(4)])
    assert steady == pytest.approx(0.05, rel=0.3)
    assert np.mean([spread(seed, is_wild=True) for seed in range(4)]) > 1.5 * steady


def test_a_region_does_not_explain_itself_away() -> None:
    rng = np.random.default_rng(5)
    panel = rates(5, MANY, np.full(DAYS, 0.06))
    mask = (panel.daily["region"] == "R0") & (panel.daily["day"] == FIRST + pd.Timedelta(days=120))
    panel.daily.loc[mask, "events"] = float(rng.binomial(2000, 0.12))
    baseline = estimate_baseline(panel, ["cancel_rate"])
    assert abs(baseline.offset[row_of(baseline, "R0"), 120] - baseline.offset[row_of(baseline, "R0"), 113]) < 0.03


def test_an_incident_hardly_teaches_the_level() -> None:
    rate = np.full(DAYS, 0.06)
    rate[100:120] = 0.18
    baseline = estimate_baseline(rates(6, {"A": 1500.0}, rate), ["cancel_rate"])
    assert np.exp(baseline.level[0, 121]) < 0.075
    assert np.exp(baseline.level[0, -1]) == pytest.approx(0.06, rel=0.1)


def test_what_is_known_before_a_day_does_not_change_with_later_days() -> None:
    rate = np.full(DAYS, 0.06)
    rate[90:] = 0.2
    panel = rates(7, MANY, rate)
    whole = estimate_baseline(panel, ["cancel_rate"])
    then = panel.daily["day"] <= FIRST + pd.Timedelta(days=99)
    short = Panel(panel.daily[then], panel.metrics, (), (FIRST + pd.Timedelta(days=99)).date(), {})
    part = estimate_baseline(short, ["cancel_rate"])
    for name in ("level", "level_variance", "offset", "extra_variance", "history", "drift"):
        np.testing.assert_array_equal(getattr(whole, name)[:, :100], getattr(part, name))


def test_means_and_counts_have_their_own_noise() -> None:
    rng = np.random.default_rng(8)
    orders = rng.poisson(300, DAYS)
    # baskets of a gamma with mean 40 and coefficient of variation 0.8
    sums, squares = np.zeros(DAYS), np.zeros(DAYS)
    for day, count in enumerate(orders):
        baskets = rng.gamma(1 / 0.64, 40 * 0.64, count)
        sums[day], squares[day] = baskets.sum(), (baskets**2).sum()
    panel = panel_of(
        rows("A", "aov", orders, orders, value_sum=sums, value_sumsq=squares),
        rows("A", "orders", orders, np.ones(DAYS)),
        aov="mean",
        orders="count",
    )
    baseline = estimate_baseline(panel, ["aov", "orders"])
    assert baseline.grid.series == (("A", "aov"), ("A", "orders"))
    assert np.exp(baseline.level[0, -1]) == pytest.approx(40, rel=0.03)
    assert baseline.value_variance[0, -1] == pytest.approx(0.64, rel=0.1)
    assert np.exp(baseline.level[1, -1]) == pytest.approx(300, rel=0.06)


def test_series_that_are_not_there_are_left_out() -> None:
    baseline = estimate_baseline(rates(9, {"A": 50.0}, np.full(30, 0.06)), ["cancel_rate", "nothing"])
    assert baseline.grid.series == (("A", "cancel_rate"),)


def test_a_quiet_volume_has_no_fault_and_a_missing_day_is_one() -> None:
    rng = np.random.default_rng(10)
    frames = [rows(name, "orders", rng.poisson(50, 60), np.ones(60)) for name in ("A", "B", "C", "D")]
    quiet = build_grid(panel_of(*frames, orders="count"), ["orders"])
    assert not find_faults(quiet).is_set_aside.any()
    frames[1].loc[50, "events"] = 0.0
    faults = find_faults(build_grid(panel_of(*frames, orders="count"), ["orders"]))
    assert np.argwhere(faults.is_set_aside).tolist() == [[1, 50]]
    assert [problem.code for problem in faults.problems] == ["DT212"]


@pytest.mark.parametrize("pace", [0.003, 0.005, 0.01])
def test_how_fast_levels_wander_is_found_to_a_quarter(pace: float) -> None:
    """Twelve regions of 20,000 orders whose rates take a step of this size every day, under 5 % of daily noise."""
    rng = np.random.default_rng(int(1e4 * pace))
    frames = []
    for index in range(12):
        rate = 0.06 * np.exp(np.cumsum(rng.normal(0, pace, 300)) + rng.normal(0, 0.05, 300))
        orders = np.full(300, 20_000)
        frames.append(rows(f"R{index:02d}", "cancel_rate", rng.binomial(orders, rate), orders))
    baseline = estimate_baseline(panel_of(*frames), ["cancel_rate"])
    assert np.sqrt(baseline.drift[:, 200:].mean()) == pytest.approx(pace, rel=0.25)
