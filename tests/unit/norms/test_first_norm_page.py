"""docs/first-norm.md, tried as written: its commands are run and its output lines must appear."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "first-norm.md"
BLOCK = re.compile(r"^```(?P<kind>console|yaml title=(?P<path>\S+))\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


def run_shell(command: str, folder: Path, tools: Path) -> tuple[str, Path]:
    environment = {
        **os.environ,
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT / "src"),
        "PYTHONUTF8": "1",
    }
    script = f"{command}\nstatus=$?\npwd > {tools}/where\nexit $status"
    done = subprocess.run(["bash", "-c", script], cwd=folder, env=environment, capture_output=True, text=True)
    return done.stdout + done.stderr, Path((tools / "where").read_text().strip())


@pytest.mark.slow
def test_the_page_works_as_written(tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    program = tools / "contextcheck"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m contextcheck "$@"\n')
    program.chmod(0o755)
    folder, output = tmp_path, ""
    commands = 0
    for block in BLOCK.finditer(PAGE.read_text(encoding="utf-8")):
        if block["path"]:
            (folder / block["path"]).write_text(block["body"], encoding="utf-8")
            continue
        for line in block["body"].splitlines():
            if line.startswith("$ "):
                output, folder = run_shell(line[2:], folder, tools)
                commands += 1
            else:
                assert words(line) in words(output), (line, output)
    assert commands >= 8


def words(text: str) -> str:
    """Columns of a table are padded; only the words count."""
    return " ".join(text.split())


def test_the_hooks_name_commands_that_exist() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert [hook["id"] for hook in hooks] == [
        "contextcheck-norms-fix",
        "contextcheck-norms-lint",
        "contextcheck-norms-test",
    ]
    for hook in hooks:
        verb = hook["entry"].split()[1:3]
        done = subprocess.run(
            [sys.executable, "-m", "contextcheck", *verb, "--help"],
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
            capture_output=True,
            check=True,
        )
        assert done.stdout
