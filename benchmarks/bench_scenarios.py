"""The demo scenarios over many seeds: what is recommended, against what is right.

    python benchmarks/bench_scenarios.py [--seeds 20] [--orders 200000] [--first-seed 1001] [--workers 2]
        [--write docs/scenarios.md]

Every world is simulated, written as Parquet, scanned as a user would scan it, and compared with the truth that the
simulator states. Seeds start at 1,001, so that nobody tuned on the worlds that are counted here.
"""

import argparse
import collections
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

FIRST_SEED = 1_001


def run(task: tuple[str, int, int]) -> dict[str, object]:
    """Simulate and scan one world; give what was found beside the truth."""
    from contextcheck.gating.asked import Asked
    from contextcheck.gating.run import judge_launch
    from contextcheck.pipeline import investigate
    from contextcheck.settings import read_settings
    from contextcheck.simulate.worlds import simulate, write_world

    name, seed, orders = task
    with tempfile.TemporaryDirectory() as folder:
        world = simulate(name, seed=seed, orders=orders)
        settings = read_settings(write_world(world, Path(folder)))
        found = investigate(settings, seed=seed, quarantine_folder=Path(folder) / "quarantine")
        gate = None
        if settings.launches:
            feature = settings.launches[0].feature
            verdict = judge_launch(settings, Asked(feature, seed=seed), quarantine_folder=Path(folder) / "quarantine")
            gate = {each.region: each.decision for each in verdict.regions}
    truth = world.truth
    affected = set(truth.affected)
    actions = {each.flag.region: each.recommendation.action for each in found.findings if each.flag.region in affected}
    return {
        "name": name,
        "seed": seed,
        "expected": truth.action if affected else "no flag",
        "actions": sorted(set(actions.values())) or ["no flag"],
        "false_flags": sum(each.flag.region not in affected for each in found.findings),
        "flags": len(found.findings),
        "gate": gate,
    }


def table(results: list[dict[str, object]], seeds: int, orders: int) -> str:
    """The results as Markdown."""
    lines = [
        f"{seeds} seeds each, about {orders:,} orders per world.",
        "",
        "| scenario | right answer | recommended where it happens | gate, launched markets | right | flags elsewhere |",
        "|---|---|---|---|---|---|",
    ]
    by_name: dict[str, list[dict[str, object]]] = collections.defaultdict(list)
    for result in results:
        by_name[str(result["name"])].append(result)
    for name, group in by_name.items():
        expected = str(group[0]["expected"])
        said = collections.Counter("+".join(map(str, each["actions"])) for each in group)  # type: ignore[call-overload]
        gates = collections.Counter(
            decision
            for each in group
            for decision in (each["gate"] or {}).values()  # type: ignore[union-attr]
        )
        right = sum(is_right(each) for each in group)
        elsewhere = sum(int(str(each["false_flags"])) for each in group)
        lines.append(
            f"| {name} | {expected} | {counted(said)} | {counted(gates)} | {right} of {len(group)} | {elsewhere} |"
        )
    return "\n".join(lines) + "\n"


def is_right(result: dict[str, object]) -> bool:
    expected = str(result["expected"])
    return result["actions"] == [expected] and (expected != "no flag" or result["flags"] == 0)


def counted(counter: "collections.Counter[str]") -> str:
    return ", ".join(f"{name} {count}" for name, count in counter.most_common()) or "–"


def main() -> None:
    from contextcheck.simulate.worlds import SCENARIOS

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--orders", type=int, default=200_000)
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--write", type=Path, help="Markdown file whose part below the marker is replaced")
    parser.add_argument("scenarios", nargs="*", default=list(SCENARIOS))
    given = parser.parse_args()
    tasks = [
        (name, given.first_seed + index, given.orders)
        for name in given.scenarios or SCENARIOS
        for index in range(given.seeds)
    ]
    with ProcessPoolExecutor(given.workers) as pool:
        results = list(pool.map(run, tasks))
    text = table(results, given.seeds, given.orders)
    print(text)
    for each in results:
        if not is_right(each):
            print("not right:", each)
    if given.write:
        marker = "<!-- measured -->"
        before = given.write.read_text(encoding="utf-8").partition(marker)[0] if given.write.exists() else ""
        given.write.write_text(f"{before}{marker}\n\n{text}", encoding="utf-8")


if __name__ == "__main__":
    main()
