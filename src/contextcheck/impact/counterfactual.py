"""What would have happened without the change: the best method that the data allow, and by name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from contextcheck.impact.methods.interface import METHODS, load_method

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from contextcheck.impact.comparison import Comparison
    from contextcheck.impact.effects import Effect
    from contextcheck.impact.split import Split
    from contextcheck.records import CounterfactualMethod, Launch


def choose_method(comparison: Comparison) -> Comparison:
    """Give the comparison with the best method that it allows, and why the better ones could not be used.

    Args:
        comparison: Days, controls, later regions and the split, as far as there are any.

    Returns:
        The same comparison with `method` and `not_used`.

    Method: exposed against unexposed customers, else a staggered launch, else synthetic difference-in-differences,
        else ratio difference-in-differences, else the own past; the first that does not refuse.
    Source: the order of how much each has to assume, `docs/methods.md`, section on the counterfactual.
    Blind spots: a method that can be used is not thereby right; its assumption is told in its own description.
    """
    not_used: list[tuple[CounterfactualMethod, str]] = []
    for name in METHODS:
        reason = load_method(name).refuses(comparison)
        if not reason:
            return replace(comparison, method=name, not_used=tuple(not_used))
        not_used.append((name, reason))
    raise AssertionError("the own past never refuses")


def effects_of(
    lines: Sequence[pd.DataFrame], comparison: Comparison, *, seed: int = 0
) -> tuple[Effect, tuple[Effect, ...]]:
    """Give the change per day of the sum of some lines and of each line, by the comparison's own method.

    Args:
        lines: Day × column tables of daily amounts that add up to what is judged.
        comparison: What is compared, and how.
        seed: Seed of every resampling.
    """
    return load_method(comparison.method).effects(lines, comparison, seed=seed)


def with_launch(comparison: Comparison, launch: Launch | None, split: Split | None) -> Comparison:
    """The comparison by the best method; without a launch nobody is exposed and nothing comes later to others."""
    later = comparison.later if launch and comparison.region in launch.regions else {}
    return choose_method(replace(comparison, later=later, split=split if launch else None))
