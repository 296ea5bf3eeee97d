"""Evidence per window, series and day, as every detector hands it over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from contextcheck.records import Direction

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scores:
    """Tail probabilities of each window that ends on each day (or week of a weekly panel).

    Attributes:
        windows: Window lengths in columns, shortest first.
        upper: Chance of so much or more, windows × series × days; NaN where nothing can be judged.
        lower: Chance of so little or less, likewise.
        ratio: Observed over expected.
        excess: Observed minus expected, in events; for a mean in orders' worth of value.
        exposure: Orders behind it (for a count: its events, seen or expected, whichever is more).
        z: Standardised departure, for judging whether the last day carries its share.
        precision: Expected over standard deviation: what one per cent more would show.
        tries: By how much the chance of each window is raised because several are tried.
        partners: Of a joint finding, by (row, day): the other series that took part.
    """

    windows: tuple[int, ...]
    upper: Floats
    lower: Floats
    ratio: Floats
    excess: Floats
    exposure: Floats
    z: Floats
    precision: Floats
    tries: tuple[float, ...]
    partners: Mapping[tuple[int, int], tuple[int, ...]] = field(default_factory=dict)

    def tail(self, direction: Direction) -> Floats:
        return self.upper if direction == "up" else self.lower
