"""One region's orders by arm of a split (saw the feature or not) and groups of customers, in one query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
import pandas as pd

from contextcheck.errors import EngineError, Problem
from contextcheck.panel.frames import read_frame
from contextcheck.panel.plan import COUNT_ALL, Plan, make_plan
from contextcheck.panel.query import aggregate_of, inner_value, line_of_region
from contextcheck.panel.table import PANEL_COLUMNS, Panel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from contextcheck.knowledge.lines import Lines
    from contextcheck.panel.orders import Orders
    from contextcheck.records import Window

GROUPS = 200
"""Random groups of customers; resampling them has the variance of resampling customers, known to 1/sqrt(400) = 5 %."""
UNEXPOSED, EXPOSED, MIXED, NO_CUSTOMER = 0, 1, 2, 3
DAY_SECONDS = 86_400
NEEDED = ("feature_exposed", "customer_id")


@dataclass(frozen=True, slots=True)
class Arms:
    """A region's orders of some days by arm and group of customers.

    Attributes:
        panel: Ledger metrics per column and day of the window; its regions are columns such as "exposed 017", and every
            column has every day.
        customers: Customers with orders in the window: unexposed, exposed, and those who were both.
        without_customer: Share of the window's orders that name no customer.
        before: Orders before the window of the customers of each arm and group, shape (2, groups): unexposed, exposed.
        reason: Why there are no arms; empty when there are.
    """

    panel: Panel | None
    customers: tuple[int, int, int] = (0, 0, 0)
    without_customer: float = 0.0
    before: NDArray[np.float64] | None = None
    reason: str = ""


def columns_of(arm: int) -> list[str]:
    """Names of the columns of one arm, one per group of customers."""
    return [f"{'exposed' if arm == EXPOSED else 'unexposed'} {group:03d}" for group in range(GROUPS)]


def arm_of(column: str) -> str:
    """The arm that a column belongs to."""
    return column.split(" ", 1)[0]


def read_arms(
    orders: Orders,
    panel: Panel,
    lines: Lines,
    region: str,
    window: Window,
    before: Window | None,
    *,
    without: Sequence[str] = (),
) -> Arms:
    """Give a region's daily sums by arm of the split and group of customers.

    Args:
        orders: Orders in an engine; only the region's days are read.
        panel: The panel of the same orders, for the metrics and for which days are complete and mature.
        lines: Free-shipping lines and the like, per region.
        region: The region.
        window: Days since the launch.
        before: Quiet days before it, for what the customers of both arms did then; None when there are none.
        without: Customers whose orders are left out.

    Returns:
        The arms; with a reason when a column is missing.

    Raises:
        EngineError: The engine failed.
    """
    missing = [name for name in NEEDED if name not in orders.columns]
    if missing:
        return Arms(None, reason=f"no {' and no '.join(missing)}")
    metrics = {name: metric for name, metric in panel.metrics.items() if "ledger" in metric.uses or name == "orders"}
    plan = make_plan(metrics, orders.columns, frozenset(name for name in lines if region in lines[name]))
    start = before.start if before else window.start
    query = _query(orders, plan, lines, region, start, window, without)
    try:
        table = read_frame(query)
    except Exception as error:
        place = orders.inputs[0].name if orders.inputs else "orders"
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise EngineError(Problem("PN102", place, f"the engine failed: {first}")) from error
    return _arms(table, plan, panel, region, start, window)


# ── the query ──────────────────────────────────────────────────────────────────────────────────────────


def _query(
    orders: Orders, plan: Plan, lines: Lines, region: str, start: date, window: Window, without: Sequence[str]
) -> ibis.Table:
    """One row per arm, group of customers and local day: the sums, and on the first day of each customer who it is."""
    table = orders.of_region_days(region, start, window.end)
    if without:
        table = table.filter(~table.customer_id.cast("string").isin(sorted(without)).fill_null(False))
    opening, _ = orders.days_on_source_clock(region, window.start, window.end)
    arms = _arm_of_customers(table, opening)
    known = table.left_join(arms, "customer_id").select(table, arms.arm_, arms.first_)
    parameters = {name: line_of_region(known, orders, lines[name]) for name in lines if lines[name]}
    values = {f"v{number}": inner_value(needed, known, parameters) for number, needed in enumerate(plan.sums)}
    # a customer is counted with the order that was the first in the window
    is_first = (known.order_id == known.first_).fill_null(False)
    inner = known.select(
        arm=known.arm_.fill_null(NO_CUSTOMER),
        part=(known.customer_id.hash() % GROUPS).abs().fill_null(0),
        number=_local_day(known, orders, region, start, window.end),
        first=ibis.cases((is_first, 1)),
        **values,
    )
    sums = {f"s{number}": aggregate_of(needed, inner[f"v{number}"]) for number, needed in enumerate(plan.sums)}
    return inner.group_by(["arm", "part", "number"]).aggregate(customers=inner["first"].count(), **sums)


def _arm_of_customers(table: ibis.Table, opening: datetime) -> ibis.Table:
    """Customers with orders in the window: 1 exposed on all of them, 0 on none, 2 on some; and one order of each."""
    inside = table.filter(table.created_at >= opening, table.customer_id.notnull())
    saw = inside.feature_exposed.fill_null(False).cast("int64")
    counted = inside.group_by("customer_id").aggregate(
        saw_=saw.sum(), all_=inside.count(), first_=inside.order_id.min()
    )
    arm = ibis.cases((counted.saw_ == 0, UNEXPOSED), (counted.saw_ == counted.all_, EXPOSED), else_=MIXED)
    return counted.select("customer_id", "first_", arm_=arm)


def _local_day(table: ibis.Table, orders: Orders, region: str, start: date, end: date) -> ibis.Value:
    """Number of the local day of each order, 0 for `start`; days of 23 and 25 hours come out exactly."""
    days = [start + timedelta(days=number) for number in range((end - start).days + 1)]
    begins = [orders.to_source_clock(region, datetime.combine(day, time())) for day in days]
    # stretches of days that begin at the same distance from midnight on the source clock
    starts = [0] + [
        number for number in range(1, len(days)) if begins[number] - begins[number - 1] != timedelta(days=1)
    ]
    seconds = table.created_at.epoch_seconds().cast("int64")
    found = ibis.literal(0, "int64")
    for number, first in enumerate(starts):
        last = (starts[number + 1] if number + 1 < len(starts) else len(days)) - 1
        began = int((begins[first] - datetime(1970, 1, 1)).total_seconds())
        inside = ibis.least(first + (seconds - began) // DAY_SECONDS, ibis.literal(last, "int64"))
        found = ibis.ifelse(seconds >= began, inside, found)
    return found


# ── the long table ─────────────────────────────────────────────────────────────────────────────────────


def _arms(table: pd.DataFrame, plan: Plan, panel: Panel, region: str, start: date, window: Window) -> Arms:
    opening = (window.start - start).days
    arm, number = table["arm"].to_numpy(dtype=np.int64), table["number"].to_numpy(dtype=np.int64)
    placed = table[f"s{plan.sums.index(COUNT_ALL)}"].to_numpy(dtype=float)
    inside = number >= opening
    counts = [int(table["customers"].to_numpy()[arm == which].sum()) for which in (UNEXPOSED, EXPOSED, MIXED)]
    all_orders = float(placed[inside].sum())
    nobody = float(placed[inside & (arm == NO_CUSTOMER)].sum())
    before = np.zeros((2, GROUPS))
    earlier = ~inside & np.isin(arm, (UNEXPOSED, EXPOSED))
    np.add.at(before, (arm[earlier], table["part"].to_numpy(dtype=np.int64)[earlier]), placed[earlier])
    kept = table[inside & np.isin(arm, (UNEXPOSED, EXPOSED))]
    cube = _cube(kept, len(plan.sums), opening, window.days)
    return Arms(
        panel=_panel(cube, plan, panel, region, window),
        customers=(counts[0], counts[1], counts[2]),
        without_customer=nobody / all_orders if all_orders else 0.0,
        before=before,
    )


def _cube(table: pd.DataFrame, sums: int, opening: int, days: int) -> NDArray[np.float64]:
    """Shape (sums, columns, days); columns are the unexposed groups, then the exposed ones."""
    cube = np.zeros((sums, 2 * GROUPS, days))
    column = table["arm"].to_numpy(dtype=np.int64) * GROUPS + table["part"].to_numpy(dtype=np.int64)
    day = table["number"].to_numpy(dtype=np.int64) - opening
    for number in range(sums):
        cube[number, column, day] = table[f"s{number}"].to_numpy(dtype=float, na_value=0.0)
    return cube


def _panel(cube: NDArray[np.float64], plan: Plan, panel: Panel, region: str, window: Window) -> Panel:
    """The arms as a panel of their own; which days are complete and mature is the region's."""
    columns = [*columns_of(UNEXPOSED), *columns_of(EXPOSED)]
    days = pd.date_range(window.start, window.end)
    place = {needed: number for number, needed in enumerate(plan.sums)}
    parts = []
    for recipe in plan.recipes:
        marks = panel.series(region, recipe.metric.id).reindex(days)
        events = cube[place[recipe.events]].T
        exposure = cube[place[recipe.exposure]].T if recipe.exposure else np.ones_like(events)
        part: dict[str, Any] = {
            "region": np.tile(np.array(columns, dtype=object), len(days)),
            "day": np.repeat(days.to_numpy(), len(columns)),
            "metric": recipe.metric.id,
            "events": events.ravel(),
            "exposure": exposure.ravel(),
            "value_sum": cube[place[recipe.value_sum]].T.ravel() if recipe.value_sum else np.nan,
            "value_sumsq": np.nan,
        }
        for mark in ("is_complete", "is_mature"):
            part[mark] = np.repeat((marks[mark] == True).to_numpy(), len(columns))  # noqa: E712 - missing is False
        parts.append(pd.DataFrame(part, columns=list(PANEL_COLUMNS)))
    daily = pd.concat(parts, ignore_index=True)
    metrics = {recipe.metric.id: recipe.metric for recipe in plan.recipes}
    zones = dict.fromkeys(columns, panel.zones.get(region, "UTC"))
    return Panel(daily, metrics, panel.unavailable, panel.as_of, zones, panel.problems)
