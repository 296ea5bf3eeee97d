"""The page for those who decide, and that no market hides behind another."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from unit.report import report_cases as cases

from contextcheck.errors import SettingsError
from contextcheck.report.executive import MOST_MARKETS, executive_of, render_executive
from contextcheck.report.headline import LABELS
from contextcheck.report.interface import ShowOptions, render

OPTIONS = ShowOptions(pseudonym_key="a key of the tests")
PAGES = ("terminal", "markdown", "html")


def plain(page: str) -> str:
    page = re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL)
    return re.sub(r"[\s\xa0]+", " ", page.replace("\\", "").replace("\u2060", ""))


@pytest.mark.parametrize("format", PAGES)
def test_opposite_effects_are_told_market_by_market(format: str) -> None:
    for page in (
        render(cases.opposite_investigation(), format, OPTIONS),
        render_executive(cases.opposite_investigation(), format, OPTIONS),
    ):
        words = plain(page)
        assert "roll back in DE" in words
        assert "keep in KR" in words
        assert "a gain in KR and a loss in DE; their sum speaks for neither" in words
        assert "−$1,930 (−3,460 to −410) a day" in words


def test_a_loss_elsewhere_stands_right_behind_a_gain_even_on_a_narrow_terminal() -> None:
    lines = render(cases.opposite_investigation(), "terminal", replace(OPTIONS, width=80)).splitlines()
    assert "a gain; but DE −$1,930" in lines[2]


@pytest.mark.parametrize("format", PAGES)
def test_a_market_without_a_flag_is_in_what_to_do(format: str) -> None:
    page = plain(render(cases.opposite_investigation(), format, OPTIONS))
    assert "roll back free-shipping-bar in DE (no flag)" in page


@pytest.mark.parametrize("format", PAGES)
def test_the_page_gives_the_five_answers(format: str) -> None:
    page = plain(render_executive(cases.ring_investigation(), format, OPTIONS))
    assert all(label in page for label in LABELS[1:])
    assert "8 accounts in KR" in page


def test_a_format_without_such_a_page_is_refused() -> None:
    with pytest.raises(SettingsError, match="RP102.*terminal, markdown, html"):
        render_executive(cases.ring_investigation(), "csv", OPTIONS)


@pytest.mark.parametrize("format", PAGES)
def test_accounts_are_not_named(format: str) -> None:
    assert "customer-0001" not in render_executive(cases.ring_investigation(), format, OPTIONS)


def test_the_steps_of_the_money_end_at_the_contribution() -> None:
    page = executive_of(cases.padding_investigation())
    assert sum(step.value for step in page.steps) == pytest.approx(4120)


def test_markets_that_call_for_something_come_first_and_the_others_are_counted() -> None:
    base = cases.opposite_investigation()
    feature = base.features[0]
    keep, roll_back = feature.regions
    many = tuple(replace(keep, region=f"K{number}") for number in range(9))
    page = executive_of(replace(base, features=(replace(feature, regions=(*many, roll_back)),)))
    rows = page.features[0].rows
    assert len(rows) == MOST_MARKETS
    assert rows[0].region == "DE"
    assert page.more_markets == "4 more markets in the report"


@pytest.mark.parametrize("format", PAGES)
def test_hostile_texts_stay_texts(format: str) -> None:
    page = render_executive(cases.hostile_investigation(), format, OPTIONS)
    assert "\x1b" not in page
    assert format == "terminal" or "<script" not in page
