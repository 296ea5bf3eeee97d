"""Heaviness of tails, against distributions drawn with numpy."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import skew
from unit.detect.simulated import Shop

from contextcheck.detect.heavy import symmetric_z
from contextcheck.detect.surveillance import tail_freedom
from contextcheck.panel.baseline import estimate_baseline

SHOPS = {f"R{index:02d}": 20_000.0 for index in range(20)}


def test_ordinary_days_are_symmetric_on_the_scale_of_far_days() -> None:
    """Counts of mean 60 whose rate varies by 20 % up or down are skewed as counts and hardly on this scale."""
    rng = np.random.default_rng(1)
    mean, factor = 60.0, np.expm1(0.2**2)
    seen = rng.poisson(mean * rng.lognormal(-(0.2**2) / 2, 0.2, (1, 200_000))).astype(float)
    variance = np.full(seen.shape, mean + factor * mean**2)
    span = SimpleNamespace(amount=seen, expected=np.full(seen.shape, mean), variance=variance, ratio=seen / mean)
    z = symmetric_z(np.array(["rate"]), span)  # type: ignore[arg-type]
    assert skew(((seen - mean) / np.sqrt(variance))[0]) > 0.5
    assert abs(skew(z[0])) < 0.15
    assert z.std() == pytest.approx(1.0, abs=0.05)


def heavy_shop(seed: int, degrees: float, days: int = 200) -> np.ndarray:
    """Freedom learned from twenty regions whose log rates vary by 5 % a day with a Student distribution."""
    shop = Shop(SHOPS, days=days, spread=0.0)
    rng = np.random.default_rng(seed)
    panel = shop.panel(seed)
    rates = panel.daily["metric"] == "cancel_rate"
    drawn = rng.standard_t(degrees, int(rates.sum())) / np.sqrt(degrees / (degrees - 2))
    orders = panel.daily.loc[rates, "exposure"].to_numpy().astype(int)
    panel.daily.loc[rates, "events"] = rng.binomial(orders, np.clip(0.06 * np.exp(0.05 * drawn), 0, 1)).astype(float)
    baseline = estimate_baseline(panel, ["cancel_rate"])
    return tail_freedom(baseline)[0]


def test_heavy_days_on_both_sides_make_the_tails_heavy_and_normal_ones_do_not() -> None:
    heavy, ordinary = heavy_shop(2, 4.0)[-1], heavy_shop(3, 200.0)[-1]
    assert heavy < 12
    assert ordinary > 2 * heavy


def test_what_is_learned_of_tails_uses_earlier_days_only() -> None:
    whole, part = heavy_shop(2, 4.0), heavy_shop(2, 4.0)
    np.testing.assert_array_equal(whole, part)
    assert whole[22] > whole[-1]
