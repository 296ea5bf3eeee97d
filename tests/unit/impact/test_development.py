"""What is still to come back: a published triangle, simulated parcels with a known delay, arms of a split."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import pytest
from unit.impact.money_panels import against, day, window

from contextcheck.impact.development import Development, development_of
from contextcheck.impact.ledger import assess
from contextcheck.impact.value import daily_value
from contextcheck.knowledge.metrics import Metric
from contextcheck.panel.table import PANEL_COLUMNS, Panel
from contextcheck.records import Window
from contextcheck.settings import default_costs

AGES = (7, 10, 14, 21, 35)
DAYS = 120
LAUNCH = 90

PUBLISHED = np.array(
    [
        [1001, 1855, 2423, 2988, 3335, 3483],
        [1113, 2103, 2774, 3422, 3844, np.nan],
        [1265, 2433, 3233, 3977, np.nan, np.nan],
        [1490, 2873, 3880, np.nan, np.nan, np.nan],
        [1725, 3261, np.nan, np.nan, np.nan, np.nan],
        [1889, np.nan, np.nan, np.nan, np.nan, np.nan],
    ]
)
EXPOSURE = np.array([4025.0, 4456, 5315, 5986, 6939, 8158])
"""Schmidt (2006), run-off triangles; the sample "ia_sample" of the Python package chainladder."""
STILL_TO_COME = [0.0, 163.847950, 481.928428 + 195.433540]
"""What chainladder 0.10.1, IncrementalAdditive, fills in for the first three rows."""
RATES = [0.243212, 0.22196, 0.153978, 0.141853, 0.090673, 0.03677]
"""Its incremental ratios."""


def panel_of(
    placed: Mapping[str, np.ndarray],
    seen: Mapping[str, np.ndarray],
    is_old: np.ndarray,
    ages: tuple[int, ...] = AGES,
    each: float = 50.0,
) -> Panel:
    """Placed value per day, value sent back by age (age × day), and which days are old enough for which age."""
    metrics = {"placed_value": Metric("placed_value", "", "sum", "money", horizon_hours=168.0)}
    metrics |= {
        f"sent_back_{age}d": Metric(f"sent_back_{age}d", "", "sum", "money", horizon_hours=24.0 * age) for age in ages
    }
    rows = []
    for region, values in placed.items():
        for number in range(len(values)):
            tables = [("placed_value", values[number], True)]
            tables += [
                (f"sent_back_{age}d", seen[region][row, number], is_old[row, number]) for row, age in enumerate(ages)
            ]
            rows += [
                {
                    "region": region, "day": pd.Timestamp(day(number)), "metric": metric, "events": value / each,
                    "value_sum": value, "is_complete": True, "is_mature": mature,
                }
                for metric, value, mature in tables
            ]  # fmt: skip
    daily = pd.DataFrame(rows).reindex(columns=list(PANEL_COLUMNS))
    return Panel(daily, metrics, (), daily["day"].max().date(), dict.fromkeys(placed, "UTC"))


def developed(panel: Panel, days: Window, group_of: Callable[[str], str] | None = None) -> Development:
    found = development_of(panel, days, group_of)
    assert found is not None
    return found


def test_the_published_triangle_is_filled_as_the_package_chainladder_fills_it() -> None:
    is_old = ~np.isnan(PUBLISHED.T)
    panel = panel_of(
        {"DE": EXPOSURE}, {"DE": np.fmax.accumulate(PUBLISHED.T)}, is_old, ages=(7, 8, 9, 10, 11, 12), each=1e-6
    )  # fmt: skip
    # the day after the triangle is the window, so that all of it is past
    found = developed(panel, window(6, 6))
    whole = found.value["DE"].to_numpy()
    assert whole[:3] - np.nanmax(PUBLISHED[:3], axis=1) == pytest.approx(STILL_TO_COME, rel=1e-5)
    assert whole[5] == pytest.approx(1889 + EXPOSURE[5] * sum(RATES[1:]), rel=1e-5)
    assert found.settled_days == 11  # 85.2 % of the sum of the rates after the fourth, 95.9 % after the fifth


def parcels(
    rng: np.random.Generator, share: np.ndarray, delay: float, taken: float, orders: float = 120.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Orders of 50 a day, a share sent back after a gamma delay: placed, seen by age at the end, all sent back."""
    number = rng.poisson(orders, len(share))
    seen, whole = np.zeros((len(AGES), len(share))), np.zeros(len(share))
    for each, count in enumerate(number):
        after = rng.gamma(6.0, delay / 6.0, rng.binomial(count, share[each]))
        after = after[after < AGES[-1]]
        whole[each] = 50.0 * len(after)
        is_known = after <= taken - each - rng.random(len(after))
        seen[:, each] = [50.0 * (is_known & (after <= age)).sum() for age in AGES]
    return 50.0 * number, seen, whole


