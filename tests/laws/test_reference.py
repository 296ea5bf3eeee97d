"""docs/reference is what the program says today; `python docs/generate_reference.py` rewrites it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference"
COMMAND = "python docs/generate_reference.py"
HEAVY = ("pandas", "numpy", "scipy", "sklearn", "pyod", "ibis", "duckdb")
PROGRAM = f"""
import sys
sys.path.insert(0, {str(ROOT / "docs")!r})
import generate_reference
light = [name for name in {HEAVY!r} if name in sys.modules]
for name, text in generate_reference.pages().items():
    sys.stdout.buffer.write(f"\\x00{{name}}\\x01{{text}}".encode())
assert not light, light
"""


@pytest.fixture(scope="module")
def wanted() -> dict[str, str]:
    """The pages as the program would write them now, in a process of their own."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr.decode()
    pairs = (page.split("\x01", 1) for page in done.stdout.decode().split("\x00")[1:])
    return {name: text for name, text in pairs}


def test_the_reference_is_what_the_program_says_today(wanted):
    there = {path.name: path.read_text(encoding="utf-8") for path in REFERENCE.glob("*")}
    stale = sorted(name for name in {*wanted, *there} if wanted.get(name) != there.get(name))
    assert stale == [], f"out of date: {', '.join(stale)}; run {COMMAND} and read the difference"


def test_every_problem_code_in_the_source_is_in_the_reference(wanted):
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src" / "contextcheck").rglob("*.py"))
    written = set(re.findall(r"\"([A-Z]{2}\d{3})\"", source))
    listed = set(re.findall(r"`([A-Z]{2}\d{3})`", wanted["problem-codes.md"]))
    assert len(written) > 50
    assert written - listed == set()


def test_every_problem_code_comes_with_a_sentence(wanted):
    rows = [row.split(" | ") for row in wanted["problem-codes.md"].splitlines() if re.match(r"\| `\S\S\d{3}`", row)]
    assert [row[0] for row in rows if len(row[1].strip()) < 5] == []


def test_every_cost_and_every_settings_section_is_in_the_reference(wanted):
    from contextcheck.settings import COST_DEFAULTS, Settings, describe

    for name in COST_DEFAULTS:
        assert f"`costs.{name}`" in wanted["settings.md"]
    for name in describe(Settings()):
        if name not in ("folder", "regions_folder", "rules_folder"):
            assert f"`{name}`" in wanted["settings.md"], name


def test_every_command_and_option_is_in_the_reference(wanted):
    from typer.main import get_command

    from contextcheck.cli.app import app

    def names(command):
        yield from (option for parameter in command.params for option in parameter.opts)
        for name, below in getattr(command, "commands", {}).items():
            yield name
            yield from names(below)

    every = set(names(get_command(app)))
    assert len(every) > 40
    assert {name for name in every if name.startswith("-") and name not in wanted["commands.md"]} == set()
