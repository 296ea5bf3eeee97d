"""The steps in their order; the only file that knows them all.

load → panel → detect → explain → impact → decide; for a launch, `contextcheck.gating` goes on to the gate.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from contextcheck import __version__
from contextcheck.detect.interface import Detected, find_flags
from contextcheck.errors import Problem, nearest
from contextcheck.explain.investigate import explain_flag
from contextcheck.impact.effect import daily_effect
from contextcheck.impact.totals import market_totals
from contextcheck.knowledge.candidates import candidates
from contextcheck.knowledge.defaults import assumptions_for, costs_in
from contextcheck.knowledge.lines import Lines, resolve_lines
from contextcheck.knowledge.overlay import read_knowledge
from contextcheck.load.read import Loaded, load_orders
from contextcheck.load.tables import LoadedTables, load_tables
from contextcheck.panel.build import build_panel
from contextcheck.panel.named_days import with_commercial_days
from contextcheck.records import (
    DailyEffect,
    Direction,
    Explained,
    Finding,
    Flag,
    InputFile,
    Investigation,
    Launch,
    Ledger,
    MetricInfo,
    Recommendation,
    Run,
)
from contextcheck.settings import Settings, describe
from contextcheck.weighing import days_since, feature_outcomes, home_of, region_costs, region_file, weigh

if TYPE_CHECKING:
    from datetime import date

    from contextcheck.knowledge.base import KnowledgeBase
    from contextcheck.panel.reference import Reference
    from contextcheck.panel.table import Panel

Progress = Callable[[str], None]

FLAGS_AT_ONCE = 2
"""While the engine reads one flag's orders with every core, another is calculated; more would only hold more rows."""


def silent(_: str) -> None:
    """Progress for callers that want none."""


@dataclass(frozen=True, slots=True)
class Study:
    """The first three steps, done once, for `investigate` and the gate alike."""

    settings: Settings
    base: KnowledgeBase
    loaded: Loaded
    lines: Lines
    panel: Panel
    detected: Detected
    run: Run
    side: LoadedTables = field(default_factory=LoadedTables)


def study(
    settings: Settings,
    *,
    as_of: date | None,
    seed: int,
    quarantine_folder: Path,
    progress: Progress = silent,
    base: KnowledgeBase | None = None,
) -> Study:
    """Load the orders, build the panel and search it; with `base`, under other definitions than those in place."""
    progress("reading the knowledge base")
    base = base or read_knowledge(settings)
    loaded = load_orders(settings, base.region_files, quarantine_folder=quarantine_folder, progress=progress)
    side = load_tables(settings, progress)
    orders = loaded.orders
    lines = resolve_lines(settings, base.region_files, orders.regions, orders.currency)
    progress(f"counting {orders.rows:,} orders by region and local day")
    panel = with_commercial_days(build_panel(orders, base.metrics, lines, as_of=as_of), base.entries)
    progress(f"looking for departures in {len(panel.regions)} regions")
    detected = find_flags(panel, base.detection_rules, launches=settings.launches, seed=seed)
    inputs = (*loaded.orders.inputs, *(each for table in side.tables.values() for each in table.inputs))
    run = describe_run(settings, base, inputs, panel, seed)
    return Study(settings, base, loaded, lines, panel, detected, run, side)


def investigate(
    settings: Settings,
    *,
    as_of: date | None = None,
    seed: int = 0,
    quarantine_folder: Path = Path("quarantine"),
    progress: Progress = silent,
) -> Investigation:
    """Search the orders for unusual behaviour and say what it is, what it is worth and what to do.

    Args:
        settings: Where the orders are and everything the run is told.
        as_of: The last local day that may be judged; None for the newest complete day of the data.
        seed: Seed of every resampling; the same inputs and seed give the same result.
        quarantine_folder: Where rows that cannot be read are written.
        progress: Called with a short text at the start of each long step.

    Returns:
        Every flag with its tested explanations, its money and a recommendation.

    Raises:
        SettingsError: The settings do not say what to do.
        DefinitionError: A file under regions/ or rules/ is wrong.
        InputError: The orders cannot be read or trusted.
    """
    done = study(settings, as_of=as_of, seed=seed, quarantine_folder=quarantine_folder, progress=progress)
    return investigation_of(done, progress=progress)


def investigation_of(done: Study, *, progress: Progress = silent) -> Investigation:
    """Explain and weigh every flag of a study."""
    settings = done.settings
    findings = findings_of(done, done.detected.flags, progress)
    return Investigation(
        run=done.run,
        findings=tuple(findings),
        problems=(*_problems(done), *(problem for each in findings for problem in each.explained.problems)),
        regions=done.panel.regions,
        orders=done.loaded.orders.rows,
        launches=settings.launches,
        metrics={
            metric.id: MetricInfo(metric.id, metric.title, metric.kind, metric.unit)
            for metric in done.base.metrics.values()
        },
        unavailable=done.panel.unavailable,
        region_names={file.region: file.name for file in done.base.region_files.values()},
        features=feature_outcomes(done, findings, progress),
        markets=market_totals(done.panel, costs_in(settings, None, done.loaded.orders.currency)),
    )


