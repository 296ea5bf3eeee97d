"""Time of explaining 20 flags beside the panel's, on N million orders; and what is read for it.

    python benchmarks/bench_explain.py [--orders 10000000] [--flags 20] [--folder DIR]

Flags of two weeks in every market, each explained and weighed as a scan does it. Both are measured in one process, in
processor seconds (all threads), so that a busy machine matters little, and by the clock. Goal: at most 3 times the
panel. Every query that reads the orders must be limited to one or a few regions and to days; it is counted.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import ibis
from bench_panel import _orders_file


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=10_000_000)
    parser.add_argument("--flags", type=int, default=20)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "contextcheck-bench")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    path = _orders_file(given.folder, given.orders, shuffle=False)
    measured(path, given.orders, given.flags, given.folder)


def measured(path: Path, orders: int, count: int, folder: Path) -> None:
    from contextcheck.pipeline import findings_of, study
    from contextcheck.settings import read_settings

    settings_path = folder / "contextcheck.yaml"
    settings_path.write_text(f"orders: {{path: {path}, timezone: UTC}}\ncurrency: USD\n", encoding="utf-8")
    asked = counted_queries()
    begun = time.process_time()
    done = study(read_settings(settings_path), as_of=None, seed=0, quarantine_folder=folder / "quarantine")
    studied = time.process_time() - begun
    before, clock_before = build_again(done)
    flags = planted(done, count)
    asked.clear()
    begun, clock = time.process_time(), time.perf_counter()
    findings_of(done, flags)
    explained, passed = time.process_time() - begun, time.perf_counter() - clock
    texts = [str(ibis.to_sql(query)) for query in asked]
    after, clock_after = build_again(done)
    panel, panel_clock = (before + after) / 2, (clock_before + clock_after) / 2
    reading = [query for query in texts if "region" in query]
    unlimited = [query for query in reading if "created_at" not in query.partition("WHERE")[2]]
    print(f"{orders:,} orders: load, panel and search {studied:.1f} s, panel alone {before:.1f} and {after:.1f} s")
    print(f"{len(flags)} flags explained and weighed: {explained:.1f} s, {explained / panel:.2f} x the panel")
    print(f"by the clock {passed:.1f} s beside {panel_clock:.1f} s, {passed / panel_clock:.2f} x the panel")
    print(f"{len(reading) / len(flags):.1f} queries of the orders per flag, {len(unlimited)} without a limit on days")


def build_again(done: object) -> tuple[float, float]:
    """Processor seconds of the panel alone, and seconds by the clock."""
    from contextcheck.panel.build import build_panel

    begun, clock = time.process_time(), time.perf_counter()
    build_panel(done.loaded.orders, done.base.metrics, done.lines)  # type: ignore[attr-defined]
    return time.process_time() - begun, time.perf_counter() - clock


def planted(done: object, count: int) -> list:
    """Flags of two weeks over all markets and months; what they show is what the orders have."""
    from contextcheck.records import Expected, Flag, Observed, Window

    panel = done.panel  # type: ignore[attr-defined]
    flags = []
    for number in range(count):
        region = panel.regions[number % len(panel.regions)]
        end = panel.as_of - timedelta(days=20 + 9 * (number // len(panel.regions)))
        window = Window(end - timedelta(days=13), end)
        before = Window(window.start - timedelta(days=56), window.start - timedelta(days=1))
        rows = panel.series(region, "cancel_rate").loc[str(window.start) : str(window.end)]
        events, exposure = float(rows["events"].sum()), float(rows["exposure"].sum())
        flags.append(
            Flag(
                f"{region}-{number}", "cancels", "cancel_rate", region, window, before, "up", "high",
                Observed(events, exposure, events / exposure), Expected(0.06, 0.05, 0.07), 0.1 * events, 1.1, 1e-6,
            )
        )  # fmt: skip
    return flags


def counted_queries() -> list[ibis.Table]:
    """Every query that is run from here on."""
    asked: list[ibis.Table] = []
    original = ibis.expr.types.Table.to_pyarrow

    def counted(table: ibis.Table, **options: object) -> object:
        asked.append(table)
        return original(table, **options)

    ibis.expr.types.Table.to_pyarrow = counted
    return asked


if __name__ == "__main__":
    main()
