"""What of the younger orders is still to come back: returns and refusals developed to one age for every day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from contextcheck.impact.late import Bands, chances_of_delays, grown, late_to_come

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from contextcheck.panel.table import Panel
    from contextcheck.records import Window

    Array = NDArray[np.float64]
    Bools = NDArray[np.bool_]

RETURNED, NOT_TAKEN = "sent_back_", "not_taken_"
"""Metrics of these names count what was returned, and what was refused at the door, within their horizon."""
PLACED_VALUE = "placed_value"
TRUSTED_PARCELS = 10.0
"""Parcels that count as much as what is known beforehand: a region's past, or all regions' where it has none."""
SETTLED_SHARE = 0.9
"""Of the value that comes back: days old enough for so much of it speak for themselves."""


@dataclass(frozen=True, slots=True)
class Development:
    """What comes back of every day's orders within the longest age that is counted.

    Attributes:
        value: Day × region, value of the goods returned, reporting currency.
        parcels: Day × region, how many parcels are returned.
        to_come: Day × region, value of goods returned or refused that was not seen yet; 0 for days that are old enough.
        settled_days: The first age counted by which nine tenths of the value is back.
        metrics: Metric of each age counted, by its horizon in hours, the shortest first.
        late: Columns whose parcels arrive late in the window, so that their returns do.
    """

    value: pd.DataFrame
    parcels: pd.DataFrame
    to_come: pd.DataFrame
    settled_days: float
    metrics: Mapping[float, str]
    late: frozenset[str] = frozenset()

    def within(self, hours: float) -> str:
        """The metric of the longest age that is not above so many hours; of the shortest one if there is none."""
        inside = [metric for horizon, metric in self.metrics.items() if horizon <= hours]
        return inside[-1] if inside else next(iter(self.metrics.values()))


def development_of(
    panel: Panel, window: Window, group_of: Callable[[str], str] | None = None, *, late_errors: float = 0.0
) -> Development | None:
    """Give what is still to come back of every day's orders.

    Args:
        panel: Daily sums; `placed_value` and the metrics `sent_back_*` and `not_taken_*` are read.
        window: The days under study; they develop at their own rate, the days before them at theirs.
        group_of: Name of the group that a column belongs to, where columns are parts of one group; each column is a
            group of its own when not given.
        late_errors: So many standard errors more are taken to be still to come where parcels are late.

    Returns:
        The development; None when fewer than two ages are counted, as without the time of return.

    Method: the additive (incremental loss ratio) method on the triangle of order day and age, for what is returned and
        what is refused apart. Per age band the rate is what came back in it / what was placed, over the days old enough
        to tell. Of a day's missing bands comes the part that lies ahead of its age, along its group's past curve, at
        the rates of its group in its period (the window, or the days before). Rates are shrunk, gamma to Poisson, with
        the weight of ten parcels: a group's past towards all groups' past; the window's towards the group's past,
        moved as the band before has moved (which counts in full where a band is not seen at all). Where parcels arrive
        late, returns follow them instead of the age of the order, see `contextcheck.impact.late`.
    Source: Schmidt and Zocher (2008), The Bornhuetter-Ferguson principle, Variance 2(1), for the additive method;
        Lawless (1994), Canadian Journal of Statistics 22(1), on reporting delay.
    Blind spots: within the window the rates are taken as steady; bands that no day of the window is old enough for
        follow the shape of the past; but for late parcels the error of the rates is not counted, it is small beside
        that of the days.
    """
    if PLACED_VALUE not in panel.metrics:
        return None
    placed, orders = (panel.table(PLACED_VALUE, each).astype(float).fillna(0.0) for each in ("value_sum", "events"))
    returned, refused = (_ways_back(panel, name, placed) for name in (RETURNED, NOT_TAKEN))
    if returned is None:
        return None
    days = _days(panel, placed, window, group_of)
    ways = [returned] if refused is None else [returned, refused]
    in_time = [_in_time(way, placed.to_numpy(), orders.to_numpy(), days) for way in ways]
    late = _late_groups(returned, in_time[0].counted, days)
    wholes = [
        _with_late(told, way, orders.to_numpy(), days, late, late_errors)
        for told, way in zip(in_time, ways, strict=True)
    ]
    rates = np.sum([each.rates for each in wholes], axis=0) if refused is not None else wholes[0].rates
    shares = np.cumsum(rates) / rates.sum() if rates.sum() > 0 else np.ones(len(returned.metrics))
    unseen = sum(whole.value - way.value[-1] for whole, way in zip(wholes, ways, strict=True))
    columns = np.array([str(each) for each in placed.columns])
    return Development(
        value=_like(wholes[0].value, placed),
        parcels=_like(wholes[0].parcels, placed),
        to_come=_like(np.asarray(unseen), placed),
        settled_days=list(returned.metrics)[int(np.argmax(shares >= SETTLED_SHARE))] / 24,
        metrics=returned.metrics,
        late=frozenset(columns[np.isin(days.group, list(late))].tolist()),
    )


@dataclass(frozen=True, slots=True)
class _Days:
    """Which columns belong together (a number each), which days lie before the window and in it, and how old they are.

    `age` is in days, that of an order in the middle of the day.
    """

    group: NDArray[np.intp]
    is_past: Bools
    is_new: Bools
    age: Array


@dataclass(frozen=True, slots=True)
class _WaysBack:
    """Age × day × region: value and parcels that came back one way within each age, and which days are old enough."""

    metrics: Mapping[float, str]
    value: Array
    parcels: Array
    is_old: Bools

    @property
    def ages(self) -> Array:
        """Of the orders, days."""
        return np.array(list(self.metrics)) / 24


@dataclass(frozen=True, slots=True)
class _Rates:
    """Age band × group: what came back and what was placed in the window, and the rates of both periods.

    `pooled` is per age band, of all groups' past.
    """

    back: Array
    base: Array
    before: Array
    after: Array
    pooled: Array


@dataclass(frozen=True, slots=True)
class _Whole:
    """Day × region: all that comes back one way.

    `rates` are the value's per age band, of all regions' past; `counted` those of parcels.
    """

    value: Array
    parcels: Array
    rates: Array
    counted: _Rates


def _days(panel: Panel, like: pd.DataFrame, window: Window, group_of: Callable[[str], str] | None) -> _Days:
    index = pd.DatetimeIndex(like.index)
    names = [group_of(each) if group_of else each for each in map(str, like.columns)]
    return _Days(
        group=np.unique(names, return_inverse=True)[1],
        is_past=np.asarray(index < pd.Timestamp(window.start)),
        is_new=np.asarray((index >= pd.Timestamp(window.start)) & (index <= pd.Timestamp(window.end))),
        age=np.asarray((pd.Timestamp(panel.as_of) - index).days, dtype=np.float64) + 0.5,
    )


def _ways_back(panel: Panel, family: str, like: pd.DataFrame) -> _WaysBack | None:
    """What a family of metrics counts; None for fewer than two ages."""
    found = {metric.horizon_hours: name for name, metric in panel.metrics.items() if name.startswith(family)}
    metrics = dict(sorted(found.items()))
    if len(metrics) < 2:
        return None
    value, parcels = (
        np.stack([_table(panel, name, column, like) for name in metrics.values()]) for column in ("value_sum", "events")
    )
    return _WaysBack(metrics, value, parcels, np.stack([_is_old(panel, name, like) for name in metrics.values()]))


def _like(values: Array, table: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(values, index=table.index, columns=table.columns)


def _table(panel: Panel, name: str, column: str, like: pd.DataFrame) -> Array:
    return panel.table(name, column).reindex_like(like).to_numpy(dtype=float, na_value=0.0)


def _is_old(panel: Panel, name: str, like: pd.DataFrame) -> Bools:
    """Day × region: complete days whose orders are all old enough for a metric."""
    complete, mature = (panel.table(name, mark).reindex_like(like) for mark in ("is_complete", "is_mature"))
    return np.asarray(((complete == True) & (mature == True)).to_numpy(dtype=bool))  # noqa: E712 - missing is False


def _late_groups(returned: _WaysBack, counted: _Rates, days: _Days) -> dict[int, Array]:
    """Groups whose parcels arrive late in the window, with the chances of every delay; none without a past."""
    if not days.is_past.any():
        return {}
    found = {group: chances_of_delays(_bands(returned, counted, group)) for group in range(counted.before.shape[1])}
    return {group: chances for group, chances in found.items() if chances is not None}


def _bands(way: _WaysBack, counted: _Rates, group: int) -> Bands:
    return Bands(way.ages, counted.back[:, group], counted.base[:, group], counted.before[:, group])


def _in_time(way: _WaysBack, placed: Array, orders: Array, days: _Days) -> _Whole:
    """All that comes back one way, in the usual time."""
    trusted = TRUSTED_PARCELS * _each(way)
    value, rates = _developed(way.value, placed, way, days, trusted=trusted)
    parcels, counted = _developed(way.parcels, orders, way, days, trusted=TRUSTED_PARCELS)
    return _Whole(value, parcels, rates.pooled, counted)


def _with_late(
    told: _Whole, way: _WaysBack, orders: Array, days: _Days, late: Mapping[int, Array], late_errors: float
) -> _Whole:
    """The same where parcels are late, whose returns come in a time of their own."""
    value, parcels = told.value.copy(), told.parcels.copy()
    for group, chances in late.items():
        bands, members = _bands(way, told.counted, group), days.group == group
        if bands.expected(0.0).sum() < TRUSTED_PARCELS:
            continue
        mean, error = late_to_come(bands, days.age[~days.is_past], chances)
        here = np.ix_(~days.is_past, members)
        still = (mean + late_errors * error)[:, None] * orders[here]
        parcels[here] = way.parcels[-1][here] + still
        value[here] = way.value[-1][here] + _each(way, members) * still
    return replace(told, value=value, parcels=parcels)


def _each(way: _WaysBack, members: Bools | None = None) -> float:
    """Mean value of a parcel of some regions; of all regions where these sent nothing back."""
    chosen = slice(None) if members is None else members
    seen = float(way.parcels[-1][:, chosen].sum())
    if seen > 0:
        return float(way.value[-1][:, chosen].sum()) / seen
    return 0.0 if members is None else _each(way)


def _developed(seen: Array, placed: Array, way: _WaysBack, days: _Days, *, trusted: float) -> tuple[Array, _Rates]:
    """Day × region what comes back in the end, and the rates; `trusted` is the weight of what is known before.

    `seen` is age × day × region and grows with age.
    """
    bands = np.diff(seen, axis=0, prepend=0.0)
    rates = _rates_of(bands, placed, way, days, trusted)
    of_days = np.where(days.is_past[:, None], rates.before[:, None, days.group], rates.after[:, None, days.group])
    ahead = _ahead(way.ages, rates.before, days.age)[:, :, days.group]
    return np.where(way.is_old, bands, bands + placed * of_days * ahead).sum(axis=0), rates


def _ahead(ages: Array, rates: Array, age: Array) -> Array:
    """Age band × day × group: the part of a band's returns that comes after a day's age; even where none are known."""
    ends = np.cumsum(rates, axis=0)[:, None, :]
    width = np.diff(ages, prepend=0.0)[:, None]
    evenly = np.clip((ages[:, None] - age) / width, 0.0, 1.0)[:, :, None]
    whole = np.broadcast_to(rates[:, None, :], (len(ages), len(age), rates.shape[1]))
    along = (ends - grown(ages, rates, age)) / np.where(whole > 0, whole, 1.0)
    return np.where(whole > 0, np.clip(along, 0.0, 1.0), evenly)


def _rates_of(bands: Array, placed: Array, way: _WaysBack, days: _Days, trusted: float) -> _Rates:
    number = int(days.group.max()) + 1

    def of_groups(counts: Bools) -> tuple[Array, Array]:
        """Age × group: what came back and what was placed, on the days that count."""
        sums = ((each * (way.is_old & counts[:, None])).sum(axis=1) for each in (bands, placed))
        back, base = (
            np.stack([np.bincount(days.group, row, number).astype(np.float64) for row in each]) for each in sums
        )
        return back, base

    past, new = of_groups(days.is_past), of_groups(days.is_new)
    of_all = past if days.is_past.any() else new
    pooled = _rates(of_all[0].sum(axis=1), of_all[1].sum(axis=1), np.zeros(len(bands)), trusted=0.0)
    before = _rates(*past, np.broadcast_to(pooled[:, None], past[0].shape), trusted=trusted)
    return _Rates(*new, before, _moved_rates(*new, before, trusted=trusted), pooled)


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
