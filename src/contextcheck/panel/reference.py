"""The quiet past and the comparable regions of a flag or a launch; shared by the explain and the impact step."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd

from contextcheck.records import Flag, Launch, Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from contextcheck.panel.table import Panel

ORDERS = "orders"
MAX_DAYS_BEFORE = 56
MIN_DAYS_BEFORE = 14
GUARD_DAYS = 1
MIN_ORDERS_PER_DAY = 5.0


@dataclass(frozen=True, slots=True)
class Reference:
    """What a slice is compared with.

    Attributes:
        before: Quiet days of the same region, whole weeks where there are enough; None when there are none.
        controls: Regions without a launch or a flag of their own on those days, largest first.
        dropped: Region to the reason why it is not a control.
        reason: Why `before` is None; empty otherwise.
        clean: All days before the window without a flag of the region or a launch there, longer than `before` where
            the data allow; None when `before` is.
        later: Regions that are no control because something is launched there after the window has begun, with the
            first such day; they can serve until then.
    """

    before: Window | None
    controls: tuple[str, ...]
    dropped: Mapping[str, str]
    reason: str = ""
    clean: Window | None = None
    later: Mapping[str, date] = field(default_factory=dict)


def choose_reference(
    panel: Panel, region: str, window: Window, flags: Sequence[Flag], launches: Sequence[Launch]
) -> Reference:
    """Give the quiet past of a region before a window, and the regions that can serve as controls.

    Args:
        panel: Daily sums; only its days and its order counts are read.
        region: The region under study.
        window: The flagged (or launched) days.
        flags: Every flag of the run; the past holds no earlier flag of the region, controls no flag of their own.
        launches: Every launch; the past ends before a launch that is live in the window.

    Returns:
        The reference. The past spans at most 56 days, at least 14, and is cut to whole weeks. It lies behind the last
        earlier flag or, where that leaves too few days, between the flags before it, and begins anew for a launch only
        where the data hold days without it.
    """
    # what was always live here cuts no past, and where it was live elsewhere as well makes no difference
    shared = [each for each in launches if region in each.regions and was_always_live(panel, each, window)]
    changing = [each for each in launches if each not in shared]
    first, last = _past_limits(panel, region, window, flags, changing)
    days = (last - first).days + 1
    span = Window(min(first, window.start), window.end)
    controls, dropped = _controls(panel, region, span, flags, changing)
    if days < MIN_DAYS_BEFORE:
        reason = f"{max(days, 0)} quiet days before {window.start}, {MIN_DAYS_BEFORE} needed"
        return Reference(None, controls, dropped, reason)
    days = min(days, MAX_DAYS_BEFORE) // 7 * 7
    before = Window(last - timedelta(days=days - 1), last)
    later = _later(panel, region, Window(before.start, window.end), window.start, flags, launches)
    return Reference(before, controls, dropped, clean=Window(first, last), later=later)


def comparable_regions(panel: Panel, region: str, window: Window, reference: Reference, most: int) -> tuple[str, ...]:
    """Give the controls that are most like a region in orders per day (smallest ratio), at most so many."""
    span = Window(reference.before.start if reference.before else window.start, window.end)
    volume = _orders_per_day(panel, span)
    own = max(volume.get(region, 0.0), MIN_ORDERS_PER_DAY)
    distance = {name: abs(math.log(volume[name] / own)) for name in reference.controls if volume.get(name)}
    return tuple(sorted(distance, key=lambda name: (round(distance[name], 6), name))[:most])


def _past_limits(
    panel: Panel, region: str, window: Window, flags: Sequence[Flag], launches: Sequence[Launch]
) -> tuple[date, date]:
    """First and last day that may count as the quiet past; last < first when there is none."""
    first = _first_day(panel, region, window)
    last = window.start - timedelta(days=1 + GUARD_DAYS)
    for launch in launches:
        is_live = launch.start <= window.end and (launch.end is None or launch.end >= window.start)
        if region in launch.regions and is_live:
            last = min(last, launch.start - timedelta(days=1))
    stretches = []
    for earlier in sorted(_earlier_flags(region, window, flags), key=lambda each: each.end, reverse=True):
        if earlier.end >= first and earlier.start <= last:
            stretches.append((earlier.end + timedelta(days=1), last))
            last = earlier.start - timedelta(days=1)
    stretches.append((first, last))
    oldest = window.start - timedelta(days=MAX_DAYS_BEFORE)
    long = [each for each in stretches if (each[1] - each[0]).days + 1 >= MIN_DAYS_BEFORE and each[1] >= oldest]
    return long[0] if long else stretches[0]


def was_always_live(panel: Panel, launch: Launch, window: Window) -> bool:
    """Whether the data hold no past without a launch, which goes on through a window that begins well after it."""
    too_few = timedelta(days=MIN_DAYS_BEFORE)
    first = min((_first_day(panel, region, window) for region in launch.regions), default=window.start)
    is_throughout = launch.end is None or launch.end >= window.end
    return is_throughout and launch.start - first < too_few and window.start - launch.start >= too_few


def _first_day(panel: Panel, region: str, window: Window) -> date:
    """First complete day of a region; the window's where there is none."""
    if region not in panel.regions:
        return window.start
    complete = panel.series(region, ORDERS)["is_complete"]
    days = complete.index[complete.to_numpy(dtype=bool)]
    return days[0].date() if len(days) else window.start


