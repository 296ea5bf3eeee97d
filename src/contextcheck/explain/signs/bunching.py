"""Do order values heap at a line more than they used to?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.explain.density import Layout, bins_with_multiples, excess_mass, heap_weights
from contextcheck.explain.resampling import Draws, minus, ratio
from contextcheck.explain.signs.outcome import decided, missing, money, not_testable, order_words, percent, too_few

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from contextcheck.explain.resampling import Resampler
    from contextcheck.explain.signs.interface import SignOutcome
    from contextcheck.explain.slices import Slice
    from contextcheck.knowledge.lines import Line
    from contextcheck.knowledge.signs import Sign

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

HEAP_WIDTH = 1.15
FIRST, LAST, BIN = 0.25, 2.75, 0.05
DEGREE = 5
TOLERANCE = 1e-9
MIN_EXCESS_SHARE = 0.05
MIN_PAST_ORDERS = 50
PLACEBO_LINES = (0.8, 1.25)
MIN_ROUND_BINS, MAX_ROUND_SHARE = 3, 0.6


@dataclass(frozen=True, slots=True)
class Heap:
    """Where a heap is looked for, in units of the line: [low, high); and what the fit leaves out around it."""

    low: float
    high: float
    left_out: tuple[float, float]


ABOVE = Heap(1.0, HEAP_WIDTH, (0.85, 1.30))
BELOW = Heap(0.85, 1.0, (0.70, 1.15))


@lru_cache(maxsize=64)
def layout_of(heap: Heap, local_line: float, *, is_displaced: bool) -> Layout:
    """Give the bins of the histogram, in units of the line, and what each is for.

    Args:
        heap: Where the heap is looked for.
        local_line: The line in local money; round amounts are round in local money.
        is_displaced: Whether the heap's orders would else stand on the other side of the line, among those counted.
    """
    lower: Floats = FIRST + BIN * np.arange(round((LAST - FIRST) / BIN), dtype=np.float64)
    middles: Floats = lower + BIN / 2
    fitted = (middles < heap.left_out[0]) | (middles > heap.left_out[1])
    side = middles < heap.low if heap.low >= 1 else middles > heap.high
    return Layout(
        position=middles,
        fitted=fitted,
        heap=(middles > heap.low) & (middles < heap.high),
        source=side & is_displaced,
        rounds=_rounds(lower * local_line, fitted, local_line),
        degree=DEGREE,
    )


def _rounds(lower: Floats, fitted: Mask, line: float) -> tuple[Mask, ...]:
    """Bins that hold an amount as round as the line is large (10 and 5 for a line of 50), where they can be told apart.

    Of two kinds the less round one leaves out the amounts of the rounder one.
    """
    unit = 10.0 ** np.floor(np.log10(line))
    found: list[Mask] = []
    for mask in bins_with_multiples(lower, lower + BIN * line, (unit, unit / 2)):
        own = mask & ~np.logical_or.reduce([np.zeros(len(lower), dtype=bool), *found])
        if MIN_ROUND_BINS <= int(own[fitted].sum()) <= MAX_ROUND_SHARE * int(fitted.sum()):
            found.append(own)
    return tuple(found)


@lru_cache(maxsize=64)
def _weights(heap: Heap, local_line: float, *, is_displaced: bool) -> Floats:
    return heap_weights(layout_of(heap, local_line, is_displaced=is_displaced))


def bins_of(ratios: Floats) -> NDArray[np.int64]:
    """Give the bin of each order by its value in units of the line; one past the last for values outside."""
    count = round((LAST - FIRST) / BIN)
    with np.errstate(invalid="ignore"):
        raw = np.floor((ratios * (1 + TOLERANCE) - FIRST) / BIN + TOLERANCE)
        outside = ~((raw >= 0) & (raw < count))
    return np.where(outside, count, np.where(outside, 0.0, raw)).astype(np.int64)


class Bunching:
    """Say whether order values heap just above (or below) a line more than in the quiet past.

    Method: bins of 0.05 T from 0.25 T to 2.75 T; excess share of orders in [T, 1.15 T) over a polynomial of degree 5
        with indicators for round amounts, fitted outside [0.85 T, 1.30 T), in the window, minus the same in the past
        (difference in bunching). Where all orders are looked at, those in the heap are missing below the line, and the
        curve must hold as many orders as there are (integration constraint, see `density`); in a group such as
        cancelled baskets they join from outside, and nothing is missing. Interval and p-value by resampling customers.
        Supported when the difference is at least 5 points, z above 2.33, and more than twice that at the placebo lines
        0.8 T and 1.25 T; contradicted when the interval lies below 5 points.
    Source: Chetty et al. (2011), QJE 126; Kleven (2016), Annual Review of Economics 8; difference in bunching as in
        Brown (2013), J. Public Econ. 101.
    Blind spots: a heap that was always there; lines that the shop does not tell; padding by more than 15 %. A heap
        says that people aim at the line, not why.

    Example:
        >>> flat = np.full(50, 10.0)
        >>> flat[15:18] += 5.0  # five more orders in each of the bins 1.00, 1.05 and 1.10
        >>> round(float(excess_mass(flat, layout_of(ABOVE, 50.0, is_displaced=False))), 6)
        15.0
    """

    def test(self, slice_: Slice, sign: Sign) -> SignOutcome:
        """Test the sign; see `SignTest`."""
        line = slice_.scene.lines.get(sign.text("at"))
        if line is None or line.amount <= 0:
            return not_testable(sign, f"no {sign.text('at')} is known for {slice_.scene.region}")
        column = sign.text("column") or "order_total"
        chosen = slice_.among(sign.text("among"))
        words = order_words(slice_, sign.text("among"))
        refused = missing(slice_, sign, column) or too_few(slice_, sign, chosen & slice_.in_window, words)
        if refused:
            return refused
        heap = BELOW if sign.text("expect") == "below" else ABOVE
        ratios = slice_.numbers(column) / line.amount
        place = Place(heap, float(line.local.amount), is_displaced=sign.text("among") == "all")
        finding = _measure(slice_, ratios, chosen, place)
        holds = _verdict(slice_, ratios, chosen, place, finding, expects_none=sign.text("expect") == "none")
        n = int((chosen & slice_.in_window).sum())
        return decided(
            sign,
            holds=holds,
            sentence=_sentence(finding, heap, words, line),
            effect=finding.difference.estimate(),
            unit="share of orders",
            n=n,
            p_value=finding.difference.p_above(0.0) if sign.text("expect") != "none" else None,
            members=None if sign.text("expect") == "none" else chosen & _inside(ratios, heap),
            unclear="the interval reaches from no heap to a clear one, or a placebo line shows one as well",
        )


@dataclass(frozen=True, slots=True)
class Place:
    """The heap, the line in local money, and whether its orders moved within what is counted."""

    heap: Heap
    local_line: float
    is_displaced: bool

    def at(self, factor: float) -> Place:
        """The same at another line, for a placebo."""
        return replace(self, local_line=self.local_line * factor)


@dataclass(frozen=True, slots=True)
class Finding:
    """Share of orders in the heap now and before (NaN without a past), and the difference in bunching."""

    now: float
    before: float
    difference: Draws


def _inside(ratios: Floats, heap: Heap) -> Mask:
    """Orders in the heap; a value equal to the line up to rounding belongs above it."""
    with np.errstate(invalid="ignore"):
        above = ratios >= heap.low * (1 - TOLERANCE)
        below = ratios < heap.high * (1 - TOLERANCE)
    return np.asarray(above & below)


def _measure(slice_: Slice, ratios: Floats, chosen: Mask, place: Place) -> Finding:
    resampler = slice_.resampler(1)
    window, past = chosen & slice_.in_window, chosen & ~slice_.in_window
    excess = excess_share(resampler, ratios, window, place)
    inside = _inside(ratios, place.heap)
    now = float(inside[window].mean())
    if int(past.sum()) < MIN_PAST_ORDERS:
        return Finding(now, float("nan"), excess)
    return Finding(now, float(inside[past].mean()), minus(excess, excess_share(resampler, ratios, past, place)))


def excess_share(resampler: Resampler, ratios: Floats, chosen: Mask, place: Place) -> Draws:
    """Mass above the fit as a share of the chosen orders, on the data and on every draw of customers."""
    layout = layout_of(place.heap, place.local_line, is_displaced=place.is_displaced)
    weights = _weights(place.heap, place.local_line, is_displaced=place.is_displaced)
    count = len(layout.position)
    seen, drawn = resampler.histograms(bins_of(ratios), count + 1, chosen)
    mass = Draws(float(excess_mass(seen[:count], layout, weights)), excess_mass(drawn[:, :count], layout, weights))
    return ratio(mass, Draws(float(seen.sum()), drawn.sum(axis=1)))


def _verdict(
    slice_: Slice, ratios: Floats, chosen: Mask, place: Place, finding: Finding, *, expects_none: bool
) -> bool | None:
    estimate = finding.difference.estimate()
    clear = finding.difference.value >= MIN_EXCESS_SHARE and finding.difference.p_above(0.0) < 0.01
    if expects_none:
        return True if estimate.high < MIN_EXCESS_SHARE else False if clear else None
    if estimate.high < MIN_EXCESS_SHARE:
        return False
    placebos = [_measure(slice_, ratios / at, chosen, place.at(at)).difference.value for at in PLACEBO_LINES]
    return True if clear and finding.difference.value > 2 * max(placebos) else None


def _sentence(finding: Finding, heap: Heap, words: str, line: Line) -> str:
    side = "above" if heap is ABOVE else "below"
    usual = f"; {percent(finding.before)} is usual here" if np.isfinite(finding.before) else ""
    return f"{percent(finding.now)} of the {words} stood just {side} {money(line, line.amount)}{usual}"
