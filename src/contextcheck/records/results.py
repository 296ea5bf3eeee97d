"""What the decide step, the gate and a whole run hand over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from contextcheck.errors import Location, Problem
    from contextcheck.records.causes import Explained
    from contextcheck.records.flags import Flag
    from contextcheck.records.ledger import Ledger
    from contextcheck.records.values import Action, Confidence, Launch


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
