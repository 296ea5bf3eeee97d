"""Realised share of false alerts at a nominal share, and false alerts when nothing happens."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from judge import judge
from page_tables import fill
from retail import draw, panel_of
from run_retail import grid_of, rows_of, rules

from contextcheck.detect.budget import Budget
from contextcheck.detect.evidence import weigh
from contextcheck.detect.select import select
from contextcheck.detect.surveillance import Surveillance
from contextcheck.panel.baseline import baseline_of

if TYPE_CHECKING:
    from collections.abc import Callable


class EachDayAlone(Budget):
    """What a search of the newest day that is made anew every day has to spend."""

    def settle(self, tests: int, rejected: int, found: int, days: int = 1) -> None:
        """The next day's search knows nothing of this one's."""


# label, accepted share, what judges
JUDGES: tuple[tuple[str, float, Callable[[float], Budget]], ...] = (
    ("5 %", 0.05, Budget),
    ("10 %", 0.1, Budget),
    ("20 %", 0.2, Budget),
    ("5 %, the newest day searched alone every day", 0.05, EachDayAlone.after_quiet),
)


@dataclass
class Counted:
    """Over the worlds of one judge."""

    shares: list[float] = field(default_factory=list)
    false: int = 0
    alerts: int = 0
    found: int = 0
    incidents: int = 0
    quiet: int = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--first-seed", type=int, default=101)
    parser.add_argument("--regions", type=int, default=40)
    parser.add_argument("--write", type=Path, help="page that holds the table")
    options = parser.parse_args()
    counted = [Counted() for _ in JUDGES]
    for seed in range(options.first_seed, options.first_seed + options.seeds):
        for with_incidents in (True, False):
            world = draw(seed, incidents=with_incidents, regions=options.regions)
            baseline = baseline_of(grid_of(panel_of(world)))
            scores = Surveillance().score(baseline, launches=(), seed=0)
            at = rows_of(world, baseline)
            for (_, share, judge_of), total in zip(JUDGES, counted, strict=True):
                evidence = weigh(baseline, rules(share), {"surveillance": scores})
                episodes = select(baseline, evidence, judge_of(share)).episodes
                result = judge(world, sorted({(at[each.row], each.alarm) for each in episodes}), 1)
                if not with_incidents:
                    total.quiet += result.alerts
                    continue
                total.shares.append(result.false_share)
                total.false, total.alerts = total.false + result.false, total.alerts + result.alerts
                total.found, total.incidents = total.found + result.found, total.incidents + result.incidents
    lines = [
        "| nominal share | realised, pooled | worlds | alerts | found in time | alerts in a quiet world of 400 days |"
    ]
    lines.append("|---|---|---|---|---|---|")
    for (label, _, _), total in zip(JUDGES, counted, strict=True):
        lines.append(
            f"| {label} | {100 * total.false / total.alerts:.1f} % | {100 * min(total.shares):.1f} to "
            f"{100 * max(total.shares):.1f} % | {total.alerts} | {total.found / total.incidents:.3f} | "
            f"{total.quiet / options.seeds:.2f} |"
        )
    table = "\n".join(lines)
    print(table)
    if options.write:
        fill(options.write, "false discoveries", table)


if __name__ == "__main__":
    main()
