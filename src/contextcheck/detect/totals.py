"""Totals of windows and their expectation from the level before them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.detect.heavy import MIN_EXPECTED
from contextcheck.panel.baseline_filter import counting_variance
from contextcheck.panel.baseline_pool import like_days

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from contextcheck.panel.baseline import Baseline

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]
    Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Span:
    """One window length, for every series and every last day.

    `variance` holds counting noise, extra day-to-day variance and the uncertainty of the level; `excess` and `behind`
    are in events and orders (a mean's excess in orders' worth of value). `extra_share` is the part of the variance
    that is neither counting noise nor uncertainty of the level; `level_at` the column whose level was used.
    """

    amount: Floats
    expected: Floats
    variance: Floats
    exposure: Floats
    history: Floats
    is_judged: Bools
    ratio: Floats
    excess: Floats
    behind: Floats
    extra_share: Floats
    level_at: Indices

    @property
    def z(self) -> Floats:
        return np.asarray((self.amount - self.expected) / np.sqrt(np.maximum(self.variance, 1e-12)))


@dataclass(frozen=True, slots=True)
class Totals:
    """Running sums over days of one baseline; any window is a difference of two columns."""

    baseline: Baseline
    amount: Floats
    exposure: Floats
    base: Floats
    base_square: Floats
    own_square: Floats
    named_spread: Floats

    @classmethod
    def of(cls, baseline: Baseline) -> Totals:
        """Sum up a baseline."""
        grid, base = baseline.grid, baseline.base
        own = np.where((grid.kinds == "mean")[:, None], grid.sumsq, 0.0)
        named = np.sqrt(baseline.offset_variance) * base
        sums = (_running(each) for each in (grid.amount, grid.exposure, base, base**2, own, named))
        return cls(baseline, *sums)

    def window(self, days: int, since: int = 0) -> Span:
        """Give every window of so many days that ends on column `since` or later, by its last day.

        Windows that reach back before the first day are not judged.
        """
        first, last = self._ends(days, since)
        return self.span(first, last, self.baseline.before(first), is_full=last - days + 1 >= 1)

    def with_amounts(self, amount: Floats) -> Totals:
        """The same expectations beside other amounts, series × days."""
        return replace(self, amount=_running(amount))

    def amounts(self, days: int, since: int = 0) -> Floats:
        """Amounts of the windows that `window` gives."""
        first, last = self._ends(days, since)
        return np.asarray(self.amount[:, last + 1] - self.amount[:, first])

    def _ends(self, days: int, since: int) -> tuple[Indices, Indices]:
        """First and last column of each window of so many days that ends on column `since` or later."""
        last = np.arange(since, self.baseline.grid.amount.shape[1])
        return np.maximum(last - days + 1, 0), last

    def span(
        self,
        first: Indices,
        last: Indices,
        level_at: Indices,
        *,
        is_full: Bools,
        rows: Indices | None = None,
        with_own_spread: bool = True,
    ) -> Span:
        """Give the totals from column `first` to `last`, expected from the level known before column `level_at`.

        `with_own_spread`: a mean's variance holds the spread of the window's own values where it is larger; without it
        only what was to be expected.
        """
        if rows is not None:
            return self._only(rows).span(first, last, level_at, is_full=is_full, with_own_spread=with_own_spread)
        base = self.baseline
        level = np.exp(base.level[:, level_at])
        amount = self.amount[:, last + 1] - self.amount[:, first]
        exposure = self.exposure[:, last + 1] - self.exposure[:, first]
        expected = (self.base[:, last + 1] - self.base[:, first]) * level
        square = (self.base_square[:, last + 1] - self.base_square[:, first]) * level**2
        # mean variance of a random walk averaged over the window, after the gap
        length = last - first + 1
        ahead = (first - level_at) + (length + 1) * (2 * length + 1) / (6 * length)
        # the level was learned from days that resemble each other as well
        like = base.likeness[:, level_at]
        unsure = base.level_variance[:, level_at] * (1 + like) / (1 - like) + base.drift[:, level_at] * ahead
        values = base.value_variance[:, level_at]
        if with_own_spread:
            values = self._value_variance(first, last, level_at, amount, exposure)
        counting = counting_variance(base.grid.kinds, expected, exposure, values)
        # days of one feast depart together
        named = ((self.named_spread[:, last + 1] - self.named_spread[:, first]) * level) ** 2
        extra = base.extra_variance[:, level_at] * square * like_days(like, length) + named
        variance = counting * expected**2 + extra + unsure * expected**2
        is_judged = base.grid.is_judged[:, last] & (base.grid.exposure[:, last] > 0) & is_full[None, :]
        ratio = amount / np.maximum(expected, 1e-9)
        excess, behind = self._people(amount, expected, exposure, ratio)
        history = base.history[:, level_at]
        share = (extra + self._dispersed(values, expected) * counting * expected**2) / np.maximum(variance, 1e-12)
        return Span(amount, expected, variance, exposure, history, is_judged, ratio, excess, behind, share, level_at)

    def _only(self, rows: Indices) -> Totals:
        sums = (self.amount, self.exposure, self.base, self.base_square, self.own_square, self.named_spread)
        return Totals(self.baseline.only(rows), *(each[rows] for each in sums))

    def _dispersed(self, values: Floats, expected: Floats) -> Floats:
        """Share of the counting variance that is no counting noise: weekly sums carry their extra variance there.

        A mean's spread of values and its dispersion are not told apart, so all of it counts. Of few events the
        overdispersed count's own tails are as heavy, so little does.
        """
        grid = self.baseline.grid
        if not grid.is_weekly:
            return np.zeros(values.shape)
        beyond = (1 - 1 / np.maximum(values, 1.0)) * expected / (expected + MIN_EXPECTED)
        return np.where((grid.kinds == "mean")[:, None], 1.0, beyond)

    def _value_variance(
        self, first: Indices, last: Indices, level_at: Indices, amount: Floats, exposure: Floats
    ) -> Floats:
        """Squared coefficient of variation of values: the past's or the window's own, whichever is larger.

        One huge order lifts the mean and the window's own spread alike, and so does not raise a flag by itself.
        """
        own_square = self.own_square[:, last + 1] - self.own_square[:, first]
        mean = amount / np.maximum(exposure, 1e-9)
        own = own_square / np.maximum(exposure * mean**2, 1e-12) - 1
        is_mean = (self.baseline.grid.kinds == "mean")[:, None]
        past = self.baseline.value_variance[:, level_at]
        # the spread is compared with the expected mean, so scale the own one to it
        base = self.base[:, last + 1] - self.base[:, first]
        expected_mean = np.exp(self.baseline.level[:, level_at]) * base / np.maximum(exposure, 1e-9)
        scaled = np.minimum(own * (mean / np.maximum(expected_mean, 1e-12)) ** 2, 1e9)
        return np.where(is_mean & (exposure > 1), np.maximum(past, scaled), past)

    def _people(self, amount: Floats, expected: Floats, exposure: Floats, ratio: Floats) -> tuple[Floats, Floats]:
        kinds = self.baseline.grid.kinds[:, None]
        excess = np.where(kinds == "mean", exposure * (ratio - 1), amount - expected)
        behind = np.where(kinds == "count", np.maximum(amount, expected), exposure)
        return excess, behind


def _running(values: Floats) -> Floats:
    sums = np.zeros((values.shape[0], values.shape[1] + 1))
    np.cumsum(values, axis=1, out=sums[:, 1:])
    return sums
