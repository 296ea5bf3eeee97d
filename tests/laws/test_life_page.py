"""docs/life-of-a-flag.md tells what the commands give today; `python docs/generate_life.py` rewrites it."""

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


def _words_and_numbers(text: str) -> tuple[str, list[float]]:
    numbers = [float(each.replace(",", "")) for each in NUMBER.findall(text)]
    return NUMBER.sub("#", text), numbers


@pytest.mark.slow
def test_the_life_of_a_flag_is_what_the_commands_give(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    import generate_life

    there, now = (_words_and_numbers(text) for text in (generate_life.PAGE.read_text("utf-8"), generate_life.page()))
    sys.modules.pop("generate_life")
    hint = "run python docs/generate_life.py and read the difference"
    assert now[0] == there[0], hint
    # another processor may round the last digit otherwise
    assert now[1] == pytest.approx(there[1], rel=0.02, abs=1.01), hint
