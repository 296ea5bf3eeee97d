"""Our detector on the simulated retail panel, beside the same tests told the true baseline."""

from __future__ import annotations

import argparse
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from judge import Result, judge
from page_tables import fill
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

if TYPE_CHECKING:
    from kept import Asked

    from contextcheck.panel.baseline_grid import Grid
    from contextcheck.panel.table import Panel

OURS, TOLD = "contextcheck", "told the true baseline"
RATES = (1.0, 0.2)
LIMITS = tuple(10.0 ** -np.arange(1.5, 8.01, 0.04))


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
    started = time.process_time()
    grid = grid_of(panel)
    ours = baseline_of(grid)
    baselines = {OURS: ours, TOLD: told(world, ours)}
    evidence = {}
    seconds = 0.0
    for label, baseline in baselines.items():
        given = Surveillance().score(baseline, launches=world.launches, seed=0)
        evidence[label] = weigh(baseline, rules(), {"surveillance": given})
        if label == OURS:
            seconds = time.process_time() - started
    rows = {label: rows_of(world, baseline) for label, baseline in baselines.items()}
    return Prepared(world, baselines, evidence, rows, seconds)


def grid_of(panel: Panel) -> Grid:
    """The series of a panel without the days that cannot be trusted."""
    grid = build_grid(panel, [*METRICS, "orders"])
    return grid.without(find_faults(grid).is_set_aside)


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
    return Baseline(grid, level, zero, offset, extra, np.ones_like(level), history, zero, zero, zero, zero)


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
        f"false share {result.false_share:.3f} of {result.alerts}  partial {result.on_partial_days}  {kinds} {extra}",
        flush=True,
    )


def at_own_threshold(prepared: list[Prepared]) -> dict[str, list[Result]]:
    """World by world, with the false-discovery control that is in place."""
    return {label: [run(each, label, Budget(0.05)) for each in prepared] for label in (OURS, TOLD)}


def measure(seeds: range, own_seeds: range, nasty: bool) -> tuple[list[Prepared], str]:
    """Ours beside its ceiling: the prepared worlds and the table."""
    prepared = [prepare(draw(seed, nasty=nasty)) for seed in seeds]
    print("seconds for baseline and scores:", [round(each.seconds, 2) for each in prepared])
    lines = [
        "| | found in time | false per 1,000 series-days | false share of alerts | told the true baseline | of it |"
    ]
    lines.append("|---|---|---|---|---|---|")
    for rate in RATES:
        found = {}
        for label in (OURS, TOLD):
            found[label], limit = at_rate(prepared, label, rate)
            show(f"{label} at {rate} per 1,000 (limit {limit:.1e})", found[label])
        ours, told_ = found[OURS], found[TOLD]
        lines.append(
            f"| at {rate:g} false per 1,000 series-days | {ours.share_found:.3f} | {ours.false_per_1000:.2f} | "
            f"{ours.false_share:.3f} | {told_.share_found:.3f} | **{ours.share_found / told_.share_found:.3f}** |"
        )
    more = prepared + [prepare(draw(seed, nasty=nasty)) for seed in own_seeds if seed not in seeds]
    worlds = at_own_threshold(more)
    for label, results in worlds.items():
        show(f"{label} at its own threshold", merged(results))
    own, ceiling = merged(worlds[OURS]), merged(worlds[TOLD])
    single = sorted(each.false_share for each in worlds[OURS])
    lines.append(
        f"| at its own threshold, {len(more)} worlds | **{own.share_found:.3f}** | {own.false_per_1000:.2f} | "
        f"**{own.false_share:.3f}** ({single[0]:.3f} to {single[-1]:.3f}) | {ceiling.share_found:.3f} "
        f"({ceiling.false_share:.3f} false) | {own.share_found / ceiling.share_found:.3f} |"
    )
    lines.append("")
    lines.append(
        f"{own.alerts} alerts at its own threshold, {own.on_partial_days} of them on half-loaded days "
        f"({ceiling.alerts} and {ceiling.on_partial_days} when told)."
    )
    return prepared, "\n".join(lines)


def beside_peers(prepared: list[Prepared], folder: Path | None) -> str:
    """Ours and the peers on the same worlds: the loosest limit that stays under each rate, and the usual limit."""
    worlds = [each.world for each in prepared]
    lines = ["| method | found at 1 per 1,000 | found at 0.2 | at its usual limit: found | false share | processor s |"]
    lines.append("|---|---|---|---|---|---|")
    for label in (TOLD, OURS):
        at = [at_rate(prepared, label, rate)[0].share_found for rate in RATES]
        own = merged([run(each, label, Budget(0.05)) for each in prepared])
        seconds = f"{sum(each.seconds for each in prepared) / len(prepared):.1f}" if label == OURS else "–"
        lines.append(
            f"| {label} | {at[0]:.3f} | {at[1]:.3f} | {own.share_found:.3f} | {own.false_share:.2f} | {seconds} |"
        )
    rows = []
    for title, peer in PEERS.items():
        try:
            given = [scores(world, title, folder) for world in worlds]
        except (ImportError, OSError, subprocess.CalledProcessError) as error:
            lines.append(f"| {title} | not measured: {error} | | | | |")
            continue
        rows.append(_peer_row(worlds, title, peer.limit, given))
    return "\n".join([*lines, *(text for _, text in sorted(rows, reverse=True))])


def _peer_row(worlds: list[World], name: str, usual: float | None, given: list[Asked]) -> tuple[float, str]:
    series_days = (worlds[0].volume.shape[1] - WARM_UP) * len(METRICS) * worlds[0].regions
    found = [each.arrays[0] for each in given]

    def judged(limit: float) -> Result:
        both = zip(worlds, found, strict=True)
        return merged([judge(world, alarms(score, limit), series_days) for world, score in both])

    pooled = np.concatenate([score[:, WARM_UP:].ravel() for score in found])
    results = [judged(limit) for limit in np.quantile(pooled, 1 - 10.0 ** -np.arange(1.0, 4.7, 0.05))]
    cells, order = [], 0.0
    for rate in RATES:
        fitting = [each for each in results if each.false_per_1000 <= rate]
        best = max(fitting, key=lambda each: each.found, default=None)
        if best is not None:
            show(f"{name} at {rate} per 1,000", best)
        cells.append("none is strict enough" if best is None else f"{best.share_found:.3f}")
        order = best.share_found if best is not None and rate == RATES[0] else order
    own = judged(usual) if usual is not None else None
    cells += ["–", "–"] if own is None else [f"{own.share_found:.3f}", f"{own.false_share:.2f}"]
    cells.append(f"{sum(each.seconds for each in given) / len(given):.1f}")
    return order, f"| {name} | {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--own-seeds", type=int, default=2, help="worlds at the threshold that is in place")
    parser.add_argument("--nasty", action="store_true")
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--peer-seeds", type=int, default=1, help="worlds that the peers see")
    parser.add_argument("--kept", type=Path, help="folder for the answers of the peers")
    parser.add_argument("--write", type=Path, help="page that holds the tables")
    given = parser.parse_args()
    seeds, own = (range(given.first_seed, given.first_seed + each) for each in (given.seeds, given.own_seeds))
    prepared, table = measure(seeds, own, given.nasty)
    print(table)
    if given.write:
        fill(given.write, "nasty" if given.nasty else "retail", table)
    if given.peers:
        table = beside_peers(prepared[: given.peer_seeds], given.kept)
        print(table)
        if given.write:
            fill(given.write, "peers", table)


if __name__ == "__main__":
    main()
