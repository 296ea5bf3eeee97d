"""Metrics and detection rules: their records and their reading from rules/metrics and rules/detection."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from contextcheck.errors import Location, Problem

MetricKind = Literal["rate", "count", "mean", "sum"]
MetricUse = Literal["detect", "ledger"]


@dataclass(frozen=True, slots=True)
class ValueChoice:
    """One way to get a mean's or sum's value per order, and what must be said when it is used."""

    expression: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Metric:
    """A rate (events / exposure), a count, a mean or a sum, per region and local day.

    Attributes:
        id: Name in YAML, code, JSON and report.
        title: A few words for people, such as "Orders cancelled".
        kind: rate: orders that fulfil `numerator` over orders that fulfil `denominator`; count: orders that fulfil
            `numerator`; mean and sum: of the value over the orders that fulfil `denominator`.
        unit: Such as "share of orders", "orders", "money", "items".
        numerator: Boolean expression over canonical columns.
        denominator: Boolean expression over canonical columns; "true" for every order.
        values: Ways to compute the value, best first; the first whose columns are all there is used.
        happens_at: Expression for the moment of the event; empty when only the status tells.
        horizon_hours: An event counts when it happens within this time after the order, and a day is judged only when
            all of its orders are older; 0: known at once.
        uses: "detect": searched for flags; "ledger": read by the money step.
        where: The file and line.
    """

    id: str
    title: str
    kind: MetricKind
    unit: str
    numerator: str = "true"
    denominator: str = "true"
    values: tuple[ValueChoice, ...] = ()
    happens_at: str = ""
    horizon_hours: float = 0.0
    uses: tuple[MetricUse, ...] = ("detect",)
    where: Location | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class DetectionRule:
    """Which departures of which metrics are worth a flag.

    Attributes:
        id: Name shown with the flag.
        metrics: Metric ids it watches.
        direction: up, down or both.
        detector: Name in the table of detectors.
        min_exposure: Orders in a window below which nothing is judged ("too little data").
        min_excess: Events (or, for means, orders) in excess below which a departure is not material.
        min_relative: Observed / expected must differ from 1 by at least this much (0.2 = 20 %).
        false_discovery_rate: Share of false flags among all flags that is accepted.
        medium_from_relative: Size of the departure (as in `min_relative`) from which a flag is medium.
        high_from_relative: The same for high.
        groups: Name to regions that are also looked at together on every day, because they share something (a payment
            provider, a language) and each alone may be too weak.
    """

    id: str
    title: str
    metrics: tuple[str, ...]
    direction: Literal["up", "down", "both"]
    detector: str
    min_exposure: float
    min_excess: float
    min_relative: float
    false_discovery_rate: float
    medium_from_relative: float
    high_from_relative: float
    where: Location | None = field(default=None, compare=False)
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def read_metrics(paths: Sequence[tuple[Path, str]], problems: list[Problem]) -> dict[str, Metric]:
    """Give the metrics of some files by id, in the order of the files.

    Args:
        paths: Files, each with the name that is shown in problems.
        problems: Collects every problem of every file (codes RL…); a metric with a problem is left out.
    """
    from contextcheck.knowledge.metric_files import read_metric_files

    return read_metric_files(paths, problems)


def read_detection_rules(paths: Sequence[tuple[Path, str]], problems: list[Problem]) -> tuple[DetectionRule, ...]:
    """Give the detection rules of some files, in the order of the files (see `read_metrics`)."""
    from contextcheck.knowledge.metric_files import read_rule_files

    return read_rule_files(paths, problems)
