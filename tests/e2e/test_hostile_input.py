"""Input that nobody wishes for: strange sizes, strange dates, and texts that want to be obeyed. Never exit code 70."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from e2e.order_files import order_lines, write_orders

ESCAPE = "\x1b]0;owned\x07\x1b[31mred"
FORMULA = "=cmd()|'/c calc'!A1"
SCRIPT = "<script>alert(1)</script>"
MARKUP = "[red]x[/red]"
NAME = f"=1+2 {MARKUP} {SCRIPT}"


def scanned(contextcheck, *arguments: object, code: int = 0) -> str:
    """What a scan said, wherever lines were wrapped."""
    ended = contextcheck("scan", "orders.csv", "-q", *arguments)
    assert ended.code == code, ended.err
    return " ".join((ended.out + ended.err).split())


# ── sizes and dates ──


def test_one_order_is_too_little_and_not_called_quiet(contextcheck, tmp_path):
    write_orders(tmp_path, order_lines(1))
    said = scanned(contextcheck)
    assert "0 flags · 0 markets quiet · 1 market with too little data" in said
    assert "DT220 too little data" in said


def test_orders_of_one_day_are_too_little(contextcheck, tmp_path):
    lines = [
        f"B{number},{'KR' if number % 2 else 'NO'},2026-01-05 10:{number % 60:02d}:00,paid,1,USD"
        for number in range(200)
    ]
    write_orders(tmp_path, lines)
    assert "2 markets with too little data" in scanned(contextcheck)


def test_a_shop_in_which_everything_is_cancelled_has_no_flag(contextcheck, tmp_path):
    write_orders(tmp_path, order_lines(status="cancelled"))
    assert "0 flags · 4 markets quiet" in scanned(contextcheck)


def test_dates_ahead_of_today_are_said(contextcheck, tmp_path):
    lines = [line.replace(",2026-", ",2087-") for line in order_lines()]
    write_orders(tmp_path, lines)
    assert "lies after today: is a date of the orders wrong?" in scanned(contextcheck)


@pytest.mark.parametrize(("day", "looked_at"), [("2062-01-01", "2026-01-05 to "), ("1999-01-01", " to 2026-04-14")])
def test_a_slip_in_one_date_neither_silences_nor_alarms_the_run(contextcheck, tmp_path, day, looked_at):
    write_orders(tmp_path, [*order_lines(), f"S1,KR,{day} 00:00:00,delivered,1,USD"])
    said = scanned(contextcheck)
    assert "0 flags" in said
    assert f"(such as {day}); only" in said
    assert looked_at in said
    # 400 orders, four a day, from 5 January: the last day is 14 April, partly covered
    assert "as of 13 April 2026" in said or "as of 14 April 2026" in said


def test_impossible_dates_and_amounts_are_set_aside(contextcheck, tmp_path):
    bad = {
        "0001-01-01 00:00:00,paid,1": 'created_at lies outside 1990 to 2099: "0001-01-01 00:00:00"',
        "9999-12-31 23:59:59,paid,1": 'created_at lies outside 1990 to 2099: "9999-12-31 23:59:59"',
        "2026-02-30,paid,1": 'created_at is no date or time: "2026-02-30"',
        "2026-02-02,paid,NaN": 'order_total is not a number: "NaN"',
        "2026-02-02,paid,inf": 'order_total is not a number: "inf"',
        "2026-02-02,paid," + "9" * 60: 'order_total is too large for one order: "1e+60"',
    }
    lines = [f"B{number},KR,{text},USD" for number, text in enumerate(bad)]
    write_orders(tmp_path, [*order_lines(), *lines])
    assert "6 of 406 rows cannot be read" in scanned(contextcheck)
    with (tmp_path / "quarantine" / "orders.bad.csv").open(newline="", encoding="utf-8") as stream:
        assert [row["reason"] for row in csv.DictReader(stream)] == list(bad.values())


def test_typed_amounts_that_are_no_numbers_do_not_spread(contextcheck, tmp_path):
    count = 400
    rows = [line.split(",") for line in order_lines(count)]
    totals = [float("inf") if number == 9 else 20.5 for number in range(count)]
    kept = [float("nan") if number % 3 == 0 else 20.5 for number in range(count)]
    table = pa.table(
        {
            "order_id": [row[0] for row in rows],
            "region": [row[1] for row in rows],
            "created_at": pa.array([datetime.fromisoformat(row[2]) for row in rows]),
            "status": [row[3] for row in rows],
            "order_total": pa.array(totals),
            "retained_total": pa.array(kept),
            "currency": [row[5] for row in rows],
        }
    )
    pq.write_table(table, tmp_path / "orders.parquet")
    ended = contextcheck("scan", "orders.parquet", "-q")
    assert ended.code == 0, ended.err
    assert "4 markets, 399 orders" in ended.out
    assert "1 of 400 rows cannot be read" in ended.out
    json.loads((tmp_path / "findings.json").read_text(), parse_constant=lambda word: pytest.fail(word))


def test_ten_thousand_markets_are_named_by_a_few(contextcheck, tmp_path):
    write_orders(tmp_path, order_lines(10_000, regions=[f"Market {number}" for number in range(10_000)], hours=0.1))
    said = scanned(contextcheck)
    assert "10,000 markets, 10,000 orders" in said
    assert "and 9,992 more are no ISO 3166 codes or countries" in said
    assert len(said) < 6_000


def test_a_panel_beyond_the_memory_is_refused_with_its_span(contextcheck, tmp_path):
    lines = order_lines(10_000, regions=[f"Market {number}" for number in range(2_000)])
    write_orders(tmp_path, [*lines, "S1,KR,2099-01-01 00:00:00,delivered,1,USD"])
    assert "PN104 2,001 regions over" in scanned(contextcheck, code=3)


# ── texts that want to be obeyed ──


@pytest.fixture
def hostile_orders(tmp_path, padding_world) -> Path:
    """The padding of Korea, in a market and by customers whose names want to be obeyed."""
    orders = pd.read_parquet(padding_world / "orders.parquet")
    orders["region"] = orders["region"].astype(str).replace({"KR": NAME, "JP": SCRIPT, "TW": FORMULA})
    orders["customer_id"] = FORMULA + orders["customer_id"].astype(str)
    orders["payment_method"] = orders["payment_method"].astype(str) + SCRIPT + ESCAPE
    orders["drop table orders;--"] = "x"
    orders["a\"b'; select 1"] = "y"
    orders.to_csv(tmp_path / "orders.csv", index=False)
    text = (padding_world / "contextcheck.yaml").read_text(encoding="utf-8").replace("orders.parquet", "orders.csv")
    text = text.replace("regions: [KR, JP]", f"regions: ['{NAME}']").replace("    KR:", f"    '{NAME}':")
    (tmp_path / "contextcheck.yaml").write_text(f"{text}\nregion_names:\n  '{NAME}': KR\n", encoding="utf-8")
    return tmp_path / "orders.csv"


def test_texts_of_the_data_stay_texts_in_every_format(contextcheck, tmp_path, hostile_orders):
    ended = contextcheck("scan", "orders.csv", "-q", "--show-ids")
    assert ended.code == 0, ended.err
    assert "\x1b" not in ended.out and "\x07" not in ended.out
    assert FORMULA in ended.out and SCRIPT in ended.out and MARKUP in ended.out
    findings = json.loads((tmp_path / "findings.json").read_text(encoding="utf-8"))
    assert len(findings["flags"]) >= 1
    for form in ("markdown", "html", "csv", "terminal", "json"):
        page = contextcheck("report", "--format", form, "--show-ids").out
        assert "\x1b" not in page
        if form in ("markdown", "html"):
            assert SCRIPT not in page
        if form == "csv":
            cells = [cell for row in csv.reader(page.splitlines()) for cell in row]
            assert not [cell for cell in cells if cell.startswith(("=", "@", "+")) and not cell[1:2].isdigit()]


def test_the_doctor_shows_hostile_headers_and_regions_as_text(contextcheck, tmp_path, hostile_orders):
    ended = contextcheck("doctor", "orders.csv")
    assert ended.code == 0, ended.err
    assert "\x1b" not in ended.out
    assert "drop table orders;--" in ended.out
    assert SCRIPT in ended.out


def test_proposed_settings_with_hostile_names_can_be_read_again(contextcheck, tmp_path, hostile_orders):
    (tmp_path / "contextcheck.yaml").unlink()
    rates = "rates={KRW: 0.00072, JPY: 0.0066, TWD: 0.031, EUR: 1.08, GBP: 1.27, BRL: 0.18, INR: 0.0118, AUD: 0.65, "
    rates += "MXN: 0.055, NOK: 0.095}"
    ended = contextcheck("init", "orders.csv", "--currency", "USD", "--set", rates)
    assert ended.code == 0, ended.err
    ended = contextcheck("scan", "-q", "--set", rates)
    assert ended.code == 0, ended.err


def test_an_escape_in_a_refusal_is_not_obeyed(contextcheck, tmp_path):
    write_orders(tmp_path, order_lines(20, currency=ESCAPE))
    ended = contextcheck("scan", "orders.csv", "-q")
    assert "\x1b" not in ended.err + ended.out and "\x07" not in ended.err + ended.out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: &a [x, x]\nb: [*a, *a]\n", "contextcheck.yaml:1:4: ST005 the anchor &a is not allowed"),
        ("currency: !!python/object/apply:os.system ['touch owned']\n", "contextcheck.yaml:1:11: ST005 the tag"),
        ("currency: " + "[" * 5000 + "]" * 5000, "ST007 nested deeper than 30 levels"),
        ("currency: U\x00SD\n", "ST004 character U+0000 is not allowed"),
        ("- a\n", 'ST103 the settings must be "key: value" lines'),
        ("zones: {KR: ../../../etc/passwd}\n", 'ST112 unknown time zone "../../../etc/passwd"'),
        ("orders: {map: ../../../../etc/passwd}\n", 'ST120 unknown column map "../../../../etc/passwd"'),
        ("knowledge: {regions: nowhere}\n", 'ST113 knowledge.regions names the folder "nowhere"'),
    ],
)
def test_settings_that_try_tricks_are_refused_with_their_place(contextcheck, tmp_path, text, said):
    write_orders(tmp_path, order_lines(20))
    (tmp_path / "contextcheck.yaml").write_bytes(text.encode())
    assert said in scanned(contextcheck, code=2)
    assert {path.name for path in tmp_path.iterdir()} == {"orders.csv", "contextcheck.yaml"}


def test_names_of_files_are_names_and_no_patterns_or_code(contextcheck, tmp_path):
    name = "or'de\"rs; drop [1].csv"
    write_orders(tmp_path, order_lines(), name)
    ended = contextcheck("scan", name, "-q")
    assert ended.code == 0, ended.err


def test_a_place_that_cannot_be_written_is_a_usage_error(contextcheck, tmp_path):
    write_orders(tmp_path, [*order_lines(), "X,,,,,"])
    (tmp_path / "quarantine").write_text("a file")
    assert "quarantine: IN206 rows that cannot be read cannot be written here" in scanned(contextcheck, code=2)
    assert ".: ST140 is a folder; name a file in it" in scanned(contextcheck, "--out", ".", code=2)
