"""The examples say what is so: numbers are recounted, settings are the ones the demo writes."""

from __future__ import annotations

import importlib.util
import re
from functools import cache
from pathlib import Path

import pytest
from simulated_samples import world_of

from contextcheck.settings import read_settings
from contextcheck.simulate.worlds import SCENARIOS, simulate

EXAMPLES = Path(__file__).parents[3] / "examples"
REAL = ("online-retail", "hotel-bookings")


@cache
def facts_of(example: str) -> dict:
    spec = importlib.util.spec_from_file_location("facts", EXAMPLES / example / "facts.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.facts()


def readme_of(example: str) -> str:
    return re.sub(r"\s+", " ", (EXAMPLES / example / "README.md").read_text(encoding="utf-8"))


def test_every_example_is_in_the_index_and_has_its_page_and_settings():
    folders = {path.name for path in EXAMPLES.iterdir() if path.is_dir()} - {"__pycache__"}
    assert folders == set(SCENARIOS) | set(REAL)
    index = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    for folder in folders:
        assert f"]({folder}/README.md)" in index
        read_settings(EXAMPLES / folder / "contextcheck.yaml")


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_settings_of_a_simulated_example_are_the_ones_its_command_writes(name):
    text = (EXAMPLES / name / "contextcheck.yaml").read_text(encoding="utf-8")
    assert text == simulate(name, seed=1, orders=1_000).settings


def test_online_retail_says_what_its_file_says():
    facts = facts_of("online-retail")
    text = readme_of("online-retail")
    # Counts published with the data: 541,909 lines, 25,900 invoices, 9,288 reversed lines in 3,836 invoices.
    assert (facts["lines"], facts["invoices"], facts["reversal_invoices"]) == (541_909, 25_900, 3_836)
    assert "3,836 of 25,900 invoices (14.8 %)" in text and facts["reversal_share"] == 0.1481
    assert "£418,088 of £896,812" in text
    assert (facts["reversed_value_not_goods"], facts["reversed_value"]) == (-418_088, -896_812)
    assert (facts["largest_reversal"], facts["largest_reversal_lines"]) == ("C570867", 101)
    assert facts["largest_reversal_country"] == "USA" and "1 of the 2 reversals among 7 invoices" in text
    assert (facts["usa_reversals"], facts["usa_invoices"]) == (2, 7)
    assert facts["customer_12346"] == {"bought": 74_215, "reversed": 74_215, "minutes": 16.0}
    assert facts["customer_16446"] == {"bought": 80_995, "reversed": 80_995, "minutes": 12.0}
    assert facts["top_two_share"] == 0.402 and set(facts["top_two_customers"]) == {12_346, 16_446}
    assert facts["country_months"] == ["48 tested", "United Kingdom 2011-11 down"]
    assert facts["lines_without_customer"] == 135_080 and facts["saturday_lines"] == 0
    months = facts["goods_reversed_by_month"]
    assert (months["2011-01"], months["2011-12"]) == (-91_500, -174_100)
    others = [value for month, value in months.items() if month not in ("2011-01", "2011-12")]
    assert (max(others), min(others)) == (-8_400, -44_000)


def test_hotel_bookings_says_what_its_file_says():
    facts = facts_of("hotel-bookings")
    assert (facts["bookings"], facts["cancelled_share"], facts["repeated_rows"]) == (119_390, 0.3704, 31_994)
    assert (facts["worst_day"], facts["worst_day_cancels"], facts["worst_day_agent_1"]) == ("2015-10-21", 1_373, 1_336)
    assert facts["worst_day_groups"] == 1_360
    assert (facts["busiest_booking_day_bookings"], facts["busiest_booking_day_cancelled"]) == (2_511, 2_327)
    assert facts["busiest_booking_day_agents"] == [2_065, 350]
    shares = (facts["home_share_of_cancelled"], facts["home_share_of_stays"], facts["home_cancelled_share"])
    assert shares == (0.622, 0.28, 0.566)
    assert facts["single_cancelled_share"] == {
        "PRT": 0.358, "ITA": 0.373, "ESP": 0.272, "GBR": 0.218, "FRA": 0.195, "DEU": 0.182
    }  # fmt: skip
    assert facts["no_refund_rows"] == 14_587
    assert (facts["no_refund_home_share"], facts["no_refund_cancelled_share"]) == (0.972, 0.994)
    assert (facts["cn_rows"], facts["chn_rows"], facts["can_rows"]) == (1_279, 999, 0)
    france, spain = facts["france_august_2017"], facts["spain_august_2017"]
    assert (france["share"], france["other_months"], spain["share"], spain["other_months"]) == (0.35, 0.18, 0.42, 0.24)
    assert max(france["most_on_one_day"], spain["most_on_one_day"]) == 11


def test_the_simulated_pages_quote_the_truth_of_seed_1():
    quoted = {
        "korea-padding": (("KR", 150, 0.07),),
        "korea-padding-at-a-loss": (("KR", -180, -0.09),),
        "checkout-bug": (("DE", -360, -0.13), ("FR", -270, -0.13)),
    }
    for name, effects in quoted.items():
        text = readme_of(name)
        regions = world_of(name).truth.regions
        for region, per_day, ratio in effects:
            assert regions[region].change_per_day == pytest.approx(per_day, abs=5.01)
            assert regions[region].change_ratio - 1 == pytest.approx(ratio, abs=0.005)
            assert f"{abs(per_day)}" in text and f"{abs(ratio):.0%}".replace("%", " %") in text