def world(seed: int, delay: float = 13.0) -> tuple[Panel, Mapping[str, np.ndarray]]:
    """Three markets; in the first one a launch triples what is sent back."""
    rng = np.random.default_rng(seed)
    placed, seen, whole = {}, {}, {}
    for region, usual in (("KR", 0.08), ("JP", 0.05), ("DE", 0.25)):
        share = np.full(DAYS, usual)
        share[LAUNCH:] *= 3.0 if region == "KR" else 1.0
        placed[region], seen[region], whole[region] = parcels(rng, share, delay, float(DAYS))
    is_old = np.stack([np.arange(DAYS) < DAYS - age for age in AGES])
    return panel_of(placed, seen, is_old), whole


def test_what_comes_back_in_the_end_is_met_on_average_before_and_after_a_launch() -> None:
    after = slice(LAUNCH, DAYS - 7)
    ratios: dict[str, list[float]] = {"KR": [], "JP": [], "DE": [], "seen": []}
    for seed in range(12):
        panel, whole = world(seed)
        found = developed(panel, window(LAUNCH, DAYS - 1))
        for region in ("KR", "JP", "DE"):
            ratios[region].append(found.value[region].to_numpy()[after].sum() / whole[region][after].sum())
        so_far = (found.value["KR"] - found.to_come["KR"]).to_numpy()[after].sum()
        ratios["seen"].append(so_far / whole["KR"][after].sum())
    assert np.mean(ratios["seen"]) < 0.75
    for region in ("KR", "JP", "DE"):
        assert np.mean(ratios[region]) == pytest.approx(1.0, abs=0.05)


def test_days_that_are_old_enough_are_as_they_were_seen() -> None:
    panel, whole = world(1)
    found = developed(panel, window(LAUNCH, DAYS - 1))
    old = slice(0, DAYS - AGES[-1])
    assert found.to_come["DE"].to_numpy()[old] == pytest.approx(0.0)
    assert found.value["DE"].to_numpy()[old] == pytest.approx(whole["DE"][old])
    assert found.settled_days == 21


def test_a_launch_of_a_week_ago_takes_the_usual_returns_of_its_region() -> None:
    panel, _ = world(2)
    found = developed(panel, window(DAYS - 7, DAYS - 1))
    rate = (found.value / 50.0).iloc[-7:].mean() / 120.0
    usual = (found.value / 50.0).iloc[: LAUNCH - 35].mean() / 120.0
    assert rate["DE"] == pytest.approx(usual["DE"], rel=0.15)
    assert rate["JP"] == pytest.approx(usual["JP"], rel=0.25)


def test_arms_of_a_split_keep_their_difference() -> None:
    """Forty parts of each arm with two or three orders a day: a part is too small to know its own rate."""
    rng, days = np.random.default_rng(3), 28
    placed, seen, whole = {}, {}, {}
    for arm, share in (("unexposed", 0.08), ("exposed", 0.24)):
        for part in range(40):
            name = f"{arm} {part:03d}"
            shares = np.full(days, share)
            placed[name], seen[name], whole[name] = parcels(rng, shares, 13.0, float(days), orders=2.5)
    is_old = np.stack([np.arange(days) < days - age for age in AGES])
    found = developed(panel_of(placed, seen, is_old), window(0, days - 1), lambda name: name.split(" ")[0])
    for arm, share in (("unexposed", 0.08), ("exposed", 0.24)):
        mine = [name for name in placed if name.startswith(arm)]
        total = sum(placed[name].sum() for name in mine)
        # the last band (21 to 35 days) is younger than nearly every day: nothing is known of it without a past
        early = 0.93
        assert found.value[mine].to_numpy().sum() / total == pytest.approx(share * early, rel=0.15)


