"""The recipes in docs/ci/ and the composite action, run: their own shell, the real gate, orders of a small shop.

What a machine of theirs would have is put on the path by small scripts: `python -m pip` and `-m venv`, the orders that
`fetch-orders.sh` brings, `mail`, and a `date` that stays where the orders end.
"""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import duckdb
import pytest
import yaml
from e2e.gate_orders import write_shop
from unit.report import report_cases

from contextcheck.report.gate_files import github_outputs

ROOT = Path(__file__).resolve().parents[2]
CI = ROOT / "docs" / "ci"
TODAY = "2026-04-19"
FENCE = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def orders(tmp_path_factory) -> dict[str, Path]:
    """Parquet files of a harmless and of a harmful launch, and their settings."""
    found = {}
    for name, cancel in (("harmless", {}), ("harmful", {"DE": 0.35})):
        folder = write_shop(tmp_path_factory.mktemp(name), change={"KR": 1.08, "DE": 1.08}, cancel=cancel)
        duckdb.sql(f"COPY (FROM '{folder / 'orders.csv'}') TO '{folder / 'orders.parquet'}'")
        settings = (folder / "contextcheck.yaml").read_text(encoding="utf-8")
        settings = settings.replace("feature: bar", "feature: free-shipping-bar").replace(
            "orders.csv", "orders.parquet"
        )
        (folder / "contextcheck.yaml").write_text(settings, encoding="utf-8")
        found[name] = folder
    return found


def script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


