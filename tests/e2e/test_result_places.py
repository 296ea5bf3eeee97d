"""No result takes the place of what a command reads, or of another result."""

from __future__ import annotations

from pathlib import Path

import pytest
from e2e.gate_orders import write_shop
from e2e.test_gate_command import ASKED


@pytest.fixture
def shop(tmp_path) -> Path:
    write_shop(tmp_path, days=70)
    for name in ("exceptions.yaml", "before.json", "findings.json", "panel.csv"):
        (tmp_path / name).write_text("untouched\n", encoding="utf-8")
    return tmp_path


def refused(contextcheck, folder: Path, place: str, *asked: object) -> str:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    ended = contextcheck(*asked)
    assert ended.code == 2 and f"{place}: ST142 " in ended.err, ended.out + ended.err
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    return ended.err


@pytest.mark.parametrize(
    ("place", "options"),
    [
        ("orders.csv", ("-o", "orders.csv")),
        ("./sub/../orders.csv", ("orders.csv", "-o", "./sub/../orders.csv")),
        ("orders.csv", ("ord*.csv", "--write", "junit=orders.csv")),
        ("orders.csv", ("--regions-off-file", "orders.csv")),
        ("contextcheck.yaml", ("-o", "contextcheck.yaml")),
        ("panel.csv", ("--panel", "panel.csv", "-o", "panel.csv")),
        ("findings.json", ("--findings", "findings.json", "-o", "findings.json")),
        ("exceptions.yaml", ("--exceptions", "exceptions.yaml", "--write", "text=exceptions.yaml")),
        ("gates/bar.yaml", ("-o", "gates/bar.yaml")),
        ("before.json", ("--baseline", "before.json", "--write", "junit=before.json")),
    ],
)
def test_no_verdict_takes_the_place_of_an_input(contextcheck, shop, place, options):
    (shop / "sub").mkdir()
    assert "is an input of this run" in refused(contextcheck, shop, Path(place), *ASKED, *options)


def test_a_link_to_an_input_is_the_input(contextcheck, shop):
    (shop / "link.csv").hardlink_to(shop / "orders.csv")
    refused(contextcheck, shop, "link.csv", *ASKED, "-o", "link.csv")


@pytest.mark.parametrize(
    "options",
    [("--write", "junit=verdict.json"), ("--regions-off-file", "verdict.json")],
)
def test_one_place_takes_one_result(contextcheck, shop, options):
    assert "is named for two results" in refused(contextcheck, shop, "verdict.json", *ASKED, *options)


def test_other_commands_leave_their_inputs_as_well(contextcheck, shop):
    refused(contextcheck, shop, "orders.csv", "scan", "-q", "-o", "orders.csv")
    refused(contextcheck, shop, "orders.csv", "scan", "-q", "--flags-csv", "orders.csv")
    refused(contextcheck, shop, "out.csv", "scan", "-q", "-o", "out.csv", "--flags-csv", "out.csv")
    refused(contextcheck, shop, "findings.json", "report", "--out", "findings.json")
    refused(contextcheck, shop, "orders.csv", "gate", "init", "--feature", "bar", "-q", "--force", "-o", "orders.csv")
