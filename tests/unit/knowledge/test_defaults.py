"""Documented values of a market: read, laid over, used for money and shown as assumed with their source."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from contextcheck.knowledge.defaults import assumptions_for, costs_in, duration_text
from contextcheck.knowledge.lines import resolve_lines
from contextcheck.knowledge.overlay import read_knowledge
from contextcheck.knowledge.rough_rates import per_dollar
from contextcheck.records import Money
from contextcheck.settings import Rate, Settings, default_costs, read_settings

RATES = {"EUR": Rate(Decimal("1.10"), date(2026, 3, 1)), "KRW": Rate(Decimal("0.0007"), date(2026, 3, 1))}


@pytest.fixture(scope="module")
def shipped():
    return read_knowledge(Settings())


def overlaid(folder: Path, text: str):
    (folder / "regions").mkdir()
    (folder / "regions" / "DE.yaml").write_text(text, encoding="utf-8")
    return read_knowledge(replace(Settings(), regions_folder="regions", folder=folder))


def test_every_shipped_default_has_a_source_a_year_and_a_grade(shipped):
    defaults = [each for file in shipped.region_files.values() for each in file.defaults.values()]
    assert len(defaults) >= 50
    assert all(each.source and each.year and each.grade in ("A", "B", "C") for each in defaults)
    assert not any(each.is_own for each in defaults)


def test_a_unit_cost_of_the_market_stands_in_for_one_that_the_shop_has_not_given(shipped):
    settings = replace(Settings(), rates=RATES)
    costs = costs_in(settings, shipped.region_files["DE"], "USD")
    # 6.95 EUR at 1.10
    assert costs.return_handling == Decimal("7.645")
    basis = costs.basis("return_handling")
    assert basis.startswith("assumed: €6.95, default of the market: University of Bamberg") and "2022" in basis
    assert costs.basis("gross_margin") == default_costs().basis("gross_margin")
    assert costs_in(settings, shipped.region_files["DE"], "EUR").return_handling == Decimal("6.95")


def test_without_a_rate_the_general_default_speaks(shipped):
    costs = costs_in(Settings(), shipped.region_files["DE"], "USD")
    assert costs.return_handling == default_costs().return_handling
    assert costs.basis("return_handling") == default_costs().basis("return_handling")


def test_what_the_shop_gives_wins_over_the_market(shipped, tmp_path):
    path = tmp_path / "contextcheck.yaml"
    path.write_text("costs: {return_handling: 3.00}\n", encoding="utf-8")
    settings = replace(read_settings(path), rates=RATES)
    costs = costs_in(settings, shipped.region_files["DE"], "USD")
    assert costs.return_handling == Decimal("3.00") and costs.basis("return_handling") == "from your settings"


def test_the_teams_own_file_is_not_an_assumption(tmp_path):
    own = "region: DE\ndefaults:\n  return_window: {within: 30d}\n"
    own += "  costs: {return_handling: {amount: 4, currency: EUR}}\n"
    base = overlaid(tmp_path, own)
    costs = costs_in(Settings(), base.region_files["DE"], "EUR")
    assert costs.return_handling == 4 and "return_handling" in costs.given
    told = assumptions_for("DE", base.region_files["DE"], {}, frozenset({"return_rate"}))
    assert [each.name for each in told] == []


def test_a_line_says_whether_it_is_given_or_assumed_and_from_where(shipped):
    settings = replace(Settings(), rates=RATES)
    line = resolve_lines(settings, shipped.region_files, ["KR"], "USD")["free_shipping_threshold"]["KR"]
    assert line.amount == pytest.approx(35.0) and line.status == "assumed"
    assert "Interpark" in line.basis and "grade C" in line.basis
    given = replace(settings, thresholds={"free_shipping": {"KR": Money(Decimal(30000), "KRW")}})
    line = resolve_lines(given, shipped.region_files, ["KR"], "USD")["free_shipping_threshold"]["KR"]
    assert (line.status, line.basis) == ("given", "from your settings")


def test_only_what_stands_behind_the_flag_is_told(shipped):
    file = shipped.region_files["KR"]
    lines = resolve_lines(replace(Settings(), rates=RATES), shipped.region_files, ["KR"], "USD")
    about = {
        "unpaid_rate": {"payment_expiry"},
        "return_rate": {"return_window"},
        "cancel_rate": {"free_shipping_threshold"},
        "chargeback_rate": set(),
    }
    for metric, names in about.items():
        assert {each.name for each in assumptions_for("KR", file, lines, frozenset({metric}))} == names
    (expiry,) = assumptions_for("KR", file, lines, frozenset({"unpaid_rate"}))
    assert expiry.value == "3 days (virtual_account)" and "Whia" in expiry.basis and "1 to 7 days" in expiry.note


def test_a_default_written_wrongly_says_how(tmp_path):
    from contextcheck.errors import DefinitionError

    text = (
        "region: DE\ndefaults:\n  return_window: {within: 14}\n  cod_share: {share: 30}\n  refusal_cost: 8\n  free: 1\n"
    )
    with pytest.raises(DefinitionError) as caught:
        overlaid(tmp_path, text)
    told = "\n".join(str(problem) for problem in caught.value.problems)
    assert 'within is "14", but must be a duration such as 24h or 14d' in told
    assert "write 0.3" in told and "write {amount: 8, currency: KRW} with its currency" in told
    assert 'unknown key "free"' in told


@pytest.mark.parametrize(("hours", "text"), [(168, "7 days"), (24, "24 hours"), (36, "36 hours"), (0.25, "15 minutes")])
def test_durations_are_told_as_people_say_them(hours, text):
    assert duration_text(hours) == text


def test_default_amounts_have_the_size_of_the_reporting_currency():
    """7.00 per parcel are nothing in won: 9,800 at about 1,400 won to the dollar, and the basis says so."""
    costs = costs_in(Settings(), None, "KRW")
    assert costs.return_handling == Decimal("9800.00")
    assert costs.cancel_handling == Decimal("2100.00")
    assert costs.basis("return_handling").endswith("converted roughly, about 1,400 KRW to the dollar in 2025")
    assert costs.return_writedown == default_costs().return_writedown  # a share stays a share
    assert costs_in(Settings(), None, "EUR") == default_costs()


def test_the_rate_of_the_settings_and_the_shops_own_figures_come_first(tmp_path):
    path = tmp_path / "contextcheck.yaml"
    path.write_text("costs: {return_handling: 4000}\nrates: {USD: 1350}\n", encoding="utf-8")
    costs = costs_in(read_settings(path), None, "KRW")
    assert costs.return_handling == 4000
    assert costs.cancel_handling == Decimal("2025.00")
    assert costs.basis("cancel_handling").endswith("at the rate of your settings")


SDR = {
    **{"CNY": 0.105142, "JPY": 0.004966, "KRW": 0.00053, "INR": 0.008899, "MYR": 0.171165, "PHP": 0.013171},
    **{"BRL": 0.127139, "CLP": 0.000762, "MXN": 0.03719, "PEN": 0.205851, "CZK": 0.031395, "DKK": 0.106351},
    **{"NOK": 0.067477, "PLN": 0.185833, "RUB": 0.007523, "ILS": 0.213909, "QAR": 0.211734},
}
"""International Monetary Fund, currency values in terms of Special Drawing Rights, 17 January 2025; dollar 0.7705."""


@pytest.mark.parametrize("currency", SDR)
def test_rough_rates_are_of_the_size_that_the_monetary_fund_published(currency: str) -> None:
    """They only size a default of a few dollars; a third of it is the most that they may be off."""
    published = 0.7705 / SDR[currency]
    assert 2 / 3 < float(per_dollar(currency)) / published < 4 / 3
