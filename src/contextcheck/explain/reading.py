"""One read per flag: the orders of its region from the quiet past to the end of the window, few columns, few rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from contextcheck.errors import Location, Problem
from contextcheck.explain.profiles import EXPOSED, FLAGGED, ORDER_COLUMNS
from contextcheck.explain.slices import HOUR, Everyone, Scene, Slice, make_slice
from contextcheck.knowledge.columns import COLUMNS
from contextcheck.knowledge.signs import SIGN_SPECS
from contextcheck.panel.frames import in_memory, read_frame
from contextcheck.panel.orders import LOCAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    import ibis
    from numpy.typing import NDArray

    from contextcheck.knowledge.entries import Entry
    from contextcheck.knowledge.expressions import Expression
    from contextcheck.knowledge.lines import Line
    from contextcheck.knowledge.metrics import Metric
    from contextcheck.panel.orders import Orders

MAX_ORDERS = 200_000
MAX_ELSEWHERE = 100_000
MAX_HELD = 1_000_000
"""Orders that are held in memory while a flag is explained: some 150 MB."""
HASH_STEPS = 10_000
AMOUNT, EXPOSURE = "_amount:", "_exposure:"

ALWAYS = ("created_at", "status", "customer_id")
DRIVER_COLUMNS = ("payment_method", "channel", "category", "touchpoint", "feature_exposed", "account_created_at")
ACCOUNT_COLUMNS = ("device_id", "address_id", "payment_id", "product_id", "order_total", "retained_total")
JOURNEY_COLUMNS = ("cancelled_at", "modified_at", "returned_at")
LINK_COLUMNS = ("device_id", "address_id", "payment_id")


def wanted_columns(entries: Iterable[Entry], available: frozenset[str], *, signs_only: bool = False) -> tuple[str, ...]:
    """Give the columns that the entries' signs, the drivers and the account profiles look at, as far as there are.

    With `signs_only`, those of the signs alone: where accounts, drivers and journeys are not asked for.
    """
    wanted = {*ALWAYS} if signs_only else {*ALWAYS, *DRIVER_COLUMNS, *ACCOUNT_COLUMNS, *JOURNEY_COLUMNS}
    for entry in entries:
        for sign in (*entry.signs, *entry.contradicted_by):
            spec = SIGN_SPECS.get(sign.test)
            wanted.update((*spec.needs(sign), *spec.helped_by) if spec else ())
            wanted.update(sign.texts("over"))
            if sign.text("over"):
                wanted.add(sign.text("over"))
    return tuple(name for name in COLUMNS if name in wanted and name in available)


def read_slices(
    scenes: Mapping[str, Scene],
    orders: Orders,
    entries: Sequence[Entry],
    segment: Mapping[str, str],
    *,
    signs_only: bool = False,
) -> tuple[dict[str, Slice], list[Problem]]:
    """Read the orders of a flag, once, for every metric that is needed.

    Above MAX_ORDERS orders, whole customers are sampled by a fixed hash of their id; the sums of all customers are
    asked of the rows in memory, above MAX_HELD orders of the source.

    Args:
        scenes: Metric id to its scene; all of the same region and days.
        orders: Where the orders are; only the region's days are read.
        entries: Candidates; only the columns they need are read.
        segment: Column to the value that the flag is limited to.
        signs_only: Whether only the columns of the signs are read, without those for accounts, drivers and journeys.

    Returns:
        A slice per metric, with the same rows in the same order, and notes for the report (when only some of the
        customers were read).
    """
    scene = next(iter(scenes.values()))
    start = scene.before.start if scene.before else scene.window.start
    table = orders.of_region_days(scene.region, start, scene.window.end)
    for column, value in segment.items():
        table = table.filter(table[column] == value)
    known = _known_orders(scene, scene.region, start)
    share = min(1.0, MAX_ORDERS / max(known, 1.0))
    rows = _rows(table, scenes, entries, orders, signs_only=signs_only)
    if share == 1:
        return _finished(scenes, orders, _frame(rows), share, {}), []
    if known <= MAX_HELD and not signs_only:
        # nearly all of the work is to find the region's rows among the others'
        rows = in_memory(rows)
        frame = _frame(_sampled(rows, share))
    else:
        frame = _frame(_rows(_sampled(table, share), scenes, entries, orders, signs_only=signs_only))
    everyone = {} if signs_only else {name: _everyone(rows, each, orders) for name, each in scenes.items()}
    note = Problem(
        "EX201",
        f"{scene.region} {scene.window.start}",
        f"signs were tested on every order of {share:.0%} of the customers (drawn by a fixed hash of the "
        f"customer); shares are not affected, intervals are wider",
        "info",
    )
    return _finished(scenes, orders, frame, share, everyone), [note]


def _everyone(rows: ibis.Table, scene: Scene, orders: Orders) -> Everyone:
    """All orders of the flag in an engine, for sums per customer."""
    amount, exposure = rows[f"{AMOUNT}{scene.metric.id}"], rows[f"{EXPOSURE}{scene.metric.id}"]
    columns = [name for name in ORDER_COLUMNS if name in rows.columns]
    counted = rows.filter(rows.customer_id.notnull()) if "customer_id" in rows.columns else rows
    return Everyone(
        counted.select(*columns, **{FLAGGED: amount.fill_null(0.0), EXPOSED: exposure.fill_null(0.0)}),
        lambda window: orders.days_on_source_clock(scene.region, window.start, window.end),
    )


def read_elsewhere(
    scenes: Mapping[str, Scene], orders: Orders, entries: Sequence[Entry], regions: Mapping[str, Mapping[str, Line]]
) -> dict[str, dict[str, Slice]]:
    """Read the same days of comparable regions, once, for every metric that is needed.

    Above MAX_ELSEWHERE orders, whole customers are sampled by a fixed hash of their id.

    Args:
        scenes: Metric id to the flag's scene.
        orders: Where the orders are.
        entries: Candidates; only the columns they need are read.
        regions: Region to its lines.

    Returns:
        Region to metric id to slice; regions without orders on these days are left out.
    """
    scene = next(iter(scenes.values()))
    names = [name for name in regions if name in orders.region_words]
    if not names:
        return {}
    start = scene.before.start if scene.before else scene.window.start
    table = orders.of_regions_days(names, start, scene.window.end)
    share = min(1.0, MAX_ELSEWHERE / max(sum(_known_orders(scene, name, start) for name in names), 1.0))
    chosen = _sampled(table, share) if share < 1 else table
    frame = _frame(_rows(chosen, scenes, entries, orders, with_region=True, signs_only=True))
    code = {word: name for name in names for word in orders.region_words[name]}
    region = frame.pop("region").map(code)
    found = {}
    for name in names:
        here = {metric: replace(each, region=name, lines=regions[name], voices={}) for metric, each in scenes.items()}
        rows = frame[region == name].reset_index(drop=True)
        if len(rows):
            found[name] = _finished(here, orders, rows, share, {})
    return found


def _known_orders(scene: Scene, region: str, start: date) -> float:
    daily = scene.panel.series(region, "orders")
    inside = (daily.index >= pd.Timestamp(start)) & (daily.index <= pd.Timestamp(scene.window.end))
    return float(daily.loc[inside, "events"].sum())


def _sampled(table: ibis.Table, share: float) -> ibis.Table:
    """Whole customers by the engine's hash of their id; orders without a customer by what they hold.

    The id of the order would do as well, but it is the longest column to read, and nothing else asks for it.
    """
    import ibis

    if "order_total" in table.columns:
        key = table.created_at.cast("string") + "|" + table.order_total.cast("string").fill_null("")
    else:
        key = table.order_id
    if "customer_id" in table.columns:
        key = ibis.coalesce(table.customer_id, key)
    return table.filter((key.hash() % HASH_STEPS).abs() < round(share * HASH_STEPS))


def _rows(
    table: ibis.Table,
    scenes: Mapping[str, Scene],
    entries: Sequence[Entry],
    orders: Orders,
    *,
    with_region: bool = False,
    signs_only: bool = False,
) -> ibis.Table:
    """The one query: wanted columns plus what each order adds to each metric."""
    wanted = wanted_columns(entries, orders.columns, signs_only=signs_only)
    # a dispute names its order, guests without an amount are sampled by it; nothing else asks for its number
    if next(iter(scenes.values())).voices or "order_total" not in orders.columns:
        wanted = (*wanted, "order_id")
    columns = {name: table[name] for name in wanted}
    if with_region:
        columns["region"] = table["region"]
    computed: dict[str, ibis.Value] = {}
    for name, scene in scenes.items():
        parameters = {line: each.amount for line, each in scene.lines.items()}
        amount, exposure = metric_columns(table, scene.metric, parameters)
        computed |= {f"{AMOUNT}{name}": amount, f"{EXPOSURE}{name}": exposure}
    return table.select(**columns, **computed)


def _frame(rows: ibis.Table) -> pd.DataFrame:
    """Run the query; words as categories, rows in order of time."""
    words = [name for name in rows.columns if name in COLUMNS and COLUMNS[name].type == "text" and name != "order_id"]
    return in_order(read_frame(rows, categories=words))


def in_order(found: pd.DataFrame) -> pd.DataFrame:
    """The rows by `created_at` and, where that is the same, by all they hold: engines give them in any order.

    Numbers are sorted much faster here than whole rows in the engine; few orders share a second. Rows that are alike in
    everything may change places.
    """
    moments = found["created_at"].to_numpy().astype("datetime64[us]").astype(np.int64)
    order = np.argsort(moments)
    same = np.diff(moments[order]) == 0
    tied = np.append(same, False) | np.append(False, same)
    if tied.any():
        places = np.flatnonzero(tied)
        rows = found.iloc[order[places]]
        keys = [_sortable(rows[name]) for name in reversed(rows.columns) if name != "created_at"]
        order[places] = order[places[np.lexsort((*keys, moments[order[places]]))]]
    return found.take(order).reset_index(drop=True)


def _sortable(column: pd.Series[Any]) -> NDArray[Any]:
    """A column as numbers in the order of its values; missing ones together."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return np.asarray(column.cat.codes)
    if pd.api.types.is_datetime64_dtype(column.dtype):
        return column.to_numpy().astype(np.int64)
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    return pd.factorize(column, sort=True)[0]


