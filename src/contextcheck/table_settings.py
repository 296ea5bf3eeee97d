"""The keys contacts:, surveys: and disputes: of contextcheck.yaml: tables that are read beside the orders."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from contextcheck.errors import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contextcheck.yamlio.fields import Fields

TABLES = ("contacts", "surveys", "disputes")
"""Contacts with customer care, answers to surveys, disputed payments."""

TABLE_COLUMNS = (
    "id",
    "created_at",
    "region",
    "customer_id",
    "order_id",
    "topic",
    "score",
    "language",
    "channel",
    "amount",
    "currency",
)
"""What a row of such a table may tell; only `created_at` must be there, and a region, a customer or an order."""


@dataclass(frozen=True, slots=True)
class TableSource:
    """Where one of these tables is and how to read it.

    Attributes:
        paths: Files or globs.
        url: A connection that Ibis knows, instead of files.
        table: Table inside the connection or database file.
        map: Table map by name or path; "auto" takes the best that fits.
        timezone: What naive times mean: an IANA zone, or "local" for the time of each row's region.
        date_order: "auto", "ymd", "dmy" or "mdy" for dates in text.
        decimal: "auto", "point" or "comma": the sign before the decimals of numbers in text, where they leave it open.
        columns: Our column name to the source's header, over the map's (such as {score: Q3}).
        scale: Lowest and highest possible score; empty when the map or nobody says.
    """

    paths: tuple[str, ...] = ()
    url: str = ""
    table: str = ""
    map: str = "auto"
    timezone: str = "UTC"
    date_order: str = "auto"
    decimal: str = "auto"
    columns: Mapping[str, str] = field(default_factory=dict)
    scale: tuple[float, ...] = ()


def read_tables(top: Fields) -> dict[str, TableSource]:
    """Give the tables that the settings name; every problem is collected in `top`."""
    found = {}
    for name in TABLES:
        entry = top.mapping(name)
        if entry is not None:
            found[name] = _read_table(entry, name)
            entry.finish()
    return found


def _read_table(entry: Fields, name: str) -> TableSource:
    columns = entry.mapping("columns")
    source = TableSource(
        paths=(*entry.texts("path"), *entry.texts("paths")),
        url=entry.text("url"),
        table=entry.text("table"),
        map=entry.text("map", "auto"),
        timezone=entry.text("timezone", "UTC"),
        date_order=entry.choice("date_order", ("auto", "ymd", "dmy", "mdy"), "auto"),
        decimal=entry.choice("decimal", ("auto", "point", "comma"), "auto"),
        columns={column: columns.text(column) for column in columns.names()} if columns else {},
        scale=_scale(entry),
    )
    for column in source.columns:
        if column not in TABLE_COLUMNS and columns is not None:
            columns.problem("105", columns.place(column), f'unknown column "{column}"{nearest(column, TABLE_COLUMNS)}')
    if not (source.paths or source.url):
        entry.problem("101", entry.where, f'"{name}" needs a path (or a url and a table)')
    return source


def _scale(entry: Fields) -> tuple[float, ...]:
    texts = entry.texts("scale")
    try:
        scale = tuple(float(text) for text in texts)
    except ValueError:
        scale = (0.0,)
    if scale and (len(scale) != 2 or scale[0] >= scale[1]):
        entry.problem("104", entry.place("scale"), "the scale is the lowest and the highest score, such as [1, 5]")
        return ()
    return scale
