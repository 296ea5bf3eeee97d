"""The own past only: what is left when no other region and no unexposed customer can be compared."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from contextcheck.impact.methods.ratio_did import RatioDid

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from contextcheck.impact.comparison import Comparison
    from contextcheck.impact.effects import Effect


class OwnPast:
    """After less before, weekday by weekday.

    Method: ratio difference-in-differences without controls; the drift is what the two halves of the past show.
    Source: interrupted time series; Shadish, Cook and Campbell (2002), chapter 6.
    Blind spots: a season, a campaign or a price change on the same days is taken for the effect; the policy therefore
        never keeps and never rolls back on it.
    """

    def refuses(self, comparison: Comparison) -> str:
        del comparison
        return ""

    def effects(
        self, lines: Sequence[pd.DataFrame], comparison: Comparison, *, seed: int
    ) -> tuple[Effect, tuple[Effect, ...]]:
        return RatioDid().effects(lines, replace(comparison, controls=()), seed=seed)

    def by_day(self, series: pd.DataFrame, comparison: Comparison) -> tuple[NDArray[np.float64], float, float]:
        return RatioDid().by_day(series, replace(comparison, controls=()))
