from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

from contextcheck.knowledge.overlay import read_as_far_as_it_goes
from contextcheck.rehearse.situations import read_situation
from contextcheck.settings import Settings, read_settings
from contextcheck.simulate.baseline_world import usual_orders
from contextcheck.simulate.behaviours.library import BEHAVIOURS, parameters_of
from contextcheck.simulate.behaviours.padding import Padding
from contextcheck.simulate.cases import CASES, simulate_case
from contextcheck.simulate.draft import CAUSE, STATUS, stream
from contextcheck.simulate.markets import INDEX_OF
from contextcheck.simulate.worlds import CALENDAR, FIRST, LAUNCH_DAY, write_world

UNMOVED = ["created_at", "order_total", "kept_total", "outcome", "customer", "event_at"]


@cache
def usual() -> pd.DataFrame:
    draft = usual_orders(CALENDAR, seed=4, orders=40_000)
    return draft.assign(row=np.arange(len(draft)))


def acted(name: str, **parameters) -> pd.DataFrame:
    behaviour = BEHAVIOURS[name](first_day=FIRST, last_day=FIRST + 13, **parameters)
    return behaviour.act(usual(), stream(4, name))


def in_play(draft: pd.DataFrame, region: str) -> pd.DataFrame:
    return draft[(draft["region_index"] == INDEX_OF[region]) & draft["day"].between(FIRST, FIRST + 13)]


def share(draft: pd.DataFrame, *statuses: str) -> float:
    return float(draft["outcome"].isin([STATUS[status] for status in statuses]).mean())


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_a_behaviour_leaves_other_markets_and_other_days_alone(name):
    before = usual().copy()
    after = acted(name)
    pd.testing.assert_frame_equal(usual(), before)
    region = BEHAVIOURS[name]().region
    # Orders may stay away where a behaviour is at work; elsewhere every order is still there, unchanged.
    outside = before[~((before["region_index"] == INDEX_OF[region]) & before["day"].between(FIRST, FIRST + 13))]
    kept_rows = after[after["row"] >= 0].set_index("row").loc[outside["row"]]
    pd.testing.assert_frame_equal(
        kept_rows[UNMOVED].reset_index(drop=True), outside[UNMOVED].reset_index(drop=True), check_dtype=False
    )
    added = after[after["row"] < 0]
    assert set(added["region_index"]) <= {INDEX_OF[region]}
    assert added["day"].between(FIRST, FIRST + 13).all()
    assert (after["kept_total"] <= after["order_total"] + 0.005).all()
    assert {"region", "first_day", "last_day"} <= set(parameters_of(name))


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_a_behaviour_does_something_and_the_same_again_with_the_same_seed(name):
    first, again = acted(name), acted(name)
    pd.testing.assert_frame_equal(first, again)
    touched = (first["cause"] > 0).sum()
    # A changed word or a longer way leaves no trace in the causes, but in the outcomes.
    # Orders that stay away leave none at all; a few touched ones are enough in the smallest markets.
    assert touched + abs(len(first) - len(usual())) > 5, name


