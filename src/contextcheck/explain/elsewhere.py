"""Comparable regions on the same days: read once, and only when an explanation holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from contextcheck.explain.reading import read_elsewhere
from contextcheck.panel.reference import comparable_regions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contextcheck.explain.slices import Scene, Slice
    from contextcheck.knowledge.entries import Entry
    from contextcheck.knowledge.lines import Lines
    from contextcheck.panel.orders import Orders
    from contextcheck.panel.reference import Reference

MAX_REGIONS = 4


@dataclass
class Elsewhere:
    """The orders of up to four comparable regions on the days of a flag and of its quiet past.

    A region is comparable when it has no flag and no launch of its own on these days (see `panel.reference`); those
    most like the flagged one in orders per day come first.

    Attributes:
        scenes: Metric id to the flag's scene.
        reference: The flag's reference; its controls are chosen from.
        orders: Where the orders are.
        entries: Candidates; only the columns they need are read.
        lines: Lines of every region.
    """

    scenes: Mapping[str, Scene]
    reference: Reference
    orders: Orders
    entries: Sequence[Entry]
    lines: Lines
    _read: dict[str, dict[str, Slice]] | None = field(default=None, repr=False)

    def slices(self, metric: str) -> dict[str, Slice]:
        """Region to its slice for a metric; the one read of the other regions happens at the first call."""
        if self._read is None:
            self._read = self._slices()
        return {region: by_metric[metric] for region, by_metric in self._read.items() if by_metric[metric].has_past}

    def _slices(self) -> dict[str, dict[str, Slice]]:
        scene = next(iter(self.scenes.values()))
        if scene.before is None:
            return {}
        names = comparable_regions(scene.panel, scene.region, scene.window, self.reference, MAX_REGIONS)
        lines = {
            name: {line: by_region[name] for line, by_region in self.lines.items() if name in by_region}
            for name in names
        }
        return read_elsewhere(self.scenes, self.orders, self.entries, lines)
