"""Alarms against planted incidents: found in time, and false."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retail import World

# an alarm this many days after the end still belongs to the incident
AFTER_DAYS = 3


@dataclass(frozen=True)
class Result:
    """What a set of alarms is worth."""

    found: int
    incidents: int
    false: int
    alerts: int
    series_days: int
    on_partial_days: int
    by_kind: dict[str, tuple[int, int]]

    @property
    def share_found(self) -> float:
        return self.found / max(self.incidents, 1)

    @property
    def false_per_1000(self) -> float:
        return 1000 * self.false / self.series_days

    @property
    def false_share(self) -> float:
        return self.false / max(self.alerts, 1)


def judge(world: World, alarms: Sequence[tuple[int, int]], series_days: int) -> Result:
    """Score alarms.

    Args:
        world: Knows the incidents.
        alarms: (row, day) of each new alarm.
        series_days: Series × days that were judged.
    """
    found: dict[str, list[int]] = {}
    true_alarms = set()
    for incident in world.incidents:
        inside = [
            (row, day)
            for row, day in alarms
            if row in incident.rows and incident.start <= day <= incident.end + AFTER_DAYS
        ]
        true_alarms.update(inside)
        is_found = any(day <= incident.start + incident.in_time for _, day in inside)
        found.setdefault(incident.kind, []).append(int(is_found))
    by_kind = {kind: (sum(each), len(each)) for kind, each in sorted(found.items())}
    return Result(
        sum(hits for hits, _ in by_kind.values()),
        sum(count for _, count in by_kind.values()),
        len([alarm for alarm in alarms if alarm not in true_alarms]),
        len(alarms),
        series_days,
        len([alarm for alarm in alarms if alarm[1] in world.partial_days]),
        by_kind,
    )
