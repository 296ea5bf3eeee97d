"""Names of places become ISO 3166 codes, and countries their clocks; everything is looked up, nothing guessed."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_COMMON = {
    "UK": "GB",
    "GREAT BRITAIN": "GB",
    "BRITAIN": "GB",
    "ENGLAND": "GB-ENG",
    "SCOTLAND": "GB-SCT",
    "WALES": "GB-WLS",
    "NORTHERN IRELAND": "GB-NIR",
    "EIRE": "IE",
    "REPUBLIC OF IRELAND": "IE",
    "RSA": "ZA",
    "UAE": "AE",
    "U.S.": "US",
    "U.S.A.": "US",
    "UNITED STATES OF AMERICA": "US",
    "AMERICA": "US",
    "EL": "GR",
    "HOLLAND": "NL",
    "THE NETHERLANDS": "NL",
    "CZECH REPUBLIC": "CZ",
    "RUSSIA": "RU",
    "SOUTH KOREA": "KR",
    "REPUBLIC OF KOREA": "KR",
    "KOREA REPUBLIC": "KR",
    "KOREA SOUTH": "KR",
    "한국": "KR",
    "NORTH KOREA": "KP",
    "HONG KONG": "HK",
    "MACAU": "MO",
    "MACAO": "MO",
    "TURKEY": "TR",
    "IVORY COAST": "CI",
    "VIETNAM": "VN",
    "BOLIVIA": "BO",
    "VENEZUELA": "VE",
    "IRAN": "IR",
    "SYRIA": "SY",
    "LAOS": "LA",
    "MOLDOVA": "MD",
    "TANZANIA": "TZ",
    "BURMA": "MM",
    "SWAZILAND": "SZ",
    "CAPE VERDE": "CV",
    "EAST TIMOR": "TL",
    "MACEDONIA": "MK",
    "VATICAN": "VA",
    "日本国": "JP",
    "中国大陆": "CN",
    "PRC": "CN",
}
"""Common names and abbreviations that ISO and CLDR do not list; all others come from pycountry and Babel."""

_LANGUAGES = """
en fr de es pt it nl sv nb nn da fi is pl cs sk sl hr sr bs hu ro bg el ru uk be et lv lt tr az ka hy he ar fa
ur hi bn ta te ml mr gu pa si ne th lo km my vi id ms fil ko ja zh zh_Hant mn kk uz ky tg tk sw am so af zu xh
ha yo ig sq mk mt ga cy eu ca gl lb
"""


def resolve_region(text: str) -> str | None:
    """Give the ISO 3166 code of a code or name.

    Args:
        text: alpha-2, alpha-3 or 3166-2 code, or a country's name in English or another language; in any case.

    Returns:
        The alpha-2 or 3166-2 code; None when the text is none. "NA" is Namibia and "NO" is Norway.
    """
    bare = " ".join(text.split())
    return _resolve(bare.upper()) if bare else None


@cache
def _resolve(bare: str) -> str | None:
    import pycountry

    if re.fullmatch(r"[A-Z]{2}", bare) and pycountry.countries.get(alpha_2=bare):
        return bare
    if bare in _COMMON:
        return _COMMON[bare]
    if re.fullmatch(r"[A-Z]{3}", bare):
        found = pycountry.countries.get(alpha_3=bare)
        if found:
            return str(found.alpha_2)
    if re.fullmatch(r"[A-Z]{2}[-_ ][A-Z0-9]{1,3}", bare):
        part = pycountry.subdivisions.get(code=f"{bare[:2]}-{bare[3:]}")  # type: ignore[no-untyped-call]
        return str(part.code) if part else None
    name = _folded(bare)
    return _english_names().get(name) or _names_in_all_languages().get(name)


def _folded(name: str) -> str:
    """A name without case, accents, punctuation and a leading article."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    words = re.sub(r"[^\w]+", " ", unicodedata.normalize("NFC", letters)).split()
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    return " ".join("and" if word == "&" else word for word in words)


@cache
def _english_names() -> dict[str, str]:
    """Folded English country name to code; quick to build."""
    import pycountry

    names: dict[str, set[str]] = {}
    for country in pycountry.countries:
        given = (country.name, getattr(country, "official_name", ""), getattr(country, "common_name", ""))
        for name in filter(None, given):
            names.setdefault(_folded(name), set()).add(country.alpha_2)
    for name, code in _COMMON.items():
        names[_folded(name)] = {code}
    return _only_clear(names)


