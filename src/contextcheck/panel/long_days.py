"""The dates of a long table: which can be read, which are slips, and whether they are days or weeks."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from contextcheck.errors import InputError, Problem
from contextcheck.panel.baseline_grid import MIN_WEEKS, WEEK
from contextcheck.panel.faults import STRAY_GAP_DAYS, STRAY_SHARE

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHOWN = 3
STEPS = {1: "days", WEEK: "weeks"}
# years that fit whole into nanoseconds from 1970
YEARS = range(1678, 2262)
# share of the rows that all strays of a table may be; a single date may be more than the share of one lot of strays
MOST_STRAYS = 0.05
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def places(rows: pd.DataFrame) -> str:
    """Such as "row 3, 6, 7, …"."""
    lines = [str(int(each)) for each in rows["line"].head(SHOWN) if not pd.isna(each)]
    more = ", …" if len(rows) > SHOWN else ""
    return f"row {', '.join(lines)}{more}"


def days_of(column: pd.Series[Any]) -> NDArray[np.datetime64]:
    """Local days; ISO dates, ISO weeks (their Monday) and times, of which the day counts; NaT for what is none."""
    codes, unique = pd.factorize(column)
    read = np.array([_day(each) for each in unique] or [np.datetime64("NaT", "ns")], dtype="datetime64[ns]")
    return np.where(codes >= 0, read[codes], np.datetime64("NaT", "ns"))


def _day(value: Any) -> np.datetime64:
    if isinstance(value, datetime):
        value = value.date()
    if not isinstance(value, date):
        text = str(value).strip()
        try:
            value = datetime.fromisoformat(text).date()
        except ValueError:
            return np.datetime64("NaT", "ns")
    return np.datetime64(value if value.year in YEARS else "NaT", "ns")


def without_strays(rows: pd.DataFrame, name: str, *, keep_newest: bool) -> tuple[pd.DataFrame, list[Problem]]:
    """Set aside a few rows half a year and more away from all the others: their date is most likely a slip.

    Args:
        rows: With their day.
        name: What problems call the table.
        keep_newest: Whether the newest rows stay wherever they lie, since somebody has said that they are the newest.
    """
    days = np.sort(rows["day"].unique())
    first = np.concatenate([[0], 1 + np.flatnonzero(np.diff(days) >= np.timedelta64(STRAY_GAP_DAYS, "D"))])
    if len(first) == 1:
        return rows, []
    group = np.searchsorted(days[first], rows["day"], side="right") - 1
    size = np.bincount(group)
    is_stray = (size <= STRAY_SHARE * len(rows)) | (np.diff(first, append=len(days)) == 1)
    if keep_newest:
        is_stray[-1] = False
    # what comes in many small lots has no main body that they could have strayed from
    if not 0 < size[is_stray].sum() <= MOST_STRAYS * len(rows):
        return rows, []
    is_far = is_stray[group]
    far = rows[is_far]
    message = (
        f"{_named(far)} dated {STRAY_GAP_DAYS} days and more away from all the others; set aside: repair the dates, "
        "or say the last day with --as-of"
    )
    return rows[~is_far], [Problem("PN311", name, message, "warning")]


def _named(rows: pd.DataFrame) -> str:
    """Such as "1 row (row 3, such as late in KR on 2026-03-01)"."""
    rows = rows.sort_index()
    first = rows.iloc[0]
    count = "1 row" if len(rows) == 1 else f"{len(rows):,} rows"
    return f"{count} ({places(rows)}, such as {first['metric']} in {first['region']} on {first['day'].date()})"


def in_step(rows: pd.DataFrame, name: str) -> tuple[pd.DataFrame, list[Problem]]:
    """Sort the rows, bring single ones of a weekly table to the weekday of the others, and say what is missing.

    Raises:
        InputError: PN306 neither daily nor weekly; of a weekly table series on a weekday of their own, or a row on
            another weekday whose week has one already.
    """
    ordered = rows.sort_values(["region", "metric", "day"])
    steps = _steps(ordered)
    if not steps.notna().any():
        return ordered, []
    usual = int(steps.median())
    if usual not in STEPS:
        message = f"dates lie {usual} days apart; give daily rows, or weekly ones on the same weekday"
        raise InputError(Problem("PN306", name, message))
    said: list[Problem] = []
    if usual == WEEK and (ordered["day"].dt.day_of_week != ordered["day"].dt.day_of_week.iloc[0]).any():
        ordered, said = _on_one_weekday(ordered, name)
        steps = _steps(ordered)
    return ordered, [*said, *_gaps(ordered, steps / usual, STEPS[usual], name)]


def _steps(ordered: pd.DataFrame) -> pd.Series[float]:
    """Days since the row before of the same series."""
    same = ordered[["region", "metric"]].eq(ordered[["region", "metric"]].shift()).all(axis=1)
    steps: pd.Series[float] = ordered["day"].diff().dt.days.where(same)
    return steps


def _on_one_weekday(rows: pd.DataFrame, name: str) -> tuple[pd.DataFrame, list[Problem]]:
    """Move single dates to the nearest one on the usual weekday; a whole series elsewhere may mean other weeks."""
    weekday = rows["day"].dt.day_of_week
    usual = int(weekday.mode().iloc[0])
    is_off = weekday != usual
    # by three days at most
    moved = rows.assign(day=rows["day"] - pd.to_timedelta((weekday - usual + 3) % WEEK - 3, unit="D"))
    series = is_off.groupby([rows["region"], rows["metric"]])
    has_own = is_off & (series.transform("sum") >= MIN_WEEKS) & (series.transform("mean") > 0.5)
    is_taken = is_off & moved.duplicated(["region", "metric", "day"], keep=False)
    for is_bad, reason in (
        (has_own, "as most of its series; date every week by the same weekday"),
        (is_taken, "whose week has a row already; repair the date, or give daily rows in a file of their own"),
    ):
        if is_bad.any():
            message = f"{_named(rows[is_bad])} not dated on a {WEEKDAYS[usual]} like the other weeks, {reason}"
            raise InputError(Problem("PN306", name, message))
    message = (
        f"{_named(rows[is_off])} not dated on a {WEEKDAYS[usual]} like the other weeks; counted to the nearest one"
    )
    return moved, [Problem("PN312", name, message, "warning")]


def _gaps(ordered: pd.DataFrame, steps: pd.Series[float], word: str, name: str) -> list[Problem]:
    """Say which series lack days, or weeks, between their first and last."""
    holes = ordered.assign(missing=(steps - 1).round())
    holes = holes[holes["missing"] > 0]
    if holes.empty:
        return []
    series = holes.groupby(["region", "metric"])
    shown = [f"{metric} in {region}" for (region, metric), _ in list(series)[:SHOWN]]
    more = ", …" if len(series) > SHOWN else ""
    message = (
        f"{int(holes['missing'].sum()):,} {word} missing in {len(series):,} series ({', '.join(shown)}{more}); "
        "not judged; a day without events needs a row with 0"
    )
    return [Problem("PN308", name, message, "warning")]
