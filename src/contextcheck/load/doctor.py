"""A look at a file before anything is done with it: what it is, what would be read, what could be answered."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from contextcheck.errors import ContextCheckError, InputError, Problem
from contextcheck.load.checks import duplicate_problems, status_problems
from contextcheck.load.connect import open_engine
from contextcheck.load.mapfit import MapFit, choose_map
from contextcheck.load.markets import own_market_problem, region_words, zone_problem, zones_of
from contextcheck.load.quarantine import write_quarantine
from contextcheck.load.read import Looked, look, notes_of
from contextcheck.load.readiness import Readiness, metric_readiness, money_readiness, sign_readiness
from contextcheck.load.sources import open_source
from contextcheck.load.tables import load_table
from contextcheck.load.times import assumption
from contextcheck.table_settings import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from contextcheck.knowledge.entries import RegionFile
    from contextcheck.knowledge.metrics import Metric
    from contextcheck.load.sources import Source
    from contextcheck.settings import Settings

_NOTHING = Readiness((), ())


@dataclass(frozen=True, slots=True)
class Quality:
    """Counts of the rows behind a diagnosis."""

    source_rows: int
    orders: int
    bad_rows: int
    bad_reasons: Mapping[str, int]
    first_bad: tuple[str, ...]
    quarantine: str
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found in a source; `lines()` says it, `contextcheck.load.propose` turns it into settings.

    Attributes:
        name: The source as given.
        paths: The files as given.
        description: Encoding, delimiter and the like.
        rows: Rows of the source.
        place_word: "line" or "row".
        map_id: The best map ("" when none fits).
        map_title: Its title.
        has_own_map: Whether it is the team's own map.
        known_headers: How many of the source's columns the map knows.
        headers: The source's columns.
        reads: Canonical column to what it is read from.
        unmapped: Source columns that the map does not know.
        is_line_item: Whether several lines make one order.
        clock: What times mean; a zone or "local".
        time_sentence: How times are written.
        quality: Row counts; None when the rows could not be judged.
        currencies: Currency codes found, most rows first.
        currency: The reporting currency, when it is settled.
        regions: Region code to its words.
        zones: Region to zone.
        metrics, signs: What can and cannot be had.
        measured, assumed, not_measured: Money lines.
        notes: What the map says about its format.
        problems: Everything that was noticed; errors are what stops a scan.
        tables: What was found beside the orders, a line each: contacts, surveys, disputes.
    """

    name: str
    paths: tuple[str, ...]
    description: str
    rows: int
    place_word: str
    headers: tuple[str, ...]
    map_id: str = ""
    map_title: str = ""
    has_own_map: bool = False
    known_headers: int = 0
    reads: Mapping[str, str] = field(default_factory=dict)
    unmapped: tuple[str, ...] = ()
    is_line_item: bool = False
    clock: str = ""
    time_sentence: str = ""
    quality: Quality | None = None
    currencies: tuple[str, ...] = ()
    currency: str = ""
    regions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    zones: Mapping[str, str] = field(default_factory=dict)
    metrics: Readiness = _NOTHING
    signs: Readiness = _NOTHING
    measured: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    not_measured: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    tables: tuple[str, ...] = ()

    @property
    def is_usable(self) -> bool:
        """Whether a scan would run."""
        return bool(self.map_id) and not any(problem.severity == "error" for problem in self.problems)

    def lines(self) -> tuple[str, ...]:
        """The diagnosis in plain text, conclusion first."""
        from contextcheck.load.doctor_text import lines_of_diagnosis

        return lines_of_diagnosis(self)


def examine(
    settings: Settings,
    region_files: Mapping[str, RegionFile],
    metrics: Mapping[str, Metric],
    *,
    quarantine_folder: Path,
    progress: Callable[[str], None],
) -> Diagnosis:
    """Look at the orders that the settings name, without refusing what can be described.

    Raises:
        InputError: The file is not there, empty, or nothing can be told from it.
        EngineError: A connection is refused.
    """
    found = _examined(settings, region_files, metrics, quarantine_folder, progress)
    tables, lines, problems = _beside(settings, progress)
    signs = sign_readiness(tuple(found.reads), tables) if found.map_id else found.signs
    return replace(found, signs=signs, tables=lines, problems=(*found.problems, *problems))


def _beside(
    settings: Settings, progress: Callable[[str], None]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[Problem, ...]]:
    """Contacts, surveys and disputes: which can be read, a line for each, and what stands in the way."""
    usable: list[str] = []
    lines: list[str] = []
    problems: list[Problem] = []
    for name in TABLES:
        if name not in settings.tables:
            continue
        progress(f"reading {name}")
        try:
            table, found = load_table(settings, name)
        except ContextCheckError as error:
            problems += error.problems
            lines.append(f"{name}: cannot be read, see below")
            continue
        problems += found
        usable.append(name)
        lines.append(table.describe())
    absent = [name for name in TABLES if name not in settings.tables]
    if absent:
        lines.append(f"not given: {', '.join(absent)} (add {absent[0]}: {{path: …}} to contextcheck.yaml)")
    return tuple(usable), tuple(lines), tuple(problems)


def _examined(
    settings: Settings,
    region_files: Mapping[str, RegionFile],
    metrics: Mapping[str, Metric],
    quarantine_folder: Path,
    progress: Callable[[str], None],
) -> Diagnosis:
    engine = open_engine()
    progress("opening the orders")
    source = open_source(settings, engine)
    try:
        chosen = choose_map(settings, source.headers, source.name)
    except InputError as error:
        return _bare(source, settings, error)
    try:
        looked = look(source, settings, progress, may_lack_rates=True)
    except InputError as error:
        return _mapped(_bare(source, settings, error), chosen, metrics)
    return _full(looked, settings, region_files, metrics, quarantine_folder)


