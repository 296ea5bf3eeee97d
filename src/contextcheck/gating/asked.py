"""What a gate is asked: feature, regions, policy, input, and the files that go with it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from contextcheck.errors import Problem, SettingsError, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from contextcheck.records import Launch
    from contextcheck.settings import Settings


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to the gate.

    Attributes:
        feature: As named under launches.
        only_regions: Judge only these; empty for every launched region. Alpha is shared by all of them in any case.
        policy: Name of the gate policy.
        panel: A panel file instead of orders.
        findings: A findings file instead of orders.
        as_of: Judge nothing after this local day; the data must not end long before it.
        seed: Seed of every resampling.
        with_context: Whether explanations count.
        frozen: File that gate init wrote; None for gates/FEATURE.yaml beside the settings, when it is there.
        exceptions: File with exceptions.
        baseline: An earlier verdict.
        overrides: The --set values, for the record.
    """

    feature: str
    only_regions: tuple[str, ...] = ()
    policy: str = "default"
    panel: str = ""
    findings: str = ""
    as_of: date | None = None
    seed: int = 0
    with_context: bool = True
    frozen: Path | None = None
    exceptions: Path | None = None
    baseline: Path | None = None
    overrides: tuple[str, ...] = field(default=())

    @property
    def input_kind(self) -> str:
        return "panel" if self.panel else "findings" if self.findings else "orders"

    def record(self) -> Mapping[str, object]:
        """The question as plain values, with the hash of each file, for the evidence pack."""
        return {
            "feature": self.feature,
            "regions": list(self.only_regions),
            "policy": self.policy,
            "input": self.input_kind,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "seed": self.seed,
            "with_context": self.with_context,
            "exceptions": file_record(self.exceptions),
            "baseline": file_record(self.baseline),
        }


def file_record(path: Path | None) -> dict[str, str] | None:
    """Name and hash of a file; None when there is none.

    Raises:
        SettingsError: The file cannot be read.
    """
    if path is None:
        return None
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise SettingsError(Problem("ST151", path.as_posix(), f"cannot be read ({reason})")) from error
    return {"path": path.as_posix(), "sha256": hashlib.sha256(content).hexdigest()}


def launches_of(settings: Settings, feature: str, only_regions: Sequence[str]) -> list[Launch]:
    """Give the launches of a feature.

    Raises:
        SettingsError: The feature (or a region of it) is not among the launches.
    """
    launches = [launch for launch in settings.launches if launch.feature == feature]
    if not launches:
        known = sorted({launch.feature for launch in settings.launches})
        hint = nearest(feature, known).removeprefix("; ") or "none is named"
        message = f'feature "{feature}" is not among the launches; {hint}; add it under launches:'
        raise SettingsError(Problem("ST120", "--feature", message))
    launched = {region for launch in launches for region in launch.regions}
    missing = sorted(set(only_regions) - launched)
    if missing:
        message = f"{', '.join(missing)} is not a region of {feature}; it was launched in {', '.join(sorted(launched))}"
        raise SettingsError(Problem("ST121", "--region", message))
    return launches


def pairs_of(launches: Sequence[Launch], only_regions: Sequence[str] = ()) -> list[tuple[Launch, str]]:
    """Every launch with each of its regions that is asked for; of two launches in one region the newest counts."""
    newest: dict[str, Launch] = {}
    for launch in launches:
        for region in launch.regions:
            if region not in newest or launch.start > newest[region].start:
                newest[region] = launch
    return [(launch, region) for region, launch in newest.items() if not only_regions or region in only_regions]
