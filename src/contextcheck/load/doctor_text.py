"""A diagnosis in plain text."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contextcheck.load.doctor import Diagnosis, Quality
    from contextcheck.load.readiness import Readiness

_LABEL_WIDTH = 15
_SHOWN_HEADERS = 12


def lines_of_diagnosis(found: Diagnosis) -> tuple[str, ...]:
    """Say what a source is, what is read as what, what can be answered, and what to do next."""
    lines = [f"{found.name}  {found.description}, {found.rows:,} {found.place_word}s"]
    if found.map_id:
        lines.append(f"looks like: {found.map_title} ({found.known_headers} of {len(found.headers)} columns)")
        lines += _reading(found)
    else:
        lines.append(f"looks like: no format that is known; columns: {_shown(found.headers)}")
    if found.quality is not None:
        lines += _rows(found.quality, found.place_word)
    lines += [f"  {line}" for line in found.tables] if found.map_id else []
    lines += _answers(found)
    lines += [f"  note: {note}" for note in found.notes]
    lines += [f"{problem.code} {problem.message}" for problem in found.problems]
    lines.append(_next(found))
    return tuple(lines)


def _reading(found: Diagnosis) -> list[str]:
    lines = []
    if found.is_line_item:
        lines.append(f"  one order over several {found.place_word}s: yes, by {found.reads.get('order_id', '')}")
    if found.time_sentence:
        lines.append(f"  time: {found.time_sentence}")
    pairs = [name if name == source else f"{name} ← {source}" for name, source in found.reads.items()]
    lines.append(f"  reads: {' · '.join(pairs)}")
    if found.unmapped:
        lines.append(f"  not read: {_shown(found.unmapped)}")
    if found.regions:
        lines.append(f"  markets: {len(found.regions)} ({_shown(found.regions)})")
    if found.currencies:
        lines.append(f"  currency: {', '.join(found.currencies)}")
    return lines


def _rows(quality: Quality, word: str) -> list[str]:
    span = f", {quality.first:%Y-%m-%d} to {quality.last:%Y-%m-%d}" if quality.first and quality.last else ""
    lines = [f"  {quality.source_rows:,} {word}s → {quality.orders:,} orders{span}"]
    if quality.bad_rows:
        reasons = ", ".join(f"{reason}: {rows:,}" for reason, rows in list(quality.bad_reasons.items())[:4])
        first = f"; first: {word} {quality.first_bad[0]}" if quality.first_bad else ""
        lines.append(f"  {quality.bad_rows:,} {word}s cannot be read ({reasons}{first}) → {quality.quarantine}")
    return lines


def _answers(found: Diagnosis) -> list[str]:
    if not found.map_id:
        return []
    lines = [_labelled("metrics:", found.metrics.can), *_lacking("not available:", found.metrics)]
    lines += [_labelled("can test:", found.signs.can), *_lacking("cannot test:", found.signs)]
    lines.append(_labelled("can measure:", found.measured))
    lines.append(_labelled("assumed:", found.assumed))
    lines.append(_labelled("not measured:", found.not_measured))
    return [line for line in lines if line]


def _labelled(label: str, names: Iterable[str]) -> str:
    text = ", ".join(names)
    return f"{label:<{_LABEL_WIDTH}}{text}" if text else ""


def _lacking(label: str, readiness: Readiness) -> list[str]:
    if not readiness.cannot:
        return []
    parts = [f"{name} (no {_either(columns)})" for name, columns in readiness.cannot]
    return [f"{label:<{_LABEL_WIDTH}}{' · '.join(parts)}"]


def _either(columns: tuple[str, ...]) -> str:
    return ", ".join(columns[:3]) + (" …" if len(columns) > 3 else "")


def _shown(names: Iterable[str]) -> str:
    listed = list(names)
    more = len(listed) - _SHOWN_HEADERS
    return ", ".join(listed[:_SHOWN_HEADERS]) + (f" and {more} more" if more > 0 else "")


def _next(found: Diagnosis) -> str:
    if found.is_usable:
        given = " ".join(shlex.quote(path) for path in found.paths)
        if found.has_own_map:
            return "next: contextcheck scan"
        return f"next: contextcheck init {given}   (writes contextcheck.yaml with what you see here)"
    if not found.map_id:
        given = " ".join(shlex.quote(path) for path in found.paths)
        return f"next: contextcheck init {given}   (drafts a column map), or rename the columns named above"
    return "next: settle what is named above, then run contextcheck doctor again"
