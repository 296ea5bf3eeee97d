"""What an example's `data` may say, and how a dated entry is brought to the days of its world."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from contextcheck.knowledge.overlay import read_knowledge
from contextcheck.rehearse.examples import in_world
from contextcheck.rehearse.situations import (
    Situation,
    SituationError,
    parameters,
    read_situation,
    renamed_words,
)
from contextcheck.rehearse.worlds import WorldKey, market_of, scenario_of
from contextcheck.settings import Settings
from contextcheck.simulate.worlds import LAUNCH_DAY


def test_a_behaviour_takes_its_parameters_typed_like_their_defaults() -> None:
    situation = read_situation("padding take_up=0.4 + ring accounts=12")
    assert situation.kind == "behaviours"
    assert parameters(situation.parts[0]) == {"take_up": 0.4}
    assert parameters(situation.parts[1]) == {"accounts": 12}
    assert situation.has_several_causes("KR")


def test_one_cause_in_a_market_is_one_cause_even_when_another_market_has_its_own() -> None:
    assert not read_situation("checkout-bug").has_several_causes("DE")
    assert read_situation("korea-ring-in-the-crowd").has_several_causes("KR")


def test_words_of_the_shop_can_be_replaced() -> None:
    situation = read_situation("expiry-wave in=JP method=konbini renamed=konbini:oxxo;card:tarjeta")
    assert renamed_words(situation) == {"konbini": "oxxo", "card": "tarjeta"}
    assert parameters(situation.parts[0]) == {"method": "konbini"}
    assert market_of(situation, ("MX",)) == "JP"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("pading", 'no behaviour or case "pading"; did you mean "padding"?'),
        ("padding takeup=0.4", '"padding" has no parameter "takeup"; did you mean "take_up"?'),
        ("padding take_up=much", "take_up=much must be like take_up=0.3"),
        ("padding take_up", '"take_up" must be key=value without spaces, such as take_up=0.4'),
        ("padding in=ZZ", "in=ZZ is no simulated market; they are "),
        ("padding days=40", "days=40 must be a whole number from 1 to 28"),
        ("padding region=KR", '"padding" has no parameter "region"'),
        ("korea-padding + ring", '"korea-padding" is a whole world; only behaviours are joined with +'),
        ("returns.csv", '"returns.csv" needs the days to explain: from=2026-02-16 to=2026-03-01'),
    ],
)
def test_what_cannot_be_read_is_told_with_the_nearest_known(text: str, sentence: str) -> None:
    with pytest.raises(SituationError) as told:
        read_situation(text)
    assert str(told.value).startswith(sentence)


def key(text: str, market: str, days: int) -> WorldKey:
    situation: Situation = read_situation(text)
    return WorldKey(situation, market, days, is_launched=False)


def test_a_behaviour_goes_on_for_so_many_days_in_its_market() -> None:
    scenario, window = scenario_of(key("volume-surge", "US", 3))
    (behaviour,) = scenario.behaviours
    assert behaviour.region == "US"
    assert behaviour.last_day - behaviour.first_day == 2
    assert window.days == 3
    # 2 March 2026 less four weeks
    assert window.start == LAUNCH_DAY - timedelta(days=28) == date(2026, 2, 2)


def test_the_named_days_of_a_dated_entry_move_with_it() -> None:
    base = read_knowledge(Settings(folder=Path()))
    entry = next(each for each in base.entries if each.when.kind == "holiday" and each.regions[0] != "*")
    moved = in_world(entry)
    assert moved.when.kind == "dates"
    assert "2026-02-02" in moved.when.names
    assert "2026-02-01" not in moved.when.names


def test_a_law_of_the_past_plays_from_its_first_day_on_and_not_from_where_the_search_begins() -> None:
    entries = {each.id: each for each in read_knowledge(Settings(folder=Path())).entries}
    # in force since 14 October 2023, which is before the years that are searched first
    moved = in_world(entries["ae-no-return-clauses-void"])
    assert min(moved.when.names) == "2026-02-02"
    # nothing is named in later years: September 2023
    assert min(in_world(entries["ar-forward-buying"]).when.names) == "2026-02-02"


def test_earlier_paydays_move_with_the_one_that_is_played() -> None:
    entries = {each.id: each for each in read_knowledge(Settings(folder=Path())).entries}
    names = in_world(entries["za-payday-25th"]).when.names
    # 24 January 2024 (a day before the 25th) is brought to 2 February 2026, the payday of December 31 days before it
    assert {"2026-02-02", "2026-02-08", "2026-01-02", "2026-01-08"} <= set(names)
    assert "2026-02-09" not in names
