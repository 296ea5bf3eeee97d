"""How long a search takes, all days judged: series, days, seconds, memory."""

from __future__ import annotations

import argparse
import resource
import time

from retail import METRICS, draw, panel_of

from contextcheck.detect.interface import find_flags
from contextcheck.knowledge.metrics import DetectionRule


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--regions", type=int, default=334)
    parser.add_argument("--days", type=int, default=400)
    options = parser.parse_args()
    panel = panel_of(draw(1, regions=options.regions, days=options.days))
    rules = [DetectionRule(m, m, (m,), "up", "surveillance", 30, 8, 0.25, 0.05, 0.5, 1.0) for m in METRICS]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wall, processor = time.perf_counter(), time.process_time()
    found = find_flags(panel, rules)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"{found.series_tested} series × {options.days} days: {wall:.1f} s wall, {processor:.1f} s processor")
    memory = f"peak {after / 1024:.0f} MiB ({before / 1024:.0f} before)"
    print(f"{len(found.flags)} flags, {found.tests_made:,} tests, {memory}")


if __name__ == "__main__":
    main()
