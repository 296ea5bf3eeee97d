"""A verdict for other programs: GitLab code quality, Prometheus, outputs of a workflow, regions to switch off."""

from __future__ import annotations

import hashlib
import json
import math
from typing import TYPE_CHECKING

from contextcheck.report.verdict_words import exit_code_of, region_sentence, summary_sentence
from contextcheck.report.words import clean

if TYPE_CHECKING:
    from pathlib import Path

    from contextcheck.records import Decision, GateVerdict, RegionVerdict

SETTINGS_FILE = "contextcheck.yaml"
SEVERITY: dict[Decision, str] = {"roll-back": "blocker", "hold": "minor", "pass": "info"}
DECISIONS: tuple[Decision, ...] = ("pass", "hold", "roll-back")


def code_quality(verdict: GateVerdict) -> str:
    """Give a GitLab code quality report: one entry per region that does not pass, and one per error of the run.

    The fingerprint holds feature, region and decision, so that a merge request shows only what changed.
    """
    launched = verdict.frozen.path if verdict.frozen else SETTINGS_FILE
    entries = [
        _entry(
            f"{verdict.feature} in {each.region}: {region_sentence(each)}", each.decision, launched, _key(verdict, each)
        )
        for each in verdict.regions
        if each.decision != "pass"
    ]
    entries += [
        _entry(str(each), "roll-back", launched, f"{verdict.feature}/{each.code}/{each.where}")
        for each in verdict.problems
        if each.severity == "error"
    ]
    return json.dumps(entries, indent=1, ensure_ascii=True) + "\n"


def _key(verdict: GateVerdict, region: RegionVerdict) -> str:
    return f"{verdict.feature}/{region.region}/{region.decision}"


def _entry(text: str, decision: Decision, path: str, key: str) -> dict[str, object]:
    return {
        "description": clean(text),
        "check_name": f"contextcheck-gate-{decision}",
        "fingerprint": hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32],
        "severity": SEVERITY[decision],
        "location": {"path": path, "lines": {"begin": 1}},
    }


def github_outputs(verdict: GateVerdict) -> str:
    """Give the outputs of a step, one `name=value` a line; regions are separated by blanks."""
    off = [_one_word(each.region) for each in verdict.regions if each.decision == "roll-back"]
    held = [_one_word(each.region) for each in verdict.regions if each.decision == "hold"]
    values = {
        "decision": verdict.decision,
        "exit-code": str(exit_code_of(verdict)),
        "roll-back-regions": " ".join(off),
        "hold-regions": " ".join(held),
        "summary": clean(summary_sentence(verdict)),
    }
    return "".join(f"{name}={value}\n" for name, value in values.items())


def _one_word(region: str) -> str:
    return "_".join(clean(region).split()) or "_"


def prometheus(verdict: GateVerdict) -> str:
    """Give a file for the textfile collector: the decision of each region, its bounds, and when it was judged."""
    feature = _label(verdict.feature)
    lines = [
        "# HELP contextcheck_gate_decision 1 for the decision of a region, 0 for the others.",
        "# TYPE contextcheck_gate_decision gauge",
    ]
    for each in verdict.regions:
        lines += [
            f'contextcheck_gate_decision{{feature="{feature}",region="{_label(each.region)}",decision="{decision}"}} '
            f"{int(each.decision == decision)}"
            for decision in DECISIONS
        ]
    for name, told in (
        ("effect_per_day", "Mean effect since the launch, in the unit of the metric."),
        ("upper_bound_per_day", "Anytime-valid upper bound of the effect."),
        ("lower_bound_per_day", "Lower bound of the effect for this look."),
        ("break_even_per_day", "Loss per day above which a roll-back pays."),
    ):
        lines += [f"# HELP contextcheck_gate_{name} {told}", f"# TYPE contextcheck_gate_{name} gauge"]
        lines += [line for each in verdict.regions for line in _gauge(name, each, feature)]
    lines += [
        "# HELP contextcheck_gate_exit_code Exit code of the gate.",
        "# TYPE contextcheck_gate_exit_code gauge",
        f'contextcheck_gate_exit_code{{feature="{feature}"}} {exit_code_of(verdict)}',
        "# HELP contextcheck_gate_judged_day Newest judged day, as days since 1970-01-01.",
        "# TYPE contextcheck_gate_judged_day gauge",
        f'contextcheck_gate_judged_day{{feature="{feature}"}} {verdict.as_of.toordinal() - 719163}',
    ]
    return "\n".join(lines) + "\n"


def _gauge(name: str, region: RegionVerdict, feature: str) -> list[str]:
    found = region.figures
    if found is None:
        return []
    values = {
        "effect_per_day": found.mean,
        "upper_bound_per_day": found.upper,
        "lower_bound_per_day": found.lower,
        "break_even_per_day": found.break_even,
    }
    value = values[name]
    if not math.isfinite(value):
        return []
    labels = f'feature="{feature}",region="{_label(region.region)}",metric="{_label(found.metric)}"'
    return [f"contextcheck_gate_{name}{{{labels}}} {value:.10g}"]


def _label(text: str) -> str:
    return clean(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")


def regions_off(verdict: GateVerdict, path: Path) -> str:
    """Give the regions to switch off: one a line, or JSON where the file's name ends so."""
    off = [each.region for each in verdict.regions if each.decision == "roll-back"]
    if path.suffix == ".json":
        return json.dumps({"feature": verdict.feature, "off": off, "as_of": verdict.as_of.isoformat()}) + "\n"
    return "".join(f"{clean(region)}\n" for region in off)
