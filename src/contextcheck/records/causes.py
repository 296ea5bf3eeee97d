"""What the explain step hands over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contextcheck.errors import Location, Problem
    from contextcheck.records.values import EntryStatus, Estimate, ExplanationKind, SignResult, Verdict, Weight


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact comes from; grade A (law, peer-reviewed) to D (unsourced)."""

    title: str
    url: str
    year: str
    grade: str


@dataclass(frozen=True, slots=True)
class Assumption:
    """A documented value of a market that stands in for one that the shop has not given."""

    name: str
    title: str
    value: str
    basis: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The result of testing one sign.

    `role` says whether the entry lists it under `signs` or under `contradicted_by`. `result` is already from the
    explanation's point of view: a `contradicted_by` sign that holds has the result "contradicts"; one that does
    not hold "supports" nothing and is reported as "supports" with weight weak. `reference` names what the flagged
    orders were compared with.
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
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Placebo:
    """How often the same explanation would have "explained" quiet periods and other regions; `where` names them."""

    rate: float
    n: int
    where: str = ""


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
    caution: str = ""
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
    """A segment that carries a share of the excess.

    `mix_share`: how much of what it carries comes from more orders in it at its old rate; None when it is not known.
    """

    dimension: str
    value: str
    share_of_excess: float
    mix_share: float | None = None


@dataclass(frozen=True, slots=True)
class Journey:
    """A typical way of customers around a flag: rounded, without ids, shared by at least k of them.

    `share` is the share of the customers with flagged orders (of the accounts worth a review for a suspicious one).
    """

    name: str
    steps: tuple[str, ...]
    customers: int
    share: float
    is_suspicious: bool = False


@dataclass(frozen=True, slots=True)
class Journeys:
    """The journeys of a flag, or why none is told."""

    told: tuple[Journey, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class VoiceNote:
    """What customers said that differs from usual: `now` and `usual` are rows per order, or shares of a scale."""

    source: str
    topic: str
    now: float
    usual: float
    n: int
    p_value: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Explained:
    """Everything the explain step found out about one flag."""

    explanations: tuple[ExplanationResult, ...]
    unexplained_share: Estimate | None
    accounts: AccountReview
    drivers: tuple[Driver, ...] = ()
    problems: tuple[Problem, ...] = ()
    voice: tuple[VoiceNote, ...] = ()
    journeys: Journeys = field(default_factory=Journeys)
    composition: str = ""
