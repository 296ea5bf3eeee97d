"""Did it move on the named days and not on others?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtr, stdtrit

from contextcheck.explain.signs.outcome import decided, not_testable, percent
from contextcheck.records import Estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from contextcheck.explain.signs.interface import SignOutcome
    from contextcheck.explain.slices import Floats, Mask, Slice
    from contextcheck.knowledge.signs import Sign

    Days = NDArray[np.datetime64]

MIN_OTHER_DAYS = 7
MIN_PER_WEEKDAY = 3


@dataclass(frozen=True, slots=True)
class Weekdays:
    """Usual level of every day by its weekday, and how many quiet days that rests on (infinite without weekdays)."""

    level: Floats
    days_behind: Floats
    weekday: NDArray[np.int64]

    def error_of(self, chosen: Mask) -> float:
        """Variance of the mean usual level over some days, in units of the variance of one day."""
        counts = np.bincount(self.weekday[chosen], minlength=7) / max(int(chosen.sum()), 1)
        behind = np.full(7, np.inf)
        behind[self.weekday] = self.days_behind
        return float((counts**2 / behind).sum())


@dataclass(frozen=True, slots=True)
class Spread:
    """Quiet days less their usual level, their mean level, and the variance of what the named days are compared with.

    `usual_variance` is in units of the variance of one day.
    """

    residuals: Floats
    level: float
    usual_variance: float
    is_by_weekday: bool


class Calendar:
    """Say whether the excess lies on the days that the entry names.

    Method: daily rates of past and window, less the mean of their weekday (unnamed days of the past, at least three of
        each weekday); mean on the named days of the window minus mean on all days that are not named, in units of the
        day-to-day spread of the unnamed days outside the window: t test with days as units (two means and the weekday
        means; the spread is widened to the level of the days compared, as binomial or Poisson days spread). When the
        past holds three or more named days, they are the comparison instead.
    Source: event-study t test on daily data, Brown and Warner (1985), Journal of Financial Economics 14.
    Blind spots: any other thing that happened on the same days; with few named days only large moves can be seen.

    Example:
        >>> import numpy as np
        >>> difference, _, error = two_means(np.array([2.0, 2.0]), np.array([1.0, 1.2, 0.8, 1.0]), 0.2, 3)
        >>> round(difference, 6), round(error, 6)
        (1.0, 0.173205)
    """

    def test(self, slice_: Slice, sign: Sign) -> SignOutcome:
        """Test the sign; see `SignTest`."""
        if slice_.named_days is None:
            return not_testable(sign, "the entry names no days")
        days, rates = daily_rates(slice_)
        named = np.isin(days, np.array(sorted(slice_.named_days), dtype="datetime64[D]"))
        start, end = np.datetime64(slice_.scene.window.start), np.datetime64(slice_.scene.window.end)
        window = (days >= start) & (days <= end)
        if not (named & window).any():
            return _none_named(sign, int(window.sum()))
        others = ~named
        past_named = named & ~window
        comparison = past_named if int(past_named.sum()) >= 3 else others
        if int(others[~window].sum()) < MIN_OTHER_DAYS:
            return not_testable(
                sign, f"{int(others[~window].sum())} other days to compare with, {MIN_OTHER_DAYS} needed"
            )
        quiet = others & ~window
        usual = weekday_means(days, rates, quiet)
        by_weekday = usual.error_of(named & window)
        # the residuals of quiet days have mean 0: only days of the window and named days add to the variance
        loose = int((comparison & ~quiet).sum()) if by_weekday else int(comparison.sum())
        variance = by_weekday + loose / int(comparison.sum()) ** 2
        spread = Spread(rates[quiet] - usual.level[quiet], float(rates[quiet].mean()), variance, bool(by_weekday))
        return _outcome(slice_, sign, rates, usual.level, named & window, comparison, spread)


def daily_rates(slice_: Slice) -> tuple[Days, Floats]:
    """Days with any order, and the metric's level on each (for a count, its sum)."""
    chosen = slice_.focus
    days, position = np.unique(slice_.day[chosen], return_inverse=True)
    amount = np.bincount(position, weights=slice_.amount[chosen]).astype(np.float64)
    exposure = np.bincount(position, weights=slice_.exposure[chosen])
    if slice_.scene.metric.kind == "count":
        return days, amount
    return days, np.divide(amount, exposure, out=np.zeros(len(amount)), where=exposure > 0)


