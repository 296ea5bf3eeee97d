"""Which entries are tried for a flag: the right region, metric, direction and days; drafts stay questions."""

from datetime import date

import pytest

from contextcheck.knowledge.base import KnowledgeBase
from contextcheck.knowledge.candidates import candidates
from contextcheck.knowledge.overlay import read_explanations
from contextcheck.knowledge.source_files import layers_of
from contextcheck.records import Launch, Window
from contextcheck.settings import Settings

BAR = Launch("free-shipping-bar", ("KR", "JP"), date(2026, 3, 2))
FORTNIGHT = Window(date(2026, 3, 3), date(2026, 3, 16))


@pytest.fixture(scope="module")
def base() -> KnowledgeBase:
    found = read_explanations(layers_of(Settings()), [])
    return KnowledgeBase(found.region_files, found.entries, {}, (), {}, ())


def ids(
    base: KnowledgeBase, region: str, move: tuple, window: Window = FORTNIGHT, launches=(BAR,), **more
) -> list[str]:
    return [entry.id for entry in candidates(base, region, [move], window, launches, **more)]


def test_the_korean_case_is_tried_with_norms_abuse_and_faults_side_by_side(base: KnowledgeBase) -> None:
    found = ids(base, "KR", ("cancel_rate", "up"))
    assert {"kr-free-shipping-padding", "abuse-linked-accounts", "operational-checkout-fault"} <= set(found)
    kinds = [entry.kind for entry in candidates(base, "KR", [("cancel_rate", "up")], FORTNIGHT, [BAR])]
    assert kinds == sorted(kinds, key=["norm", "abuse", "operational", "measurement"].index)


def test_a_norm_of_one_market_is_never_tried_in_another(base: KnowledgeBase) -> None:
    found = ids(base, "JP", ("cancel_rate", "up"))
    assert not [each for each in found if each.startswith("kr-")]
    assert "jp-free-shipping-line" in found


def test_what_needs_a_launch_is_not_tried_without_one(base: KnowledgeBase) -> None:
    assert "kr-free-shipping-padding" not in ids(base, "KR", ("cancel_rate", "up"), launches=())
    assert "operational-checkout-fault" not in ids(base, "DE", ("cancel_rate", "up"))
    assert "abuse-linked-accounts" in ids(base, "DE", ("cancel_rate", "up"), launches=())


def test_the_direction_must_fit(base: KnowledgeBase) -> None:
    assert "kr-free-shipping-padding" not in ids(base, "KR", ("cancel_rate", "down"))
    assert ids(base, "KR", ("chargeback_rate", "down")) == []


def test_a_feast_is_tried_on_its_days_only(base: KnowledgeBase) -> None:
    # Chuseok 2026 is 25 September; returns are expected until two weeks after
    after = Window(date(2026, 9, 28), date(2026, 10, 5))
    later = Window(date(2026, 11, 1), date(2026, 11, 7))
    assert "kr-holiday-clothes-returns" in ids(base, "KR", ("return_rate", "up"), after, ())
    assert "kr-holiday-clothes-returns" not in ids(base, "KR", ("return_rate", "up"), later, ())


def test_drafts_are_questions_and_not_explanations(base: KnowledgeBase) -> None:
    golden_week = Window(date(2026, 4, 29), date(2026, 5, 6))
    assert "jp-golden-week-pause" not in ids(base, "JP", ("orders", "down"), golden_week)
    assert "jp-golden-week-pause" in ids(base, "JP", ("orders", "down"), golden_week, include_drafts=True)


def test_a_markets_own_entry_replaces_the_one_for_every_market(base: KnowledgeBase) -> None:
    everywhere = Launch("free-shipping-bar", ("KR", "PT"), date(2026, 3, 2))
    assert "any-free-shipping-padding" in ids(base, "PT", ("cancel_rate", "up"), launches=(everywhere,))
    assert "any-free-shipping-padding" not in ids(base, "KR", ("cancel_rate", "up"), launches=(everywhere,))
