"""Would the same explanation have "explained" a quiet week, or another region, as well?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import bdtrc

from contextcheck.explain.references import regions_words
from contextcheck.explain.scoring import score
from contextcheck.records import Placebo, Window

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from contextcheck.explain.scoring import Scored
    from contextcheck.explain.slices import Slice
    from contextcheck.knowledge.entries import Entry
    from contextcheck.records import Evidence

MAX_WINDOWS, MAX_WINDOWS_ELSEWHERE = 8, 4
DRAWS = 120
MAX_RATE = 0.25
CHANCE = 0.05


@dataclass(frozen=True, slots=True)
class Tried:
    """An entry on places where nothing was flagged.

    Attributes:
        placebo: Rate and number; None when it could be tested nowhere.
        same_days: Region to the entry's result there on the days of the flag.
    """

    placebo: Placebo | None
    same_days: Mapping[str, Scored]


def quiet_slices(slice_: Slice, most: int = MAX_WINDOWS) -> tuple[Slice, ...]:
    """Give the quiet past cut into windows as long as the flag (at most a quarter of the past), each against the rest.

    Args:
        slice_: Orders of the flag, or of another region on the same days; nothing more is read.
        most: Most windows.

    Returns:
        The slices, spread over the past; empty when there is no past.
    """
    before = slice_.scene.before
    if before is None:
        return ()
    windows = _windows(before, slice_.scene.window.days, most)
    return tuple(_quiet_slice(slice_, before, window) for window in windows)


def _windows(before: Window, days: int, most: int) -> Iterator[Window]:
    length = max(1, min(days, before.days // 4))
    count = before.days // length
    wanted = np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(int))
    for number in wanted:
        start = before.start + timedelta(days=int(number) * length)
        yield Window(start, start + timedelta(days=length - 1))


def _quiet_slice(slice_: Slice, before: Window, window: Window) -> Slice:
    start, end = np.datetime64(window.start), np.datetime64(window.end)
    inside = (slice_.day >= start) & (slice_.day <= end)
    scene = replace(slice_.scene, window=window, before=before)
    return slice_.relabelled(~slice_.in_window & slice_.focus, inside, scene, DRAWS)


def try_elsewhere(named: Slice, entry: Entry, regions: Mapping[str, Slice]) -> Tried:
    """Give how often an entry would be supported where nothing was flagged.

    Args:
        named: The flag's slice with the entry's named days, all orders in focus.
        entry: The explanation.
        regions: Comparable regions, same days.

    Method: every sign is tested, uncorrected, with the verdict rules of the flag itself, on (1) up to eight quiet
        windows of the region's own past, each against the rest of it; (2) the flag's days of each comparable region
        against that region's own past; (3) up to four quiet windows of each comparable region.
    Source: placebo in time and in space, Abadie, Diamond and Hainmueller (2015), American J. of Political Science 59.
    Blind spots: windows of one region share its customers; a habit that is always there is found, a rare one is not;
        an entry about one market's own feast has nothing to hold on elsewhere.
    """
    here = placebo_counts(quiet_slices(named), entry, named)
    same_days = {
        region: score(replace(each.named(named.named_days), draws=DRAWS), entry) for region, each in regions.items()
    }
    other = [placebo_counts(quiet_slices(each, MAX_WINDOWS_ELSEWHERE), entry, named) for each in regions.values()]
    verdicts = [each.verdict for each in same_days.values() if each.verdict != "not_testable"]
    held = here[0] + sum(each[0] for each in other) + verdicts.count("supported")
    there = sum(each[1] for each in other) + len(verdicts)
    tested = here[1] + there
    if not tested:
        return Tried(None, same_days)
    where = f"{here[1]} quiet windows of {named.scene.region}"
    if there:
        where += f", {there} windows of {regions_words(tuple(regions))}"
    return Tried(Placebo(held / tested, tested, where), same_days)


def placebo_counts(slices: Sequence[Slice], entry: Entry, named: Slice) -> tuple[int, int]:
    """On how many quiet windows an entry would be supported, and on how many it could be tested."""
    verdicts = [score(each.named(named.named_days), entry).verdict for each in slices]
    return verdicts.count("supported"), sum(verdict != "not_testable" for verdict in verdicts)


def is_too_flexible(placebo: Placebo | None) -> bool:
    """Whether an entry "explains" places where nothing was flagged too often.

    That is a quarter of them or more, at least two, and a count that 5 % each would reach in less than 5 %.
    """
    if placebo is None:
        return False
    hits = round(placebo.rate * placebo.n)
    beyond_chance = hits >= 1 and float(bdtrc(hits - 1, placebo.n, CHANCE)) < 0.05
    return hits >= 2 and placebo.rate >= MAX_RATE and beyond_chance


def with_other_regions(evidence: Sequence[Evidence], same_days: Mapping[str, Scored]) -> tuple[Evidence, ...]:
    """The evidence of an entry, each sign with its effect on the same days in the comparable regions."""
    return tuple(_beside(each, place, same_days) for place, each in enumerate(evidence))


def _beside(evidence: Evidence, place: int, same_days: Mapping[str, Scored]) -> Evidence:
    shown = [
        f"{region} {effect.value:.2g}"
        for region, scored in same_days.items()
        if (effect := scored.evidence[place].effect) is not None and np.isfinite(effect.value)
    ]
    if not shown or evidence.effect is None or evidence.test == "peers":
        return evidence
    unit = f" ({evidence.unit})" if evidence.unit else ""
    words = f"the same days elsewhere: {', '.join(shown)}{unit}"
    return replace(evidence, reference="; ".join(part for part in (evidence.reference, words) if part))
