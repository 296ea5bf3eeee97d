"""What a detector promises, the detectors by name, and `find_flags`, the only door into this step."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from contextcheck.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from contextcheck.detect.scores import Scores
    from contextcheck.knowledge.metrics import DetectionRule
    from contextcheck.panel.baseline import Baseline
    from contextcheck.panel.table import Panel
    from contextcheck.records import Flag, Launch

DETECTORS: Mapping[str, str] = {
    "surveillance": "contextcheck.detect.surveillance:Surveillance",
    "joint": "contextcheck.detect.joint:JointOddity",
}


class Detector(Protocol):
    """Turns a baseline into evidence per series, day and window.

    A detector is built without arguments, uses no day after t for day t, and gives the same scores for the same
    panel and seed whatever the order of its rows.
    """

    def score(self, baseline: Baseline, *, launches: Sequence[Launch], seed: int) -> Scores:
        """Give tail probabilities for every series of `baseline.grid`, every window and every day."""
        ...


@dataclass(frozen=True, slots=True)
class Detected:
    """What was flagged, what could not be judged, and in how many places was looked."""

    flags: tuple[Flag, ...]
    problems: tuple[Problem, ...]
    series_tested: int
    tests_made: int


def load_detector(name: str) -> Detector:
    """Build a detector by its name in the table, or by "package.module:Class".

    Args:
        name: Such as "surveillance", or with an argument in brackets: "joint(iforest)",
            "joint(sklearn.ensemble:IsolationForest)".

    Raises:
        LookupError: The name is neither.
    """
    plain, _, rest = name.partition("(")
    arguments = (rest.removesuffix(")").strip(),) if rest else ()
    target = DETECTORS.get(plain, plain)
    module, _, attribute = target.partition(":")
    if not attribute:
        raise LookupError(f'no detector "{name}"; known: {", ".join(sorted(DETECTORS))}, or package.module:Class')
    try:
        return cast("Detector", getattr(importlib.import_module(module), attribute)(*arguments))
    except (ImportError, AttributeError) as error:
        raise LookupError(f'detector "{name}" cannot be loaded: {error}') from error


def find_flags(
    panel: Panel,
    rules: Sequence[DetectionRule],
    *,
    launches: Sequence[Launch] = (),
    seed: int = 0,
    since: date | None = None,
) -> Detected:
    """Search every series that a rule watches, and give one flag per incident.

    Args:
        panel: Daily sums.
        rules: What is worth a flag; rules whose metrics the panel lacks are passed over.
        launches: Features that went live; a prior for where to look first, never a filter.
        seed: For detectors that draw numbers.
        since: Judge this day and later ones only; the days before are learned from.

    Returns:
        The flags, newest start first within a region, and data faults, too short histories and failed detectors as
        problems.
    """
    # pandas and numpy load only when something is searched
    from contextcheck.detect.search import search

    return search(panel, rules, launches=launches, seed=seed, since=since)


def failed(name: str, error: Exception) -> Problem:
    """Say that a detector failed; the other detectors' flags stand."""
    reason = f"{type(error).__name__}: {error}"
    return Problem("DT290", f"detector {name}", f"failed ({reason}); the rules that use it found nothing", "error")