@cache
def _names_in_all_languages() -> dict[str, str]:
    """Folded country name to code, in every language of the list; a name of two countries is left out."""
    names: dict[str, set[str]] = {}
    for name, code in _translated():
        names.setdefault(_folded(name), set()).add(code)
    return _only_clear(names)


def _only_clear(names: dict[str, set[str]]) -> dict[str, str]:
    return {name: next(iter(codes)) for name, codes in names.items() if len(codes) == 1 and name}


def _translated() -> list[tuple[str, str]]:
    import pycountry
    from babel import Locale
    from babel.core import UnknownLocaleError

    codes = {country.alpha_2 for country in pycountry.countries}
    found: list[tuple[str, str]] = []
    for language in _LANGUAGES.split():
        try:
            territories = Locale.parse(language).territories
        except (UnknownLocaleError, ValueError):
            continue
        found.extend((name, code) for code, name in territories.items() if code in codes)
    return found


def region_name(code: str, language: str = "en") -> str:
    """Give the name of a region for people; the code itself when it has none."""
    from babel import Locale

    if "-" in code:
        import pycountry

        part = pycountry.subdivisions.get(code=code)  # type: ignore[no-untyped-call]
        return str(part.name) if part else code
    return str(Locale.parse(language).territories.get(code, code))


@cache
def only_zone(code: str) -> str:
    """Give the IANA zone of a country whose clocks all show the same time; "" for any other region."""
    zones = _zones_of_countries().get(code, ())
    if not zones:
        return ""
    return zones[0] if len({_clock(zone) for zone in zones}) == 1 else ""


@cache
def _zones_of_countries() -> dict[str, tuple[str, ...]]:
    from importlib.resources import files

    found: dict[str, tuple[str, ...]] = {}
    text = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            code, _, zone = line.split("\t")[:3]
            found[code] = (*found.get(code, ()), zone)
    return found


@cache
def _clock(zone: str) -> tuple[timedelta | None, ...]:
    """The zone's offsets on the first of every month from 2015 to 2030, which tell clocks apart."""
    try:
        info = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        return ()
    months = [datetime(year, month, 1, tzinfo=UTC) for year in range(2015, 2031) for month in range(1, 13)]
    return tuple(month.astimezone(info).utcoffset() for month in months)


def is_currency(code: str) -> bool:
    """Say whether a code is one of ISO 4217, past ones included."""
    from babel.core import get_global

    return code in get_global("all_currencies")


def currency_codes() -> frozenset[str]:
    """Every code of ISO 4217, past ones included."""
    from babel.core import get_global

    return frozenset(get_global("all_currencies"))


def usual_head(code: str) -> tuple[str, str, str]:
    """Give a market's English name, its clock and its currency as commonly known; empty where there are several."""
    from babel import Locale
    from babel.numbers import get_territory_currencies

    country, _, part = code.partition("-")
    name = "" if part else Locale("en").territories.get(country, "")
    currencies = get_territory_currencies(country, tender=True) if country else []
    return str(name), only_zone(country), currencies[0] if len(currencies) == 1 else ""


def zone_fault(code: str, zone: str) -> str:
    """Say that no clock of a region's country is the one given; "" where one is, or where the country is not known."""
    zones = _zones_of_countries().get(code.partition("-")[0], ())
    if not zone or not zones or zone in zones or _clock(zone) in {(), *map(_clock, zones)}:
        return ""
    usual = zones[0] if len(zones) == 1 else f"one of its own such as {zones[0]}"
    return f"timezone is {zone}, which is no clock of {code}; write {usual}"


def currency_fault(code: str, currency: str) -> str:
    """Say that a currency is none of a region's country; "" where it is, or where the country is not known."""
    from babel.numbers import get_territory_currencies

    country = code.partition("-")[0]
    zones = _zones_of_countries().get(country, ())
    known = get_territory_currencies(country, tender=True) if zones else []
    # who joins the euro is known here only with the next release of the tables
    may_have_joined = currency == "EUR" and any(zone.startswith("Europe/") for zone in zones)
    if not currency or not known or currency in known or may_have_joined:
        return ""
    remedy = f"write that, or leave it if orders are in {currency}"
    return f"currency is {currency}, but {code} pays in {' or '.join(known)}; {remedy}"
