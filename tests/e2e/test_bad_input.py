"""Every kind of bad input through the real command line: what is said, where, the exit code, and what is written.

A refusal says where · what · what was found · what to do on standard error, leaves standard output empty and writes
nothing but, where rows are unreadable, the whole quarantine file.
"""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from e2e.order_files import HEADER, order_lines, write_orders

SOURCE = Path(__file__).resolve().parents[2] / "src"
SHIPPED_KOREA = Path(__file__).resolve().parents[2] / "regions" / "KR.yaml"


def refused(ended, code: int, *said: str) -> None:
    assert ended.code == code, ended.err
    assert ended.out == ""
    for words in said:
        assert words in ended.err
    # the last line says that nothing came of it, with the exit code
    assert ended.err.splitlines()[-1] == f"nothing was done (exit {code})"


def test_a_missing_file_is_named_as_it_was_typed_with_the_nearest_one(contextcheck, tmp_path):
    write_orders(tmp_path, order_lines(3), "orders_march.csv")
    ended = contextcheck("scan", "orders_mrach.csv", "-q")
    refused(ended, 3, 'orders_mrach.csv: IN101 no such file; did you mean "orders_march.csv"?')
    assert ended.err.startswith("orders_mrach.csv:")
    assert ended.files == frozenset()


def test_a_missing_file_without_a_neighbour_says_what_to_do(contextcheck):
    ended = contextcheck("scan", "nothing.csv", "-q")
    refused(ended, 3, "nothing.csv: IN101 no such file")
    assert re.search(r"no such file; \w+", ended.err)


@pytest.mark.parametrize("command", ["scan", "doctor", "init"])
def test_an_empty_file_is_refused_by_every_command_that_reads_orders(contextcheck, tmp_path, command):
    write_orders(tmp_path, b"")
    ended = contextcheck(command, "orders.csv")
    refused(ended, 3, "orders.csv: IN102 the file is empty; export the orders again, or give another file")
    assert ended.files == frozenset()


def test_a_header_alone_is_refused(contextcheck, tmp_path):
    write_orders(tmp_path, [])
    ended = contextcheck("scan", "orders.csv", "-q")
    refused(ended, 3, "orders.csv: IN103 a header and no rows")
    assert ended.files == frozenset()


def test_a_delimiter_that_divides_nothing_is_refused_with_what_was_seen(contextcheck, tmp_path):
    write_orders(tmp_path, "\n".join([HEADER, *order_lines(9)]).replace(",", "~").encode())
    ended = contextcheck("scan", "orders.csv", "-q")
    refused(ended, 3, "orders.csv:1: IN104 one column only", "order_id~region~created_at", "export the orders with")
    assert ended.files == frozenset()


@pytest.mark.parametrize("delimiter", [";", "\t", "|", "\x1f"])
def test_another_delimiter_than_the_comma_is_no_fault(contextcheck, tmp_path, delimiter):
    write_orders(tmp_path, "\n".join([HEADER, *order_lines()]).replace(",", delimiter).encode())
    ended = contextcheck("scan", "orders.csv", "-q")
    assert (ended.code, ended.files) == (0, {"findings.json"})
    assert "4 markets, 400 orders" in ended.out


def test_two_currencies_without_rates_are_refused_with_their_shares(contextcheck, tmp_path):
    lines = [*order_lines(320), *order_lines(80, first=320, currency="KRW", order_total="20000")]
    write_orders(tmp_path, lines)
    ended = contextcheck("scan", "orders.csv", "-q")
    # 320 and 80 of 400
    refused(ended, 3, "IN210", '"order_total" is in two currencies (USD 80 %, KRW 20 %) and no rates are given')
    assert "rates: {KRW: {rate: ..., on: YYYY-MM-DD}}" in ended.err
    assert ended.files == frozenset()
    rates = "rates={KRW: {rate: 0.00072, on: 2026-01-05}}"
    assert contextcheck("scan", "orders.csv", "-q", "--currency", "USD", "--set", rates).code == 0


