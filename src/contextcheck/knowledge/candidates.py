"""Which entries could account for a movement: right region, right metric and direction, right days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contextcheck.knowledge.dates import days_of, is_in_region

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from contextcheck.knowledge.base import KnowledgeBase
    from contextcheck.knowledge.entries import Entry
    from contextcheck.records import Direction, Launch, Window

KIND_ORDER = {"norm": 0, "abuse": 1, "operational": 2, "measurement": 3}


def candidates(
    base: KnowledgeBase,
    region: str,
    moves: Collection[tuple[str, Direction]],
    window: Window,
    launches: Sequence[Launch],
    *,
    include_drafts: bool = False,
) -> tuple[Entry, ...]:
    """Give the entries that could account for a flag, norms first, then by id.

    Args:
        base: Everything that is known.
        region: The flag's region.
        moves: Metrics that moved, each with its direction; one match is enough.
        window: The flagged days; at least one must be a day on which the entry can hold.
        launches: Every launch of the run.
        include_drafts: Also give drafts, which are questions to ask and not yet explanations to test.

    Returns:
        Entries of every kind, judged later by the same code.
    """
    moved = set(moves)
    found = (
        entry
        for entry in base.entries
        if (include_drafts or entry.status != "draft")
        and any(is_in_region(region, code) for code in entry.regions)
        and not any(is_in_region(region, code) for code in entry.not_in)
        and any((each.metric, each.direction) in moved for each in entry.explains)
        and days_of(entry.when, region, window.start, window.end, launches)
    )
    return tuple(sorted(found, key=lambda entry: (KIND_ORDER[entry.kind], entry.id)))