def metric_columns(table: ibis.Table, metric: Metric, parameters: Mapping[str, float]) -> tuple[ibis.Value, ibis.Value]:
    """Give what an order adds to a metric, and whether it counts in its denominator (0 or 1), as engine expressions.

    An event counts when it happens within the metric's horizon, as in the panel.
    """
    import ibis

    from contextcheck.knowledge.expressions import compile_expression

    denominator = compile_expression(_parsed(metric.denominator, metric), table, parameters)
    exposure = denominator.cast("float64")
    within = _within_horizon(table, metric, parameters)
    if metric.kind in ("mean", "sum"):
        value = compile_expression(_best_value(metric, table), table, parameters).cast("float64")
        counted = denominator & within & value.notnull()
        return ibis.ifelse(counted, value, 0.0), counted.cast("float64")
    event = compile_expression(_parsed(metric.numerator, metric), table, parameters) & within
    if metric.kind == "rate":
        event = event & denominator
    else:
        exposure = ibis.literal(1.0)
    return event.cast("float64"), exposure


def _within_horizon(table: ibis.Table, metric: Metric, parameters: Mapping[str, float]) -> ibis.Value:
    """Whether the event came in time; one whose time is not known counts by its status, as in the panel."""
    import ibis

    from contextcheck.knowledge.expressions import compile_expression

    if not metric.happens_at or _parsed(metric.happens_at, metric).available(table.columns) is None:
        return ibis.literal(True)
    hours = f"hours_between(created_at, {metric.happens_at})"
    in_time = f"{metric.happens_at} is null or {hours} <= {metric.horizon_hours:g}"
    return compile_expression(_parsed(in_time, metric), table, parameters)


