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
from pathlib import Path

from page_tables import fill
from retail import METRICS, draw, panel_of

from contextcheck.detect.interface import find_flags
from contextcheck.knowledge.metrics import DetectionRule

CASES = {"all": (334, 400), "newest": (33_334, 120)}
HEAD = "| series × days | judged | processor | peak memory | of that the panel |\n|---|---|---|---|---|"


def measure(case: str, regions: int, days: int) -> str:
    """A row of the table."""
    panel = panel_of(draw(1, regions=regions, days=days))
    rules = [DetectionRule(m, m, (m,), "up", "surveillance", 30, 8, 0.25, 0.05, 0.5, 1.0) for m in METRICS]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    processor = time.process_time()
    since = panel.as_of if case == "newest" else panel.as_of - timedelta(days=days)
    find_flags(panel, rules, since=since)
    processor = time.process_time() - processor
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    judged = "the newest day" if case == "newest" else "all days"
    # every market has its order counts beside the rates
    series = regions * (len(METRICS) + 1)
    return (
        f"| {regions * len(METRICS):,} × {days} ({series:,} with the order counts) | {judged} | {processor:.1f} s | "
        f"{after / 1024:,.0f} MiB | {before / 1024:,.0f} MiB |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", choices=CASES)
    parser.add_argument("--regions", type=int, default=0)
    parser.add_argument("--days", type=int, default=0)
    parser.add_argument("--write", type=Path, help="page that holds the table")
    given = parser.parse_args()
    if given.case:
        regions, days = CASES[given.case]
        print(measure(given.case, given.regions or regions, given.days or days))
        return
    rows = [
        subprocess.run([sys.executable, __file__, "--case", case], check=True, stdout=subprocess.PIPE, text=True).stdout
        for case in CASES
    ]
    table = f"{HEAD}\n{''.join(rows)}"
    print(table)
    if given.write:
        fill(given.write, "speed", table)


if __name__ == "__main__":
    main()
