"""Times as they stand in a source become timestamps on one clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import ibis

from contextcheck.errors import InputError, Problem
from contextcheck.load.engine_functions import as_instant, clock_time, make_timestamp, microseconds_of, try_strptime
from contextcheck.panel.orders import LOCAL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

DateOrder = Literal["ymd", "dmy", "mdy"]
_OFFSET = r"\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})$"
_OFFSET_AFTER_TIME = r"\d{1,2}:\d{2}.*" + _OFFSET
_FRACTION = r"(:\d{2})[.,]\d+"
_ISO = r"^\d{4}-\d{1,2}-\d{1,2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?$"
_ISO_SHAPE = re.compile(r"^9999-9{1,2}-9{1,2}([ T]99:99(:99)?)?$")
_DAY_SHAPE = re.compile(
    r"^(?P<first>9{1,4}|[A-Za-z]{3,9})(?P<one>[-/. ,]+)(?P<second>9{1,2}|[A-Za-z]{3,9})"
    r"(?P<two>[-/. ,]+)(?P<third>9{1,4})"
    r"(?P<end>\.?)(?:(?P<gap>[T ,]+)9{1,2}:99(?P<seconds>:99)?(?P<half> ?[AaPp][Mm])?)?$"
)
_MOST_SHAPES = 400
_MOST_SECONDS = 10


@dataclass(frozen=True, slots=True)
class TimeReading:
    """How one source column is read as a time.

    Attributes:
        header: Source column.
        kind: naive or instant (typed), text, epoch (digits since 1970).
        order: Date order of texts that do not start with the year; "ymd" where all do.
        is_assumed: Whether that order is an assumption.
        formats: strptime formats seen, for texts that are not plain ISO.
        has_offset: Whether texts carry an offset.
        shape: An example of how it is written.
    """

    header: str
    kind: Literal["naive", "instant", "text", "epoch"]
    order: DateOrder = "ymd"
    is_assumed: bool = False
    formats: tuple[str, ...] = ()
    has_offset: bool = False
    shape: str = ""

    @property
    def is_instant(self) -> bool:
        return self.kind in ("instant", "epoch") or self.has_offset


def _without_offset(text: Any) -> Any:
    has = text.re_search(_OFFSET_AFTER_TIME)
    return ibis.ifelse(has, text.re_replace(_OFFSET, ""), text)


def _base(text: Any, *, has_offset: bool) -> Any:
    plain = _without_offset(text) if has_offset else text
    return plain.re_replace(_FRACTION, r"\1")


def inspect_time(table: Any, text: Any, header: str, given: str, name: str) -> TimeReading:
    """Find out how the times of a column are written, by looking at all of them.

    Args:
        table: Source table.
        text: The column (text, blank texts already empty), or a typed time or number.
        header: Its name.
        given: Date order by settings or map: "auto", "ymd", "dmy" or "mdy".
        name: How problems call the source.

    Raises:
        InputError: IN120 day-first and month-first dates are mixed.
    """
    kind = text.type()
    if kind.is_timestamp() or kind.is_date():
        is_instant = kind.is_timestamp() and kind.timezone is not None
        return TimeReading(header, "instant" if is_instant else "naive")
    if kind.is_numeric():
        return TimeReading(header, "epoch", shape="seconds since 1970")
    if _is_plain_iso(table, text):
        return TimeReading(header, "text", shape="2026-03-01 10:00:00")
    has_offset = bool(table.select(found=text.re_search(_OFFSET_AFTER_TIME)).found.sum().execute() or 0)
    base = _base(text, has_offset=has_offset)
    shapes = _shapes(table, base)
    if shapes and all(re.fullmatch(r"9{10}|9{13}", shape) for shape in shapes):
        return TimeReading(header, "epoch", shape="seconds since 1970")
    order, is_assumed = _order(table, base, shapes, given, header, name)
    plain = all(_ISO_SHAPE.match(shape) for shape in shapes)
    formats = () if plain else tuple(dict.fromkeys(filter(None, (_format(shape, order) for shape in shapes))))
    example = next(iter(shapes), "")
    return TimeReading(header, "text", order, is_assumed, formats, has_offset, example)


def _is_plain_iso(table: Any, text: Any) -> bool:
    """Whether every text is year first, without offset: the usual case, settled in one quick look."""
    odd = table.select(text=text).filter(ibis._.text.notnull() & ~ibis._.text.re_search(_ISO))
    return not odd.limit(1).to_pyarrow().num_rows


def _shapes(table: Any, base: Any) -> tuple[str, ...]:
    """The ways the texts are written, digits as 9, most frequent first."""
    shaped = table.select(shape=base.translate("012345678", "999999999")).filter(ibis._.shape.notnull())
    counted = shaped.group_by("shape").aggregate(n=ibis._.count())
    rows = counted.order_by([ibis.desc("n"), "shape"]).limit(_MOST_SHAPES).to_pyarrow().to_pylist()
    return tuple(row["shape"] for row in rows)


def _order(table: Any, base: Any, shapes: Sequence[str], given: str, header: str, name: str) -> tuple[DateOrder, bool]:
    numeric = [shape for shape in shapes if re.match(r"^9{1,2}[-/. ,]+9{1,2}[-/. ,]+9", shape)]
    if not numeric:
        return "ymd", False
    if given in ("ymd", "dmy", "mdy"):
        return given, False  # type: ignore[return-value]
    numbers = table.select(
        first=base.re_extract(r"^(\d{1,2})[-/. ,]+(\d{1,2})[-/. ,]+\d", 1).try_cast("int64"),
        second=base.re_extract(r"^(\d{1,2})[-/. ,]+(\d{1,2})[-/. ,]+\d", 2).try_cast("int64"),
        text=base,
    )
    row = numbers.aggregate(
        day_first=(numbers["first"] > 12).sum(),
        month_first=(numbers["second"] > 12).sum(),
        day_first_text=numbers.text.min(where=numbers["first"] > 12),
        month_first_text=numbers.text.min(where=numbers["second"] > 12),
    )
    found = row.to_pyarrow().to_pylist()[0]
    day_first, month_first = int(found["day_first"] or 0), int(found["month_first"] or 0)
    if day_first and month_first:
        sentence = (
            f'"{header}" mixes date orders: {day_first:,} rows can only be day first (such as '
            f'"{found["day_first_text"]}"), {month_first:,} only month first (such as "{found["month_first_text"]}"); '
            "export one format, or say which one holds with orders: {date_order: dmy} and the others are set aside"
        )
        raise InputError(Problem("IN120", name, sentence))
    if day_first or month_first:
        return ("dmy" if day_first else "mdy"), False
    return _shorter_span(table, base, numeric), True


def _shorter_span(table: Any, base: Any, shapes: Sequence[str]) -> DateOrder:
    """The order under which the dates lie closer together: exports cover one stretch of days."""
    spans: dict[DateOrder, float] = {}
    orders: tuple[DateOrder, DateOrder] = ("dmy", "mdy")
    for order in orders:
        formats = [each for shape in shapes if (each := _format(shape, order))]
        parsed = table.select(at=try_strptime(base, ibis.array(formats)))
        row = parsed.aggregate(first=parsed["at"].min(), last=parsed["at"].max()).to_pyarrow().to_pylist()[0]
        first: datetime | None = row["first"]
        spans[order] = (row["last"] - first).total_seconds() if first is not None else float("inf")
    return "mdy" if spans["mdy"] < spans["dmy"] else "dmy"


def _format(shape: str, order: DateOrder) -> str:
    """The strptime format of a shape, or "" when it is none of a date."""
    found = _DAY_SHAPE.match(shape)
    if not found:
        return ""
    parts = [found["first"], found["second"], found["third"]]
    if len(parts[0]) in (3, 4) and parts[0].startswith("9"):
        letters = ["Y" if len(parts[0]) == 4 else "", "m", "d"]
    elif parts[0].isalpha():
        letters = ["m", "d", "Y"]
    elif parts[1].isalpha():
        letters = ["d", "m", "Y"]
    else:
        letters = {"dmy": ["d", "m", "Y"], "mdy": ["m", "d", "Y"], "ymd": ["Y", "m", "d"]}[order]
    codes = []
    for part, letter in zip(parts, letters, strict=True):
        if part.isalpha():
            codes.append("%b" if len(part) == 3 else "%B")
        elif letter == "Y":
            codes.append({4: "%Y", 2: "%y"}.get(len(part), ""))
        else:
            codes.append(f"%{letter}" if letter and len(part) <= 2 else "")
    if not all(codes):
        return ""
    day = f"{codes[0]}{found['one']}{codes[1]}{found['two']}{codes[2]}{found['end']}"
    if found["gap"] is None:
        return day
    hour = "%I" if found["half"] else "%H"
    half = found["half"].replace("A", "p").replace("P", "p") if found["half"] else ""
    half = (" %p" if half.startswith(" ") else "%p") if half else ""
    return f"{day}{found['gap']}{hour}:%M{':%S' if found['seconds'] else ''}{half}"


def read_time(column: Any, reading: TimeReading, clock: str, zone: str) -> Any:
    """Give the column as timestamps without a zone on the source clock.

    Args:
        column: Source column (blank texts already empty).
        reading: How it is written.
        clock: Clock of the orders (IANA zone or "local").
        zone: What naive times of the source mean (IANA zone or "local").
    """
    if reading.kind == "epoch":
        number = column.try_cast("float64") if column.type().is_string() else column.cast("float64")
        scale = ibis.ifelse(number.abs() >= 10**_MOST_SECONDS * 10, 1_000, 1_000_000)
        return _on_clock(make_timestamp((number * scale).round().cast("int64")), clock)
    if reading.kind == "instant":
        return _on_clock(make_timestamp(microseconds_of(column)), clock)
    if reading.kind == "naive":
        naive = column.cast("timestamp") if column.type().is_date() else column
        return _moved(naive, zone, clock)
    parsed = _parse(column, reading)
    if not reading.has_offset:
        return _moved(parsed, zone, clock)
    offset = ibis.ifelse(column.re_search(_OFFSET_AFTER_TIME), column.re_extract(_OFFSET, 1), ibis.null("string"))
    in_utc = parsed - _offset_minutes(offset).as_interval("m")
    return ibis.ifelse(offset.notnull(), _on_clock(in_utc, clock), _moved(parsed, zone, clock))


def _parse(column: Any, reading: TimeReading) -> Any:
    if not reading.formats and not reading.has_offset:
        return column.try_cast("timestamp")
    base = _base(column, has_offset=reading.has_offset)
    if reading.formats:
        return try_strptime(base, ibis.array(list(reading.formats)))
    return base.try_cast("timestamp")


def _offset_minutes(offset: Any) -> Any:
    hours = offset.re_extract(r"^[+-](\d{2})", 1).try_cast("int64").fill_null(0)
    minutes = offset.re_extract(r"^[+-]\d{2}:?(\d{2})$", 1).try_cast("int64").fill_null(0)
    sign = ibis.ifelse(offset.startswith("-"), -1, 1)
    return sign * (hours * 60 + minutes)


def _on_clock(in_utc: Any, clock: str) -> Any:
    """UTC times on the clock of the orders."""
    if clock == "UTC":
        return in_utc
    return clock_time(clock, as_instant("UTC", in_utc))


def _moved(local: Any, zone: str, clock: str) -> Any:
    """Naive times of one zone on the clock of the orders."""
    if zone == clock or LOCAL in (zone, clock):
        return local
    return clock_time(clock, as_instant(zone, local))


def clock_of(created: TimeReading, zone: str) -> str:
    """The clock of the orders: UTC when the times of placement carry an offset, else what naive times mean."""
    return "UTC" if created.is_instant else zone


def assumption(readings: Mapping[str, TimeReading], name: str) -> list[Problem]:
    """Say which date orders were assumed."""
    words = {"dmy": "day first", "mdy": "month first", "ymd": "year first"}
    return [
        Problem(
            "IN121",
            name,
            f'"{reading.header}" is read {words[reading.order]}, which its values do not settle (the dates lie closer '
            "together so); say it with orders: {date_order: dmy}, mdy or ymd",
            "warning",
        )
        for reading in readings.values()
        if reading.is_assumed
    ]
