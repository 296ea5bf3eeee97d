"""The same four orders through every format and encoding."""

from __future__ import annotations

import gzip
import json
import sqlite3
import subprocess
from pathlib import Path

import duckdb
import openpyxl
import pandas as pd
import pytest
from unit.load.order_samples import HEADER, order_lines

MARKETS = ["DE", "KR", "NA", "NO"]
COLUMNS = HEADER.split(",")


def test_no_na_and_on_survive_csv(load, write):
    lines = [*order_lines(4), "A5,ON,2026-03-05 10:00:00,paid,1,USD"]
    orders = load(write(lines)).orders
    assert sorted(orders.region_words) == ["DE", "KR", "NA", "NO", "ON"]
    assert orders.table.region.execute().tolist().count("NA") == 1
    assert orders.rows == 5


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_delimiters_are_found(load, write, delimiter):
    text = "\n".join([HEADER, *order_lines(4)]).replace(",", delimiter)
    assert load(write(text.encode())).orders.regions == tuple(MARKETS)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp949"])
def test_korean_words_survive_every_encoding(load, write, encoding):
    header = HEADER + ",category"
    lines = [f"{line},{word}" for line, word in zip(order_lines(4), ["한복", "도자기", "김치", "책상"], strict=True)]
    orders = load(write("\n".join([header, *lines, ""]).encode(encoding))).orders
    assert set(orders.table.category.execute()) == {"한복", "도자기", "김치", "책상"}
    assert orders.regions == tuple(MARKETS)


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("cp932", ["きもの", "おちゃわん", "うめぼし", "日本のつくえ"]),
        ("cp1252", ["Café", "Müsli", "Señor", "“prix”"]),
    ],
)
def test_japanese_and_western_code_pages_are_told_apart(load, write, encoding, words):
    lines = [f"{line},{word}" for line, word in zip(order_lines(4), words, strict=True)]
    orders = load(write("\n".join([HEADER + ",category", *lines, ""]).encode(encoding))).orders
    assert set(orders.table.category.execute()) == set(words)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_line_end_gives_the_same_orders(load, write, line_end):
    assert load(write(line_end.join([HEADER, *order_lines(8), ""]).encode())).orders.rows == 8


def test_gz_and_zst_are_unpacked(load, write, tmp_path):
    plain = write(order_lines(4))
    packed = write(gzip.compress(plain.read_bytes()), "orders.csv.gz")
    assert load(packed).orders.rows == 4
    squeezed = tmp_path / "orders.csv.zst"
    import pyarrow

    with pyarrow.CompressedOutputStream(str(squeezed), "zstd") as stream:
        stream.write(plain.read_bytes())
    assert load(squeezed).orders.rows == 4


def test_quoted_line_breaks_belong_to_one_order(load, write):
    lines = ['A1,KR,2026-03-01,paid,"1.5",USD,"two\nlines, and ""quotes"""', "A2,KR,2026-03-02,paid,2,USD,x"]
    orders = load(write(lines, header=HEADER + ",cancel_reason")).orders
    assert 'two\nlines, and "quotes"' in set(orders.table.cancel_reason.execute())


def test_jsonl_keeps_texts_as_written(load, write):
    objects = [dict(zip(COLUMNS, line.split(","), strict=True)) for line in order_lines(4)]
    objects[0]["order_id"] = "007"
    objects[1]["order_total"] = 12.25
    objects[3]["coupon"] = "NO"
    orders = load(write("\n".join(map(json.dumps, objects)).encode(), "orders.jsonl")).orders
    assert orders.regions == tuple(MARKETS)
    assert "007" in set(orders.table.order_id.execute())
    # 3 orders of 20.50 and one of 12.25
    assert orders.table.order_total.sum().execute() == pytest.approx(73.75)
    assert orders.table.coupon.execute().dropna().tolist() == ["NO"]


def test_a_json_array_is_read(load, write):
    objects = [dict(zip(COLUMNS, line.split(","), strict=True)) for line in order_lines(4)]
    assert load(write(json.dumps(objects).encode(), "orders.json")).orders.regions == tuple(MARKETS)


def _frame() -> pd.DataFrame:
    frame = pd.DataFrame([line.split(",") for line in order_lines(4)], columns=COLUMNS)
    frame["created_at"] = pd.to_datetime(frame["created_at"])
    frame["order_total"] = frame["order_total"].astype(float)
    return frame


def test_parquet_is_read_in_place(load, tmp_path):
    path = tmp_path / "orders.parquet"
    _frame().to_parquet(path)
    orders = load(path).orders
    assert orders.regions == tuple(MARKETS)
    # nothing is copied: the engine holds a view over the file and no table of orders
    assert "read_parquet" in _plan(orders.table)


def _plan(table) -> str:
    import ibis

    connection = table.get_backend().con
    plan = connection.execute("EXPLAIN " + ibis.to_sql(table.select("region"))).fetchall()[0][1]
    return plan.lower().replace("parquet_scan", "read_parquet").replace("read_parquet ", "read_parquet")


