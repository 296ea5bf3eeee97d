"""`gate init`: what is fixed at a launch, from the settings, the policy and the time before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING

from contextcheck import pipeline
from contextcheck.gate.figures import cost_in_days, region_alpha
from contextcheck.gate.frozen import default_path, frozen_text
from contextcheck.gating.asked import launches_of, pairs_of
from contextcheck.gating.from_orders import CONTRIBUTION, level_before
from contextcheck.gating.from_panel import judged_metric
from contextcheck.gating.run import defined_metrics, stakes_of, values_now
from contextcheck.impact.metric_effect import metric_level
from contextcheck.knowledge.gate_policies import choose_gate_policy
from contextcheck.knowledge.source_files import layers_of
from contextcheck.panel_scan import study_panel
from contextcheck.records import Window

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from contextcheck.gate.inputs import Stakes
    from contextcheck.gating.asked import Asked
    from contextcheck.knowledge.gate_policies import GatePolicy
    from contextcheck.panel.table import Panel
    from contextcheck.pipeline import Progress, Study
    from contextcheck.records import Launch
    from contextcheck.settings import Settings

LEVEL_DAYS = 56


@dataclass(frozen=True, slots=True)
class Fixed:
    """The text of the file, where it goes, and one line per region for people."""

    path: Path
    text: str
    told: tuple[str, ...]


def fix_launch(
    settings: Settings,
    asked: Asked,
    *,
    unit: str = "",
    quarantine_folder: Path = Path("quarantine"),
    progress: Progress = pipeline.silent,
) -> Fixed:
    """Give what is fixed for a launch that is to come or has begun; figures are those of days before it.

    Args:
        settings: Where the orders are, the launches, the numbers of finance.
        asked: The feature, its policy, and where the file goes.
        unit: "day" or "customer"; when left out, the customer where the launch plans a share that is to be exposed,
            else what the days since the launch are compared by, and before there are any, the customer where the policy
            names such a share, the day otherwise.
        quarantine_folder: Where rows that cannot be read are written.
        progress: Called with a short text at the start of each long step.

    Raises:
        SettingsError: The feature is not among the launches.
        InputError: The orders cannot be read or trusted.
    """
    launches = launches_of(settings, asked.feature, ())
    policy = choose_gate_policy(layers_of(settings), asked.policy, defined_metrics(settings))
    stakes = stakes_of(settings, launches)
    if asked.panel:
        counted = study_panel(settings, asked.panel, as_of=asked.as_of, seed=asked.seed, progress=progress)
        panel, metric, unit = counted.panel, judged_metric(counted, policy), unit or "day"
        levels = {
            region: metric_level(panel, region, metric, _before(launch, panel), as_total=True)
            for launch, region in pairs_of(launches)
        }
    else:
        done = pipeline.study(
            settings, as_of=asked.as_of, seed=asked.seed, quarantine_folder=quarantine_folder, progress=progress
        )
        panel, metric = done.panel, CONTRIBUTION
        unit = unit or _unit_now(done, launches, policy)
        levels = {region: level_before(done, region, _before(launch, panel)) for launch, region in pairs_of(launches)}
    regions = {region: _region(launch, levels[region], metric, policy, stakes) for launch, region in pairs_of(launches)}
    values = values_now(settings, asked, policy, launches, metric=metric, unit=unit)
    text = frozen_text(values, regions, as_of=panel.as_of.isoformat())
    told = tuple(
        f"{region}: {each['level_per_day']} a day before the launch, a roll-back costs {each['roll_back_days']} days, "
        f"alpha {float(each['alpha']):.1%} shared by {stakes.shared_by}"
        for region, each in regions.items()
    )
    return Fixed(asked.frozen or default_path(settings.folder, asked.feature), text, told)


def _unit_now(done: Study, launches: Sequence[Launch], policy: GatePolicy) -> str:
    """What a launch plans; else what the first launched region with matured days is compared by; else the policy."""
    if any(launch.exposed_share is not None for launch in launches):
        return "customer"
    for launch, region in pairs_of(launches):
        if launch.start < done.panel.as_of and region in done.panel.regions:
            effect = pipeline.launched_region(done, launch, region).effect
            if effect.days:
                return effect.unit
    return "day" if policy.data.exposed_share is None else "customer"


def _before(launch: Launch, panel: Panel) -> Window:
    """The eight weeks before the launch, or before the data end when it is still to come."""
    end: date = min(launch.start - timedelta(days=2), panel.as_of)
    return Window(end - timedelta(days=LEVEL_DAYS - 1), end)


def _region(launch: Launch, level: float, metric: str, policy: GatePolicy, stakes: Stakes) -> dict[str, str]:
    days = cost_in_days(metric, level, policy, stakes)
    return {
        "start": launch.start.isoformat(),
        **({} if launch.exposed_share is None else {"exposed_share": f"{launch.exposed_share:g}"}),
        "level_per_day": f"{level:.2f}",
        "roll_back_days": f"{days:.3g}" if isfinite(days) else "unknown",
        "alpha": f"{region_alpha(metric, level, policy, stakes):.6g}",
    }
