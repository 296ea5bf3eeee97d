"""Amounts and counts as text become numbers."""

from __future__ import annotations

from typing import Any, Literal

import ibis

Style = Literal["typed", "plain", "comma_decimal", "comma_thousands"]
_SIGNS = r"[\s$€£¥₩'\x{00a0}\x{202f}]"


def inspect_number(table: Any, column: Any) -> Style:
    """Tell how the numbers of a column are written.

    Returns:
        typed for numbers; plain for 1234.56; comma_decimal for 1.234,56; comma_thousands for 1,234.56.
    """
    if not column.type().is_string():
        return "typed"
    texts = table.select(text=column).filter(ibis._.text.notnull())
    odd = texts.filter(texts.text.try_cast("float64").isnull()).mutate(text=ibis._.text.re_replace(_SIGNS, ""))
    row = (
        odd.aggregate(
            odd=odd.count(),
            decimal=odd.text.re_search(r"^[+-]?[\d.]*,(\d{1,2}|\d{4,})$|\.\d{3},\d+$").sum(),
            thousands=odd.text.re_search(r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$").sum(),
        )
        .to_pyarrow()
        .to_pylist()[0]
    )
    if not row["odd"]:
        return "plain"
    return (
        "comma_decimal"
        if (row["decimal"] or 0) > 0 and (row["decimal"] or 0) >= (row["thousands"] or 0) / 10
        else "comma_thousands"
    )


def read_number(column: Any, style: Style) -> Any:
    """Give the column as float64; what is no finite number becomes empty."""
    if style == "typed":
        return column.cast("float64") if not column.type().is_float64() else column
    if style == "plain":
        number = column.try_cast("float64")
    else:
        bare = column.re_replace(_SIGNS, "")
        bare = bare.replace(".", "").replace(",", ".") if style == "comma_decimal" else bare.replace(",", "")
        number = bare.try_cast("float64")
    return ibis.ifelse(number.isnan() | number.isinf(), ibis.null("float64"), number)
