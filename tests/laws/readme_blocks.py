"""Reads the console blocks of a page and runs the `contextcheck` lines in them, one folder for the whole page.

How a block is written: a line that begins with `$ ` is a command, the lines under it are quoted from its output.
`# exit 4` at the end of a command says how it ends (0 when nothing is said; a gate may pass, hold or roll back). `…` or
`...` in a quoted line stands for anything. Files that no command has made are filled with a small simulated shop; then
only the exit code is compared, because the numbers are another shop's.
"""

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"[+\-−]?\d[\d,]*(?:\.\d+)?")
EXIT = re.compile(r"\s+# exit (\d+)\s*$")
DATA = (".csv", ".parquet", ".tsv")


@dataclass
class Step:
    """One command of a page and what is quoted from its output."""

    words: list[str]
    exit_codes: tuple[int, ...]
    quoted: list[str]


def steps_of(text: str) -> list[Step]:
    """Every `$ ` line of the console blocks; lines for other programs are kept, they are not run."""
    steps: list[Step] = []
    for block in BLOCK.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            if line.startswith("$ "):
                steps.append(_step(line[2:]))
            elif steps and line.strip():
                steps[-1].quoted.append(line)
    return steps


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
    for step in steps_of(text):
        if step.words[0] == "cd":
            here = here / step.words[1]
            here.mkdir(parents=True, exist_ok=True)
        if step.words[0] != "contextcheck":
            continue
        is_invented = _fill_in(step.words, here)
        done = _run(step.words[1:], here)
        told = f"$ {' '.join(step.words)}"
        if done.returncode not in step.exit_codes:
            wrong.append(f"{told}: exit {done.returncode}, {step.exit_codes} expected: {done.stderr[-400:]}")
        elif not is_invented:
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
        [sys.executable, "-m", "contextcheck", *words],
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
        from contextcheck.simulate.worlds import simulate

        # one currency, so that the file can be read without settings
        orders = simulate("korea-padding", seed=1, orders=20_000).orders.drop(columns="currency")
        for path in needed:
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.suffix == ".parquet":
                orders.to_parquet(path)
            else:
                orders.to_csv(path, index=False, sep="\t" if path.suffix == ".tsv" else ",")
    return bool(needed)
