"""The steps in their order; the only file that knows them all.

load → panel → detect → explain → impact → decide, and for a launch: → gate.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from contextcheck import __version__
from contextcheck.decide.facts import facts_of
from contextcheck.decide.policy import decide
from contextcheck.detect.interface import Detected, find_flags
from contextcheck.errors import Problem, SettingsError, nearest
from contextcheck.explain.investigate import explain_flag
from contextcheck.gate.judge import judge_feature as judge_regions
from contextcheck.gate.judge import judge_region
from contextcheck.impact.effect import daily_effect
from contextcheck.impact.ledger import assess
from contextcheck.knowledge.candidates import candidates
from contextcheck.knowledge.lines import Lines, resolve_lines
from contextcheck.knowledge.overlay import read_knowledge
from contextcheck.load.read import Loaded, load_orders
from contextcheck.panel.build import build_panel
from contextcheck.panel.reference import choose_reference
from contextcheck.records import (
    Direction,
    Explained,
    Finding,
    Flag,
    GateVerdict,
    InputFile,
    Investigation,
    Launch,
    MetricInfo,
    RegionVerdict,
    Run,
    Window,
)
from contextcheck.settings import Settings, describe

if TYPE_CHECKING:
    from datetime import date

    from contextcheck.knowledge.base import KnowledgeBase
    from contextcheck.panel.table import Panel

Progress = Callable[[str], None]

FAILURES = frozenset({"DT290", "EX301", "EX302", "EX303", "EX305"})
"""A detector, a sign or a review failed: the run is incomplete, and the gate never passes on it."""


def silent(_: str) -> None:
    """Progress for callers that want none."""


@dataclass(frozen=True, slots=True)
class Study:
    """The first three steps, done once, for `investigate` and `judge_feature` alike."""

    settings: Settings
    base: KnowledgeBase
    loaded: Loaded
    lines: Lines
    panel: Panel
    detected: Detected
    run: Run


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
    orders = loaded.orders
    lines = resolve_lines(settings, base.region_files, orders.regions, orders.currency)
    progress(f"counting {orders.rows:,} orders by region and local day")
    panel = build_panel(orders, base.metrics, lines, as_of=as_of)
    progress(f"looking for departures in {len(panel.regions)} regions")
    detected = find_flags(panel, base.detection_rules, launches=settings.launches, seed=seed)
    run = describe_run(settings, base, loaded.orders.inputs, panel, seed)
    return Study(settings, base, loaded, lines, panel, detected, run)


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
    settings, flags = done.settings, done.detected.flags
    findings = []
    for number, flag in enumerate(flags, start=1):
        progress(f"testing explanations of {flag.id} ({number} of {len(flags)})")
        findings.append(finding_of(done, flag))
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
    )


def judge_feature(
    settings: Settings,
    feature: str,
    *,
    only_regions: Sequence[str] = (),
    as_of: date | None = None,
    seed: int = 0,
    quarantine_folder: Path = Path("quarantine"),
    progress: Progress = silent,
) -> GateVerdict:
    """Judge a launched feature in every launched region, flagged or not: pass, hold or roll back.

    Raises:
        SettingsError: The feature (or a region of it) is not among the launches.
        DefinitionError: A file under regions/ or rules/ is wrong.
        InputError: The orders cannot be read or trusted.
    """
    _launches_of(settings, feature, only_regions)
    done = study(settings, as_of=as_of, seed=seed, quarantine_folder=quarantine_folder, progress=progress)
    return judgement_of(done, feature, only_regions=only_regions, progress=progress)


def judgement_of(
    done: Study, feature: str, *, only_regions: Sequence[str] = (), progress: Progress = silent
) -> GateVerdict:
    """Judge a launched feature on a study that was made already.

    Raises:
        SettingsError: The feature (or a region of it) is not among the launches.
    """
    settings = done.settings
    launches = _launches_of(settings, feature, only_regions)
    pairs = [(launch, region) for launch in launches for region in launch.regions]
    pairs = [(launch, region) for launch, region in pairs if not only_regions or region in only_regions]
    verdicts, problems = [], list(_problems(done))
    for launch, region in pairs:
        progress(f"judging {feature} in {region}")
        verdict, found = _region_verdict(done, launch, region, regions_judged=len(pairs))
        verdicts.append(verdict)
        problems += found
    judged = judge_regions(
        feature,
        verdicts,
        as_of=done.panel.as_of,
        alpha=settings.decision.alpha,
        run=done.run,
        problems=tuple(problems),
    )
    is_incomplete = any(problem.code in FAILURES for problem in judged.problems)
    return replace(judged, decision="hold") if is_incomplete and judged.decision == "pass" else judged


# ── one flag, one region ───────────────────────────────────────────────────────────────────────────────


def finding_of(done: Study, flag: Flag) -> Finding:
    """Give everything that is found out about one flag of a study."""
    explained = _explained(done, flag)
    reference = choose_reference(done.panel, flag.region, flag.window, done.detected.flags, done.settings.launches)
    launch = _launch_behind(done.settings.launches, flag)
    ledger = assess(
        done.panel,
        flag.region,
        flag.window,
        reference,
        costs=done.settings.costs,
        currency=done.loaded.orders.currency,
        lines=done.lines,
        horizon_days=done.settings.decision.horizon_days,
        seed=done.run.seed,
        launch=launch,
    )
    facts = facts_of(
        flag,
        explained,
        ledger,
        region=flag.region,
        launches=done.settings.launches,
        costs=done.settings.costs,
        horizon_days=done.settings.decision.horizon_days,
    )
    return Finding(flag, explained, ledger, decide(done.base.policies["default"], facts, explained))


def _explained(done: Study, flag: Flag) -> Explained:
    moves: set[tuple[str, Direction]] = {(flag.metric, flag.direction)}
    moves |= {(each.metric, each.direction) for each in flag.related}
    launches = done.settings.launches
    entries = candidates(done.base, _home(done, flag.region), moves, flag.window, launches)
    return explain_flag(
        flag,
        done.loaded.orders,
        done.panel,
        entries,
        metrics=done.base.metrics,
        lines=done.lines,
        launches=launches,
        flags=done.detected.flags,
        seed=done.run.seed,
        story_k=done.settings.privacy.story_k,
    )


def _region_verdict(
    done: Study, launch: Launch, region: str, *, regions_judged: int
) -> tuple[RegionVerdict, list[Problem]]:
    """The gate's verdict on one region, and what went wrong while its flags were explained."""
    settings = done.settings
    currency = done.loaded.orders.currency
    window = Window(launch.start, min(launch.end or done.panel.as_of, done.panel.as_of), is_open=launch.end is None)
    flags = [flag for flag in done.detected.flags if flag.region == region and flag.window.overlaps(window)]
    reference = choose_reference(done.panel, region, window, done.detected.flags, settings.launches)
    effect = daily_effect(
        done.panel, region, launch, reference, costs=settings.costs, currency=currency, lines=done.lines
    )
    ledger = assess(
        done.panel,
        region,
        window,
        reference,
        costs=settings.costs,
        currency=currency,
        lines=done.lines,
        horizon_days=settings.decision.horizon_days,
        seed=done.run.seed,
        launch=launch,
    )
    explained = [_explained(done, flag) for flag in flags]
    facts = facts_of(
        flags[0] if flags else None,
        explained[0] if explained else None,
        ledger,
        region=region,
        launches=settings.launches,
        costs=settings.costs,
        horizon_days=settings.decision.horizon_days,
    )
    recommendation = decide(done.base.policies["default"], facts, explained[0] if explained else None)
    verdict = judge_region(
        region,
        effect,
        ledger,
        explained,
        recommendation,
        flags,
        alpha=settings.decision.alpha,
        roll_back_cost=settings.costs.roll_back,
        horizon_days=settings.decision.horizon_days,
        regions_judged=regions_judged,
    )
    return verdict, [problem for each in explained for problem in each.problems]


def _home(done: Study, region: str) -> str:
    """The region code whose norms apply to a market of the team's own naming."""
    return done.settings.region_names.get(region, region)


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


def _launches_of(settings: Settings, feature: str, only_regions: Sequence[str]) -> list[Launch]:
    launches = [launch for launch in settings.launches if launch.feature == feature]
    if not launches:
        known = sorted({launch.feature for launch in settings.launches})
        hint = nearest(feature, known).removeprefix("; ") or "none is named"
        message = f'feature "{feature}" is not among the launches; {hint}; add it under launches:'
        raise SettingsError(Problem("ST120", "--feature", message))
    launched = {region for launch in launches for region in launch.regions}
    missing = sorted(set(only_regions) - launched)
    if missing:
        message = f"{', '.join(missing)} is not a region of {feature}; it was launched in {', '.join(sorted(launched))}"
        raise SettingsError(Problem("ST121", "--region", message))
    return launches


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
    found = (*done.base.problems, *done.loaded.problems, *done.panel.problems, *done.detected.problems)
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
