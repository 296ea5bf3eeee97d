"""A panel that a team has counted itself, from any file that orders can come in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from contextcheck.errors import Problem
from contextcheck.load.connect import open_engine
from contextcheck.load.numbers import inspect_numbers, read_number
from contextcheck.load.sources import open_source
from contextcheck.panel.long_table import NUMBERS, find_columns, panel_of_table
from contextcheck.records import InputFile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from contextcheck.knowledge.metrics import Metric
    from contextcheck.load.sources import Part
    from contextcheck.panel.table import Panel
    from contextcheck.settings import Settings


@dataclass(frozen=True, slots=True)
class LoadedPanel:
    """The panel, the files it came from, and how many rows they had."""

    panel: Panel
    inputs: tuple[InputFile, ...]
    rows: int


def load_panel(
    settings: Settings,
    path: str,
    metrics: Mapping[str, Metric],
    *,
    as_of: date | None = None,
    progress: Callable[[str], None],
) -> LoadedPanel:
    """Read a panel file: CSV, TSV, JSON lines, Parquet, Excel, a database table, "-" for standard input.

    Args:
        settings: For the table inside a database file and the folder that paths are relative to.
        path: The file or a glob.
        metrics: Known metrics, for titles and units.
        as_of: Later days are left out.
        progress: Told what is being done.

    Raises:
        InputError: The file cannot be read or its numbers cannot be right.
        SettingsError: Nothing lies on or before `as_of`.
    """
    progress("opening the panel")
    engine = open_engine()
    source = open_source(replace(settings, orders=replace(settings.orders, paths=(path,), url="")), engine)
    table = source.table
    numbers = {ours: header for ours, header in find_columns(source.headers).items() if ours in NUMBERS}
    styles = inspect_numbers(
        table,
        {header: table[header] for header in numbers.values()},
        given=settings.orders.decimal,
        currency=lambda: settings.currency,
        name=source.name,
    )
    read = {header: read_number(table[header], style) for header, style in styles.items()}
    frame = table.mutate(**read, _line=table._row + 1).select(*source.headers, "_line").order_by("_line").to_pandas()
    panel = panel_of_table(frame, metrics, name=source.name, as_of=as_of)
    if source.broken_rows:
        message = f"{source.broken_rows:,} rows whose fields cannot be told apart; left out, write the file again"
        panel = replace(panel, problems=(Problem("IN106", source.name, message, "warning"), *panel.problems))
    return LoadedPanel(panel, tuple(input_of(part) for part in source.parts), source.rows)


def input_of(part: Part) -> InputFile:
    """A file's name, sum and rows for the run's record; no sum for a table behind a URL."""
    if part.path is None:
        return InputFile(part.name, "", part.rows)
    with part.path.open("rb") as stream:
        return InputFile(part.name, hashlib.file_digest(stream, "sha256").hexdigest(), part.rows)
