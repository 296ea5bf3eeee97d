"""docs/ci/knowledge-only.md and the hooks, tried as written in a repository that holds definitions only."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from test_first_norm_page import BLOCK, PAGE

ROOT = Path(__file__).resolve().parents[3]
RECIPE = ROOT / "docs" / "ci" / "knowledge-only.md"
FENCE = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A team's repository with the entry of the page about a first norm, committed and pushed."""
    folder = tmp_path_factory.mktemp("definitions")
    block = next(each for each in BLOCK.finditer(PAGE.read_text(encoding="utf-8")) if each["path"])
    path = folder / block["path"]
    path.parent.mkdir()
    # without its examples, which other tests run: here the commands are tried, not the simulator
    path.write_text(block["body"].replace("brod", "broad").partition("    examples:")[0], encoding="utf-8")
    for words in (
        ["init", "-q", "-b", "main"],
        ["add", "."],
        ["-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qm", "A first norm"],
        ["update-ref", "refs/remotes/origin/main", "HEAD"],
    ):
        subprocess.run(["git", *words], cwd=folder, check=True)
    return folder


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    tools = folder / ".git" / "tools"
    tools.mkdir(exist_ok=True)
    program = tools / "contextcheck"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m contextcheck "$@"\n')
    program.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT / "src"),
        "PYTHONUTF8": "1",
        "CI_DEFAULT_BRANCH": "main",
    }
    return subprocess.run(
        ["bash", "-ec", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def commands() -> list[str]:
    """Every command of the recipes that calls contextcheck."""
    found = []
    for text in FENCE.findall(RECIPE.read_text(encoding="utf-8")):
        content = yaml.safe_load(text)
        for job in (content.get("jobs") or {}).values():
            found += [step["run"] for step in job["steps"] if "run" in step]
        found += (content.get("norms") or {}).get("script", [])
    return [each for each in found if each.startswith("contextcheck")]


def test_there_are_commands_to_try() -> None:
    assert len(commands()) >= 5


@pytest.mark.parametrize("command", commands())
def test_each_command_of_the_recipe_ends_well_on_a_good_repository(command: str, repository: Path) -> None:
    done = run(command, repository)
    assert done.returncode == 0, done.stderr
    assert "defect" not in done.stderr


def test_the_hooks_run_on_the_files_that_they_match(repository: Path) -> None:
    files = ["regions/MU.yaml"]
    for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")):
        matched = [name for name in files if re.search(hook["files"], name)]
        assert matched == files, hook["id"]
        names = matched if hook.get("pass_filenames", True) else []
        done = run(" ".join([hook["entry"], *names]), repository)
        assert done.returncode == 0, (hook["id"], done.stderr)


def test_a_broken_file_stops_the_hook_and_the_recipe(repository: Path) -> None:
    path = repository / "regions" / "MU.yaml"
    good = path.read_text(encoding="utf-8")
    path.write_text(good.replace("expect: broad", "expect: brod"), encoding="utf-8")
    try:
        done = run("contextcheck norms lint --format github --against origin/main", repository)
    finally:
        path.write_text(good, encoding="utf-8")
    assert done.returncode == 3
    assert "::error file=regions/MU.yaml" in done.stdout and "did you mean" in done.stdout
