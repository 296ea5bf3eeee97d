"""Functions of the analysis engine that Ibis has no word for."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.datatypes as dt

_INSTANT = dt.Timestamp(timezone="UTC")
_FORMATS = dt.Array(dt.string)
_builtin: Any = ibis.udf.scalar.builtin


@_builtin(signature=((dt.string, _FORMATS), dt.timestamp))  # type: ignore[untyped-decorator]
def try_strptime(text: Any, formats: Any) -> Any:
    """A timestamp by the first format that fits, or nothing."""


@_builtin(signature=((dt.int64,), dt.timestamp))  # type: ignore[untyped-decorator]
def make_timestamp(microseconds: Any) -> Any:
    """A timestamp from microseconds since 1970, without a zone."""


@_builtin(name="epoch_us", signature=((_INSTANT,), dt.int64))  # type: ignore[untyped-decorator]
def microseconds_of(instant: Any) -> Any:
    """Microseconds since 1970 of an instant."""


@_builtin(name="timezone", signature=((dt.string, dt.timestamp), _INSTANT))  # type: ignore[untyped-decorator]
def as_instant(zone: Any, local: Any) -> Any:
    """The instant at which a clock in a zone shows this local time."""


@_builtin(name="timezone", signature=((dt.string, _INSTANT), dt.timestamp))  # type: ignore[untyped-decorator]
def clock_time(zone: Any, instant: Any) -> Any:
    """What a clock in a zone shows at an instant."""


@_builtin(signature=((dt.string,), dt.string))  # type: ignore[untyped-decorator]
def md5(text: Any) -> Any:
    """A text's MD5 sum."""