def test_without_the_time_of_return_nothing_is_developed() -> None:
    panel, _ = world(1)
    rest = panel.daily[~panel.daily["metric"].str.startswith("sent_back_")]
    without = Panel(rest, {"placed_value": panel.metrics["placed_value"]}, (), panel.as_of, panel.zones)
    assert development_of(without, window(LAUNCH, DAYS - 1)) is None


def with_money(panel: Panel) -> Panel:
    """The same with what is kept so far and the parcels returned within 14 days, as orders would show them."""
    placed, seen = (panel.rows_of(each) for each in ("placed_value", "sent_back_35d"))
    kept = placed.assign(metric="kept_value", value_sum=placed["value_sum"].to_numpy() - seen["value_sum"].to_numpy())
    within = panel.rows_of("sent_back_14d")
    returned = within.assign(metric="returned_orders", value_sum=np.nan)
    daily = pd.concat([panel.daily, kept, returned], ignore_index=True)
    daily = daily.assign(exposure=1.0).sort_values(["region", "metric", "day"], ignore_index=True)
    metrics = {
        **panel.metrics,
        "kept_value": Metric("kept_value", "", "sum", "money", horizon_hours=168.0),
        "returned_orders": Metric("returned_orders", "", "count", "orders", horizon_hours=336.0),
    }
    is_old = (daily["day"] <= pd.Timestamp(day(DAYS - 8))) | (daily["metric"] != "kept_value")
    return Panel(daily.assign(is_mature=daily["is_mature"] & is_old), metrics, (), panel.as_of, panel.zones)


def test_lines_of_money_count_what_is_still_to_come_back() -> None:
    after, days = slice(LAUNCH, DAYS - 7), window(LAUNCH, DAYS - 1)
    taken_back, handled = [], []
    for seed in range(12):
        panel, whole = world(seed)
        by_id = {line.id: line for line in daily_value(with_money(panel), default_costs(), days).lines}
        kept, handling = by_id["kept_sales"].amounts, by_id["return_handling"].amounts
        assert kept is not None and handling is not None
        placed = panel.table("placed_value", "value_sum")["KR"].to_numpy()
        taken_back.append((placed - kept["KR"].to_numpy())[after].sum() / whole["KR"][after].sum())
        parcels_back = -handling["KR"].to_numpy()[after].sum() / float(default_costs().return_handling)
        handled.append(parcels_back / (whole["KR"][after].sum() / 50.0))
    assert np.mean(taken_back) == pytest.approx(1.0, abs=0.05)
    assert np.mean(handled) == pytest.approx(1.0, abs=0.05)


def test_the_ledger_says_how_much_is_taken_off_for_returns_to_come() -> None:
    panel, whole = world(1)
    ledger = assess(
        with_money(panel), "KR", window(LAUNCH, DAYS - 1), against("JP", "DE", before=window(34, LAUNCH - 1)),
        costs=default_costs(), currency="USD", lines={}, horizon_days=90,
    )  # fmt: skip
    told = {line.id: line.immature for line in ledger.lines}["return_handling"]
    assert told.startswith("of the newest 14 of 23 judged days not all returns are in: ")
    # a quarter comes back in the end, most of it after 7 to 21 days
    assert 0.05 < float(told.split(": ")[1].split(" %")[0]) / 100 < 0.24
    assert ledger.order_value is not None and ledger.order_value.kept_after is not None
    assert float(ledger.order_value.kept_after) == pytest.approx(50.0 * 0.76, rel=0.03)
