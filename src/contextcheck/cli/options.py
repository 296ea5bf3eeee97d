"""Arguments and options that several commands share, and how they become settings."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from contextcheck.settings import Settings

OrdersPaths = Annotated[
    list[str] | None,
    typer.Argument(
        help="Orders: files or globs (CSV, TSV, JSONL, Parquet, Excel, DuckDB, SQLite; gz and zst too), - for stdin. "
        "Left out: what contextcheck.yaml names.",
        show_default=False,
    ),
]
SettingsPath = Annotated[
    Path | None,
    typer.Option(
        "--settings",
        "-c",
        help="Settings file. Left out: contextcheck.yaml in this folder, when there is one.",
        show_default=False,
    ),
]
SetValues = Annotated[
    list[str] | None,
    typer.Option("--set", help="Override one setting, such as costs.gross_margin=0.4. May be repeated."),
]
MapName = Annotated[str, typer.Option("--map", help="Column map by name or path.", show_default="the best that fits")]
CurrencyCode = Annotated[str, typer.Option("--currency", help="Reporting currency, such as USD.", show_default=False)]
TimeZone = Annotated[
    str,
    typer.Option("--timezone", help="What times without an offset mean: an IANA zone, or local.", show_default=False),
]
TableName = Annotated[
    str, typer.Option("--table", help="Table inside a database file or connection.", show_default=False)
]
AsOf = Annotated[
    datetime | None,
    typer.Option("--as-of", formats=["%Y-%m-%d"], help="Judge nothing after this local day.", show_default=False),
]
Seed = Annotated[int, typer.Option("--seed", help="Seed of every resampling; the same seed gives the same result.")]
QuarantineFolder = Annotated[Path, typer.Option("--quarantine", help="Folder for rows that cannot be read.")]
ShowIds = Annotated[bool, typer.Option("--show-ids", help="Show account ids as they are instead of pseudonyms.")]


def as_day(moment: datetime | None) -> date | None:
    """The day of a --as-of option."""
    return moment.date() if moment else None


def settings_from(
    paths: list[str] | None,
    settings_path: Path | None,
    set_values: list[str] | None,
    *,
    map_name: str = "",
    currency: str = "",
    timezone: str = "",
    table: str = "",
) -> Settings:
    """Read the settings file and lay the command line over it."""
    from dataclasses import replace

    from contextcheck.errors import Problem, SettingsError
    from contextcheck.settings import FILE_NAME, read_settings

    if settings_path is None and Path(FILE_NAME).is_file():
        settings_path = Path(FILE_NAME)
    short = {"orders.map": map_name, "currency": currency, "orders.timezone": timezone, "orders.table": table}
    overrides = [f"{key}={value}" for key, value in short.items() if value] + (set_values or [])
    settings = read_settings(settings_path, overrides)
    if paths:
        given = tuple(path if "://" in path else _from_here(path, settings.folder) for path in paths)
        url = given[0] if "://" in given[0] else ""
        settings = replace(settings, orders=replace(settings.orders, paths=() if url else given, url=url))
    if not settings.orders.paths and not settings.orders.url:
        message = "no orders are named; write contextcheck scan FILE, or orders: {path: FILE} in contextcheck.yaml"
        raise SettingsError(Problem("ST130", "orders", message))
    return settings


def _from_here(path: str, settings_folder: Path) -> str:
    """A path on the command line is relative to the current folder, not to the settings file; shown as it was typed."""
    is_same = settings_folder == Path()
    return path if path == "-" or is_same else str(Path(path).absolute())
