"""What crews, scripts and faulty feeds do to orders, counted by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from test_simulated_behaviours import acted, in_play, share, usual

from contextcheck.simulate.draft import STATUS
from contextcheck.simulate.extract import seen_at
from contextcheck.simulate.markets import COUPON_MINIMUM_SHARE, INDEX_OF, MARKETS, REFUND_LIMIT_SHARE
from contextcheck.simulate.worlds import CALENDAR


def added(name: str, **parameters) -> pd.DataFrame:
    draft = acted(name, **parameters)
    return draft[draft["row"] < 0]


@pytest.mark.parametrize(
    ("name", "region", "shared"),
    [
        ("refund-claims", "GB", ("device", "address", "payment")),
        ("return-ring", "DE", ("device", "address", "payment")),
        ("resellers", "US", ("device", "address", "payment")),
        ("brushing", "TW", ("device", "payment")),
        ("cash-order-prank", "IN", ("device", "address")),
    ],
)
def test_members_of_a_cell_share_what_it_shares_and_careful_ones_nothing(name, region, shared):
    careless, careful = added(name, region=region, cell=6), added(name, region=region, cell=1)
    for thing in ("device", "address", "payment"):
        accounts = careless["customer"].nunique()
        things = careless[thing].nunique()
        # accounts 0 to 5 share one thing, 6 to 11 the next: never more things than a sixth of the numbers, rounded up
        most = (
            math.ceil((careless["customer"].max() - careless["customer"].min() + 6) / 6)
            if thing in shared
            else accounts
        )
        assert things <= most, thing
        assert careful[thing].nunique() == careful["customer"].nunique()
    everybody = set(usual()["customer"])
    assert not everybody & set(careless["customer"])


def test_a_script_that_tries_cards_has_one_card_and_one_guest_per_attempt_and_ends_within_minutes():
    rows = added("card-testing", attempts_per_device=20)
    assert rows["payment"].nunique() == rows["customer"].nunique() == len(rows)
    assert rows["device"].nunique() == math.ceil(len(rows) / 20)
    minutes = (rows["event_at"] - rows["created_at"]).dt.total_seconds() / 60
    assert minutes.max() <= 15 and set(rows["outcome"]) == {STATUS["cancelled"]}


def test_stock_is_held_again_minutes_after_each_hold_has_lapsed():
    rows = added("stock-holding", holds=8, devices=2).sort_values(["customer", "created_at"])
    again = rows.groupby("customer")["created_at"].diff().dropna().dt.total_seconds() / 3600
    # 72 hours to pay, then 3 minutes and less than 140 seconds of chance
    assert again.between(72 + 0.0, 72 + 6 / 60).all()
    assert rows["device"].nunique() == 2 and set(rows["outcome"]) == {STATUS["expired_unpaid"]}


def test_claims_stay_under_the_limit_and_codes_just_over_their_minimum():
    limit = MARKETS[INDEX_OF["GB"]].free_line * REFUND_LIMIT_SHARE
    assert added("refund-claims")["order_total"].max() <= limit
    minimum = MARKETS[INDEX_OF["US"]].free_line * COUPON_MINIMUM_SHARE
    totals = added("promo-farm", at_minimum=True)["order_total"]
    assert totals.min() >= minimum and totals.median() <= 1.05 * minimum


def test_late_orders_are_not_in_the_extract_and_reasons_are_those_of_shop_and_customers():
    draft = acted("late-data", share=0.5)
    missing = 1 - len(seen_at(draft, CALENDAR.taken_at)) / len(seen_at(usual(), CALENDAR.taken_at))
    here = in_play(usual(), "GB")
    assert missing == pytest.approx(0.5 * len(here) / len(usual()), rel=0.15)
    orders = seen_at(acted("shop-cancels"), CALENDAR.taken_at)
    reasons = orders.loc[orders["status"] == "cancelled", "cancel_reason"]
    assert reasons.notna().all() and "risk_review" in set(reasons) and reasons.nunique() == 5
    assert orders.loc[orders["status"] == "delivered", "cancel_reason"].isna().all()


def test_a_faulty_feed_changes_clock_or_unit_and_nothing_else():
    before, shifted = in_play(usual(), "GB"), in_play(acted("clock-shift", hours_off=9.0), "GB")
    assert set((shifted["created_at"].to_numpy() - before["created_at"].to_numpy()).astype("timedelta64[h]")) == {
        np.timedelta64(9, "h")
    }
    before, slipped = in_play(usual(), "AU"), in_play(acted("unit-slip"), "AU")
    assert np.allclose(slipped["order_total"].to_numpy(), 100 * before["order_total"].to_numpy())
    assert (slipped["outcome"].to_numpy() == before["outcome"].to_numpy()).all()


def test_own_disputes_come_weeks_after_delivery_on_accounts_that_order_again():
    draft = acted("own-disputes")
    here = in_play(draft, "US")
    rate = share(here[here["row"] >= 0], "chargeback")
    # 5 % of the four fifths that simply arrive: 0.04, with about 540 orders give or take 0.017
    assert 0.02 < rate < 0.06
    disputed = here[(here["outcome"] == STATUS["chargeback"]) & (here["cause"] > 0)]
    days = (disputed["event_at"] - disputed["created_at"]).dt.total_seconds() / 86_400
    assert days.min() > 25
    again = set(draft.loc[draft["row"] < 0, "customer"])
    assert again and again <= set(disputed["customer"])
