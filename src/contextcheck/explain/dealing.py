"""What a test that deals events out at random deals out, among which orders and how often."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from contextcheck.explain.signs.outcome import MIN_ORDERS

if TYPE_CHECKING:
    from contextcheck.explain.slices import Floats, Mask, Slice

PERMUTATIONS, FEW_PERMUTATIONS = 999, 199
MANY_EVENTS = 2_000


def events_among(slice_: Slice) -> tuple[Mask, Floats]:
    """Give the orders among which events fall, and what each of them carries.

    Of a count every order is an event, so that nothing could be dealt out among those of the window: there, to fall
    into the window is the event, among the orders of both periods.
    """
    if slice_.scene.metric.kind == "count":
        among = slice_.focus & (slice_.amount != 0)
        return among, slice_.in_window[among].astype(np.float64)
    among = slice_.focus & slice_.in_window & (slice_.exposure > 0)
    return among, np.abs(slice_.amount[among])


def without_usual_volume(slice_: Slice) -> str:
    """Give why it is not known how much each customer usually orders, which a count is held against; else empty.

    Where the window holds most of the orders of both periods, 1.5 times the share of everybody cannot be reached.
    """
    if slice_.scene.metric.kind != "count":
        return ""
    among, here = events_among(slice_)
    inside, before = int(here.sum()), int(among.sum() - here.sum())
    if before < max(MIN_ORDERS, inside / 2):
        return f"{before:,} orders in the quiet past beside {inside:,}: too few to say who orders how much"
    return ""


def permutations(slice_: Slice, events: Floats) -> int:
    """Give how often events are dealt out: less for a placebo and for many events, where 1 % is as easily told."""
    is_full = slice_.draws >= 200 and int((events > 0).sum()) <= MANY_EVENTS
    return PERMUTATIONS if is_full else FEW_PERMUTATIONS
