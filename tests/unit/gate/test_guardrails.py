"""Guardrails: inside the margin, beyond it, or not known yet."""

from __future__ import annotations

from dataclasses import replace

import pytest
from unit.gate.test_judge import POLICY, effect_of, verdict_of

from contextcheck.gate.guardrails import judge_guardrail
from contextcheck.knowledge.gate_policies import GuardrailRule
from contextcheck.records import DailyEffect, Guardrail

RISE = GuardrailRule("return_rate", "up", 0.5, is_optional=True)


def rate_effect(mean: float, noise: float = 0.005) -> DailyEffect:
    """Effects on a return rate of 4 %; 28 days, 56 before: standard error = noise x sqrt(1/28 + 1/56) = 0.231 noise."""
    scaled = effect_of(0.0, days=28, noise=1.0)
    effects = tuple(mean + each * noise for each in scaled.effect)
    return replace(scaled, effect=effects, noise=noise, base_per_day=0.04)


@pytest.mark.parametrize(
    ("mean", "noise", "state"),
    [
        (0.0, 0.005, "holds"),  # bound 1.645 x 0.00116 / 0.04 = 5 %
        (0.04, 0.005, "broken"),  # +100 %, at least +95 %
        (0.019, 0.005, "open"),  # +47.5 %, up to +52 %
        (0.0, 0.06, "open"),  # far too noisy
    ],
)
def test_a_guardrail_holds_is_broken_or_is_open(mean: float, noise: float, state: str) -> None:
    found = judge_guardrail(RISE, rate_effect(mean, noise), 0.05)
    assert found.state == state
    assert found.change == pytest.approx(mean / 0.04, abs=1e-9)


def test_the_bound_is_the_normal_one() -> None:
    # (0.01 + 1.6449 x 0.005 x sqrt(1/28 + 1/56)) / 0.04 = 0.25 + 0.0476
    assert judge_guardrail(RISE, rate_effect(0.01), 0.05).bound == pytest.approx(0.2976, abs=0.0003)


def test_the_bad_direction_counts_and_the_good_one_does_not() -> None:
    fall = GuardrailRule("orders", "down", 0.1, is_optional=True)
    assert judge_guardrail(fall, rate_effect(-0.012), 0.05).state == "broken"
    assert judge_guardrail(fall, rate_effect(+0.012), 0.05).state == "holds"
    assert judge_guardrail(RISE, rate_effect(-0.03), 0.05).state == "holds"


def test_too_few_days_are_not_measurable() -> None:
    few = replace(rate_effect(0.0), days=rate_effect(0.0).days[:5], effect=rate_effect(0.0).effect[:5])
    assert judge_guardrail(RISE, few, 0.05).state == "not_measurable"


def test_a_broken_guardrail_holds_a_pass_and_never_excuses_a_loss() -> None:
    broken = Guardrail("return_rate", "up", 0.5, 0.9, 0.7, 28, "broken")
    passed = verdict_of(effect_of(4120), guardrails=(broken,))
    assert passed.decision == "hold"
    assert any("guardrail return_rate +90%, certainly beyond +50%" in reason for reason in passed.reasons)
    assert verdict_of(effect_of(-1930), guardrails=(broken,)).decision == "roll-back"


def test_a_guardrail_that_must_be_there_and_is_not_holds() -> None:
    missing = Guardrail("return_rate", "up", 0.5, None, None, 0, "not_measurable", "the data have no return_rate")
    assert verdict_of(effect_of(4120), guardrails=(missing,)).decision == "pass"  # optional in the shipped policy
    assert "guardrails not measured: return_rate" in verdict_of(effect_of(4120), guardrails=(missing,)).reasons
    assert POLICY.guardrails[1].is_optional
    needed = replace(missing, metric="complaints")
    assert verdict_of(effect_of(4120), guardrails=(needed,)).decision == "hold"
