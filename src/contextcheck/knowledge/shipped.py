"""Where the shipped regions/ and rules/ are: inside the wheel, or beside src/ in a checkout."""

from __future__ import annotations

from pathlib import Path


def shipped_folder(name: str) -> Path:
    """Give the folder of the shipped definitions, `name` being "regions" or "rules"."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "shipped" / name
    return inside if inside.is_dir() else package.parents[1] / name
