"""What the decide step, the gate and a whole run hand over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from decimal import Decimal

    from contextcheck.errors import Location, Problem
    from contextcheck.records.causes import Assumption, Explained
    from contextcheck.records.flags import Flag
    from contextcheck.records.ledger import Ledger, LedgerLine, MoneyEstimate
    from contextcheck.records.values import Action, Confidence, Launch


@dataclass(frozen=True, slots=True)
class Waiting:
    """What so many more days of data are worth (better decisions, over the horizon) and what they cost meanwhile."""

    days: int
    value: Decimal
    cost: Decimal


@dataclass(frozen=True, slots=True)
class Outlook:
    """The money looked at ahead: what keeping, rolling back and waiting are expected to cost over finance's horizon.

    Attributes:
        horizon_days: Days over which finance looks ahead.
        alpha: Accepted chance of a wrong roll-back.
        roll_back_cost: What a roll-back costs once.
        forecast_per_day: Contribution per day that is expected from now on, shrunk towards no effect.
        forecast_error: Its standard deviation.
        based_on: Which days the forecast rests on, in words.
        break_even_per_day: Contribution per day below which a roll-back pays.
        chance_of_loss: Chance that the feature loses money at all.
        chance_worth_roll_back: Chance that it loses more than a roll-back costs.
        cost_of_keeping: Expected loss over the horizon when it is kept.
        cost_of_rolling_back: Cost of the roll-back and of the gain that is given up.
        waiting: Value and cost of waiting some days.
        choice: The cheapest of keep, roll-back and wait by expected cost.
        minimax: Keep or roll-back, whichever can turn out less wrong within the interval.
        regret_of_keeping: Most that keeping can lose compared with rolling back.
        regret_of_rolling_back: Most that rolling back can lose compared with keeping.
        answer_on: Day on which the interval will probably lie on one side of the break-even; None when not in sight.
        answer: The same in words, or why there is no such day.
    """

    horizon_days: int
    alpha: float
    roll_back_cost: Decimal
    forecast_per_day: Decimal
    forecast_error: Decimal
    based_on: str
    break_even_per_day: Decimal
    chance_of_loss: float
    chance_worth_roll_back: float
    cost_of_keeping: Decimal
    cost_of_rolling_back: Decimal
    waiting: tuple[Waiting, ...]
    choice: Literal["keep", "roll-back", "wait"]
    minimax: Literal["keep", "roll-back"]
    regret_of_keeping: Decimal
    regret_of_rolling_back: Decimal
    answer_on: date | None
    answer: str


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
    outlook: Outlook | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A flag with everything that was found out about it.

    `without_accounts` is the ledger counted again without the orders of the listed accounts; None when none is listed.
    `assumed` are the market's defaults behind it.
    """

    flag: Flag
    explained: Explained
    ledger: Ledger
    recommendation: Recommendation
    without_accounts: Ledger | None = None
    assumed: tuple[Assumption, ...] = ()


@dataclass(frozen=True, slots=True)
class RegionOutcome:
    """One launched region of a feature since its launch, flagged or not."""

    region: str
    ledger: Ledger
    recommendation: Recommendation
    flag_ids: tuple[str, ...] = ()
    accounts: int = 0


@dataclass(frozen=True, slots=True)
class FeatureOutcome:
    """A launched feature over all its regions: each one's money and recommendation, and their sum.

    Attributes:
        feature: As it is called in the launches.
        regions: Every launched region that the orders have.
        currency: Reporting currency.
        contribution_per_day: Sum over the regions whose money is known; None when none is.
        lines: The ledger's lines, summed over the same regions.
        not_known: Regions whose money is not known.
        judged_days: The most days judged in one region.
    """

    feature: str
    regions: tuple[RegionOutcome, ...]
    currency: str
    contribution_per_day: MoneyEstimate | None
    lines: tuple[LedgerLine, ...]
    not_known: tuple[str, ...] = ()
    judged_days: int = 0


@dataclass(frozen=True, slots=True)
class MarketTotals:
    """What a market's cancels, returns, refunds and disputes cost in all, whether it was flagged or not."""

    region: str
    orders: float
    days: int
    loss: Decimal | None
    reason: str = ""


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
    features: tuple[FeatureOutcome, ...] = ()
    markets: tuple[MarketTotals, ...] = ()
