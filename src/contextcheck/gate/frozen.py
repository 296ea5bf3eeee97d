"""What is fixed at the launch, as a file that is committed: a gate that is asked something else is refused."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from contextcheck.errors import Problem, SettingsError
from contextcheck.records import Frozen
from contextcheck.yamlio.document import MapNode, read_file
from contextcheck.yamlio.fields import Fields, to_decimal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PREFIX = "GF"
FIELDS = (
    "feature",
    "metric",
    "unit",
    "policy",
    "policy_sha256",
    "alpha",
    "horizon_days",
    "roll_back_cost",
    "margin_per_day",
    "watch_days",
    "tuned_to_days",
)
"""Everything that is compared, in the order of the file; the regions with their starts and shares come after."""


def frozen_text(values: Mapping[str, str], regions: Mapping[str, Mapping[str, str]], *, as_of: str) -> str:
    """Give the file: one key a line, so that a change shows in review.

    Args:
        values: Every name of `FIELDS`.
        regions: Region to start, level_per_day, roll_back_days and alpha; exposed_share where one is planned.
        as_of: The newest day that was looked at.
    """
    lines = [
        f"# Fixed at the launch of {values['feature']} by `contextcheck gate init`; commit this file.",
        "# `contextcheck gate` refuses to judge by anything else. To change it: gate init --force, then review.",
        "gate_frozen: 1",
        f"written_as_of: {as_of}",
        *(f"{key}: {_quoted(values[key])}" for key in FIELDS),
        "regions:",
    ]
    for name, each in regions.items():
        inside = ", ".join(f"{key}: {_quoted(value)}" for key, value in each.items())
        lines.append(f"  {_quoted(name)}: {{{inside}}}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*|-?\d+(\.\d+)?|\d{4}-\d\d-\d\d", text) and text not in (
        "NO",
        "no",
        "yes",
        "on",
    ):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def read_frozen(path: Path) -> Frozen:
    """Give what a file says was fixed.

    Raises:
        SettingsError: The file cannot be read or lacks something.
    """
    root, problems = read_file(path, PREFIX)
    values: dict[str, str] = {}
    levels: dict[str, float] = {}
    alphas: dict[str, float] = {}
    if isinstance(root, MapNode):
        top = Fields(root, problems, PREFIX)
        top.text("gate_frozen", required=True)
        top.text("written_as_of")
        values = {key: top.text(key, required=True) for key in FIELDS}
        table = top.mapping("regions", required=True)
        for name in table.names() if table else ():
            assert table is not None
            entry = table.mapping(name)
            if entry is None:
                continue
            values[f"regions.{name}.start"] = entry.text("start", required=True)
            if entry.has("exposed_share"):
                values[f"regions.{name}.exposed_share"] = entry.text("exposed_share")
            levels[name] = entry.number("level_per_day", 0.0)
            alphas[name] = entry.number("alpha", low=0.0001, high=0.5)
            entry.text("roll_back_days")
            entry.finish()
        top.finish()
    elif not problems:
        problems.append(Problem("GF103", path.as_posix(), "is not a file that gate init writes"))
    if problems:
        raise SettingsError(*problems)
    return Frozen(path.as_posix(), hashlib.sha256(path.read_bytes()).hexdigest(), values, levels, alphas)


def check_frozen(frozen: Frozen, now: Mapping[str, str]) -> None:
    """Refuse a gate that differs from what was fixed.

    Args:
        frozen: What was fixed.
        now: The same keys as this run would have them.

    Raises:
        SettingsError: One problem for each value that differs, with both.
    """
    problems = []
    for key in sorted({*frozen.values, *now}, key=lambda each: (each not in FIELDS, each)):
        was, is_now = frozen.values.get(key), now.get(key)
        if not _same(was, is_now):
            message = f"{key} was fixed as {was or 'nothing'} at the launch and is {is_now or 'nothing'} now"
            problems.append(
                Problem("GF201", frozen.path, f"{message}; undo it, or gate init --force and have it reviewed")
            )
    if problems:
        raise SettingsError(*problems)


def _same(was: str | None, is_now: str | None) -> bool:
    if was == is_now:
        return True
    first, second = (to_decimal(each) if each else None for each in (was, is_now))
    return first is not None and first == second


def default_path(folder: Path, feature: str) -> Path:
    """Where the file lies unless another place is named: gates/FEATURE.yaml beside the settings."""
    slug = re.sub(r"[^A-Za-z0-9._-]+", "-", feature).strip("-.") or "feature"
    return folder / "gates" / f"{slug}.yaml"
