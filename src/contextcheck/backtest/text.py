"""A backtest as a page, as Markdown and as JSON."""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Any

from contextcheck.backtest.records import WITHIN_DAYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from contextcheck.backtest.records import Backtest, Sensitivity, SizeUnit, Step, Thresholds, Tuning

FORMAT = "contextcheck-backtest-1"
MAP_DAYS = max(WITHIN_DAYS)
SHADES = " ░▒▓█"
NOT_CAUGHT = "-"
MOST_SHOWN_PROBLEMS = 5
ALERT_HEAD = ("metric", "region", "alerts", "days judged", "per month")
DAYS_HEAD = tuple(f"{days} d" for days in WITHIN_DAYS)
TUNING_HEAD = (
    "",
    "false discoveries",
    "min relative",
    "min excess",
    "alerts a month",
    "half see",
    "markets that see any",
)


def as_json(done: Backtest) -> str:
    """Give everything, numbers unrounded, dates as ISO text."""
    tree = {"format": FORMAT, **dataclasses.asdict(done)}
    return json.dumps(tree, indent=1, default=_plain, ensure_ascii=False) + "\n"


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def as_text(done: Backtest, *, use_unicode: bool) -> str:
    """Give the page for a terminal (shades) or a pipe (numbers)."""
    return "\n".join(_lines(done, use_unicode=use_unicode)) + "\n"


def as_markdown(done: Backtest) -> str:
    """Give the same content with Markdown tables."""
    lines = [f"# Backtest {done.first} to {done.as_of}", "", "## Alerts per month", ""]
    lines += _table(ALERT_HEAD, alert_rows(done))
    lines += ["", "## Smallest change that would have been caught", "", *done.notes[:1]]
    for group in groups_of(done.sensitivities):
        steps = sizes_of(group)
        unit = group[0].unit
        lines += ["", f"### {title_of(group)}", "", f"Share caught within {MAP_DAYS} days, by size", ""]
        head = ("region", *(size_text(size, unit, group[0].direction) for size in steps), *DAYS_HEAD)
        rows = [
            (each.region, *(percent(step_of(each, size)) for size in steps), *smallest_of(each))
            for each in group
            if each.steps
        ]
        lines += _table(head, rows)
        lines += [f"- {each.region}: {each.reason}" for each in group if each.reason]
    for tuning in done.tunings:
        lines += ["", f"## Thresholds of {tuning.rule}", "", proposal(tuning), ""]
        lines += _table(TUNING_HEAD, tuning_rows(tuning))
    lines += ["", "## Notes", "", *(f"- {each}" for each in (*done.notes[1:], cuts_sentence(done)))]
    return "\n".join(lines) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    escaped = [tuple(cell.replace("|", "\\|") for cell in row) for row in rows]
    return [
        f"| {' | '.join(head)} |",
        f"|{'---|' * len(head)}",
        *(f"| {' | '.join(row)} |" for row in escaped),
    ]


# ── the page ───────────────────────────────────────────────────────────────────────────────────────────


def _lines(done: Backtest, *, use_unicode: bool) -> Iterator[str]:
    regions = {each.region for each in done.alerts}
    months = (done.as_of - done.first).days / 30.44
    yield f"{len(regions)} markets, {done.first} to {done.as_of} ({months:.0f} months)"
    yield cuts_sentence(done)
    yield ""
    total = sum(each.alerts for each in done.alerts)
    yield f"Alerts: {total} in all"
    loud = [row for row in alert_rows(done) if row[2] != "0"]
    yield from _columns(ALERT_HEAD, loud, texts=2)
    quiet = len(done.alerts) - len(loud)
    if quiet:
        yield f"  and {quiet} series without any"
    yield ""
    yield "Smallest change that would have been caught"
    yield from (f"  {sentence}" for group in groups_of(done.sensitivities) for sentence in sentences(group))
    for group in groups_of(done.sensitivities):
        yield ""
        yield from _map(group, use_unicode=use_unicode)
    for tuning in done.tunings:
        yield ""
        yield f"Thresholds of {tuning.rule}"
        yield f"  {proposal(tuning)}"
        yield from _columns(TUNING_HEAD, list(tuning_rows(tuning)), texts=1)
    yield ""
    yield from done.notes
    shown = [each for each in done.problems if each.severity != "info"]
    yield from (f"not complete: {each}" for each in shown[:MOST_SHOWN_PROBLEMS])


