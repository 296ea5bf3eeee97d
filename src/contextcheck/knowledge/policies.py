"""Decision policies: ordered rules over facts; the first that matches decides and is named."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contextcheck.errors import Location
    from contextcheck.records import Action, Confidence

FactValue = str | float | bool | None


@dataclass(frozen=True, slots=True)
class Condition:
    """One fact compared by `is`, `is_not`, `above`, `below`, `at_least` or `at_most`; an unknown fact never matches."""

    fact: str
    operator: str
    value: FactValue | tuple[str, ...]
    where: Location | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class PolicyExample:
    """Facts and the action they must give (run by the tests and `rules test`)."""

    name: str
    facts: Mapping[str, FactValue]
    expect: Action
    where: Location | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """All conditions of `when` must hold; `because` and `would_change_if` are templates over the facts."""

    id: str
    when: tuple[Condition, ...]
    action: Action
    confidence: Confidence
    because: tuple[str, ...]
    would_change_if: tuple[str, ...]
    where: Location | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Policy:
    """A named list of rules; the last one has no condition, so that something always matches."""

    name: str
    rules: tuple[PolicyRule, ...]
    examples: tuple[PolicyExample, ...]
    where: Location | None = field(default=None, compare=False)
