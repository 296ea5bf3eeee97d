"""A sign that says yes too often where nothing is there fails here; the whole table is benchmarks/bench_signs.py."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from scipy.stats import binom

sys.path.append(str(Path(__file__).resolve().parents[3] / "benchmarks"))

from bench_signs import CELLS, LIMIT, jobs_of, results_of, table

CHEAP = {"kept_share", "delay", "calendar", "value_kept", "volume", "mix", "voice", "peers", "rebuy"}
WORLDS = 60


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["plain", "few", "weekday"])
def test_no_sign_says_yes_too_often_where_nothing_is_there(kind):
    cells = [cell for cell in CELLS if cell.name in CHEAP and kind in cell.kinds]
    found = {}
    for (market, effect, is_null), places in jobs_of(cells, {kind}).items():
        if is_null:
            results = results_of([cell for cell, _ in places], market, effect, range(WORLDS), is_null=True)
            found |= {(cell, kind): said for cell, said in results.items()}
    assert len(found) == len(cells)
    # so many a sign of 5 % passes in one of 2,000 runs: 10 of 60
    most = int(binom.ppf(1 - 1 / 2000, WORLDS, LIMIT))
    above = {f"{cell.name} {cell.says}": said.count("supports") for (cell, _), said in found.items()}
    assert {name: count for name, count in above.items() if count > most} == {}


@pytest.mark.slow
def test_the_same_worlds_with_an_effect_are_seen():
    cells = [cell for cell in CELLS if cell.name in {"mix", "calendar", "volume", "kept_share"} and cell.effects]
    for (market, effect, is_null), places in jobs_of(cells, {"plain"}).items():
        largest = [(cell, size) for cell, size in places if not is_null and size == list(cell.effects)[-1]]
        for cell, said in results_of([c for c, _ in largest], market, effect, range(10), is_null=False).items():
            assert said.count("supports") >= 5, (cell.name, cell.says, said)


def test_the_table_names_what_is_above_the_level():
    cell = CELLS[0]
    text, above = table([cell], {(cell, "plain"): ["supports"] * 20 + ["contradicts"] * 80})
    assert "20.0 (0)" in text
    assert above == [f"{cell.name} ({cell.says}) in plain: 20.0 %"]
