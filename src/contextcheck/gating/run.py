"""From a question to a verdict: the only file that knows all the parts of the gate."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contextcheck import pipeline
from contextcheck.errors import InputError, Problem
from contextcheck.gate.exceptions import against_baseline, excepted, expired, read_exceptions, unmatched
from contextcheck.gate.figures import region_alpha
from contextcheck.gate.frozen import check_frozen, default_path, read_frozen
from contextcheck.gate.inputs import Stakes
from contextcheck.gate.judge import judge_feature, judge_region, overall
from contextcheck.gating.asked import file_record, launches_of, pairs_of
from contextcheck.gating.from_findings import regions_of_findings
from contextcheck.gating.from_orders import regions_of_orders
from contextcheck.gating.from_panel import regions_of_panel
from contextcheck.knowledge.gate_policies import choose_gate_policy, policy_facts
from contextcheck.knowledge.metrics import read_metrics
from contextcheck.knowledge.source_files import as_paths, layers_of
from contextcheck.panel_scan import study_panel
from contextcheck.records import KnowledgeFile
from contextcheck.report.json_report import read_findings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from contextcheck.gate.inputs import RegionInput
    from contextcheck.gating.asked import Asked
    from contextcheck.knowledge.gate_policies import GatePolicy
    from contextcheck.pipeline import Progress
    from contextcheck.records import Frozen, GateVerdict, Launch, Run
    from contextcheck.settings import Settings

FAILURES = frozenset({"DT290", "EX301", "EX302", "EX303", "EX304", "EX305"})
"""A detector, a sign or a review failed: the run is incomplete, and the gate never passes on it."""
SCHEMA = "contextcheck/verdict/1"
STOP_METRICS = ("failed_orders", "revenue")
"""Names that the reasons of hard stops carry beside the defined metrics."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is known before anything is decided, whatever the input is."""

    policy: GatePolicy
    regions: list[RegionInput]
    run: Run
    as_of: date
    problems: tuple[Problem, ...]
    metrics: frozenset[str]


def judge_launch(
    settings: Settings,
    asked: Asked,
    *,
    quarantine_folder: Path = Path("quarantine"),
    progress: Progress = pipeline.silent,
) -> GateVerdict:
    """Judge a launched feature in every launched region, flagged or not: pass, hold or roll back.

    Args:
        settings: Where the orders are, the launches, the numbers of finance.
        asked: Feature, regions, policy, and the files that go with the question.
        quarantine_folder: Where rows that cannot be read are written.
        progress: Called with a short text at the start of each long step.

    Raises:
        SettingsError: The feature (or a region of it) is not among the launches; what was fixed at the launch differs.
        DefinitionError: A file under regions/ or rules/, or the exceptions, is wrong.
        InputError: The input cannot be read or trusted.
    """
    launches = launches_of(settings, asked.feature, asked.only_regions)
    exceptions = read_exceptions(asked.exceptions) if asked.exceptions else ()
    baseline = read_baseline(asked.baseline) if asked.baseline else None
    pairs = pairs_of(launches, asked.only_regions)
    seen = _look(settings, asked, pairs, quarantine_folder, progress)
    policy, regions, as_of = seen.policy, seen.regions, seen.as_of
    stakes = stakes_of(settings, launches)
    frozen = frozen_of(settings, asked, policy, regions, launches)
    verdicts = [judge_region(each, policy, stakes, frozen=frozen, with_context=asked.with_context) for each in regions]
    today = asked.as_of or as_of
    verdicts = [excepted(each, exceptions, asked.feature, today) for each in verdicts]
    if baseline is not None:
        verdicts = [against_baseline(each, baseline) for each in verdicts]
    problems = (*seen.problems, *expired(exceptions, asked.feature, today))
    problems += unmatched(exceptions, asked.feature, _launched(settings), _nameable(seen))
    if frozen is None and not asked.findings:
        problems = (*problems, _not_frozen(asked.feature))
    verdict = judge_feature(
        asked.feature,
        verdicts,
        as_of=as_of,
        alpha=max((_alpha(each, policy, stakes, frozen) for each in regions), default=stakes.alpha),
        run=seen.run,
        problems=problems,
        policy=policy.name,
        frozen=frozen,
        asked={**asked.record(), "policy_file": dict(policy_facts(policy)), "frozen": _frozen_record(frozen)},
        stakes=stakes,
    )
    is_incomplete = any(problem.code in FAILURES or problem.severity == "error" for problem in problems)
    return replace(
        verdict,
        decision=overall(verdicts, is_incomplete=is_incomplete),
        exceptions=tuple(each for each in exceptions if each.feature == asked.feature),
        input_kind=asked.input_kind,  # type: ignore[arg-type]
    )


def _look(
    settings: Settings, asked: Asked, pairs: Sequence[tuple[Launch, str]], quarantine: Path, progress: Progress
) -> _Seen:
    layers, defined = layers_of(settings), defined_metrics(settings)
    if asked.findings:
        text, name = Path(asked.findings).read_text(encoding="utf-8"), asked.findings
        found = read_findings(text, name)
        policy = choose_gate_policy(layers, asked.policy, {*found.metrics, *defined})
        regions = regions_of_findings(found, asked, pairs, policy)
        run = _with_policy(found.run, policy)
        return _Seen(policy, regions, run, found.run.as_of, found.problems, defined | {*found.metrics})
    policy = choose_gate_policy(layers, asked.policy, defined)
    if asked.panel:
        counted = study_panel(settings, asked.panel, as_of=asked.as_of, seed=asked.seed, progress=progress)
        regions = regions_of_panel(counted, asked, pairs, policy)
        problems = (*counted.base.problems, *counted.panel.problems, *counted.detected.problems)
        run = _with_policy(counted.run, policy)
        return _Seen(policy, regions, run, counted.panel.as_of, problems, defined | {*counted.panel.metrics})
    done = pipeline.study(settings, as_of=asked.as_of, seed=asked.seed, quarantine_folder=quarantine, progress=progress)
    regions = regions_of_orders(done, asked, pairs, policy, progress)
    explained = (problem for each in regions for one in each.explained for problem in one.problems)
    problems = (*pipeline._problems(done), *explained)
    return _Seen(policy, regions, _with_policy(done.run, policy), done.panel.as_of, problems, defined)


