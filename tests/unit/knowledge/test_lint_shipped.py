"""Laws over the shipped knowledge: it can be read, passes lint, and every norm says where it is known from."""

import pytest

from contextcheck.knowledge.columns import COLUMNS
from contextcheck.knowledge.entries import Entry
from contextcheck.knowledge.lint import lint_holidays
from contextcheck.knowledge.overlay import Explanations, read_explanations
from contextcheck.knowledge.source_files import layers_of
from contextcheck.settings import Settings

METRICS = {
    "orders",
    "aov",
    "cancel_rate",
    "rapid_cancel_rate",
    "modify_rate",
    "return_rate",
    "refund_share",
    "unpaid_rate",
    "refused_rate",
    "discount_rate",
    "new_account_discount_rate",
    "items_per_order",
    "chargeback_rate",
}


@pytest.fixture(scope="module")
def shipped() -> Explanations:
    problems: list = []
    explanations = read_explanations(layers_of(Settings()), problems)
    assert [str(problem) for problem in problems] == []
    return explanations


def test_every_shipped_holiday_name_is_known_to_its_calendar(shipped: Explanations) -> None:
    problems = [str(each) for year in (2024, 2026) for each in lint_holidays(shipped.entries, year)]
    assert problems == []


def test_every_entry_explains_a_metric_that_is_measured(shipped: Explanations) -> None:
    unknown = {(entry.id, each.metric) for entry in shipped.entries for each in entry.explains} - {
        (entry.id, metric) for entry in shipped.entries for metric in METRICS
    }
    assert unknown == set()


def test_only_a_mechanism_with_a_good_source_is_active(shipped: Explanations) -> None:
    weak = [
        entry.id for entry in shipped.entries if entry.status == "active" and entry.mechanism_grade not in ("A", "B")
    ]
    assert weak == []


def test_every_norm_has_a_source_a_question_and_a_contradiction(shipped: Explanations) -> None:
    def lacks(entry: Entry) -> bool:
        return not (entry.sources and entry.ask and entry.advice and entry.contradicted_by and entry.owner)

    assert [entry.id for entry in shipped.entries if lacks(entry)] == []
    assert all(column in COLUMNS for entry in shipped.entries for column in entry.needs)


def test_the_founding_norm_is_active_by_its_mechanism_although_its_local_frequency_is_weak(
    shipped: Explanations,
) -> None:
    entry = next(each for each in shipped.entries if each.id == "kr-free-shipping-padding")
    assert (entry.status, entry.mechanism_grade, entry.local_grade) == ("active", "A", "C")


def test_the_collection_is_as_broad_as_promised(shipped: Explanations) -> None:
    kinds = [entry.kind for entry in shipped.entries]
    assert len(shipped.region_files) >= 45
    assert kinds.count("norm") >= 150
    assert (kinds.count("abuse") >= 17, kinds.count("operational") >= 8, kinds.count("measurement") >= 8) == (True,) * 3


def test_every_market_is_read_in_its_own_currency(shipped: Explanations) -> None:
    # the currencies in use are those of Unicode's CLDR; Bulgaria's change to the euro in 2026 may be missing there
    from babel.numbers import get_territory_currencies

    wrong = {
        code: file.currency
        for code, file in shipped.region_files.items()
        if file.currency not in get_territory_currencies(code) and code != "BG"
    }
    assert wrong == {}


def test_every_abuse_pattern_names_its_harmless_twin_and_what_separates_them(shipped: Explanations) -> None:
    lacking = [entry.id for entry in shipped.entries if entry.kind == "abuse" and not entry.twins]
    assert lacking == []


def test_no_entry_rests_on_a_country_alone(shipped: Explanations) -> None:
    # a region says where an entry may be tried; only signs about orders can support it
    for entry in shipped.entries:
        tests = {sign.test for sign in entry.signs}
        assert tests - {"calendar", "peers"} or entry.kind == "measurement", entry.id