@pytest.fixture
def machine(tmp_path, orders):
    """Give a function that runs a shell text on a machine with the orders of a shop."""

    def run(text: str, shop: str = "harmless", **variables: str) -> subprocess.CompletedProcess[str]:
        source, tools = orders[shop], tmp_path / "tools"
        gate = f'exec "{sys.executable}" -m contextcheck "$@"'
        script(tools / "contextcheck", gate)
        copies = f"mkdir -p .venv/bin; cp {tools}/python {tools}/contextcheck .venv/bin/"
        script(
            tools / "python",
            f'case "$1 $2" in "-m pip") exit 0 ;; "-m venv") {copies}; exit 0 ;; esac\nexec "{sys.executable}" "$@"',
        )
        script(tools / "date", f"echo {TODAY}")
        script(tools / "mail", 'echo "$@" > mailed.txt; cat >> mailed.txt')
        script(tmp_path / "fetch-orders.sh", f'cp {source}/orders.parquet "$1"')
        (tmp_path / "contextcheck.yaml").write_bytes((source / "contextcheck.yaml").read_bytes())
        path = f"{tools}{os.pathsep}{os.environ['PATH']}"
        source_path = os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])
        return subprocess.run(
            ["bash", "-eo", "pipefail", "-c", text],
            cwd=tmp_path,
            env={**os.environ, "PATH": path, "PYTHONPATH": source_path, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )

    return run


def snippets(page: str, language: str) -> list[str]:
    text = (CI / page).read_text(encoding="utf-8")
    return [found[2] for found in FENCE.finditer(text) if found[1] == language]


def verdict(folder: Path) -> dict:
    return json.loads((folder / "verdict.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("shop", "code", "decision"), [("harmless", 0, "pass"), ("harmful", 1, "roll-back")])
def test_the_github_workflow_runs(machine, tmp_path, shop, code, decision):
    steps = yaml.safe_load(snippets("github-actions.md", "yaml")[0])["jobs"]["gate"]["steps"]
    shell = "\n".join(step["run"] for step in steps if "run" in step)
    done = machine(shell, shop, GITHUB_STEP_SUMMARY="summary.md", GITHUB_OUTPUT="outputs.txt")
    assert done.returncode == code, done.stderr + done.stdout
    assert verdict(tmp_path)["decision"] == decision
    assert f"decision={decision}\n" in (tmp_path / "outputs.txt").read_text(encoding="utf-8")
    assert (tmp_path / "summary.md").read_text(encoding="utf-8").startswith("## free")
    assert all(line.startswith("::") for line in done.stdout.splitlines())


ACTION = yaml.safe_load((ROOT / ".github" / "actions" / "gate" / "action.yaml").read_text(encoding="utf-8"))


def inputs_of(**given: str) -> dict[str, str]:
    """The environment of the action's step: defaults, and what a workflow gives."""
    step = ACTION["runs"]["steps"][0]
    values = {name: str(each.get("default", "")) for name, each in ACTION["inputs"].items()} | given
    return {name: values[re.search(r"inputs\.([\w-]+)", text)[1]] for name, text in step["env"].items()}


def test_the_composite_action_rolls_back_and_gives_every_output(machine, tmp_path):
    given = {"feature": "free-shipping-bar", "orders": "orders.parquet", "as-of": TODAY}
    shell = "./fetch-orders.sh orders.parquet\n" + ACTION["runs"]["steps"][0]["run"]
    done = machine(shell, "harmful", GITHUB_STEP_SUMMARY="s.md", GITHUB_OUTPUT="o.txt", **inputs_of(**given))
    assert done.returncode == 1, done.stderr
    outputs = dict(line.split("=", 1) for line in (tmp_path / "o.txt").read_text(encoding="utf-8").splitlines())
    assert set(outputs) == set(ACTION["outputs"])
    assert (outputs["decision"], outputs["roll-back-regions"], outputs["exit-code"]) == ("roll-back", "DE", "1")


def test_the_composite_action_turns_a_hold_into_a_notice_and_an_error_into_a_failure(machine, tmp_path):
    shell = "./fetch-orders.sh orders.parquet\n" + ACTION["runs"]["steps"][0]["run"]
    given = {"feature": "free-shipping-bar", "orders": "orders.parquet", "as-of": "2026-08-01"}
    files = {"GITHUB_STEP_SUMMARY": "s.md", "GITHUB_OUTPUT": "o.txt"}
    held = machine(shell, **files, **inputs_of(**given))
    assert held.returncode == 0, held.stderr
    assert "::notice title=contextcheck gate::hold" in held.stdout
    wrong = machine(shell, **files, **inputs_of(**given, policy="none"))
    assert wrong.returncode == 2
    assert "exit-code=2" in (tmp_path / "o.txt").read_text(encoding="utf-8")


def test_the_outputs_of_the_action_are_those_that_the_gate_writes():
    written = [line.split("=")[0] for line in github_outputs(report_cases.gate_verdict()).splitlines()]
    assert set(written) == set(ACTION["outputs"])


def test_the_gitlab_job_runs_and_its_reports_are_there(machine, tmp_path):
    job = yaml.safe_load(snippets("gitlab.md", "yaml")[0])["gate"]
    done = machine("\n".join(job["script"]), "harmful")
    assert done.returncode == 1, done.stderr
    assert job["allow_failure"]["exit_codes"] == [4]
    assert ElementTree.parse(tmp_path / job["artifacts"]["reports"]["junit"]).getroot().attrib["failures"] == "1"
    quality = json.loads((tmp_path / job["artifacts"]["reports"]["codequality"]).read_text(encoding="utf-8"))
    assert [each["severity"] for each in quality] == ["blocker"]
    assert all((tmp_path / path).is_file() for path in job["artifacts"]["paths"])


def test_the_jenkins_stage_runs(machine, tmp_path):
    parts = re.findall(r"'''(.*?)'''", snippets("jenkins.md", "groovy")[0], re.DOTALL)
    done = machine("\n".join(parts).replace("\\\\\n", "\\\n"), "harmful")
    assert done.returncode == 1, done.stderr
    assert (tmp_path / "gate.xml").is_file() and (tmp_path / "off.txt").read_text(encoding="utf-8") == "DE\n"


def test_the_argo_job_runs_and_a_hold_lets_the_rollout_go_on(machine, tmp_path):
    template = yaml.safe_load(snippets("argo-rollouts.md", "yaml")[0])
    (metric,) = template["spec"]["metrics"]
    (container,) = metric["provider"]["job"]["spec"]["template"]["spec"]["containers"]
    assert [each["name"] for each in template["spec"]["args"]] == ["feature"]
    words = " ".join(f"'{each}'" for each in [*container["command"], *container["args"]])
    words = words.replace("{{args.feature}}", "free-shipping-bar")
    for mounted in ("data", "config", "verdict"):
        words = words.replace(f"/{mounted}/", f"{tmp_path}/{mounted}/")
    prepare = "mkdir -p data config verdict; ./fetch-orders.sh data/orders.parquet; cp contextcheck.yaml config/\n"
    fix = "contextcheck gate init data/orders.parquet --feature free-shipping-bar -q -o config/free-shipping-bar.yaml\n"
    done = machine(prepare + fix + words)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "verdict" / "verdict.json").read_text(encoding="utf-8"))["decision"] == "pass"


def test_the_airflow_task_runs(machine, tmp_path):
    tree = ast.parse(snippets("airflow-cron.md", "python")[0])
    given = {each.arg: each.value for node in ast.walk(tree) if isinstance(node, ast.Call) for each in node.keywords}
    command = ast.literal_eval(given["bash_command"])
    assert ast.literal_eval(given["skip_on_exit_code"]) == 4
    for word, value in (("{{ ds }}", TODAY), ("{{ ts_nodash }}", "20260419T000000"), ("/srv/shop", str(tmp_path))):
        command = command.replace(word, value)
    done = machine(f"./fetch-orders.sh orders.parquet\n{command}", "harmful")
    assert done.returncode == 1, done.stderr
    written = (tmp_path / "verdicts" / "20260419T000000.json").read_text(encoding="utf-8")
    assert done.stdout == written


def test_the_cron_script_runs_and_mails_a_roll_back(machine, tmp_path):
    text = snippets("airflow-cron.md", "bash")[0].replace("/srv/shop", str(tmp_path))
    (tmp_path / "gate.sh").write_text(text, encoding="utf-8")
    done = machine("./fetch-orders.sh orders.parquet\nbash gate.sh", "harmful")
    assert done.returncode == 1, done.stderr
    assert (tmp_path / "mailed.txt").read_text(encoding="utf-8").startswith("-s roll back: free-shipping-bar")
    assert (tmp_path / "verdicts" / f"{TODAY}.json").is_file()
    assert "contextcheck_gate_exit_code" in (tmp_path / "verdicts" / "gate.prom").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["bat", "powershell"])