def _launched(settings: Settings) -> dict[str, set[str]]:
    """Every feature of the settings with the regions of all its launches."""
    found: dict[str, set[str]] = {}
    for launch in settings.launches:
        found.setdefault(launch.feature, set()).update(launch.regions)
    return found


def _nameable(seen: _Seen) -> frozenset[str]:
    """Every metric that a reason may name, whether it does so today or not."""
    return seen.metrics | {*seen.policy.judge, *STOP_METRICS, *(each.metric for each in seen.regions)}


def defined_metrics(settings: Settings) -> frozenset[str]:
    """Every metric that rules/metrics defines."""
    sources = [source for layer in layers_of(settings) for source in layer.rule_files("metrics")]
    return frozenset(read_metrics(as_paths(sources), []))


def _with_policy(run: Run, policy: GatePolicy) -> Run:
    """The run with the gate policy among the definitions that were read."""
    return replace(run, knowledge=(*run.knowledge, KnowledgeFile(policy.shown, policy.sha256)))


def stakes_of(settings: Settings, launches: Sequence[Launch]) -> Stakes:
    """The numbers of finance; every launched region shares alpha, also those that are not asked for now."""
    return Stakes(
        alpha=settings.decision.alpha,
        is_cost_given="roll_back" in settings.costs.given,
        roll_back_cost=float(settings.costs.roll_back),
        horizon_days=settings.decision.horizon_days,
        shared_by=len(pairs_of(launches)),
    )


def _alpha(region: RegionInput, policy: GatePolicy, stakes: Stakes, frozen: Frozen | None) -> float:
    fixed = frozen.alphas.get(region.region, 0.0) if frozen else 0.0
    return fixed or region_alpha(region.metric, region.level_per_day, policy, stakes)


# ── what was fixed at the launch ───────────────────────────────────────────────────────────────────────


def frozen_of(
    settings: Settings,
    asked: Asked,
    policy: GatePolicy,
    regions: Sequence[RegionInput],
    launches: Sequence[Launch],
) -> Frozen | None:
    """Give what was fixed at the launch, after comparing it with this run; None when nothing was.

    Raises:
        SettingsError: It differs; every difference is named. Or the file that was named is not there.
    """
    path = asked.frozen or default_path(settings.folder, asked.feature)
    if asked.frozen is None and not path.is_file():
        return None
    file_record(path)
    frozen = read_frozen(path)
    metric = regions[0].metric if regions else "contribution"
    # the unit is not asked for but found in the data: a region whose unit is another one holds
    unit = frozen.values.get("unit", "")
    check_frozen(frozen, values_now(settings, asked, policy, launches, metric=metric, unit=unit))
    return frozen


def values_now(
    settings: Settings, asked: Asked, policy: GatePolicy, launches: Sequence[Launch], *, metric: str, unit: str
) -> dict[str, str]:
    """Everything that is fixed at a launch, as this run has it."""
    cost, horizon = settings.costs.roll_back, settings.decision.horizon_days
    values = {
        "feature": asked.feature,
        "metric": metric,
        "unit": unit,
        "policy": policy.name,
        "policy_sha256": policy.sha256,
        "alpha": f"{settings.decision.alpha:g}",
        "horizon_days": str(horizon),
        "roll_back_cost": f"{cost}" + ("" if "roll_back" in settings.costs.given else " assumed"),
        "margin_per_day": f"{float(cost) / horizon:.2f}",
        "watch_days": str(policy.watch_days),
        "tuned_to_days": str(policy.watch_days),
    }
    for launch, region in pairs_of(launches):
        values[f"regions.{region}.start"] = launch.start.isoformat()
        if launch.exposed_share is not None:
            values[f"regions.{region}.exposed_share"] = f"{launch.exposed_share:g}"
    return values


def _frozen_record(frozen: Frozen | None) -> dict[str, str] | None:
    return {"path": frozen.path, "sha256": frozen.sha256} if frozen else None


def _not_frozen(feature: str) -> Problem:
    message = (
        "nothing was fixed at the launch: metric, alpha and margin could be changed unseen; contextcheck gate init"
    )
    return Problem("GF101", feature, message, "info")


def read_baseline(path: Path) -> Mapping[str, Any]:
    """Give the tree of an earlier verdict.

    Raises:
        InputError: The file is no verdict of this version.
        SettingsError: It cannot be read.
    """
    file_record(path)
    try:
        tree = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(Problem("GB201", path.as_posix(), "this is not JSON; give a verdict.json")) from error
    if not isinstance(tree, dict) or tree.get("schema") != SCHEMA:
        raise InputError(
            Problem("GB202", path.as_posix(), f'there is no "schema": "{SCHEMA}" in it; give a verdict.json')
        )
    return tree
