"""Decision policies: ordered rules over facts; the first that matches decides and is named."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from contextcheck.errors import Location, Problem
    from contextcheck.records import Action, Confidence

FactValue = str | float | bool | None
FactKind = Literal["text", "flag", "number", "share", "change", "money", "money_per_day"]

OPERATORS: tuple[str, ...] = ("is", "is_not", "above", "below", "at_least", "at_most")


@dataclass(frozen=True, slots=True)
class FactSpec:
    """One fact that rules may speak of: what it is and how it is written in a sentence."""

    kind: FactKind
    meaning: str
    choices: tuple[str, ...] = ()


_VERDICTS = ("supported", "partly", "contradicted", "not_testable", "too_flexible", "none")
_SIGNS = ("gain", "loss", "unclear", "not_measurable")


def _explanation_facts(kind: str, name: str) -> dict[str, FactSpec]:
    return {
        f"{kind}_verdict": FactSpec("text", f"verdict of the best active {name}; none when there is none", _VERDICTS),
        f"{kind}_title": FactSpec("text", f"its title ({name})"),
        f"{kind}_share": FactSpec("share", f"share of the excess that it explains ({name})"),
        f"{kind}_owner": FactSpec("text", f"who owns it ({name})"),
    }


FACTS: dict[str, FactSpec] = {
    "is_flagged": FactSpec("flag", "whether a metric departed from what was expected"),
    "metric": FactSpec("text", "the leading metric of the flag"),
    "direction": FactSpec("text", "up or down", ("up", "down")),
    "severity": FactSpec("text", "low, medium or high", ("low", "medium", "high")),
    "is_over": FactSpec("flag", "whether what was flagged ended a week ago or more, and only its days are judged"),
    "is_easing": FactSpec("flag", "whether what was flagged is wearing off"),
    "region": FactSpec("text", "the market"),
    "currency": FactSpec("text", "reporting currency of every amount"),
    "is_launched": FactSpec("flag", "whether a feature launched here is live in the window and has not ended since"),
    "feature": FactSpec("text", "the launched feature"),
    **_explanation_facts("norm", "norm"),
    **_explanation_facts("abuse", "abuse pattern"),
    **_explanation_facts("operational", "operational fault"),
    **_explanation_facts("measurement", "measurement fault"),
    "idle_norm_title": FactSpec("text", "a supported norm that is not active yet and so changes nothing"),
    "contradicted_norm_title": FactSpec("text", "an active norm that the data contradict"),
    "leading_kind": FactSpec(
        "text",
        "kind of the supported active explanation with the largest share; none when none takes a share of the excess",
        ("norm", "abuse", "operational", "measurement", "none"),
    ),
    "unexplained_share": FactSpec("share", "share of the excess that nothing explains"),
    "accounts_to_review": FactSpec("number", "accounts listed for a review"),
    "account_decisions": FactSpec("number", "reviews that they need: linked accounts are looked at together"),
    "accounts_share": FactSpec("share", "share of the excess that these accounts carry"),
    "contribution": FactSpec("money_per_day", "change of contribution per day"),
    "contribution_low": FactSpec("money_per_day", "low end of its interval"),
    "contribution_high": FactSpec("money_per_day", "high end of its interval"),
    "contribution_sign": FactSpec(
        "text",
        "gain or loss when the interval at finance's alpha lies on one side of 0, on the days the forecast rests on",
        _SIGNS,
    ),
    "deciding": FactSpec("money_per_day", "contribution on the days that the forecast rests on"),
    "deciding_low": FactSpec("money_per_day", "low end of its interval at finance's alpha"),
    "deciding_high": FactSpec("money_per_day", "high end of it"),
    "per_order": FactSpec("money_per_day", "the part of it that lies in what an order brings, not in their number"),
    "per_order_low": FactSpec("money_per_day", "low end of its interval at finance's alpha"),
    "per_order_high": FactSpec("money_per_day", "high end of it"),
    "per_order_sign": FactSpec("text", "gain or loss when this interval lies on one side of 0", _SIGNS),
    "contribution_rest": FactSpec(
        "money_per_day", "change of contribution, counted without the orders of the listed accounts"
    ),
    "rest_low": FactSpec("money_per_day", "low end of its interval"),
    "rest_high": FactSpec("money_per_day", "high end of its interval"),
    "rest_sign": FactSpec("text", "as contribution_sign, without the orders of the listed accounts", _SIGNS),
    "accounts_take": FactSpec("money_per_day", "what the listed accounts take from the contribution"),
    "accounts_pay_share": FactSpec(
        "share", "share of the listed accounts that must be abuse for acting on them to pay over the horizon"
    ),
    "counterfactual": FactSpec(
        "text", "what the money is compared with", ("ratio-did", "own-past", "exposed-split", "none")
    ),
    "has_controls": FactSpec("flag", "whether the money is compared with untouched regions or customers"),
    "controls": FactSpec("number", "how many control regions"),
    "sign_holds_at_margins": FactSpec(
        "flag",
        "whether the sign of the contribution is the same at gross margins of 20 % and 60 % (or the margin is known)",
    ),
    "order_value_change": FactSpec("change", "average order value as placed, change against the counterfactual"),
    "kept_order_value_change": FactSpec("change", "value kept per order, change against the counterfactual"),
    "horizon_days": FactSpec("number", "days over which finance looks ahead"),
    "roll_back_cost": FactSpec("money", "what a roll-back costs once"),
    "alpha": FactSpec("share", "accepted chance of a wrong roll-back"),
    "forecast": FactSpec("money_per_day", "contribution expected from now on, shrunk towards no effect"),
    "forecast_basis": FactSpec("text", "the days that the forecast rests on, where they differ from all judged days"),
    "forecast_raw": FactSpec("money_per_day", "contribution on those days, where they differ from all judged days"),
    "break_even": FactSpec("money_per_day", "contribution per day below which a roll-back pays"),
    "chance_of_loss": FactSpec("share", "chance that it loses money at all"),
    "chance_worth_roll_back": FactSpec("share", "chance that it loses more than a roll-back costs"),
    "cost_of_keeping": FactSpec("money", "expected loss over the horizon when it is kept"),
    "cost_of_rolling_back": FactSpec("money", "cost of a roll-back and of the gain given up with it"),
    "best_choice": FactSpec("text", "the cheapest by expected cost", ("keep", "roll-back", "wait")),
    "minimax": FactSpec("text", "the choice that can turn out less wrong within the interval", ("keep", "roll-back")),
    "answer": FactSpec("text", "when waiting will probably have answered, or why it will not"),
    "waiting_costs": FactSpec("money_per_day", "expected loss per day while nothing is done"),
    "immature": FactSpec("text", "what is not in yet, where the judged days leave open how it will come in"),
    "is_immature": FactSpec("flag", "whether the judged days leave open how many returns or refunds will come in"),
    "returns_turn_at": FactSpec("share", "share of the kept value that must come back later for the gain to be gone"),
    "returns_turn_late": FactSpec("share", "the same where most returns are not in yet"),
    "loss_over_horizon": FactSpec("money", "expected loss over the horizon by the forecast; 0 for a gain"),
    "is_loss_above_roll_back": FactSpec("flag", "whether the forecast loses more over the horizon than a roll-back"),
    "is_worst_case_above_roll_back": FactSpec("flag", "the same for the low end of the interval"),
    "regret_of_keeping": FactSpec("money", "most that keeping can lose over the horizon compared with rolling back"),
    "regret_of_rolling_back": FactSpec("money", "most that rolling back can lose compared with keeping"),
    "cost_of_acting": FactSpec("money", "what acting against everybody would cost, were they all good customers"),
    "break_even_abuse_share": FactSpec("share", "share of abuse among these orders above which acting pays"),
    "why_not_measurable": FactSpec("text", "why there is no contribution"),
    "flip": FactSpec("text", "the assumed cost that flips the sign soonest, and at which value"),
    "flip_second": FactSpec("text", "the next one"),
    "flip_roll_back": FactSpec("text", "at which cost of a roll-back, or how short a life, rolling back stops paying"),
    "flip_line": FactSpec("text", "the line that the explanation rests on, where it is assumed"),
    "flip_not_measured": FactSpec("text", "what is not measured and how large it would have to be to flip the sign"),
}
"""Every fact that a rule may use. A fact that is not known is None and never matches."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One fact compared by `is`, `is_not`, `above`, `below`, `at_least` or `at_most`; an unknown fact never matches.

    With `is` and `is_not`, `value` may be a list: is any of, is none of.
    """

    fact: str
    operator: str
    value: FactValue | tuple[str, ...]
    where: Location | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class PolicyExample:
    """Facts and the action they must give (run by the tests and `rules test`)."""

    name: str
    facts: Mapping[str, FactValue]
    expect: Action
    where: Location | None = field(default=None, compare=False)
    rule: str = ""


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """All conditions of `when` must hold; the sentences are templates over the facts.

    A sentence that names a fact which is not known is left out.
    """

    id: str
    when: tuple[Condition, ...]
    action: Action
    confidence: Confidence
    because: tuple[str, ...]
    would_change_if: tuple[str, ...]
    where: Location | None = field(default=None, compare=False)
    scope: str = "{region}"
    ask: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """A named list of rules; the last one has no condition, so that something always matches."""

    name: str
    rules: tuple[PolicyRule, ...]
    examples: tuple[PolicyExample, ...]
    where: Location | None = field(default=None, compare=False)


def read_policies(paths: Sequence[tuple[Path, str]], problems: list[Problem]) -> dict[str, Policy]:
    """Give the policies of some files by name; every problem of every file is added to `problems`.

    Args:
        paths: Files with the name that is shown for each.
        problems: Collects what is wrong.

    Returns:
        Policy by name; one from a later file replaces one of the same name.
    """
    from contextcheck.knowledge.policy_files import read_policy

    found = {}
    for path, shown_as in paths:
        policy = read_policy(path, shown_as, problems)
        if policy is not None:
            found[policy.name] = policy
    return found