@pytest.mark.parametrize(
    ("name", "region", "statuses", "low", "high"),
    [
        # Baseline shares are the market's own; bounds follow from the parameter times the share of orders it touches.
        ("checkout-fault", "DE", ("cancelled",), 0.10, 0.20),
        ("expiry-wave", "BR", ("expired_unpaid",), 0.05, 0.17),
        ("refusal-wave", "IN", ("refused",), 0.04, 0.14),
        ("carrier-outage", "FR", ("cancelled", "refused"), 0.09, 0.19),
        ("cancel-and-rebuy", "TW", ("cancelled",), 0.03, 0.14),
        ("serial-returners", "DE", ("returned", "partially_returned"), 0.05, 0.60),
        ("return-wave", "GB", ("returned",), 0.02, 0.14),
        ("stock-out", "US", ("cancelled",), 0.02, 0.35),
        ("payment-outage", "FR", ("expired_unpaid",), 0.16, 0.38),
        # a third of the fashion orders that would stay (a quarter of all, less the usual returns) comes back in part
        ("keep-one-of-several", "DE", ("partially_returned",), 0.03, 0.11),
        ("wear-and-return", "GB", ("returned",), 0.04, 0.10),
        ("return-window", "DE", ("returned",), 0.06, 0.13),
        ("faulty-batch", "DE", ("returned",), 0.01, 0.30),
        ("invoice-pause", "NO", ("partially_returned",), 0.02, 0.11),
        ("early-cancels", "JP", ("cancelled",), 0.04, 0.08),
        ("price-match", "DE", ("cancelled",), 0.03, 0.10),
        ("trial-exits", "JP", ("cancelled",), 0.015, 0.055),
        ("delivery-deadline", "US", ("cancelled",), 0.07, 0.13),
        ("event-refunds", "GB", ("cancelled",), 0.02, 0.07),
        # four in five of the cash orders are delivered, half of all orders are paid in cash
        ("door-refusals", "IN", ("refused",), 0.04, 0.13),
        ("pickup-no-shows", "TW", ("refused",), 0.02, 0.07),
        ("payment-lapses", "BR", ("expired_unpaid",), 0.03, 0.12),
        ("limit-retries", "BR", ("cancelled",), 0.03, 0.10),
        ("linked-accounts", "IN", ("refused",), 0.04, 0.14),
    ],
)
def test_orders_end_more_often_in_the_way_that_the_behaviour_says(name, region, statuses, low, high):
    rise = share(in_play(acted(name), region), *statuses) - share(in_play(usual(), region), *statuses)
    assert low < rise < high


def test_a_surge_and_a_mix_shift_change_numbers_and_not_rates():
    surge = in_play(acted("volume-surge", extra_orders=1.5), "MX")
    assert len(surge) / len(in_play(usual(), "MX")) == pytest.approx(2.5, rel=0.15)
    fashion = acted("mix-shift", category="fashion", growth=2.0)
    before, after = (in_play(draft, "DE").groupby("category")["outcome"] for draft in (usual(), fashion))
    assert after.size()[0] / before.size()[0] == pytest.approx(3, rel=0.15)
    assert (after.size()[1:] == before.size()[1:]).all()


def test_data_loaded_twice_is_the_same_to_the_second():
    double = in_play(acted("double-loading"), "GB")
    keys = ["created_at", "customer", "order_total"]
    assert len(double) == 2 * len(in_play(usual(), "GB"))
    assert double.duplicated(keys, keep=False).all()


def test_a_habit_can_spread_slowly_and_wear_off():
    ramp = Padding("KR", FIRST, take_up=0.6, ramp_days=28).act(usual(), stream(4, "x"))
    fade = Padding("KR", FIRST, take_up=0.6, fade_days=7).act(usual(), stream(4, "x"))
    early, late = (FIRST, FIRST + 6), (FIRST + 21, FIRST + 27)

    def padded(draft: pd.DataFrame, days: tuple[int, int]) -> float:
        here = draft[(draft["region_index"] == INDEX_OF["KR"]) & draft["day"].between(*days)]
        return float((here["cause"] > 0).mean())

    # In its first week a four-week ramp is at 1/28 to 7/28 (1/7 on average), in its fourth at 22/28 to 1 (25/28).
    assert padded(ramp, late) / padded(ramp, early) == pytest.approx(6.25, rel=0.5)
    # A week's fade leaves e^-3 after three weeks.
    assert padded(fade, late) < 0.15 * padded(fade, early)


def test_every_behaviour_is_used_by_a_case_or_by_an_example_and_there_are_cases_of_every_kind():
    used = {type(behaviour) for case in CASES.values() for behaviour in case.scenario.behaviours}
    entries = read_as_far_as_it_goes(Settings()).entries
    situations = [read_situation(example.data) for entry in entries for example in entry.examples]
    named = {part.name for each in situations if each.kind == "behaviours" for part in each.parts}
    assert used | {BEHAVIOURS[name] for name in named} == set(BEHAVIOURS.values())
    assert {kind for case in CASES.values() for kind in case.kinds} == {
        "norm",
        "abuse",
        "operational",
        "measurement",
        "none",
    }
    assert len(CASES) >= 20


