"""The daily effect of a launch."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from unit.impact.money_panels import against, day, make_panel, window

from contextcheck.impact.effect import daily_effect
from contextcheck.records import DailyEffect, Launch
from contextcheck.settings import default_costs

WEEK = np.array([1.0, 1.0, 1.0, 1.0, 1.2, 1.5, 1.3])
LAUNCH = Launch("bar", ("KR",), day(56))


def region(kept_after: float = 1.0, seed: int = 0, days: int = 70) -> dict[str, list[float]]:
    rng = np.random.default_rng(seed)
    placed = 10_000 * np.tile(WEEK, 10)[:days] * (1 + 0.02 * rng.normal(size=days))
    kept = placed * 0.9
    kept[56:] *= kept_after
    return {"placed_value": list(placed), "kept_value": list(kept)}


def effect_of(
    kept_after: float, *controls: str, days: int = 70, immature_days: int = 0, start: date = LAUNCH.start
) -> DailyEffect:
    values = {
        "KR": region(kept_after, 1, days),
        **{name: region(1.0, number + 2, days) for number, name in enumerate(controls)},
    }
    launch = Launch("bar", ("KR",), start)
    panel = make_panel(values, immature_days=immature_days)
    reference = against(*controls, before=window(0, 55))
    return daily_effect(panel, "KR", launch, reference, costs=default_costs(), currency="USD", lines={})


def test_no_change_gives_effects_around_nothing_with_the_noise_told() -> None:
    found = effect_of(1.0, "A", "B", "C", "D")
    assert len(found.days) == 14
    assert abs(float(np.mean(found.effect))) < 3 * found.noise / np.sqrt(14)
    # Contribution is 0.35 x kept - 2.9 % of placed - 30: about 28.6 % of 11,430 placed a day less 30; noise of the
    # region 2 % and of the mean of four controls 1 % together about 2.2 % of that.
    level = 0.9 * 0.35 * 11_430 - 0.029 * 11_430 - 30
    assert found.base_per_day == pytest.approx(level, rel=0.03)
    assert found.noise == pytest.approx(0.022 * level, rel=0.5)
    assert found.days_before == 56


def test_a_loss_of_a_tenth_of_kept_sales_is_seen_every_day() -> None:
    found = effect_of(0.9, "A", "B", "C", "D")
    # 10 % of kept sales at a margin of 35 %: 0.1 x 0.9 x 11,430 x 0.35 = 360 a day.
    assert float(np.mean(found.effect)) == pytest.approx(-360, rel=0.2)
    assert max(found.effect) < 0


def test_days_that_are_too_young_are_not_there() -> None:
    found = effect_of(1.0, "A", "B", immature_days=5)
    assert found.days[-1] == day(64)


def test_without_a_control_the_reason_says_so() -> None:
    found = effect_of(0.5)
    assert found.days
    assert found.reason == "no comparable region was untouched: compared with its own past only"


def test_a_launch_after_the_data_has_no_days() -> None:
    found = effect_of(1.0, "A", "B", start=day(200))
    assert found.days == ()
    assert found.reason == f"launched on {day(200)}, the data end on {day(69)}"
