"""The default detector: every window of every series against the level before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from contextcheck.detect.heavy import freedom, learned_freedom, spread_days, tamed_amounts, usual_over_own
from contextcheck.detect.scores import Scores
from contextcheck.detect.tails import soften, tails
from contextcheck.detect.totals import Totals
from contextcheck.detect.two_weeks import two_week_chance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from contextcheck.panel.baseline import Baseline
    from contextcheck.panel.baseline_grid import Grid
    from contextcheck.records import Launch

    Floats = NDArray[np.float64]

WINDOWS = (1, 2, 3, 7, 14, 28)
# nested windows are no independent tries. What lasts must show within its first week, and a week is where its days
# outweigh what is not known of the level: the week counts most, the shortest windows, whose chances hang on how heavy
# single days are, and four weeks least. By simulation of white noise the smallest of the six chances, so weighted, of
# windows whose last day carries its share, is below 0.01, 0.001 and 0.0001 in 0.81, 0.94 and 1.05 times as many days;
# flags are decided near the last
TRIES = (8.0, 8.0, 6.0, 2.0, 3.2, 8.0)
WEEKLY_WINDOWS = (1, 2, 4)
# most of an incident falls into two weeks, so one week alone gets a third and four weeks a quarter of that weight. By
# simulation of white noise the smallest of the three chances, so weighted, is below 0.01 and 0.001 in 1.17 and 1.27
# times as many weeks; caution about level and spread takes as much away where they have to be found, and a nominal 1 %
# of the published weekly scheme is 0.96 %
WEEKLY_TRIES = (3.3, 1.1, 4.4)
MIN_HISTORY_DAYS = 21
# so that level and spread are known from nearly as many days before the window
MIN_LEVEL_DAYS = 20


class Surveillance:
    """Window tests on the baseline.

    Method:
        For each day and each window of 1, 2, 3, 7, 14 and 28 days that ends on it, the total is compared with the
        expectation from the level before the window (one guard day between), its weekdays and what the other regions
        share. Tail probabilities are those of the binomial to negative binomial class for events and of a gamma for
        values, read in the Student tails that the metric's own past shows, on a spread that is known from so many days
        only. In sums a day counts up to seven standard deviations; days that resemble the day before them, as the
        metric's past shows it, tell less together.

    Source:
        Window scan in the spirit of Kulldorff's prospective space-time scan statistic; level before the window as in
        the gap of Noufaily et al. 2013 (doi 10.1002/sim.5595).

    Blind spots:
        A region with under 21 days of history; changes that creep in over months.
    """

    def score(self, baseline: Baseline, *, launches: Sequence[Launch], seed: int) -> Scores:
        """Give tail probabilities for every series, window and day."""
        del launches, seed
        return score_windows(baseline, tail_freedom(baseline))


def tail_freedom(baseline: Baseline) -> Floats:
    """How heavy the tails of each series have shown themselves before each day: series × days."""
    return learned_freedom(baseline, Totals.of(baseline).window(1))[baseline.grid.metric_of]


def score_windows(baseline: Baseline, heavy: Floats) -> Scores:
    """Give tail probabilities for every series, window and day.

    Args:
        baseline: What was to be expected.
        heavy: Degrees of freedom of a single day's tails, series × days.
    """
    totals, windows = Totals.of(baseline), windows_of(baseline.grid)
    tamed = totals.with_amounts(tamed_amounts(baseline, totals.window(1)))
    times_calmer = usual_over_own(baseline)
    # the sum of two weeks looks back at the week before
    since = max(baseline.first_judged - 1, 0)
    shape = (len(windows), *baseline.grid.amount.shape)
    upper, lower, ratio, excess, exposure, z, precision = (np.full(shape, np.nan) for _ in range(7))
    for index, window in enumerate(windows):
        if window + 1 >= shape[2]:
            continue
        span = totals.window(window, since)
        amount = (totals if window == 1 else tamed).amounts(window, since)
        is_known = (baseline.history[:, since:] >= MIN_HISTORY_DAYS) & (span.history >= MIN_LEVEL_DAYS)
        is_judged = span.is_judged & is_known
        for kind in np.unique(baseline.grid.kinds):
            rows = np.flatnonzero(baseline.grid.kinds == kind)
            high, low = tails(str(kind), amount[rows], span.expected[rows], span.variance[rows], span.exposure[rows])
            share = np.minimum(span.extra_share[rows] * times_calmer[rows][:, span.level_at], 1.0)
            known = spread_days(span.history[rows], share, heavy[rows, since:])
            tail = freedom(heavy[rows, since:], window, span.extra_share[rows])
            upper[index, rows, since:] = np.where(is_judged[rows], soften(high, known, tail), np.nan)
            lower[index, rows, since:] = np.where(is_judged[rows], soften(low, known, tail), np.nan)
        ratio[index, :, since:], excess[index, :, since:] = span.ratio, span.excess
        exposure[index, :, since:], z[index, :, since:] = span.behind, span.z
        precision[index, :, since:] = span.expected / np.sqrt(np.maximum(span.variance, 1e-12))
    if not baseline.grid.is_weekly:
        return Scores(windows, upper, lower, ratio, excess, exposure, z, precision, TRIES)
    for side in (upper, lower):
        side[1] = np.where(np.isnan(side[1]), np.nan, two_week_chance(side[0]))
    # the sum of two weeks has weighed today already
    z[1] = z[0]
    return Scores(windows, upper, lower, ratio, excess, exposure, z, precision, WEEKLY_TRIES)


def windows_of(grid: Grid) -> tuple[int, ...]:
    """Window lengths in columns: days, or weeks of a weekly panel."""
    return WEEKLY_WINDOWS if grid.is_weekly else WINDOWS