@pytest.mark.parametrize("name", CASES)
def test_every_case_gives_a_world_with_readable_settings_and_consistent_truth(name, tmp_path):
    world = simulate_case(name, seed=2, orders=8_000)
    case = CASES[name]
    assert world.truth.action in case.acceptable
    settings = read_settings(write_world(world, tmp_path))
    assert [launch.start for launch in settings.launches] == [LAUNCH_DAY] * bool(case.scenario.launched)
    for effect in world.truth.regions.values():
        assert sum(effect.change_by_cause.values()) == pytest.approx(effect.change_per_day, abs=1e-6)
        if case.kinds == ("measurement",) and name != "bulk-customer":
            assert effect.change_per_day == 0


def test_orders_that_stay_away_leave_the_day_with_fewer_of_them():
    here = len(in_play(usual(), "BR"))
    assert 0.5 < len(in_play(acted("quiet-days", fewer=0.4), "BR")) / here < 0.7


def test_a_ban_on_discounts_takes_them_from_its_categories_only():
    after = in_play(acted("discount-ban"), "FR")
    fashion = after["category"] == 0
    assert (after.loc[fashion, "discount_total"] == 0).all()
    assert (after.loc[~fashion, "discount_total"] > 0).mean() > 0.1
    assert fashion.sum() < 0.75 * (in_play(usual(), "FR")["category"] == 0).sum()


def test_a_payday_habit_was_there_the_month_before_when_it_is_asked_for():
    new = acted("payday-shift", extra_orders=1.0)
    old = acted("payday-shift", extra_orders=1.0, months=1)

    def orders(draft: pd.DataFrame, first: int) -> int:
        inside = draft["day"].between(first, first + 13) & (draft["region_index"] == INDEX_OF["GB"])
        return int(inside.sum())

    assert orders(new, FIRST) > 1.7 * orders(usual(), FIRST)
    assert orders(new, FIRST - 31) == orders(usual(), FIRST - 31)
    assert orders(old, FIRST - 31) > 1.7 * orders(usual(), FIRST - 31)


def test_a_split_basket_is_the_same_money_in_more_orders_of_the_same_customers():
    before, after = in_play(usual(), "JP"), in_play(acted("order-splitting", share=0.5, parts=3), "JP")
    assert len(after) == pytest.approx(2 * len(before), rel=0.1)
    assert after["order_total"].sum() == pytest.approx(before["order_total"].sum(), rel=0.02)
    assert set(after["customer"]) == set(before["customer"])


def test_moved_payments_end_like_the_way_they_moved_to():
    before, after = in_play(usual(), "IN"), in_play(acted("payment-switch", share=1.0), "IN")
    assert share(before, "refused") > 0.05
    assert share(after, "refused") == 0.0
    assert len(after) == len(before)
    fewer = in_play(acted("payment-switch", share=0.0, lost_share=1.0), "IN")
    assert len(fewer) < 0.6 * len(before)


def test_night_orders_stay_on_their_local_day():
    before, after = in_play(usual(), "IN"), in_play(acted("night-shift", extra_orders=0.0), "IN")
    assert len(after) == len(before)
    late = [
        ((draft["created_at"] + pd.Timedelta(hours=5, minutes=30)).dt.hour >= 18).mean() for draft in (before, after)
    ]
    assert late[1] > late[0] + 0.1
    same_day = (after["created_at"] + pd.Timedelta(hours=5, minutes=30)).dt.date
    assert (same_day == [CALENDAR.day(day) for day in after["day"]]).all()


def test_several_variants_are_bought_and_one_of_them_kept():
    after = acted("keep-one-of-several", share=1.0)
    tried = after[(after["cause"] == CAUSE["fitting"])]
    kept = (tried["kept_total"] / tried["order_total"]).mean()
    assert kept == pytest.approx(1 / 2.2, abs=0.05)
    usual_total = usual().set_index("row")["order_total"].loc[tried["row"]].mean()
    assert tried["order_total"].mean() == pytest.approx(2.2 * usual_total, rel=0.05)


def test_linked_accounts_share_what_they_use_and_end_as_told():
    after = acted("linked-accounts", end="returned", accounts=12, cell=6)
    own = after[after["cause"] == CAUSE["linked_accounts"]]
    assert own["customer"].nunique() <= 12
    assert own["device"].nunique() <= 2
    assert set(own["outcome"]) == {STATUS["returned"]}
    assert (own["event_at"] > own["delivered_at"]).all()
