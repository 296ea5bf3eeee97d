"""Keeps what slow peers say about a series, so that a run that was cut short goes on where it stopped.

A peer's answer depends on the series and on the code that asks it; both are in the name of the file, so an answer is
asked for again when either changes.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass(frozen=True)
class Asked:
    """What a peer gave, and the processor seconds it took (its own processes counted)."""

    arrays: tuple[np.ndarray, ...]
    seconds: float


def code_of(function: Callable[..., object]) -> str:
    """What a function does, however its source is laid out."""
    return ast.dump(ast.parse(inspect.getsource(function)))


def ask(
    folder: Path | None, name: str, inputs: tuple[object, ...], make: Callable[[], tuple[np.ndarray, ...]]
) -> Asked:
    """Give the kept answer of a peer, or ask it and keep what it says."""
    digest = hashlib.sha256(name.encode())
    for each in inputs:
        digest.update(each.tobytes() if isinstance(each, np.ndarray) else str(each).encode())
    file = (
        None
        if folder is None
        else folder / f"{''.join(c if c.isalnum() else '-' for c in name)}-{digest.hexdigest()[:16]}.npz"
    )
    if file is not None and file.exists():
        with np.load(file) as stored:
            return Asked(tuple(stored[f"a{i}"] for i in range(len(stored.files) - 1)), float(stored["seconds"]))
    before = os.times()
    arrays = make()
    after = os.times()
    seconds = sum(getattr(after, each) - getattr(before, each) for each in ("user", "children_user"))
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_suffix(f".{time.monotonic_ns()}.tmp.npz")
        np.savez_compressed(unfinished, seconds=seconds, **{f"a{i}": each for i, each in enumerate(arrays)})
        unfinished.replace(file)
    return Asked(arrays, seconds)
