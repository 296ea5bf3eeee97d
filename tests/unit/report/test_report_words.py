"""Numbers, money and days as people read them."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from unit.report import report_cases

from contextcheck.records import Course, Estimate, MoneyEstimate, Window
from contextcheck.report import words


@pytest.mark.parametrize(
    ("amount", "currency", "signed", "expected"),
    [
        ("4120", "USD", True, "+$4,120"),
        ("-310", "USD", True, "−$310"),
        ("50000", "KRW", False, "₩50,000"),
        ("7.9", "USD", False, "$7.90"),
        ("-0.004", "USD", True, "$0.00"),
        ("1234.5", "EUR", False, "€1,234"),
        ("99.5", "JPY", False, "¥100"),
        ("2.5", "???", False, "???2.50"),
    ],
)
def test_money_is_written_as_people_write_it(amount: str, currency: str, signed: bool, expected: str) -> None:
    assert words.money(Decimal(amount), currency, signed=signed).replace("\xa0", "") == expected


def test_an_amount_that_is_not_known_is_never_a_zero() -> None:
    assert words.money(Decimal("nan"), "USD") == "not known"
    assert words.percent(float("nan")) == "not known"
    assert words.number(float("inf")) == "not known"


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.184, "18.4 %"), (0.06, "6 %"), (0.0042, "0.42 %"), (1.0, "100 %"), (0.0, "0 %"), (-0.02, "−2 %")],
)
def test_percents_have_as_many_digits_as_matter(share: float, expected: str) -> None:
    assert words.percent(share) == expected


def test_a_change_carries_its_sign_and_its_interval() -> None:
    assert words.change_between(Estimate(1.152, 1.139, 1.166)) == "+15.2 % (+13.9 to +16.6)"
    assert words.change_between(Estimate(0.9, 0.85, 1.02)) == "−10.0 % (−15.0 to +2.0)"


def test_a_money_interval_names_the_currency_once() -> None:
    assert words.money_between(MoneyEstimate(Decimal(4120), Decimal(2300), Decimal(5900)), "USD") == (
        "+$4,120 (+2,300 to +5,900)"
    )
    assert words.money_between(MoneyEstimate(Decimal(-12), Decimal("-30.5"), Decimal(8)), "USD") == (
        "−$12.00 (−30.50 to +8.00)"
    )


@pytest.mark.parametrize(
    ("window", "course", "between", "expected"),
    [
        (Window(date(2026, 3, 3), date(2026, 3, 16), True), "ongoing", None, "since 3 March, 14 days, ongoing"),
        (Window(date(2026, 3, 3), date(2026, 3, 16)), "over", None, "3 to 16 March, 14 days"),
        (Window(date(2026, 2, 27), date(2026, 3, 1)), "over", None, "27 February to 1 March, 3 days"),
        (Window(date(2025, 12, 30), date(2025, 12, 30)), "over", None, "on 30 December 2025, 1 day"),
        (
            Window(date(2026, 3, 3), date(2026, 3, 16), True),
            "worsening",
            (date(2026, 2, 28), date(2026, 3, 4)),
            "since 3 March (started 28 February to 4 March), 14 days, ongoing and growing",
        ),
        (
            Window(date(2026, 3, 3), date(2026, 3, 9)),
            "over",
            (date(2026, 3, 3), date(2026, 3, 5)),
            "since 3 March (started 3 to 5 March) until 9 March, 7 days",
        ),
        (
            Window(date(2026, 1, 3), date(2026, 2, 13)),
            "new_level",
            (date(2026, 1, 3), date(2026, 1, 3)),
            "3 January to 13 February, 42 days, now the new level",
        ),
        (Window(date(2026, 3, 3), date(2026, 3, 16)), "easing", None, "3 to 16 March, 14 days, easing off"),
    ],
)
def test_a_period_is_told_with_its_length_its_start_and_its_course(
    window: Window, course: Course, between: tuple[date, date] | None, expected: str
) -> None:
    told = replace(report_cases.flag(), window=window, course=course, start_between=between)
    assert words.period(told, date(2026, 3, 16)) == expected


def test_how_many_times_is_said_in_words() -> None:
    assert words.times(3.016) == "three times the usual"
    assert words.times(2.0) == "twice the usual"
    assert words.times(1.4) == "1.4 times the usual"
    assert words.times(0.5) == "half the usual"
    assert words.times(0.8) == "80 % of the usual"
    assert words.times(1.01) == "about as usual"


def test_chance_is_said_before_its_figure() -> None:
    assert words.chance(1e-9) == "not chance (q < 0.0001)"
    assert words.chance(0.03) == "hardly chance (q = 0.03)"
    assert words.chance(0.2) == "may be chance (q = 0.20)"


def test_markets_are_named_and_unknown_ones_keep_their_code() -> None:
    assert words.region_name("KR", {}) == "South Korea"
    assert words.region_name("NO", {}) == "Norway"
    assert words.region_name("NA", {}) == "Namibia"
    assert words.region_name("Nordics", {}) == "Nordics"
    assert words.region_name("KR", {"KR": "Korea (web)"}) == "Korea (web)"


def test_lists_and_counts_agree_in_number() -> None:
    assert words.counted(1, "flag") == "1 flag"
    assert words.counted(2913, "flag") == "2,913 flags"
    assert words.listed(["a", "b", "c"]) == "a, b and c"
    assert words.listed(["a", "b", "c", "d"], 3) == "a, b and 2 more"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]8;;https://x\x07link\x1b]8;;\x07", "link"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("\u061ca\u200b", "a"),
        ("two\r\nlines\tand\x00nul\x9b31m", "two lines andnul31m"),
        ("무료배송", "무료배송"),
    ],
)
def test_nothing_a_terminal_would_obey_is_left_in_a_text(text: str, expected: str) -> None:
    assert words.clean(text) == expected
