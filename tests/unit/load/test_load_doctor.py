"""What doctor says and what init proposes."""

from __future__ import annotations

from pathlib import Path

import pytest
from unit.load.order_samples import FIXTURES, HEADER, order_lines

from contextcheck.knowledge.metrics import Metric, ValueChoice
from contextcheck.load.doctor import examine
from contextcheck.load.propose import propose_settings
from contextcheck.load.readiness import metric_readiness, sign_readiness
from contextcheck.settings import read_settings


@pytest.fixture
def diagnose(tmp_path):
    def run(path: Path, *overrides: str):
        settings = read_settings(None, [f'orders.path="{path}"', *overrides])
        return examine(settings, {}, {}, quarantine_folder=tmp_path / "quarantine", progress=lambda _: None)

    return run


def test_doctor_says_what_a_file_is(diagnose):
    text = "\n".join(diagnose(FIXTURES / "online_retail.cr-latin1.csv").lines())
    assert "cp1252, comma, bare CR line ends" in text or "Latin-1, comma, bare CR line ends" in text
    assert "looks like: UCI Online Retail (one row per invoice line) (8 of 8 columns)" in text
    assert "190 lines → 44 orders" in text
    assert "delay (no cancelled_at" in text
    assert "next: contextcheck init" in text


def test_doctor_counts_unreadable_rows_without_refusing(diagnose, write, tmp_path):
    found = diagnose(write([*order_lines(4), "B1,,2026-03-01,paid,1,USD"]))
    assert found.quality.bad_rows == 1
    assert found.quality.orders == 4
    assert Path(found.quality.quarantine).is_file()
    assert any("1 lines cannot be read" in line for line in found.lines())


def test_doctor_names_the_missing_column_and_goes_no_further(diagnose, write):
    found = diagnose(write(order_lines(3), header=HEADER.replace("region", "land")))
    assert not found.is_usable
    assert any("IN110" in line for line in found.lines())
    assert found.lines()[-1].startswith("next: contextcheck init ")
    assert "drafts a column map" in found.lines()[-1]


def test_doctor_reports_two_currencies_and_init_proposes_rates(diagnose, write):
    lines = [*order_lines(4), "B1,KR,2026-03-01,paid,1,KRW"]
    found = diagnose(write(lines))
    assert any("IN210" in line for line in found.lines())
    assert not found.is_usable


@pytest.mark.parametrize("name", ["online_retail.cr-latin1.csv", "hotel_bookings.ddmmyyyy.csv"])
def test_proposed_settings_read_the_same_orders(diagnose, load, tmp_path, name):
    found = diagnose(FIXTURES / name)
    path = tmp_path / "contextcheck.yaml"
    path.write_text(propose_settings(found), encoding="utf-8")
    settings = read_settings(path)
    assert settings.orders.paths == (str(FIXTURES / name),)
    assert settings.orders.map == found.map_id
    assert settings.orders.timezone == found.clock
    assert settings.costs.given == frozenset()
    again = examine(settings, {}, {}, quarantine_folder=tmp_path, progress=lambda _: None)
    assert again.quality.orders == found.quality.orders


def test_every_commented_key_of_a_proposal_is_accepted_without_its_sign(diagnose, write, tmp_path):
    text = propose_settings(diagnose(write([*order_lines(4), "B1,NO,2026-03-01,paid,1,USD"])))
    live, in_block = [], False
    for line in text.splitlines():
        bare = line[2:] if line.startswith("# ") else line
        key = bare.split(":")[0]
        if line.startswith("# ") and key in ("zones", "launches", "thresholds", "costs", "region_names"):
            in_block = True
        elif line.startswith("#") and not line.startswith("#   "):
            in_block = False
        live.append(bare if in_block and line.startswith("# ") else line)
    path = tmp_path / "contextcheck.yaml"
    path.write_text("\n".join(live))
    settings = read_settings(path)
    assert "cancel_handling" in settings.costs.given
    assert settings.launches[0].feature == "free-shipping-bar"


def test_a_hostile_file_name_stays_text(diagnose, tmp_path):
    path = tmp_path / 'a"b: [x] #.csv'
    path.write_text("\n".join([HEADER, *order_lines(3)]))
    settings = tmp_path / "contextcheck.yaml"
    found = examine(
        read_settings(None, ["orders.path=x"]).__class__(
            orders=read_settings(None).orders.__class__(paths=(str(path),))
        ),
        {},
        {},
        quarantine_folder=tmp_path,
        progress=lambda _: None,
    )
    settings.write_text(propose_settings(found), encoding="utf-8")
    assert read_settings(settings).orders.paths == (str(path),)


def test_metrics_need_their_columns():
    metrics = {
        "disputed": Metric("disputed", "", "rate", "", numerator="chargeback_at is not null"),
        # without the time of the cancel it is counted by status, as the panel does
        "cancel_rate": Metric("cancel_rate", "", "rate", "", "status = 'cancelled'", happens_at="cancelled_at"),
        "aov": Metric("aov", "", "mean", "", values=(ValueChoice("order_total"),)),
        "kept": Metric("kept", "", "mean", "", values=(ValueChoice("retained_total"), ValueChoice("order_total"))),
        "ledger_only": Metric("ledger_only", "", "sum", "", uses=("ledger",)),
    }

    found = metric_readiness(metrics, {"status", "order_total"})
    assert found.can == ("cancel_rate", "aov", "kept")
    assert found.cannot == (("disputed", ("chargeback_at",)),)


def test_signs_need_their_columns():
    found = sign_readiness({"order_total", "customer_id", "payment_method", "device_id"})
    cannot = dict(found.cannot)
    assert "bunching" in found.can
    assert "concentration (device_id)" in found.can
    assert "mix (payment_method)" in found.can
    assert cannot["kept_share"] == ("retained_total",)
    assert "cancelled_at" in cannot["delay"]
