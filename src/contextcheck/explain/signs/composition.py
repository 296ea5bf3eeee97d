"""Did rates change, or only the mix of segments?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from contextcheck.explain.resampling import Draws, ratio
from contextcheck.explain.signs.outcome import compared, decided, leaves_open, missing, not_testable, percent, too_few

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from contextcheck.explain.signs.interface import SignOutcome
    from contextcheck.explain.slices import Codes, Floats, Slice
    from contextcheck.knowledge.signs import Sign

MAX_SEGMENTS = 25


class Composition:
    """Say how much of the change comes from more orders in high segments, and how much from higher rates inside them.

    Method: mix part = sum over segments of (w1 - w0)(p0 + p1)/2, rate part = sum of (p1 - p0)(w0 + w1)/2, w the
        shares of orders and p the levels before (0) and in the window (1); they add up to the whole change. Share of
        the mix part with an interval by resampling customers. Segments beyond the 25 largest are one segment.
    Source: Kitagawa (1955), Journal of the American Statistical Association 50; Oaxaca (1973).
    Blind spots: one column at a time; a mix change may itself be the trace of a cause.

    Example:
        >>> import numpy as np
        >>> w0, w1, level = np.array([[0.9], [0.1]]), np.array([[0.5], [0.5]]), np.array([[0.0], [1.0]])
        >>> float(mix_part(w0, w1, level, level)[0])
        0.4
    """

    def test(self, slice_: Slice, sign: Sign) -> SignOutcome:
        """Test the sign; see `SignTest`."""
        column = sign.text("column")
        refused = missing(slice_, sign, column)
        if refused:
            return refused
        if slice_.scene.metric.kind == "count" or not slice_.has_past:
            reason = "a count has no level per segment" if slice_.has_past else slice_.scene.before_reason
            return not_testable(sign, reason)
        chosen = slice_.focus & slice_.in_window & (slice_.amount != 0)
        refused = too_few(slice_, sign, chosen, "flagged orders")
        if refused:
            return refused
        mix, total = parts_of(slice_, segments_of(slice_, column))
        if not total.is_clear:
            return not_testable(sign, "the change itself is not clear enough to be divided")
        expects_mix = sign.text("expect") == "composition"
        share = ratio(mix, total)
        if not expects_mix:
            share = Draws(1 - share.value, 1 - share.draws)
        estimate, least = share.estimate(), sign.number("at_least")
        what = "comes from more orders in high segments" if expects_mix else "is change inside the segments"
        return decided(
            sign,
            holds=compared(estimate, least, None),
            sentence=f"{percent(share.value)} of the change {what} of {column.replace('_', ' ')}",
            effect=estimate,
            unit="share of the change",
            n=int(chosen.sum()),
            p_value=share.p_above(least),
            unclear=leaves_open(estimate, least),
        )


def mix_part(w0: Floats, w1: Floats, p0: Floats, p1: Floats) -> Floats:
    """The part of the change that comes from the shares, segments along the first axis."""
    return np.asarray(((w1 - w0) * (p0 + p1) / 2).sum(axis=0))


def segments_of(slice_: Slice, column: str) -> Codes:
    """Segment of each order, the largest ones numbered from 0; what is left is one segment."""
    codes = slice_.frame[column].astype("category").cat.codes.to_numpy().astype(np.int64) + 1
    largest = np.argsort(-np.bincount(codes), kind="stable")[:MAX_SEGMENTS]
    number = np.full(int(codes.max()) + 1, len(largest), dtype=np.int64)
    number[largest] = np.arange(len(largest))
    return number[codes]


def parts_of(slice_: Slice, segment: Codes) -> tuple[Draws, Draws]:
    """The mix part and the whole change, on the data (first column) and on every draw."""
    resampler = slice_.resampler(9)

    def table(values: Floats, period: NDArray[np.bool_]) -> Floats:
        rows = []
        for code in range(int(segment.max()) + 1):
            total = resampler.totals(np.where(slice_.focus & period & (segment == code), values, 0.0))
            rows.append(np.concatenate([[total.value], total.draws]))
        return np.array(rows)

    window, past = slice_.in_window, ~slice_.in_window
    n1, n0 = table(slice_.exposure, window), table(slice_.exposure, past)
    a1, a0 = table(slice_.amount, window), table(slice_.amount, past)
    with np.errstate(divide="ignore", invalid="ignore"):
        p1, p0 = a1 / n1, a0 / n0
        # a segment that is there in one period only has no change of its own level
        p1, p0 = np.where(np.isnan(p1), p0, p1), np.where(np.isnan(p0), p1, p0)
        mix = mix_part(n0 / n0.sum(axis=0), n1 / n1.sum(axis=0), np.nan_to_num(p0), np.nan_to_num(p1))
        total = a1.sum(axis=0) / n1.sum(axis=0) - a0.sum(axis=0) / n0.sum(axis=0)
    return Draws(float(mix[0]), mix[1:]), Draws(float(total[0]), total[1:])
