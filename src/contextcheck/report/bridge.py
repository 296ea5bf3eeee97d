"""The ledger as a bridge: where each bar stands on a common scale, in percent of the width."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Literal

from contextcheck.report.money_story import ORDERS_LINE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contextcheck.report.money_story import MoneyLine, MoneyStory


@dataclass(frozen=True, slots=True)
class BridgeRow:
    """One row: the words of the line and its bar; `width` 0 is a line without an amount."""

    line: MoneyLine | None
    side: Literal["gain", "loss", "total", "none"]
    left: float
    width: float
    zero: float


def bridge_rows(money: MoneyStory) -> list[BridgeRow]:
    """Give the rows in order; the last one, without a line, is the contribution.

    When the lines add up to the contribution, each bar starts where the one above it ended; otherwise at zero.
    """
    spans = _spans(money)
    edges = [0.0, *(edge for span in spans.values() for edge in span)]
    total = money.value
    if total is not None:
        edges.append(total)
    low, high = min(edges), max(edges)
    scale = 100 / (high - low) if high > low else 0.0
    zero = -low * scale

    def row(line: MoneyLine | None, span: tuple[float, float] | None) -> BridgeRow:
        if span is None:
            return BridgeRow(line, "none", 0, 0, zero)
        start, end = span
        side: Literal["gain", "loss", "total"] = "total" if line is None else "gain" if end >= start else "loss"
        return BridgeRow(line, side, (min(span) - low) * scale, abs(end - start) * scale, zero)

    rows = [row(line, spans.get(position)) for position, line in enumerate(money.lines)]
    return [*rows, row(None, (0.0, total) if total is not None else None)]


def _spans(money: MoneyStory) -> dict[int, tuple[float, float]]:
    """Position of a line to where its bar starts and ends, in money."""
    spans, reached, parent_start = {}, 0.0, 0.0
    for position, line in enumerate(money.lines):
        if line.value is None or line.id == ORDERS_LINE:
            continue
        if line.is_part:
            # A part stands under its whole and moves nothing on.
            spans[position] = (parent_start, parent_start + line.value)
            continue
        parent_start = reached if money.adds_up else 0.0
        spans[position] = (parent_start, parent_start + line.value)
        reached += line.value
    return spans


def step_bars(amounts: Sequence[float]) -> list[BridgeRow]:
    """Give a bar for each amount, every one beginning where the one above it ended, and one for their sum."""
    ends = list(accumulate(amounts))
    spans = [*zip([0.0, *ends[:-1]], ends, strict=True), (0.0, ends[-1] if ends else 0.0)]
    low, high = min((0.0, *ends)), max((0.0, *ends))
    scale = 100 / (high - low) if high > low else 0.0
    return [
        BridgeRow(
            None,
            "total" if position == len(amounts) else "gain" if end >= start else "loss",
            (min(start, end) - low) * scale,
            abs(end - start) * scale,
            -low * scale,
        )
        for position, (start, end) in enumerate(spans)
    ]
