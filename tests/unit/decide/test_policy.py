"""The shipped policy: every example, and what it must never do."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from contextcheck.decide.policy import decide, first_match
from contextcheck.errors import Problem
from contextcheck.knowledge.policies import FactValue, Policy, PolicyExample, read_policies
from contextcheck.knowledge.shipped import shipped_folder


def shipped() -> Policy:
    problems: list[Problem] = []
    path = shipped_folder("rules") / "decisions" / "default.yaml"
    return read_policies([(path, "rules/decisions/default.yaml")], problems)["default"]


POLICY = shipped()


@pytest.mark.parametrize("example", POLICY.examples, ids=lambda example: example.name)
def test_each_example_of_the_policy_gives_its_action(example: PolicyExample) -> None:
    rule = first_match(POLICY, example.facts)
    assert rule.action == example.expect
    assert example.rule in ("", rule.id)


def test_every_rule_is_reached_by_an_example() -> None:
    reached = {first_match(POLICY, example.facts).id for example in POLICY.examples}
    assert {rule.id for rule in POLICY.rules} - reached == set()


def every_situation() -> Iterator[dict[str, FactValue]]:
    """All combinations of the facts that rules speak of, with money that agrees with itself."""
    verdicts = ("supported", "partly", "contradicted", "none")
    money = (("gain", 900.0), ("unclear", 20.0), ("unclear", -20.0), ("loss", -900.0), ("not_measurable", None))
    for norm, abuse, operational, measured, (
        sign,
        value,
    ), controls, launched, dear, accounts, margin in itertools.product(
        verdicts,
        ("supported", "contradicted"),
        ("supported", "none"),
        ("supported", "none"),
        money,
        (True, False),
        (True, False),
        (True, False),
        (0.0, 30.0),
        (True, False),
    ):
        held = [
            kind
            for kind, verdict in (
                ("measurement", measured),
                ("operational", operational),
                ("abuse", abuse),
                ("norm", norm),
            )
            if verdict == "supported"
        ]
        yield {
            "is_flagged": True,
            "region": "KR",
            "currency": "USD",
            "feature": "bar",
            "is_launched": launched,
            "norm_verdict": norm,
            "abuse_verdict": abuse,
            "operational_verdict": operational,
            "measurement_verdict": measured,
            "leading_kind": held[0] if held else "none",
            "accounts_to_review": accounts,
            "accounts_share": 0.3 if accounts else 0.0,
            "accounts_pay_share": 0.4 if accounts else None,
            "contribution": value,
            "contribution_sign": sign,
            "rest_sign": sign,
            "has_controls": controls and sign != "not_measurable",
            "is_loss_above_roll_back": None if value is None else (dear and value < 0),
            "is_worst_case_above_roll_back": None if value is None else dear,
            "sign_holds_at_margins": margin,
            "severity": "high",
        }


def test_over_every_situation_the_policy_keeps_its_promises() -> None:
    for facts in every_situation():
        action = first_match(POLICY, facts).action
        told = {key: facts[key] for key in facts}
        if action == "roll-back":
            is_proven = facts["contribution_sign"] == "loss"
            assert is_proven or facts["operational_verdict"] == "supported", told
            assert facts["contribution_sign"] in ("loss", "unclear"), told
            assert facts["has_controls"], told
            assert facts["is_launched"], told
            assert facts["is_loss_above_roll_back"], told
        if action == "keep":
            assert facts["has_controls"], told
            assert facts["contribution_sign"] in ("gain", "unclear"), told
            assert facts["norm_verdict"] == "supported", told
        if action == "act-on-accounts":
            assert facts["accounts_to_review"], told
            assert facts["abuse_verdict"] == "supported", told
        if facts["measurement_verdict"] == "supported":
            assert action == "fix", told


def test_a_proven_dear_loss_of_a_launch_is_never_kept_or_only_watched() -> None:
    for facts in every_situation():
        is_proven = facts["contribution_sign"] == "loss" and facts["has_controls"] and facts["sign_holds_at_margins"]
        if is_proven and facts["is_launched"] and facts["is_loss_above_roll_back"]:
            assert first_match(POLICY, facts).action in ("roll-back", "fix"), facts


def test_a_practice_that_is_contradicted_or_only_a_draft_never_makes_an_action_milder() -> None:
    for facts in every_situation():
        if facts["norm_verdict"] == "contradicted":
            without = first_match(POLICY, {**facts, "norm_verdict": "none"})
            assert first_match(POLICY, facts).action == without.action, facts
            idle = {**facts, "norm_verdict": "none", "idle_norm_title": "a draft"}
            assert first_match(POLICY, idle).action == without.action, facts


def test_a_practice_at_a_loss_is_never_simply_kept_and_its_customers_are_not_acted_on() -> None:
    for facts in every_situation():
        if facts["norm_verdict"] != "supported" or facts["contribution_sign"] != "loss":
            continue
        rule = first_match(POLICY, facts)
        assert rule.action != "keep", facts
        if facts["abuse_verdict"] != "supported":
            assert rule.action != "act-on-accounts", facts
        advises = any(word in text for text in rule.advice for word in ("line", "policy"))
        others = {"fix", "act-on-accounts"}
        if rule.id not in ("loss-hangs-on-the-margin",) and rule.action not in others and "fault" not in rule.id:
            assert advises, rule.id


@pytest.mark.parametrize("rule", [rule.id for rule in POLICY.rules])
def test_under_every_rule_a_contradicted_practice_is_said(rule: str) -> None:
    example = next(each for each in POLICY.examples if first_match(POLICY, each.facts).id == rule)
    told = decide(POLICY, {**example.facts, "region": "KR", "contradicted_norm_title": "Padding"}, None)
    assert told.rule == rule
    assert "Padding: contradicted by the data; it excuses nothing here" in told.reasons


def test_waiting_is_never_the_answer_to_a_loss_that_waiting_does_not_pay_for() -> None:
    for facts in every_situation():
        facts = {**facts, "best_choice": "roll-back"}
        assert first_match(POLICY, facts).id not in ("loss-but-waiting-pays",), facts


def test_the_recommendation_names_its_rule_and_its_place() -> None:
    example = next(each for each in POLICY.examples if each.rule == "practice-pays")
    facts = {**example.facts, "region": "KR", "currency": "USD", "norm_title": "Padding", "norm_share": 0.86}
    found = decide(POLICY, facts, None)
    assert found.rule == "practice-pays"
    assert found.where is not None
    assert found.where.path == "rules/decisions/default.yaml"
    assert found.reasons[0] == "Padding: supported, explains 86 % of the excess"


def test_a_sentence_whose_fact_is_not_known_is_left_out() -> None:
    found = decide(POLICY, {"region": "KR", "currency": "USD"}, None)
    assert found.action == "watch"
    assert found.reasons == ("nothing that is known calls for more",)


def test_few_controls_lower_the_confidence() -> None:
    example = next(each for each in POLICY.examples if each.rule == "practice-pays")
    assert decide(POLICY, {**example.facts, "controls": 7.0}, None).confidence == "high"
    assert decide(POLICY, {**example.facts, "controls": 1.0}, None).confidence == "medium"
