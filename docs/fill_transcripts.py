"""Fill the transcripts of README.md with what their commands print into a pipe.

    python docs/fill_transcripts.py         rewrites what stands between `<!-- transcript: COMMAND -->` and its end

Commands run in a folder of their own, so that no path of this machine is printed.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
TRANSCRIPT = re.compile(r"(<!-- transcript: (.+?) -->\n)(.*?)(<!-- end of transcript -->)", re.DOTALL)


def filled(text: str) -> str:
    """Give a page with every transcript run anew."""
    return TRANSCRIPT.sub(lambda found: f"{found[1]}{_block(found[2])}{found[4]}", text)


def _block(command: str) -> str:
    words = shlex.split(command, comments=True)
    if words[0] != "contextcheck":
        raise ValueError(f"a transcript runs contextcheck, not {words[0]}")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONUTF8": "1"}
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-m", *words],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
    if done.returncode not in (0, 1, 4):
        raise RuntimeError(f"{command} ended with {done.returncode}: {done.stderr}")
    return f"```text\n$ {command}\n{done.stdout.rstrip()}\n```\n"


if __name__ == "__main__":
    README.write_text(filled(README.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
    print("README.md is up to date")
