from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

from contextcheck.settings import read_settings
from contextcheck.simulate.baseline_world import usual_orders
from contextcheck.simulate.behaviours.library import BEHAVIOURS, parameters_of
from contextcheck.simulate.behaviours.padding import Padding
from contextcheck.simulate.cases import CASES, simulate_case
from contextcheck.simulate.draft import STATUS, stream
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
    kept_rows = after[after["row"] >= 0].set_index("row").loc[before["row"]].reset_index()
    outside = ~((before["region_index"] == INDEX_OF[region]) & before["day"].between(FIRST, FIRST + 13))
    pd.testing.assert_frame_equal(kept_rows.loc[outside, UNMOVED], before.loc[outside, UNMOVED], check_dtype=False)
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
    assert touched > 10, name


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


def test_there_are_cases_for_every_behaviour_and_every_kind():
    used = {type(behaviour) for case in CASES.values() for behaviour in case.scenario.behaviours}
    assert used == set(BEHAVIOURS.values())
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
