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
