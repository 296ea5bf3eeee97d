"""contextcheck.yaml: defaults, the file, the command line, and every way to get it wrong."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from contextcheck.errors import SettingsError
from contextcheck.records import Money
from contextcheck.settings import COST_DEFAULTS, describe, read_settings


def _write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "contextcheck.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def _messages(path: Path | None, *overrides: str) -> str:
    with pytest.raises(SettingsError) as caught:
        read_settings(path, overrides)
    assert caught.value.exit_code == 2
    return str(caught.value)


def test_without_a_file_every_option_has_its_documented_default():
    settings = read_settings(None)
    assert settings.decision.horizon_days == 90
    assert settings.decision.alpha == 0.05
    assert settings.orders.max_bad_share == 0.05
    assert settings.costs.gross_margin == Decimal("0.35")
    assert settings.costs.basis("gross_margin").startswith("assumed: ")
    assert settings.costs.given == frozenset()


def test_every_cost_default_names_its_basis_and_unit():
    assert all(default.basis and default.unit for default in COST_DEFAULTS.values())


def test_a_whole_file_is_read(tmp_path):
    path = _write(
        tmp_path,
        """\
orders: {path: orders.parquet, map: canonical, timezone: Asia/Seoul}
currency: usd
rates: {KRW: {rate: 0.00072, on: 2026-11-01}, EUR: 1.1}
launches:
  - {feature: bar, regions: [KR, NO], start: 2026-03-01}
thresholds:
  free_shipping: {KR: {amount: 50000, currency: KRW}, NO: 45, default: 60}
costs: {gross_margin: 0.4}
""",
    )
    settings = read_settings(path)
    assert settings.path(settings.orders.paths[0]) == tmp_path / "orders.parquet"
    assert settings.currency == "USD"
    assert settings.rates["KRW"].rate == Decimal("0.00072")
    assert settings.rates["KRW"].on == date(2026, 11, 1)
    assert settings.launches[0].regions == ("KR", "NO")
    assert settings.thresholds["free_shipping"]["KR"] == Money(Decimal(50000), "KRW")
    assert settings.thresholds["free_shipping"]["NO"] == Money(Decimal(45), "USD")
    assert settings.costs.basis("gross_margin") == "from your settings"
    assert settings.costs.basis("chargeback_fee").startswith("assumed: 15 USD")


def test_the_command_line_lies_over_the_file(tmp_path):
    path = _write(tmp_path, "costs: {gross_margin: 0.4, roll_back: 100}\n")
    settings = read_settings(path, ["costs.gross_margin=0.5", "currency=EUR"])
    assert (settings.costs.gross_margin, settings.costs.roll_back) == (Decimal("0.5"), Decimal(100))
    assert settings.currency == "EUR"


@pytest.mark.parametrize("text", ["{KRW: 0}", "{KRW: -1400}", "{KRW: {rate: 0, on: 2026-03-01}}"])
def test_a_rate_is_more_than_nothing(tmp_path, text):
    with pytest.raises(SettingsError) as caught:
        read_settings(_write(tmp_path, f"rates: {text}\n"))
    (problem,) = caught.value.problems
    assert (problem.code, problem.where.rsplit("/", 1)[-1][:19]) == ("ST104", "contextcheck.yaml:1")
    assert "must be more than 0: what one KRW is worth in the reporting currency" in problem.message


def test_every_problem_is_told_at_once_with_its_place(tmp_path):
    path = _write(
        tmp_path,
        """\
curency: USD
costs:
  gross_margin: 35
  chargeback: 3
launches:
  - {feature: x, start: 03/01/2026}
""",
    )
    lines = _messages(path).splitlines()
    name = path.as_posix()
    assert lines == [
        f'{name}:1:1: ST102 unknown key "curency"; did you mean "currency"?',
        f"{name}:3:17: ST104 gross_margin is 35, but must be from 0 to 1; write 0.35 for 35 percent",
        f'{name}:4:3: ST102 unknown key "chargeback"; did you mean "chargeback_fee"?',
        f'{name}:6:5: ST101 "regions" is missing',
        f'{name}:6:25: ST106 start is "03/01/2026", but must be a day such as 2026-03-01',
    ]


def test_a_zone_that_does_not_exist_is_named():
    assert 'ST112 unknown time zone "Asia/Soul"' in _messages(None, "zones={KR: Asia/Soul}")


def test_an_amount_needs_a_currency_when_none_is_set():
    message = _messages(None, "thresholds={free_shipping: {KR: 50000}}")
    assert "ST107 KR 50000 has no currency" in message


def test_a_launch_that_ends_before_it_starts_is_refused():
    message = _messages(None, "launches=[{feature: x, regions: [KR], start: 2026-03-02, end: 2026-03-01}]")
    assert "the launch ends on 2026-03-01, before it starts on 2026-03-02" in message


def test_a_missing_file_is_told():
    assert "No such file" in _messages(Path("nowhere.yaml"))


def test_an_override_without_a_value_is_told():
    assert "ST110" in _messages(None, "costs.gross_margin")


def test_the_description_holds_plain_values_only():
    described = describe(read_settings(None, ["launches=[{feature: x, regions: [NO], start: 2026-03-02}]"]))
    assert described["launches"] == [{"feature": "x", "regions": ["NO"], "start": "2026-03-02", "end": None}]
    assert described["decision"] == {"horizon_days": 90, "alpha": 0.05}


def test_a_planned_share_of_exposed_customers_is_read_and_a_percentage_is_refused():
    launch = "launches=[{feature: x, regions: [NO], start: 2026-03-02, exposed_share: SHARE}]"
    read = read_settings(None, [launch.replace("SHARE", "0.3")])
    assert read.launches[0].exposed_share == 0.3
    assert describe(read)["launches"][0]["exposed_share"] == 0.3
    with pytest.raises(SettingsError, match="exposed_share is 30, but"):
        read_settings(None, [launch.replace("SHARE", "30")])
