"""Facts as people write them: shares as percent, money with its sign, sentences filled from templates."""

from __future__ import annotations

from dataclasses import dataclass
from string import Formatter
from typing import TYPE_CHECKING

from contextcheck.knowledge.amounts import MINUS, money_text
from contextcheck.knowledge.policies import FACTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from contextcheck.knowledge.policies import FactValue


def fact_text(name: str, value: FactValue, currency: str) -> str:
    """A fact inside a sentence."""
    kind = FACTS[name].kind
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        # only words of a fixed list are ours to spell: "not testable", not "not_testable"
        return str(value).replace("_", " ") if FACTS[name].choices else str(value)
    if kind == "money":
        return money_text(value, currency)
    if kind == "money_per_day":
        return f"{money_text(value, currency, with_sign=True)} a day"
    if kind == "share":
        return f"{value:.0%}".replace("%", " %")
    if kind == "change":
        return f"{value - 1:+.1%}".replace("%", " %").replace("-", MINUS)
    return f"{value:,.0f}"


def filled(templates: Iterable[str], facts: Mapping[str, FactValue], currency: str) -> tuple[str, ...]:
    """Give the sentences with their facts filled in; one that names a fact which is not known is left out.

    A number may bring its noun: `{accounts_to_review:account carries|accounts carry}`.
    """
    sentences = []
    for template in templates:
        names = [name for _, name, _, _ in Formatter().parse(template) if name]
        if all(facts.get(name) not in (None, "") for name in names):
            words = {name: _Told(facts[name], fact_text(name, facts[name], currency)) for name in names}
            sentences.append(template.format_map(words))
    return tuple(sentences)


@dataclass(frozen=True, slots=True)
class _Told:
    """A fact as text, with a noun for one and for several behind it where the template gives both."""

    value: FactValue
    text: str

    def __format__(self, nouns: str) -> str:
        one, _, several = nouns.partition("|")
        return " ".join(filter(None, (self.text, one if self.value == 1 else several)))
