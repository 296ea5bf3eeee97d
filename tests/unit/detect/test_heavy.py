"""Heaviness of tails, against distributions drawn with numpy."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import skew, t
from unit.detect.simulated import Shop, cut, day

from contextcheck.detect import surveillance
from contextcheck.detect.heavy import freedom, spread_days, symmetric_z, usual_over_own
from contextcheck.detect.surveillance import Surveillance, score_windows, tail_freedom
from contextcheck.detect.totals import Totals
from contextcheck.panel.baseline import Baseline, estimate_baseline
from contextcheck.panel.table import Panel

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


def heavy_panel(seed: int, degrees: float, days: int = 200) -> Panel:
    """Twenty regions whose log rates vary by 5 % a day with a Student distribution."""
    shop = Shop(SHOPS, days=days, spread=0.0)
    rng = np.random.default_rng(seed)
    panel = shop.panel(seed)
    rates = panel.daily["metric"] == "cancel_rate"
    drawn = rng.standard_t(degrees, int(rates.sum())) / np.sqrt(degrees / (degrees - 2))
    orders = panel.daily.loc[rates, "exposure"].to_numpy().astype(int)
    panel.daily.loc[rates, "events"] = rng.binomial(orders, np.clip(0.06 * np.exp(0.05 * drawn), 0, 1)).astype(float)
    return panel


def heavy_baseline(seed: int, degrees: float, days: int = 200) -> Baseline:
    return estimate_baseline(heavy_panel(seed, degrees, days), ["cancel_rate"])


def heavy_shop(seed: int, degrees: float) -> np.ndarray:
    """Freedom learned from such regions."""
    return tail_freedom(heavy_baseline(seed, degrees))[0]


def test_heavy_days_on_both_sides_make_the_tails_heavy_and_normal_ones_do_not() -> None:
    heavy, ordinary = heavy_shop(2, 4.0)[-1], heavy_shop(3, 200.0)[-1]
    assert heavy < 12
    assert ordinary > 2 * heavy


def test_what_is_learned_of_tails_uses_earlier_days_only() -> None:
    panel = heavy_panel(3, 200.0)
    whole, part = (tail_freedom(estimate_baseline(each, ["cancel_rate"]))[0] for each in (panel, cut(panel, day(99))))
    np.testing.assert_array_equal(whole[:100], part)
    assert whole[-1] > 2 * whole[22]


@pytest.mark.parametrize("degrees", [4.0, 6.0, 200.0])
def test_chances_of_one_in_ten_thousand_days_are_not_twice_as_frequent_under_heavy_tails(degrees: float) -> None:
    chances = []
    for seed in range(6):
        baseline = heavy_baseline(seed, degrees, days=400)
        scores = Surveillance().score(baseline, launches=(), seed=0)
        one_day = scores.windows.index(1)
        chances.append(np.stack([scores.upper[one_day], scores.lower[one_day]])[:, :, 100:].ravel())
    drawn = np.concatenate(chances)
    assert (drawn < 0.01).mean() == pytest.approx(0.01, rel=0.25)
    for level in (0.001, 0.0001):
        assert 0.5 < (drawn < level).mean() / level < 2.0, level


def test_a_sum_of_days_has_the_kurtosis_of_its_days_shared_among_them() -> None:
    def moment(power: int) -> float:
        return float(quad(lambda z: z**power * t.pdf(z, 6, scale=np.sqrt(4 / 6)), -6, 6)[0])

    excess = moment(4) * moment(0) / moment(2) ** 2 - 3
    one = np.ones((1, 1))
    assert freedom(6 * one, 7, one)[0, 0] == pytest.approx(4 + 6 * 7 / excess, rel=0.01)
    assert freedom(6 * one, 7, one / 2)[0, 0] == pytest.approx(4 + 4 * 6 * 7 / excess, rel=0.01)
    assert freedom(6 * one, 1, one)[0, 0] == pytest.approx(6.0)


def test_a_spread_is_known_from_the_days_after_the_first_two_weeks() -> None:
    history, whole, normal = np.array([14.0, 24.0, 114.0]), np.ones(3), np.full(3, 400.0)
    np.testing.assert_allclose(spread_days(history, whole, normal), [2.0, 12.0, 102.0], rtol=0.01)
    np.testing.assert_allclose(spread_days(history, whole / 2, normal), [8.0, 24.0, 114.0], rtol=0.01)


def test_heavy_days_tell_less_of_a_spread() -> None:
    """Known days of n are those of normal ones whose mean square is as uncertain as the drawn ones'."""
    rng = np.random.default_rng(7)
    drawn = np.clip(t.rvs(6, size=(20_000, 100), random_state=rng, scale=np.sqrt(4 / 6)), -6, 6)
    square = (drawn**2).mean(axis=1)
    as_known = 2 * square.mean() ** 2 / square.var()
    known = (
        spread_days(np.array([1121.0]), np.ones(1), np.array([6.0]))[0]
        - spread_days(np.array([1021.0]), np.ones(1), np.array([6.0]))[0]
    )
    assert known == pytest.approx(as_known, rel=0.1)


def test_a_region_calmer_than_its_metric_is_not_taken_as_known_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    baseline = heavy_baseline(2, 200.0, days=60)
    calm = replace(baseline, extra_variance=baseline.extra_variance.copy())
    calm.extra_variance[3] /= 25
    over = usual_over_own(calm)
    assert (over >= 1).all()
    assert (over[3, 1:] > 5).all()
    cautious = score_windows(calm, tail_freedom(calm)).upper[0]
    monkeypatch.setattr(surveillance, "usual_over_own", lambda _: np.ones(over.shape))
    trusting = score_windows(calm, tail_freedom(calm)).upper[0]
    far = trusting[3] < 1e-3
    assert far.any()
    assert (cautious[3, far] > 2 * trusting[3, far]).all()
    other = trusting[4] < 0.01
    np.testing.assert_allclose(cautious[4, other], trusting[4, other], rtol=0.5)


def test_tails_are_believed_heavy_until_days_have_shown_otherwise() -> None:
    found = heavy_shop(3, 200.0)
    assert found[22] == pytest.approx(5.0, abs=0.3)
    assert found[-1] > 2 * found[22]


def test_days_that_resemble_each_other_widen_windows_and_level() -> None:
    baseline = heavy_baseline(4, 200.0, days=80)
    alike = replace(baseline, likeness=np.full(baseline.level.shape, 0.5))
    apart = (Totals.of(each).window(7).variance[:, 60:] for each in (alike, baseline))
    more = np.subtract(*apart)
    expected = Totals.of(baseline).window(7).expected[:, 60:]
    before = baseline.before(np.arange(60, 80) - 6)
    base = sum(baseline.base[:, 60 - back : 80 - back] ** 2 for back in range(7)) * np.exp(
        2 * baseline.level[:, before]
    )
    apart_days = np.abs(np.subtract.outer(np.arange(7), np.arange(7)))
    times = (0.5**apart_days).sum() / 7
    # (1 + r) / (1 - r) of the level's variance, all pairs of days of the extra variance
    by_hand = baseline.extra_variance[:, before] * base * (times - 1)
    by_hand += baseline.level_variance[:, before] * expected**2 * (1.5 / 0.5 - 1)
    np.testing.assert_allclose(more, by_hand, rtol=1e-6)
