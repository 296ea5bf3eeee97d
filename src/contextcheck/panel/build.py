"""Orders become the panel: one query to the engine, then a small table that is folded to local days.

The query groups by the source's region words and by time buckets of its clock (see `fold.bucket_minutes`), so no
order is ever converted between zones and the engine reads the orders once.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from contextcheck.errors import EngineError, InputError, Problem, SettingsError
from contextcheck.panel.faults import day_problems, find_strays
from contextcheck.panel.fold import DailySums, bucket_minutes, fold
from contextcheck.panel.frames import read_frame
from contextcheck.panel.maturity import DataSpan, data_span
from contextcheck.panel.plan import COUNT_ALL, Plan, Sum, make_plan
from contextcheck.panel.query import aggregate_of, inner_value, line_of_region
from contextcheck.panel.table import PANEL_COLUMNS, Panel

MOST_CELLS = 60_000_000
"""Sums of one panel, half a GiB."""

if TYPE_CHECKING:
    from collections.abc import Mapping

    import ibis
    from numpy.typing import NDArray

    from contextcheck.knowledge.lines import Lines
    from contextcheck.knowledge.metrics import Metric
    from contextcheck.panel.orders import Orders


def build_panel(orders: Orders, metrics: Mapping[str, Metric], lines: Lines, *, as_of: date | None = None) -> Panel:
    """Give the daily sums of every available metric per region and local day.

    Args:
        orders: Orders in an engine; they are read once.
        metrics: By id; those whose columns are missing are listed as unavailable.
        lines: Free-shipping line and the like, per region; a region without the line that a metric names has no rows
            of that metric.
        as_of: Local days after this one are left out; the newest complete day when not given.

    Returns:
        The panel. Every region runs from its first day to the end of the data, so a market that fell silent shows.

    Raises:
        InputError: There are no orders.
        SettingsError: `as_of` lies before the first order.
        EngineError: The engine failed.
    """
    known_lines = frozenset(name for name, regions in lines.items() if regions)
    plan = make_plan(metrics, orders.columns, known_lines)
    minutes = bucket_minutes(orders)
    names = {needed: f"s{number}" for number, needed in enumerate(plan.sums)}
    table = _ask_engine(orders, names, lines, minutes)
    if table.empty:
        raise InputError(Problem("PN101", _source(orders), "no orders of any known region; nothing can be counted"))
    per_bucket = table[["region", "bucket"]].assign(orders=table[names[COUNT_ALL]])
    span = data_span(orders, per_bucket, timedelta(minutes=minutes))
    _refuse_too_large(orders, table, len(names))
    sums = fold(table, list(names.values()), orders)
    return _panel(plan, sums, span, lines, as_of)


def _refuse_too_large(orders: Orders, table: pd.DataFrame, sums: int) -> None:
    """The panel is regions x days x sums; a slip in one date can make it larger than the memory."""
    regions = int(table["region"].nunique())
    days = int((table["bucket"].max() - table["bucket"].min()).days) + 1
    if regions * days * sums <= MOST_CELLS:
        return
    span = f"{table['bucket'].min():%Y-%m-%d} to {table['bucket'].max():%Y-%m-%d}"
    sentence = (
        f"{regions:,} regions over {days:,} days ({span}) are too many for one panel; look for a slip in the dates, "
        f"export a shorter period, or join small regions"
    )
    raise InputError(Problem("PN104", _source(orders), sentence))


def _source(orders: Orders) -> str:
    return orders.inputs[0].name if orders.inputs else "orders"


# ── the one query ──────────────────────────────────────────────────────────────────────────────────────


def _ask_engine(orders: Orders, names: Mapping[Sum, str], lines: Lines, minutes: int) -> pd.DataFrame:
    """One row per region and bucket, with one column per sum; words that mean the same region are still apart."""
    query = _query(orders, names, lines, minutes)
    try:
        result = read_frame(query)
    except Exception as error:
        raise EngineError(Problem("PN102", _source(orders), f"the engine failed: {_first_line(error)}")) from error
    code_of = {word: region for region, words in orders.region_words.items() for word in words}
    hours = pd.to_datetime(result["hour"])
    parts = pd.to_timedelta(result["part"] * minutes, unit="min") if minutes < 60 else timedelta(0)
    result = result.assign(region=result["word"].map(code_of), bucket=hours + parts)
    return result[result["region"].notna() & result["bucket"].notna()].reset_index(drop=True)


def _query(orders: Orders, names: Mapping[Sum, str], lines: Lines, minutes: int) -> ibis.Table:
    """The query: what each order adds is worked out once in the inner select, then summed without any condition.

    Engines evaluate a condition inside every aggregate again; a trial on DuckDB took twice as long that way.
    """
    table = orders.table
    parameters = {name: line_of_region(table, orders, lines[name]) for name in lines if lines[name]}
    keys = {"word": table.region, "hour": table.created_at.truncate("h")}
    if minutes < 60:
        keys["part"] = (table.created_at.minute() // minutes).cast("int64")
    places = {(needed.condition, needed.value): f"v{number}" for number, needed in enumerate(names)}
    firsts = {places[needed.condition, needed.value]: needed for needed in names}
    values = {place: inner_value(needed, table, parameters) for place, needed in firsts.items()}
    inner = table.select(**keys, **values)
    aggregates = {
        name: aggregate_of(needed, inner[places[needed.condition, needed.value]]) for needed, name in names.items()
    }
    return inner.group_by(list(keys)).aggregate(**aggregates)


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


# ── the long table ─────────────────────────────────────────────────────────────────────────────────────


def _panel(plan: Plan, sums: DailySums, span: DataSpan, lines: Lines, as_of: date | None) -> Panel:
    days = sums.days
    counts = sums.sums[plan.sums.index(COUNT_ALL)]
    strays = find_strays(days, counts.sum(axis=0)) if as_of is None else None
    first_day = np.datetime64(strays.first_day) if strays else days[0]
    as_of = strays.last_day if strays and strays.last_day < date.fromisoformat(str(days[-1])) else as_of
    newest = max(span.last_complete_day(region) for region in sums.regions)
    cut = _cut(sums, span, as_of)
    started = np.maximum.accumulate(counts > 0, axis=1)
    inside = started & (days[None, :] <= cut[:, None]) & (days >= first_day)[None, :]
    if not inside.any():
        raise SettingsError(Problem("PN103", "as_of", f"{as_of} lies before the first order ({days[0]})"))
    is_complete = np.stack([_is_complete(days, span, region) for region in sums.regions])
    daily = _long(plan, sums, span, lines, inside, is_complete, as_of)
    newest_day = min(newest, as_of) if as_of else newest
    zones = {region: span.zones[region] for region in sums.regions}
    metrics = {recipe.metric.id: recipe.metric for recipe in plan.recipes}
    said = (strays.problem,) if strays else ()
    problems = (*plan.problems, *said, *day_problems(sums.regions, days, counts, inside, is_complete))
    return Panel(daily, metrics, plan.unavailable, newest_day, zones, problems)


def _cut(sums: DailySums, span: DataSpan, as_of: date | None) -> NDArray[np.datetime64]:
    """The last day of each region: its newest day with orders, or the newest complete day, and never after `as_of`."""
    has_orders = np.asarray(sums.sums.any(axis=0))
    newest = sums.days[sums.sums.shape[2] - 1 - has_orders[:, ::-1].argmax(axis=1)]
    complete = np.array([span.last_complete_day(region) for region in sums.regions], dtype="datetime64[D]")
    cut = np.maximum(newest, complete)
    return np.asarray(cut if as_of is None else np.minimum(cut, np.datetime64(as_of, "D")))


def _is_complete(days: NDArray[np.datetime64], span: DataSpan, region: str) -> NDArray[np.bool_]:
    first = np.datetime64(span.first_complete_day(region), "D")
    last = np.datetime64(span.last_complete_day(region), "D")
    return np.asarray((days >= first) & (days <= last))


def _long(
    plan: Plan,
    sums: DailySums,
    span: DataSpan,
    lines: Lines,
    inside: NDArray[np.bool_],
    is_complete: NDArray[np.bool_],
    as_of: date | None,
) -> pd.DataFrame:
    """One row per region, metric and day, in that order; arrays below have the shape (regions, metrics, days)."""
    shape = (len(sums.regions), len(plan.recipes), len(sums.days))
    rows = np.broadcast_to(inside[:, None, :], shape) & _has_line(plan, sums, lines)[:, :, None]
    ids = np.array([recipe.metric.id for recipe in plan.recipes], dtype=object)
    region_at, metric_at, day_at = np.nonzero(rows)
    columns = _values(plan, sums)
    mature = _last_mature(plan, sums, span, as_of)[:, :, None] >= sums.days[None, None, :]
    frame = {
        "region": pd.array(np.array(sums.regions, dtype=object)[region_at], dtype="str"),
        "day": sums.days[day_at].astype("datetime64[ns]"),
        "metric": pd.array(ids[metric_at], dtype="str"),
        **{name: values[rows] for name, values in columns.items()},
        "is_complete": is_complete[region_at, day_at],
        "is_mature": mature[rows],
    }
    return pd.DataFrame(frame, columns=list(PANEL_COLUMNS))


def _has_line(plan: Plan, sums: DailySums, lines: Lines) -> NDArray[np.bool_]:
    return np.array(
        [
            [all(region in lines[name] for name in recipe.parameters) for recipe in plan.recipes]
            for region in sums.regions
        ]
    )


def _values(plan: Plan, sums: DailySums) -> dict[str, NDArray[np.float64]]:
    index = {needed: number for number, needed in enumerate(plan.sums)}
    cell = sums.sums.shape[1:]

    def stack(pick: Any, otherwise: float) -> NDArray[np.float64]:
        needed = [pick(recipe) for recipe in plan.recipes]
        return np.stack([np.full(cell, otherwise) if one is None else sums.sums[index[one]] for one in needed], axis=1)

    return {
        "events": stack(lambda recipe: recipe.events, np.nan),
        "exposure": stack(lambda recipe: recipe.exposure, 1.0),
        "value_sum": stack(lambda recipe: recipe.value_sum, np.nan),
        "value_sumsq": stack(lambda recipe: recipe.value_sumsq, np.nan),
    }


def _last_mature(plan: Plan, sums: DailySums, span: DataSpan, as_of: date | None) -> NDArray[np.datetime64]:
    horizons = sorted({recipe.metric.horizon_hours for recipe in plan.recipes})
    column = {hours: number for number, hours in enumerate(horizons)}
    last = np.array(
        [[span.last_mature_day(region, hours, as_of) for hours in horizons] for region in sums.regions],
        dtype="datetime64[D]",
    )
    return last[:, [column[recipe.metric.horizon_hours] for recipe in plan.recipes]]
