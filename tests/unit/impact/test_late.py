"""Parcels that arrive late: simulated returns with known delays, of which only a part has come back when one looks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from unit.impact.money_panels import against, window
from unit.impact.test_development import AGES, DAYS, LAUNCH, panel_of, with_money

from contextcheck.impact import ledger
from contextcheck.impact.development import Development, development_of
from contextcheck.impact.late import Bands, chances_of_delays
from contextcheck.impact.ledger import assess
from contextcheck.panel.table import Panel
from contextcheck.records import Ledger
from contextcheck.settings import default_costs

SEEDS = range(12)
AFTER = slice(LAUNCH, DAYS - 10)
JUDGED = window(LAUNCH, DAYS - 11)

Story = Callable[[np.random.Generator, int], tuple[float, np.ndarray]]
"""Share sent back, and a draw of additional days for so many parcels."""


def usual(rng: np.random.Generator, count: int) -> tuple[float, np.ndarray]:
    return 0.15, np.zeros(count)


def late(rng: np.random.Generator, count: int) -> tuple[float, np.ndarray]:
    """A carrier's depot stands still: parcels lie between four and fourteen days more."""
    return 0.15, rng.uniform(4, 14, count)


def fewer(rng: np.random.Generator, count: int) -> tuple[float, np.ndarray]:
    return 0.07, np.zeros(count)


def more_after_a_while(rng: np.random.Generator, count: int) -> tuple[float, np.ndarray]:
    """What was bought to fill the basket goes back a few days later than usual returns do, beside them."""
    return 0.30, np.where(rng.random(count) < 0.5, rng.uniform(2, 6, count), 0.0)


def world(seed: int, story: Story) -> tuple[Panel, np.ndarray]:
    """Three markets of 150 orders of 50 a day; the first one's story begins on the day of the launch.

    Returns the panel as it stands on the last day, and what the first market sends back in the end per day.
    """
    rng = np.random.default_rng(seed)
    placed, seen, whole = {}, {}, {}
    for region in ("FR", "JP", "DE"):
        number = rng.poisson(150.0, DAYS)
        seen[region], whole[region] = np.zeros((len(AGES), DAYS)), np.zeros(DAYS)
        for each, count in enumerate(number):
            tells = story if region == "FR" and each >= LAUNCH else usual
            back = rng.binomial(count, tells(rng, 0)[0])
            after = rng.gamma(9.0, 12.0 / 9.0, back) + tells(rng, back)[1]
            whole[region][each] = 50.0 * back
            is_known = after <= DAYS - each - rng.random(back)
            seen[region][:, each] = [50.0 * (is_known & (after <= age)).sum() for age in AGES]
        placed[region] = 50.0 * number
    is_old = np.stack([np.arange(DAYS) < DAYS - age for age in AGES])
    return panel_of(placed, seen, is_old), whole["FR"]


def developed(panel: Panel, late_errors: float = 0.0) -> Development:
    found = development_of(panel, JUDGED, late_errors=late_errors)
    assert found is not None
    return found


def test_late_returns_are_met_on_average_and_their_error_is_told() -> None:
    ratios, seen, departures = [], [], []
    for seed in SEEDS:
        panel, whole = world(seed, late)
        found, more = developed(panel), developed(panel, late_errors=1.0)
        assert found.late == {"FR"}
        told = found.value["FR"].to_numpy()[AFTER].sum()
        true = whole[AFTER].sum()
        error = more.value["FR"].to_numpy()[AFTER].sum() - told
        ratios.append(told / true)
        departures.append((told - true) / error)
        seen.append(1 - found.to_come["FR"].to_numpy()[AFTER].sum() / true)
    assert np.mean(seen) < 0.5
    assert np.mean(ratios) == pytest.approx(1.0, abs=0.08)
    assert np.sqrt(np.mean(np.square(departures))) < 1.3


@pytest.mark.parametrize("story", [usual, fewer, more_after_a_while])
def test_returns_that_stay_away_or_come_besides_are_not_called_late(story: Story) -> None:
    assert [seed for seed in range(40) if developed(world(seed, story)[0]).late] == []


def money(panel: Panel) -> Ledger:
    return assess(
        with_money(panel), "FR", JUDGED, against("JP", "DE", before=window(34, LAUNCH - 1)),
        costs=default_costs(), currency="USD", lines={}, horizon_days=90,
    )  # fmt: skip


def errors(told: Ledger) -> dict[str, float]:
    """Standard errors of the contribution and of its parts of days, and half the interval of the sales kept."""
    assert told.precision is not None
    by_id = {line.id: line.per_day for line in told.lines}
    kept = by_id["kept_sales"]
    assert kept is not None
    found = {"all": told.precision.error, "kept_sales": float(kept.high - kept.low) / 2}
    return {**found, **{each.id: each.error for each in told.stretches}}


def test_every_interval_of_the_money_holds_what_is_not_known_of_late_returns(monkeypatch: pytest.MonkeyPatch) -> None:
    panel, _ = world(3, late)
    told = errors(money(panel))
    more, usually = (developed(with_money(panel), late_errors=each) for each in (1.0, 0.0))
    worse = (more.to_come - usually.to_come)["FR"].to_numpy()
    monkeypatch.setattr(ledger, "_late_errors", lambda case: pd.DataFrame(index=case.comparison.after))
    plain = errors(money(panel))
    assert set(told) == set(plain) >= {"all", "kept_sales", "newest-week"}
    # of a sale that comes back the margin is lost, 40 % by default, and something for its way back
    assert told["all"] > np.hypot(plain["all"], 0.4 * worse[AFTER].mean())
    assert told["newest-week"] > np.hypot(plain["newest-week"], 0.4 * worse[DAYS - 17 : DAYS - 10].mean())
    assert told["kept_sales"] > np.hypot(plain["kept_sales"], 1.6 * worse[AFTER].mean())


def test_the_ledger_says_that_returns_come_later_than_usual_only_where_they_do() -> None:
    said = {}
    for story in (late, usual):
        lines = {line.id: line.immature for line in money(world(3, story)[0]).lines}
        said[story] = lines["return_handling"]
    assert said[late].endswith("; returns come later than usual, as late parcels do")
    assert "not all returns are in" in said[usual] and "later" not in said[usual]


def test_a_delay_of_ten_days_is_found_in_bands_worked_out_by_hand() -> None:
    """Of 1,000 orders 10 % come back, evenly between day 7 and day 21; ten days later it is day 17 to 31."""
    ages = np.array([7.0, 10.0, 14.0, 21.0, 35.0])
    per_day = 100.0 / 14
    usual_rates = np.array([0.0, 3, 4, 7, 0]) * per_day / 1_000
    base = np.array([1_000.0, 1_000, 1_000, 1_000, 0])
    back = np.array([0.0, 0, 0, round(4 * per_day), 0])
    bands = Bands(ages, back, base, usual_rates)
    chances = chances_of_delays(bands)
    assert chances is not None
    assert float(chances @ np.arange(0.0, 21.5, 0.5)) == pytest.approx(10.0, abs=1.5)
    assert bands.to_come(np.array([0.0, 60.0]), 10.0) == pytest.approx([0.1, 0.0])
    assert chances_of_delays(Bands(ages, np.array([0.0, 10, 14, 25, 0]), base, usual_rates)) is None
