"""A whole investigation, start to report: the scan of a simulated shop and its page, in processor seconds.

    python benchmarks/bench_investigation.py [--orders 500000] [--scenario korea-ring-in-the-crowd] [--repeats 3]
        [--write docs/benchmarks.md]

Every command runs in a process of its own, as a user would start it; what Python and the libraries take to start is in
the figures. Processor seconds are those of all threads; on a machine that does nothing else, elapsed seconds are less.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

MARKS = ("<!-- investigation -->", "<!-- end of investigation -->")
"""Between these two lines of a page stand the measured figures."""


@dataclass(frozen=True)
class Run:
    """What one command took."""

    processor: float
    elapsed: float


def timed(command: list[str], folder: Path) -> Run:
    """Run a command in a folder; stop when it fails."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    elapsed, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Run(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, elapsed)


def peak_mib() -> float:
    """The largest memory of any command so far."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def table(scenario: str, orders: int, scans: list[Run], pages: list[Run]) -> str:
    """The measured figures as a Markdown table."""
    lines = [
        f"{orders:,} orders, scenario {scenario}, median of {len(scans)}; largest memory {peak_mib():,.0f} MiB.",
        "",
        "| step | processor seconds | elapsed seconds |",
        "|---|---:|---:|",
    ]
    whole = [Run(a.processor + b.processor, a.elapsed + b.elapsed) for a, b in zip(scans, pages, strict=True)]
    for name, runs in (("scan", scans), ("report as HTML", pages), ("start to report", whole)):
        processor, elapsed = median(run.processor for run in runs), median(run.elapsed for run in runs)
        lines.append(f"| {name} | {processor:.1f} | {elapsed:.1f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=500_000)
    parser.add_argument("--scenario", default="korea-ring-in-the-crowd")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--write", type=Path, help="Markdown page; what stands between its marks is replaced")
    asked = parser.parse_args()
    from contextcheck.simulate.worlds import simulate, write_world

    with TemporaryDirectory() as name:
        folder = Path(name)
        write_world(simulate(asked.scenario, seed=asked.seed, orders=asked.orders), folder)
        tool = [sys.executable, "-m", "contextcheck"]
        scans, pages = [], []
        for _ in range(asked.repeats):
            scans.append(timed([*tool, "scan", "-q", "-o", "findings.json"], folder))
            pages.append(timed([*tool, "report", "--format", "html", "--out", "report.html"], folder))
    measured = table(asked.scenario, asked.orders, scans, pages)
    print(measured)
    if asked.write:
        text = asked.write.read_text(encoding="utf-8")
        head, tail = text.partition(MARKS[0])[0], text.partition(MARKS[1])[2]
        asked.write.write_text(f"{head}{MARKS[0]}\n\n{measured}\n{MARKS[1]}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