def test_the_robot_gets_json_alone_and_is_asked_nothing(machine, tmp_path, language):
    text = snippets("windows-robot.md", language)[0]
    (line,) = [each for each in text.splitlines() if "contextcheck.exe gate" in each]
    words = re.search(r"contextcheck\.exe (gate[^>|]*)", line)[1].strip()
    done = machine(f"./fetch-orders.sh orders.parquet\ncontextcheck {words} --as-of {TODAY}", "harmful", LC_ALL="C")
    assert done.returncode == 1, done.stderr
    assert done.stderr == ""
    if "--format json" in words:
        assert done.stdout.isascii() and json.loads(done.stdout) == verdict(tmp_path)
        assert json.loads((tmp_path / "off.json").read_text(encoding="utf-8"))["off"] == ["DE"]


def test_the_commands_of_the_overview_run_one_after_the_other(machine, tmp_path):
    init, gate, verify = snippets("README.md", "bash")
    init = init.replace("git add", "ls")
    done = machine(f"./fetch-orders.sh orders.parquet\n{init}\n{gate}\n{verify}")
    assert done.returncode == 0, done.stderr + done.stdout
    assert "confirmed from the same evidence" in done.stdout
    assert (tmp_path / "gates" / "free-shipping-bar.yaml").is_file()
    assert (tmp_path / "off.txt").read_text(encoding="utf-8") == ""
