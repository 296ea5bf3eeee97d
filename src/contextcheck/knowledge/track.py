"""The track record of entries over findings files, what nobody explains, and what must be reviewed by when."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from contextcheck.knowledge.dates import is_in_region

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from contextcheck.knowledge.entries import Entry
    from contextcheck.records import Finding, Investigation

VERDICT_ORDER = ("supported", "partly", "contradicted", "too_flexible", "not_testable")
MIN_TRIED = 3
"""An entry is said to have never held, or to be too flexible, from this many flags on."""


@dataclass(frozen=True, slots=True)
class Record:
    """How often an entry was tried on a flag and what came of it.

    Attributes:
        verdicts: Verdict to number of flags.
        shares: Shares of the excess it took where it held.
        actions: What was recommended for the flags on which it held.
        last_tried: End of the newest flag it was tried on.
    """

    id: str
    tried: int
    verdicts: Mapping[str, int]
    shares: tuple[float, ...]
    actions: Mapping[str, int]
    last_tried: date

    @property
    def never_held(self) -> bool:
        held = self.verdicts.get("supported", 0) + self.verdicts.get("partly", 0)
        return self.tried >= MIN_TRIED and held == 0

    @property
    def is_too_flexible(self) -> bool:
        return self.verdicts.get("too_flexible", 0) > 0


@dataclass(frozen=True, slots=True)
class Coverage:
    """What is not covered.

    Attributes:
        cells: Region to the metrics that its own norms (or its groups') say something about.
        metrics: Every metric that detection watches.
        unexplained: Findings on which no explanation held.
        never_held: Records of entries that were tried often enough and never held.
        too_flexible: Records of entries that would have explained quiet weeks as well.
        never_tried: Ids of active and trial entries that no flag ever called.
    """

    cells: Mapping[str, frozenset[str]]
    metrics: tuple[str, ...]
    unexplained: tuple[Finding, ...] = ()
    never_held: tuple[Record, ...] = ()
    too_flexible: tuple[Record, ...] = ()
    never_tried: tuple[str, ...] = ()


@dataclass(slots=True)
class _Tally:
    verdicts: Counter[str] = field(default_factory=Counter)
    actions: Counter[str] = field(default_factory=Counter)
    shares: list[float] = field(default_factory=list)
    days: list[date] = field(default_factory=list)


def records_of(investigations: Iterable[Investigation]) -> tuple[Record, ...]:
    """Give the record of every entry that was tried; the same flag in several files (by id) counts once, the last."""
    findings = {finding.flag.id: finding for each in investigations for finding in each.findings}
    tallies: dict[str, _Tally] = {}
    for finding in findings.values():
        for result in finding.explained.explanations:
            tally = tallies.setdefault(result.id, _Tally())
            tally.verdicts[result.verdict] += 1
            tally.days.append(finding.flag.window.end)
            if result.verdict in ("supported", "partly"):
                tally.actions[finding.recommendation.action] += 1
                if result.share_explained:
                    tally.shares.append(result.share_explained.value)
    return tuple(
        Record(
            name,
            sum(tally.verdicts.values()),
            dict(tally.verdicts),
            tuple(tally.shares),
            dict(tally.actions),
            max(tally.days),
        )
        for name, tally in sorted(tallies.items())
    )


def coverage_of(
    entries: Sequence[Entry], regions: Iterable[str], metrics: Sequence[str], investigations: Sequence[Investigation]
) -> Coverage:
    """Give what is not covered by the entries, and on what past flags.

    Args:
        entries: Every entry that applies.
        regions: The markets to look at.
        metrics: Every metric that detection watches.
        investigations: Findings of the past; may be none.
    """
    norms = [entry for entry in entries if entry.kind == "norm"]
    cells = {region: _metrics_in(norms, region) for region in regions}
    records = records_of(investigations)
    findings = {finding.flag.id: finding for each in investigations for finding in each.findings}
    tried = {each.id for each in records}
    called = {entry.id for entry in entries if entry.status in ("active", "trial")}
    return Coverage(
        cells,
        tuple(metrics),
        tuple(each for each in findings.values() if not _is_explained(each)),
        tuple(each for each in records if each.never_held),
        tuple(each for each in records if each.is_too_flexible),
        tuple(sorted(called - tried)) if investigations else (),
    )


def due_entries(entries: Iterable[Entry], until: date) -> tuple[Entry, ...]:
    """Give the entries whose next review is on or before a day (or that have none), the most overdue first."""
    unique = {(entry.id, str(entry.where)): entry for entry in entries}.values()
    due = [entry for entry in unique if entry.reviewed.next is None or entry.reviewed.next <= until]
    return tuple(sorted(due, key=lambda entry: (str(entry.reviewed.next or ""), entry.owner, entry.id)))


def _metrics_in(norms: Iterable[Entry], region: str) -> frozenset[str]:
    return frozenset(
        each.metric
        for entry in norms
        if any(is_in_region(region, code) for code in entry.regions) and region not in entry.not_in
        for each in entry.explains
    )


def _is_explained(finding: Finding) -> bool:
    return any(each.verdict in ("supported", "partly") for each in finding.explained.explanations)
