from __future__ import annotations

import pandas as pd
import pytest
from simulated_samples import LAUNCH, before_and_after, cancelled_share, local_day, world_of

from contextcheck.knowledge.columns import COLUMNS, REQUIRED_COLUMNS, STATUSES
from contextcheck.settings import read_settings
from contextcheck.simulate.markets import CODES, MARKETS
from contextcheck.simulate.worlds import SCENARIOS, simulate, write_world

SEEDS = (1, 2, 3)
AMOUNTS = ("order_total", "retained_total", "refund_total", "shipping_fee", "shipping_cost", "discount_total")


def test_the_same_seed_gives_the_same_world_and_another_seed_another():
    first, again, other = (simulate("korea-ring-in-the-crowd", seed=seed, orders=20_000) for seed in (5, 5, 6))
    pd.testing.assert_frame_equal(first.orders, again.orders)
    assert first.truth == again.truth
    assert first.settings == again.settings
    assert not first.orders["order_total"].equals(other.orders["order_total"])


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_world_keeps_to_the_contract_of_the_columns(name):
    orders = world_of(name).orders
    assert set(orders.columns) <= set(COLUMNS)
    assert set(REQUIRED_COLUMNS) <= set(orders.columns)
    assert orders["order_id"].is_unique
    assert orders[list(REQUIRED_COLUMNS)].notna().all().all()
    assert set(orders["status"]) <= set(STATUSES)
    assert orders["created_at"].is_monotonic_increasing
    for column in AMOUNTS:
        assert orders[column].notna().all() and (orders[column] >= 0).all(), column
    assert (orders["retained_total"] <= orders["order_total"] + 0.005).all()
    assert (orders["kept_items"] <= orders["items"]).all()


def test_nothing_is_known_before_it_happened_or_after_the_extract():
    orders = world_of("korea-ring-in-the-crowd").orders
    taken_at = pd.Timestamp("2026-04-06 09:00")
    for column in ("created_at", "cancelled_at", "modified_at", "returned_at", "chargeback_at", "account_created_at"):
        assert (orders[column].dropna() <= taken_at).all(), column
    for column in ("cancelled_at", "modified_at", "returned_at", "chargeback_at"):
        rows = orders[column].notna()
        assert (orders.loc[rows, column] >= orders.loc[rows, "created_at"]).all(), column
    assert (orders["account_created_at"] < orders["created_at"]).all()
    newest = orders[orders["created_at"] > taken_at - pd.Timedelta(hours=20)]
    assert not set(newest["status"]) & {
        "shipped",
        "delivered",
        "returned",
        "partially_returned",
        "refused",
        "chargeback",
    }
    assert (newest["returned_at"].isna()).all()


def test_dates_stand_where_the_status_says_something_happened():
    orders = world_of("korea-padding").orders
    status = orders["status"]
    assert (orders["cancelled_at"].notna() == status.isin(["cancelled", "partially_cancelled", "expired_unpaid"])).all()
    assert (orders["returned_at"].notna() == status.isin(["returned", "partially_returned", "refused"])).all()
    assert (orders["chargeback_at"].notna() == (status == "chargeback")).all()
    gone = status.isin(["cancelled", "expired_unpaid", "refused", "returned", "refunded_no_return", "chargeback"])
    assert (orders.loc[gone, "retained_total"] == 0).all()
    assert (
        orders.loc[status == "delivered", "retained_total"] == orders.loc[status == "delivered", "order_total"]
    ).all()


def test_delivery_is_free_from_the_line_on_and_only_from_there():
    orders = world_of("quiet").orders
    line = orders["region"].map({market.code: market.free_line for market in MARKETS})
    fee = orders["region"].map({market.code: market.fee for market in MARKETS})
    delivered = orders["status"] == "delivered"
    assert (orders.loc[delivered & (orders["order_total"] >= line), "shipping_fee"] == 0).all()
    below = delivered & (orders["order_total"] < line)
    assert (orders.loc[below, "shipping_fee"] == fee[below]).all()


