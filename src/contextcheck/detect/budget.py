"""How unlikely a day's departure must be, so that few flags are false over the days that come one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# what was found and spent two months ago counts half
MEMORY_PER_DAY = 0.5 ** (1 / 60)
SPEND_PER_DAY = 0.1


class Judge(Protocol):
    """Decides day by day which chances are small enough; `share` is the q-value up to which one is flagged."""

    share: float

    def q_values(self, chance: Floats, tests: int) -> Floats: ...

    def settle(self, tests: int, rejected: int, found: int, days: int = 1) -> None: ...


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

    def q_values(self, chance: Floats, tests: int) -> Floats:
        """Adjusted values of today's chances: those at or under `share` may be flagged.

        Args:
            chance: Of the candidates.
            tests: Tests made today, candidates or not.
        """
        return np.minimum(adjusted(chance, tests) * self.share / self._level(), 1.0)

    @classmethod
    def after_quiet(cls, share: float, days: int = 1) -> Budget:
        """What is left once nothing has been found for long: for a search that starts in the middle of a history.

        Args:
            share: Accepted share of false flags.
            days: Days that one column stands for.
        """
        # spent is where a column's spending and fading are even
        memory = MEMORY_PER_DAY**days
        return cls(share, spent=share * memory * SPEND_PER_DAY / (1 - memory + memory * SPEND_PER_DAY))

    def settle(self, tests: int, rejected: int, found: int, days: int = 1) -> None:
        """Close the day: how many tests were made, how many rejected, and how many incidents they were.

        `days` is what the tests stand for: 7 in weekly data.
        """
        if tests:
            memory = MEMORY_PER_DAY**days
            # the step-up rule lets as many times the level pass as it rejects
            self.spent = memory * (self.spent + self._level() * max(rejected, 1))
            self.found = memory * (self.found + found)

    def _level(self) -> float:
        free = self.share * (self.found + 1) - self.spent
        return float(np.clip(SPEND_PER_DAY * free, 1e-12, self.share))


@dataclass(slots=True)
class FixedChance:
    """Flags every chance up to a limit, however many tests are made; for comparing detectors at equal false alarms."""

    limit: float
    share: float = 0.05

    def q_values(self, chance: Floats, tests: int) -> Floats:
        """The chance in units of the limit."""
        del tests
        return np.minimum(chance * self.share / self.limit, 1.0)

    def settle(self, tests: int, rejected: int, found: int, days: int = 1) -> None:
        """Nothing is carried over."""


def adjusted(chance: Floats, tests: int) -> Floats:
    """Benjamini-Hochberg adjusted values of the given chances out of `tests` tests, in the given order."""
    order = np.argsort(chance, kind="stable")
    ranks = np.arange(1, len(chance) + 1)
    scaled = chance[order] * max(tests, len(chance)) / ranks
    result = np.empty(len(chance))
    result[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return result
