"""Real bookings: blocks of single agents come out as one decision, with the agents that pandas counts."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from contextcheck.pipeline import findings_of, study
from contextcheck.records import Finding
from contextcheck.settings import read_settings

BOOKINGS = Path(__file__).parents[3] / "examples" / "hotel-bookings" / "hotel_bookings.parquet"
MARKETS = ["DEU", "PRT", "GBR", "FRA", "ESP"]


@pytest.fixture(scope="module")
def bookings() -> pd.DataFrame:
    table = pd.read_parquet(BOOKINGS)
    month = pd.to_datetime(table["arrival_date_month"], format="%B").dt.month
    days = {"year": table["arrival_date_year"], "month": month, "day": table["arrival_date_day_of_month"]}
    booked = pd.to_datetime(days) - pd.to_timedelta(table["lead_time"], unit="D")
    return table.assign(booked=booked)[(booked < "2015-12-01") & table["country"].isin(MARKETS)]


@pytest.fixture(scope="module")
def found(bookings: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Finding]:
    folder = tmp_path_factory.mktemp("hotels")
    bookings.drop(columns="booked").to_parquet(folder / "bookings.parquet", index=False)
    path = folder / "contextcheck.yaml"
    path.write_text(
        "orders: {path: bookings.parquet, map: hotel_bookings, timezone: Europe/Lisbon}\ncurrency: EUR\n",
        encoding="utf-8",
    )
    done = study(read_settings(path), as_of=None, seed=0, quarantine_folder=folder / "quarantine")
    blocks = [flag for flag in done.detected.flags if flag.id in ("DE-orders-2015-10-03", "PT-orders-2014-10-17")]
    return {each.flag.id: each for each in findings_of(done, blocks)}


def counted(bookings: pd.DataFrame, country: str, day: str) -> dict[str, int]:
    chosen = bookings[(bookings["country"] == country) & (bookings["booked"] == day)]
    return {str(int(agent)): int(count) for agent, count in chosen["agent"].value_counts().items()}


def test_a_day_on_which_one_agent_booked_for_everybody_is_one_decision(
    bookings: pd.DataFrame, found: dict[str, Finding]
) -> None:
    explained = found["DE-orders-2015-10-03"].explained
    assert counted(bookings, "DEU", "2015-10-03")["6"] == 526
    assert [each.account for each in explained.accounts.review] == ["6"]
    assert "526 of 526 orders flagged" in explained.accounts.review[0].reasons
    holding = [each.id for each in explained.explanations if each.verdict == "supported"]
    assert holding == ["measurement-bulk-customer"]
    assert not [each for each in explained.explanations if each.kind == "norm" and each.verdict == "partly"]


def test_where_nearly_nobody_booked_before_the_agents_are_listed_and_no_habit_is_claimed(
    bookings: pd.DataFrame, found: dict[str, Finding]
) -> None:
    explained = found["PT-orders-2014-10-17"].explained
    agents = counted(bookings, "PRT", "2014-10-17")
    first, second = explained.accounts.review[:2]
    assert (first.account, second.account) == ("1", "6")
    assert f"{agents['1']} of {agents['1']} orders flagged" in first.reasons
    assert f"{agents['6']} of {agents['6']} orders flagged" in second.reasons
    assert not [each for each in explained.explanations if each.verdict == "supported"]
