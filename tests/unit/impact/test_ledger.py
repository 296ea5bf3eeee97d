"""The ledger against a shop worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from unit.impact.money_panels import against, day, make_panel, window

from contextcheck.impact.ledger import assess
from contextcheck.impact.once import expected_loss
from contextcheck.records import Launch, Ledger, Unavailable, Window
from contextcheck.settings import default_costs

BEFORE = window(0, 13)
AFTER = window(14, 20)


def shop(before: dict[str, float], after: dict[str, float]) -> dict[str, list[float]]:
    return {metric: [value] * 14 + [after[metric]] * 7 for metric, value in before.items()}


QUIET = {
    "placed_value": 10_000.0,
    "kept_value": 9_000.0,
    "shipping_fee": 300.0,
    "paid_orders": 100.0,
    "cancelled_orders": 6.0,
    "returned_orders": 4.0,
    "returned_value": 400.0,
    "delivered_orders": 90.0,
}
PADDED = QUIET | {
    "placed_value": 11_500.0,
    "kept_value": 9_900.0,
    "shipping_fee": 200.0,
    "cancelled_orders": 18.0,
}


def ledger_of(after: dict[str, float], **extra: object) -> Ledger:
    values = {"KR": shop(QUIET, after), **{name: shop(QUIET, QUIET) for name in ("JP", "TW", "SG")}}
    return assess(
        make_panel(values),
        "KR",
        AFTER,
        against("JP", "TW", "SG", before=BEFORE),
        costs=default_costs(),
        currency="USD",
        lines={},
        horizon_days=90,
        launch=Launch("free-shipping-bar", ("KR",), day(14)),
    )


def amounts(ledger: Ledger) -> dict[str, Decimal]:
    return {line.id: line.per_day.value for line in ledger.lines if line.per_day is not None}


def test_every_line_is_the_one_worked_out_by_hand() -> None:
    lines = amounts(ledger_of(PADDED))
    assert lines["kept_sales"] == Decimal("900.00")
    assert lines["shipping_charged"] == Decimal("-100.00")
    assert lines["goods"] == Decimal("-585.00")  # 65 % of 900
    assert lines["shipping_cost"] == Decimal("0.00")  # the same 90 parcels
    assert lines["payment_cost"] == Decimal("-43.50")  # 2.9 % of 1,500 more; the same 100 orders
    assert lines["cancel_handling"] == Decimal("-18.00")  # 12 more at 1.50
    assert lines["return_handling"] == Decimal("0.00")


def test_the_lines_add_up_to_the_contribution_with_nothing_left_over() -> None:
    ledger = ledger_of(PADDED)
    assert ledger.contribution_per_day is not None
    added = sum((line.per_day.value for line in ledger.lines if line.per_day and not line.within), Decimal(0))
    assert added == ledger.contribution_per_day.value == Decimal("153.50")  # 900 - 100 - 585 - 43.50 - 18


def test_the_same_order_value_can_come_with_a_loss() -> None:
    # All padding is taken back (kept value as before), the fee is lost, handling doubles: 0 - 300 - 43.50 - 18.
    ledger = ledger_of(PADDED | {"kept_value": 9_000.0, "shipping_fee": 0.0})
    assert ledger.order_value is not None
    assert ledger.order_value.placed_change_ratio.value == pytest.approx(1.15)
    assert ledger.contribution_per_day is not None
    assert ledger.contribution_per_day.value == Decimal("-361.50")
    assert ledger.contribution_per_day.high < 0


def test_order_value_is_told_as_placed_and_as_kept() -> None:
    value = ledger_of(PADDED).order_value
    assert value is not None
    assert (value.placed_before, value.placed_after) == (Decimal("100.00"), Decimal("115.00"))
    assert (value.kept_before, value.kept_after) == (Decimal("90.00"), Decimal("99.00"))
    assert value.kept_change_ratio is not None
    assert value.kept_change_ratio.value == pytest.approx(1.1)


def test_a_rise_that_every_region_saw_is_taken_out_of_the_order_value() -> None:
    values = {name: shop(QUIET, PADDED) for name in ("KR", "JP", "TW", "SG")}
    reference = against("JP", "TW", "SG", before=BEFORE)
    ledger = assess(
        make_panel(values), "KR", AFTER, reference, costs=default_costs(), currency="USD", lines={}, horizon_days=90
    )
    assert ledger.order_value is not None
    assert ledger.order_value.placed_after == Decimal("115.00")
    assert ledger.order_value.placed_change_ratio.value == pytest.approx(1.0)
    assert ledger.counterfactual is not None
    assert "taken out" in ledger.counterfactual.sentence


def test_each_line_says_whether_it_is_measured_assumed_or_missing() -> None:
    status = {line.id: (line.status, line.basis) for line in ledger_of(PADDED).lines}
    assert status["kept_sales"][0] == "measured"
    assert status["goods"][0] == "assumed"
    assert "35 % gross margin" in status["goods"][1]
    assert status["chargeback_fees"] == ("not_measured", "not measured: needs chargeback_at")


def test_a_missing_column_is_named_and_never_counted_as_zero() -> None:
    values = {
        name: {key: rows for key, rows in shop(QUIET, QUIET).items() if key != "shipping_fee"} for name in ("KR", "JP")
    }
    missing = (Unavailable("shipping_fee", "Shipping charged", ("shipping_fee",)),)
    panel = make_panel(values, unavailable=missing)
    ledger = assess(
        panel,
        "KR",
        AFTER,
        against("JP", before=BEFORE),
        costs=default_costs(),
        currency="USD",
        lines={},
        horizon_days=90,
    )
    line = next(line for line in ledger.lines if line.id == "shipping_charged")
    assert (line.status, line.per_day, line.basis) == ("not_measured", None, "not measured: no shipping_fee")


def test_without_kept_value_there_is_no_contribution_but_a_reason() -> None:
    values = {"KR": {key: rows for key, rows in shop(QUIET, QUIET).items() if key != "kept_value"}}
    missing = (Unavailable("kept_value", "Sales kept", ("retained_total", "order_total")),)
    panel = make_panel(values, unavailable=missing)
    ledger = assess(
        panel, "KR", AFTER, against(before=BEFORE), costs=default_costs(), currency="USD", lines={}, horizon_days=90
    )
    assert ledger.contribution_per_day is None
    assert ledger.reason == "contribution not measured: no retained_total, order_total"


def test_own_past_only_is_said() -> None:
    panel = make_panel({"KR": shop(QUIET, PADDED)})
    ledger = assess(
        panel, "KR", AFTER, against(before=BEFORE), costs=default_costs(), currency="USD", lines={}, horizon_days=90
    )
    assert ledger.counterfactual is not None
    assert ledger.counterfactual.method == "own-past"
    assert "same region only" in ledger.counterfactual.sentence


def test_acting_pays_only_above_the_break_even_share() -> None:
    # One such order costs 2.9 % of 115 + 0.30 + 1.50 + 5.00 = 10.135; a good customer 60, a review 5:
    # p = (60 + 5) / (60 + 10.135) = 0.927.
    assert ledger_of(PADDED).break_even_abuse_share == pytest.approx(65 / 70.135)


def test_acting_against_everybody_costs_the_extra_customers() -> None:
    # 12 more cancels a day on 7 days, each 60 + 5: 84 x 65 = 5,460.
    assert ledger_of(PADDED).cost_of_acting == Decimal("5460.00")


def test_the_expected_loss_of_waiting_is_the_normal_loss_function() -> None:
    # Standard normal loss function at u = 0.5: phi(0.5) - 0.5 x Phi(-0.5) = 0.35207 - 0.15427 = 0.1978.
    assert expected_loss(0.5, 1.0) == pytest.approx(0.1978, abs=1e-4)
    assert expected_loss(-3.0, 0.0) == 3.0


def test_shipping_given_away_is_shown_inside_the_shipping_cost() -> None:
    values = {"KR": shop(QUIET | {"waived_orders": 2.0}, PADDED | {"waived_orders": 12.0})}
    ledger = assess(
        make_panel(values),
        "KR",
        AFTER,
        against(before=BEFORE),
        costs=default_costs(),
        currency="USD",
        lines={},
        horizon_days=90,
    )
    line = next(line for line in ledger.lines if line.id == "shipping_given_away")
    assert line.within == "shipping_cost"
    assert line.per_day is not None
    assert line.per_day.value == Decimal("-50.00")  # 10 more parcels at 5.00


def test_an_older_past_that_is_like_the_quiet_days_leaves_the_average_order_value_about_as_sure() -> None:
    """Fourteen weeks of the same noise; the drift is learned from all of them, the average from the same days."""
    rng = np.random.default_rng(3)
    values = {
        region: {metric: list(value * rng.normal(1, 0.03, 126)) for metric, value in QUIET.items()}
        for region in ("KR", "JP", "TW", "SG")
    }

    def reach(clean: Window | None) -> float:
        reference = replace(against("JP", "TW", "SG", before=window(42, 97)), clean=clean)
        found = assess(
            make_panel(values), "KR", window(98, 125), reference,
            costs=default_costs(), currency="USD", lines={}, horizon_days=90,
        )  # fmt: skip
        assert found.order_value is not None
        return found.order_value.placed_change_ratio.high - found.order_value.placed_change_ratio.low

    assert 0.5 * reach(None) < reach(window(0, 97)) < 2 * reach(None)
