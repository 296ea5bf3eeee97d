"""What the gate hands over: reasons with their figures, guardrails, the verdict of a region and of the feature."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from decimal import Decimal

    from contextcheck.errors import Problem
    from contextcheck.records.causes import AccountReview, ExplanationResult
    from contextcheck.records.ledger import Ledger
    from contextcheck.records.results import Recommendation, Run
    from contextcheck.records.values import Decision

ReasonKind = Literal[
    "harm",
    "worth",
    "benefit",
    "waiting",
    "hard-stop",
    "data",
    "guardrail",
    "flag",
    "context",
    "policy",
    "exception",
    "known",
]
GuardrailState = Literal["holds", "open", "broken", "not_measurable"]


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason of a verdict: a sentence, and the figures behind it.

    Attributes:
        kind: What sort of reason it is.
        text: The sentence for people.
        metric: What was judged; empty when the reason is about no metric.
        value: What was measured, in `unit`.
        bound: The bound that decided.
        limit: What the bound was compared with.
        n: Days, orders or customers behind it; 0 when none.
        unit: Unit of value, bound and limit.
        flag: Id of the flag it rests on.
        speaks_for: The decision that this reason alone would give; empty for a remark.
        entry: Knowledge entry with its version, when one accounts for the metric.
        evidence: What the entry's signs found, in sentences.
    """

    kind: ReasonKind
    text: str
    metric: str = ""
    value: float | None = None
    bound: float | None = None
    limit: float | None = None
    n: int = 0
    unit: str = ""
    flag: str = ""
    speaks_for: Decision | Literal[""] = ""
    entry: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Guardrail:
    """A metric that must not get worse by more than a margin, judged for this look alone (non-inferiority).

    Attributes:
        metric: The metric.
        direction: The way in which it would be worse.
        margin: Accepted change, as a share of the usual level.
        change: Measured change, as a share of the usual level; None when it cannot be measured.
        bound: The one-sided bound in the bad direction.
        n: Days judged.
        state: holds (the bound is inside the margin), broken (certainly beyond it), open, or not measurable.
        reason: Why it cannot be measured.
    """

    metric: str
    direction: Literal["up", "down"]
    margin: float
    change: float | None
    bound: float | None
    n: int
    state: GuardrailState
    reason: str = ""


@dataclass(frozen=True, slots=True)
class GateFigures:
    """The figures of one region, as the gate judged them.

    Attributes:
        metric: What was judged, such as contribution.
        unit: What is independent: "day" or "customer".
        currency: Of the amounts; empty for a metric that is no money.
        days: Matured days judged.
        mean: Mean effect per day since the launch.
        upper: Anytime-valid upper bound, the smallest so far.
        upper_now: The same on the newest day alone.
        lower: Lower bound of this look.
        recent: Expected effect per day by the newest week, shrunk.
        break_even: Loss per day above which a roll-back pays.
        alpha: Chance of ever rolling this region back without harm.
        roll_back_days: Cost of a roll-back, in days of the region's usual contribution.
        level_per_day: That usual contribution, before the launch.
        harm_since_day: Day from which on the upper bound is below zero; 0 when it is not.
    """

    metric: str
    unit: str
    currency: str
    days: int
    mean: float
    upper: float
    upper_now: float
    lower: float
    recent: float
    break_even: float
    alpha: float
    roll_back_days: float
    level_per_day: float
    harm_since_day: int


@dataclass(frozen=True, slots=True)
class RegionVerdict:
    """The gate's decision for one launched region.

    `reasons` are the sentences of `lines`; `without_context` is what the decision would be if no explanation counted;
    `is_known` says that a baseline already had it, no better.
    """

    region: str
    decision: Decision
    recommendation: Recommendation
    ledger: Ledger
    explanations: tuple[ExplanationResult, ...]
    accounts: AccountReview
    reasons: tuple[str, ...]
    flag_ids: tuple[str, ...] = ()
    lines: tuple[Reason, ...] = ()
    figures: GateFigures | None = None
    guardrails: tuple[Guardrail, ...] = ()
    without_context: Decision | None = None
    is_known: bool = False
    exception: str = ""


@dataclass(frozen=True, slots=True)
class GateException:
    """A roll-back or a hold that somebody answers for until a day.

    Attributes:
        regions: Where it holds; empty for every region of the feature.
        metrics: Guardrails or flagged metrics it covers; empty covers the whole verdict of the region.
        owner: Who answers for it.
        reason: Why.
        expires: The last day on which it holds.
        where: Place in the file.
    """

    feature: str
    regions: tuple[str, ...]
    metrics: tuple[str, ...]
    owner: str
    reason: str
    expires: date
    where: str = ""


@dataclass(frozen=True, slots=True)
class Frozen:
    """What was written down at the launch; a gate that differs from it is refused.

    Attributes:
        path: The file.
        sha256: Its hash.
        values: Key to value, as text.
        levels: Region to its usual contribution per day before the launch.
        alphas: Region to its alpha before it is shared.
    """

    path: str
    sha256: str
    values: Mapping[str, str]
    levels: Mapping[str, float]
    alphas: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """The gate's decision on a feature over all its regions.

    `exit_code` is None until the command line has said what a hold ends with; `asked` is what the gate was asked for,
    so that it can be asked again.
    """

    feature: str
    decision: Decision
    as_of: date
    alpha: float
    regions: tuple[RegionVerdict, ...]
    run: Run
    problems: tuple[Problem, ...] = ()
    policy: str = ""
    input_kind: Literal["orders", "panel", "findings"] = "orders"
    frozen: Frozen | None = None
    asked: Mapping[str, object] = field(default_factory=dict)
    exceptions: tuple[GateException, ...] = ()
    is_dry_run: bool = False
    exit_code: int | None = None
    would_exit: int | None = None
    roll_back_cost: Decimal | None = None
    horizon_days: int = 0
