"""Arguments and options that several commands share, and how they become settings."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from contextcheck.detect.general_rules import RuleDirection
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
PanelPath = Annotated[
    str,
    typer.Option(
        "--panel",
        help="Instead of orders: a long table with date, region, metric, events, and exposure or value_sum; any metric "
        "and region names, daily or weekly.",
        show_default=False,
    ),
]


class PanelDirection(StrEnum):
    """Which departures of a panel's metrics count."""

    up = "up"
    down = "down"
    both = "both"


DirectionOption = Annotated[
    PanelDirection | None,
    typer.Option(
        "--direction", help="With --panel: for metrics that no rule names.", show_default="both", case_sensitive=False
    ),
]
AsOf = Annotated[
    datetime | None,
    typer.Option("--as-of", formats=["%Y-%m-%d"], help="Judge nothing after this local day.", show_default=False),
]
Since = Annotated[
    str,
    typer.Option(
        "--since",
        help="With --panel: judge this local day and later ones only, or newest; earlier days are learned from.",
        show_default=False,
    ),
]
NEWEST = "newest"
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
    needs_orders: bool = True,
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
    if needs_orders and not settings.orders.paths and not settings.orders.url:
        message = "no orders are named; write contextcheck scan FILE, or orders: {path: FILE} in contextcheck.yaml"
        raise SettingsError(Problem("ST130", "orders", message))
    return settings


def input_files(told: Settings, settings_path: Path | None, *more: Path | str | None) -> list[Path]:
    """The files that a run reads as far as they are named, in no order: no result may take their place."""
    import glob

    from contextcheck.settings import FILE_NAME

    named = [*told.orders.paths, told.orders.map, *(path for each in told.tables.values() for path in each.paths)]
    paths = [str(told.path(each)) for each in named if each != "-" and "://" not in each]
    matched = [match for path in paths if glob.has_magic(path) for match in glob.glob(path, recursive=True)]
    given = (settings_path or FILE_NAME, *more)
    return [Path(each) for each in (*paths, *matched, *given) if each and "://" not in str(each)]


def _from_here(path: str, settings_folder: Path) -> str:
    """A path on the command line is relative to the current folder, not to the settings file; shown as it was typed."""
    is_same = settings_folder == Path()
    return path if path == "-" or is_same else str(Path(path).absolute())


def check_panel_options(
    panel: str, orders: list[str] | None, direction: PanelDirection | None, since: str = ""
) -> None:
    """Refuse orders beside a panel, and what is for panels without one."""
    from contextcheck.errors import Problem, SettingsError

    if panel and orders:
        raise SettingsError(Problem("ST131", "--panel", "stands instead of orders; give one of the two"))
    if direction and not panel:
        message = "is for --panel; with orders the rules under rules/detection say it"
        raise SettingsError(Problem("ST132", "--direction", message))
    if since and not panel:
        message = "is for --panel; with orders every flag is explained from all its days"
        raise SettingsError(Problem("ST134", "--since", message))


def as_since(text: str) -> date | str | None:
    """The day of --since, "newest", or None when it is not given."""
    from contextcheck.errors import Problem, SettingsError

    if not text or text == NEWEST:
        return text or None
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = f'"{text}" is no day; write 2026-03-01, or {NEWEST}'
        raise SettingsError(Problem("ST135", "--since", message)) from None


def as_direction(chosen: PanelDirection | None) -> RuleDirection | None:
    """The chosen direction as the rules name it."""
    named: dict[PanelDirection, RuleDirection] = {
        PanelDirection.up: "up",
        PanelDirection.down: "down",
        PanelDirection.both: "both",
    }
    return named[chosen] if chosen else None


def panel_path(panel: str, settings_folder: Path) -> str:
    """The panel file, relative to the current folder."""
    return panel if "://" in panel else _from_here(panel, settings_folder)
