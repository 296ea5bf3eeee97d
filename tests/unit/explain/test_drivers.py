"""Segments that carry an excess, and changes that are composition alone; truths worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from explain_worlds import in_window, quiet, slice_of
from test_investigate import orders_of

from contextcheck.explain.drivers import find_composition, find_drivers
from contextcheck.explain.reading import read_slices
from contextcheck.explain.slices import HOUR

PAST, NOW = pd.Timestamp("2026-02-10 11:00"), pd.Timestamp("2026-03-05 11:00")


def two_methods(past: dict[str, tuple[int, int]], now: dict[str, tuple[int, int]]) -> pd.DataFrame:
    """Orders per way to pay, as (orders, cancelled); every order has a customer of its own."""
    rows = []
    for when, table in ((PAST, past), (NOW, now)):
        for method, (orders, cancelled) in table.items():
            status = ["cancelled"] * cancelled + ["delivered"] * (orders - cancelled)
            rows.append(pd.DataFrame({"created_at": when, "payment_method": method, "status": status}))
    frame = pd.concat(rows, ignore_index=True)
    return frame.assign(customer_id=[f"c{i}" for i in range(len(frame))])


def test_a_change_of_composition_is_said_with_the_figures_of_the_segment_that_grew():
    # cod 30 %, card 5 % in both periods; cod grows from 20 % to 60 % of the orders: 0.10 -> 0.20
    # Kitagawa: mix (0.6 - 0.2) x 0.30 + (0.4 - 0.8) x 0.05 = 0.10, the whole change; rate part 0
    frame = two_methods({"cod": (800, 240), "card": (3200, 160)}, {"cod": (1200, 360), "card": (800, 40)})
    sentence = find_composition(slice_of(frame))
    assert sentence == (
        "the rate did not change in any payment method; more of the orders now come from payment method cod "
        "(60 % instead of 20 %), where it was always high (30 %; 10 % over all): 100 % of the change is composition"
    )
    driver = find_drivers(slice_of(frame))[0]
    # cod: 360 - 0.5 x 240 = 240 of an excess of 400 - 0.5 x 400 = 200; at its old rate (1200 - 400) x 0.3 = 240 of it
    assert (driver.dimension, driver.value) == ("payment_method", "cod")
    assert driver.share_of_excess == pytest.approx(1.2) and driver.mix_share == pytest.approx(1.0)


def test_a_rate_that_rose_is_no_composition_even_when_the_mix_moved_too():
    # cod from 30 % to 45 %: rate part 0.15 x (0.2 + 0.6) / 2 = 0.06, clearly not 0
    frame = two_methods({"cod": (800, 240), "card": (3200, 160)}, {"cod": (1200, 540), "card": (800, 40)})
    assert find_composition(slice_of(frame)) == ""
    # cod: 540 - 0.5 x 240 = 420; more orders at the old rate (1200 - 400) x 0.3 = 240 of it
    assert find_drivers(slice_of(frame))[0].mix_share == pytest.approx(240 / 420)


def test_a_rate_that_rose_everywhere_is_no_composition():
    frame = two_methods({"cod": (800, 240), "card": (3200, 160)}, {"cod": (400, 240), "card": (1600, 240)})
    assert find_composition(slice_of(frame)) == ""


def test_chance_makes_no_composition():
    assert sum(find_composition(slice_of(quiet(seed, orders_per_day=60))) != "" for seed in range(12)) == 0


def test_a_part_of_the_day_and_a_product_are_found():
    frame = quiet(1)
    night = in_window(frame) & (frame["created_at"].dt.hour < 6)
    frame.loc[night & (np.random.default_rng(1).random(len(frame)) < 0.5), "status"] = "cancelled"
    found = {(each.dimension, each.value) for each in find_drivers(slice_of(frame))}
    assert found == {("hour", "0 to 6 o'clock")}
    frame = quiet(2)
    frame.loc[in_window(frame) & (np.random.default_rng(2).random(len(frame)) < 0.2), "product_id"] = "p7"
    frame.loc[in_window(frame) & (frame["product_id"] == "p7"), "status"] = "cancelled"
    assert ("product_id", "p7") in {(each.dimension, each.value) for each in find_drivers(slice_of(frame))}


def test_hours_are_local_hours_of_the_region():
    frame = quiet(1, orders_per_day=20)
    orders = replace(orders_of(frame), zones={"KR": "Asia/Seoul"})
    panel = pd.DataFrame({"events": [1.0]}, index=[PAST])
    scene = replace(slice_of(frame).scene, panel=type("P", (), {"series": lambda *_: panel})())
    read = read_slices({"cancel_rate": scene}, orders, (), {})[0]["cancel_rate"].frame
    # Seoul is nine hours ahead of UTC all year
    assert (read[HOUR].to_numpy() == (read["created_at"].dt.hour + 9) % 24).all()


def test_a_segment_that_carries_far_more_than_the_excess_says_nothing():
    # card falls by two thirds of what cod rises: cod carries 1,500 of an excess of 500; 1.2 times is still told
    frame = two_methods({"cod": (10000, 500), "card": (10000, 2000)}, {"cod": (10000, 2000), "card": (10000, 1000)})
    assert find_drivers(slice_of(frame)) == ()
    milder = two_methods({"cod": (10000, 500), "card": (10000, 2000)}, {"cod": (10000, 2000), "card": (10000, 1600)})
    assert [each.value for each in find_drivers(slice_of(milder))] == ["cod"]
