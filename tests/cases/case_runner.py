"""Runs one case folder and gives what every step made of it, in the order of the steps.

A case is `case.yaml` (a simulated world or input files, and the command's options) and `expected/`: the exit code, the
panel's sums, and the findings without what changes from machine to machine. Figures are kept to a few digits, so that
another version of a numerical library is no difference.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import yaml

from contextcheck.cli.app import run
from contextcheck.errors import ContextCheckError
from contextcheck.pipeline import study
from contextcheck.settings import read_settings

CASES = Path(__file__).parent
FIXTURES = CASES.parent / "fixtures" / "load"
STEPS = ("exit_code", "panel.csv", "findings.json")
DIGITS = 4


@dataclass(frozen=True)
class Outcome:
    """File name under expected/ to its text."""

    texts: dict[str, str]


def run_case(folder: Path, workplace: Path) -> Outcome:
    """Run a case in an empty folder."""
    case = yaml.safe_load((folder / "case.yaml").read_text(encoding="utf-8"))
    settings_path, inputs = _inputs(case, workplace)
    options = [str(each) for each in case.get("options", [])]
    findings = workplace / "findings.json"
    settings = ["--settings", str(settings_path)] if settings_path else []
    code = run(["scan", *inputs, *settings, *options, "-q", "-o", str(findings), "--quarantine", str(workplace / "q")])
    texts = {"exit_code": f"{code}\n", "panel.csv": "", "findings.json": "{}\n"}
    if findings.exists():
        texts["panel.csv"] = _panel(settings_path, inputs, options, workplace)
        texts["findings.json"] = _told(json.loads(findings.read_text(encoding="utf-8")))
    return Outcome(texts)


def _inputs(case: dict[str, Any], workplace: Path) -> tuple[Path | None, list[str]]:
    if "world" in case:
        from contextcheck.simulate.worlds import simulate, write_world

        world = case["world"]
        made = simulate(world["scenario"], seed=world["seed"], orders=world["orders"])
        return write_world(made, workplace / "world"), []
    return None, [str(FIXTURES / name) for name in case["input"]]


def _panel(settings_path: Path | None, inputs: list[str], options: list[str], workplace: Path) -> str:
    """Sums of the panel over all days, per region and metric."""
    given = [value for option, value in zip(options, options[1:], strict=False) if option == "--set"]
    if inputs:
        given.append(f"orders.paths={json.dumps(inputs)}")
    try:
        done = study(read_settings(settings_path, given), as_of=None, seed=0, quarantine_folder=workplace / "q")
    except ContextCheckError as error:
        return f"{error}\n"
    daily = done.panel.daily
    grouped = daily.groupby(["region", "metric"], observed=True, sort=True)
    sums = grouped[["events", "exposure", "value_sum"]].sum(min_count=1)
    sums.insert(0, "days", grouped.size())
    sums.insert(1, "judged_days", grouped.apply(lambda rows: int((rows["is_complete"] & rows["is_mature"]).sum())))
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["region", "metric", *sums.columns])
    for (region, metric), row in zip(sums.index, sums.itertuples(index=False), strict=True):
        writer.writerow([region, metric, *(_short(value) for value in row)])
    return out.getvalue()


def _short(value: float) -> str:
    return "" if value != value else f"{value:.8g}"


def _told(findings: dict[str, Any]) -> str:
    """What was found, told and recommended; no hashes, versions, paths or sentences."""
    problems: dict[str, int] = {}
    for each in findings["problems"]:
        problems[each["code"]] = problems.get(each["code"], 0) + 1
    told = {
        "orders": findings["orders"],
        "regions": findings["regions"],
        "as_of": findings["run"]["as_of"],
        "unavailable": [each["name"] for each in findings["unavailable"]],
        "problems": dict(sorted(problems.items())),
        "flags": [_flag(each) for each in findings["flags"]],
    }
    return json.dumps(_rounded(told), indent=1, ensure_ascii=False) + "\n"


def _flag(flag: dict[str, Any]) -> dict[str, Any]:
    impact = flag["impact"]
    return {
        **{key: flag[key] for key in ("id", "rule", "severity", "window", "observed", "expected", "excess_events")},
        "explanations": {
            each["id"]: {
                "verdict": each["verdict"],
                "share": each["share_explained"],
                "signs": {f"{number} {sign['test']}": sign["result"] for number, sign in enumerate(each["signs"])},
            }
            for each in flag["explanations"]
        },
        "accounts": len(flag["accounts"]["review"]),
        "impact": {key: impact[key] for key in ("currency", "net_per_day", "low", "high", "aov")},
        "recommendation": {key: flag["recommendation"][key] for key in ("action", "scope", "confidence", "rule")},
    }


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    return value
