"""`contextcheck backtest` writes nothing unless it is told where."""

import numpy as np
import pandas as pd
import pytest

from contextcheck.cli.app import run
from contextcheck.knowledge.metrics import read_detection_rules


@pytest.fixture
def folder(tmp_path, monkeypatch):
    random = np.random.default_rng(3)
    parts = []
    for region, orders in (("north", 5000), ("south", 800), ("islands", 90)):
        frame = {"date": pd.date_range("2026-01-05", periods=110), "region": region, "metric": "basket"}
        counted = random.poisson(orders, 110)
        sums = counted * random.normal(50, 0.5, 110)
        parts.append(pd.DataFrame({**frame, "events": counted, "value_sum": sums}))
    pd.concat(parts).to_csv(tmp_path / "panel.csv", index=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_nothing_is_written_without_out(folder, capsys):
    assert run(["backtest", "--panel", "panel.csv", "--quiet", "--starts", "3"]) == 0
    assert "Smallest change that would have been caught" in capsys.readouterr().out
    assert [each.name for each in folder.iterdir()] == ["panel.csv"]


def test_proposed_rules_are_written_as_rules_that_can_be_read(folder):
    code = run(["backtest", "--panel", "panel.csv", "--quiet", "--starts", "3", "--tune", "--out", "bt", "-f", "json"])
    assert code == 0
    assert (folder / "bt" / "backtest.json").is_file()
    written = list((folder / "bt" / "rules" / "detection").glob("*.yaml"))
    problems = []
    rules = read_detection_rules([(each, each.name) for each in written], problems)
    assert problems == []
    assert [rule.id for rule in rules] == ["any-basket"]
    assert rules[0].min_relative < 0.1


def test_an_unknown_rule_is_refused_with_a_hint(folder, capsys):
    assert run(["backtest", "--panel", "panel.csv", "--quiet", "--rule", "any-baskt"]) == 2
    assert "any-basket" in capsys.readouterr().err