def findings_of(done: Study, flags: Sequence[Flag], progress: Progress = silent) -> list[Finding]:
    """Give everything that is found out about each of some flags, in their order; two are worked on at a time."""
    findings: list[Finding] = []
    with ThreadPoolExecutor(FLAGS_AT_ONCE) as workers:
        begun = [workers.submit(finding_of, done, flag) for flag in flags]
        try:
            for number, (flag, finding) in enumerate(zip(flags, begun, strict=True), start=1):
                progress(f"testing explanations of {flag.id} ({number} of {len(flags)})")
                findings.append(finding.result())
        except BaseException:
            workers.shutdown(wait=False, cancel_futures=True)
            raise
    return findings


# ── one flag, one region ───────────────────────────────────────────────────────────────────────────────


def finding_of(done: Study, flag: Flag) -> Finding:
    """Give everything that is found out about one flag of a study."""
    explained = _explained(done, flag)
    launch = _launch_behind(done.settings.launches, flag)
    weighed = weigh(done, flag.region, flag.window, launch, flag, explained)
    metrics = frozenset({flag.metric, *(each.metric for each in flag.related)})
    assumed = assumptions_for(flag.region, region_file(done, flag.region), done.lines, metrics)
    return Finding(flag, explained, weighed.ledger, weighed.recommendation, weighed.without_accounts, assumed)


def _explained(done: Study, flag: Flag) -> Explained:
    moves: set[tuple[str, Direction]] = {(flag.metric, flag.direction)}
    moves |= {(each.metric, each.direction) for each in flag.related}
    launches = done.settings.launches
    entries = candidates(done.base, home_of(done, flag.region), moves, flag.window, launches)
    return explain_flag(
        flag,
        done.loaded.orders,
        done.panel,
        entries,
        metrics=done.base.metrics,
        lines=done.lines,
        launches=launches,
        flags=done.detected.flags,
        tables=done.side.tables,
        seed=done.run.seed,
        story_k=done.settings.privacy.story_k,
    )


@dataclass(frozen=True, slots=True)
class LaunchedRegion:
    """What is found out about one region of a launch, flagged or not; the gate decides on it.

    `refused` says why exposed customers are not compared with unexposed ones, where both were looked for.
    """

    launch: Launch
    reference: Reference
    effect: DailyEffect
    ledger: Ledger
    flags: tuple[Flag, ...]
    explained: tuple[Explained, ...]
    recommendation: Recommendation
    refused: str = ""


def launched_region(done: Study, launch: Launch, region: str) -> LaunchedRegion:
    """Give the money and the tested explanations of one region since a launch."""
    currency, costs = done.loaded.orders.currency, region_costs(done, region)
    window = days_since(launch, done.panel.as_of)
    flags = [flag for flag in done.detected.flags if flag.region == region and flag.window.overlaps(window)]
    explained = [_explained(done, flag) for flag in flags]
    weighed = weigh(done, region, window, launch, flags[0] if flags else None, explained[0] if explained else None)
    effect = daily_effect(
        done.panel,
        region,
        launch,
        weighed.reference,
        costs=costs,
        currency=currency,
        lines=done.lines,
        split=weighed.split,
    )
    return LaunchedRegion(
        launch,
        weighed.reference,
        effect,
        weighed.ledger,
        tuple(flags),
        tuple(explained),
        weighed.recommendation,
        weighed.split.reason if weighed.split else "",
    )


def _launch_behind(launches: Sequence[Launch], flag: Flag) -> Launch | None:
    """The newest launch that was live in the flag's region during its window."""
    live = [
        launch
        for launch in launches
        if flag.region in launch.regions
        and launch.start <= flag.window.end
        and (launch.end is None or launch.end >= flag.window.start)
    ]
    return max(live, key=lambda launch: launch.start, default=None)


def _absent_regions(done: Study) -> list[Problem]:
    """Launch regions that the orders do not have: most often a name that is spelt otherwise."""
    known = done.panel.regions
    problems = []
    for launch in done.settings.launches:
        for region in launch.regions:
            if region not in known:
                hint = nearest(region, known)
                message = f'{launch.feature} is launched in "{region}", which the orders do not have{hint}'
                problems.append(Problem("ST126", str(launch.where or "launches"), message, "warning"))
    return problems


def _problems(done: Study) -> tuple[Problem, ...]:
    found = (
        *done.base.problems,
        *done.loaded.problems,
        *done.side.problems,
        *done.panel.problems,
        *done.detected.problems,
    )
    return (*found, *_absent_regions(done))


def describe_run(
    settings: Settings, base: KnowledgeBase, inputs: tuple[InputFile, ...], panel: Panel, seed: int
) -> Run:
    """Say what was read and with which settings; the id is theirs, so the same run has the same id."""
    run = Run(
        id="",
        version=__version__,
        as_of=panel.as_of,
        seed=seed,
        inputs=inputs,
        knowledge=base.files,
        settings=describe(settings),
    )
    parts = [
        run.version,
        run.as_of.isoformat(),
        seed,
        [each.sha256 for each in run.inputs],
        [each.sha256 for each in run.knowledge],
        run.settings,
    ]
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
    return replace(run, id=digest[:16])
