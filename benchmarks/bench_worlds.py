"""Fifteen causes with known truth over many seeds: what is explained, what is recommended, what it costs to be wrong.

    python benchmarks/bench_worlds.py [explain|money|both] [--seeds 20] [--orders 100000] [--first-seed 9001]
        [--workers 2] [--only ARCHETYPE …] [--results worlds.jsonl] [--failures FILE] [--write docs/worlds.md]

Every world is drawn and simulated twice from the same random numbers, with and without its causes, so the true
difference of every day is known. It is written as Parquet and scanned as a user would scan it; launched markets without
a flag are judged as the gate judges them. The tables compare the answers with the truth; `worlds/judging.py` says which
actions are right. With `--results` every world is kept as one line, and worlds already in the file are not run again.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from page_tables import fill
from worlds.archetypes import ARCHETYPES
from worlds.tables import explain_tables, failures, money_tables

from contextcheck.cli.app import RARE_COLLECTION

FIRST_SEED = 9_001


def run(task: tuple[str, int, int]) -> list[dict[str, object]]:
    """Simulate and scan one world; give one record per launched or affected market."""
    from worlds.answers import records_of
    from worlds.truth import NoWorldError, make_world

    from contextcheck.pipeline import investigate
    from contextcheck.settings import read_settings

    archetype, seed, orders = task
    try:
        world = make_world(archetype, seed, orders)
    except NoWorldError as error:
        print(f"left out, and not counted: {error}", file=sys.stderr, flush=True)
        return []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        world.orders.to_parquet(folder / "orders.parquet", index=False)
        (folder / "contextcheck.yaml").write_text(world.settings, encoding="utf-8")
        settings = read_settings(folder / "contextcheck.yaml")
        found = investigate(settings, seed=seed, quarantine_folder=folder / "quarantine")
        flagged = {each.flag.region for each in found.findings}
        judged = [each for feature in found.features for each in feature.regions if each.region not in flagged]
    return records_of(world, found, judged)


def _collect_rarely() -> None:
    """As the command line does: queries are many small objects, and hardly any is circular garbage."""
    gc.set_threshold(*RARE_COLLECTION)


def results_of(tasks: list[tuple[str, int, int]], workers: int, kept: Path | None) -> list[dict[str, object]]:
    """Records of all worlds; those that a results file has are taken from there, new ones are appended."""
    records: list[dict[str, object]] = []
    if kept and kept.exists():
        records = [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()]
    had = {(each["archetype"], each["seed"]) for each in records}
    wanted = {(archetype, seed) for archetype, seed, _ in tasks}
    records = [each for each in records if (each["archetype"], each["seed"]) in wanted]
    todo = [task for task in tasks if task[:2] not in had]
    with ProcessPoolExecutor(workers, initializer=_collect_rarely) as pool:
        for found in pool.map(run, todo):
            records += found
            if kept:
                with kept.open("a", encoding="utf-8") as file:
                    file.writelines(json.dumps(each) + "\n" for each in found)
    return records


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", choices=("explain", "money", "both"), nargs="?", default="both")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", nargs="+", choices=list(ARCHETYPES), default=list(ARCHETYPES))
    parser.add_argument(
        "--results", type=Path, help="JSON lines: one record per market; worlds in it are not run again"
    )
    parser.add_argument("--failures", type=Path, help="where every answer that is not right is listed")
    parser.add_argument("--write", type=Path, help="Markdown page whose marked parts are replaced")
    given = parser.parse_args()
    tasks = [
        (archetype, given.first_seed + index, given.orders) for index in range(given.seeds) for archetype in given.only
    ]
    records = results_of(tasks, given.workers, given.results)
    worlds = {(each["archetype"], each["seed"]) for each in records}
    seeds = f"{given.first_seed} to {given.first_seed + given.seeds - 1}"
    head = f"{len(worlds)} worlds (seeds {seeds}), about {given.orders:,} orders each."
    tables = {"explain": explain_tables, "money": money_tables}
    for name, make in tables.items():
        if given.table in (name, "both"):
            text = f"{head}\n\n{make(records)}"
            print(text)
            if given.write:
                fill(given.write, name, text)
    if given.failures:
        given.failures.write_text(failures(records), encoding="utf-8")


if __name__ == "__main__":
    main()
