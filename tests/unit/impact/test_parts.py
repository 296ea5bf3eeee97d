"""The change in two parts, against worlds drawn with numpy in which the number of orders wanders by itself."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from unit.impact.money_panels import against, make_panel, window

from contextcheck.impact.effects import Effect
from contextcheck.impact.ledger import assess
from contextcheck.impact.methods.ratio_did import ratio_did
from contextcheck.impact.parts import parts_of, sum_of
from contextcheck.records import Ledger
from contextcheck.settings import default_costs

DAYS_BEFORE, DAYS_AFTER = 56, 28


def drawn(seed: int, *, orders: float = 1.0, value: float = 1.0, wander: float = 0.0) -> Ledger:
    """Four markets; in KR the number of orders and the kept value of each change so many times after day 56."""
    rng = np.random.default_rng(seed)
    days = DAYS_BEFORE + DAYS_AFTER
    values, counts = {}, {}
    for region in ("KR", "JP", "TW", "SG"):
        after = np.arange(days) >= DAYS_BEFORE
        level = np.where(after, np.exp(rng.normal(0, wander)), 1.0)
        mean = 300 * level * np.where(after & (region == "KR"), orders, 1.0)
        number = rng.poisson(mean).astype(float)
        kept = number * 40 * np.where(after & (region == "KR"), value, 1.0) * rng.normal(1, 0.02, days)
        counts[region] = list(number)
        values[region] = {
            "placed_value": list(number * 45.0),
            "kept_value": list(kept),
            "shipping_fee": list(number * 1.0),
            "paid_orders": list(number),
            "cancelled_orders": list(number * 0.05),
            "returned_orders": list(number * 0.05),
            "delivered_orders": list(number * 0.9),
        }
    return assess(
        make_panel(values, orders=counts), "KR", window(DAYS_BEFORE, days - 1),
        against("JP", "TW", "SG", before=window(0, DAYS_BEFORE - 1)),
        costs=default_costs(), currency="USD", lines={}, horizon_days=90,
    )  # fmt: skip


def known(ledger: Ledger):
    assert ledger.precision is not None and ledger.precision.parts is not None
    assert ledger.contribution_per_day is not None
    return ledger.precision, ledger.precision.parts, float(ledger.contribution_per_day.value)


def test_the_parts_add_up_to_the_contribution() -> None:
    _, parts, contribution = known(drawn(1, orders=1.1, value=0.9))
    assert parts.orders + parts.per_order == pytest.approx(contribution, abs=0.01)


def test_each_part_finds_its_own_change() -> None:
    precision, parts, _ = known(drawn(2, orders=1.2))
    assert parts.orders / precision.base_per_day == pytest.approx(0.2, abs=0.03)
    assert abs(parts.per_order) < 2 * parts.per_order_error
    precision, parts, _ = known(drawn(2, value=0.8))
    assert abs(parts.orders) < 2 * parts.orders_error
    assert parts.per_order < -5 * parts.per_order_error


def test_a_loss_on_every_order_is_seen_though_the_number_of_orders_wanders() -> None:
    """Of 40 worlds with a loss on every order, the part sees nearly all; the whole sees it in fewer."""
    whole = seen = 0
    for seed in range(40):
        ledger = drawn(seed, value=0.93, wander=0.06)
        _, parts, _ = known(ledger)
        seen += parts.per_order + 1.645 * parts.per_order_error < 0
        whole += float(ledger.contribution_per_day.high) < 0
    assert seen >= 38
    assert whole <= 34


def test_the_interval_of_what_an_order_brings_holds_nothing_in_nine_of_ten_worlds_without_an_effect() -> None:
    held = 0
    for seed in range(60):
        _, parts, _ = known(drawn(100 + seed, orders=1.15, wander=0.05))
        held += abs(parts.per_order) <= 1.645 * parts.per_order_error
    assert held >= 49  # 90 % of 60 is 54; fewer than 49 come up in about 1 %


def test_without_orders_there_are_no_parts() -> None:
    frame = pd.DataFrame({"KR": [0.0] * 84, "JP": [1.0] * 84}, index=pd.date_range("2026-01-05", periods=84))
    from contextcheck.impact.comparison import Comparison

    comparison = Comparison(
        region="KR", before=frame.index[:56], after=frame.index[56:], controls=("JP",), dropped={}, method="ratio-did"
    )
    total, _ = ratio_did([frame + 1.0], comparison)
    assert isinstance(total, Effect)
    assert parts_of(frame + 1.0, frame, comparison, total, seed=0) is None
    assert sum_of([frame, frame])["JP"].iloc[0] == 2.0
