"""The frozen records that are handed from step to step.

Light on purpose: nothing here imports pandas or numpy. Tables travel as `contextcheck.panel.table.Panel`
and `contextcheck.panel.orders.Orders`. Ratios are 1 = unchanged, shares run from 0 to 1, no percents inside.
"Not known" is a value with a reason, never a missing row.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from contextcheck.errors import Location, Problem

Direction = Literal["up", "down"]
SeverityLevel = Literal["low", "medium", "high"]
ExplanationKind = Literal["norm", "abuse", "operational", "measurement"]
EntryStatus = Literal["draft", "trial", "active", "retired"]
SignResult = Literal["supports", "contradicts", "not_testable"]
Verdict = Literal["supported", "partly", "contradicted", "not_testable", "too_flexible"]
Weight = Literal["strong", "weak"]
LineStatus = Literal["measured", "assumed", "not_measured"]
Action = Literal["keep", "watch", "ask-local-team", "act-on-accounts", "fix", "roll-back"]
Confidence = Literal["low", "medium", "high"]
Decision = Literal["pass", "hold", "roll-back"]


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency; two currencies never add."""

    amount: Decimal
    currency: str

    def __add__(self, other: Money) -> Money:
        if self.currency != other.currency:
            raise ValueError(f"cannot add {self.currency} and {other.currency}: convert at a given rate first")
        return Money(self.amount + other.amount, self.currency)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its 95 % interval (another level where the holder says so), same unit for all three."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Window:
    """Local days from `start` to `end`, both included; open while the newest judged day belongs to it."""

    start: date
    end: date
    is_open: bool = False

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    def overlaps(self, other: Window) -> bool:
        return self.start <= other.end and other.start <= self.end

    def dates(self) -> tuple[date, ...]:
        return tuple(self.start + timedelta(days=i) for i in range(self.days))


@dataclass(frozen=True, slots=True)
class Launch:
    """A feature that went live in some regions on a local day; `end` is None while it is live."""

    feature: str
    regions: tuple[str, ...]
    start: date
    end: date | None = None
    where: Location | None = field(default=None, compare=False)


# ── detect → ───────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Observed:
    """What was seen in the window: events out of exposure; for a mean, `events` is the sum of values."""

    events: float
    exposure: float
    rate: float


@dataclass(frozen=True, slots=True)
class Expected:
    """What was to be expected there on those days: the rate and its 95 % prediction interval."""

    rate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class DailyPoint:
    """One local day of a flagged series, for pictures: observed and expected rate with its interval."""

    day: date
    observed: float | None
    expected: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Flag:
    """A region × metric × period that departs from expectation.

    One incident is one flag: metrics that moved in the same region on the same days are named in `related`
    (most telling first, the leading one is `metric`).
    """

    id: str
    rule: str
    metric: str
    region: str
    window: Window
    reference: Window
    direction: Direction
    severity: SeverityLevel
    observed: Observed
    expected: Expected
    excess_events: float
    relative_ratio: float
    q_value: float
    segment: Mapping[str, str] = field(default_factory=dict)
    related: tuple[RelatedMetric, ...] = ()
    daily: tuple[DailyPoint, ...] = ()


@dataclass(frozen=True, slots=True)
class RelatedMetric:
    """Another metric of the same incident."""

    metric: str
    direction: Direction
    observed_rate: float
    expected_rate: float
    q_value: float


# ── explain → ──────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact comes from; grade A (law, peer-reviewed) to D (unsourced)."""

    title: str
    url: str
    year: str
    grade: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """The result of testing one sign.

    `role` says whether the entry lists it under `signs` or under `contradicted_by`. `result` is already from the
    explanation's point of view: a `contradicted_by` sign that holds has the result "contradicts"; one that does
    not hold "supports" nothing and is reported as "supports" with weight weak.
    """

    test: str
    result: SignResult
    sentence: str
    weight: Weight
    role: Literal["sign", "contradicted_by"] = "sign"
    effect: Estimate | None = None
    unit: str = ""
    n: int = 0
    p_value: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Placebo:
    """How often the same explanation would have "explained" quiet periods and other regions."""

    rate: float
    n: int


@dataclass(frozen=True, slots=True)
class ExplanationResult:
    """One candidate cause of a flag after its signs were tested."""

    id: str
    kind: ExplanationKind
    title: str
    status: EntryStatus
    verdict: Verdict
    evidence: tuple[Evidence, ...]
    share_explained: Estimate | None = None
    share_reason: str = ""
    placebo: Placebo | None = None
    sources: tuple[Source, ...] = ()
    owner: str = ""
    version: str = ""
    ask: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    text: Mapping[str, str] = field(default_factory=dict)
    where: Location | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class SuspectAccount:
    """An account worth a review; `account` is the raw id, pseudonymised only where it is shown."""

    account: str
    score: float
    reasons: tuple[str, ...]
    group: str = ""