def _best_value(metric: Metric, table: ibis.Table) -> Expression:
    """The first way to compute the metric's value whose columns are all there."""
    choices = [_parsed(choice.expression, metric) for choice in metric.values]
    return next(choice for choice in choices if choice.available(table.columns) is not None)


def _parsed(text: str, metric: Metric) -> Expression:
    from contextcheck.knowledge.expressions import parse_expression

    problems: list[Problem] = []
    parsed = parse_expression(text, metric.where or Location(metric.id), problems)
    if parsed is None:
        raise ValueError("; ".join(str(problem) for problem in problems))
    return parsed


def _finished(
    scenes: Mapping[str, Scene],
    orders: Orders,
    frame: pd.DataFrame,
    share: float,
    everyone: Mapping[str, Everyone],
) -> dict[str, Slice]:
    """Mark periods, leave out the days between the past and the window, one slice per metric."""
    scene = next(iter(scenes.values()))
    local = local_times(frame["created_at"], orders, scene.region)
    day = local.to_numpy().astype("datetime64[D]")
    inside = (day >= np.datetime64(scene.window.start)) & (day <= np.datetime64(scene.window.end))
    if scene.before is not None:
        inside |= (day >= np.datetime64(scene.before.start)) & (day <= np.datetime64(scene.before.end))
    kept = frame.loc[inside].reset_index(drop=True)
    shown = kept[[name for name in kept.columns if name in COLUMNS]].assign(**{HOUR: local.dt.hour.to_numpy()[inside]})
    return {
        name: make_slice(
            each,
            shown,
            day[inside],
            kept[f"{AMOUNT}{name}"].fillna(0.0).to_numpy(dtype=np.float64),
            kept[f"{EXPOSURE}{name}"].fillna(0.0).to_numpy(dtype=np.float64),
            sample_share=share,
            everyone=everyone.get(name),
        )
        for name, each in scenes.items()
    }


def local_days(times: pd.Series[Any], orders: Orders, region: str) -> NDArray[np.datetime64]:
    """Give the local day of each time on the source clock."""
    return local_times(times, orders, region).to_numpy().astype("datetime64[D]")


def local_times(times: pd.Series[Any], orders: Orders, region: str) -> pd.Series[Any]:
    """Give each time on the source clock as the local time of the region."""
    moments = pd.to_datetime(times)
    if orders.clock != LOCAL and orders.zone_of(region) != orders.clock:
        aware = moments.dt.tz_localize(ZoneInfo(orders.clock), ambiguous=True, nonexistent="shift_forward")
        return aware.dt.tz_convert(ZoneInfo(orders.zone_of(region))).dt.tz_localize(None)
    return moments