def test_dates_of_mixed_order_are_refused_with_one_example_of_each(contextcheck, tmp_path):
    lines = [",".join([f"A{day}", "KR", f"{day:02d}/01/2026", "paid", "1", "USD"]) for day in range(1, 29)]
    write_orders(tmp_path, [*lines, "B1,KR,01/30/2026,paid,1,USD"])
    ended = contextcheck("scan", "orders.csv", "-q")
    refused(ended, 3, 'IN120 "created_at" mixes date orders', "day first", '"01/30/2026"', "date_order")
    assert ended.files == frozenset()


def test_a_negative_total_is_set_aside_with_its_line(contextcheck, tmp_path):
    write_orders(tmp_path, [*order_lines(), "N1,KR,2026-02-02,paid,-5,USD"])
    ended = contextcheck("scan", "orders.csv", "-q")
    assert (ended.code, ended.files) == (0, {"findings.json", "quarantine/orders.bad.csv"})
    assert "4 markets, 400 orders" in ended.out
    # a header and 400 orders stand before it
    assert "orders.csv:402: IN201 1 of 401 rows cannot be read (negative order_total: 1" in one_line(ended.out)
    assert [(row["line"], row["order_id"]) for row in quarantined(tmp_path)] == [("402", "N1")]


def test_repeated_order_ids_are_counted_and_the_last_row_is_used(contextcheck, tmp_path):
    write_orders(tmp_path, [*order_lines(), *order_lines(3)])
    ended = contextcheck("scan", "orders.csv", "-q")
    assert (ended.code, ended.files) == (0, {"findings.json"})
    assert 'IN204 3 of 403 rows repeat an order_id (such as "A0", 2 times); the last row of each is used' in one_line(
        ended.out
    )


def test_repeated_order_ids_in_most_rows_are_refused(contextcheck, tmp_path):
    write_orders(tmp_path, [*order_lines(), *order_lines()])
    ended = contextcheck("scan", "orders.csv", "-q")
    refused(ended, 3, "IN205 400 of 800 rows repeat an order_id", "grain: line_item")
    assert ended.files == frozenset()


def test_a_market_of_ones_own_is_kept_said_once_and_mapped_when_settings_do(contextcheck, tmp_path):
    write_orders(tmp_path, order_lines(regions=("KR", "Nordics", "DE")))
    ended = contextcheck("scan", "orders.csv", "-q")
    assert ended.code == 0
    said = one_line(ended.out)
    assert said.count("IN220") == 1
    assert '"Nordics" is no ISO 3166 code or country: kept as your own market name, no regional norms apply' in said
    assert "quiet: DE, KR and Nordics" in said
    mapped = contextcheck("scan", "orders.csv", "-q", "--set", "region_names={Nordics: NO}")
    assert mapped.code == 0
    assert "IN220" not in mapped.out


def test_one_percent_of_broken_rows_goes_on_with_all_of_them_in_quarantine(contextcheck, tmp_path):
    broken = [f"X{number},KR,never,paid,1,USD" for number in range(4)]
    write_orders(tmp_path, [*order_lines(396), *broken])
    ended = contextcheck("scan", "orders.csv", "-q")
    assert (ended.code, ended.files) == (0, {"findings.json", "quarantine/orders.bad.csv"})
    said = one_line(ended.out)
    assert "orders.csv:398: IN201 4 of 400 rows cannot be read (created_at is no date or time: 4" in said
    assert "quarantine/orders.bad.csv" in said
    rows = quarantined(tmp_path)
    assert [row["line"] for row in rows] == ["398", "399", "400", "401"]
    assert {row["reason"] for row in rows} == {'created_at is no date or time: "never"'}
    assert rows[0]["order_id"] == "X0"


def test_sixty_percent_of_broken_rows_are_refused_with_all_of_them_in_quarantine(contextcheck, tmp_path):
    broken = [f"X{number},KR,never,paid,1,USD" for number in range(600)]
    write_orders(tmp_path, [*order_lines(400), *broken])
    ended = contextcheck("scan", "orders.csv", "-q")
    refused(ended, 3, "orders.csv:402: IN202 600 of 1,000 rows (60.0 %) cannot be read, 5 % are accepted")
    assert "max_bad_share" in ended.err
    assert ended.files == {"quarantine/orders.bad.csv"}
    assert len(quarantined(tmp_path)) == 600


