"""Exposed against unexposed customers: when it is refused, and what it gives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from unit.impact.money_panels import make_panel

from contextcheck.impact.comparison import Comparison
from contextcheck.impact.methods.exposed_split import ExposedSplit, order_value_of_arms
from contextcheck.impact.split import Split, judge_split, nearest_share, ratio_chance
from contextcheck.panel.arms import EXPOSED, GROUPS, UNEXPOSED, Arms, columns_of

PANEL = make_panel({"KR": {"placed_value": [1.0] * 7}})
DAYS = pd.date_range("2026-01-05", periods=7)
COLUMNS = [*columns_of(UNEXPOSED), *columns_of(EXPOSED)]


def arms(unexposed: int, exposed: int, mixed: int = 0, **more: object) -> Arms:
    return Arms(PANEL, (unexposed, exposed, mixed), **more)  # type: ignore[arg-type]


def test_half_and_half_is_accepted_and_named() -> None:
    split = judge_split(arms(2_010, 1_985), None)
    assert (split.reason, split.share, split.is_planned) == ("", 0.5, False)
    # z = 25 / sqrt(3995) x ... : |1985 - 1997.5| / sqrt(3995 / 4) = 0.3955, two-sided 0.692.
    assert split.p_ratio == pytest.approx(0.692, abs=0.001)


def test_a_plan_in_the_settings_is_what_counts() -> None:
    assert judge_split(arms(7_000, 3_000), 0.3).reason == ""
    refused = judge_split(arms(7_000, 3_000), 0.5)
    assert refused.panel is None
    assert refused.reason == (
        "30.0 % of 10,000 customers saw it, 50.0 % is planned (p < 0.0001): not a clean random split"
    )


def test_a_share_that_nobody_plans_is_refused_with_what_to_do() -> None:
    refused = judge_split(arms(4_400, 5_600), None)
    assert "60.0 % is the nearest usual plan" in refused.reason
    assert refused.reason.endswith("name the plan as exposed_share under launches if it was another")


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (arms(0, 5_000), "every customer saw the feature"),
        (arms(5_000, 0), "no customer with feature_exposed"),
        (arms(90, 95), "95 exposed and 90 unexposed customers, 100 of each needed"),
        (arms(2_000, 2_000, 300), "7 % of the customers saw the feature on some orders and not on others"),
        (arms(2_000, 2_000, without_customer=0.4), "40 % of the orders name no customer"),
        (Arms(None, reason="no feature_exposed"), "no feature_exposed"),
    ],
)
def test_what_is_no_split_by_customer_is_refused_with_the_reason(seen: Arms, reason: str) -> None:
    assert judge_split(seen, None).reason == reason


def test_customers_who_differed_before_the_launch_are_refused() -> None:
    rng = np.random.default_rng(1)
    alike = rng.poisson(10, size=(2, GROUPS)).astype(float)
    assert judge_split(arms(2_000, 2_000, before=alike), None).reason == ""
    heavy = alike * np.array([[1.0], [1.3]])
    assert "already differed before the launch" in judge_split(arms(2_000, 2_000, before=heavy), None).reason


def test_true_random_splits_are_refused_once_in_five_hundred() -> None:
    """Two tests at 0.001 each; drawn by numpy alone."""
    rng = np.random.default_rng(7)
    refused = 0
    for _ in range(3_000):
        exposed = int(rng.binomial(3_000, 0.5))
        # a customer's orders before: clustered, the same in both arms
        before = rng.negative_binomial(15, 0.5, size=(2, GROUPS)) * np.array([[3_000 - exposed], [exposed]]) / 1_500
        refused += bool(judge_split(arms(3_000 - exposed, exposed, before=before), 0.5).reason)
    assert refused <= 15


def test_the_nearest_usual_share_is_the_likeliest() -> None:
    assert nearest_share(3_020, 6_980) == 0.3
    assert nearest_share(3_330, 6_670) == pytest.approx(1 / 3)
    assert nearest_share(12, 1_188) == 0.01
    assert ratio_chance(0, 0, 0.5) == 1.0


# ── the effect ─────────────────────────────────────────────────────────────────────────────────────────


def compared(share: float = 0.5) -> Comparison:
    split = Split(PANEL, share, True, 1_000, 1_000)
    return Comparison("KR", DAYS[:0], DAYS, (), {}, split=split, method="exposed-split")


def table(unexposed: np.ndarray, exposed: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(np.tile(np.concatenate([unexposed, exposed]), (7, 1)), index=DAYS, columns=COLUMNS)


def test_the_effect_is_what_the_exposed_did_beyond_as_many_others() -> None:
    # 30 % exposed: 700 a day by the unexposed stand for 300 a day by as many as were exposed; these did 360.
    line = table(np.full(GROUPS, 700 / GROUPS), np.full(GROUPS, 360 / GROUPS))
    effect, _ = ExposedSplit().effects([line], compared(0.3), seed=0)
    assert effect.value == pytest.approx(60.0)
    # Without the feature everybody would have done 700 / 0.7 = 1,000 a day.
    assert effect.expected == pytest.approx(1_000.0)


def test_the_interval_is_that_of_customers() -> None:
    # Groups' gaps are independent with standard deviation s: the sum over 200 groups varies by s x sqrt(200).
    rng = np.random.default_rng(2)
    unexposed, exposed = rng.normal(50, 4, GROUPS), rng.normal(50, 3, GROUPS)
    effect, _ = ExposedSplit().effects([table(unexposed, exposed)], compared(), seed=0)
    assert effect.error == pytest.approx(np.sqrt(GROUPS) * (exposed - unexposed).std(ddof=1), rel=0.05)
    assert effect.error == pytest.approx(5.0 * np.sqrt(GROUPS), rel=0.15)


def test_lines_add_up_and_days_add_up() -> None:
    rng = np.random.default_rng(3)
    lines = [pd.DataFrame(rng.gamma(2, 3, (7, 2 * GROUPS)), index=DAYS, columns=COLUMNS) for _ in range(3)]
    total, parts = ExposedSplit().effects(lines, compared(0.4), seed=1)
    assert total.value == pytest.approx(sum(part.value for part in parts))
    days, level, noise = ExposedSplit().by_day(lines[0] + lines[1] + lines[2], compared(0.4))
    assert days.mean() == pytest.approx(total.value)
    assert level == pytest.approx(total.expected)
    assert noise / np.sqrt(7) == pytest.approx(total.error, rel=0.1)


def test_the_average_order_is_compared_between_the_arms() -> None:
    counts = table(np.full(GROUPS, 2.0), np.full(GROUPS, 2.0))
    values = table(np.full(GROUPS, 80.0), np.full(GROUPS, 92.0))
    found = order_value_of_arms(values, counts, compared(), 0.9, 0)
    assert found is not None
    assert found[:3] == pytest.approx((40.0, 46.0, 1.15))
    assert found[3] == pytest.approx(1.15)  # every group alike: no spread at all
    assert order_value_of_arms(values * 0, counts, compared(), 0.9, 0) is None


def test_a_refused_split_says_why() -> None:
    refused = replace(compared(), split=Split(None, reason="every customer saw the feature"))
    assert ExposedSplit().refuses(refused) == "every customer saw the feature"
    assert ExposedSplit().refuses(compared()) == ""
