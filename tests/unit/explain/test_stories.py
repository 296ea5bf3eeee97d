"""Typical journeys: what is told, how many share it, and that nothing points at a person."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from explain_worlds import AOV, in_window, quiet, slice_of, with_padding, with_ring

from contextcheck.errors import SettingsError
from contextcheck.explain.accounts import review_accounts
from contextcheck.explain.journeys import ATTRIBUTES, journey_steps, shapes_of
from contextcheck.explain.stories import typical_journeys
from contextcheck.settings import read_settings


def journeys_of(frame: pd.DataFrame, story_k: int = 20):
    slice_ = slice_of(frame)
    suspects = [each.account for each in review_accounts(slice_).review]
    return typical_journeys(slice_, suspects, story_k), slice_


def test_the_shape_of_a_customer_is_its_first_flagged_order_by_hand():
    start = pd.Timestamp("2026-03-05 10:00")
    frame = quiet(1).iloc[:200].copy()
    frame.loc[frame.index[:3], "customer_id"] = "anna"
    frame.loc[frame.index[:3], "created_at"] = [start, start + pd.Timedelta(days=2), start + pd.Timedelta(days=9)]
    frame.loc[frame.index[:3], "status"] = ["partially_cancelled", "delivered", "cancelled"]
    frame.loc[frame.index[0], ["order_total", "retained_total"]] = [37.0, 30.0]  # the line is 36.00, 1.15 x 36 = 41.40
    frame.loc[frame.index[0], "cancelled_at"] = start + pd.Timedelta(hours=3)
    shapes = shapes_of(slice_of(frame)).set_index("customer")
    assert list(shapes.loc["anna", list(ATTRIBUTES)]) == [
        "cancels a part of it", "keeps more than half of it", "within a few hours",
        "just above the free-shipping line of ₩50,000", "two or three times", "orders again within a week",
        "with the shop for a month or more",
    ]  # fmt: skip


def test_a_padding_crowd_is_told_as_padding_and_a_ring_beside_it_as_suspicious():
    journeys, _ = journeys_of(with_ring(with_padding(quiet(1), 1), 1))
    typical = [each for each in journeys.told if not each.is_suspicious]
    assert 3 <= len(typical) <= 5
    assert "cancels a part of it" in " ".join(typical[0].steps)
    assert "just above the free-shipping line of ₩50,000" in " ".join(typical[0].steps)
    assert [each.customers for each in typical] == sorted((each.customers for each in typical), reverse=True)
    (ring,) = [each for each in journeys.told if each.is_suspicious]
    assert journeys.told[-1] is ring and "cancels all of it within the hour" in " ".join(ring.steps)


@pytest.mark.parametrize("story_k", [20, 60, 150])
def test_at_least_k_customers_share_exactly_what_is_told(story_k):
    journeys, slice_ = journeys_of(with_ring(with_padding(quiet(1), 1), 1), story_k)
    shapes = shapes_of(slice_)
    is_ring = shapes["customer"].str.startswith("ring")
    # every way of leaving attributes out, counted here; what is told must be one of them with k customers or more
    for each in journeys.told:
        group = shapes[is_ring == each.is_suspicious]
        words = group[list(ATTRIBUTES)].apply(lambda row: set(journey_steps(dict(row))), axis=1)
        told = set(each.steps)
        sharing = sum(_says(told, steps) for steps in words)
        assert sharing >= story_k and each.customers <= sharing


def _says(told: set[str], steps: set[str]) -> bool:
    """Whether a customer's full steps say at least what is told (a step may say less: no time, no basket)."""
    return all(any(full == step or full.startswith(step) for full in steps) for step in told)


def test_nothing_identifying_is_told():
    frame = with_ring(with_padding(quiet(1), 1), 1)
    frame["email"] = frame["customer_id"] + "@example.org"
    journeys, _ = journeys_of(frame)
    text = " ".join(" ".join((each.name, *each.steps)) for each in journeys.told)
    for column in ("customer_id", "device_id", "address_id", "payment_id", "product_id", "email"):
        assert not any(str(value) in text.split() for value in frame[column].unique())
    exact = {f"{value:.2f}" for value in frame["order_total"]}
    assert not exact & set(text.replace(",", " ").split())
    assert all(each.customers % 10 == 0 and (20 * each.share) == round(20 * each.share) for each in journeys.told)


def test_too_few_customers_are_no_story_and_it_is_said():
    frame = quiet(1, cancel_rate=0.0)
    rows = np.flatnonzero(in_window(frame))[:15]
    frame.loc[rows, ["status", "retained_total"]] = ["cancelled", 0.0]
    journeys, _ = journeys_of(frame)
    assert journeys.told == () and "20 customers" in journeys.reason


def test_a_mean_has_no_flagged_orders_to_tell_of():
    journeys = typical_journeys(slice_of(quiet(1), AOV), [], 20)
    assert journeys.told == () and "Order value" in journeys.reason


def test_the_same_seed_tells_the_same_journeys_whatever_the_order_of_the_rows():
    frame = with_padding(quiet(2), 2)
    shuffled = frame.sample(frac=1, random_state=1).sort_values("created_at", kind="stable")
    first, _ = journeys_of(frame.sort_values("created_at", kind="stable").reset_index(drop=True))
    second, _ = journeys_of(shuffled.reset_index(drop=True))
    assert [each.steps for each in first.told][0] == [each.steps for each in second.told][0]
    assert first == journeys_of(frame.sort_values("created_at", kind="stable").reset_index(drop=True))[0]


def test_fewer_than_twenty_are_refused_without_the_switch(tmp_path):
    path = tmp_path / "contextcheck.yaml"
    path.write_text("privacy:\n  story_k: 5\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="allow_small_stories"):
        read_settings(path)
    path.write_text("privacy:\n  story_k: 5\n  allow_small_stories: true\n", encoding="utf-8")
    assert read_settings(path).privacy.story_k == 5
