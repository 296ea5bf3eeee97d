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
from contextcheck.gating.from_orders import CONTRIBUTION, planned_unit
from contextcheck.gating.from_panel import judged_metric
from contextcheck.gating.run import defined_metrics, stakes_of, values_now
from contextcheck.impact.metric_effect import metric_level, usual_level
from contextcheck.impact.value import daily_value
from contextcheck.knowledge.gate_policies import choose_gate_policy
from contextcheck.knowledge.source_files import layers_of
from contextcheck.panel_scan import study_panel
from contextcheck.records import Window

if TYPE_CHECKING:
    from datetime import date

    from contextcheck.gate.inputs import Stakes
    from contextcheck.gating.asked import Asked
    from contextcheck.knowledge.gate_policies import GatePolicy
    from contextcheck.panel.table import Panel
    from contextcheck.pipeline import Progress
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
    quarantine_folder: Path = Path("quarantine"),
    progress: Progress = pipeline.silent,
) -> Fixed:
    """Give what is fixed for a launch that is to come or has begun; only days before it are looked at.

    Raises:
        SettingsError: The feature is not among the launches.
        InputError: The orders cannot be read or trusted.
    """
    launches = launches_of(settings, asked.feature, ())
    policy = choose_gate_policy(layers_of(settings), asked.policy, defined_metrics(settings))
    stakes = stakes_of(settings, launches)
    if asked.panel:
        counted = study_panel(settings, asked.panel, as_of=asked.as_of, seed=asked.seed, progress=progress)
        panel, metric, unit = counted.panel, judged_metric(counted, policy), "day"
    else:
        done = pipeline.study(
            settings, as_of=asked.as_of, seed=asked.seed, quarantine_folder=quarantine_folder, progress=progress
        )
        panel, metric, unit = done.panel, CONTRIBUTION, planned_unit(done)
    levels = {
        region: _level(panel, settings, region, launch, metric, is_panel=bool(asked.panel))
        for launch, region in pairs_of(launches)
    }
    regions = {region: _region(launch, levels[region], metric, policy, stakes) for launch, region in pairs_of(launches)}
    values = values_now(settings, asked, policy, launches, metric=metric, unit=unit)
    text = frozen_text(values, regions, as_of=panel.as_of.isoformat())
    told = tuple(
        f"{region}: {each['level_per_day']} a day before the launch, a roll-back costs {each['roll_back_days']} days, "
        f"alpha {float(each['alpha']):.1%} shared by {stakes.shared_by}"
        for region, each in regions.items()
    )
    return Fixed(asked.frozen or default_path(settings.folder, asked.feature), text, told)


def _level(panel: Panel, settings: Settings, region: str, launch: Launch, metric: str, *, is_panel: bool) -> float:
    """The usual level on the eight weeks before the launch, or before the data end when it is still to come."""
    end: date = min(launch.start - timedelta(days=2), panel.as_of)
    before = Window(end - timedelta(days=LEVEL_DAYS - 1), end)
    if is_panel:
        return metric_level(panel, region, metric, before, as_total=True)
    value = daily_value(panel, settings.costs, before)
    return 0.0 if value.reason else usual_level(value.contribution, value.usable, region, before)


def _region(launch: Launch, level: float, metric: str, policy: GatePolicy, stakes: Stakes) -> dict[str, str]:
    days = cost_in_days(metric, level, policy, stakes)
    return {
        "start": launch.start.isoformat(),
        "level_per_day": f"{level:.2f}",
        "roll_back_days": f"{days:.3g}" if isfinite(days) else "unknown",
        "alpha": f"{region_alpha(metric, level, policy, stakes):.6g}",
    }