def test_markets_have_their_size_their_money_and_their_ways_to_pay():
    orders = world_of("quiet").orders
    assert set(orders["region"]) == set(CODES) and "NO" in CODES
    assert len(orders) == pytest.approx(200_000, rel=0.02)
    share = orders["region"].value_counts(normalize=True)
    for market in MARKETS:
        here = orders[orders["region"] == market.code]
        assert share[market.code] == pytest.approx(market.volume_share, rel=0.12), market.code
        assert set(here["currency"]) == {market.currency}
        assert set(here["payment_method"]) == {payment.name for payment in market.payments}
    methods = orders.groupby("payment_method")["status"].value_counts(normalize=True).unstack(fill_value=0)
    assert methods.loc["boleto", "expired_unpaid"] > 0.2
    assert methods.loc["konbini", "expired_unpaid"] == pytest.approx(0.09, abs=0.02)
    assert methods.loc["card", "expired_unpaid"] == 0
    assert orders[(orders["region"] == "IN") & (orders["payment_method"] == "cod")]["status"].eq("refused").mean() > 0.1


def test_prices_heap_at_round_steps():
    orders = world_of("quiet").orders
    korea = orders[orders["region"] == "KR"]["order_total"]
    # One in ten prices would be a multiple of 1,000 if multiples of 100 were equally likely.
    assert (korea % 1000 == 0).mean() > 0.2
    assert (korea % 100 == 0).all()


def test_a_few_customers_order_very_often_and_households_share_things():
    orders = world_of("quiet").orders
    per_customer = orders.groupby("customer_id").size()
    assert per_customer.mean() > 1.5
    assert per_customer.max() > 12
    assert per_customer.max() < 0.002 * len(orders)
    at_one_address = orders.groupby("address_id")["customer_id"].nunique()
    assert 0.02 < (at_one_address == 2).mean() < 0.2
    assert at_one_address.max() == 2
    assert orders.groupby("device_id")["customer_id"].nunique().max() == 2


def test_daily_cancel_rates_vary_more_than_chance():
    orders = world_of("quiet").orders
    germany = orders[(orders["region"] == "DE") & (orders["created_at"] < "2026-03-25")]
    daily = germany.groupby(germany["created_at"].dt.normalize())["status"].agg(
        cancels=lambda status: status.isin(["cancelled", "partially_cancelled"]).sum(), size="size"
    )[1:-1]
    rate = daily["cancels"].sum() / daily["size"].sum()
    chi_square = ((daily["cancels"] - rate * daily["size"]) ** 2 / (rate * (1 - rate) * daily["size"])).sum()
    # Pearson's statistic over its degrees of freedom is 1 for a binomial; the daily beta draw adds about 0.2 here.
    assert 1.02 < chi_square / (len(daily) - 1) < 2.5


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", ["korea-padding", "korea-padding-at-a-loss"])
def test_both_padding_worlds_show_the_same_spike_and_the_same_order_value(name, seed):
    world = world_of(name, seed)
    before, after = before_and_after(world.orders, "KR")
    assert cancelled_share(before) == pytest.approx(0.06, abs=0.01)
    assert cancelled_share(after) == pytest.approx(0.18, abs=0.02)
    assert after["order_total"].mean() / before["order_total"].mean() == pytest.approx(1.15, abs=0.04)
    assert world.truth.regions["KR"].aov_ratio == pytest.approx(1.15, abs=0.015)
    for region in set(CODES) - {"KR"}:
        before, after = before_and_after(world.orders, region)
        noise = (0.06 * 0.94 / len(after)) ** 0.5
        assert cancelled_share(after) == pytest.approx(cancelled_share(before), abs=5 * noise + 0.006), region


@pytest.mark.parametrize("seed", SEEDS)
def test_the_padding_worlds_differ_in_what_they_earn(seed):
    keep, loss = (world_of(name, seed).truth for name in ("korea-padding", "korea-padding-at-a-loss"))
    assert keep.action == "keep" and loss.action == "roll-back"
    assert keep.regions["KR"].change_ratio > 1.05
    assert loss.regions["KR"].change_ratio < 0.93
    assert keep.regions["KR"].contribution_per_day_without == loss.regions["KR"].contribution_per_day_without
    assert keep.regions["KR"].kept_aov_ratio > 1.09 and loss.regions["KR"].kept_aov_ratio < 1.03
    assert keep.regions["JP"].change_per_day == 0 and loss.regions["JP"].change_per_day == 0


