"""From orders to the ledger: customers of one market split by the toss of a coin, and a split that is none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from contextcheck.pipeline import launched_region, study
from contextcheck.records import Counterfactual, Ledger
from contextcheck.settings import read_settings
from contextcheck.simulate.worlds import LAUNCH_DAY, World, simulate, write_world

RISE = 0.15


@pytest.fixture(scope="module")
def quiet() -> World:
    return simulate("quiet", seed=5, orders=60_000)


def ledger_of(world: World, exposed: pd.Series, folder: Path) -> tuple[Ledger, Counterfactual, float]:
    """The ledger of US when these orders were exposed and 15 % larger for it; the true change of kept sales per day."""
    orders = world.orders.copy()
    orders["feature_exposed"] = exposed.to_numpy()
    grown = exposed.to_numpy()
    kept_before = orders["retained_total"].to_numpy(dtype=float).copy()
    for column in ("order_total", "retained_total"):
        orders.loc[grown, column] = orders.loc[grown, column] * (1 + RISE)
    settings = read_settings(write_world(replace(world, orders=orders), folder))
    done = study(settings, as_of=None, seed=0, quarantine_folder=folder / "quarantine")
    found = launched_region(done, settings.launches[0], "US").ledger
    assert found.counterfactual is not None
    days = found.counterfactual.after
    day = pd.to_datetime(orders["created_at"], utc=True).dt.tz_convert("America/New_York").dt.date
    inside = ((day >= days.start) & (day <= days.end) & (orders["region"] == "US")).to_numpy()
    truth = float(np.nansum((orders["retained_total"].to_numpy(dtype=float) - kept_before)[inside])) / days.days
    return found, found.counterfactual, truth


def live(world: World) -> pd.Series:
    start = pd.Timestamp(LAUNCH_DAY, tz="America/New_York")
    created = pd.to_datetime(world.orders["created_at"], utc=True)
    return (world.orders["region"] == "US") & (created >= start)


def test_a_split_of_customers_is_found_used_and_gives_the_true_effect(quiet: World, tmp_path: Path) -> None:
    customers = sorted(set(quiet.orders["customer_id"].dropna()))
    coin = dict(zip(customers, np.random.default_rng(8).random(len(customers)) < 0.5, strict=True))
    exposed = live(quiet) & quiet.orders["customer_id"].map(coin).fillna(False).astype(bool)
    ledger, compared, truth = ledger_of(quiet, exposed, tmp_path)
    assert compared.method == "exposed-split"
    assert compared.exposed_share == 0.5
    assert compared.controls == ()
    assert "customers who saw it against" in compared.sentence
    assert "taken for a split of 50 %" in compared.sentence
    kept = next(line for line in ledger.lines if line.id == "kept_sales")
    assert kept.per_day is not None
    assert float(kept.per_day.low) < truth < float(kept.per_day.high)
    assert ledger.order_value is not None
    change = ledger.order_value.placed_change_ratio
    assert change.low < 1 + RISE < change.high


def test_the_returns_to_come_of_an_arm_are_its_own(quiet: World, tmp_path: Path) -> None:
    """Exposed customers send everything back after twelve days: so do those whose twelve days are not over."""
    customers = sorted(set(quiet.orders["customer_id"].dropna()))
    coin = dict(zip(customers, np.random.default_rng(8).random(len(customers)) < 0.5, strict=True))
    orders = quiet.orders.copy()
    exposed = live(quiet) & orders["customer_id"].map(coin).fillna(False).astype(bool)
    back = orders["created_at"] + pd.Timedelta(days=12)
    is_back = exposed & (back <= orders["created_at"].max()) & orders["status"].isin(["delivered", "shipped", "paid"])
    orders.loc[is_back, "status"], orders.loc[is_back, "retained_total"] = "returned", 0.0
    orders.loc[is_back, "returned_at"] = back[is_back]
    sent_back = exposed & orders["status"].isin(["delivered", "shipped", "paid", "returned"])
    ledger, compared, _ = ledger_of(replace(quiet, orders=orders), exposed, tmp_path)
    assert compared.method == "exposed-split"
    kept = next(line.per_day for line in ledger.lines if line.id == "kept_sales")
    days = compared.after
    day = pd.to_datetime(orders["created_at"], utc=True).dt.tz_convert("America/New_York").dt.date
    inside = sent_back & (day >= days.start) & (day <= days.end)
    lost = orders.loc[inside, "order_total"].sum() * (1 + RISE) / days.days
    assert kept is not None
    assert float(kept.value) == pytest.approx(-lost, rel=0.2)


def test_keen_customers_who_sought_the_feature_are_no_split(quiet: World, tmp_path: Path) -> None:
    before = quiet.orders[(quiet.orders["region"] == "US") & ~live(quiet)]
    orders_before = before["customer_id"].value_counts()
    keen = set(orders_before[orders_before >= 2].index)
    exposed = live(quiet) & quiet.orders["customer_id"].isin(keen)
    _, compared, _ = ledger_of(quiet, exposed, tmp_path)
    assert compared.method != "exposed-split"
    reason = compared.not_used["exposed-split"]
    assert "not a clean random split" in reason or "already differed before the launch" in reason
    assert reason in compared.sentence


def test_when_everybody_saw_it_regions_are_compared_and_it_is_said(quiet: World, tmp_path: Path) -> None:
    _, compared, _ = ledger_of(quiet, live(quiet), tmp_path)
    assert compared.method in ("ratio-did", "synthetic-did")
    assert compared.not_used["exposed-split"] == "every customer saw the feature"
    assert compared.placebo_regions is not None
    assert "an effect this large came up" in compared.sentence
