"""How amounts in text are written: signs of currencies, signs between digits, and what nothing settles."""

from dataclasses import replace
from pathlib import Path

import pytest
from unit.load.order_samples import HEADER

from contextcheck.errors import InputError
from contextcheck.load.panel_file import load_panel
from contextcheck.load.tables import load_table
from contextcheck.settings import Settings, read_settings


def lines(texts, currency="USD"):
    return [f"A{number};KR;2026-03-01;paid;{text};{currency}" for number, text in enumerate(texts)]


def totals(load, write, texts, currency="USD", **settings):
    path = write(lines(texts, currency), header=HEADER.replace(",", ";"))
    orders = load(path, orders__max_bad_share="1", **settings).orders
    return orders.table.order_by("order_id").order_total.execute().tolist()


def refusal(load, write, texts, currency="USD"):
    with pytest.raises(InputError) as caught:
        totals(load, write, texts, currency)
    return caught.value.problems[0]


@pytest.mark.parametrize(
    ("texts", "currency", "expected"),
    [
        # several groups are thousands, whatever the currency
        (["1.010.000", "255.000", "900"], "EUR", [1_010_000, 255_000, 900]),
        (["1,010,000", "255,000", "900"], "EUR", [1_010_000, 255_000, 900]),
        (["12,34,567.50", "1,00,000", "99"], "INR", [1_234_567.5, 100_000, 99]),
        # nobody writes a thousandth of a dong, and a dinar has a thousand of them
        (["255.000", "99.000", "0"], "VND", [255_000, 99_000, 0]),
        (["₫255.000", "99.000 ₫"], "vnd", [255_000, 99_000]),
        (["12.500", "3.250"], "KWD", [12.5, 3.25]),
        # decimals of three digits beside others, in front of nothing, behind more than a group
        (["12.5", "3.125", "10"], "EUR", [12.5, 3.125, 10]),
        (["0.125", "3.125"], "EUR", [0.125, 3.125]),
        (["1234.125", "3.125"], "EUR", [1234.125, 3.125]),
        (["0,125", "3,125"], "EUR", [0.125, 3.125]),
        # whole numbers that go without a sign between their thousands
        (["1500", "3.125"], "EUR", [1500, 3.125]),
        (["8,060", "460"], "JPY", [8060, 460]),
        (["8,060", "460"], "USD", [8060, 460]),
    ],
)
def test_a_sign_between_digits_is_settled_by_the_values_or_the_currency(load, write, texts, currency, expected):
    assert totals(load, write, texts, currency) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("texts", "currency", "example"),
    [
        (["12.500", "900"], "EUR", "12.500"),
        (["12,500", "900"], "TND", "12,500"),
        # dong with and without thousands signs: two sources in one column
        (["255.000", "255000"], "VND", "255.000"),
    ],
)
def test_thousands_that_may_be_decimals_are_refused_with_the_remedy(load, write, texts, currency, example):
    problem = refusal(load, write, texts, currency)
    assert (problem.code, problem.where.endswith("orders.csv")) == ("IN122", True)
    assert '"order_total" has three digits behind a ' in problem.message
    assert f'"{example}" and the like (values: 1)' in problem.message
    assert "orders: {decimal: comma}" in problem.message
    assert "orders: {decimal: point}" in problem.message


def test_the_settings_say_what_a_point_is(load, write):
    assert totals(load, write, ["12.500", "900"], orders__decimal="comma") == [12_500, 900]
    assert totals(load, write, ["12.500", "900"], orders__decimal="point") == [12.5, 900]
    # what can only be read the other way keeps its own
    assert totals(load, write, ["12.50", "900"], orders__decimal="comma") == [12.5, 900]


def test_a_map_says_what_a_point_is(load, write, tmp_path: Path):
    text = "id: m\ntitle: m\ndecimal: comma\ncolumns: {order_id: order_id, region: region, created_at: created_at, "
    (tmp_path / "m.yaml").write_text(text + "order_total: order_total}\nstatus: {from: status}\n", encoding="utf-8")
    assert totals(load, write, ["12.500", "900"], orders__map=str(tmp_path / "m.yaml")) == [12_500, 900]


def test_the_other_amounts_of_the_file_settle_a_column(load, write):
    rows = [f"{line};{fee}" for line, fee in zip(lines(["1.010.000", "5.000"]), ["17.000", "0"], strict=True)]
    table = load(write(rows, header=HEADER.replace(",", ";") + ";shipping_fee")).orders.table
    assert table.shipping_fee.sum().execute() == 17_000


def test_other_amounts_against_the_currency_settle_nothing(load, write):
    rows = [f"{line};{fee}" for line, fee in zip(lines(["255.000", "99.000"], "VND"), ["17.5", "0"], strict=True)]
    with pytest.raises(InputError, match="IN122"):
        load(write(rows, header=HEADER.replace(",", ";") + ";shipping_fee"))


