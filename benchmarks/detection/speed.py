"""How long a search takes: every day of a thousand series, and the newest day of a hundred thousand.

Processor seconds and the largest memory of the process, each case in a process of its own. The panel is drawn and put
together before the clock starts.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from datetime import timedelta

from retail import METRICS, draw, panel_of

from contextcheck.detect.interface import find_flags
from contextcheck.knowledge.metrics import DetectionRule

CASES = {"all": (334, 400), "newest": (33_334, 120)}


def measure(case: str, regions: int, days: int) -> None:
    panel = panel_of(draw(1, regions=regions, days=days))
    rules = [DetectionRule(m, m, (m,), "up", "surveillance", 30, 8, 0.25, 0.05, 0.5, 1.0) for m in METRICS]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wall, processor = time.perf_counter(), time.process_time()
    since = panel.as_of if case == "newest" else panel.as_of - timedelta(days=days)
    found = find_flags(panel, rules, since=since)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    judged = "the newest day" if case == "newest" else "all days"
    print(
        f"{regions * len(METRICS):,} series × {days} days, {judged} judged: {processor:.1f} s processor, {wall:.1f} s "
        f"wall, peak {after / 1024:,.0f} MiB ({before / 1024:,.0f} MiB of them the panel), {len(found.flags)} flags"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", choices=CASES)
    parser.add_argument("--regions", type=int, default=0)
    parser.add_argument("--days", type=int, default=0)
    given = parser.parse_args()
    if not given.case:
        for case in CASES:
            subprocess.run([sys.executable, __file__, "--case", case], check=True)
        return
    regions, days = CASES[given.case]
    measure(given.case, given.regions or regions, given.days or days)


if __name__ == "__main__":
    main()
