"""Gate policies: rules/gates/*.yaml become records; every problem is collected with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from contextcheck.errors import DefinitionError, Location, Problem, SettingsError, nearest
from contextcheck.knowledge.expressions import Expression, parse_expression
from contextcheck.yamlio.document import MapNode, read_file
from contextcheck.yamlio.fields import Fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from contextcheck.knowledge.source_files import Layer, SourceFile

PREFIX = "RL"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class GuardrailRule:
    """A metric that must not get worse by more than a margin; `margin` is a share of its usual level."""

    metric: str
    worse: Literal["up", "down"]
    margin: float
    is_optional: bool
    where: Location | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class HardStops:
    """What stops a feature at once.

    Attributes:
        failed: Which orders have failed; None to leave the stop out.
        failed_share: Share of a day's exposed orders from which the feature stops.
        times_usual: And how many times the usual share it must be.
        min_orders: Orders a day below which nothing is said.
        revenue_to_zero: Whether orders without revenue, or no orders at all in a market that is loaded, stop it.
    """

    failed: Expression | None
    failed_share: float
    times_usual: float
    min_orders: int
    revenue_to_zero: bool


@dataclass(frozen=True, slots=True)
class DataGuards:
    """When the data are not good enough to judge on; `exposed_share` is the share of customers meant to see it."""

    fresh_within_days: int
    late_days: int
    partial_below: float
    sample_ratio_p: float
    exposed_share: float | None


@dataclass(frozen=True, slots=True)
class GatePolicy:
    """How a launched feature is judged; see the comments of rules/gates/default.yaml."""

    name: str
    judge: tuple[str, ...]
    cheap_alpha: float
    cheap_to_days: float
    dear_from_days: float
    roll_back_days: float
    watch_days: int
    pass_after_days: int
    prior_share: float
    min_share_explained: float
    guardrails: tuple[GuardrailRule, ...]
    hard_stops: HardStops
    data: DataGuards
    shown: str = ""
    sha256: str = ""


def read_gate_policies(layers: Iterable[Layer], problems: list[Problem]) -> dict[str, GatePolicy]:
    """Give the gate policies of all layers by name; a later layer's replaces one of the same name."""
    found: dict[str, GatePolicy] = {}
    for layer in layers:
        for source in layer.rule_files("gates"):
            policy = read_gate_policy(source, problems)
            if policy is not None:
                found[policy.name] = policy
    return found


def choose_gate_policy(layers: Iterable[Layer], name: str, metrics: Iterable[str]) -> GatePolicy:
    """Give the policy of a name.

    Raises:
        DefinitionError: A file under rules/gates/ is wrong, or names a metric that nobody defines.
        SettingsError: There is no policy of this name.
    """
    problems: list[Problem] = []
    policies = read_gate_policies(layers, problems)
    if not problems and name in policies:
        problems += unknown_guardrails(policies[name], metrics)
    if any(problem.severity == "error" for problem in problems):
        raise DefinitionError(*problems)
    if name not in policies:
        raise SettingsError(Problem("ST150", "--policy", f'there is no gate policy "{name}"{nearest(name, policies)}'))
    return policies[name]


def unknown_guardrails(policy: GatePolicy, metrics: Iterable[str]) -> list[Problem]:
    """A guardrail on a metric that nobody defines would never be broken, so it is an error."""
    known = set(metrics)
    return [
        Problem(
            "RL250", str(each.where or policy.shown), f'unknown metric "{each.metric}"{nearest(each.metric, known)}'
        )
        for each in policy.guardrails
        if each.metric not in known
    ]


def read_gate_policy(source: SourceFile, problems: list[Problem]) -> GatePolicy | None:
    """Give the policy of one file, or None when it cannot be read at all."""
    root, found = read_file(source.path, PREFIX, shown_as=source.shown)
    problems.extend(found)
    if not isinstance(root, MapNode):
        if not found:
            problems.append(Problem("RL103", source.shown, 'a gate policy is a mapping that begins with "gate: NAME"'))
        return None
    top = Fields(root, problems, PREFIX)
    alpha = top.mapping("alpha")
    policy = GatePolicy(
        name=top.text("gate", required=True),
        judge=top.texts("judge") or ("contribution", "kept_value", "placed_value", "revenue", "orders"),
        cheap_alpha=alpha.number("cheap", 0.20, low=0.0001, high=0.49) if alpha else 0.20,
        cheap_to_days=alpha.number("cheap_to_days", 0.5, low=0.01, high=1000) if alpha else 0.5,
        dear_from_days=alpha.number("dear_from_days", 3, low=0.02, high=1000) if alpha else 3.0,
        roll_back_days=top.number("roll_back_days", 3, low=0.01, high=1000),
        watch_days=top.whole("watch_days", 28, low=7, high=182),
        pass_after_days=top.whole("pass_after_days", 7, low=1, high=182),
        prior_share=top.number("prior_share", 0.03, low=0.001, high=1),
        min_share_explained=top.share("min_share_explained", 0.5),
        guardrails=tuple(_guardrail(each) for each in top.mappings("guardrails")),
        hard_stops=_hard_stops(top),
        data=_data(top),
        shown=source.shown,
        sha256=source.sha256,
    )
    if alpha:
        if policy.cheap_to_days >= policy.dear_from_days:
            alpha.problem("104", alpha.where, "cheap_to_days must be less than dear_from_days")
        alpha.finish()
    top.finish()
    return policy


def _guardrail(entry: Fields) -> GuardrailRule:
    metric = entry.text("metric", required=True)
    if metric and not _NAME.fullmatch(metric):
        entry.problem("210", entry.place("metric"), f'"{metric}" is no name of a metric')
    rule = GuardrailRule(
        metric=metric,
        worse=entry.choice("worse", ("up", "down")),
        margin=entry.number("margin", low=0.001, high=100),
        is_optional=entry.boolean("optional", default=False),
        where=entry.where,
    )
    entry.finish()
    return rule


def _hard_stops(top: Fields) -> HardStops:
    entry = top.mapping("hard_stops")
    if entry is None:
        return HardStops(None, 1.0, 1.5, 30, revenue_to_zero=False)
    text = entry.text("failed")
    stops = HardStops(
        failed=parse_expression(text, entry.place("failed"), top.problems, prefix=PREFIX) if text else None,
        failed_share=entry.share("failed_share", 0.5),
        times_usual=entry.number("times_usual", 1.5, low=1, high=100),
        min_orders=entry.whole("min_orders", 30, low=1),
        revenue_to_zero=entry.boolean("revenue_to_zero", default=True),
    )
    if stops.failed is not None and stops.failed.type != "boolean":
        entry.problem("205", entry.place("failed"), "failed must be a condition, such as status = 'cancelled'")
    entry.finish()
    return stops


def _data(top: Fields) -> DataGuards:
    entry = top.mapping("data")
    if entry is None:
        return DataGuards(3, 2, 0.4, 0.001, None)
    guards = DataGuards(
        fresh_within_days=entry.whole("fresh_within_days", 3, low=1),
        late_days=entry.whole("late_days", 2, low=1),
        partial_below=entry.share("partial_below", 0.4),
        sample_ratio_p=entry.share("sample_ratio_p", 0.001),
        exposed_share=entry.number("exposed_share", low=0.001, high=0.999) if entry.has("exposed_share") else None,
    )
    entry.finish()
    return guards


def policy_facts(policy: GatePolicy) -> Mapping[str, str]:
    """Name and hash of a policy, for the evidence pack and the file frozen at the launch."""
    return {"name": policy.name, "path": policy.shown, "sha256": policy.sha256}
