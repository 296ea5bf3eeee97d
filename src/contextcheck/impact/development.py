"""What of the younger orders is still to come back: returns and refusals developed to one age for every day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from contextcheck.panel.table import Panel
    from contextcheck.records import Window

    Array = NDArray[np.float64]
    Bools = NDArray[np.bool_]

FAMILY = "sent_back_"
"""Metrics of this name count what came back within their horizon."""
PLACED_VALUE = "placed_value"
TRUSTED_PARCELS = 10.0
"""Parcels that count as much as what is known beforehand: a region's past, or all regions' where it has none."""
SETTLED_SHARE = 0.9
"""Of the value that comes back: days old enough for so much of it speak for themselves."""


@dataclass(frozen=True, slots=True)
class Development:
    """What comes back of every day's orders within the longest age that is counted.

    Attributes:
        value: Day × region, value of the goods, reporting currency.
        parcels: Day × region, how many parcels.
        to_come: Day × region, the part of `value` that was not seen yet; 0 for days that are old enough.
        settled_days: The first age counted by which nine tenths of the value is back.
        metrics: Metric of each age counted, by its horizon in hours, the shortest first.
    """

    value: pd.DataFrame
    parcels: pd.DataFrame
    to_come: pd.DataFrame
    settled_days: float
    metrics: Mapping[float, str]

    def within(self, hours: float) -> str:
        """The metric of the longest age that is not above so many hours; of the shortest one if there is none."""
        inside = [metric for horizon, metric in self.metrics.items() if horizon <= hours]
        return inside[-1] if inside else next(iter(self.metrics.values()))


def development_of(panel: Panel, window: Window, group_of: Callable[[str], str] | None = None) -> Development | None:
    """Give what is still to come back of every day's orders.

    Args:
        panel: Daily sums; `placed_value` and the metrics `sent_back_*` are read.
        window: The days under study; they develop at their own rate, the days before them at theirs.
        group_of: Name of the group that a column belongs to, where columns are parts of one group; each column is a
            group of its own when not given.

    Returns:
        The development; None when fewer than two ages are counted, as without the time of return.

    Method: the additive (incremental loss ratio) method on the triangle of order day and age. Per age band the rate is
        what came back in it / what was placed, over the days old enough to tell. A day's missing bands are its placed
        value times the rates of its group in its period (the window, or the days before). Rates are shrunk, gamma to
        Poisson, with the weight of ten parcels: a group's past towards all groups' past; the window's towards the
        group's past, moved as the band before has moved (which counts in full where a band is not seen at all).
    Source: Schmidt and Zocher (2008), The Bornhuetter-Ferguson principle, Variance 2(1), for the additive method;
        Lawless (1994), Canadian Journal of Statistics 22(1), on reporting delay.
    Blind spots: within the window the rates are taken as steady; bands that no day of the window is old enough for
        follow the shape of the past; the error of the rates is not counted, it is small beside that of the days.
    """
    found = {metric.horizon_hours: name for name, metric in panel.metrics.items() if name.startswith(FAMILY)}
    metrics = dict(sorted(found.items()))
    if len(metrics) < 2 or PLACED_VALUE not in panel.metrics:
        return None
    placed, orders = (panel.table(PLACED_VALUE, each).astype(float).fillna(0.0) for each in ("value_sum", "events"))
    value, parcels = (
        np.stack([_table(panel, name, column, placed) for name in metrics.values()])
        for column in ("value_sum", "events")
    )
    is_old = np.stack([_is_old(panel, name, placed) for name in metrics.values()])
    days = _Days(
        groups=np.array([group_of(each) if group_of else each for each in map(str, placed.columns)]),
        is_past=np.asarray(placed.index < pd.Timestamp(window.start)),
        is_new=np.asarray((placed.index >= pd.Timestamp(window.start)) & (placed.index <= pd.Timestamp(window.end))),
    )
    each = float(value[-1].sum() / parcels[-1].sum()) if parcels[-1].sum() > 0 else 0.0
    whole, rates = _developed(value, placed.to_numpy(), is_old, days, trusted=TRUSTED_PARCELS * each)
    counted, _ = _developed(parcels, orders.to_numpy(), is_old, days, trusted=TRUSTED_PARCELS)
    shares = np.cumsum(rates) / rates.sum() if rates.sum() > 0 else np.ones(len(metrics))
    return Development(
        value=_like(whole, placed),
        parcels=_like(counted, placed),
        to_come=_like(whole - value[-1], placed),
        settled_days=list(metrics)[int(np.argmax(shares >= SETTLED_SHARE))] / 24,
        metrics=metrics,
    )


@dataclass(frozen=True, slots=True)
class _Days:
    """Which columns belong together, and which days lie before the window and in it."""

    groups: NDArray[np.str_]
    is_past: Bools
    is_new: Bools


def _like(values: Array, table: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(values, index=table.index, columns=table.columns)


def _table(panel: Panel, name: str, column: str, like: pd.DataFrame) -> Array:
    return panel.table(name, column).reindex_like(like).to_numpy(dtype=float, na_value=0.0)


def _is_old(panel: Panel, name: str, like: pd.DataFrame) -> Bools:
    """Day × region: complete days whose orders are all old enough for a metric."""
    complete, mature = (panel.table(name, mark).reindex_like(like) for mark in ("is_complete", "is_mature"))
    return np.asarray(((complete == True) & (mature == True)).to_numpy(dtype=bool))  # noqa: E712 - missing is False


def _developed(seen: Array, placed: Array, is_old: Bools, days: _Days, *, trusted: float) -> tuple[Array, Array]:
    """Day × region what comes back in the end, and the rates per age band of all regions' past.

    `seen` and `is_old` are age × day × region, `seen` grows with age; `trusted` is the weight of what is known before.
    """
    bands = np.diff(seen, axis=0, prepend=0.0)
    names, group = np.unique(days.groups, return_inverse=True)

    def of_groups(counts: Bools) -> tuple[Array, Array]:
        """Age × group: what came back and what was placed, on the days that count."""
        sums = ((each * (is_old & counts[:, None])).sum(axis=1) for each in (bands, placed))
        back, base = (
            np.stack([np.bincount(group, row, len(names)).astype(np.float64) for row in each]) for each in sums
        )
        return back, base

    past, new = of_groups(days.is_past), of_groups(days.is_new)
    of_all = past if days.is_past.any() else new
    pooled = _rates(of_all[0].sum(axis=1), of_all[1].sum(axis=1), np.zeros(len(bands)), trusted=0.0)
    before = _rates(*past, np.broadcast_to(pooled[:, None], past[0].shape), trusted=trusted)
    after = _moved_rates(*new, before, trusted=trusted)
    rates = np.where(days.is_past[:, None], before[:, None, group], after[:, None, group])
    return np.where(is_old, bands, placed * rates).sum(axis=0), pooled


def _moved_rates(back: Array, base: Array, known: Array, *, trusted: float) -> Array:
    """Rates band by band, each shrunk towards what is known of it times how the band before it has moved."""
    rates, moved = np.zeros(known.shape), np.ones(known.shape[1])
    for band, usual in enumerate(known):
        rates[band] = _rates(back[band], base[band], usual * moved, trusted=trusted)
        moved = np.where((usual > 0) & (rates[band] > 0), rates[band] / np.where(usual > 0, usual, 1.0), moved)
    return rates


def _rates(back: Array, base: Array, known: Array, *, trusted: float) -> Array:
    """What came back of what was placed, shrunk towards what is known where anything is."""
    is_known = known > 0
    above = back + trusted * is_known
    below = base + np.where(is_known, trusted / np.where(is_known, known, 1.0), 0.0)
    return np.asarray(np.divide(above, below, out=np.zeros(known.shape), where=below > 0))
