"""The first rule of a policy whose conditions hold decides; it is named with its file and line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contextcheck.decide.wording import filled
from contextcheck.records import Recommendation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from contextcheck.knowledge.policies import Condition, FactValue, Policy, PolicyRule
    from contextcheck.records import Confidence, Explained, ExplanationResult, Outlook

MIN_CONTROLS_FOR_HIGH = 3
_MAX_TEXTS = 5


def decide(
    policy: Policy, facts: Mapping[str, FactValue], explained: Explained | None, looked_ahead: Outlook | None = None
) -> Recommendation:
    """Give the recommendation of the first matching rule.

    Args:
        policy: The rules, in order; the last one always matches.
        facts: Every known fact, see `facts_of`.
        explained: The tested explanations, for the questions and the advice of those that hold.
        looked_ahead: What keeping, rolling back and waiting are expected to cost; handed on with the advice.

    Returns:
        Action, reasons and what would change it; `rule` is the rule's id, `where` its place. Whatever the rule, a
        local practice that the data contradict is named, and so is one that would hold but is not active.
    """
    rule = first_match(policy, facts)
    currency = str(facts.get("currency") or "")
    told = _supported(explained)
    scope = filled([rule.scope], facts, currency)
    return Recommendation(
        action=rule.action,
        scope=scope[0] if scope else str(facts.get("region") or ""),
        confidence=_confidence(rule, facts),
        rule=rule.id,
        reasons=_reasons(rule, facts, currency),
        would_change_if=filled(rule.would_change_if, facts, currency),
        ask=_joined(filled(rule.ask, facts, currency), (text for each in told for text in each.ask)),
        advice=_joined(filled(rule.advice, facts, currency), _advice(told)),
        where=rule.where,
        outlook=looked_ahead,
    )


ALWAYS_SAID = (
    "{contradicted_norm_title}: contradicted by the data; it excuses nothing here",
    "{idle_norm_title}: holds, but is not active and changes nothing",
    "{forecast_basis} say {forecast_raw}, the other days something else: they decide",
    "{immature}",
)
"""Said under every rule where it is known."""


def _reasons(rule: PolicyRule, facts: Mapping[str, FactValue], currency: str) -> tuple[str, ...]:
    return (*filled(rule.because, facts, currency), *filled(ALWAYS_SAID, facts, currency))


def first_match(policy: Policy, facts: Mapping[str, FactValue]) -> PolicyRule:
    """The first rule all of whose conditions hold."""
    for rule in policy.rules:
        if all(holds(condition, facts.get(condition.fact)) for condition in rule.when):
            return rule
    raise AssertionError(f"the last rule of {policy.name} must have no condition")


def holds(condition: Condition, value: FactValue) -> bool:
    """Whether a fact fulfils a condition; an unknown fact never does.

    Example:
        >>> from contextcheck.knowledge.policies import Condition
        >>> holds(Condition("accounts_to_review", "at_least", 1.0), 31.0)
        True
        >>> holds(Condition("accounts_to_review", "below", 1.0), None)
        False
    """
    if value is None:
        return False
    wanted = condition.value
    if condition.operator in ("is", "is_not"):
        is_equal = value in wanted if isinstance(wanted, tuple) else value == wanted
        return is_equal == (condition.operator == "is")
    assert isinstance(value, (int, float)), condition
    assert isinstance(wanted, (int, float)), condition
    return {
        "above": value > wanted,
        "below": value < wanted,
        "at_least": value >= wanted,
        "at_most": value <= wanted,
    }[condition.operator]


def _confidence(rule: PolicyRule, facts: Mapping[str, FactValue]) -> Confidence:
    """The rule's own; high needs enough control regions (or a split of customers) and no sign on an assumed margin."""
    controls = facts.get("controls")
    is_thin = isinstance(controls, (int, float)) and controls < MIN_CONTROLS_FOR_HIGH
    is_thin = is_thin and facts.get("counterfactual") != "exposed-split"
    uses_money = any(condition.fact in _MONEY_FACTS for condition in rule.when)
    if rule.confidence == "high" and uses_money and (is_thin or facts.get("sign_holds_at_margins") is False):
        return "medium"
    return rule.confidence


_MONEY_FACTS = frozenset({"contribution", "contribution_sign", "rest_sign", "is_loss_above_roll_back"})


def _supported(explained: Explained | None) -> list[ExplanationResult]:
    """Explanations that hold and may speak: active, supported first, then partly; the largest share first."""
    if explained is None:
        return []
    held = [
        each for each in explained.explanations if each.status == "active" and each.verdict in ("supported", "partly")
    ]
    return sorted(held, key=lambda each: (each.verdict != "supported", -_share(each)))


def _advice(told: Sequence[ExplanationResult]) -> Iterator[str]:
    """The advice of explanations that hold in full; one that holds in part is worth a question, no advice."""
    return (text for each in told if each.verdict == "supported" for text in each.advice)


def _share(explanation: ExplanationResult) -> float:
    return explanation.share_explained.value if explanation.share_explained else 0.0


def _joined(first: Iterable[str], second: Iterable[str]) -> tuple[str, ...]:
    """Both, without repeats, not more than a reader can use."""
    return tuple(dict.fromkeys((*first, *second)))[:_MAX_TEXTS]
