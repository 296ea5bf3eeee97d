"""What a counterfactual method promises, and the methods by name, best first."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from contextcheck.impact.comparison import Comparison
    from contextcheck.impact.effects import Effect
    from contextcheck.records import CounterfactualMethod

METHODS: Mapping[CounterfactualMethod, str] = {
    "exposed-split": "contextcheck.impact.methods.exposed_split:ExposedSplit",
    "staggered": "contextcheck.impact.methods.staggered:Staggered",
    "synthetic-did": "contextcheck.impact.methods.synthetic:SyntheticDid",
    "ratio-did": "contextcheck.impact.methods.ratio_did:RatioDid",
    "own-past": "contextcheck.impact.methods.own_past:OwnPast",
}
"""Best first: the first one that does not refuse is used."""


class Method(Protocol):
    """Says what would have happened without the change.

    A method is built without arguments, gives lines that add up to their sum, and the same figures for the same tables,
    comparison and seed.
    """

    def refuses(self, comparison: Comparison) -> str:
        """Say why this comparison does not allow the method; empty when it does."""
        ...

    def effects(
        self, lines: Sequence[pd.DataFrame], comparison: Comparison, *, seed: int
    ) -> tuple[Effect, tuple[Effect, ...]]:
        """Give the change per day of the sum of the lines and of each line."""
        ...

    def by_day(self, series: pd.DataFrame, comparison: Comparison) -> tuple[NDArray[np.float64], float, float]:
        """Give the change on each day after, the counterfactual's level per day, and the noise of a day."""
        ...


def load_method(name: CounterfactualMethod) -> Method:
    """Build a method by its name in the table."""
    module, _, member = METHODS[name].partition(":")
    return cast("Method", getattr(importlib.import_module(module), member)())
