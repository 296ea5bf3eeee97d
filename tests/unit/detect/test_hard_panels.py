"""Panels that break what a detector likes to assume, drawn with numpy alone: no flag where nothing happens."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import contextcheck
from contextcheck.detect.surveillance import score_windows, tail_freedom
from contextcheck.panel.baseline import baseline_of
from contextcheck.panel.baseline_grid import build_grid
from contextcheck.panel.long_table import panel_of_table

REGIONS = 12
SIZES = np.geomspace(60, 20_000, REGIONS)
CLOSED = -30.0


def table_of(events: np.ndarray, exposure: np.ndarray | None = None, step: int = 1) -> pd.DataFrame:
    regions, days = events.shape
    table = pd.DataFrame(
        {
            "date": np.tile(pd.date_range("2024-01-01", periods=days, freq=f"{step}D"), regions),  # a Monday
            "region": np.repeat([f"R{region:02d}" for region in range(regions)], days),
            "metric": "measured",
            "events": events.ravel(),
        }
    )
    return table if exposure is None else table.assign(exposure=exposure.ravel())


def counts(rng: np.random.Generator, log: np.ndarray, spread: float = 0.05) -> pd.DataFrame:
    log = np.broadcast_to(log, (REGIONS, log.shape[-1]))
    return table_of(rng.poisson(SIZES[:, None] * np.exp(log + rng.normal(0, spread, log.shape))))


def rates(rng: np.random.Generator, log: np.ndarray) -> pd.DataFrame:
    log = np.broadcast_to(log, (REGIONS, log.shape[-1]))
    exposure = rng.poisson(2 * SIZES[:, None] * np.ones(log.shape))
    return table_of(rng.binomial(exposure, np.clip(0.06 * np.exp(log), 0, 0.9)), exposure)


def alerts(table: pd.DataFrame) -> int:
    """Flagged spells: a flag after a day without one."""
    days = contextcheck.detect_frame(table).sort_values(["region", "date"])
    flags = days["flag"].to_numpy().reshape(table["region"].nunique(), -1)
    return int((np.diff(flags, axis=1, prepend=0) > 0).sum())


def noise_like_yesterday(rng: np.random.Generator, likeness: float, shape: tuple[int, int]) -> np.ndarray:
    noise = rng.normal(0, 1, shape)
    for day in range(1, shape[1]):
        noise[:, day] = likeness * noise[:, day - 1] + np.sqrt(1 - likeness**2) * noise[:, day]
    return noise


@pytest.mark.parametrize("lowered", [CLOSED, -3.0], ids=["closed", "at 5 %"])
@pytest.mark.parametrize("draw", [counts, rates])
def test_weekends_without_business_are_a_weekday_shape(draw: object, lowered: float) -> None:
    weekend = np.where(np.arange(150) % 7 >= 5, lowered, 0.0)
    assert alerts(draw(np.random.default_rng(1), weekend)) <= 1  # type: ignore[operator]


def test_regions_may_be_closed_on_days_of_their_own() -> None:
    log = np.zeros((REGIONS, 150))
    log[::2] += np.where(np.arange(150) % 7 == 6, CLOSED, 0.0)
    log[1] += np.where(np.arange(150) % 7 == 4, CLOSED, 0.0)
    assert alerts(counts(np.random.default_rng(2), log)) <= 1


def test_one_region_alone_may_be_closed_at_weekends() -> None:
    log = np.where(np.arange(150) % 7 >= 5, CLOSED, 0.0)[None, :]
    assert alerts(table_of(np.random.default_rng(3).poisson(800 * np.exp(log)))) == 0


def test_a_shop_that_is_closed_at_weekends_and_loses_a_third_of_a_week_is_flagged() -> None:
    log = np.tile(np.where(np.arange(150) % 7 >= 5, CLOSED, 0.0), (REGIONS, 1))
    log[-1, 98:105] += np.log(2 / 3)
    found = contextcheck.detect_frame(counts(np.random.default_rng(4), log))
    flagged = found[found["flag"] == 1]
    assert set(flagged["region"]) == {f"R{REGIONS - 1:02d}"}
    assert flagged["date"].min() <= "2024-04-10"  # the week began on the 8th


@pytest.mark.parametrize("changed", [CLOSED, -1.0, 0.7])
def test_a_weekday_that_changes_for_good_is_flagged_for_a_month_and_then_known(changed: float) -> None:
    log = np.zeros((REGIONS, 300))
    log[5] += np.where((np.arange(300) % 7 == 6) & (np.arange(300) >= 150), changed, 0.0)
    days = contextcheck.detect_frame(counts(np.random.default_rng(30), log)).sort_values(["region", "date"])
    flags = days["flag"].to_numpy().reshape(REGIONS, -1)
    assert flags[5, 150:182].sum() >= 3
    assert flags[5, 215:].sum() == 0
    assert flags.sum() - flags[5].sum() <= 2


def test_a_season_that_all_regions_share_is_followed() -> None:
    found = 0
    for seed in (5, 6, 7):
        wave = np.log1p(0.4 * np.sin(2 * np.pi * np.arange(420) / 365))
        found += alerts(rates(np.random.default_rng(seed), wave))
    assert found <= 2


def test_counts_may_vary_by_more_than_half_from_day_to_day() -> None:
    found = 0
    for seed in (8, 9, 10):
        rng = np.random.default_rng(seed)
        found += alerts(table_of(rng.poisson(2000 * rng.gamma(3, 1 / 3, (REGIONS, 200)))))
    assert found <= 2


def test_days_that_resemble_the_day_before_tell_less_together() -> None:
    found = 0
    for seed in (11, 12, 13):
        rng = np.random.default_rng(seed)
        found += alerts(rates(rng, 0.15 * noise_like_yesterday(rng, 0.5, (REGIONS, 300))))
    assert found <= 1


def test_a_mean_most_of_whose_values_are_0_may_be_0_for_days() -> None:
    """A share that five orders in a hundred have at all, of 3 to 300 orders a day."""
    found = 0
    for seed in (28, 29):
        rng = np.random.default_rng(seed)
        orders = rng.poisson(np.geomspace(3, 300, REGIONS)[:, None] * np.ones((REGIONS, 250)))
        sums, squares = np.zeros(orders.shape), np.zeros(orders.shape)
        for at, number in np.ndenumerate(orders):
            values = rng.random(number) * (rng.random(number) < 0.05)
            sums[at], squares[at] = values.sum(), (values**2).sum()
        table = table_of(orders, orders).assign(value_sum=sums.ravel(), value_sumsq=squares.ravel())
        days = contextcheck.detect_frame(table, min_relative=0.0, min_excess=0.0)
        found += int((days.groupby("region")["flag"].diff() > 0).sum())
    assert found <= 6


def chances(table: pd.DataFrame) -> list[np.ndarray]:
    """Tail probabilities of both sides by window, once there is half a panel."""
    panel = panel_of_table(table, {}, name="table", as_of=None)
    baseline = baseline_of(build_grid(panel, ["measured"]))
    scores = score_windows(baseline, tail_freedom(baseline))
    half = scores.upper.shape[2] // 2
    return [np.stack([scores.upper[i], scores.lower[i]])[:, :, half:].ravel() for i in range(len(scores.windows))]


def test_sums_of_heavy_days_come_true_about_as_often_as_they_say() -> None:
    """Student with four degrees of freedom, never cut off: one huge day is no tail of a fortnight."""
    drawn: list[list[np.ndarray]] = []
    for seed in range(14, 20):
        rng = np.random.default_rng(seed)
        log = 0.1 * rng.standard_t(4, (REGIONS, 600)) / np.sqrt(2)
        drawn.append(chances(counts(rng, log, spread=0.0)))
    for window in range(1, 6):
        together = np.concatenate([each[window] for each in drawn])
        assert (together < 1e-4).mean() < 5e-4, window


def test_heavy_weeks_are_read_in_tails_as_heavy() -> None:
    drawn: list[list[np.ndarray]] = []
    for seed in range(20, 28):
        rng = np.random.default_rng(seed)
        log = 0.12 * rng.standard_t(4, (REGIONS, 208)) / np.sqrt(2)
        drawn.append(chances(table_of(rng.poisson(5000 * np.exp(log)), step=7)))
    for window in range(2):
        together = np.concatenate([each[window] for each in drawn])
        assert (together < 1e-3).mean() < 3e-3, window