@pytest.mark.parametrize(("dong", "ringgit"), [("255.000", "80.50"), ("255,000", "80,50")])
def test_another_market_settles_nothing_for_a_currency_without_fractions(load, write, dong, ringgit):
    rows = [*lines([dong], "VND"), *(line.replace("A", "B", 1) for line in lines([ringgit, "7"], "MYR"))]
    settings = {"currency": "USD", "rates": "{VND: 0.00004, MYR: 0.22}"}
    path = write(rows, header=HEADER.replace(",", ";"))
    with pytest.raises(InputError, match="IN122"):
        load(path, **settings)
    # dong without any sign between their thousands say that there is none
    path = write([*rows, "C1;KR;2026-03-01;paid;255000;VND"], header=HEADER.replace(",", ";"))
    assert load(path, **settings).orders.table.order_total.max().execute() == pytest.approx(80.5 * 0.22)


def test_counts_with_three_decimals_stay_what_they_are(load, write):
    rows = [f"{line};{items}" for line, items in zip(lines(["5", "6"]), ["1.250", "2"], strict=True)]
    table = load(write(rows, header=HEADER.replace(",", ";") + ";items")).orders.table
    assert table["items"].sum().execute() == 3.25


def test_decimal_signs_that_are_mixed_are_refused_and_a_stray_is_set_aside(load, write):
    problem = refusal(load, write, ["12.50"] * 3 + ["12,50"])
    assert problem.code == "IN123"
    assert '3 values can only have a decimal point (such as "12.50"), 1 only a decimal comma (such as "12,50")' in (
        problem.message
    )
    # a single decimal comma once made 1,250 of every 12.50
    assert totals(load, write, ["12.50"] * 40 + ["12,50"]) == [12.5] * 40


@pytest.mark.parametrize(
    "text",
    [
        "NT$12.50", "R$ 12.50", "HK$12.50", "US$12.50", "₹12.50", "Rs. 12.50", "Rp 12.50", "RM12.50", "S/ 12.50",
        "CHF 12.50", "USD 12.50", "12.50 USD", "12.50 kr", "12.50 kr.", "12.50 zł", "12.50 Kč", "12.50円", "￥12.50",
        "+12.50", "12.50 €",
    ],
)  # fmt: skip
def test_currencies_in_front_and_behind_are_no_part_of_a_number(load, write, text):
    assert totals(load, write, [text, "7.50"]) == [12.5, 7.5]


@pytest.mark.parametrize("text", ["12,50 kr", "12,50 zł", "R$ 12,50", "₫12,50", "1.012,50-€"])
def test_currencies_beside_a_decimal_comma(load, write, text):
    rows = [f"{line};{refund}" for line, refund in zip(lines(["5", "6"]), [text, "0"], strict=True)]
    table = load(write(rows, header=HEADER.replace(",", ";") + ";refund_total")).orders.table
    assert table.refund_total.sum().execute() == (-1012.5 if "-" in text else 12.5)


@pytest.mark.parametrize("text", ["12.50-", "(12.50)", "($12.50)", "-$12.50", "$-12.50", "−12.50", "USD (12.50)"])
def test_negative_amounts_of_accounts(load, write, text):
    rows = [f"{line};{refund}" for line, refund in zip(lines(["5", "6"]), [text, "0"], strict=True)]
    table = load(write(rows, header=HEADER.replace(",", ";") + ";refund_total")).orders.table
    assert table.refund_total.sum().execute() == -12.5


@pytest.mark.parametrize("text", ["free", "A12", "12.50 pcs", "12;50", "1.2.3", "12,-", "USD", "(12.50"])
def test_what_is_no_number_is_still_set_aside(load, write, text):
    assert totals(load, write, [f'"{text}"', "₩7.50", "1"]) == [7.5, 1]


def test_disputes_and_panels_ask_in_the_same_way(tmp_path: Path):
    (tmp_path / "disputes.csv").write_text(
        "created_at;order_id;amount;currency\n2026-03-01;A1;255.000;VND\n", encoding="utf-8"
    )
    given = ["disputes={path: disputes.csv}"]
    table, _ = load_table(replace(read_settings(None, given), folder=tmp_path), "disputes")
    assert table.table.amount.execute().tolist() == [255_000]
    panel = tmp_path / "panel.csv"
    panel.write_text("date;region;metric;events\n2026-01-01;KR;orders;1.250\n2026-01-02;KR;orders;1.300\n")
    with pytest.raises(InputError, match="IN122"):
        load_panel(Settings(), str(panel), {}, progress=lambda _: None)
    found = load_panel(read_settings(None, ["orders.decimal=comma"]), str(panel), {}, progress=lambda _: None).panel
    assert found.daily["events"].sum() == 2550
