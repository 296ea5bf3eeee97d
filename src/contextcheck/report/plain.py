"""Values as JSON can carry them: no numpy, no NaN, money as decimal text, days as ISO 8601; always the same bytes."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date
from decimal import Context, Decimal
from numbers import Integral, Real

FLOAT_DIGITS = 12
"""Significant digits of a float: beyond them two machines need not agree."""

MONEY_PLACES = Decimal("0.0001")
WIDE = Context(prec=400)
"""Digits enough for any amount, so that rounding never fails."""

REASONS = {"nan": "not a number", "inf": "no upper limit", "-inf": "no lower limit"}
"""Why a figure is null; `not_known` in the file names the figure and one of these."""


def to_json(document: Mapping[str, object]) -> str:
    """Give a document as JSON text: ASCII, indented, ends with a line break.

    Figures that are not finite become null, and `not_known` lists where and why.
    """
    unknown: list[dict[str, str]] = []
    tree = _plain(document, "", unknown)
    assert isinstance(tree, dict)
    tree["not_known"] = unknown
    return json.dumps(tree, indent=1, ensure_ascii=True, allow_nan=False) + "\n"


def _plain(value: object, place: str, unknown: list[dict[str, str]]) -> object:
    if isinstance(value, Mapping):
        return {str(key): _plain(each, f"{place}/{key}", unknown) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each, f"{place}/{index}", unknown) for index, each in enumerate(value)]
    if isinstance(value, (set, frozenset)):
        return [_plain(each, place, unknown) for each in sorted(value, key=str)]
    return _scalar(value, place, unknown)


def _scalar(value: object, place: str, unknown: list[dict[str, str]]) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, (Real, Decimal)):
        return _number(value, place, unknown)
    item = getattr(value, "item", None)
    return _scalar(item(), place, unknown) if callable(item) else str(value)


def _number(value: Real | Decimal, place: str, unknown: list[dict[str, str]]) -> float | int | str | None:
    as_float = math.nan if isinstance(value, Decimal) and value.is_nan() else float(value)
    if not math.isfinite(as_float):
        unknown.append({"where": place, "reason": REASONS[str(as_float)]})
        return None
    if isinstance(value, Decimal):
        return money_text(value)
    rounded = float(f"{as_float:.{FLOAT_DIGITS}g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 2**53 else rounded


def money_text(amount: Decimal) -> str:
    """A decimal as plain digits with at most four places: "4120", "-310.5"."""
    if -int(amount.as_tuple().exponent) > 4:
        amount = amount.quantize(MONEY_PLACES, context=WIDE)
    text = f"{amount:f}"
    return text.lstrip("-") if amount == 0 else text


def sorted_mapping(values: Mapping[str, object]) -> dict[str, object]:
    """A mapping by key, so that its order in memory does not show in the file."""
    return {key: values[key] for key in sorted(values)}
