"""Everything that is known before the data is looked at, in one record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contextcheck.errors import Problem
    from contextcheck.knowledge.entries import Entry, RegionFile, SwitchedOff
    from contextcheck.knowledge.metrics import DetectionRule, Metric
    from contextcheck.knowledge.policies import Policy
    from contextcheck.records import KnowledgeFile


@dataclass(frozen=True, slots=True)
class KnowledgeBase:
    """The shipped definitions with the team's own laid over them by id.

    Attributes:
        region_files: Region code to its file.
        entries: Every explanation of every kind that is not retired, overlay applied.
        metrics: Metric id to metric.
        detection_rules: In the order of their files.
        policies: Decision policy by name; "default" is always there.
        files: What was read, with hashes.
        problems: Warnings (errors are raised as DefinitionError when reading).
        switched_off: Entries that a file switches off.
    """

    region_files: Mapping[str, RegionFile]
    entries: tuple[Entry, ...]
    metrics: Mapping[str, Metric]
    detection_rules: tuple[DetectionRule, ...]
    policies: Mapping[str, Policy]
    files: tuple[KnowledgeFile, ...]
    problems: tuple[Problem, ...] = ()
    switched_off: tuple[SwitchedOff, ...] = ()
