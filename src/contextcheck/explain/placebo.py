"""Would the same explanation have "explained" a quiet week as well?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import bdtrc

from contextcheck.explain.scoring import score
from contextcheck.records import Placebo, Window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contextcheck.explain.slices import Slice
    from contextcheck.knowledge.entries import Entry

MAX_WINDOWS = 8
DRAWS = 120
MAX_RATE = 0.25
CHANCE = 0.05


def quiet_slices(slice_: Slice) -> tuple[Slice, ...]:
    """Give the quiet past cut into windows as long as the flag (at most a quarter of the past), each against the rest.

    Args:
        slice_: Orders of the flag; nothing more is read.

    Returns:
        Up to 8 slices, spread over the past; empty when there is no past.
    """
    before = slice_.scene.before
    if before is None:
        return ()
    return tuple(_quiet_slice(slice_, before, window) for window in _windows(before, slice_.scene.window.days))


def _windows(before: Window, days: int) -> Iterator[Window]:
    length = max(1, min(days, before.days // 4))
    count = before.days // length
    wanted = np.unique(np.linspace(0, count - 1, min(count, MAX_WINDOWS)).round().astype(int))
    for number in wanted:
        start = before.start + timedelta(days=int(number) * length)
        yield Window(start, start + timedelta(days=length - 1))


def _quiet_slice(slice_: Slice, before: Window, window: Window) -> Slice:
    start, end = np.datetime64(window.start), np.datetime64(window.end)
    inside = (slice_.day >= start) & (slice_.day <= end)
    scene = replace(slice_.scene, window=window, before=before)
    return slice_.relabelled(~slice_.in_window & slice_.focus, inside, scene, DRAWS)


def placebo_of(slices: tuple[Slice, ...], entry: Entry, named: Slice) -> Placebo | None:
    """Give how often an entry would be supported on quiet windows.

    Args:
        slices: From `quiet_slices`.
        entry: The explanation.
        named: The flag's slice with the entry's named days.

    Returns:
        Rate and number of windows on which the entry could be tested; None when there were none.

    Method: every sign is tested on each quiet window against the rest of the quiet past, uncorrected, with the verdict
        rules of the flag itself.
    Source: placebo-in-time, Abadie, Diamond and Hainmueller (2015), American J. of Political Science 59.
    Blind spots: a few quiet windows of one region; a habit that is always there is found, a rare one is not.
    """
    verdicts = [score(each.named(named.named_days), entry).verdict for each in slices]
    testable = [verdict for verdict in verdicts if verdict != "not_testable"]
    if not testable:
        return None
    return Placebo(testable.count("supported") / len(testable), len(testable))


def is_too_flexible(placebo: Placebo | None) -> bool:
    """Whether an entry "explains" quiet windows too often.

    That is a quarter of them or more, at least two, and a count that 5 % a window would reach in less than 5 %.
    """
    if placebo is None:
        return False
    hits = round(placebo.rate * placebo.n)
    beyond_chance = hits >= 1 and float(bdtrc(hits - 1, placebo.n, CHANCE)) < 0.05
    return hits >= 2 and placebo.rate >= MAX_RATE and beyond_chance
