"""Write docs/life-of-a-flag.md from the findings and the verdict of the Korean case, run here.

    python docs/generate_life.py            runs the commands and rewrites the page (about half a minute)

A test runs it again and compares words and numbers.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "life-of-a-flag.md"
TEMPLATE = ROOT / "docs" / "life-of-a-flag.template.txt"
FEATURE = "free-shipping-bar"
COMMANDS = (
    ("demo", "korea-padding", "--folder", "."),
    ("doctor", "-c", "contextcheck.yaml"),
    ("gate", "--feature", FEATURE, "-q"),
)
Json = dict[str, Any]


def page() -> str:
    """Give the page with the numbers of a run in a folder of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        told = [_run(command, folder) for command in COMMANDS]
        findings = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
        verdict = json.loads((folder / "verdict.json").read_text(encoding="utf-8"))
    return TEMPLATE.read_text(encoding="utf-8").format_map(_facts(findings, verdict, told))


def _run(command: tuple[str, ...], folder: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "contextcheck", *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode not in (0, 1, 4):
        raise RuntimeError(f"contextcheck {' '.join(command)} ended with {done.returncode}: {done.stderr}")
    return done.stdout


def _facts(findings: Json, verdict: Json, told: list[str]) -> dict[str, str]:
    flag = next(each for each in findings["flags"] if each["region"] == "KR")
    best = flag["explanations"][0]
    impact, window, reference = flag["impact"], flag["window"], flag["reference"]
    recommendation, korea = flag["recommendation"], next(each for each in verdict["regions"] if each["region"] == "KR")
    value = impact["aov"]
    return {
        "orders": f"{findings['orders']:,}",
        "regions": str(len(findings["regions"])),
        "metrics": str(len(findings["metrics"])),
        "doctor": _lines(told[1], ("looks like", "markets", "can test", "assumed")),
        "flag": flag["id"],
        "metric": flag["metric"],
        "start": window["start"],
        "days": str(window["days"]),
        "reference": f"{reference['start']} to {reference['end']}",
        "events": f"{flag['observed']['events']:,.0f}",
        "exposure": f"{flag['observed']['exposure']:,.0f}",
        "observed": _percent(flag["observed"]["rate"]),
        "expected": _percent(flag["expected"]["rate"]),
        "expected_low": _percent(flag["expected"]["low"]),
        "expected_high": _percent(flag["expected"]["high"]),
        "excess": f"{flag['excess_events']:,.0f}",
        "related": _rows(
            ("Metric", "Observed", "Expected"), [[each["metric"], *_pair(each)] for each in flag["related"]]
        ),
        "candidates": str(len(flag["explanations"])),
        "entry": best["id"],
        "title": best["title"],
        "verdict": best["verdict"],
        "signs": _rows(("Sign", "Role", "Result", "Finding"), [_sign(each) for each in best["signs"]]),
        "placebo": f"{best['placebo']['rate'] * best['placebo']['n']:.0f} of {best['placebo']['n']}",
        "share": _percent(best["share_explained"], 0),
        "share_low": _percent(best["share_low"], 0),
        "share_high": _percent(best["share_high"], 0),
        "others": _rows(
            ("Explanation", "Kind", "Verdict"),
            [[each["id"], each["kind"], each["verdict"].replace("_", " ")] for each in flag["explanations"][1:]],
        ),
        "accounts": str(len(flag["accounts"].get("review", []))),
        "level": _percent(impact["confidence_level"], 0),
        "contribution": _money(impact["net_per_day"]),
        "contribution_low": _money(impact["low"]),
        "contribution_high": _money(impact["high"]),
        "aov_before": value["before"],
        "aov_after": value["after"],
        "aov_change": f"{100 * value['change'] - 100:+.1f} %",
        "kept_change": f"{100 * value['kept']['change'] - 100:+.1f} %",
        "lines": _rows(("Line", "Per day", "Status"), [_line(each) for each in impact["lines"] if not each["within"]]),
        "action": recommendation["action"],
        "rule": recommendation["rule"],
        "confidence": recommendation["confidence"],
        "reasons": "\n".join(f"- {each}" for each in recommendation["reasons"]),
        "flips": "\n".join(f"- {each}" for each in recommendation["would_change_if"]),
        "alpha": _percent(verdict["alpha"], 0),
        "decision": korea["decision"],
        "overall": verdict["decision"],
        "exit_code": str(verdict["exit_code"]),
        "gate_reasons": "\n".join(
            f"- {each['region']} **{each['decision']}**: {'; '.join(each['reasons'])}" for each in verdict["regions"]
        ),
    }


def _lines(text: str, starts: tuple[str, ...]) -> str:
    return "\n".join(line.strip() for line in text.splitlines() if line.strip().startswith(starts))


def _percent(share: float, digits: int = 1) -> str:
    return f"{100 * share:.{digits}f} %"


def _money(text: str) -> str:
    return f"{float(text):+,.0f} USD"


def _pair(related: Json) -> list[str]:
    both = [related["observed_rate"], related["expected_rate"]]
    return [_percent(each) if max(both) <= 1 else f"{each:,.2f}" for each in both]


def _sign(sign: Json) -> list[str]:
    result = sign["result"].replace("_", " ")
    if sign["role"] == "sign":
        return [sign["test"], f"must show, {sign['weight']}", result, sign["sentence"] or sign["reason"]]
    held = {"supports": "does not hold", "contradicts": "holds"}.get(result, result)
    return [sign["test"], "speaks against", held, sign["sentence"] or sign["reason"]]


def _line(line: Json) -> list[str]:
    return [line["title"], _money(line["per_day"]) if line["per_day"] else "", line["status"].replace("_", " ")]


def _rows(heads: tuple[str, ...], rows: list[list[str]]) -> str:
    lines = [list(heads), ["---"] * len(heads), *([_cell(each) for each in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
    print(f"written to {PAGE.relative_to(ROOT)}")