def test_trimmed_baskets_stand_above_the_line_and_keep_something():
    _, after = before_and_after(world_of("korea-padding").orders, "KR")
    trimmed = after[after["status"] == "partially_cancelled"]
    hours = (trimmed["cancelled_at"] - trimmed["created_at"]).dt.total_seconds() / 3600
    assert trimmed["order_total"].between(50_000, 57_500).mean() > 0.6
    assert (trimmed["retained_total"] > 0).all()
    assert (hours <= 24).mean() > 0.97
    top_share = trimmed["customer_id"].value_counts().head(len(trimmed) // 100).sum() / len(trimmed)
    assert top_share < 0.06


@pytest.mark.parametrize("seed", SEEDS[:2])
def test_the_ring_is_named_linked_and_costs_money_inside_a_crowd_that_earns(seed):
    world = world_of("korea-ring-in-the-crowd", seed)
    truth = world.truth
    effect = truth.regions["KR"]
    assert truth.action == "act-on-accounts"
    assert 30 <= len(truth.ring_accounts) <= 60
    assert effect.change_by_cause["ring"] < -60 and effect.change_by_cause["padding"] > 60
    assert 0.1 < effect.excess_share["ring"] < 0.3
    assert sum(effect.excess_share.values()) == pytest.approx(1)
    ring = world.orders[world.orders["customer_id"].isin(truth.ring_accounts)]
    assert set(ring["customer_id"]) == set(truth.ring_accounts)
    assert (local_day(ring) >= LAUNCH).all() and set(ring["region"]) == {"KR"}
    assert ring[ring["status"].isin(["cancelled", "refunded_no_return"])]["retained_total"].max() == 0
    careless = ring[ring["customer_id"].isin(truth.careless_ring_accounts)]
    for column in ("device_id", "address_id", "payment_id"):
        assert careless[column].nunique() <= 6
    careful = ring[~ring["customer_id"].isin(truth.careless_ring_accounts)]
    for column in ("device_id", "address_id", "payment_id"):
        assert careful.groupby(column)["customer_id"].nunique().max() == 2


@pytest.mark.parametrize("seed", SEEDS[:2])
def test_a_broken_checkout_cancels_orders_of_everybody_within_minutes(seed):
    world = world_of("checkout-bug", seed)
    assert world.truth.action == "roll-back" and world.truth.affected == ("DE", "FR")
    for region in ("DE", "FR"):
        effect = world.truth.regions[region]
        assert effect.change_ratio < 0.92
        assert effect.cancel_rate - effect.cancel_rate_without > 0.1
        before, after = before_and_after(world.orders, region)
        fast = after[(after["cancelled_at"] - after["created_at"]) < pd.Timedelta(minutes=45)]
        assert len(fast) > 0.1 * len(after)
        assert fast["retained_total"].mean() / after["retained_total"].mean() < 0.1
        assert fast["order_total"].mean() == pytest.approx(before["order_total"].mean(), rel=0.08)


@pytest.mark.parametrize("seed", SEEDS[:2])
def test_in_the_quiet_world_nothing_moves_at_the_launch(seed):
    world = world_of("quiet", seed)
    assert world.truth.affected == () and world.truth.causes == () and world.truth.ring_accounts == ()
    for region in CODES:
        before, after = before_and_after(world.orders, region)
        noise = (0.06 * 0.94 * (1 / len(after) + 1 / len(before))) ** 0.5
        assert cancelled_share(after) == pytest.approx(cancelled_share(before), abs=4 * noise + 0.004), region
        spread = before["order_total"].std() / before["order_total"].mean() / len(after) ** 0.5
        ratio = after["order_total"].mean() / before["order_total"].mean()
        assert ratio == pytest.approx(1, abs=4 * spread + 0.02), region
    for effect in world.truth.regions.values():
        assert effect.change_per_day == 0 and effect.aov_ratio == 1


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_settings_are_read_and_name_the_launch_and_every_line(name, tmp_path):
    world = simulate(name, seed=3, orders=3_000)
    settings_path = write_world(world, tmp_path / "shop")
    settings = read_settings(settings_path)
    (launch,) = settings.launches
    assert (launch.feature, launch.regions, launch.start) == (
        world.truth.feature,
        world.truth.launched,
        world.truth.start,
    )
    assert settings.currency == "USD"
    assert set(settings.rates) == {market.currency for market in MARKETS} - {"USD"}
    assert set(settings.thresholds["free_shipping"]) == set(CODES)
    assert settings.thresholds["free_shipping"]["KR"].amount == 50_000
    read_back = pd.read_parquet(settings.path(settings.orders.paths[0]))
    assert len(read_back) == len(world.orders)
    assert set(read_back["region"]) == set(CODES)
    assert sorted(path.name for path in settings_path.parent.iterdir()) == ["contextcheck.yaml", "orders.parquet"]


def test_a_small_world_is_made_as_well_as_a_large_one():
    small = simulate("korea-ring-in-the-crowd", seed=1, orders=1_000)
    assert len(small.orders) == pytest.approx(1_000, rel=0.2)
    assert small.truth.regions["KR"].cancel_rate > 0.05
