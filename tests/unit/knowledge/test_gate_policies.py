"""rules/gates/: what is read, and what is refused with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from contextcheck.errors import DefinitionError, SettingsError
from contextcheck.knowledge.gate_policies import choose_gate_policy, read_gate_policy
from contextcheck.knowledge.source_files import Layer, SourceFile, layers_of
from contextcheck.settings import Settings

METRICS = ("orders", "return_rate", "chargeback_rate", "cancel_rate")


def problems_of(folder: Path, text: str) -> list[str]:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    problems: list = []
    read_gate_policy(SourceFile(path, "mine.yaml", ""), problems)
    return [str(problem) for problem in problems]


def test_the_shipped_policy_is_the_documented_one() -> None:
    policy = choose_gate_policy(layers_of(Settings()), "default", METRICS)
    assert (policy.cheap_alpha, policy.cheap_to_days, policy.dear_from_days, policy.watch_days) == (0.2, 0.5, 3.0, 28)
    assert policy.hard_stops.failed_share == 0.5 and policy.hard_stops.failed is not None
    assert policy.judge[0] == "contribution" and len(policy.sha256) == 64


def test_a_policy_needs_a_name_alone(tmp_path: Path) -> None:
    assert problems_of(tmp_path, "gate: mine\n") == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("judge: [orders]\n", '"gate" is missing'),
        ("gate: mine\nwatchdays: 3\n", 'mine.yaml:2:1: RL102 unknown key "watchdays"; did you mean "watch_days"?'),
        ("gate: mine\nwatch_days: 3\n", "watch_days is 3, but must be from 7 to 182"),
        ("gate: mine\nalpha: {cheap: 20}\n", "cheap is 20, but must be from 0.0001 to 0.49"),
        ("gate: mine\nalpha: {cheap_to_days: 4}\n", "cheap_to_days must be less than dear_from_days"),
        ("gate: mine\nguardrails:\n  - {metric: orders, worse: sideways, margin: 0.1}\n", 'unknown worse "sideways"'),
        ("gate: mine\nhard_stops: {failed: status}\n", "must be a condition"),
        ("gate: mine\nhard_stops: {failed: \"stauts = 'cancelled'\"}\n", "stauts"),
        ("gate: mine\ndata: {exposed_share: 50}\n", "exposed_share is 50"),
        ("- a\n", "a gate policy is a mapping"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    found = problems_of(tmp_path, text)
    assert found and any(told in each for each in found), found
    assert all(each.startswith("mine.yaml") for each in found)


def own(folder: Path, text: str) -> tuple[Layer, ...]:
    (folder / "rules" / "gates").mkdir(parents=True)
    (folder / "rules" / "gates" / "mine.yaml").write_text(text, encoding="utf-8")
    return layers_of(Settings(rules_folder="rules", folder=folder))


def test_a_team_adds_a_policy_or_takes_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    layers = own(tmp_path, "gate: default\nwatch_days: 14\n")
    assert choose_gate_policy(layers, "default", METRICS).watch_days == 14


def test_an_unknown_policy_and_an_unknown_metric_are_refused(tmp_path: Path) -> None:
    layers = own(tmp_path, "gate: mine\nguardrails:\n  - {metric: return_rat, worse: up, margin: 0.1}\n")
    with pytest.raises(SettingsError, match="ST150"):
        choose_gate_policy(layers, "none", METRICS)
    with pytest.raises(DefinitionError, match='did you mean "return_rate"'):
        choose_gate_policy(layers, "mine", METRICS)
