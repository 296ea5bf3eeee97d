from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from contextcheck.simulate.draft import STATUS
from contextcheck.simulate.markets import INDEX_OF
from contextcheck.simulate.money import UnitCosts, contribution
from contextcheck.simulate.worlds import SCENARIOS, simulate

COSTS = UnitCosts(
    gross_margin=0.4, payment_rate=0.03, payment_fixed=0.3, cancel_handling=1, return_handling=6,
    return_writedown=0.1, chargeback_fee=15,
)  # fmt: skip
PAID = np.datetime64("2026-03-02T10:00:00")
NEVER = np.datetime64("NaT", "s")


def order(total: float, kept: float, outcome: str, *, paid: bool = True, sent: bool = True) -> pd.DataFrame:
    """One American order: line 50, fee 5.99; its parcel costs 6."""
    return pd.DataFrame(
        {
            "region_index": [INDEX_OF["US"]],
            "order_total": [total],
            "kept_total": [kept],
            "outcome": [STATUS[outcome]],
            "fee_below_line": [5.99],
            "parcel_cost": [6.0],
            "paid_at": np.array([PAID if paid else NEVER]),
            "shipped_at": np.array([PAID if sent else NEVER]),
        }
    )


@pytest.mark.parametrize(
    ("what", "by_hand"),
    [
        # 40 kept - 24 goods + 5.99 fee - 6 parcel - 1.2 - 0.3 payment
        (order(40, 40, "delivered"), 14.49),
        # 60 kept - 36 goods + no fee - 6 - 1.8 - 0.3
        (order(60, 60, "delivered"), 15.90),
        # trimmed under the line: 40 - 24 + no fee - 6 - 1.8 - 0.3 - 1 handling
        (order(60, 40, "partially_cancelled"), 6.90),
        # cancelled before it was sent: nothing but payment and handling, 1.2 + 0.3 + 1
        (order(40, 0, "cancelled", sent=False), -2.50),
        # never paid: nothing at all
        (order(40, 0, "expired_unpaid", paid=False, sent=False), 0.0),
        # refused: two parcels and the payment, 12 + 1.5
        (order(40, 0, "refused"), -13.50),
        # sent back: fee 5.99 - 6 - 1.5 - 6 handling - 4 write-down
        (order(40, 0, "returned"), -11.51),
        # refunded without coming back: goods 24 gone, fee 5.99 - 6 - 1.5
        (order(40, 0, "refunded_no_return"), -25.51),
        # disputed: goods 24, parcel 6, payment 1.5, dispute 15
        (order(40, 0, "chargeback"), -46.50),
    ],
)
def test_the_worth_of_an_order_is_what_a_bookkeeper_would_write(what, by_hand):
    assert contribution(what, COSTS)[0] == pytest.approx(by_hand)


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_true_change_is_the_sum_of_its_causes(name):
    for effect in simulate(name, seed=2, orders=20_000).truth.regions.values():
        assert sum(effect.change_by_cause.values()) == pytest.approx(effect.change_per_day, abs=1e-6)