def _bare(source: Source, settings: Settings, error: ContextCheckError) -> Diagnosis:
    return Diagnosis(
        name=source.name,
        paths=settings.orders.paths,
        description=source.parts[0].description,
        rows=source.rows + source.broken_rows,
        place_word=source.place_word,
        headers=source.headers,
        problems=error.problems,
    )


def _mapped(bare: Diagnosis, chosen: MapFit, metrics: Mapping[str, Metric]) -> Diagnosis:
    """A diagnosis with what the headers alone tell."""
    measured, assumed, not_measured = money_readiness(chosen.columns)
    return Diagnosis(
        name=bare.name,
        paths=bare.paths,
        description=bare.description,
        rows=bare.rows,
        place_word=bare.place_word,
        headers=bare.headers,
        map_id=chosen.map.id,
        map_title=chosen.map.title,
        has_own_map=not str(chosen.map.where).startswith("maps/"),
        known_headers=chosen.known,
        reads=_reads(chosen),
        unmapped=chosen.unmapped,
        is_line_item=chosen.map.grain == "line_item",
        metrics=metric_readiness(metrics, chosen.columns),
        signs=sign_readiness(chosen.columns),
        measured=measured,
        assumed=assumed,
        not_measured=not_measured,
        notes=chosen.map.notes,
        problems=bare.problems,
    )


def _reads(chosen: MapFit) -> dict[str, str]:
    """Canonical column to the source columns it is read from, in words."""
    found = {}
    for name in chosen.columns:
        if name == "status":
            headers = [chosen.headers[each] for each in chosen.map.status.headers if each in chosen.headers]
            found[name] = ", ".join(headers)
            continue
        rule = chosen.map.columns[name]
        words = {"row_number": "row numbers", "constant": f'always "{rule.constant}"'}
        found[name] = words.get(rule.kind) or " × ".join(chosen.headers.get(each, each) for each in rule.sources)
        if rule.days_before:
            found[name] += f" less {rule.days_before} days"
    return found


def _full(
    looked: Looked,
    settings: Settings,
    region_files: Mapping[str, RegionFile],
    metrics: Mapping[str, Metric],
    quarantine_folder: Path,
) -> Diagnosis:
    source, staged = looked.source, looked.staged
    empty = InputError()
    base = _mapped(_bare(source, settings, empty), looked.fit, metrics)
    words, own = region_words({group.region for group in looked.groups if group.region}, settings, looked.fit.map)
    zones, without = zones_of(words, settings, region_files)
    codes: Counter[str] = Counter()
    for group in looked.groups:
        if group.currency and group.currency.strip():
            codes[group.currency.strip().upper()] += group.rows
    problems = [
        *_repeated(looked),
        *status_problems(looked.judged, source.name),
        *looked.currency_problems,
        *assumption(staged.times, source.name),
        *own_market_problem(own, source.name),
        *zone_problem(without, staged.clock, source.name),
    ]
    return replace(
        base,
        clock=staged.clock,
        time_sentence=_time_sentence(looked),
        quality=_quality(looked, quarantine_folder),
        currencies=tuple(code for code, _ in codes.most_common()),
        currency=looked.conversion.currency if looked.conversion else "",
        regions=words,
        zones=zones,
        notes=notes_of(looked)[1:],
        problems=tuple(problems),
    )


def _repeated(looked: Looked) -> list[Problem]:
    rows = sum(group.rows for group in looked.groups)
    try:
        return duplicate_problems(
            looked.duplicates, rows, looked.source, is_order_grain=looked.fit.map.grain == "order"
        )
    except InputError as error:
        return list(error.problems)


def _quality(looked: Looked, folder: Path) -> Quality:
    judged, source = looked.judged, looked.source
    written = ""
    if judged.bad_rows:
        written = write_quarantine(source, looked.staged, looked.fit, judged, folder).as_posix()
    firsts = [group.first for group in looked.groups if group.first]
    lasts = [group.last for group in looked.groups if group.last]
    return Quality(
        source_rows=judged.source_rows,
        orders=_orders(looked),
        bad_rows=judged.bad_rows,
        bad_reasons=judged.counts,
        first_bad=tuple(f"{place.line} {place.reason}" for place in judged.examples),
        quarantine=written,
        first=min(firsts, default=None),
        last=max(lasts, default=None),
    )


def _orders(looked: Looked) -> int:
    """Orders that would be used."""
    table = looked.judged.table
    if table is None:
        return sum(group.rows for group in looked.groups) - looked.duplicates.rows
    found = table.aggregate(n=table._reason.isnull().sum()).to_pyarrow().to_pylist()[0]["n"]
    return int(found or 0) - looked.duplicates.rows


def _time_sentence(looked: Looked) -> str:
    reading = looked.staged.times.get("created_at")
    clock = looked.staged.clock
    if reading is None:
        return ""
    order = {"dmy": ", day first", "mdy": ", month first", "ymd": ""}[reading.order] if reading.kind == "text" else ""
    if reading.is_instant:
        return f"{reading.header} with offset{order}"
    meaning = "local time of each market" if clock == "local" else f"time in {clock}"
    return f"{reading.header} without offset{order}, taken as {meaning}"
