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
    past, new = days.is_past[:, None], days.is_new[:, None]
    pooled = _rates(bands, placed, is_old & (past if past.any() else ~past), trusted=0.0, known=np.zeros(len(bands)))
    rates = np.zeros(bands.shape)
    for group in np.unique(days.groups):
        own = days.groups == group
        own_bands, own_placed, own_old = bands[:, :, own], placed[:, own], is_old[:, :, own]
        before = _rates(own_bands, own_placed, own_old & past, trusted=trusted, known=pooled)
        after = _moved_rates(own_bands, own_placed, own_old & new, trusted=trusted, known=before)
        rates[:, :, own] = np.where(past, before[:, None, None], after[:, None, None])
    return np.where(is_old, bands, placed * rates).sum(axis=0), pooled


def _moved_rates(bands: Array, placed: Array, counts: Bools, *, trusted: float, known: Array) -> Array:
    """The same band by band, each shrunk towards what is known of it times how the band before it has moved."""
    rates, moved = np.zeros(len(bands)), 1.0
    for band in range(len(bands)):
        one = slice(band, band + 1)
        rates[one] = _rates(bands[one], placed, counts[one], trusted=trusted, known=known[one] * moved)
        moved = rates[band] / known[band] if known[band] > 0 and rates[band] > 0 else moved
    return rates


def _rates(bands: Array, placed: Array, counts: Bools, *, trusted: float, known: Array) -> Array:
    """Per age band what came back of what was placed, on the days that count; shrunk towards what is known."""
    back = (bands * counts).sum(axis=(1, 2)) + trusted * (known > 0)
    base = (placed * counts).sum(axis=(1, 2)) + np.divide(trusted, known, out=np.zeros(len(known)), where=known > 0)
    return np.asarray(np.divide(back, base, out=np.zeros(len(known)), where=base > 0))
