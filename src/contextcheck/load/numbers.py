"""Amounts and counts as text become numbers.

A sign between digits is settled by what only one way of writing allows (`12,5`, `1.010.000`); `255.000` is 255 with
three decimals or 255 thousand, and is settled by the other amounts of the file or by its currency, or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import ibis

from contextcheck.errors import InputError, Problem
from contextcheck.knowledge.places import currency_codes
from contextcheck.knowledge.rough_rates import per_dollar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

Style = Literal["typed", "plain", "comma_decimal", "comma_thousands"]
DecimalSign = Literal["point", "comma"]

_BLANKS = r"[\s'’\x{00a0}\x{202f}]"
_WORDS = (
    r"Rp\.?|RM|Rs\.?|R|kr\.?|zł|zl|Kč|Ft|lei|TL|Tk\.?|[KTU]?Sh\.?|S?Fr\.?|S/\.?|B/\.|Dh|VNĐ|đ|руб\.?|р\.|грн\.?|лв\.?"
    r"|дин\.?|din\.?|円|元|원|บาท"
)
_CURRENCY_SIGN = r"[A-Za-z]{0,3}[$¢£¤¥฿₠-⃀﷼￠￡￥￦]"
_NEGATIVE = r"^\(([\d.,]+)\)$|^([\d.,]*\d)-$"

_POINT = r"^[+-]?(\d*\.(\d{1,2}|\d{4,})|\d{1,3}(,\d{2,3})+,\d{3}(\.\d*)?|\d{1,3},\d{3}\.\d*|0*\.\d{3}|\d{4,}\.\d{3})$"
_COMMA = r"^[+-]?(\d*,(\d{1,2}|\d{4,})|\d{1,3}(\.\d{3}){2,}(,\d*)?|\d{1,3}\.\d{3},\d*|0*,\d{3}|\d{4,},\d{3})$"
"""What can only be read with a decimal point, or with a decimal comma."""
_POINT_OR_THOUSANDS, _COMMA_OR_THOUSANDS = r"^[+-]?[1-9]\d{0,2}\.\d{3}$", r"^[+-]?[1-9]\d{0,2},\d{3}$"
_WELL_GROUPED = {
    "comma_decimal": r"^[^.]*$|^[+-]?\d{1,3}(\.\d{3})+(,\d*)?$",
    "comma_thousands": r"^[^,]*$|^[+-]?\d{1,3}(,\d{2,3})*,\d{3}(\.\d*)?$",
}
STRAYS = 20
"""So many values of one way of writing make a single one of the other a stray, set aside as unreadable."""
_WITHOUT_FRACTIONS = 100
"""From so many units to a dollar on nobody writes a thousandth of one."""
_THREE_DECIMALS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


@dataclass(frozen=True, slots=True)
class _Written:
    """How often each way of writing stands in a column.

    Attributes:
        odd: Values that are no number as they stand.
        point, comma: Values that can only be read with a decimal point, or comma.
        point_three, comma_three: Values with one such sign and three digits behind it, which settle nothing.
        bare: Values from 1000 on without any sign between the digits.
        example_point, example_comma: Values that prove one way or, where there are none, may be read in it.
    """

    odd: int
    point: int = 0
    comma: int = 0
    point_three: int = 0
    comma_three: int = 0
    bare: int = 0
    example_point: str = ""
    example_comma: str = ""


def inspect_numbers(
    table: Any,
    columns: Mapping[str, Any],
    *,
    given: str,
    currency: Callable[[], Any],
    name: str,
    key: str = "orders",
    counts: Collection[str] = (),
) -> dict[str, Style]:
    """Tell how the numbers of each column are written: typed, plain 1234.56, comma_decimal 1.234,56, comma_thousands.

    Args:
        table: Source table.
        columns: Header to the column (text, blank texts already empty), or a typed number.
        given: Decimal sign by settings or map, for what may be read in it: "auto", "point" or "comma".
        currency: Gives the column of currencies, or the text of the only one; asked only where values leave it open.
        name: How problems call the source.
        key: The settings key that the source stands under.
        counts: Headers that hold no money.

    Raises:
        InputError: IN122 one column, IN123 the values of one column do not settle what their signs mean.
    """
    written = {header: _written(table, column) for header, column in columns.items() if column.type().is_string()}
    signs: dict[str, DecimalSign] = {}
    for header, each in written.items():
        if given in ("point", "comma") and not _is_against(each, given):
            signs[header] = given  # type: ignore[assignment]
        elif each.point or each.comma:
            signs[header] = _proven(each, header, name, key)
            if header not in counts and (left := _left_open(table, columns[header], each, signs[header], currency)):
                raise InputError(_unsettled(left, header, name, key))
    proven = {signs[header] for header in signs if header not in counts and _is_proof(written[header])}
    for header, each in written.items():
        if header in signs:
            continue
        if not each.point_three and not each.comma_three:
            signs[header] = "point"
        elif header in counts:
            signs[header] = next(iter(proven)) if len(proven) == 1 else "point"
        else:
            settled = _settled(each, proven, _codes(table, currency()))
            if settled is None:
                raise InputError(_unsettled(each, header, name, key))
            signs[header] = settled
    styles = {header: _style(signs[header], each) for header, each in written.items()}
    return {header: styles.get(header, "typed") for header in columns}


def _written(table: Any, column: Any) -> _Written:
    """Look at all values of a column; closer only where some are odd or have three digits behind a point."""
    texts = table.select(text=column).filter(ibis._.text.notnull())
    three = texts.text.right(4).startswith(".")
    dotted = texts.text.contains(".") & ~three
    quick = texts.aggregate(
        odd=texts.text.try_cast("float64").isnull().sum(),
        three=three.sum(),
        dotted=dotted.sum(),
        example=texts.text.min(where=dotted),
    )
    seen = quick.to_pyarrow().to_pylist()[0]
    if not seen["odd"] and not seen["three"]:
        return _Written(0, point=int(seen["dotted"] or 0), example_point=seen["example"] or "")
    bare = texts.mutate(bare=_bare(texts.text))
    is_point = bare.bare.re_search(_POINT) & ~bare.bare.re_search(r"^[+-]?[0.]*$")
    is_comma = bare.bare.re_search(_COMMA)
    point_three, comma_three = bare.bare.re_search(_POINT_OR_THOUSANDS), bare.bare.re_search(_COMMA_OR_THOUSANDS)
    row = bare.aggregate(
        point=is_point.sum(),
        comma=is_comma.sum(),
        point_three=point_three.sum(),
        comma_three=comma_three.sum(),
        bare=bare.bare.re_search(r"^[+-]?\d{4,}$").sum(),
        sure_point=bare.text.min(where=is_point),
        sure_comma=bare.text.min(where=is_comma),
        open_point=bare.text.min(where=point_three),
        open_comma=bare.text.min(where=comma_three),
    )
    found = row.to_pyarrow().to_pylist()[0]
    return _Written(
        odd=int(seen["odd"] or 0),
        **{each: int(found[each] or 0) for each in ("point", "comma", "point_three", "comma_three", "bare")},
        example_point=found["sure_point"] or found["open_point"] or "",
        example_comma=found["sure_comma"] or found["open_comma"] or "",
    )


def _is_proof(written: _Written) -> bool:
    return bool(written.point or written.comma)


def _is_against(written: _Written, given: str) -> bool:
    """Whether no value with a sign can be read in the given way, so that a column of another making keeps its own."""
    against, fitting = (written.point, written.comma) if given == "comma" else (written.comma, written.point)
    return bool(against) and not (fitting or written.point_three or written.comma_three)


def _proven(written: _Written, header: str, name: str, key: str) -> DecimalSign:
    """The way of writing that the values of a column prove."""
    if min(written.point, written.comma) * STRAYS > max(written.point, written.comma):
        sentence = (
            f'"{header}" mixes decimal signs: {written.point:,} values can only have a decimal point (such as '
            f'"{written.example_point}"), {written.comma:,} only a decimal comma (such as "{written.example_comma}"); '
            f"export one format, or say which one holds with {key}: {{decimal: comma}} and the others are set aside"
        )
        raise InputError(Problem("IN123", name, sentence))
    return "comma" if written.comma > written.point else "point"


def _codes(table: Any, currency: Any) -> frozenset[str]:
    """The currencies there are, in capitals."""
    if isinstance(currency, str):
        return frozenset({currency.strip().upper()} - {""})
    words = table.select(word=currency).distinct().to_pyarrow().column("word").to_pylist()
    return frozenset({word.strip().upper() for word in words if word} - {""})


def _is_whole(code: str) -> bool:
    """Whether amounts of a currency go without fractions."""
    return per_dollar(code) >= _WITHOUT_FRACTIONS


def _left_open(
    table: Any, column: Any, written: _Written, sign: DecimalSign, currency: Callable[[], Any]
) -> _Written | None:
    """The amounts in currencies without fractions, where only those of other markets prove what their sign means."""
    code = currency() if (written.point_three if sign == "point" else written.comma_three) else ""
    if isinstance(code, str):
        return None
    rows = table.select(text=column, code=code.strip().upper())
    rows = rows.filter(rows.code.isin(sorted(filter(_is_whole, _codes(table, code)))))
    found = _written(rows, rows.text)
    is_open = found.point_three and not found.point if sign == "point" else found.comma_three and not found.comma
    return found if is_open and not found.bare else None


def _settled(written: _Written, proven: Collection[DecimalSign], codes: Collection[str]) -> DecimalSign | None:
    """What amounts without a proof of their own mean by the currency and the other amounts; None where they disagree.

    Thousands are what a currency without fractions has, three decimals what one with thousandths has; a comma stands
    between thousands where nothing speaks against it, a point does not where numbers from 1000 on go without.
    """
    if written.point_three and written.comma_three:
        return None
    by_file = next(iter(proven)) if len(proven) == 1 else None
    by_currency: DecimalSign | None = None
    is_whole = bool(codes) and all(map(_is_whole, codes))
    if is_whole and not written.bare:
        by_currency = "comma" if written.point_three else "point"
    elif codes and _THREE_DECIMALS.issuperset(codes) and written.point_three:
        by_currency = "point"
    if by_file and by_currency:
        return by_file if by_file == by_currency else None
    if by_file or by_currency:
        return by_file or by_currency
    if written.comma_three:
        return "point" if _THREE_DECIMALS.isdisjoint(codes) else None
    return "point" if written.bare and not is_whole and not proven else None


def _unsettled(written: _Written, header: str, name: str, key: str) -> Problem:
    sign = "point" if written.point_three else "comma"
    example = written.example_point if written.point_three else written.example_comma
    other = "comma" if sign == "point" else "point"
    number = written.point_three or written.comma_three
    sentence = (
        f'"{header}" has three digits behind a {sign} in "{example}" and the like (values: {number:,}), and nothing '
        f"settles whether these are thousands or decimals; say it with {key}: {{decimal: {other}}} for thousands, "
        f"{key}: {{decimal: {sign}}} for decimals"
    )
    return Problem("IN122", name, sentence)


def _style(sign: DecimalSign, written: _Written) -> Style:
    if sign == "comma" and (written.odd or written.point or written.point_three):
        return "comma_decimal"
    return "comma_thousands" if written.odd else "plain"


def _bare(column: Any) -> Any:
    """Digits and their signs alone: no blanks, no currency in front or behind, a minus in front."""
    codes = "|".join(sorted(currency_codes()))
    currency = f"(?:{_CURRENCY_SIGN}|{codes}|(?i:{_WORDS}))"
    tight = column.re_replace(_BLANKS, "").replace("−", "-")
    number = tight.re_replace(rf"^([+-]?\(?){currency}|{currency}(\)?-?)$", r"\1\2")
    # most values are bare as they stand
    return ibis.ifelse(column.re_search(r"[^\d.,+-]|-$"), number.re_replace(_NEGATIVE, r"-\1\2"), column)


def read_number(column: Any, style: Style) -> Any:
    """Give the column as float64; what is no finite number becomes empty, and what is written in another style."""
    if style == "typed":
        return column.cast("float64") if not column.type().is_float64() else column
    if style == "plain":
        number = column.try_cast("float64")
    else:
        bare = _bare(column)
        digits = bare.replace(".", "").replace(",", ".") if style == "comma_decimal" else bare.replace(",", "")
        number = ibis.ifelse(bare.re_search(_WELL_GROUPED[style]), digits.try_cast("float64"), ibis.null("float64"))
    return ibis.ifelse(number.isnan() | number.isinf(), ibis.null("float64"), number)
