"""Did it move on the named days and not on others?"""

from __future__ import annotations

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


class Calendar:
    """Say whether the excess lies on the days that the entry names.

    Method: daily rates of past and window; mean on the named days of the window minus mean on all days that are not
        named, in units of the day-to-day spread of the unnamed days outside the window: t test with days as units (two
        means; the spread is widened to the level of the days compared, as binomial or Poisson days spread). When the
        past holds three or more named days, they are the comparison instead, so that a habit of every Saturday does
        not explain one Saturday.
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
        return _outcome(slice_, sign, rates[named & window], rates[comparison], rates[others & ~window])


def daily_rates(slice_: Slice) -> tuple[Days, Floats]:
    """Days with any order, and the metric's level on each (for a count, its sum)."""
    chosen = slice_.focus
    days, position = np.unique(slice_.day[chosen], return_inverse=True)
    amount = np.bincount(position, weights=slice_.amount[chosen]).astype(np.float64)
    exposure = np.bincount(position, weights=slice_.exposure[chosen])
    if slice_.scene.metric.kind == "count":
        return days, amount
    return days, np.divide(amount, exposure, out=np.zeros(len(amount)), where=exposure > 0)


def two_means(named: Floats, others: Floats, spread: float, degrees: int) -> tuple[float, float, float]:
    """Difference of the means, half width of its 95 % interval, and the standard error, days being the units."""
    error = float(spread * np.sqrt(1 / len(named) + 1 / len(others)))
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


def _outcome(slice_: Slice, sign: Sign, named: Floats, others: Floats, quiet: Floats) -> SignOutcome:
    level = float(np.concatenate([named, others]).mean())
    spread = float(quiet.std(ddof=1)) * level_factor(slice_.scene.metric.kind, level, float(quiet.mean()))
    difference, margin, error = two_means(named, others, spread, len(quiet) - 1)
    towards = 1.0 if slice_.scene.direction == "up" else -1.0
    low, high = difference - margin, difference + margin
    moved = towards * difference > 0 and not low <= 0 <= high
    usual = float(others.mean())
    still = max(abs(low), abs(high)) < 0.25 * abs(slice_excess_rate(slice_))
    holds: bool | None = None
    if moved or still or towards * difference <= 0:
        holds = moved == (sign.text("expect") != "not_moved")
    p_value = float(stdtr(len(quiet) - 1, -towards * difference / error)) if error > 0 else float(difference == 0)
    is_share = slice_.scene.metric.kind == "rate"
    shown = (percent(float(named.mean())), percent(usual)) if is_share else (f"{named.mean():,.3g}", f"{usual:,.3g}")
    return decided(
        sign,
        holds=holds,
        sentence=f"{shown[0]} on the {len(named)} named days, {shown[1]} on {len(others)} others",
        effect=Estimate(difference, low, high),
        unit="difference of daily levels",
        n=len(named),
        p_value=p_value if sign.text("expect") != "not_moved" else None,
        unclear="the named days differ too little from the day-to-day spread",
    )


def slice_excess_rate(slice_: Slice) -> float:
    """Level of the window minus level of the past, in focus."""
    days, rates = daily_rates(slice_)
    start, end = np.datetime64(slice_.scene.window.start), np.datetime64(slice_.scene.window.end)
    window: Mask = (days >= start) & (days <= end)
    return float(rates[window].mean() - rates[~window].mean()) if window.any() and (~window).any() else 0.0
