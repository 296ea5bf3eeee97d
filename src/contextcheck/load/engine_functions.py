"""Functions of the analysis engine that Ibis has no word for."""

from __future__ import annotations

import ibis
import ibis.expr.datatypes as dt


@ibis.udf.scalar.builtin
def try_strptime(text: dt.string, formats: dt.Array(dt.string)) -> dt.timestamp:  # type: ignore[empty-body, valid-type]
    """A timestamp by the first format that fits, or nothing."""


@ibis.udf.scalar.builtin
def make_timestamp(microseconds: dt.int64) -> dt.timestamp:  # type: ignore[empty-body, valid-type]
    """A timestamp from microseconds since 1970, without a zone."""


@ibis.udf.scalar.builtin(name="epoch_us")
def microseconds_of(instant: dt.Timestamp(timezone="UTC")) -> dt.int64:  # type: ignore[empty-body, valid-type]
    """Microseconds since 1970 of an instant."""


@ibis.udf.scalar.builtin(name="timezone", signature=((dt.string, dt.timestamp), dt.Timestamp(timezone="UTC")))
def as_instant(zone: str, local: object) -> object:
    """The instant that a clock in a zone shows as this local time."""


@ibis.udf.scalar.builtin(name="timezone", signature=((dt.string, dt.Timestamp(timezone="UTC")), dt.timestamp))
def clock_time(zone: str, instant: object) -> object:
    """What a clock in a zone shows at an instant."""


@ibis.udf.scalar.builtin
def md5(text: dt.string) -> dt.string:  # type: ignore[empty-body, valid-type]
    """A text's MD5 sum."""


@ibis.udf.scalar.builtin
def hash(text: dt.string) -> dt.uint64:  # type: ignore[empty-body, valid-type]  # noqa: A001
    """The engine's own fast hash, the same in every run."""
