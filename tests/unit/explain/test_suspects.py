"""Points of linked accounts against binomial tails of scipy."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from contextcheck.explain.profiles import Profiles
from contextcheck.explain.suspects import scores_of


def profiles(component: list[int], orders: list[int], lost: list[int]) -> Profiles:
    """Customers of one window without a past."""
    count = len(orders)
    table = pd.DataFrame(
        {
            "customer": [f"c{number}" for number in range(count)], "orders": orders, "lost": lost, "flagged": lost,
            "total": 1.0, "kept": 0.0, "is_new": False, "age_days": np.nan, "orders_before": 0, "flagged_before": 0,
        }
    ).astype(dict.fromkeys(("orders", "lost", "flagged"), "float64"))  # fmt: skip
    return Profiles(table, 0, np.array(component), ("device_id",), float(sum(lost)), 1.0)


def test_linked_points_are_the_tail_of_all_orders_of_the_others_in_the_group() -> None:
    # three accounts share a device: 12, 9 and 6 orders; fifty others order twice and lose one order in ten
    orders, lost = [12, 9, 6, *[2] * 50], [4, 3, 2, *[1] * 10, *[0] * 40]
    found = scores_of(profiles([0, 0, 0, *range(1, 51)], orders, lost), is_count=False, seed=1)
    rate = sum(lost) / sum(orders)
    own = -np.log10(binom.sf(np.array([4, 3, 2]) - 1, [12, 9, 6], rate))
    others = -np.log10(binom.sf(np.array([5, 6, 7]) - 1, [15, 18, 21], rate))
    assert found.own[:3] == pytest.approx(own)
    assert found.linked[:3] == pytest.approx(others)
    assert (found.linked[3:] == 0).all()


def test_without_links_nobody_has_linked_points() -> None:
    found = scores_of(profiles(list(range(40)), [5] * 40, [3] * 2 + [0] * 38), is_count=False, seed=1)
    assert (found.linked == 0).all()
    assert found.own[:2] == pytest.approx(-np.log10(binom.sf([2, 2], 5, 6 / 200)))
