"""Many customers or few: volume is accounted for, households and offices do not count, rings do."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from explain_worlds import ORDERS, in_window, quiet, sign, slice_of, with_padding, with_ring

from contextcheck.explain.links import linked_groups
from contextcheck.explain.signs.concentration import Concentration, Units, group_surplus, merged_strata, permutation_p
from contextcheck.explain.signs.spread import Spread, permuted_top_share, top_share

BROAD = sign("spread")
FEW = sign("concentration", share=0.5)
FEW_CUSTOMERS = sign("concentration", share=0.5, over=("customer_id",))


def test_a_crowd_of_padders_is_broad():
    evidence = Spread().test(slice_of(with_padding(quiet(1), 1)), BROAD).evidence
    assert evidence.result == "supports"
    assert "customers; the top 1 % made" in evidence.sentence


def test_a_handful_of_heavy_cancellers_is_not_broad():
    frame = quiet(1)
    window = np.flatnonzero(in_window(frame) & (frame["status"] == "delivered"))[:400]
    frame.loc[window, "customer_id"] = [f"c{i % 8:05d}" for i in range(400)]
    frame.loc[window, "status"] = "cancelled"
    evidence = Spread().test(slice_of(frame), BROAD).evidence
    assert evidence.result == "contradicts" and evidence.effect.low > 0.1


def test_heavy_buyers_are_not_held_against_the_crowd():
    # eight customers place 400 of the orders but cancel at everybody's rate: volume, not concentration
    frame = quiet(1)
    window = np.flatnonzero(in_window(frame))[:400]
    frame.loc[window, "customer_id"] = [f"c{i % 8:05d}" for i in range(400)]
    frame.loc[in_window(frame) & (np.random.default_rng(1).random(len(frame)) < 0.15), "status"] = "cancelled"
    assert Spread().test(slice_of(frame), BROAD).evidence.result == "supports"
    assert Concentration().test(slice_of(frame), FEW_CUSTOMERS).evidence.result == "contradicts"


def more_orders(frame: pd.DataFrame, customer: np.ndarray, seed: int = 7) -> pd.DataFrame:
    """Copies of window orders, placed anew by these customers."""
    rng = np.random.default_rng(seed)
    rows = frame.loc[rng.choice(np.flatnonzero(in_window(frame)), len(customer))]
    return pd.concat([frame, rows.assign(customer_id=customer)], ignore_index=True)


def test_a_rise_of_orders_by_one_bulk_buyer_is_few_and_by_everybody_is_broad():
    # nearly 3,000 orders in the window are usual; 1,500 more
    frame = quiet(1, is_lean=True)
    bulk = slice_of(more_orders(frame, np.full(1500, "wholesaler")), ORDERS)
    few, broad = Concentration().test(bulk, FEW_CUSTOMERS), Spread().test(bulk, BROAD)
    assert few.evidence.result == "supports" and few.evidence.p_value < 0.01
    assert few.evidence.effect.low > 0.8
    assert few.evidence.sentence.startswith("one customer carries")
    assert set(bulk.frame.loc[few.members, "customer_id"]) == {"wholesaler"}
    assert broad.evidence.result == "contradicts"
    crowd = slice_of(more_orders(frame, np.random.default_rng(2).permutation(frame["customer_id"])[:1500]), ORDERS)
    assert Concentration().test(crowd, FEW_CUSTOMERS).evidence.result == "contradicts"
    assert Spread().test(crowd, BROAD).evidence.result == "supports"


def test_a_wholesaler_who_orders_as_always_is_not_held_against_a_rise_by_everybody():
    frame = quiet(2, is_lean=True)
    steady = frame.copy()
    steady.loc[np.arange(len(frame)) % 8 == 0, "customer_id"] = "wholesaler"  # an eighth of all orders, before and now
    crowd = np.random.default_rng(3).permutation(frame["customer_id"])[:1500]
    slice_ = slice_of(more_orders(steady, crowd), ORDERS)
    assert Concentration().test(slice_, FEW_CUSTOMERS).evidence.result == "contradicts"
    assert Spread().test(slice_, BROAD).evidence.result == "supports"


def test_where_hardly_anybody_ordered_before_nothing_is_said_about_who_orders_more():
    frame = quiet(1, is_lean=True)
    few_before = frame[in_window(frame) | (np.arange(len(frame)) % 10 == 0)].reset_index(drop=True)
    for test, asked in ((Concentration(), FEW_CUSTOMERS), (Spread(), BROAD)):
        evidence = test.test(slice_of(few_before, ORDERS), asked).evidence
        assert evidence.result == "not_testable"
        assert "too few to say who orders how much" in evidence.reason
        assert test.test(slice_of(few_before), asked).evidence.result != "not_testable"  # a rate needs no such past
    # nearly all orders are one customer's: that is plain whatever was before
    few_before.loc[in_window(few_before) & (np.arange(len(few_before)) % 20 > 0), "customer_id"] = "wholesaler"
    bulk = slice_of(few_before, ORDERS)
    assert Concentration().test(bulk, FEW_CUSTOMERS).evidence.result == "supports"
    assert Spread().test(bulk, BROAD).evidence.result == "contradicts"


def test_a_rise_by_everybody_is_hardly_ever_few():
    claimed = 0
    for seed in range(60):
        frame = quiet(seed, orders_per_day=40, customers=600, is_lean=True)
        crowd = np.random.default_rng(seed).permutation(frame["customer_id"])[:200]
        outcome = Concentration().test(slice_of(more_orders(frame, crowd, seed), ORDERS), FEW_CUSTOMERS)
        claimed += outcome.evidence.result == "supports"
    # nominal 1 %: more than 3 of 60 has probability 0.3 %
    assert claimed <= 3


def test_the_top_share_of_a_fixed_small_world_by_hand():
    # 3 customers: the top 1 % is one customer (at least one); 8 of 10
    assert top_share(np.array([8.0, 1.0, 1.0]), 3) == pytest.approx(0.8)


def test_events_that_weigh_the_same_are_counted_and_give_the_same_as_sums_per_customer():
    rng = np.random.default_rng(1)
    holders = np.sort(np.unique(rng.integers(0, 300, 2_000), return_inverse=True)[1])
    alike = np.where(rng.random(2_000) < 0.2, 1.0, 0.0)
    nearly = alike.copy()
    nearly[np.flatnonzero(alike)[0]] += 1e-9  # no longer the same: customers are summed and sorted
    here = int(holders.max()) + 1
    counted, summed = (permuted_top_share(holders, amounts, here, 3, 0.08, 199) for amounts in (alike, nearly))
    assert counted == pytest.approx(summed, abs=1e-8) and 0 < counted[1] < 1


def test_the_permuted_mean_agrees_with_the_exact_expectation():
    # customer 0 has 2 of 4 orders, two others one each; one event falls on any order: the top customer holds it always
    mean, p_value = permuted_top_share(np.array([0, 0, 1, 2]), np.array([1.0, 0, 0, 0]), 3, 0, 1.0, 999)
    assert mean == 1.0 and p_value == 1.0
    # two events on two of four orders: both with customer 0 in 1 of 6 cases, share 1; else share 1/2: mean 7/12
    mean, _ = permuted_top_share(np.array([0, 0, 1, 2]), np.array([1.0, 1.0, 0, 0]), 3, 0, 1.0, 4000)
    assert mean == pytest.approx(7 / 12, abs=0.02)


def test_a_ring_that_carries_the_excess_is_few():
    frame = with_ring(quiet(1), 1, orders=300)
    outcome = Concentration().test(slice_of(frame), FEW)
    assert outcome.evidence.result == "supports" and outcome.evidence.p_value < 0.01
    assert (outcome.members == frame["customer_id"].str.startswith("ring").to_numpy()).all()
    assert "40 accounts that share devices or addresses or payment instruments" in outcome.evidence.sentence


def test_a_crowd_without_links_contradicts_few():
    assert Concentration().test(slice_of(with_padding(quiet(1), 1)), FEW).evidence.result == "contradicts"


def test_an_office_that_shares_an_address_and_behaves_like_everybody_is_no_ring():
    frame = with_padding(quiet(1), 1)
    names = frame["customer_id"].unique()[:60]
    frame.loc[frame["customer_id"].isin(names), "address_id"] = "office"
    slice_ = slice_of(frame)
    assert linked_groups(slice_, ["address_id"]).accounts.tolist() == [60]
    outcome = Concentration().test(slice_, FEW)
    assert outcome.evidence.result == "contradicts"
    assert outcome.members is None


def test_households_and_pick_up_points_link_nobody():
    frame = quiet(1)
    frame.loc[:, "device_id"] = frame["customer_id"]
    frame.loc[frame["customer_id"] < "c00300", "address_id"] = "pick-up point"  # 300 customers, limit 250
    slice_ = slice_of(frame)
    assert linked_groups(slice_, ["address_id"]).accounts.tolist() == []
    pairs = frame.assign(address_id=["home" + str(int(c[1:]) // 4) for c in frame["customer_id"]])
    assert linked_groups(slice_of(pairs), ["address_id"]).accounts.tolist() == []  # four in a household


def test_groups_are_the_connected_components_of_networkx():
    import networkx

    rng = np.random.default_rng(5)
    frame = pd.DataFrame(
        {
            "customer_id": [f"c{i}" for i in rng.integers(0, 200, 400)],
            "device_id": [f"d{i}" for i in rng.integers(0, 190, 400)],
            "status": "delivered",
            "created_at": pd.Timestamp("2026-03-03"),
        }
    )
    graph = networkx.Graph(list(zip(frame["customer_id"], frame["device_id"], strict=True)))
    sizes = [sum(node.startswith("c") for node in part) for part in networkx.connected_components(graph)]
    assert sorted(linked_groups(slice_of(frame), ["device_id"]).accounts) == sorted(s for s in sizes if s >= 5)


def test_the_surplus_of_a_group_by_hand():
    # group 0: 6 events of 10 orders; all others 10 of 100, so 1 is usual; limit max(1.5 x 1 + 2 x 1, 3) = 3.5 < 6
    events, volume = np.array([6.0, 10.0]), np.array([10.0, 100.0])
    units = Units(events, volume, np.array([0, -1]), np.zeros(2, dtype=int), 1)
    assert group_surplus(units, np.array([0]), np.array([0])).tolist() == [5.0]


def test_a_ring_of_heavy_buyers_is_not_compared_with_itself_alone():
    # 10 accounts with 8 orders each, and hardly anybody else orders as often: their stratum joins the next ones
    frame = with_ring(quiet(1, orders_per_day=60, customers=800), 1, accounts=10, orders=80)
    evidence = Concentration().test(slice_of(frame), FEW).evidence
    assert evidence.result == "supports" and evidence.p_value < 0.01
    label = np.array([0, 0, 0, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1])
    stratum = np.array([3, 3, 3, 3, 2, 2, 1, 1, 1, 1, 1, 0, 0, 0])
    units = Units(np.zeros(14), np.ones(14), label, stratum, 1)
    # stratum 3 holds 4 units with 3 labels, joined with 2 it holds 6, with 1 it holds 11, with 0 all 14
    assert merged_strata(units).tolist() == [0] * 14


def test_labels_that_say_nothing_are_found_significant_as_rarely_as_stated():
    hits = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        volume = 1.0 + rng.poisson(1.5, 2000)
        events = rng.binomial(volume.astype(int), rng.beta(1, 9, 2000)).astype(float)
        label = np.where(rng.random(2000) < 0.1, rng.integers(0, 20, 2000), -1)
        stratum = np.minimum(np.floor(np.log2(volume)), 6).astype(int)
        hits += permutation_p(Units(events, volume, label, stratum, 20), seed, 199) <= 0.05
    assert hits <= 19  # 5 % of 200 is 10; 19 is the 99.7 % limit


def test_counts_are_compared_per_customer():
    frame = with_ring(quiet(1), 1, accounts=40, orders=1200)
    outcome = Concentration().test(slice_of(frame, ORDERS), FEW)
    assert outcome.evidence.result == "supports"


def test_what_is_missing_or_too_small_is_said():
    bare = quiet(1).drop(columns=["device_id", "address_id", "payment_id", "customer_id"])
    none = Concentration().test(slice_of(bare), FEW).evidence
    assert none.reason == "the orders have none of the columns device_id, address_id, payment_id"
    assert Spread().test(slice_of(bare), BROAD).evidence.reason == "the orders have no customer_id column"
    few = Spread().test(slice_of(quiet(1, orders_per_day=5)), BROAD).evidence
    assert few.result == "not_testable" and "30 needed" in few.reason
    no_past = Concentration().test(slice_of(quiet(1)[lambda f: in_window(f)].reset_index(drop=True)), FEW).evidence
    assert no_past.result == "not_testable"
