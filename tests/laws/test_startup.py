"""The first second: help and version load nothing heavy."""

import os
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src"

HEAVY = ("pandas", "numpy", "scipy", "sklearn", "pyod", "ibis", "duckdb")
PROGRAM = """
import sys
from contextcheck.cli.app import run
code = run(sys.argv[1:])
heavy = [name for name in {heavy!r} if name in sys.modules]
print("HEAVY", heavy, "CODE", code)
"""


def _heavy_after(*arguments: str) -> str:
    program = PROGRAM.format(heavy=HEAVY)
    result = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
    )
    return result.stdout.splitlines()[-1]


def test_help_loads_nothing_heavy():
    assert _heavy_after("--help") == "HEAVY [] CODE 0"


def test_version_loads_nothing_heavy():
    assert _heavy_after("--version") == "HEAVY [] CODE 0"


def test_help_of_every_command_loads_nothing_heavy():
    for command in ("scan", "report", "explain", "gate", "norms", "rules", "demo", "init", "doctor"):
        assert _heavy_after(command, "--help") == "HEAVY [] CODE 0", command


def test_the_table_of_commands_says_what_the_commands_say():
    from typer.main import get_command

    from contextcheck.cli.app import app
    from contextcheck.cli.lazy import COMMANDS

    built = get_command(app).commands
    for name, (_, summary) in COMMANDS.items():
        said = " ".join((built[name].help or "").split())
        assert said.startswith(summary), name
