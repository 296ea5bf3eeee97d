"""Typed reads: a value or its default comes back, and every problem is collected with place and remedy."""

from datetime import date
from decimal import Decimal

import pytest

from contextcheck.errors import Problem
from contextcheck.records import Money
from contextcheck.yamlio.document import MapNode, read_text
from contextcheck.yamlio.fields import Fields


def fields(text: str) -> tuple[Fields, list[Problem]]:
    node, problems = read_text(text, "f.yaml", "KB")
    assert isinstance(node, MapNode)
    return Fields(node, problems, "KB"), problems


def test_every_kind_of_value_is_read() -> None:
    top, problems = fields(
        "t: x\nl: [a, b]\nc: up\nd: 0.35\nw: 3\nb: true\nday: 2026-03-01\nh: 14d\nm: {amount: 50000, currency: krw}\n"
    )
    assert top.text("t") == "x"
    assert top.texts("l") == ("a", "b")
    assert top.texts("t") == ("x",)
    assert top.choice("c", ("up", "down")) == "up"
    assert top.decimal("d") == Decimal("0.35")
    assert top.whole("w") == 3
    assert top.boolean("b", default=False) is True
    assert top.day("day") == date(2026, 3, 1)
    assert top.hours("h") == 14 * 24
    assert top.money("m") == Money(Decimal(50000), "KRW")
    top.finish()
    assert problems == []


def test_what_is_left_out_is_the_default_and_empty_counts_as_left_out() -> None:
    top, problems = fields("t:\n")
    assert top.text("t", "d") == "d"
    assert top.share("s", 0.5) == 0.5
    assert top.hours("h", 6.0) == 6.0
    assert top.money("m") is None
    assert problems == []
    top.text("t", required=True)
    assert [str(problem) for problem in problems] == ['f.yaml:1:1: KB101 "t" is missing']


NUMBERS = {
    "1_000": "write 1000 without separators",
    "50,000": "write 50000 without separators",
    "1.000.000": "write 1000000 without separators",
    "010": "write 10 without the leading 0",
    "80%": "write 0.8 for 80%",
    '"0,35"': "write 0.35 with a point",
    ".5": "write 0.5",
    "1e3": "must be a number such as 0.35",
    ".inf": "must be a number such as 0.35",
    "12:30": "must be a number such as 0.35",
    "9" * 19: "must be a number such as 0.35",
}


@pytest.mark.parametrize("text", NUMBERS)
def test_a_number_in_another_form_gets_the_exact_remedy(text: str) -> None:
    top, problems = fields(f"n: {text}\n")
    assert top.number("n", 7.0) == 7.0
    assert [problem.code for problem in problems] == ["KB103"]
    assert NUMBERS[text] in problems[0].message


@pytest.mark.parametrize(("text", "remedy"), [("yes", "write true"), ("ON", "write true"), ("no", "write false")])
def test_other_words_for_true_and_false_get_the_exact_remedy(text: str, remedy: str) -> None:
    top, problems = fields(f"b: {text}\n")
    assert top.boolean("b", default=False) is False
    assert problems[0].message.endswith(remedy)


def test_amounts_need_a_currency_of_three_letters() -> None:
    top, problems = fields(
        "a: 50\nb: {amount: 50}\nc: {amount: 50, currency: WON}\nd: {amount: 50, currency: W}\ne: 5,000\n"
    )
    assert top.money("a") is None
    assert top.money("a", "KRW") == Money(Decimal(50), "KRW")
    top.money("b")
    assert top.money("c") == Money(Decimal(50), "WON")
    top.money("d")
    top.money("e")
    assert [(problem.code, problem.where) for problem in problems] == [
        ("KB107", "f.yaml:1:4"),
        ("KB101", "f.yaml:2:4"),
        ("KB107", "f.yaml:4:27"),
        ("KB103", "f.yaml:5:4"),
    ]


def test_unknown_keys_and_choices_come_with_the_nearest_known_name() -> None:
    top, problems = fields("direction: upp\nmetrik: x\n")
    top.choice("direction", ("up", "down"))
    top.text("metric")
    top.finish()
    assert [problem.message for problem in problems] == [
        'unknown direction "upp"; did you mean "up"?',
        'unknown key "metrik"; did you mean "metric"?',
    ]


def test_ranges_lists_and_mappings_of_the_wrong_kind_are_said() -> None:
    top, problems = fields("s: 80\nl: {a: 1}\nm: [x]\nn: [id:kr]\nd: 2026-02-30\nh: 24 hours\nw: 1.5\n")
    top.share("s")
    top.texts("l")
    top.mapping("m")
    list(top.mappings("n"))
    top.day("d")
    top.hours("h")
    top.whole("w")
    assert [problem.code for problem in problems] == ["KB104", "KB103", "KB103", "KB103", "KB106", "KB108", "KB103"]
    assert problems[0].message.endswith("write 0.8 for 80 percent")
    assert problems[3].message.endswith('write "id: kr" with a space after the colon')
