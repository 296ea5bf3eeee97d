"""`gate verify`: the same question again, and every difference by name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contextcheck.gating.asked import Asked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

EVIDENCE = ("version", "as_of", "seed", "inputs", "knowledge", "settings", "asked")
"""Parts of the evidence pack; where one differs, the same verdict cannot be expected."""
MOST_DIFFERENCES = 20


@dataclass(frozen=True, slots=True)
class Verified:
    """What differs between a verdict and its recomputation.

    Attributes:
        evidence: Differences of inputs, definitions, settings and versions: the question is not the same any more.
        verdict: Differences of the verdict itself.
    """

    evidence: tuple[str, ...]
    verdict: tuple[str, ...]


def asked_again(tree: Mapping[str, Any], *, panel: str, findings: str) -> Asked:
    """Give the question of a verdict, from its evidence pack."""
    asked = tree["evidence_pack"].get("asked", {})
    given = asked.get("as_of")
    frozen = asked.get("frozen")
    return Asked(
        feature=str(tree["feature"]),
        only_regions=tuple(asked.get("regions", ())),
        policy=str(asked.get("policy", "default")),
        panel=panel,
        findings=findings,
        as_of=date.fromisoformat(given) if given else None,
        seed=int(asked.get("seed", 0)),
        with_context=bool(asked.get("with_context", True)),
        frozen=Path(frozen["path"]) if frozen else None,
        exceptions=_path(asked.get("exceptions")),
        baseline=_path(asked.get("baseline")),
    )


def _path(record: Mapping[str, str] | None) -> Path | None:
    return Path(record["path"]) if record else None


def compare_verdicts(before: Mapping[str, Any], now: Mapping[str, Any]) -> Verified:
    """Give every difference between two verdicts, the evidence apart from what was concluded."""
    packs = before.get("evidence_pack", {}), now.get("evidence_pack", {})
    evidence = [
        f"evidence_pack.{each}"
        for part in EVIDENCE
        for each in _differences(packs[0].get(part), packs[1].get(part), part)
    ]
    left_out = {"evidence_pack", "exit_code", "would_exit", "dry_run", "summary", "account_ids"}
    concluded = [
        each
        for key in dict.fromkeys([*before, *now])
        if key not in left_out
        for each in _differences(before.get(key), now.get(key), key)
    ]
    return Verified(tuple(evidence[:MOST_DIFFERENCES]), tuple(concluded[:MOST_DIFFERENCES]))


def _differences(before: object, now: object, place: str) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(now, dict):
        for key in dict.fromkeys([*before, *now]):
            yield from _differences(before.get(key), now.get(key), f"{place}.{key}")
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for number, (first, second) in enumerate(zip(before, now, strict=True)):
            yield from _differences(first, second, f"{place}[{number}]")
    elif before != now:
        yield f"{place}: {_short(before)} then, {_short(now)} now"


def _short(value: object) -> str:
    text = "nothing" if value is None else f"{len(value)} entries" if isinstance(value, (list, dict)) else str(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
