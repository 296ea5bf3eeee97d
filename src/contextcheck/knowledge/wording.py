"""Words that make people, not behaviour, the cause, and words that judge; used by lint only.

A market may scope an explanation ("shoppers in this market", "Korean malls", "Chinese New Year"); what is refused is a
group of people as the actor: "Koreans", "Indian customers", "Muslims", "Spanish speakers".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_ACTORS = (
    "accounts?|borrowers?|buyers?|citizens?|clients?|communit(?:y|ies)|consumers?|cultures?|customers?|famil(?:y|ies)|"
    "households?|immigrants?|men|mentality|migrants?|nationals?|people|persons?|population|shoppers?|speakers?|"
    "temperament|users?|women|youth"
)
_ADJECTIVES = (
    "African|Albanian|American|Arab|Arabic|Argentine|Argentinian|Asian|Australian|Austrian|Bangladeshi|Belgian|Black|"
    "Brazilian|British|Buddhist|Bulgarian|Canadian|Catholic|Chilean|Chinese|Christian|Colombian|Croatian|Czech|Danish|"
    "Dutch|East Asian|Egyptian|Emirati|English|Estonian|European|Filipino|Finnish|French|Georgian|German|Greek|Gypsy|"
    "Hindu|Hispanic|Hungarian|Icelandic|Indian|Indonesian|Irish|Israeli|Italian|Japanese|Jewish|Kenyan|Korean|Kurdish|"
    "Latin|Latin American|Latino|Latvian|Lithuanian|Malaysian|Mexican|Moroccan|Muslim|Nigerian|Norwegian|Orthodox|"
    "Pakistani|Peruvian|Polish|Portuguese|Roma|Romanian|Russian|Saudi|Scandinavian|Serbian|Sikh|Singaporean|Slovak|"
    "Slovenian|South African|Spanish|Swedish|Swiss|Taiwanese|Thai|Turkish|Ukrainian|Vietnamese|Western"
)
_PLURALS = (
    "Africans|Albanians|Americans|Arabs|Argentines|Argentinians|Asians|Australians|Austrians|Bangladeshis|Belgians|"
    "Brazilians|Britons|Brits|Buddhists|Bulgarians|Canadians|Catholics|Chileans|Christians|Colombians|Croats|Czechs|"
    "Danes|Dutchmen|Egyptians|Emiratis|Estonians|Europeans|Filipinos|Finns|Frenchmen|Germans|Greeks|Hindus|Hispanics|"
    "Hungarians|Icelanders|Indians|Indonesians|Israelis|Italians|Jews|Kenyans|Koreans|Latinos|Latvians|Lithuanians|"
    "Malaysians|Mexicans|Moroccans|Muslims|Nigerians|Norwegians|Pakistanis|Peruvians|Poles|Romanians|Russians|Saudis|"
    "Scandinavians|Serbs|Sikhs|Singaporeans|Slovaks|Slovenes|South Africans|Spaniards|Swedes|Thais|Turks|Ukrainians"
)
_ORIGIN = "ancestry|background|descent|extraction|faith|heritage|nationality|origin|race|religion"
_GROUPS = "ethnic minorities|foreigners|immigrants|migrants|natives|refugees|religious minorities"
_LANGUAGES = "Arabic|Chinese|English|French|German|Hindi|Japanese|Korean|Portuguese|Russian|Spanish|Turkish|Vietnamese"
_PEOPLE = re.compile(
    # "Korean shoppers", "korean shoppers", "Spanish-speaking customers"; "customers of Turkish origin"
    rf"\b(?:(?i:(?:{_ADJECTIVES})(?:-speaking)?\s+(?:{_ACTORS}))|"
    rf"(?i:(?:{_ACTORS}|those)\s+(?:of|with)\s+(?:an?\s+|the\s+)?(?:{_ADJECTIVES})\s+(?:{_ORIGIN}))|"
    # "speakers of Spanish", "people who speak Arabic"
    rf"(?i:speakers\s+of\s+(?:{_LANGUAGES})|(?:{_ACTORS})\s+who\s+speak\s+(?:{_LANGUAGES}))|"
    rf"(?i:{_GROUPS})|{_PLURALS})\b"
)
_JUDGING = re.compile(
    r"\b(abusers?|cheat(?:s|ers?|ing)?|crooks?|culprits?|dishonest\w*|fraudsters?|greedy|guilty|lazy|notorious\w*|"
    r"scam(?:s|mers?)?|sneaky|stingy|suspicious nature|thie(?:f|ves)|typical of them|unethical|untrustworthy)\b",
    re.IGNORECASE,
)


_WORDS = re.compile(r"[a-z]+")
_TELLING = frozenset(_WORDS.findall("|".join((_ADJECTIVES, _PLURALS, _GROUPS, _LANGUAGES)).casefold()))
"""Words without which no group of people can be named; most texts have none, and need no closer look."""


def people_named(text: str) -> Iterator[str]:
    """Give every group of people that a text names by nationality, origin, language or religion."""
    if not _TELLING.isdisjoint(_WORDS.findall(text.casefold())):
        yield from (found.group() for found in _PEOPLE.finditer(text))


def judging_words(text: str) -> Iterator[str]:
    """Give every word of a text that judges instead of describing."""
    yield from (found.group() for found in _JUDGING.finditer(text))
