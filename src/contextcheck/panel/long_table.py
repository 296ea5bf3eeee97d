"""A panel that a team has counted itself, as a long table, becomes the `Panel` that every other step knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from contextcheck.errors import InputError, Problem, SettingsError
from contextcheck.knowledge.metrics import Metric
from contextcheck.panel.long_days import days_of, in_step, places, without_strays
from contextcheck.panel.table import PANEL_COLUMNS, Panel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from contextcheck.knowledge.metrics import MetricKind

NUMBERS = ("events", "exposure", "value_sum", "value_sumsq")
NAMES: Mapping[str, tuple[str, ...]] = {
    "date": ("date", "day", "week", "week_start"),
    "region": ("region", "market", "country"),
    "metric": ("metric",),
    **{name: (name,) for name in NUMBERS},
}
REQUIRED = ("date", "region", "metric", "events")
MAX_UNREADABLE_SHARE = 0.05


def find_columns(headers: Sequence[str]) -> dict[str, str]:
    """Give our name of a column → its header, for the headers that are known in any case."""
    lower = {header.strip().lower(): header for header in reversed(headers)}
    found = {ours: next((lower[name] for name in names if name in lower), None) for ours, names in NAMES.items()}
    return {ours: header for ours, header in found.items() if header is not None}


def panel_of_table(table: pd.DataFrame, known: Mapping[str, Metric], *, name: str, as_of: date | None = None) -> Panel:
    """Give the panel of a long table: one row per region, metric and day (or week).

    Args:
        table: Columns date, region, metric, events; exposure, value_sum and value_sumsq where they apply. Other columns
            are passed over with a note. A column `_line` gives the row numbers that problems name.
        known: Metrics by id, for their titles and units; other metric names are fine.
        name: What problems call the table.
        as_of: Later days are left out.

    Returns:
        The panel. A metric with any value_sum is a mean of so many values, one with any exposure a rate, any other a
        plain count. Every row counts as complete and final: a row that is still growing should be left out.

    Raises:
        InputError: PN301 missing columns; PN302 no rows; PN303 too many unreadable rows; PN304 impossible numbers;
            PN305 a region, metric and day more than once; PN306 neither daily nor weekly, or weeks that
            begin on several weekdays.
        SettingsError: PN307 nothing on or before `as_of`.

    Blind spots:
        Means without value_sumsq are judged as if single values spread as widely as their mean.
    """
    columns = find_columns([str(each) for each in table.columns])
    missing = [each for each in REQUIRED if each not in columns]
    if missing:
        have = ", ".join(str(each) for each in table.columns if not str(each).startswith("_")) or "none"
        message = f"column {', '.join(missing)} missing; found {have}; needed are {', '.join(REQUIRED)}"
        raise InputError(Problem("PN301", name, message))
    rows = _typed(table, columns)
    rows, problems = _readable(rows, name)
    problems += _ignored(table, columns, name)
    kinds = _kinds(rows)
    _refuse_impossible(rows, kinds, name)
    _refuse_repeated(rows, name, [each for each in table.columns if each not in columns.values()])
    if as_of is not None:
        rows = rows[rows["day"] <= pd.Timestamp(as_of)]
        if rows.empty:
            raise SettingsError(Problem("PN307", name, f"no row on or before {as_of}; give a later --as-of"))
    rows, said = without_strays(rows, name, keep_newest=as_of is not None)
    problems += said
    rows, said = in_step(rows, name)
    problems += said
    daily, said = _filled(rows, kinds, name)
    metrics = {each: _metric(each, kind, known) for each, kind in sorted(kinds.items())}
    last = pd.Timestamp(daily["day"].max()).date()
    zones = {str(region): "" for region in daily["region"].unique()}
    return Panel(daily, metrics, (), as_of or last, zones, (*problems, *said))


# ── reading ────────────────────────────────────────────────────────────────────────────────────────────


def _typed(table: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    """The known columns under our names and types; what cannot be read is empty."""
    rows = pd.DataFrame(index=range(len(table)))
    rows["day"] = days_of(table[columns["date"]])
    for ours in ("region", "metric"):
        words = table[columns[ours]]
        texts = words.map(lambda word: "" if _is_empty(word) else str(word).strip())
        rows[ours] = pd.array(texts.to_numpy(dtype=object), dtype="str")
    for ours in NUMBERS:
        given = table[columns[ours]] if ours in columns else None
        numbers = np.full(len(table), np.nan) if given is None else pd.to_numeric(given, errors="coerce")
        rows[ours] = np.asarray(numbers, dtype=np.float64)
    rows["line"] = np.asarray(table["_line"] if "_line" in table else np.arange(1, len(table) + 1))
    return rows.replace({number: {np.inf: np.nan, -np.inf: np.nan} for number in NUMBERS})


def _is_empty(word: Any) -> bool:
    return word is None or (isinstance(word, float) and np.isnan(word)) or word is pd.NA


def _readable(rows: pd.DataFrame, name: str) -> tuple[pd.DataFrame, list[Problem]]:
    """Leave out rows without a date, region, metric or number of events; refuse when they are many."""
    if rows.empty:
        raise InputError(Problem("PN302", name, "a header and no rows; there is nothing to look at"))
    is_mean = rows["value_sum"].notna()
    has_number = rows["events"].notna() | (is_mean & rows["exposure"].notna())
    is_readable = rows["day"].notna() & (rows["region"] != "") & (rows["metric"] != "") & has_number
    bad = rows[~is_readable]
    if bad.empty:
        return rows, []
    message = f"{len(bad):,} of {len(rows):,} rows without a readable date, region, metric or events ({places(bad)})"
    if len(bad) > MAX_UNREADABLE_SHARE * len(rows):
        remedy = "write dates as 2026-03-01 (years 1678 to 2261) and numbers as 1234.5"
        raise InputError(Problem("PN303", name, f"{message}; {remedy}"))
    return rows[is_readable], [Problem("PN303", name, f"{message}; left out", "warning")]


def _ignored(table: pd.DataFrame, columns: Mapping[str, str], name: str) -> list[Problem]:
    others = [str(each) for each in table.columns if each not in columns.values() and not str(each).startswith("_")]
    if not others:
        return []
    return [Problem("PN310", name, f"column {', '.join(others)} not used; only whole regions are searched", "info")]


def _kinds(rows: pd.DataFrame) -> dict[str, MetricKind]:
    has = rows.groupby("metric")[["value_sum", "exposure"]].count()
    return {
        str(metric): "mean" if sums else "rate" if exposures else "count"
        for metric, sums, exposures in zip(has.index, has["value_sum"], has["exposure"], strict=True)
    }


def _metric(metric: str, kind: MetricKind, known: Mapping[str, Metric]) -> Metric:
    """The metric as it is known, when the table counts it likewise; else a plain one under its own name."""
    if metric in known and known[metric].kind == kind:
        return known[metric]
    return Metric(metric, metric.replace("_", " "), kind, {"rate": "share", "mean": "value"}.get(kind, "events"))


# ── what is refused ────────────────────────────────────────────────────────────────────────────────────


def _refuse_impossible(rows: pd.DataFrame, kinds: Mapping[str, MetricKind], name: str) -> None:
    problems = []
    for number in NUMBERS:
        negative = rows[rows[number] < 0]
        if len(negative):
            first = negative.iloc[0]
            message = f"negative {number} in {len(negative):,} rows ({places(negative)}), such as {first[number]:g}"
            problems.append(Problem("PN304", name, f"{message}; amounts and counts start at 0"))
    is_rate = rows["metric"].map(lambda metric: kinds[metric] == "rate").to_numpy(dtype=np.bool_)
    more = rows[is_rate & (rows["events"] > rows["exposure"]).to_numpy()]
    if len(more):
        first = more.iloc[0]
        example = f"{first['metric']} in {first['region']} on {first['day'].date()}: {first['events']:g} of "
        message = f"more events than exposure in {len(more):,} rows ({places(more)}), such as {example}"
        remedy = "exposure must count every order that could have an event; for plain counts leave exposure empty"
        problems.append(Problem("PN304", name, f"{message}{first['exposure']:g}; {remedy}"))
    if problems:
        raise InputError(*problems)


def _refuse_repeated(rows: pd.DataFrame, name: str, others: Sequence[Any]) -> None:
    again = rows[rows.duplicated(["region", "metric", "day"])]
    if again.empty:
        return
    first = again.iloc[0]
    example = f"{first['metric']} in {first['region']} on {first['day'].date()}"
    segments = [str(each) for each in others if not str(each).startswith("_")]
    because = f"add up the rows over {', '.join(segments)}" if segments else "load each export once"
    message = f"{len(again):,} rows repeat a region, metric and date ({places(again)}), such as {example}; {because}"
    raise InputError(Problem("PN305", name, message))


# ── numbers ────────────────────────────────────────────────────────────────────────────────────────────


def _filled(rows: pd.DataFrame, kinds: Mapping[str, MetricKind], name: str) -> tuple[pd.DataFrame, list[Problem]]:
    """The table in the panel's columns, every number where its kind wants it."""
    kind = rows["metric"].map(dict(kinds)).to_numpy(dtype="U5")
    is_rate, is_mean = kind == "rate", kind == "mean"
    events, exposure, sums, squares = (rows[each].to_numpy(dtype=np.float64) for each in NUMBERS)
    values = np.where(np.isnan(exposure), events, exposure)
    lacks = is_mean & np.isnan(squares) & (values > 0)
    squares = np.where(lacks, 2 * sums**2 / np.where(values > 0, values, 1.0), squares)
    exposure = np.where(is_mean, values, np.where(is_rate, exposure, 1.0))
    is_known = ~np.isnan(exposure) & ~(is_mean & np.isnan(sums))
    frame = pd.DataFrame(
        {
            "region": rows["region"].to_numpy(),
            "day": rows["day"].to_numpy(),
            "metric": rows["metric"].to_numpy(),
            "events": np.where(is_mean, values, events),
            "exposure": np.nan_to_num(exposure),
            "value_sum": np.where(is_mean, sums, np.nan),
            "value_sumsq": np.where(is_mean, squares, np.nan),
            "is_complete": is_known,
            "is_mature": True,
        }
    )
    frame = frame.sort_values(["region", "metric", "day"], ignore_index=True)
    said = []
    if lacks.any():
        message = "means without value_sumsq; single values are taken to spread as widely as their mean"
        said.append(Problem("PN309", name, message, "info"))
    if (~is_known).any():
        message = f"{int((~is_known).sum()):,} rows lack the exposure or value_sum of their metric; not judged"
        said.append(Problem("PN308", name, message, "warning"))
    return frame[list(PANEL_COLUMNS)], said