def test_instants_in_parquet_become_the_utc_clock(load, tmp_path):
    path = tmp_path / "orders.parquet"
    frame = _frame()
    # 10:00 in Seoul is 01:00 UTC
    frame["created_at"] = frame["created_at"].dt.tz_localize("Asia/Seoul")
    frame.to_parquet(path)
    orders = load(path).orders
    assert orders.clock == "UTC"
    assert {at.hour for at in orders.table.created_at.execute()} == {1}


def test_excel_keeps_na_and_dates(load, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(COLUMNS)
    for row in _frame().itertuples(index=False):
        book.active.append([value.to_pydatetime() if hasattr(value, "to_pydatetime") else value for value in row])
    book.save(tmp_path / "orders.xlsx")
    orders = load(tmp_path / "orders.xlsx").orders
    assert orders.regions == tuple(MARKETS)
    assert {at.hour for at in orders.table.created_at.execute()} == {10}


def test_a_sqlite_file_is_read_by_table_name(load, tmp_path):
    with sqlite3.connect(tmp_path / "shop.db") as database:
        _frame().astype({"created_at": str}).to_sql("orders", database, index=False)
        database.execute("CREATE TABLE other (x)")
    assert load(tmp_path / "shop.db", orders__table="orders").orders.regions == tuple(MARKETS)


def test_a_duckdb_file_is_read_in_place(load, tmp_path):
    frame = _frame()
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as database:
        database.execute("CREATE TABLE orders AS SELECT * FROM frame")
    assert len(frame) == load(tmp_path / "shop.duckdb").orders.rows


def test_several_files_and_globs_are_one_source(load, write):
    first = write(order_lines(4), "orders-1.csv")
    lines = [line.replace("A", "B", 1) for line in order_lines(3)]
    write([f"{line},x" for line in lines], "orders-2.csv", HEADER + ",coupon")
    loaded = load(str(first.parent / "orders-*.csv"))
    assert loaded.orders.rows == 7
    assert [file.rows for file in loaded.orders.inputs] == [4, 3]
    assert loaded.orders.table.coupon.count().execute() == 3


def test_a_file_named_with_brackets_is_not_a_pattern(load, write):
    assert load(write(order_lines(4), "orders [1].csv")).orders.rows == 4


def test_standard_input_is_read(tmp_path):
    code = (
        "import sys; from pathlib import Path; from contextcheck.settings import read_settings; "
        "from contextcheck.load.read import load_orders; "
        "print(load_orders(read_settings(None, ['orders.path=\"-\"']), {}, quarantine_folder=Path(sys.argv[1]), "
        "progress=lambda _: None).orders.rows)"
    )
    import sys

    text = "\n".join([HEADER, *order_lines(4)])
    source = Path(__file__).parents[3] / "src"
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        input=text,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(source), "PATH": "/usr/bin:/bin"},
        check=True,
    )
    assert done.stdout.strip() == "4"


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (["13/03/2026 8:05", "01/04/2026 9:10"], ["2026-03-13 08:05", "2026-04-01 09:10"]),
        (["3/13/26 8:05", "12/1/26 9:10"], ["2026-03-13 08:05", "2026-12-01 09:10"]),
        (["2026-03-13T08:05:00Z", "2026-04-01T09:10:00.5+02:00"], ["2026-03-13 08:05", "2026-04-01 07:10"]),
        (["2026-03-13 08:05:00 +0900", "2026-04-01 09:10:00 -0500"], ["2026-03-12 23:05", "2026-04-01 14:10"]),
        (["13.03.2026", "01.04.2026"], ["2026-03-13 00:00", "2026-04-01 00:00"]),
        (["13 March 2026", "1 April 2026"], ["2026-03-13 00:00", "2026-04-01 00:00"]),
        (["1773389100", "1775034600"], ["2026-03-13 08:05", "2026-04-01 09:10"]),
        (["3/13/2026 8:05 PM", "4/1/2026 12:10 AM"], ["2026-03-13 20:05", "2026-04-01 00:10"]),
    ],
)
def test_times_are_read_as_they_are_written(load, write, dates, expected):
    lines = [f"A{number},KR,{at},paid,1,USD" for number, at in enumerate(dates)]
    found = load(write(lines)).orders.table.order_by("order_id").created_at.execute()
    assert [f"{at:%Y-%m-%d %H:%M}" for at in found] == expected


def test_naive_times_mean_the_zone_of_the_settings(load, write):
    orders = load(write(order_lines(4)), orders__timezone="Asia/Seoul").orders
    assert orders.clock == "Asia/Seoul"
    assert {at.hour for at in orders.table.created_at.execute()} == {10}


@pytest.mark.parametrize(
    ("texts", "total"),
    [
        (["1.234,56", "0,44"], 1235.0),
        (["1,234.56", "0.44"], 1235.0),
        (["₩50,000", "1,000"], 51000.0),
        (["€ 12.50", "7.50"], 20.0),
    ],
)
def test_amounts_are_read_as_they_are_written(load, write, texts, total):
    lines = [f'A{number};KR;2026-03-01;paid;"{text}";USD' for number, text in enumerate(texts)]
    orders = load(write(lines, header=HEADER.replace(",", ";"))).orders
    assert orders.table.order_total.sum().execute() == pytest.approx(total)
