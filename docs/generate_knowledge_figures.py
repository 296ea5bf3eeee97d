"""Write docs/knowledge-figures.md from the shipped definitions.

    python docs/generate_knowledge_figures.py                counts, shares and the time of lint (a few seconds)
    python docs/generate_knowledge_figures.py --with-test    also runs every example and takes its time (minutes)

Without --with-test the last measured line about the examples is kept.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "knowledge-figures.md"
sys.path.insert(0, str(ROOT / "src"))

from contextcheck.knowledge.figures import Figures, figures_of  # noqa: E402
from contextcheck.knowledge.overlay import read_as_far_as_it_goes  # noqa: E402
from contextcheck.settings import Settings  # noqa: E402

NOT_MEASURED = "| `contextcheck norms test`, every example | not measured yet | at most 180 s |"
TIMES = "<!-- times -->"


def counts() -> str:
    """What can be counted in the files; the part that a test compares."""
    base = read_as_far_as_it_goes(Settings())
    norms = [each for each in base.entries if each.kind == "norm"]
    others = [each for each in base.entries if each.kind != "norm"]
    defaults = [each for file in base.region_files.values() for each in file.defaults.values()]
    with_defaults = sum(bool(file.defaults) for file in base.region_files.values())
    every = figures_of(base.entries)
    lines = [
        "# Figures of the shipped knowledge",
        "",
        "Written by `python docs/generate_knowledge_figures.py`; `contextcheck norms coverage` and `rules coverage` show",
        "the same for your own folders laid over it.",
        "",
        f"{len(base.region_files)} regions, {every.norms} norms, {every.others} abuse patterns and faults,",
        f"{len(defaults)} documented values (lines, periods, shares, unit costs) in {with_defaults} regions.",
        "",
        *_table(figures_of(norms), figures_of(others), every),
        "",
        "## Which columns the predictions need",
        "",
        "Share of the entries whose strong signs can all be tested, and share that can hold (half of the strong signs, one",
        "of them more than a broad spread), with the columns of the row and of the rows above it.",
        "",
        "| columns | norms, all | norms, can hold | rules, all | rules, can hold |",
        "|---|---:|---:|---:|---:|",
        *_testable(figures_of(norms), figures_of(others)),
    ]
    return "\n".join(lines) + "\n"


def _table(norms: Figures, others: Figures, every: Figures) -> list[str]:
    def row(name: str, values: tuple[float, float, float]) -> str:
        return f"| {name} | {values[0]:.0%} | {values[1]:.0%} | {values[2]:.0%} |"

    grades = sorted({grade for each in (norms, others) for grade in each.grades})
    three = (norms, others, every)
    return [
        "| | norms | abuse and faults | all |",
        "|---|---:|---:|---:|",
        *(
            row(f"best source of the mechanism: grade {grade or 'none'}", tuple(e.grades.get(grade, 0) for e in three))
            for grade in grades
        ),
        row("two examples or more", tuple(each.with_two_examples for each in three)),
        row("an example that must hold and one that must not", tuple(each.with_both_kinds for each in three)),
        *(
            f"| status {status} | {norms.statuses.get(status, 0)} | {others.statuses.get(status, 0)} | {number} |"
            for status, number in every.statuses.items()
        ),
    ]


def _testable(norms: Figures, others: Figures) -> list[str]:
    pairs = zip(norms.testable, others.testable, strict=True)
    return [f"| {a.columns} | {a.wholly:.0%} | {a.enough:.0%} | {b.wholly:.0%} | {b.enough:.0%} |" for a, b in pairs]


def _run(*words: str) -> tuple[float, float, str]:
    """Wall and processor seconds of a command, and its last line of progress."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONUTF8": "1"}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "contextcheck", *words]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, used, (done.stderr.strip().splitlines() or [""])[-1]


def times(old: str, *, with_test: bool) -> str:
    """The measured part: lint now, the examples now or as last measured."""
    wall, used, said = _run("norms", "lint")
    lint = f"| `contextcheck norms lint`, every shipped file ({said}) | {wall:.1f} s, {used:.1f} s processor | 1 s |"
    found = re.search(r"\| `contextcheck norms test`.*", old)
    tested = found[0] if found else NOT_MEASURED
    if with_test:
        wall, used, said = _run("norms", "test")
        tested = f"| `contextcheck norms test`, every example ({said}) | {wall:.0f} s, {used:.0f} s processor | 180 s |"
    head = [
        "",
        TIMES,
        "## Times",
        "",
        f"On {os.cpu_count()} cores.",
        "",
        "| command | took | goal |",
        "|---|---:|---:|",
    ]
    return "\n".join([*head, lint, tested]) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--with-test", action="store_true", help="Run every example and take its time.")
    given = parser.parse_args()
    old = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""
    PAGE.write_text(counts() + times(old, with_test=given.with_test), encoding="utf-8", newline="\n")
    print(f"written {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
