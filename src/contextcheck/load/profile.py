"""One cheap grouped look at staged orders: which regions, statuses and currencies there are, how often, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import isnan
from typing import TYPE_CHECKING, Any

import ibis

from contextcheck.knowledge.columns import COLUMNS

if TYPE_CHECKING:
    from contextcheck.load.stage import Staged

BIG_ROWS = 3_000_000
SAMPLE_SHARE = 64
FIRST_MOMENT, LAST_MOMENT = datetime(1990, 1, 1), datetime(2100, 1, 1)
"""No order of an online shop was placed before the first or at or after the second."""
MOST_AMOUNT = 1e15
"""No amount or count of one order is larger, in any currency."""


@dataclass(frozen=True, slots=True)
class Group:
    """The orders of one region, status and currency as written.

    Attributes:
        without_time: Rows whose time of order is missing or lies outside `FIRST_MOMENT` to `LAST_MOMENT`.
        negative: Rows whose order total is below 0.
        unreadable: Rows with a value that could not be read.
        first, last: Of the times inside those bounds.
        not_numbers: Columns in which a number is NaN.
        beyond: Columns in which a number is infinite or larger than `MOST_AMOUNT`.
    """

    region: str | None
    status: str | None
    currency: str | None
    rows: int
    without_time: int
    negative: int
    unreadable: int
    first: datetime | None
    last: datetime | None
    not_numbers: frozenset[str] = frozenset()
    beyond: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Order ids that stand more than once; `rows` are the rows too many, estimated when only a sample was looked at."""

    rows: int
    example: str
    example_rows: int
    is_sampled: bool
    without_id: int


def profile(staged: Staged) -> tuple[Group, ...]:
    """Give the groups of region, status and currency, biggest first."""
    table = staged.table
    keys = {name: table[name] if name in staged.columns else ibis.null("string") for name in ("region", "status")}
    keys["currency"] = table["currency"] if "currency" in staged.columns else ibis.null("string")
    has_total = "order_total" in staged.columns
    negative = (table.order_total < 0).sum() if has_total else ibis.literal(0)
    has_unreadable = not staged.is_in_place
    inside = is_possible(table.created_at)
    numbers = number_columns(staged)
    # an engine's largest value is NaN where there is one
    extremes = {f"{side}_{name}": getattr(table[name], side)() for name in numbers for side in ("max", "min")}
    grouped = table.group_by(**keys).aggregate(
        n=table.count(),
        without_time=(~inside.fill_null(False)).sum(),
        negative=negative,
        unreadable=table._unreadable.notnull().sum() if has_unreadable else ibis.literal(0),
        first=table.created_at.min(where=inside),
        last=table.created_at.max(where=inside),
        **extremes,
    )
    rows = grouped.order_by([ibis.desc("n"), "region", "status", "currency"]).to_pyarrow().to_pylist()
    return tuple(_group(row, numbers) for row in rows)


def number_columns(staged: Staged) -> tuple[str, ...]:
    """The canonical columns that hold floating numbers."""
    return tuple(
        name
        for name in staged.columns
        if COLUMNS[name].type in ("amount", "number") and staged.table[name].type().is_floating()
    )


def is_possible(moment: Any) -> Any:
    """Whether an order can have been placed at this time; empty where there is none."""
    first, last = (ibis.literal(each).cast(moment.type()) for each in (FIRST_MOMENT, LAST_MOMENT))
    return (moment >= first) & (moment < last)


def is_beyond(number: Any) -> Any:
    """Whether a number is infinite or larger than any amount; NaN is not."""
    return ((number.abs() > MOST_AMOUNT) & ~number.isnan()).fill_null(False)


def _group(row: dict[str, Any], numbers: tuple[str, ...]) -> Group:
    extremes = {name: [row[f"{side}_{name}"] for side in ("max", "min")] for name in numbers}
    known = {name: [each for each in both if each is not None] for name, both in extremes.items()}
    return Group(
        region=row["region"],
        status=row["status"],
        currency=row["currency"],
        rows=int(row["n"]),
        without_time=int(row["without_time"] or 0),
        negative=int(row["negative"] or 0),
        unreadable=int(row["unreadable"] or 0),
        first=row["first"],
        last=row["last"],
        not_numbers=frozenset(name for name, both in known.items() if any(isnan(each) for each in both)),
        # a NaN hides the largest number behind it
        beyond=frozenset(name for name, both in known.items() if any(not abs(each) <= MOST_AMOUNT for each in both)),
    )


def find_duplicates(staged: Staged, rows: int) -> Duplicates:
    """Look for order ids that stand more than once.

    Method: all ids when the orders are few or were copied; else those whose hash falls into one of 64 parts, the same
        ids in every run.
    Blind spots: in a sample, fewer than about a hundred repeated ids in tens of millions may stay unseen.
    """
    table = staged.table
    is_sampled = staged.is_in_place and rows > BIG_ROWS
    ids = table.select(id=table.order_id)
    if is_sampled:
        ids = ids.filter(ids.id.isnull() | (ids.id.hash() % SAMPLE_SHARE == 0))
    # one group per id, and one for the rows without any
    counted = ids.group_by("id").aggregate(n=ibis._.count())
    repeats = counted.id.notnull() & (counted.n > 1)
    found = (
        counted.aggregate(
            rows=(counted.n - 1).sum(where=repeats),
            example=counted.id.min(where=repeats),
            most=counted.n.max(where=repeats),
            without=counted.n.sum(where=counted.id.isnull()),
        )
        .to_pyarrow()
        .to_pylist()[0]
    )
    extra = int(found["rows"] or 0) * (SAMPLE_SHARE if is_sampled else 1)
    return Duplicates(
        extra, str(found["example"] or ""), int(found["most"] or 0), is_sampled, int(found["without"] or 0)
    )
