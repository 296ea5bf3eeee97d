"""The usable days of one metric as arrays, for sums over many windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from contextcheck.records import Window

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums per region over the usable days of a window.

    Attributes:
        days: Usable days of each region; 0 where it has none and the sums say nothing.
        events, exposure, value_sum: As in the panel, shape (regions,).
    """

    days: NDArray[np.int64]
    events: Floats
    exposure: Floats
    value_sum: Floats


@dataclass(frozen=True, slots=True)
class Counts:
    """Complete, mature days of one metric.

    Attributes:
        regions: In alphabetical order.
        region: Place of each row's region.
        day: Day of each row.
        columns: Events, exposure and value sum of each row, shape (3, rows); a missing value adds nothing.
    """

    regions: tuple[str, ...]
    region: NDArray[np.int64]
    day: NDArray[np.datetime64]
    columns: Floats

    def between(self, window: Window) -> Sums:
        """Give the sums of every region over a window."""
        inside = (self.day >= np.datetime64(window.start)) & (self.day <= np.datetime64(window.end))
        region, size = self.region[inside], len(self.regions)
        sums = np.stack([np.bincount(region, weights=each[inside], minlength=size) for each in self.columns])
        return Sums(np.bincount(region, minlength=size), *sums.astype(np.float64))


def counts_of(rows: pd.DataFrame) -> Counts:
    """Give the usable rows of one metric of a panel as arrays."""
    usable = rows[(rows["is_complete"] & rows["is_mature"]).to_numpy(dtype=bool)]
    region, names = pd.factorize(usable["region"], sort=True)
    columns = [usable[name].to_numpy(dtype=np.float64) for name in ("events", "exposure", "value_sum")]
    return Counts(
        tuple(map(str, names)),
        region.astype(np.int64),
        usable["day"].to_numpy(),
        np.nan_to_num(np.stack(columns)),
    )