def weekday_means(days: Days, rates: Floats, quiet: Mask) -> Weekdays:
    """Mean of the quiet days per weekday for every day; one mean for all when a weekday has fewer than three."""
    weekday = (days.astype("datetime64[D]").astype(np.int64) + 3) % 7
    counts = np.bincount(weekday[quiet], minlength=7)
    if counts.min() < MIN_PER_WEEKDAY:
        return Weekdays(np.full(len(days), float(rates[quiet].mean())), np.full(len(days), np.inf), weekday)
    means = np.bincount(weekday[quiet], weights=rates[quiet], minlength=7) / counts
    return Weekdays(means[weekday], counts[weekday].astype(np.float64), weekday)


def two_means(
    named: Floats, others: Floats, spread: float, degrees: int, usual_variance: float | None = None
) -> tuple[float, float, float]:
    """Difference of the means, half width of its 95 % interval, and the standard error, days being the units.

    `usual_variance` is the variance of what the named days are compared with, in units of the variance of one day; that
    of the others' mean when left out.
    """
    usual_variance = 1 / len(others) if usual_variance is None else usual_variance
    error = float(spread * np.sqrt(1 / len(named) + usual_variance))
    return float(named.mean() - others.mean()), float(stdtrit(degrees, 0.975)) * error, error


def level_factor(kind: str, level: float, quiet_level: float) -> float:
    """How much wider days spread at another level: as binomial days do for a rate, as Poisson days for a count."""
    if kind == "rate":
        level, quiet_level = level * (1 - level), quiet_level * (1 - quiet_level)
    if kind in ("mean", "sum") or not (level > 0 and quiet_level > 0):
        return 1.0
    return float(np.sqrt(level / quiet_level))


def _none_named(sign: Sign, days: int) -> SignOutcome:
    return decided(
        sign,
        holds=sign.text("expect") == "not_moved",
        sentence=f"none of the {days} flagged days is one of the named days",
        effect=None,
        unit="",
        n=days,
        p_value=None,
    )


def _outcome(
    slice_: Slice, sign: Sign, rates: Floats, usual: Floats, named: Mask, comparison: Mask, spread: Spread
) -> SignOutcome:
    degrees = len(spread.residuals) - (7 if spread.is_by_weekday else 1)
    level = float(rates[named | comparison].mean())
    day_spread = float(np.sqrt((spread.residuals**2).sum() / degrees))
    day_spread *= level_factor(slice_.scene.metric.kind, level, spread.level)
    adjusted = rates - usual
    difference, margin, error = two_means(
        adjusted[named], adjusted[comparison], day_spread, degrees, spread.usual_variance
    )
    towards = 1.0 if slice_.scene.direction == "up" else -1.0
    low, high = difference - margin, difference + margin
    moved = towards * difference > 0 and not low <= 0 <= high
    still = max(abs(low), abs(high)) < 0.25 * abs(slice_excess_rate(slice_))
    holds: bool | None = None
    if moved or still or towards * difference <= 0:
        holds = moved == (sign.text("expect") != "not_moved")
    p_value = float(stdtr(degrees, -towards * difference / error)) if error > 0 else float(difference == 0)
    is_share = slice_.scene.metric.kind == "rate"
    now = float(rates[named].mean())
    shown = [percent(each) if is_share else f"{each:,.3g}" for each in (now, now - difference)]
    days = f"{int(comparison.sum())} others" + (", weekday by weekday" if spread.is_by_weekday else "")
    return decided(
        sign,
        holds=holds,
        sentence=f"{shown[0]} on the {int(named.sum())} named days, {shown[1]} on {days}",
        effect=Estimate(difference, low, high),
        unit="difference of daily levels",
        n=int(named.sum()),
        p_value=p_value if sign.text("expect") != "not_moved" else None,
        unclear="the named days differ too little from the day-to-day spread",
    )


def slice_excess_rate(slice_: Slice) -> float:
    """Level of the window minus level of the past, in focus."""
    days, rates = daily_rates(slice_)
    start, end = np.datetime64(slice_.scene.window.start), np.datetime64(slice_.scene.window.end)
    window: Mask = (days >= start) & (days <= end)
    return float(rates[window].mean() - rates[~window].mean()) if window.any() and (~window).any() else 0.0
