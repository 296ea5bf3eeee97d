"""Decision policies are read strictly: every problem at once, each with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from contextcheck.errors import Problem
from contextcheck.knowledge.policies import FACTS, Policy, read_policies
from contextcheck.knowledge.shipped import shipped_folder

GOOD = """\
policy: small
rules:
  - id: loss
    when: {contribution_sign: loss, accounts_to_review: {below: 1}, severity: [medium, high]}
    action: roll-back
    confidence: high
    because: ["contribution {contribution}"]
  - id: rest
    action: watch
    confidence: low
    because: ["nothing calls for more"]
examples:
  - name: a loss
    facts: {contribution_sign: loss, accounts_to_review: 0, severity: high}
    expect: roll-back
    rule: loss
"""


def read(tmp_path: Path, text: str) -> tuple[dict[str, Policy], list[Problem]]:
    path = tmp_path / "policy.yaml"
    path.write_text(text, encoding="utf-8")
    problems: list[Problem] = []
    return read_policies([(path, "policy.yaml")], problems), problems


def test_a_policy_is_read_with_the_place_of_each_rule(tmp_path: Path) -> None:
    policies, problems = read(tmp_path, GOOD)
    assert problems == []
    loss, rest = policies["small"].rules
    assert str(loss.where) == "policy.yaml:3:5"
    assert [(each.fact, each.operator, each.value) for each in loss.when] == [
        ("contribution_sign", "is", "loss"),
        ("accounts_to_review", "below", 1.0),
        ("severity", "is", ("medium", "high")),
    ]
    assert rest.when == ()
    assert policies["small"].examples[0].facts["accounts_to_review"] == 0.0


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "contribution_sign: loss, acc",
            "contribution_sing: loss, acc",
            'policy.yaml:4:12: RL201 unknown fact "contribution_sing"; did you mean "contribution_sign"?',
        ),
        ("{below: 1}", "{under: 1}", 'RL202 unknown comparison "under"'),
        ("contribution_sign: loss, acc", "contribution_sign: {above: 1}, acc", "RL203 contribution_sign is no number"),
        (
            "contribution_sign: loss, acc",
            "contribution_sign: lost, acc",
            'RL105 unknown contribution_sign "lost"; did you mean "loss"?',
        ),
        (
            "{contribution}",
            "{contributon}",
            'RL201 unknown fact "contributon" in a sentence; did you mean "contribution"?',
        ),
        ("{contribution}", "{contribution", "RL204"),
        ("action: roll-back", "action: rollback", 'RL105 unknown action "rollback"; did you mean "roll-back"?'),
        ("  - id: rest\n", "  - id: rest\n    when: {severity: low}\n", "RL207 the last rule must have no condition"),
        (
            "    when: {contribution_sign: loss, accounts_to_review: {below: 1}, severity: [medium, high]}\n",
            "",
            'RL206 "loss" has no condition',
        ),
        ("id: rest", "id: loss", 'RL205 the rule id "loss" is already used in line 3'),
        ("rule: loss", "rule: lost", 'RL208 no rule "lost"; did you mean "loss"?'),
        ("policy: small", "polcy: small", 'RL102 unknown key "polcy"; did you mean "policy"?'),
        ("{below: 1}", "{below: one}", "RL103"),
        ("accounts_to_review: 0", "is_launched: yes", "RL103 is_launched is"),
        ("{contribution}", "{contribution:.2f}", "RL204 {contribution:.2f} takes a noun for one and for several"),
        ("{contribution}", "{contributoin}", 'did you mean "contribution"'),
    ],
)
def test_each_slip_is_named_with_what_to_do(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert old in GOOD
    _, problems = read(tmp_path, GOOD.replace(old, new, 1))
    assert any(expected in str(problem) for problem in problems), [str(problem) for problem in problems]


def test_every_problem_of_a_file_is_reported_at_once(tmp_path: Path) -> None:
    _, problems = read(
        tmp_path, GOOD.replace("roll-back\n", "rollback\n").replace("confidence: low", "confidence: slow")
    )
    assert len(problems) == 3  # the action of the rule, its confidence, the action of the example


def test_a_share_in_percent_is_refused(tmp_path: Path) -> None:
    _, problems = read(tmp_path, GOOD.replace("accounts_to_review: {below: 1}", "accounts_share: {below: 50}"))
    assert any("RL104 accounts_share is 50, but must be from 0 to 1" in str(problem) for problem in problems)


def test_an_unreadable_file_is_a_problem_and_not_a_crash(tmp_path: Path) -> None:
    problems: list[Problem] = []
    assert read_policies([(tmp_path / "none.yaml", "none.yaml")], problems) == {}
    assert problems[0].code == "RL001"
    assert read(tmp_path, "- a\n- b\n")[1][0].code == "RL103"


def test_the_shipped_policy_has_no_problem() -> None:
    problems: list[Problem] = []
    folder = shipped_folder("rules") / "decisions"
    policies = read_policies([(path, path.name) for path in sorted(folder.glob("*.yaml"))], problems)
    assert problems == []
    assert "default" in policies


def test_every_fact_says_what_it_means() -> None:
    assert all(spec.meaning for spec in FACTS.values())
