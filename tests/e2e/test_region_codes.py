"""Norway is NO, Namibia is NA, Ontario is ON: never False, never missing, never True, on any path."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from e2e.order_files import HEADER, order_lines, write_orders

CODES = ("NO", "NA", "ON", "KR")


def rows_of(lines):
    return pd.DataFrame([line.split(",") for line in lines], columns=HEADER.split(",")).astype({"order_total": float})


def as_csv(path, lines):
    write_orders(path.parent, lines, path.name)


def as_tsv(path, lines):
    path.write_text("\n".join(line.replace(",", "\t") for line in [HEADER, *lines, ""]))


def as_json_lines(path, lines):
    rows_of(lines).to_json(path, orient="records", lines=True)


def as_parquet(path, lines):
    rows_of(lines).to_parquet(path, index=False)


def as_excel(path, lines):
    rows_of(lines).to_excel(path, index=False)


FORMATS = {
    "orders.csv": as_csv,
    "orders.tsv": as_tsv,
    "orders.jsonl": as_json_lines,
    "orders.parquet": as_parquet,
    "orders.xlsx": as_excel,
}


@pytest.mark.parametrize("name", FORMATS)
def test_the_codes_survive_every_format(contextcheck, tmp_path, name):
    FORMATS[name](tmp_path / name, order_lines(regions=CODES))
    ended = contextcheck("scan", name, "-q")
    assert ended.code == 0, ended.err
    # ON alone is no country code; it is kept as it is written
    assert "quiet: KR, NA, NO and ON" in ended.out
    findings = json.loads((tmp_path / "findings.json").read_text(encoding="utf-8"))
    assert findings["regions"] == sorted(CODES)
    assert "quiet: KR, NA, NO and ON" in contextcheck("report").out


def test_the_codes_survive_unquoted_settings_and_the_command_line(contextcheck, tmp_path):
    write_orders(tmp_path, order_lines(600, regions=CODES))
    (tmp_path / "contextcheck.yaml").write_text(
        "orders: {path: orders.csv}\ncurrency: USD\n"
        "launches:\n  - {feature: bar, regions: [NO, NA, ON], start: 2026-04-01}\n"
        "thresholds:\n  free_shipping: {NO: 30, NA: 31, ON: 32, default: 40}\n"
        "zones: {NO: Europe/Oslo, NA: Africa/Windhoek, ON: America/Toronto}\n",
        encoding="utf-8",
    )
    assert contextcheck("gate", "--feature", "bar", "-q").code == 4
    verdict = json.loads((tmp_path / "verdict.json").read_text(encoding="utf-8"))
    assert [each["region"] for each in verdict["regions"]] == ["NO", "NA", "ON"]
    settings = verdict["evidence_pack"]["settings"]
    assert settings["thresholds"]["free_shipping"].keys() == {"NO", "NA", "ON", "default"}
    assert settings["zones"] == {"NO": "Europe/Oslo", "NA": "Africa/Windhoek", "ON": "America/Toronto"}
    for code in ("NO", "na"):
        assert contextcheck("gate", "--feature", "bar", "--region", code, "-q").code == 4
        verdict = json.loads((tmp_path / "verdict.json").read_text(encoding="utf-8"))
        assert [each["region"] for each in verdict["regions"]] == [code.upper()]


def test_the_codes_survive_an_override_on_the_command_line(contextcheck, tmp_path):
    write_orders(tmp_path, order_lines(600, regions=CODES))
    launch = "launches=[{feature: bar, regions: [NO], start: 2026-04-01}]"
    ended = contextcheck(
        "gate", "orders.csv", "--feature", "bar", "--set", launch, "--set", "zones.NA=Africa/Windhoek", "-q"
    )
    assert ended.code == 4, ended.err
    verdict = json.loads((tmp_path / "verdict.json").read_text(encoding="utf-8"))
    assert [each["region"] for each in verdict["regions"]] == ["NO"]
    assert verdict["evidence_pack"]["settings"]["zones"] == {"NA": "Africa/Windhoek"}


@pytest.mark.parametrize("code", ["NO", "no"])
def test_norms_of_norway_can_be_asked_for(contextcheck, code):
    ended = contextcheck("norms", "list", "--region", code)
    assert ended.code == 0, ended.err
    assert ended.out.strip()


@pytest.mark.parametrize(
    ("words", "code"),
    [(("Norway", "NOR", "no", "Norge"), "NO"), (("Namibia", "NAM", "na"), "NA"), (("CA-ON", "ca-on"), "CA-ON")],
)
def test_names_and_codes_in_any_case_are_one_market(contextcheck, tmp_path, words, code):
    write_orders(tmp_path, order_lines(regions=words))
    ended = contextcheck("scan", "orders.csv", "-q")
    assert ended.code == 0, ended.err
    assert f"quiet: {code}\n" in ended.out


def test_a_region_that_is_missing_is_set_aside_and_not_read_as_namibia(contextcheck, tmp_path):
    lines = [*order_lines(), "M1,,2026-02-01,paid,1,USD", "M2,NA,2026-02-01,paid,1,USD"]
    write_orders(tmp_path, lines)
    ended = contextcheck("scan", "orders.csv", "-q")
    assert "1 of 402 rows cannot be read (no region: 1" in ended.out
