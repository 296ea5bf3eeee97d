"""Sums per customer against the same sums by plain pandas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from unit.explain.explain_worlds import BEFORE, FIRST_DAY, PAST_DAYS, WINDOW, quiet, slice_of, with_ring

from contextcheck.explain.profiles import profiles_of


def test_sums_per_customer_are_those_of_plain_pandas() -> None:
    orders = with_ring(quiet(3, customers=900), 3)
    late = orders.assign(number=(orders["created_at"] - pd.Timestamp(FIRST_DAY)).dt.days)
    found = profiles_of(slice_of(orders))
    table = found.table.set_index("customer").sort_index()
    late["is_flagged"] = late["status"] == "cancelled"
    late["is_lost"] = late["is_flagged"] & (late["retained_total"] <= 0.1 * late["order_total"])
    assert found.past_windows == 4

    def per_customer(inside: pd.Series, values: pd.Series) -> np.ndarray:
        sums = values[inside].groupby(late["customer_id"][inside]).sum()
        return sums.reindex(table.index).fillna(0.0).to_numpy(dtype=float)

    one = pd.Series(1.0, index=late.index)
    inside, before = late["number"] >= PAST_DAYS, late["number"] < PAST_DAYS
    assert sorted(table.index) == sorted(late["customer_id"].unique())
    wanted = {
        "orders": (inside, one), "flagged": (inside, late["is_flagged"]), "lost": (inside, late["is_lost"]),
        "orders_before": (before, one), "flagged_before": (before, late["is_flagged"]),
        "total": (inside, late["order_total"]), "kept": (inside, late["retained_total"]),
    }  # fmt: skip
    for number in range(4):
        last = PAST_DAYS - 1 - WINDOW.days * number
        there = late["number"].between(last - WINDOW.days + 1, last)
        wanted |= {f"orders_{number}": (there, one), f"lost_{number}": (there, late["is_lost"])}
    for name, (where, values) in wanted.items():
        assert table[name].fillna(0.0).to_numpy() == pytest.approx(per_customer(where, values)), name
    assert table["orders_before"].sum() == before.sum()
    assert BEFORE.days == PAST_DAYS


def test_customers_come_in_one_order_whatever_the_order_of_the_rows() -> None:
    orders = quiet(4, customers=500)
    mixed = orders.sample(frac=1.0, random_state=1).reset_index(drop=True)
    first, second = (profiles_of(slice_of(each)).table["customer"].tolist() for each in (orders, mixed))
    assert first == second
