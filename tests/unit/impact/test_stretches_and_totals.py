"""Days that say something else, features over their regions, and what every market's cancels cost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest
from unit.decide.test_facts import ledger, line
from unit.impact.money_panels import FIRST_DAY, against, make_panel, window
from unit.impact.test_ledger import PADDED, QUIET, ledger_of
from unit.report import report_cases as cases

from contextcheck.impact.ledger import assess
from contextcheck.impact.together import ErrorParts, correlations
from contextcheck.impact.totals import feature_outcome, market_totals
from contextcheck.impact.value import daily_value
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


def test_a_loss_that_grows_day_by_day_is_seen_before_the_newest_week_alone_would_tell_it() -> None:
    """Kept value falls by the same little every day; the newest week beside the rest finds 4 of these 12."""
    ramp = [9_100.0 - 20.0 * day for day in range(28)]
    found = [noisy_ledger(ramp, seed=seed).stretches[0] for seed in range(12)]
    assert sum(each.differs for each in found) >= 7
    assert all(each.contribution.value < 0 for each in found)


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


def noted(region: str, controls: tuple[str, ...], gaps: list[float], method: str = "ratio-did") -> ErrorParts:
    days = {FIRST_DAY + timedelta(days=number): gap for number, gap in enumerate(gaps)}
    shares = dict.fromkeys(controls, 1 / max(len(controls), 1))
    return ErrorParts(method, shares, days, of_days=3.0, between=4.0)  # type: ignore[arg-type]


def test_regions_err_together_as_far_as_days_and_controls_are_shared() -> None:
    """By hand: days as 1, -1, ... and 1, 1, -1, -1, ... have nothing in common; five shared controls of five leave
    (5 / 25) / (1 + 1/5) = 1/6 of drift. With parts 3 and 4 of a whole of 5: (0 x 9 + 16 / 6) / 25 = 0.1067.
    """
    five = ("A", "B", "C", "D", "E")
    one, other = noted("KR", five, [1.0, -1.0] * 8), noted("JP", five, [1.0, 1.0, -1.0, -1.0] * 4)
    assert correlations([one, other])[0, 1] == pytest.approx(16 / 6 / 25)
    # the same days in full: (1 x 9 + 16 / 6) / 25
    assert correlations([one, one])[0, 1] == pytest.approx((9 + 16 / 6) / 25)
    # one control as large as the four others together: 1/4 + 4/64 = 5/16 is shared, (5/16) / (1 + 5/16) = 5/21 of drift
    large = replace(one, controls={"A": 0.5} | dict.fromkeys("BCDE", 0.125))
    assert correlations([large, replace(large, gaps=other.gaps)])[0, 1] == pytest.approx(16 * 5 / 21 / 25)
    # other controls, other days: nothing is shared
    assert correlations([one, noted("JP", ("F",), [1.0, 1.0, -1.0, -1.0] * 4)])[0, 1] == 0.0
    # customers of a split share nothing; a past alone, too few days in common or an old file count in full
    assert correlations([one, noted("JP", five, [], "exposed-split")])[0, 1] == 0.0
    assert correlations([one, noted("JP", (), [1.0, -1.0] * 8, "own-past")])[0, 1] == 1.0
    assert correlations([one, None])[0, 1] == 1.0


def test_shares_of_controls_are_their_levels_on_quiet_days() -> None:
    values = {name: {**QUIET, "kept_value": kept} for name, kept in (("KR", 9e3), ("TW", 9e3), ("SG", 18e3))}
    panel = make_panel({name: {key: [each] * 84 for key, each in rows.items()} for name, rows in values.items()})
    found = assess(
        panel, "KR", window(56, 83), against("TW", "SG", before=window(0, 55)),
        costs=default_costs(), currency="USD", lines={}, horizon_days=90,
    )  # fmt: skip
    value = daily_value(panel, default_costs(), window(56, 83)).contribution.loc[:, ["TW", "SG"]].iloc[0]
    assert found.control_shares == pytest.approx((value / value.sum()).to_dict())
    assert found.control_shares["SG"] > 0.6


def test_a_features_interval_is_narrower_than_its_regions_reaches_together() -> None:
    """Two regions launched on one day against the same three: the sum is asked for as one region would be."""
    rng = np.random.default_rng(11)
    values = {
        region: {metric: list(value * rng.normal(1, 0.03, 84)) for metric, value in QUIET.items()}
        for region in ("KR", "JP", "TW", "SG", "TH")
    }
    found = [
        assess(
            make_panel(values), region, window(56, 83), against("TW", "SG", "TH", before=window(0, 55)),
            costs=default_costs(), currency="USD", lines={}, horizon_days=90,
        )
        for region in ("KR", "JP")
    ]  # fmt: skip
    feature = feature_outcome("bar", [outcome("KR", found[0]), outcome("JP", found[1])], "USD")
    parts = [each.contribution_per_day for each in found]
    assert feature.contribution_per_day is not None
    total = feature.contribution_per_day
    reaches = [float(each.high - each.value) for each in parts if each]
    reach = float(total.high - total.value)
    assert total.value == sum(each.value for each in parts if each)
    assert np.hypot(*reaches) < reach < 0.95 * sum(reaches)


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