@dataclass(frozen=True, slots=True)
class AccountReview:
    """The accounts of a flag that are worth a review and the share of the excess they carry."""

    review: tuple[SuspectAccount, ...] = ()
    share_of_excess: float = 0.0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Driver:
    """A segment that carries a share of the excess."""

    dimension: str
    value: str
    share_of_excess: float


@dataclass(frozen=True, slots=True)
class Explained:
    """Everything the explain step found out about one flag."""

    explanations: tuple[ExplanationResult, ...]
    unexplained_share: Estimate | None
    accounts: AccountReview
    drivers: tuple[Driver, ...] = ()
    problems: tuple[Problem, ...] = ()


# ── impact → ───────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class MoneyEstimate:
    """Money with its interval; the level is stated by the ledger."""

    value: Decimal
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One money line per day against the counterfactual; positive is a gain for the shop.

    `within` names the line that this one is a part of (shown, not added); empty for the lines that add up.
    """

    id: str
    title: str
    per_day: MoneyEstimate | None
    status: LineStatus
    basis: str
    within: str = ""


@dataclass(frozen=True, slots=True)
class OrderValue:
    """Average order value (as placed, and as kept) before and after, with the change as a ratio."""

    placed_before: Decimal
    placed_after: Decimal
    placed_change_ratio: Estimate
    kept_before: Decimal | None
    kept_after: Decimal | None
    kept_change_ratio: Estimate | None


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """What the figures are compared with, in words and by name."""

    method: Literal["ratio-did", "own-past", "exposed-split"]
    controls: tuple[str, ...]
    dropped: Mapping[str, str]
    before: Window
    after: Window
    sentence: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """The money of a flag or of a launched region: contribution per day, its lines and what acting would cost."""

    currency: str
    counterfactual: Counterfactual | None
    contribution_per_day: MoneyEstimate | None
    confidence_level: float
    lines: tuple[LedgerLine, ...]
    order_value: OrderValue | None
    break_even_abuse_share: float | None
    cost_of_acting: Decimal | None
    cost_of_waiting_per_day: Decimal | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DailyEffect:
    """What a launch changed per local day against the counterfactual, in the reporting currency per day.

    `days` are consecutive matured days since the launch; `effect` the difference of contribution to the counterfactual
    on each; `noise` its standard deviation on days without any effect (from the days before the launch, serial
    dependence included); `base_per_day` the counterfactual's contribution per day; `days_before` how many quiet days
    the counterfactual rests on.
    """

    region: str
    days: tuple[date, ...]
    effect: tuple[float, ...]
    noise: float
    base_per_day: float
    currency: str
    reason: str = ""
    days_before: int = 0


# ── decide → ───────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What to do, why, and what would change it; `rule` and `where` name the policy line that decided."""

    action: Action
    scope: str
    confidence: Confidence
    rule: str
    reasons: tuple[str, ...]
    would_change_if: tuple[str, ...]
    ask: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    where: Location | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Finding:
    """A flag with everything that was found out about it."""

    flag: Flag
    explained: Explained
    ledger: Ledger
    recommendation: Recommendation


@dataclass(frozen=True, slots=True)
class InputFile:
    """An input that was read, so that a run can be repeated."""

    name: str
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True)
class KnowledgeFile:
    """A definition file that was read."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Unavailable:
    """A metric or a sign that cannot be had, and the columns that it lacks."""

    name: str
    title: str
    missing_columns: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MetricInfo:
    """How a metric is called and counted, for those who show it."""

    id: str
    title: str
    kind: Literal["rate", "count", "mean", "sum"]
    unit: str


@dataclass(frozen=True, slots=True)
class Run:
    """What was read and with which settings; the same run gives the same findings."""

    id: str
    version: str
    as_of: date
    seed: int
    inputs: tuple[InputFile, ...]
    knowledge: tuple[KnowledgeFile, ...]
    settings: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Investigation:
    """The whole result of a scan."""

    run: Run
    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]
    regions: tuple[str, ...]
    orders: int
    launches: tuple[Launch, ...]
    metrics: Mapping[str, MetricInfo]
    unavailable: tuple[Unavailable, ...]
    region_names: Mapping[str, str] = field(default_factory=dict)


# ── gate → ─────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class RegionVerdict:
    """The gate's decision for one launched region."""

    region: str
    decision: Decision
    recommendation: Recommendation
    ledger: Ledger
    explanations: tuple[ExplanationResult, ...]
    accounts: AccountReview
    reasons: tuple[str, ...]
    flag_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """The gate's decision on a feature over all its regions."""

    feature: str
    decision: Decision
    as_of: date
    alpha: float
    regions: tuple[RegionVerdict, ...]
    run: Run
    problems: tuple[Problem, ...] = ()
