"""Our detector on the simulated retail panel, beside the same tests told the true baseline."""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass

import numpy as np
from judge import Result, judge
from peers import PEERS, alarms, scores
from retail import METRICS, WARM_UP, World, draw, name, panel_of

from contextcheck.detect.budget import Budget, FixedChance
from contextcheck.detect.evidence import weigh
from contextcheck.detect.select import select
from contextcheck.detect.surveillance import Surveillance
from contextcheck.knowledge.metrics import DetectionRule
from contextcheck.panel.baseline import Baseline, baseline_of
from contextcheck.panel.baseline_faults import find_faults
from contextcheck.panel.baseline_grid import build_grid

LIMITS = tuple(10.0 ** -np.arange(1.5, 8.01, 0.125))


def rules(share: float = 0.05) -> list[DetectionRule]:
    """Rules without materiality: the statistics alone are compared."""
    return [
        DetectionRule(each, each, (each,), "up", "surveillance", 1.0, 0.0, 0.0, share, 1.0, 2.0) for each in METRICS
    ]


@dataclass
class Prepared:
    """A world with its two baselines and their evidence."""

    world: World
    baselines: dict[str, Baseline]
    evidence: dict[str, object]
    rows: dict[str, list[int]]
    seconds: float


def prepare(world: World) -> Prepared:
    panel = panel_of(world)
    started = time.perf_counter()
    grid = build_grid(panel, [*METRICS, "orders"])
    grid = grid.without(find_faults(grid).is_set_aside)
    ours = baseline_of(grid)
    baselines = {"contextcheck": ours, "told the true baseline": told(world, ours)}
    evidence = {}
    seconds = 0.0
    for label, baseline in baselines.items():
        given = Surveillance().score(baseline, launches=world.launches, seed=0)
        evidence[label] = weigh(baseline, rules(), {"surveillance": given})
        if label == "contextcheck":
            seconds = time.perf_counter() - started
    rows = {label: rows_of(world, baseline) for label, baseline in baselines.items()}
    return Prepared(world, baselines, evidence, rows, seconds)


def rows_of(world: World, baseline: Baseline) -> list[int]:
    """World row of each row of the grid, -1 for what is not one."""
    names = list(METRICS)
    at = {name(region, nasty=world.nasty): region for region in range(world.regions)}
    return [
        names.index(metric) * world.regions + at[region] if metric in names else -1
        for region, metric in baseline.grid.series
    ]


def told(world: World, ours: Baseline) -> Baseline:
    """The same tests with nothing left to estimate."""
    grid = ours.grid
    at = rows_of(world, ours)
    level = np.zeros_like(ours.level)
    extra = np.full_like(ours.extra_variance, 0.01)
    offset = np.zeros_like(ours.offset)
    for row, source in enumerate(at):
        if source >= 0:
            offset[row] = world.log_rate[source]
            extra[row] = world.extra_variance[source]
    zero = np.zeros_like(level)
    history = np.broadcast_to(np.arange(level.shape[1], dtype=float), level.shape)
    return Baseline(grid, level, zero, offset, extra, np.ones_like(level), history, zero, zero, zero)


def run(prepared: Prepared, label: str, judge_: object) -> Result:
    baseline, evidence = prepared.baselines[label], prepared.evidence[label]
    selection = select(baseline, evidence, judge_, launches=prepared.world.launches)  # type: ignore[arg-type]
    at = prepared.rows[label]
    alarms = sorted({(at[each.row], each.alarm) for each in selection.episodes})
    return judge(prepared.world, alarms, int(evidence.is_tested.sum()))  # type: ignore[attr-defined]


def merged(results: list[Result]) -> Result:
    kinds = sorted({kind for result in results for kind in result.by_kind})
    by_kind = {
        kind: tuple(sum(result.by_kind.get(kind, (0, 0))[part] for result in results) for part in (0, 1))
        for kind in kinds
    }
    sums = [
        sum(getattr(result, each) for result in results) for each in Result.__dataclass_fields__ if each != "by_kind"
    ]
    return Result(*sums, by_kind)  # type: ignore[arg-type]


def at_rate(prepared: list[Prepared], label: str, rate: float) -> tuple[Result, float]:
    """The loosest limit whose false alarms stay under `rate` per 1,000 series-days, by halving."""
    strict, loose = len(LIMITS) - 1, -1
    best = (merged([run(each, label, FixedChance(LIMITS[strict])) for each in prepared]), LIMITS[strict])
    while strict - loose > 1:
        middle = (strict + loose) // 2
        result = merged([run(each, label, FixedChance(LIMITS[middle])) for each in prepared])
        if result.false_per_1000 <= rate:
            strict, best = middle, (result, LIMITS[middle])
        else:
            loose = middle
    return best


def show(title: str, result: Result, extra: str = "") -> None:
    kinds = "  ".join(f"{kind} {hits}/{count}" for kind, (hits, count) in result.by_kind.items())
    print(
        f"{title:58s} found {result.share_found:.3f}  false/1000 {result.false_per_1000:.3f}  "
        f"false share {result.false_share:.3f} of {result.alerts}  partial {result.on_partial_days}  {kinds} {extra}"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--nasty", action="store_true")
    parser.add_argument("--peers", action="store_true")
    options = parser.parse_args()
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    prepared = [prepare(draw(seed, nasty=options.nasty)) for seed in seeds]
    print("seconds for baseline and scores:", [round(each.seconds, 2) for each in prepared])
    for rate in (1.0, 0.2):
        for label in prepared[0].baselines:
            result, limit = at_rate(prepared, label, rate)
            show(f"{label} at {rate} per 1,000 (limit {limit:.1e})", result)
    for label in prepared[0].baselines:
        show(f"{label} at its own threshold", merged([run(each, label, Budget(0.05)) for each in prepared]))
    if options.peers:
        show_peers([each.world for each in prepared])


def show_peers(worlds: list[World]) -> None:
    """The peers at the loosest limit whose false alarms stay under each rate."""
    series_days = (worlds[0].volume.shape[1] - WARM_UP) * len(METRICS) * worlds[0].regions
    for peer in PEERS:
        started = time.perf_counter()
        found = [scores(world, peer) for world in worlds]
        seconds = (time.perf_counter() - started) / len(worlds)
        pooled = np.concatenate([score[:, WARM_UP:].ravel() for score in found])
        limits = np.quantile(pooled, 1 - 10.0 ** -np.arange(1.5, 4.9, 0.1))
        results = [
            merged(
                [judge(world, alarms(score, limit), series_days) for world, score in zip(worlds, found, strict=True)]
            )
            for limit in limits
        ]
        for rate in (1.0, 0.2):
            fitting = [each for each in results if each.false_per_1000 <= rate]
            if fitting:
                show(f"{peer} at {rate} per 1,000 ({seconds:.1f} s a world)", max(fitting, key=lambda each: each.found))
            else:
                print(f"{peer} at {rate} per 1,000: no limit is strict enough")


if __name__ == "__main__":
    main()
