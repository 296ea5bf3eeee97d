"""Orders under the contract: files or tables in, `Loaded` out."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis

from contextcheck.errors import InputError, Problem
from contextcheck.knowledge.columns import COLUMNS
from contextcheck.load.checks import (
    Judged,
    bad_row_problem,
    duplicate_problems,
    judge,
    refuse_bad_share,
    status_problems,
)
from contextcheck.load.connect import open_engine
from contextcheck.load.currencies import Conversion, decide_currency
from contextcheck.load.mapfit import MapFit, choose_map
from contextcheck.load.markets import own_market_problem, region_words, zone_problem, zones_of
from contextcheck.load.profile import Duplicates, Group, find_duplicates, profile
from contextcheck.load.quarantine import quarantine_path, write_quarantine
from contextcheck.load.sources import Part, Source, open_source
from contextcheck.load.stage import Staged, stage
from contextcheck.load.times import assumption
from contextcheck.panel.orders import Orders
from contextcheck.records import InputFile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from contextcheck.knowledge.entries import RegionFile
    from contextcheck.settings import Settings

_HASH_BLOCK_BYTES = 1 << 22
FEW_ROWS = 250_000
"""The engine works in blocks of 122,880 rows: up to two of them, more threads only wait for each other."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """The orders, what was noticed while reading them, and what a reader of the results must know."""

    orders: Orders
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Looked:
    """Everything that reading found out before it was decided whether to go on; shared with `doctor`."""

    source: Source
    fit: MapFit
    staged: Staged
    groups: tuple[Group, ...]
    duplicates: Duplicates
    conversion: Conversion | None
    currency_problems: tuple[Problem, ...]
    judged: Judged


def load_orders(
    settings: Settings,
    region_files: Mapping[str, RegionFile],
    *,
    quarantine_folder: Path,
    progress: Callable[[str], None],
) -> Loaded:
    """Read the orders that the settings name.

    Args:
        settings: Where the orders are and how they are written.
        region_files: Region code to its file, for time zones.
        quarantine_folder: Where unreadable rows are written.
        progress: Told what is being done, one short line at a time.

    Raises:
        InputError: The orders cannot be read or trusted (exit 3).
        SettingsError: The settings name a map that is not there.
        EngineError: A connection is refused.
    """
    engine = open_engine()
    progress("opening the orders")
    source = open_source(settings, engine)
    if source.rows <= FEW_ROWS:
        engine.use_one_thread()
    with ThreadPoolExecutor(max_workers=1) as pool:
        sums = [pool.submit(_sha256, part) for part in source.parts]
        looked = look(source, settings, progress)
        problems = _accept(looked, settings, quarantine_folder)
        if not looked.groups or not any(group.rows for group in looked.groups):
            raise InputError(Problem("IN103", source.name, "a header and no orders; export a period with orders"))
        progress("taking stock of regions and days")
        orders, said = _orders(looked, settings, region_files, sums)
    return Loaded(orders, (*problems, *said), notes_of(looked))


def look(
    source: Source, settings: Settings, progress: Callable[[str], None], *, may_lack_rates: bool = False
) -> Looked:
    """Choose the map, apply it, and count what is there.

    With `may_lack_rates`, currencies without a rate are a problem that is told and no refusal; nothing is converted.
    """
    fit = choose_map(settings, source.headers, source.name)
    progress(f"reading {source.rows:,} rows as {fit.map.title}")
    staged = stage(source, fit, settings)
    groups = profile(staged)
    rows = sum(group.rows for group in groups)
    progress("looking for repeated order numbers")
    numbered = fit.map.columns["order_id"].kind == "row_number" or fit.map.grain == "line_item"
    duplicates = Duplicates(0, "", 0, False, 0) if numbered else find_duplicates(staged, rows)
    conversion: Conversion | None = None
    currency_problems: Sequence[Problem]
    try:
        conversion, currency_problems = decide_currency(groups, settings, fit, source.name)
    except InputError as error:
        if not may_lack_rates:
            raise
        currency_problems = error.problems
    judged = judge(source, staged, groups, duplicates, conversion, fit.map)
    return Looked(source, fit, staged, groups, duplicates, conversion, tuple(currency_problems), judged)


def _accept(looked: Looked, settings: Settings, folder: Path) -> list[Problem]:
    """Refuse what cannot be trusted; give what must be said about the rest."""
    source, judged = looked.source, looked.judged
    shown = quarantine_path(source, folder).as_posix()
    if judged.bad_rows:
        write_quarantine(source, looked.staged, looked.fit, judged, folder)
    refuse_bad_share(judged, source, shown, settings.orders.max_bad_share)
    rows = sum(group.rows for group in looked.groups)
    repeated = duplicate_problems(looked.duplicates, rows, source, is_order_grain=looked.fit.map.grain == "order")
    return [
        *bad_row_problem(judged, source, shown),
        *status_problems(judged, source.name),
        *repeated,
        *looked.currency_problems,
        *assumption(looked.staged.times, source.name),
    ]


def _orders(
    looked: Looked, settings: Settings, region_files: Mapping[str, RegionFile], sums: Sequence[Future[str]]
) -> tuple[Orders, list[Problem]]:
    source, staged = looked.source, looked.staged
    table = _final(looked)
    groups = looked.groups
    rows = sum(group.rows for group in groups)
    first = min((group.first for group in groups if group.first), default=None)
    last = max((group.last for group in groups if group.last), default=None)
    if looked.judged.table is not None or looked.duplicates.rows:
        counted = table.aggregate(n=table.count(), first=table.created_at.min(), last=table.created_at.max())
        row = counted.to_pyarrow().to_pylist()[0]
        rows, first, last = int(row["n"]), row["first"], row["last"]
    if first is None or last is None:
        raise InputError(Problem("IN103", source.name, "no order could be read; see the quarantine file"))
    words, own = region_words(_words(groups), settings, looked.fit.map)
    zones, without = zones_of(words, settings, region_files)
    assert looked.conversion is not None
    orders = Orders(
        table=table,
        columns=frozenset(staged.columns),
        clock=staged.clock,
        region_words=words,
        zones=zones,
        currency=looked.conversion.currency,
        rows=rows,
        first_created_at=first,
        last_created_at=last,
        inputs=tuple(
            InputFile(part.name, sha256.result(), part.rows) for part, sha256 in zip(source.parts, sums, strict=True)
        ),
    )
    said = own_market_problem(own, source.name) + zone_problem(without, staged.clock, source.name)
    return orders, said


def _words(groups: Sequence[Group]) -> list[str]:
    return sorted({group.region for group in groups if group.region is not None and group.region.strip()})


def _final(looked: Looked) -> Any:
    """The orders themselves: readable rows, canonical statuses, amounts in the reporting currency."""
    staged, judged = looked.staged, looked.judged
    table = staged.table
    if judged.table is not None:
        table = judged.table.filter(judged.table._reason.isnull())
    if looked.duplicates.rows:
        table = _last_of_each(looked, table)
    values = {name: _as_contract(table[name], name) for name in staged.columns}
    for name in frozenset().union(*(group.not_numbers for group in looked.groups)):
        values[name] = ibis.ifelse(values[name].isnan(), ibis.null("float64"), values[name])
    values["status"] = _status(table.status, judged.statuses)
    conversion = looked.conversion
    if conversion is not None and conversion.is_needed:
        factor = _factor(table, conversion)
        for name in staged.columns:
            if COLUMNS[name].type == "amount":
                values[name] = values[name] * factor
    return table.select(**values)


def _last_of_each(looked: Looked, table: Any) -> Any:
    """Only the last row of every order id, in the order of files and rows; stored, because it is asked for often."""
    position = {part.name: index for index, part in enumerate(looked.source.parts)}
    file = table._file.cases(*position.items(), else_=0)
    ordered = ibis.window(group_by=table.order_id, order_by=[ibis.desc(file), ibis.desc(table._row)])
    ranked = table.mutate(_rank=ibis.row_number().over(ordered))
    kept = ranked.filter(ranked._rank == 0).drop("_rank")
    return looked.source.engine.store(kept, "unique_orders")


def _as_contract(column: Any, name: str) -> Any:
    """A column in the contract's type; untouched when it has it."""
    kind = column.type()
    wanted = {"text": "string", "time": "timestamp", "flag": "boolean"}.get(COLUMNS[name].type, "float64")
    if wanted == "timestamp":
        return column
    return column if str(kind).lstrip("!") == wanted else column.cast(wanted)


