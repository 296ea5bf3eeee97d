"""A draft of a column map for exports that no shipped map fits."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contextcheck.cli import app
from contextcheck.knowledge.columns import COLUMNS
from contextcheck.load.columnmaps import read_map
from contextcheck.load.draft_map import draft_map, proposed_columns
from contextcheck.settings import Settings, read_settings

# Header lines of public exports, as importers of them read them; what stands for what is common knowledge of each.
EXPORTS = {
    "amazon-order-id, merchant-order-id, purchase-date, last-updated-date, order-status, sales-channel, asin, "
    "quantity, currency, item-price, ship-country": {
        "order_id": "amazon-order-id",
        "region": "ship-country",
        "created_at": "purchase-date",
        "status": "order-status",
        "currency": "currency",
        "items": "quantity",
        "channel": "sales-channel",
        "product_id": "asin",
    },
    "Order ID, Order Date, Delivery Date, Order Status, Order Total, Tax Total, Payment Method, Billing Country, "
    "Shipping Country, IP Address": {
        "order_id": "Order ID",
        "region": "Shipping Country",
        "created_at": "Order Date",
        "status": "Order Status",
        "order_total": "Order Total",
        "payment_method": "Payment Method",
    },
    "Bestellnummer, Datum, Kundenemail, Gesamtbetrag, Währung, Status, Name, Land": {
        "order_id": "Bestellnummer",
        "region": "Land",
        "created_at": "Datum",
        "status": "Status",
        "customer_id": "Kundenemail",
        "currency": "Währung",
        "order_total": "Gesamtbetrag",
    },
    "注文番号, ステータス, 注文日時, 注文日, 商品管理番号, 個数, 国": {
        "order_id": "注文番号",
        "region": "国",
        "created_at": "注文日時",
        "status": "ステータス",
        "items": "個数",
        "product_id": "商品管理番号",
    },
    "one, two, three": {},
}


@pytest.mark.parametrize("name", COLUMNS)
def test_the_name_of_a_column_in_capitals_and_words_is_proposed_for_it(name: str) -> None:
    assert proposed_columns([name.upper().replace("_", " ")]) == {name: name.upper().replace("_", " ")}


@pytest.mark.parametrize(("headers", "expected"), EXPORTS.items())
def test_headers_are_proposed_for_the_columns_that_they_stand_for(headers: str, expected: dict[str, str]) -> None:
    assert proposed_columns(headers.split(", ")) == expected


def settings_for(path: Path) -> Settings:
    path.with_name("contextcheck.yaml").write_text(f"orders: {{path: {path.name}}}\n", encoding="utf-8")
    return read_settings(path.with_name("contextcheck.yaml"))


GERMAN = """Bestellnummer;Datum;Kundenemail;Gesamtbetrag;Status;Land
1;2026-01-01 10:00;a@example.com;10,00;geliefert;DE
2;2026-01-01 11:00;b@example.com;20,00;storniert;AT
3;2026-01-02 11:00;b@example.com;20,00;bezahlt;AT
"""


def test_an_export_with_plain_words_is_read_with_the_draft_as_it_is(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    Path("shop.csv").write_text(GERMAN, encoding="utf-8")
    assert app.run(["init", "shop.csv"]) == 0
    told = capsys.readouterr()
    assert "orders-map.yaml is a draft" in told.err
    assert "still to be filled in" not in told.err
    found = read_map(Path("orders-map.yaml"), "orders-map.yaml")
    assert found.status.words == {"geliefert": "delivered", "storniert": "cancelled", "bezahlt": "paid"}
    assert found.columns["customer_id"].is_key, "an address of a person is kept as a digest"
    assert app.run(["doctor"]) == 0
    lines = capsys.readouterr().out
    assert "3 lines → 3 orders" in lines.replace("->", "→")
    assert "next: contextcheck scan" in lines


def test_what_is_not_recognised_is_named_and_stays_empty(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    Path("shop.csv").write_text(GERMAN.replace("Land", "Wo").replace("geliefert", "weg"), encoding="utf-8")
    assert app.run(["init", "shop.csv"]) == 0
    told = capsys.readouterr().err
    assert 'still to be filled in: a header for "region", a status for "weg"' in told
    text = Path("orders-map.yaml").read_text(encoding="utf-8")
    assert "# region:   # REQUIRED" in text
    assert '# "weg":   # not known' in text
    assert 'ignored: ["Wo"]' in text
    assert app.run(["scan"]) == 3, "a draft with a gap is refused, with its place"
    assert "orders-map.yaml:" in capsys.readouterr().err


def test_a_map_that_is_there_is_not_written_over(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    Path("shop.csv").write_text(GERMAN, encoding="utf-8")
    Path("orders-map.yaml").write_text("id: mine\n", encoding="utf-8")
    assert app.run(["init", "shop.csv"]) == 2
    assert "ST141 is there already" in capsys.readouterr().err
    assert Path("orders-map.yaml").read_text(encoding="utf-8") == "id: mine\n"
    assert app.run(["init", "shop.csv", "--force"]) == 0


def test_order_numbers_that_repeat_make_lines_of_orders(tmp_path) -> None:
    path = tmp_path / "lines.csv"
    path.write_text(GERMAN + GERMAN.partition("\n")[2], encoding="utf-8")
    (tmp_path / "map.yaml").write_text(draft_map(settings_for(path)).text, encoding="utf-8")
    found = read_map(tmp_path / "map.yaml", "map.yaml")
    assert (found.grain, found.key) == ("line_item", "Bestellnummer")


@settings(deadline=None, max_examples=40)
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1), min_size=1, max_size=6))
def test_any_headers_and_words_give_a_map_that_can_be_read(tmp_path_factory, words: list[str]) -> None:
    import csv

    folder = tmp_path_factory.mktemp("draft")
    headers = ["Order ID", "Country", "Order Date", "Status", *dict.fromkeys(word.strip() or "x" for word in words)]
    with (folder / "o.csv").open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(headers)
        for number, word in enumerate(words):
            rows.writerow([number, "KR", "2026-01-01", word, *("1" for _ in headers[4:])])
    draft = draft_map(settings_for(folder / "o.csv"))
    (folder / "map.yaml").write_text(draft.text, encoding="utf-8")
    found = read_map(folder / "map.yaml", "map.yaml")
    assert {"order_id", "region", "created_at"} <= set(found.columns)


PAGE = Path(__file__).parents[3] / "docs" / "column-maps.md"


def test_the_map_of_the_page_and_every_line_of_its_table_can_be_read(tmp_path) -> None:
    text = PAGE.read_text(encoding="utf-8")
    whole = text.partition("```yaml\n")[2].partition("```")[0]
    (tmp_path / "whole.yaml").write_text(whole, encoding="utf-8")
    assert read_map(tmp_path / "whole.yaml", "whole.yaml").status.otherwise == "paid"
    shown = [line.split("|")[2].strip() for line in text.splitlines() if line.startswith("|") and "`" in line]
    assert len(shown) == 11
    for number, cell in enumerate(shown):
        lines = [part.strip("`") for part in cell.split(" and ")]
        top = [line for line in lines if line.split(":")[0] in ("grain", "key", "status", "leave_out", "decimal")]
        columns = {"order_id": "a", "region": "b", "created_at": "c"}
        columns |= dict(line.split(": ", 1) for line in lines if line not in top)
        rows = [f"  {name}: {value}" for name, value in columns.items()]
        status = [] if any(line.startswith("status") for line in top) else ["status: {from: s, words: {x: paid}}"]
        (tmp_path / f"{number}.yaml").write_text("\n".join(["id: x", "title: x", *top, "columns:", *rows, *status]))
        assert read_map(tmp_path / f"{number}.yaml", "page").id == "x"
