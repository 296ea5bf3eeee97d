from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from unit.load.order_samples import HEADER

from contextcheck.load.read import Loaded, load_orders
from contextcheck.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., Loaded]:
    """Load files with settings overrides; unreadable rows go to tmp_path/quarantine."""

    def run(*paths: Path | str, **settings: str) -> Loaded:
        listed = ", ".join('"' + str(path) + '"' for path in paths)
        overrides = [f"orders.paths=[{listed}]"]
        overrides += [f"{key.replace('__', '.')}={value}" for key, value in settings.items()]
        return load_orders(
            read_settings(None, overrides), {}, quarantine_folder=tmp_path / "quarantine", progress=lambda _: None
        )

    return run


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write orders as a CSV of the given lines, or bytes as they are."""

    def run(lines: list[str] | bytes, name: str = "orders.csv", header: str = HEADER) -> Path:
        path = tmp_path / name
        path.write_bytes(lines if isinstance(lines, bytes) else "\n".join([header, *lines, ""]).encode())
        return path

    return run
