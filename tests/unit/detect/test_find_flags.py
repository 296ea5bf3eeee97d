"""Whole searches on panels whose true rates are known."""

from __future__ import annotations

import numpy as np
import pytest
from unit.detect.simulated import SHIPPED_LIKE, TWELVE, Shop, day, rule

from contextcheck.detect.interface import find_flags
from contextcheck.detect.search import examine

RATES = {"cancel_rate": 0.06, "modify_rate": 0.02, "chargeback_rate": 0.002}


def test_a_quiet_shop_has_no_flag() -> None:
    for seed in range(5):
        found = find_flags(Shop(TWELVE, RATES, value=50.0, days=100).panel(seed), SHIPPED_LIKE)
        assert [flag.id for flag in found.flags] == []
        assert found.problems == ()
        assert found.series_tested >= 40
        assert found.tests_made > 10_000


@pytest.mark.parametrize("seed", range(5))
def test_tripled_cancels_in_a_region_of_1500_orders_are_one_flag_with_the_right_start(seed: int) -> None:
    shop = Shop(TWELVE, RATES, value=50.0, changes={("KR", "cancel_rate"): [(80, 99, 0.18)]}, days=100)
    found = find_flags(shop.panel(seed), SHIPPED_LIKE)
    assert [(flag.region, flag.metric, flag.direction) for flag in found.flags] == [("KR", "cancel_rate", "up")]
    flag = found.flags[0]
    assert abs((flag.window.start - day(80)).days) <= 1
    assert flag.window.end == day(99)
    assert flag.window.is_open
    assert flag.severity == "high"
    assert flag.q_value < 1e-4
    assert 2.6 < flag.relative_ratio < 3.4
    # 20 days × about 1,620 orders × 12 points
    assert flag.excess_events == pytest.approx(20 * 1620 * 0.12, rel=0.15)
    assert flag.reference.end < flag.window.start
    assert flag.id == f"KR-cancel_rate-{flag.window.start}"


def test_two_days_are_best_shown_by_a_window_of_two() -> None:
    shop = Shop(TWELVE, days=120, changes={("DE", "cancel_rate"): [(100, 101, 0.07)]})
    shown = []
    for seed in range(10):
        found = examine(shop.panel(seed), (rule("cancel_rate"),))
        assert found is not None
        assert found.evidence.windows == (1, 2, 3, 7, 14, 28)
        series = [found.baseline.grid.series[each.row][0] for each in found.evidence.watched]
        shown.append(found.evidence.normal[:, series.index("DE"), 101])
    one, two, three, *_ = np.mean(shown, axis=0)
    assert two > max(one, three) + 0.3
