"""A change per day against the counterfactual, the record that every method gives."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import stdtrit


@dataclass(frozen=True, slots=True)
class Effect:
    """A change per day against the counterfactual.

    Attributes:
        value: after - expected, per day, in the unit of the series.
        expected: What the counterfactual says per day.
        before: The region's level before, per day, weighted to the weekdays of after.
        error: Standard error of everything together; with `degrees` it gives the interval.
        error_of_days: The part that comes from days (or, with a split, from customers).
        error_between: The part that comes from regions going their own way.
        degrees: Degrees of freedom of the interval's t value.
    """

    value: float
    expected: float
    before: float
    error: float
    error_of_days: float
    error_between: float
    degrees: int

    @property
    def movement(self) -> float:
        """What the controls say the level would have been multiplied with; 1 without controls."""
        return self.expected / self.before if self.before else 1.0

    def interval(self, level: float) -> tuple[float, float]:
        """Low and high end of the interval at a level such as 0.95."""
        reach = float(stdtrit(self.degrees, 0.5 + level / 2)) * self.error
        return self.value - reach, self.value + reach

    def with_error(self, more: float) -> Effect:
        """The same with another, independent standard error in it."""
        error, of_days = (float(np.hypot(each, more)) for each in (self.error, self.error_of_days))
        return replace(self, error=error, error_of_days=of_days)
