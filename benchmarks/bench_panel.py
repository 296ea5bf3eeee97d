"""Wall time and peak memory of building the panel beside a hand-written DuckDB query of the same sums.

Usage: python benchmarks/bench_panel.py [--orders 10000000 50000000] [--repeats 5] [--folder DIR] [--shuffle]
           [--command "python -m contextcheck scan {path}"]

Every measurement is a process of its own, started by turns, imports included in `process` and left out of `work`.
The hand-written query groups by UTC day (`same_sums.sql`); the panel counts local days of 12 regions. `--command` is
measured as a third line. Goals: panel at most 1.5 x the query, the command at most 3 x, 1 GiB at most.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
THREADS = 2
MEMORY_LIMIT = "700MB"
LINE = 60.0


def main() -> None:
    parser = argparse.ArgumentParser(description="Panel against a hand-written query.")
    parser.add_argument("--orders", type=int, nargs="+", default=[10_000_000, 50_000_000])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "contextcheck-bench")
    parser.add_argument("--shuffle", action="store_true", help="rows in random order")
    parser.add_argument("--command", help="a third command; {path} stands for the orders file")
    parser.add_argument("--run", choices=("query", "panel"), help=argparse.SUPPRESS)
    parser.add_argument("--path", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        run_one(options.run, options.path)
        return
    options.folder.mkdir(parents=True, exist_ok=True)
    for orders in options.orders:
        path = _orders_file(options.folder, orders, shuffle=options.shuffle)
        compare(path, orders, options.repeats, options.command)


def _orders_file(folder: Path, orders: int, *, shuffle: bool) -> Path:
    path = folder / f"orders-{orders}{'-shuffled' if shuffle else ''}.parquet"
    if not path.exists():
        print(f"writing {path} …", file=sys.stderr)
        unfinished = path.with_suffix(".unfinished")
        more = ["--shuffle"] if shuffle else []
        writer = [sys.executable, str(HERE / "generate_orders.py"), "--orders", str(orders), "--out", str(unfinished)]
        subprocess.run([*writer, *more], check=True)
        unfinished.rename(path)
    return path


# ── the parent: starts processes by turns ──────────────────────────────────────────────────────────────


def compare(path: Path, orders: int, repeats: int, command: str | None) -> None:
    """Print the medians of every way over `repeats` rounds; each round starts each way once."""
    itself = [sys.executable, str(HERE / "bench_panel.py"), "--path", str(path), "--run"]
    ways = {"hand-written query": [*itself, "query"], "panel": [*itself, "panel"]}
    if command:
        ways[command.split("{")[0].strip()] = shlex.split(command.replace("{path}", str(path)))
    for way in ways.values():
        measure(way)  # fills the file cache, the same for every way
    rounds = [{name: measure(way) for name, way in ways.items()} for _ in range(repeats)]
    print(f"{orders:,} orders, {path.stat().st_size / 2**20:,.0f} MiB Parquet, median of {repeats} rounds by turns")
    print(f"{'':24}{'process s':>11}{'work s':>9}{'CPU s':>8}{'peak MiB':>10}{'process ratio':>15}{'work ratio':>12}")
    base = {key: statistics.median(one["hand-written query"][key] for one in rounds) for key in ("process", "work")}
    for name in ways:
        median = {key: statistics.median(one[name][key] for one in rounds) for key in ("process", "work", "cpu")}
        peak = max(one[name]["peak"] for one in rounds)
        print(
            f"{name[:24]:24}{median['process']:11.2f}{median['work']:9.2f}{median['cpu']:8.2f}{peak:10.0f}"
            f"{median['process'] / base['process']:15.2f}{median['work'] / base['work']:12.2f}",
            flush=True,
        )


def measure(command: list[str]) -> dict[str, float]:
    """Wall time, CPU time and peak memory of one process; `work` is what it reports itself, if it does."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    output = process.stdout.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    last = output.strip().splitlines()[-1] if output.strip() else ""
    work = json.loads(last)["work"] if last.startswith('{"work"') else wall
    # ru_maxrss counts KiB on Linux
    return {"process": wall, "work": work, "cpu": usage.ru_utime + usage.ru_stime, "peak": usage.ru_maxrss / 1024}


# ── the child: one way, once ───────────────────────────────────────────────────────────────────────────


def run_one(way: str, path: Path) -> None:
    work = run_query(path) if way == "query" else run_panel(path)
    print(json.dumps({"work": work}))


def run_query(path: Path) -> float:
    import duckdb

    connection = duckdb.connect(config={"threads": THREADS, "memory_limit": MEMORY_LIMIT})
    query = (HERE / "same_sums.sql").read_text(encoding="utf-8")
    start = time.perf_counter()
    rows = connection.execute(query, {"path": str(path)}).fetchall()
    assert len(rows) > 12, "too few rows: is this the generated file?"
    return time.perf_counter() - start


def run_panel(path: Path) -> float:
    from decimal import Decimal

    from orders_of_parquet import open_orders

    from contextcheck.knowledge.lines import Line
    from contextcheck.knowledge.metrics import read_metrics
    from contextcheck.knowledge.shipped import shipped_folder
    from contextcheck.panel.build import build_panel
    from contextcheck.records import Money

    orders = open_orders(path, threads=THREADS, memory_limit=MEMORY_LIMIT)
    files = sorted(shipped_folder("rules").glob("metrics/*.yaml"))
    metrics = read_metrics([(file, file.name) for file in files], [])
    line = Line(LINE, Money(Decimal(LINE), "USD"), "given")
    start = time.perf_counter()
    panel = build_panel(orders, metrics, {"free_shipping_threshold": dict.fromkeys(orders.regions, line)})
    work = time.perf_counter() - start
    assert len(panel.metrics) == len(metrics), [missing.name for missing in panel.unavailable]
    return work


if __name__ == "__main__":
    main()