def _earlier_flags(region: str, window: Window, flags: Iterable[Flag]) -> list[Window]:
    return [
        flag.window
        for flag in flags
        if flag.region == region and not flag.window.overlaps(window) and flag.window.start < window.start
    ]


def _controls(
    panel: Panel, region: str, span: Window, flags: Iterable[Flag], launches: Iterable[Launch]
) -> tuple[tuple[str, ...], dict[str, str]]:
    dropped: dict[str, str] = {}
    for launch in launches:
        live_until = launch.end or span.end
        for other in launch.regions:
            if launch.start <= span.end and live_until >= span.start:
                dropped[other] = f"{launch.feature} is live there"
    for flag in flags:
        if flag.window.overlaps(span):
            dropped.setdefault(flag.region, f"has a flag of its own ({flag.metric} since {flag.window.start})")
    volume = _orders_per_day(panel, span)
    for other, orders in volume.items():
        if orders < MIN_ORDERS_PER_DAY:
            dropped.setdefault(other, f"{orders:.1f} orders a day are too few")
    controls = [other for other in volume if other != region and other not in dropped]
    dropped.pop(region, None)
    return tuple(sorted(controls, key=lambda other: (-volume[other], other))), dropped


def _later(
    panel: Panel, region: str, span: Window, start: date, flags: Iterable[Flag], launches: Sequence[Launch]
) -> dict[str, date]:
    """Regions untouched from the quiet past until a launch of their own that comes at least a week after the start."""
    first_live: dict[str, date] = {}
    for launch in launches:
        for other in launch.regions:
            if other != region and launch.start <= span.end and (launch.end or span.end) >= span.start:
                first_live[other] = min(launch.start, first_live.get(other, launch.start))
    found = {other: day for other, day in first_live.items() if day >= start + timedelta(days=7)}
    for flag in flags:
        day = found.get(flag.region)
        if day is not None and flag.window.start < day and flag.window.end >= span.start:
            del found[flag.region]
    volume = _orders_per_day(panel, span)
    return {other: day for other, day in sorted(found.items()) if volume.get(other, 0.0) >= MIN_ORDERS_PER_DAY}


def _orders_per_day(panel: Panel, span: Window) -> dict[str, float]:
    """Mean orders per complete day of the span, per region."""
    rows = panel.rows_of(ORDERS)
    rows = rows[rows["is_complete"]]
    inside = rows[rows["day"].between(pd.Timestamp(span.start), pd.Timestamp(span.end))]
    return {str(name): float(value) for name, value in inside.groupby("region")["events"].mean().items()}
