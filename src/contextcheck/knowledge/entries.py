"""Explanations as records: norms from regions/, abuse, operational and measurement faults from rules/explanations/."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from contextcheck.errors import Location
    from contextcheck.knowledge.defaults import MarketDefault
    from contextcheck.knowledge.signs import Sign
    from contextcheck.records import Direction, EntryStatus, ExplanationKind, Source

WhenKind = Literal["always", "after_launch", "holiday", "dates", "weekday", "payday"]
Certainty = Literal["observed", "announced", "estimated"]


@dataclass(frozen=True, slots=True)
class When:
    """On which local days an entry can hold.

    Attributes:
        kind: always; after_launch of a feature named in `names` ("any" for every feature); holiday (names or codes of
            the `holidays` package, "any" for all); dates ("MM-DD" or "YYYY-MM-DD", or a named list); weekday (mon …
            sun); payday (days of the month).
        names: What the kind refers to. A day may also be a span "MM-DD..MM-DD" or "YYYY-MM-DD..YYYY-MM-DD", or a rule
            such as "4th thu of november +1" (the day after the fourth Thursday); named lists are resolved on reading.
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
class Twin:
    """Another entry that leaves the same trace at first sight, and what tells the two apart."""

    id: str
    separated_by: str


@dataclass(frozen=True, slots=True)
class SwitchedOff:
    """A shipped (or group) entry that the team does not want, with its reason and day."""

    id: str
    reason: str
    on: date | None
    where: Location | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """A candidate cause with the predictions that can fail.

    Attributes:
        regions: Codes it may apply to; ("*",) for everywhere.
        not_in: Codes among them that override it with their own entry or switch it off.
        version: The review date, or the file's content hash when there is none.
        needs: Columns without which its strong signs cannot be tested.
        note: Which part of the entry is how well known, and the caveats of quoted figures.
        mechanism_grade: Best grade among the sources that stand for the mechanism.
        local_grade: Best grade among the sources that say how common it is in these regions; empty when none does.
        twins: Entries that look alike, each with what separates them.
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
    note: str = ""
    mechanism_grade: str = ""
    local_grade: str = ""
    twins: tuple[Twin, ...] = ()
    not_in: tuple[str, ...] = ()
    where: Location | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class RegionFile:
    """One file under regions/: a market, its clock, its defaults and its norms; `places` says where its head stands."""

    region: str
    name: str
    timezone: str
    currency: str
    owner: str
    defaults: Mapping[str, MarketDefault]
    norms: tuple[Entry, ...]
    where: Location
    places: Mapping[str, Location] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class GroupFile:
    """One file under regions/_groups/: norms that hold in several regions by shared law, trade or calendar."""

    group: str
    name: str
    owner: str
    members: tuple[str, ...]
    norms: tuple[Entry, ...]
    where: Location