def test_a_slip_in_a_region_file_is_placed_with_the_nearest_known_name(contextcheck, tmp_path):
    write_orders(tmp_path, order_lines())
    (tmp_path / "contextcheck.yaml").write_text("knowledge: {regions: regions}\n", encoding="utf-8")
    (tmp_path / "regions").mkdir()
    text = SHIPPED_KOREA.read_text(encoding="utf-8").replace("expect:", "expcts:", 1)
    (tmp_path / "regions" / "KR.yaml").write_text(text, encoding="utf-8")
    line = text[: text.index("expcts:")].count("\n") + 1
    column = text.index("expcts:") - text.rindex("\n", 0, text.index("expcts:"))
    ended = contextcheck("scan", "orders.csv", "-q")
    refused(ended, 3, f'regions/KR.yaml:{line}:{column}: KB102 unknown key "expcts"; did you mean "expect"?')
    assert ended.files == frozenset()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("region: KR\nname: [unclosed\n", "regions/KR.yaml:3:1: KB004"),
        ("region: KR\nregion: KR\n", "regions/KR.yaml:2:1"),
    ],
)
def test_a_region_file_that_is_no_yaml_is_placed(contextcheck, tmp_path, text, place):
    write_orders(tmp_path, order_lines())
    (tmp_path / "contextcheck.yaml").write_text("knowledge: {regions: regions}\n", encoding="utf-8")
    (tmp_path / "regions").mkdir()
    (tmp_path / "regions" / "KR.yaml").write_text(text, encoding="utf-8")
    refused(contextcheck("scan", "orders.csv", "-q"), 3, place)


def test_slips_in_the_settings_are_told_all_at_once(contextcheck, tmp_path):
    write_orders(tmp_path, order_lines())
    (tmp_path / "contextcheck.yaml").write_text(
        "currncy: USD\ncosts: {gross_margin: 80}\nlaunches:\n  - {feature: x, regions: [NO], strt: 2026-01-10}\n",
        encoding="utf-8",
    )
    ended = contextcheck("scan", "orders.csv", "-q")
    refused(
        ended,
        2,
        'contextcheck.yaml:1:1: ST102 unknown key "currncy"; did you mean "currency"?',
        "contextcheck.yaml:2:23: ST104 gross_margin is 80, but must be from 0 to 1; write 0.8 for 80 percent",
        'contextcheck.yaml:4:33: ST102 unknown key "strt"; did you mean "start"?',
    )
    assert ended.files == frozenset()


def test_a_settings_file_that_is_not_there_is_a_usage_error(contextcheck, tmp_path):
    write_orders(tmp_path, order_lines(3))
    refused(contextcheck("scan", "orders.csv", "-c", "nope.yaml"), 2, "nope.yaml: ST001")


def test_no_orders_at_all_is_a_usage_error(contextcheck):
    refused(contextcheck("scan"), 2, "ST130 no orders are named; write contextcheck scan FILE")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("scan", "missing.csv"), 3, "missing.csv: IN101 no such file"),
        (("scan", "--no-such-option"), 2, "No such option: --no-such-option"),
        (("gate", "orders.csv"), 2, "Missing option '--feature'"),
        (("scan", "orders.csv", "--as-of", "1.2.2026"), 2, "'1.2.2026' does not match the format"),
    ],
)
def test_a_process_ends_with_the_same_code_and_an_empty_output(tmp_path, arguments, code, words):
    write_orders(tmp_path, order_lines(8))
    ended = subprocess.run(
        [sys.executable, "-m", "contextcheck", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (code, "")
    assert words in ended.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["orders.csv"]


def one_line(page: str) -> str:
    """The page without its line breaks, so that a sentence can be found wherever it is wrapped."""
    return " ".join(page.split())


def quarantined(folder: Path) -> list[dict[str, str]]:
    with (folder / "quarantine" / "orders.bad.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_a_launch_in_a_market_that_the_orders_do_not_have_is_said(contextcheck, tmp_path):
    write_orders(tmp_path, order_lines(3))
    launch = "launches=[{feature: bar, regions: [KO], start: 2026-01-10}]"
    ended = contextcheck("scan", "orders.csv", "--set", launch, "-q")
    assert ended.code == 0, ended.err
    assert 'ST126 bar is launched in "KO", which the orders do not have' in " ".join(ended.out.split())
