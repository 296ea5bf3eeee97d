"""Every kind of bad input: what is said, where, and with which exit code."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from unit.load.order_samples import HEADER, order_lines

from contextcheck.cli import app
from contextcheck.errors import DefinitionError, ExitCode, InputError, SettingsError


def refusal(load, *paths, error=InputError, **settings):
    with pytest.raises(error) as caught:
        load(*paths, **settings)
    return caught.value


def codes(loaded):
    return {problem.code: problem for problem in loaded.problems}


def test_a_missing_file_is_named_with_the_nearest_one(load, write):
    path = write(order_lines(3), "orders_march.csv")
    error = refusal(load, path.parent / "orders_mrach.csv")
    assert error.exit_code is ExitCode.BAD_DATA
    assert error.problems[0].code == "IN101"
    assert error.problems[0].where.endswith("orders_mrach.csv")
    assert 'did you mean "orders_march.csv"?' in error.problems[0].message


def test_a_pattern_without_files_and_a_folder_are_refused(load, tmp_path):
    assert "no file fits this pattern" in str(refusal(load, tmp_path / "*.csv"))
    assert "this is a folder" in str(refusal(load, tmp_path))


def test_no_orders_at_all(load):
    assert refusal(load).problems[0].code == "IN100"


@pytest.mark.parametrize("content", [b"", b"\n\n  \n"])
def test_an_empty_file_is_refused(load, write, content):
    error = refusal(load, write(content))
    assert (error.problems[0].code, error.exit_code) == ("IN102", 3)
    assert error.problems[0].where.endswith("orders.csv")


@pytest.mark.parametrize("content", [HEADER.encode(), f"{HEADER}\r\n".encode()])
def test_a_header_without_rows_is_refused(load, write, content):
    error = refusal(load, write(content))
    assert (error.problems[0].code, error.exit_code) == ("IN103", 3)


def test_a_text_that_no_delimiter_divides_is_refused(load, write):
    text = "\n".join([HEADER, *order_lines(4)]).replace(",", "~")
    error = refusal(load, write(text.encode()))
    assert error.problems[0].code == "IN104"
    assert error.problems[0].where.endswith("orders.csv:1")
    assert "one column only" in error.problems[0].message


@pytest.mark.parametrize(
    ("name", "content"), [("orders.xlsx", b"PK\x03\x04nothing"), ("orders.parquet", b"PAR1cut off")]
)
def test_a_broken_container_is_refused(load, write, name, content):
    error = refusal(load, write(content, name))
    assert (error.problems[0].code, error.exit_code) == ("IN105", 3)


def test_a_missing_required_column_names_the_nearest_header(load, write):
    error = refusal(load, write(order_lines(3), header=HEADER.replace("created_at", "create_at")))
    problem = error.problems[0]
    assert problem.code == "IN110"
    assert 'no column "created_at"' in problem.message
    assert 'nearest header: "create_at"' in problem.message


def test_an_unknown_map_is_a_usage_error(load, write):
    error = refusal(load, write(order_lines(3)), error=SettingsError, orders__map="shopfy")
    assert (error.problems[0].code, error.exit_code) == ("ST120", ExitCode.USAGE)
    assert 'did you mean "shopify"?' in error.problems[0].message


def test_two_currencies_without_rates_are_refused(load, write):
    lines = [*order_lines(8), *(line.replace("A", "B") for line in order_lines(2, currency="KRW"))]
    error = refusal(load, write(lines))
    problem = error.problems[0]
    assert (problem.code, error.exit_code) == ("IN210", 3)
    assert '"order_total" is in two currencies (USD 80 %, KRW 20 %) and no rates are given' in problem.message


def test_two_currencies_with_rates_are_converted_once(load, write):
    lines = [
        "A1,KR,2026-03-01,paid,50000,KRW",
        "A2,US,2026-03-01,paid,10,USD",
        "A3,KR,2026-03-02,paid,1000,krw",
    ]
    loaded = load(write(lines), currency="USD", rates="{KRW: {rate: 0.00072, on: 2026-03-01}}")
    # 50,000 x 0.00072 = 36; 1,000 x 0.00072 = 0.72
    assert sorted(loaded.orders.table.order_total.execute()) == pytest.approx([0.72, 10, 36])
    assert loaded.orders.currency == "USD"
    assert any("0.00072" in note for note in loaded.notes)


def test_a_currency_without_a_rate_is_named(load, write):
    lines = ["A1,KR,2026-03-01,paid,1,KRW", "A2,JP,2026-03-01,paid,1,JPY", "A3,US,2026-03-01,paid,1,USD"]
    error = refusal(load, write(lines), currency="USD", rates="{KRW: 0.00072}")
    assert error.problems[0].code == "IN212"
    assert "no rate is given for JPY" in error.problems[0].message


def test_a_rate_that_is_turned_round_is_said_and_used_as_given(load, write):
    lines = ["A1,KR,2026-03-01,paid,50000,KRW", "A2,US,2026-03-01,paid,10,USD"]
    loaded = load(write(lines), currency="USD", rates="{KRW: 1400, EUR: 9, GBP: 1.27, KWD: 3.25, ARS: 0.0007}")
    said = {each.where: each for each in loaded.problems if each.code == "IN213"}
    assert set(said) == {"rates.KRW", "rates.EUR"}
    assert said["rates.KRW"].severity == "warning"
    assert said["rates.KRW"].message == (
        "1 KRW is taken as 1400 USD, but was about 0.000714 in 2025; it looks turned round (USD in KRW): "
        "write rates: {KRW: 0.000714}"
    )
    assert said["rates.EUR"].message.endswith("was about 1 in 2025; check it, amounts are converted as given")
    assert loaded.orders.table.order_total.sum().execute() == 50000 * 1400 + 10


def test_one_currency_is_the_reporting_currency(load, write):
    assert load(write(order_lines(4, currency="EUR"))).orders.currency == "EUR"


def test_without_a_currency_it_is_said(load, write):
    loaded = load(write([line.rsplit(",", 1)[0] for line in order_lines(4)], header=HEADER.rsplit(",", 1)[0]))
    assert loaded.orders.currency == "XXX"
    assert codes(loaded)["IN211"].severity == "warning"


def test_mixed_date_orders_are_refused_with_both_examples(load, write):
    lines = ["A1,KR,13/02/2026,paid,1,USD", "A2,KR,02/14/2026,paid,1,USD", "A3,KR,01/02/2026,paid,1,USD"]
    error = refusal(load, write(lines))
    assert (error.problems[0].code, error.exit_code) == ("IN120", 3)
    assert '"13/02/2026"' in error.problems[0].message
    assert '"02/14/2026"' in error.problems[0].message


def test_a_given_date_order_sets_the_other_rows_aside(load, write):
    lines = [*(f"A{day},KR,{day:02d}/02/2026,paid,1,USD" for day in range(1, 29)), "B1,KR,02/14/2026,paid,1,USD"]
    loaded = load(write(lines), orders__date_order="dmy")
    assert loaded.orders.rows == 28
    assert codes(loaded)["IN201"].where.endswith("orders.csv:30")


def test_an_ambiguous_date_order_is_said(load, write):
    # day first these are 1 to 12 March (11 days); month first 3 January to 3 December
    lines = [f"A{day},KR,{day:02d}/03/2026,paid,1,USD" for day in range(1, 13)]
    loaded = load(write(lines))
    assert "read day first" in codes(loaded)["IN121"].message
    assert f"{loaded.orders.last_created_at:%Y-%m-%d}" == "2026-03-12"


def test_negative_totals_are_kept_out_and_said(load, write):
    loaded = load(write([*order_lines(40), "N1,KR,2026-03-02,paid,-5,USD"]))
    assert loaded.orders.rows == 40
    assert "negative order_total: 1" in codes(loaded)["IN201"].message
    assert codes(loaded)["IN201"].where.endswith("orders.csv:42")


def test_repeated_order_ids_keep_the_last_row(load, write):
    lines = [*order_lines(40), "A7,KR,2026-03-08 10:00:00,cancelled,20.50,USD"]
    loaded = load(write(lines))
    assert loaded.orders.rows == 40
    assert 'repeat an order_id (such as "A7", 2 times)' in codes(loaded)["IN204"].message
    table = loaded.orders.table
    assert table.filter(table.order_id == "A7").status.execute().tolist() == ["cancelled"]


def test_too_many_repeated_order_ids_suggest_line_items(load, write):
    lines = [line for line in order_lines(10) for _ in range(2)]
    error = refusal(load, write(lines))
    assert (error.problems[0].code, error.exit_code) == ("IN205", 3)
    assert "grain: line_item" in error.problems[0].message


def test_a_market_of_ones_own_is_said_once(load, write):
    lines = [*order_lines(4), "B1,Nordics,2026-03-01,paid,1,USD", "B2,nordics,2026-03-02,paid,1,USD"]
    loaded = load(write(lines))
    assert loaded.orders.region_words["Nordics"] == ("Nordics", "nordics")
    said = [problem for problem in loaded.problems if problem.code == "IN220"]
    assert len(said) == 1
    assert said[0].severity == "info"
    assert load(write(lines), region_names="{nordics: se}").orders.region_words["SE"] == ("Nordics", "nordics")


def test_unknown_status_words_are_reported_not_guessed(load, write):
    loaded = load(write([*order_lines(40), "U1,KR,2026-03-02,delivred,1,USD"]))
    assert loaded.orders.rows == 40
    problem = codes(loaded)["IN203"]
    assert 'unknown status "delivred" in 1 rows (the nearest known is "delivered")' in problem.message


BROKEN = [
    ('B1,KR,2026-03-01,paid,"1,USD', "unclosed quote"),
    ("B2,KR,2026-03-01,paid,1", "5 columns, 6 expected"),
    ("B3,KR,2026-03-01,paid,1,USD,extra", "7 columns, 6 expected"),
    ("B4,KR,yesterday,paid,1,USD", "created_at is no date or time"),
    ("B5,KR,,paid,1,USD", "no created_at"),
    (",KR,2026-03-01,paid,1,USD", "no order_id"),
    ("B6,,2026-03-01,paid,1,USD", "no region"),
    ("B7,KR,2026-03-01,,1,USD", "no status"),
    ("B8,KR,2026-03-01,paid,free,USD", "order_total is not a number"),
    ('"B9"x,KR,2026-03-01,paid,1,USD', "broken quotes"),
]


@pytest.mark.parametrize(("line", "reason"), BROKEN)
def test_a_broken_row_is_set_aside_with_its_line_and_reason(load, write, tmp_path, line, reason):
    good = order_lines(60)
    loaded = load(write([*good[:30], "", line, *good[30:]]))
    problem = codes(loaded)["IN201"]
    # a header, 30 orders and an empty line stand before it
    assert problem.where.endswith("orders.csv:33")
    assert reason in problem.message
    assert loaded.orders.rows == 60
    with (tmp_path / "quarantine" / "orders.bad.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["line"] for row in rows] == ["33"]
    assert reason in rows[0]["reason"]
    assert rows[0]["unsplit"].lstrip("'") == line or ",".join(rows[0][name] for name in HEADER.split(",")) == line


def test_the_quarantine_holds_no_formulas(load, write, tmp_path):
    load(
        write([*order_lines(40), '=HYPERLINK("http://x"),,2026-03-01,paid,1,USD'.replace('"', ""), "@B,,x,paid,-1,USD"])
    )
    text = (tmp_path / "quarantine" / "orders.bad.csv").read_text()
    cells = [cell for row in csv.reader(text.splitlines()) for cell in row]
    assert "'=HYPERLINK(http://x)" in cells
    assert "'@B" in cells
    # a negative number is no formula
    assert "-1" in cells


def test_one_percent_of_broken_rows_goes_on_and_sixty_is_refused(load, write, tmp_path):
    good = order_lines(990)
    broken = [f"X{number},KR,2026-03-01" for number in range(10)]
    loaded = load(write([*good, *broken]))
    assert "10 of 1,000 rows cannot be read" in codes(loaded)["IN201"].message
    assert loaded.orders.rows == 990

    broken = [f"X{number},KR,never,paid,1,USD" for number in range(600)]
    error = refusal(load, write([*good[:400], *broken]))
    assert (error.problems[0].code, error.exit_code) == ("IN202", 3)
    assert "600 of 1,000 rows (60.0 %)" in error.problems[0].message
    # a header and 400 orders stand before the first
    assert error.problems[0].where.endswith("orders.csv:402")
    written = (tmp_path / "quarantine" / "orders.bad.csv").read_text().splitlines()
    assert len(written) == 601
    assert load(write([*good[:400], *broken]), orders__max_bad_share="0.7").orders.rows == 400


def test_quarantine_lines_are_physical_lines_after_quoted_breaks(load, write):
    lines = ['A1,KR,2026-03-01,paid,1,USD,"one\ntwo\nthree"', *(f"{line},x" for line in order_lines(30)[1:])]
    lines.append("B1,,2026-03-01,paid,1,USD,x")
    loaded = load(write(lines, header=HEADER + ",cancel_reason"))
    # header, three physical lines, 29 orders: the 34th line is the broken one
    assert codes(loaded)["IN201"].where.endswith("orders.csv:34")


def test_broken_json_lines_are_set_aside(load, write, tmp_path):
    keys = HEADER.split(",")
    good = [
        "{" + ", ".join(f'"{k}": "{v}"' for k, v in zip(keys, line.split(","), strict=True)) + "}"
        for line in order_lines(40)
    ]
    loaded = load(write("\n".join([*good[:20], "{oops", *good[20:]]).encode(), "orders.jsonl"))
    assert loaded.orders.rows == 40
    assert re.search(r"orders.jsonl:21$", codes(loaded)["IN201"].where)
    assert "not valid JSON" in codes(loaded)["IN201"].message


def test_a_slip_in_a_column_map_names_its_place(load, write, tmp_path):
    own = tmp_path / "my.yaml"
    own.write_text(
        "id: mine\ntitle: ours\ncolumns:\n  order_id: nr\n  regon: land\n  created_at: at\n"
        "status: {from: st, words: {ok: payd}}\n"
    )
    error = refusal(load, write(order_lines(3)), error=DefinitionError, orders__map=f'"{own}"')
    said = "\n".join(str(problem) for problem in error.problems)
    assert error.exit_code is ExitCode.BAD_DATA
    assert f'{own}:5:3: MP102 unknown column "regon"; did you mean "region"?' in said
    assert 'unknown status "payd" for "ok"; did you mean "paid"?' in said
    assert "must say where region comes from" in said


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_header_that_goes_on_over_two_lines_is_one_header(tmp_path, monkeypatch, capsys, end: str) -> None:
    # spreadsheets write the line break inside a cell as a bare line feed, whatever ends the rows
    monkeypatch.chdir(tmp_path)
    rows = ['order_id,region,created_at,status,"order\ntotal"', '1,KR,2026-01-01,paid,"5"', "2,KR,2026-01-02,paid,6"]
    Path("o.csv").write_bytes(end.join([*rows, ""]).encode())
    assert app.run(["doctor", "o.csv"]) == 0
    told = capsys.readouterr().out
    assert "2 lines" in told
    assert "not read: order total" in told