def cuts_sentence(done: Backtest) -> str:
    """Say whether the history cut after some days said the same about the days before."""
    differing, compared = sum(each.differing for each in done.cuts), sum(each.compared for each in done.cuts)
    days = ", ".join(str(each.day) for each in done.cuts)
    if not differing:
        return f"replayed as the days came: cut after {days}, all {compared:,} earlier flags and scores stay the same"
    return f"cut after {days}, {differing:,} of {compared:,} earlier flags or scores differ: please report this"


def alert_rows(done: Backtest) -> list[tuple[str, ...]]:
    """Rows under ALERT_HEAD, one per series."""
    return [
        (each.metric, each.region, str(each.alerts), str(each.days), f"{each.per_month:.2f}") for each in done.alerts
    ]


def groups_of(seen: Iterable[Sensitivity]) -> list[list[Sensitivity]]:
    """What belongs in one heat map: a rule, a metric, a direction."""
    return [list(group) for _, group in groupby(seen, key=lambda each: (each.rule, each.metric, each.direction))]


def title_of(group: Sequence[Sensitivity]) -> str:
    """Such as "cancel_rate up (rule cancels-up)"."""
    return f"{group[0].metric} {group[0].direction} (rule {group[0].rule})"


def sentences(group: Sequence[Sensitivity]) -> Iterator[str]:
    """Such as "late_rate up: DE sees +0.7 points in 7 days; IS only +7.7 points in 7"."""
    planted = [each for each in group if each.steps]
    caught = sorted((size, each.region) for each in planted if (size := each.smallest[MAP_DAYS]) is not None)
    lead = f"{group[0].metric} {group[0].direction}: "
    unit, direction = group[0].unit, group[0].direction
    if not planted:
        yield f"{lead}nothing could be planted, {group[0].reason}"
    elif not caught:
        largest = size_text(planted[0].steps[-1].size, unit, direction)
        yield f"{lead}no market sees even {largest}{_unit(unit)} in {MAP_DAYS} days"
    else:
        best = f"{caught[0][1]} sees {size_text(caught[0][0], unit, direction)}{_unit(unit)} in {MAP_DAYS} days"
        last = f"; {caught[-1][1]} only {size_text(caught[-1][0], unit, direction)}{_unit(unit)}"
        never = len(planted) - len(caught)
        rest = f"; none of the planted sizes in {never} more" if never else ""
        yield lead + best + (last if len(caught) > 1 else "") + rest


def _map(group: Sequence[Sensitivity], *, use_unicode: bool) -> Iterator[str]:
    """Regions by sizes: the share caught, as a shade or a number; then the smallest size for each number of days."""
    sizes = sizes_of(group)
    unit, direction = group[0].unit, group[0].direction
    measure = "shade: " if use_unicode else "percent, "
    yield f"{title_of(group)}: {measure}caught within {MAP_DAYS} days, by size{_in_unit(unit)}"
    head = ("region", *(size_text(size, unit, direction) for size in sizes), *DAYS_HEAD)
    cell = _shade if use_unicode else percent
    rows = [
        (each.region, *(cell(step_of(each, size)) for size in sizes), *smallest_of(each))
        for each in group
        if each.steps
    ]
    yield from _columns(head, rows, texts=1)
    yield from (f"  {each.region}: {each.reason}" for each in group if each.reason)


def smallest_of(each: Sensitivity) -> tuple[str, ...]:
    """The smallest size caught, for each number of days of DAYS_HEAD."""
    return tuple(
        NOT_CAUGHT if (size := each.smallest[days]) is None else size_text(size, each.unit, each.direction)
        for days in WITHIN_DAYS
    )


