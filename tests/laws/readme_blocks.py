"""Reads the console blocks of a page and runs the `contextcheck` lines in them, one folder for the whole page.

How a block is written: a line that begins with `$ ` is a command, the lines under it are quoted from its output.
`# exit 4` at the end of a command says how it ends (0 when nothing is said; a gate may pass, hold or roll back). `…` or
`...` in a quoted line stands for anything. What stands between `<!-- transcript: COMMAND -->` and
`<!-- end of transcript -->` quotes the output of that command; `python docs/fill_transcripts.py` fills it.

Orders that no command has made are filled with a small simulated shop, and what `init` wrote is completed as a person
would (launches, rates); then only the exit codes of the commands that read orders are compared: the numbers are another
shop's.
"""

import json
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contextcheck.simulate.worlds import World

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"[+\-−]?\d[\d,]*(?:\.\d+)?")
EXIT = re.compile(r"\s+# exit (\d+)\s*$")
TRANSCRIPT = re.compile(r"<!-- transcript: (.+?) -->\n(.*?)<!-- end of transcript -->", re.DOTALL)
READ_ORDERS = ("doctor", "init", "scan", "report", "explain", "cases", "gate")
SHOP = "korea-padding"
SHOP_ORDERS = 25_000
DATA = (".csv", ".parquet", ".tsv")


@dataclass
class Step:
    """One command of a page and what is quoted from its output."""

    words: list[str]
    exit_codes: tuple[int, ...]
    quoted: list[str]


def steps_of(text: str) -> list[Step]:
    """Every command of the console blocks and transcripts, in the page's order; other programs are kept, not run."""
    places = [(found.start(), _steps_in(found[1])) for found in BLOCK.finditer(text)]
    places += [(found.start(), [_transcript(found[1], found[2])]) for found in TRANSCRIPT.finditer(text)]
    return [step for _, steps in sorted(places, key=lambda place: place[0]) for step in steps]


def _steps_in(block: str) -> list[Step]:
    steps: list[Step] = []
    for line in block.replace("\\\n", " ").splitlines():
        if line.startswith("$ "):
            steps.append(_step(line[2:]))
        elif steps and line.strip():
            steps[-1].quoted.append(line)
    return steps


def _transcript(command: str, body: str) -> Step:
    step = _step(command)
    quoted = [line for line in body.splitlines() if line.strip() and not line.startswith(("```", "$ "))]
    return Step(step.words, step.exit_codes, quoted)


def _step(line: str) -> Step:
    stated = EXIT.search(line)
    words = shlex.split(line, comments=True)
    usual = (0, 1, 4) if "gate" in words[:2] else (0,)
    return Step(words, (int(stated[1]),) if stated else usual, [])


def plain(text: str) -> str:
    """A text with numbers masked and blanks collapsed: lines may be wrapped elsewhere, numbers may differ."""
    return " ".join(NUMBER.sub("#", text).split())


def run_page(text: str, folder: Path) -> list[str]:
    """Run the `contextcheck` lines of a page; give a sentence for each that does not do what the page says."""
    wrong = []
    here = folder
    invented: set[Path] = set()
    for step in steps_of(text):
        if step.words[0] == "cd":
            here = here / step.words[1]
            here.mkdir(parents=True, exist_ok=True)
        if step.words[0] != "contextcheck":
            continue
        if _fill_in(step.words, here):
            invented.add(here)
        is_other_shop = here in invented and step.words[1] in READ_ORDERS
        done = _run(_known_flag(step.words, here) if is_other_shop else step.words, here)
        if is_other_shop and step.words[1] == "init":
            _complete_settings(here)
        told = f"$ {' '.join(step.words)}"
        if done.returncode not in step.exit_codes:
            wrong.append(f"{told}: exit {done.returncode}, {step.exit_codes} expected: {done.stderr[-400:]}")
        elif not is_other_shop:
            wrong += [f"{told}: not in its output: {line}" for line in _missing(step.quoted, done.stdout + done.stderr)]
    return wrong


def _missing(quoted: list[str], output: str) -> list[str]:
    there = plain(output)
    missing = []
    for line in quoted:
        parts = [plain(part) for part in re.split(r"…|\.\.\.", line)]
        if not all(part in there for part in parts):
            missing.append(line)
    return missing


def _run(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONUTF8": "1"}
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def _fill_in(words: list[str], folder: Path) -> bool:
    """Make data files that a command reads and nobody made; say whether that was needed."""
    read = [word for word in words[2:] if word.endswith(DATA) and not word.startswith("-") and "*" not in word]
    needed = [folder / word for word in read if not (folder / word).exists()]
    if needed:
        orders = _shop().orders
        for path in needed:
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.suffix == ".parquet":
                orders.to_parquet(path)
            else:
                orders.to_csv(path, index=False, sep="\t" if path.suffix == ".tsv" else ",")
            _complete_settings(folder, path.name)
    return bool(needed)


@lru_cache(maxsize=1)
def _shop() -> "World":
    from contextcheck.simulate.worlds import simulate

    return simulate(SHOP, seed=1, orders=SHOP_ORDERS)


def _complete_settings(folder: Path, orders: str = "") -> None:
    """The settings of the simulated shop, for its orders in this folder; kept outside it until `init` has run."""
    kept = folder.parent / f".settings-of-{folder.name}.yaml"
    if orders:
        kept.write_text(_shop().settings.replace("orders.parquet", orders), encoding="utf-8")
    else:
        (folder / "contextcheck.yaml").write_text(kept.read_text(encoding="utf-8"), encoding="utf-8")


def _known_flag(words: list[str], folder: Path) -> list[str]:
    """The command with the flag that this shop has, where it names one of another shop."""
    place = 2 if words[1] == "explain" else 3 if words[1:3] == ["cases", "decide"] else 0
    if not place or not (folder / "findings.json").exists():
        return words
    flags = json.loads((folder / "findings.json").read_text(encoding="utf-8"))["flags"]
    return [*words[:place], flags[0]["id"], *words[place + 1 :]] if flags else words
