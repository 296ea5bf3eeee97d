"""Source columns become canonical columns by a map: one engine relation, typed, one row per order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import ibis

from contextcheck.knowledge.columns import COLUMNS
from contextcheck.load.conditions import fits
from contextcheck.load.engine_functions import md5
from contextcheck.load.numbers import Style, inspect_numbers, read_number
from contextcheck.load.times import TimeReading, clock_of, inspect_time, read_time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from contextcheck.load.columnmaps import ColumnRule
    from contextcheck.load.mapfit import MapFit
    from contextcheck.load.sources import Source
    from contextcheck.settings import Settings

EMPTY_TEXT = "string"
_TRUE, _FALSE = ("true", "t", "yes", "y", "1"), ("false", "f", "no", "n", "0")


@dataclass(frozen=True, slots=True)
class Staged:
    """Canonical columns before any row was judged.

    Attributes:
        table: `columns` (typed; `status` as the source's word where the map has words; `region`, `currency` as in the
            source), `_file`, `_row`, `_line`, `_unreadable` (empty, or which value could not be read and why) and for
            line items `_key` and `_lines` (source rows behind the order).
        columns: Canonical columns there are.
        times: Canonical time column to how it is read.
        clock: Clock of the times.
        left_out: Title of a rule of the map to the source rows that it left out.
        is_in_place: Whether the table is the source itself, nothing copied.
    """

    table: Any
    columns: tuple[str, ...]
    times: Mapping[str, TimeReading]
    clock: str
    left_out: Mapping[str, int]
    is_in_place: bool
    unreadable_lines: Any = None
    styles: Mapping[str, Style] = field(default_factory=dict)


def stage(source: Source, fit: MapFit, settings: Settings) -> Staged:
    """Apply a map to a source.

    Raises:
        InputError: IN120 a time column mixes date orders; IN122, IN123 signs in numbers are mixed or open.
    """
    return _Stager(source, fit, settings).run()


class _Stager:
    """One application of one map; holds what its steps share."""

    def __init__(self, source: Source, fit: MapFit, settings: Settings) -> None:
        self.source, self.fit, self.map, self.settings = source, fit, fit.map, settings
        self.zone = settings.orders.timezone
        if self.zone == "UTC" and self.map.timezone:
            self.zone = self.map.timezone
        given = settings.orders.date_order
        self.date_order = given if given != "auto" else self.map.date_order
        self.times: dict[str, TimeReading] = {}
        self.styles: dict[str, Style] = {}

    def run(self) -> Staged:
        rows, left_out = self._without_left_out(self.source.table)
        columns = self.fit.columns
        self._inspect(rows)
        clock = clock_of(self.times["created_at"], self.zone) if "created_at" in self.times else self.zone
        values = {name: self._column(rows, name, clock) for name in columns}
        unreadable = self._unreadable(rows, values)
        if self.map.grain == "line_item":
            return self._grouped(rows, values, unreadable, clock, left_out)
        staged = rows.select(**values, _file=rows._file, _row=rows._row, _line=rows._line, _unreadable=unreadable)
        is_in_place = self._is_cheap(values)
        if not is_in_place:
            staged = self._stored(staged, "staged_orders")
        return Staged(staged, columns, self.times, clock, left_out, is_in_place, styles=self.styles)

    # ── source columns ──

    def column(self, rows: Any, header: str) -> Any:
        """A source column; texts trimmed, blank ones and the map's words for "no value" empty."""
        found = rows[self.fit.headers[header]]
        if not found.type().is_string():
            return found
        if self.source.is_typed and not self.map.missing:
            return found
        trimmed = found.strip()
        return ibis.ifelse(trimmed.isin(["", *self.map.missing]), ibis.null("string"), trimmed)

    def text(self, rows: Any, header: str) -> Any:
        """A source column as text; whole numbers without a decimal point."""
        found = self.column(rows, header)
        kind = found.type()
        if kind.is_string():
            return found
        if kind.is_boolean():
            return ibis.ifelse(found, "1", "0")
        if not kind.is_floating():
            return found.cast("string")
        whole = (found == found.floor()) & (found.abs() < 1e15)
        return ibis.ifelse(whole, found.try_cast("int64").cast("string"), found.cast("string"))

    def _text_of(self, rows: Any) -> Callable[[str], Any]:
        return lambda header: self.text(rows, header)

    def _without_left_out(self, rows: Any) -> tuple[Any, dict[str, int]]:
        """The rows that are orders, and how many were left out by each rule of the map; the first rule counts."""
        counts: dict[str, int] = {}
        for rule in self.map.leave_out:
            if not self.fit.can_test(rule.when):
                continue
            out = fits(rule.when, self._text_of(rows))
            counts[rule.title] = int(rows.aggregate(n=out.sum()).to_pyarrow().to_pylist()[0]["n"] or 0)
            if counts[rule.title]:
                rows = rows.filter(~out)
        return rows, {title: count for title, count in counts.items() if count}

    # ── canonical columns ──

    def _inspect(self, rows: Any) -> None:
        """Look at how times and numbers are written."""
        amounts: dict[str, bool] = {}
        for name in self.fit.columns:
            rule = self.map.columns.get(name)
            if rule is None:
                continue
            kind = COLUMNS[name].type
            if kind == "time" and rule.kind == "copy":
                column = self.column(rows, rule.sources[0])
                self.times[name] = inspect_time(rows, column, rule.sources[0], self.date_order, self.source.name)
            elif kind == "time":
                self.times[name] = TimeReading(rule.sources[0], "naive")
            elif kind in ("amount", "number"):
                for header in (part.strip() for source in rule.sources for part in source.split(" + ")):
                    amounts[header] = amounts.get(header, False) or kind == "amount"
        given = self.settings.orders.decimal
        found = inspect_numbers(
            rows,
            {self.fit.headers[header]: self.column(rows, header) for header in amounts},
            given=given if given != "auto" else self.map.decimal,
            currency=lambda: self._currency(rows),
            name=self.source.name,
            counts=[self.fit.headers[header] for header, is_amount in amounts.items() if not is_amount],
        )
        self.styles = {header: found[self.fit.headers[header]] for header in amounts}

    def _currency(self, rows: Any) -> Any:
        """The column of currencies, or the only one there is as far as anybody says."""
        if "currency" in self.fit.columns:
            return self._column(rows, "currency", "UTC")
        return self.map.currency or self.settings.currency

    def _column(self, rows: Any, name: str, clock: str) -> Any:
        if name == "status":
            return self._status(rows)
        rule = self.map.columns[name]
        value = self._value(rows, name, rule, clock)
        for condition, is_wanted in ((rule.only_when, True), (rule.unless, False)):
            if condition:
                fitting = fits(condition, self._text_of(rows))
                value = ibis.ifelse(fitting if is_wanted else ~fitting, value, ibis.null(value.type()))
        return value

    def _value(self, rows: Any, name: str, rule: ColumnRule, clock: str) -> Any:
        kind = COLUMNS[name].type
        match rule.kind:
            case "constant":
                return ibis.literal(rule.constant)
            case "row_number":
                many = len(self.source.parts) > 1
                number = (rows._row + 1).cast("string")
                return rows._file.concat(":", number) if many else number
            case "date_of":
                return self._date(rows, rule)
            case "product" | "sum_of":
                return self._computed(rows, rule)
            case "copy":
                return self._copied(rows, name, kind, rule, clock)

    def _copied(self, rows: Any, name: str, kind: str, rule: ColumnRule, clock: str) -> Any:
        header = rule.sources[0]
        if kind == "text":
            text = self.text(rows, header)
            return md5(text.lower()) if rule.is_key else text
        if kind == "time":
            return read_time(self.column(rows, header), self.times[name], clock, self.zone)
        if kind == "flag":
            return self._flag(self.column(rows, header))
        number = self._number(rows, header)
        return number if rule.factor == 1 else number * rule.factor

    def _number(self, rows: Any, header: str) -> Any:
        return read_number(self.column(rows, header), self.styles[header])

    def _flag(self, column: Any) -> Any:
        if column.type().is_boolean():
            return column
        text = column.cast("string").lower()
        return ibis.cases((text.isin(_TRUE), True), (text.isin(_FALSE), False), else_=ibis.null("boolean"))

    def _computed(self, rows: Any, rule: ColumnRule) -> Any:
        terms = []
        for source in rule.sources:
            numbers = [self._number(rows, part.strip()) for part in source.split(" + ")]
            terms.append(sum(numbers[1:], numbers[0]))
        value = terms[0]
        for term in terms[1:]:
            value = value * term if rule.kind == "product" else value + term
        return value if rule.factor == 1 else value * rule.factor

    def _date(self, rows: Any, rule: ColumnRule) -> Any:
        year, month, day = (self.text(rows, header) for header in rule.sources)
        written = year.concat("-", month, "-", day)
        from contextcheck.load.engine_functions import try_strptime

        at = try_strptime(written, ibis.array(["%Y-%m-%d", "%Y-%B-%d", "%Y-%b-%d"]))
        if rule.days_before:
            days = self.text(rows, rule.days_before).try_cast("int64")
            at = at - days.as_interval("D")
        return at

    def _status(self, rows: Any) -> Any:
        reading = self.map.status
        branches = [
            (fits(rule.when, self._text_of(rows)), ibis.literal(rule.status))
            for rule in reading.rules
            if self.fit.can_test(rule.when)
        ]
        rest: Any = ibis.null("string")
        if reading.source and reading.source in self.fit.headers:
            rest = self.text(rows, reading.source)
        if reading.otherwise and not reading.source:
            rest = ibis.literal(reading.otherwise)
        return ibis.cases(*branches, else_=rest) if branches else rest

    def _unreadable(self, rows: Any, values: Mapping[str, Any]) -> Any:
        """Which value of a row is there and could not be read; empty for typed sources that need no reading."""
        branches = []
        for name, value in values.items():
            rule = self.map.columns.get(name)
            if rule is None or rule.kind == "constant" or COLUMNS[name].type == "text":
                continue
            words = {"time": "no date or time", "flag": "neither true nor false"}
            sentence = words.get(COLUMNS[name].type, "not a number")
            if rule.kind != "copy":
                if name == "created_at":
                    branches.append((value.isnull(), ibis.literal(f"{name} cannot be worked out")))
                continue
            raw = self.column(rows, rule.sources[0])
            if not raw.type().is_string():
                continue
            shown = raw.left(40)
            read = self._value(rows, name, rule, "UTC") if (rule.only_when or rule.unless) else value
            broken = raw.notnull() & read.isnull()
            branches.append((broken, ibis.literal(f'{rule.sources[0]} is {sentence}: "').concat(shown, '"')))
        return ibis.cases(*branches, else_=ibis.null("string")) if branches else ibis.null("string")

    # ── shape of the result ──

    def _is_cheap(self, values: Mapping[str, Any]) -> bool:
        """Whether every column is the source's own, or as good as, so that nothing need be stored."""
        if not self.source.is_typed or self.map.missing:
            return False
        for name in values:
            rule = self.map.columns.get(name)
            if rule is not None and (rule.kind != "copy" or rule.only_when or rule.unless):
                return False
            reading = self.times.get(name)
            if reading is not None and reading.kind in ("text", "epoch"):
                return False
            kind = self.source.table[self.fit.headers[rule.sources[0]]].type() if rule else None
            if kind is not None and kind.is_string() and COLUMNS[name].type in ("amount", "number", "flag"):
                return False
        return not self.map.status.rules

    def _stored(self, staged: Any, name: str) -> Any:
        return self.source.engine.store(staged, name)

    def _grouped(
        self, rows: Any, values: Mapping[str, Any], unreadable: Any, clock: str, left_out: Mapping[str, int]
    ) -> Staged:
        """Lines of one order become one row; lines that cannot be read stay apart."""
        key = self.text(rows, self.map.key)
        reason = ibis.cases((key.isnull(), ibis.literal(f"no {self.map.key}")), else_=unreadable)
        lines = rows.select(**values, _file=rows._file, _row=rows._row, _line=rows._line, _key=key, _unreadable=reason)
        lines = self._stored(lines, "staged_lines")
        good = lines.filter(lines._unreadable.isnull())
        numbered = good.mutate(_at=good._file.concat(":", good._row.cast("string").lpad(12, "0")))
        grouped = numbered.group_by("_key").aggregate(
            **{name: self._taken(numbered, name) for name in values},
            _file=numbered._file.min(),
            _row=numbered._row.min(),
            _line=numbered._line.min(),
            _lines=numbered.count(),
            _unreadable=numbered._unreadable.max(),
        )
        staged = self._stored(grouped, "staged_orders")
        bad = lines.filter(lines._unreadable.notnull())
        return Staged(staged, self.fit.columns, self.times, clock, left_out, False, bad, self.styles)

    def _taken(self, lines: Any, name: str) -> Any:
        column = lines[name]
        rule = self.map.columns.get(name)
        take = rule.take if rule else "first"
        present = column.notnull()
        match take:
            case "first":
                return column.first(order_by="_at", where=present)
            case "last":
                return column.last(order_by="_at", where=present)
            case "sum":
                return column.sum()
            case "min":
                return column.min()
            case "max":
                return column.max()
