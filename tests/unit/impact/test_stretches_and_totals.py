"""Days that say something else, features over their regions, and what every market's cancels cost."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from unit.decide.test_facts import ledger, line
from unit.impact.money_panels import against, make_panel, window
from unit.impact.test_ledger import PADDED, QUIET, ledger_of
from unit.report import report_cases as cases

from contextcheck.impact.ledger import assess
from contextcheck.impact.totals import feature_outcome, market_totals
from contextcheck.records import Ledger, RegionOutcome
from contextcheck.settings import default_costs


def noisy_ledger(kept_after: list[float], seed: int = 5) -> Ledger:
    """Four quiet weeks and four after; kept value as told, everything with 2 % noise."""
    rng = np.random.default_rng(seed)
    days = 28 + len(kept_after)
    values = {}
    for region in ("KR", "JP", "TW", "SG"):
        kept = [QUIET["kept_value"]] * 28 + (kept_after if region == "KR" else [QUIET["kept_value"]] * len(kept_after))
        flat = {metric: [value] * days for metric, value in QUIET.items() if metric != "kept_value"}
        values[region] = {
            metric: list(np.array(series) * rng.normal(1, 0.02, days))
            for metric, series in {**flat, "kept_value": kept}.items()
        }
    return assess(
        make_panel(values), "KR", window(28, days - 1), against("JP", "TW", "SG", before=window(0, 27)),
        costs=default_costs(), currency="USD", lines={}, horizon_days=90,
    )  # fmt: skip


def test_a_loss_that_comes_late_is_seen_in_the_newest_week() -> None:
    found = noisy_ledger([9_000.0] * 21 + [6_000.0] * 7)
    week = next(each for each in found.stretches if each.id == "newest-week")
    assert week.differs
    assert week.contribution.high < 0
    # 3,000 less kept at a margin of 35 %.
    assert float(week.contribution.value) == pytest.approx(-1_050, rel=0.15)


def test_an_effect_that_stays_as_it_is_does_not_differ() -> None:
    differing = sum(each.differs for seed in range(20) for each in noisy_ledger([9_900.0] * 28, seed=seed).stretches)
    assert differing <= 1


def test_two_weeks_are_needed_to_tell_a_week_from_the_days_before() -> None:
    assert ledger_of(PADDED).stretches == ()


def outcome(region: str, found: Ledger) -> RegionOutcome:
    return RegionOutcome(region, found, cases.recommendation())


def test_a_feature_is_the_sum_of_its_regions_with_the_widest_interval() -> None:
    gain = ledger("100", "60", "140", line("kept_sales", "100", "measured"))
    loss = ledger("-300", "-350", "-250", line("kept_sales", "-300", "assumed"))
    feature = feature_outcome("bar", [outcome("KR", gain), outcome("DE", loss)], "USD")
    assert feature.contribution_per_day is not None
    total = feature.contribution_per_day
    assert (total.value, total.low, total.high) == (Decimal(-200), Decimal(-290), Decimal(-110))
    assert feature.lines[0].per_day is not None
    assert feature.lines[0].per_day.value == Decimal(-200)
    assert feature.lines[0].status == "assumed"


def test_a_region_whose_money_is_not_known_is_named_and_not_counted_as_zero() -> None:
    unknown = Ledger("USD", None, None, 0.9, (), None, None, None, None, reason="3 days of data, 7 needed")
    feature = feature_outcome("bar", [outcome("KR", ledger("100", "60", "140")), outcome("JP", unknown)], "USD")
    assert feature.not_known == ("JP",)
    assert feature.contribution_per_day is not None
    assert feature.contribution_per_day.value == Decimal(100)
    nothing = feature_outcome("bar", [outcome("JP", unknown)], "USD")
    assert nothing.contribution_per_day is None


def test_a_markets_losses_are_counted_whether_it_is_flagged_or_not() -> None:
    # Per day 6 cancels at 1.50, 4 returns at 7.00 and 10 % of 400 sent back: 9 + 28 + 40 = 77; ten days.
    panel = make_panel({"KR": {metric: [value] * 10 for metric, value in QUIET.items()}})
    found = market_totals(panel, default_costs())
    assert [(each.region, each.loss, each.days, each.orders) for each in found] == [
        ("KR", Decimal("770.00"), 10, 1000.0)
    ]


def test_without_money_columns_a_market_has_no_loss_but_a_reason() -> None:
    panel = make_panel({"KR": {"orders": [100.0] * 10}})
    found = market_totals(panel, default_costs())[0]
    assert found.loss is None
    assert "contribution" in found.reason


def test_a_roll_back_costs_three_days_of_the_region_unless_the_shop_says_otherwise() -> None:
    found = ledger_of(PADDED)
    assert found.precision is not None
    roll_back = next(each for each in found.once if each.id == "roll_back")
    assert roll_back.status == "assumed"
    assert float(roll_back.amount or 0) == pytest.approx(3 * found.precision.base_per_day, abs=0.01)
    told = replace(default_costs(), roll_back=Decimal(700), given=frozenset({"roll_back"}))
    from contextcheck.impact.once import roll_back_line

    assert roll_back_line(found.precision.base_per_day, told).amount == Decimal(700)
