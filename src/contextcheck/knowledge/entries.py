"""Explanations as records: norms from regions/, abuse, operational and measurement faults from rules/explanations/."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from contextcheck.errors import Location
    from contextcheck.knowledge.signs import Sign
    from contextcheck.records import Direction, EntryStatus, ExplanationKind, Money, Source

WhenKind = Literal["always", "after_launch", "holiday", "dates", "weekday", "payday"]
Certainty = Literal["observed", "announced", "estimated"]


@dataclass(frozen=True, slots=True)
class When:
    """On which local days an entry can hold.

    Attributes:
        kind: always; after_launch of a feature named in `names` ("any" for every feature); holiday (names or codes of
            the `holidays` package, "any" for all); dates ("MM-DD" or "YYYY-MM-DD", or a named list); weekday (mon …
            sun); payday (days of the month).
        names: What the kind refers to.
        before_days: Days before such a date that belong to it.
        after_days: Days after it that belong to it.
        certainty: How sure the dates are.
    """

    kind: WhenKind
    names: tuple[str, ...] = ()
    before_days: int = 0
    after_days: int = 0
    certainty: Certainty = "observed"


@dataclass(frozen=True, slots=True)
class Explains:
    """A movement that an entry can account for."""

    metric: str
    direction: Direction


@dataclass(frozen=True, slots=True)
class Example:
    """A situation and the verdict that the entry must give there (run by `norms test`)."""

    name: str
    data: str
    expect: str
    where: Location | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Review:
    """Who last read the entry, when, and when it must be read again."""

    by: str
    on: date | None
    next: date | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A candidate cause with the predictions that can fail.

    `regions` are the codes it may apply to; ("*",) for everywhere. `version` is the review date, or the file's
    content hash when there is none.
    """

    id: str
    kind: ExplanationKind
    regions: tuple[str, ...]
    title: str
    status: EntryStatus
    mechanism: str
    explains: tuple[Explains, ...]
    when: When
    needs: tuple[str, ...]
    signs: tuple[Sign, ...]
    contradicted_by: tuple[Sign, ...]
    ask: tuple[str, ...]
    advice: tuple[str, ...]
    sources: tuple[Source, ...]
    owner: str
    reviewed: Review
    text: Mapping[str, str] = field(default_factory=dict)
    examples: tuple[Example, ...] = ()
    version: str = ""
    where: Location | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class RegionFile:
    """One file under regions/: a market, its clock, its defaults and its norms."""

    region: str
    name: str
    timezone: str
    currency: str
    owner: str
    defaults: Mapping[str, Money]
    norms: tuple[Entry, ...]
    where: Location
