"""Contacts, surveys and disputes: each export format gives the rows that stand in it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from contextcheck.errors import DefinitionError, InputError, SettingsError
from contextcheck.load.tablemaps import read_table_map, shipped_table_maps
from contextcheck.load.tables import load_table, load_tables
from contextcheck.settings import Settings, read_settings
from contextcheck.table_settings import TABLES

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "tables"
QUALTRICS = Path(__file__).resolve().parents[2] / "fixtures" / "tables" / "qualtrics_three_header_rows.csv"


def settings(kind: str, file: str, **more: str) -> Settings:
    overrides = [f'{kind}.path="{FOLDER / file}"', *(f"{kind}.{key}={value}" for key, value in more.items())]
    return read_settings(None, overrides)


def rows_of(kind: str, file: str, region: str = "KR", zone: str = "Asia/Seoul", clock: str = "UTC", **more: str):
    table, _ = load_table(settings(kind, file, **more), kind)
    return table, table.of_region_days(region, date(2026, 2, 1), date(2026, 3, 31), zone=zone, clock=clock)


def test_zendesk_tickets_are_read_by_country_with_good_and_bad_as_scores():
    table, rows = rows_of("contacts", "zendesk.csv")
    assert table.title == "Zendesk tickets"
    assert table.region_words == {"DE": ("Germany",), "KR": ("South Korea",)}
    assert rows["customer_id"].tolist() == ["c00017", "c00018"]
    assert rows["score"].tolist() == [1.0, 0.0] and table.scale == (0.0, 1.0)
    assert rows["topic"].tolist() == ["delivery", "cancel"]
    # 16:15 UTC is 01:15 of the next day in Seoul
    assert rows["day"].tolist() == [pd.Timestamp("2026-03-02"), pd.Timestamp("2026-03-03")]
    # what people wrote is nowhere
    assert not {"Subject", "subject", "text"} & set(rows.columns)


def test_rows_without_a_readable_time_are_left_out_and_counted():
    _, problems = load_table(settings("contacts", "zendesk.csv"), "contacts")
    assert [(each.code, each.message) for each in problems] == [
        ("IN142", "1 of 4 rows have no readable time: left out")
    ]


def test_intercom_times_with_an_offset_come_out_on_the_clock_of_the_orders():
    _, rows = rows_of("contacts", "intercom.csv")
    assert rows["created_at"].tolist() == [pd.Timestamp("2026-03-02 01:15"), pd.Timestamp("2026-03-02 02:15")]
    _, local = rows_of("contacts", "intercom.csv", clock="local")
    assert local["created_at"].tolist() == [pd.Timestamp("2026-03-02 10:15"), pd.Timestamp("2026-03-02 11:15")]


def test_qualtrics_question_texts_and_import_ids_are_no_answers():
    more = {"columns": "{score: Q1}", "scale": "[1, 5]", "timezone": "Europe/Zurich"}
    table, _ = load_table(settings("surveys", QUALTRICS.name, **more), "surveys")
    assert (table.title, table.rows) == ("Qualtrics survey", 1)
    (row,) = table.table.to_pandas().to_dict("records")
    assert (row["id"], row["score"], row["language"]) == ("R_2YPOQ602ER1jkf1", 2.0, "DE")
    assert not table.has_regions


def test_usertesting_sessions_take_score_and_country_from_columns_one_names():
    table, rows = rows_of("surveys", "usertesting.csv", scale="[0, 100]")
    assert rows["score"].tolist() == [82.5] and table.scale == (0.0, 100.0)


@pytest.mark.parametrize(
    ("file", "orders", "reasons"),
    [
        ("stripe.csv", ["o17", "o18"], ["fraudulent", "product_not_received"]),
        ("adyen.csv", ["o17"], ["Fraud"]),
        ("paypal.csv", ["o17", "o18"], ["Item not received", "Unauthorized"]),
    ],
)
def test_disputes_name_the_order_and_a_case_of_several_lines_is_one(file, orders, reasons):
    table, _ = load_table(settings("disputes", file), "disputes")
    assert table.title.casefold().startswith(file.removesuffix(".csv"))
    rows = table.table.to_pandas().sort_values("created_at")
    assert rows["order_id"].tolist() == orders
    assert rows["topic"].tolist() == reasons
    assert rows["created_at"].min() < pd.Timestamp("2026-03-13")  # the first line of the case


def test_a_table_of_which_nobody_can_say_whose_its_rows_are_is_refused_with_the_remedy(tmp_path):
    path = tmp_path / "plain.csv"
    path.write_text("created_at,topic\n2026-03-01,late\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"no column for region, customer_id or order_id .*contacts: \{columns:"):
        load_tables(read_settings(None, [f'contacts.path="{path}"']), lambda _: None)


def test_a_header_that_is_not_there_is_named_with_the_nearest():
    wrong = settings("contacts", "zendesk.csv", columns='{topic: "Topic [lst]"}')
    with pytest.raises(SettingsError, match=r'no column "Topic \[lst\]".*did you mean "Topic \[list\]"'):
        load_table(wrong, "contacts")
    with pytest.raises(SettingsError, match='unknown map "zendsk"; did you mean "zendesk"'):
        load_table(settings("contacts", "zendesk.csv", map="zendsk"), "contacts")


def test_settings_of_a_table_say_what_is_wrong_with_them():
    with pytest.raises(SettingsError) as caught:
        read_settings(None, ["surveys={columns: {scor: Q3}, scale: [5, 1]}"])
    said = "\n".join(str(problem) for problem in caught.value.problems)
    assert '"surveys" needs a path' in said and "did you mean" in said and "lowest and the highest" in said


def test_every_shipped_map_reads_and_a_broken_one_names_every_problem(tmp_path):
    for kind in TABLES:
        for path in shipped_table_maps(kind).values():
            assert "created_at" in read_table_map(path, path.name).columns
    path = tmp_path / "mine.yaml"
    path.write_text("id: mine\ncolumns: {scor: Q1, created_at: When}\nskip_rows: 99\n", encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        read_table_map(path, "mine.yaml")
    assert {problem.code for problem in caught.value.problems} == {"TM101", "TM102", "TM104"}
