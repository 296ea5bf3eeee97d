from __future__ import annotations

import pytest

from contextcheck.knowledge.places import currency_fault, only_zone, region_name, resolve_region, zone_fault


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("NO", "NO"),
        ("no", "NO"),
        ("NA", "NA"),
        ("na", "NA"),
        ("NAM", "NA"),
        ("kor", "KR"),
        ("us-ca", "US-CA"),
        ("CA_ON", "CA-ON"),
        ("South Korea", "KR"),
        ("대한민국", "KR"),
        ("日本", "JP"),
        ("Deutschland", "DE"),
        ("España", "ES"),
        ("espana", "ES"),
        ("EIRE", "IE"),
        ("RSA", "ZA"),
        ("USA", "US"),
        ("uk", "GB"),
        ("  united   kingdom ", "GB"),
        ("The Netherlands", "NL"),
        ("Côte d’Ivoire", "CI"),
        ("Côte d'Ivoire", "CI"),
        ("Česko", "CZ"),
        ("Niger", "NE"),
        ("Nigeria", "NG"),
        ("Guinea", "GN"),
        ("Hong Kong", "HK"),
    ],
)
def test_codes_and_names_in_any_case_and_language_resolve(text, code):
    assert resolve_region(text) == code


@pytest.mark.parametrize(
    "text", ["", "  ", "ON", "ZZ", "Unspecified", "European Community", "US-ZZ", "EMEA", "null", "QQQ"]
)
def test_other_words_are_no_region(text):
    assert resolve_region(text) is None


def test_a_country_with_one_clock_has_its_zone():
    assert only_zone("KR") == "Asia/Seoul"
    # Berlin and Busingen show the same time
    assert only_zone("DE") == "Europe/Berlin"
    assert only_zone("US") == ""
    assert only_zone("ES") == ""
    assert only_zone("US-CA") == ""
    assert only_zone("EMEA") == ""


def test_regions_have_names_for_people():
    assert region_name("KR") == "South Korea"
    assert region_name("KR", "ko") == "대한민국"
    assert region_name("US-CA") == "California"
    assert region_name("Nordics") == "Nordics"


def test_a_clock_or_currency_is_doubted_only_where_the_country_surely_has_another() -> None:
    assert zone_fault("KR", "Asia/Tokyo") == ""  # the same clock since 2015
    assert "write Asia/Seoul" in zone_fault("KR", "Asia/Shanghai")
    assert zone_fault("US-HI", "Pacific/Honolulu") == zone_fault("US", "US/Pacific") == ""
    assert "one of its own such as" in zone_fault("US", "Asia/Seoul")
    assert zone_fault("EAST", "Asia/Seoul") == zone_fault("KR", "") == ""
    assert "pays in KRW" in currency_fault("KR", "EUR")
    assert currency_fault("BG", "EUR") == currency_fault("PA", "USD") == currency_fault("EAST", "KRW") == ""
