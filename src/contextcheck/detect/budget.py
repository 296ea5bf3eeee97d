"""How unlikely a day's departure must be, so that few flags are false over the days that come one by one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# what was found and spent two months ago counts half
MEMORY_PER_DAY = 0.5 ** (1 / 60)
SPEND_PER_DAY = 0.1


@dataclass(slots=True)
class Budget:
    """Online false-discovery control with a memory that fades.

    Method:
        Each day's tests are judged together by the Benjamini-Hochberg step-up rule at a level that is taken from a
        budget. The budget is the accepted share of false flags times (flags found so far + 1), less what was spent,
        old days fading; so quiet times test strictly and times with many true incidents more freely.

    Source:
        Batched generalised alpha-investing (Zrnic et al. 2020, BatchBH) with the decaying memory of Rebjock et al. 2021
        (arXiv 2112.03196).

    Blind spots:
        Tests of successive days share data; the control is exact for independent days and was checked by simulation.
    """

    share: float
    found: float = 0.0
    spent: float = 0.0

    def level(self) -> float:
        """The level of today's tests."""
        free = self.share * (self.found + 1) - self.spent
        return float(np.clip(SPEND_PER_DAY * free, 1e-12, self.share))

    def settle(self, level: float, found: int) -> None:
        """Close the day: what was spent and what was found."""
        self.spent = MEMORY_PER_DAY * (self.spent + level)
        self.found = MEMORY_PER_DAY * (self.found + found)


def adjusted(chance: np.ndarray, tests: int) -> np.ndarray:
    """Benjamini-Hochberg adjusted values of the given chances out of `tests` tests, in the given order."""
    order = np.argsort(chance, kind="stable")
    ranks = np.arange(1, len(chance) + 1)
    scaled = chance[order] * max(tests, len(chance)) / ranks
    result = np.empty(len(chance))
    result[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return result