def _status(column: Any, statuses: Mapping[str, str]) -> Any:
    changed = {word: status for word, status in statuses.items() if word != status}
    return column.cases(*changed.items(), else_=column) if changed else column


def _factor(table: Any, conversion: Conversion) -> Any:
    rates = [(word, float(rate)) for word, rate in conversion.rates.items()]
    assumed = ibis.null("float64") if conversion.assumed is None else ibis.literal(float(conversion.assumed))
    if not rates:
        return assumed
    return table.currency.cases(*rates, else_=assumed)


def notes_of(looked: Looked) -> tuple[str, ...]:
    """What a reader of the results must know about how the orders were read."""
    notes = [f"read as {looked.fit.map.title}", *looked.fit.map.notes]
    notes += [f"left out: {rows:,} rows, {title}" for title, rows in looked.staged.left_out.items()]
    if comma := [header for header, style in looked.staged.styles.items() if style == "comma_decimal"]:
        notes.append(f"numbers with a decimal comma, points between thousands: {', '.join(comma)}")
    if looked.duplicates.is_sampled:
        notes.append("repeated order numbers were looked for in one of 64 parts of the orders")
    if looked.conversion is not None and looked.conversion.is_needed:
        rates = ", ".join(f"{word} {rate}" for word, rate in sorted(looked.conversion.rates.items()) if rate != 1)
        notes.append(f"amounts converted to {looked.conversion.currency} at fixed rates: {rates}")
    return tuple(notes)


def _sha256(part: Part) -> str:
    """The file's own sum; "" for a table behind a URL."""
    if part.path is None:
        return ""
    total = hashlib.sha256()
    with part.path.open("rb") as stream:
        while block := stream.read(_HASH_BLOCK_BYTES):
            total.update(block)
    return total.hexdigest()