def sizes_of(group: Sequence[Sensitivity]) -> list[float]:
    """Every size that was planted, smallest first."""
    return sorted({step.size for each in group for step in each.steps})


def step_of(each: Sensitivity, size: float) -> Step | None:
    """What was planted with one size; None when that size was not."""
    return next((step for step in each.steps if step.size == size), None)


def percent(step: Step | None) -> str:
    """The share caught within the map's days, in percent."""
    return NOT_CAUGHT if step is None else f"{100 * step.caught[MAP_DAYS]:.0f}"


def _shade(step: Step | None) -> str:
    if step is None:
        return NOT_CAUGHT
    return SHADES[min(int(step.caught[MAP_DAYS] * 4 + 0.5), 4)] * 3


def size_text(size: float, unit: SizeUnit, direction: str) -> str:
    """Such as "+1.1" (points) or "-20%"."""
    sign = "+" if direction == "up" else "-"
    digits = f"{100 * size:.2g}" if size < 0.1 else f"{100 * size:.0f}"
    return f"{sign}{digits}" + ("" if unit == "points" else "%")


def _unit(unit: SizeUnit) -> str:
    return " points" if unit == "points" else ""


def _in_unit(unit: SizeUnit) -> str:
    return " in points; right: the smallest caught" if unit == "points" else "; right: the smallest caught"


def _columns(head: Sequence[str], rows: Sequence[Sequence[str]], *, texts: int) -> Iterator[str]:
    """Aligned columns; the first `texts` to the left, numbers to the right."""
    if not rows:
        return
    widths = [max(len(row[index]) for row in (head, *rows)) for index in range(len(head))]
    for row in (head, *rows):
        cells = [
            cell.ljust(width) if index < texts else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield ("  " + "  ".join(cells)).rstrip()


# ── thresholds ─────────────────────────────────────────────────────────────────────────────────────────


def proposal(tuning: Tuning) -> str:
    """What is proposed, against what there is now."""
    if tuning.proposed == tuning.current:
        return "stay as they are: no other combination catches smaller changes without more alerts"
    new = tuning.proposed
    return (
        f"proposed: false_discovery_rate {new.false_discovery_rate:g}, min_relative {new.min_relative:g}, "
        f"min_excess {new.min_excess:g}; {_outcome(new, tuning.unit)} (now {_outcome(tuning.current, tuning.unit)})"
    )


def _outcome(each: Thresholds, unit: SizeUnit) -> str:
    size = f"{_magnitude(each, unit)}{_unit(unit)}"
    return f"half of the markets see {size} in {MAP_DAYS} days at {each.alerts_per_month:.2f} alerts a month"


def _magnitude(each: Thresholds, unit: SizeUnit) -> str:
    return "none" if each.median_smallest is None else size_text(each.median_smallest, unit, "up").removeprefix("+")


def tuning_rows(tuning: Tuning) -> Iterator[tuple[str, ...]]:
    """What is now, the proposal, and every combination that nothing beats in both alerts and size."""
    for each in (tuning.current, *_frontier(tuning)):
        mark = "now" if each == tuning.current else "proposed" if each == tuning.proposed else ""
        yield (
            mark,
            f"{each.false_discovery_rate:g}",
            f"{each.min_relative:g}",
            f"{each.min_excess:g}",
            f"{each.alerts_per_month:.2f}",
            _magnitude(each, tuning.unit),
            str(each.regions_that_catch),
        )


def _frontier(tuning: Tuning) -> list[Thresholds]:
    """Combinations ordered by alerts, each catching smaller changes than all with fewer alerts; the proposal is one."""
    ordered = sorted(
        tuning.alternatives, key=lambda each: (each.alerts_per_month, each.median_smallest or float("inf"))
    )
    kept: list[Thresholds] = []
    for each in ordered:
        is_better = not kept or (each.median_smallest or float("inf")) < (kept[-1].median_smallest or float("inf"))
        if is_better or each == tuning.proposed:
            kept.append(each)
    return kept
