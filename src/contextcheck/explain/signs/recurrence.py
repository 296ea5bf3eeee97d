"""Was there the same move in the same season a year ago?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from contextcheck.explain.signs.outcome import decided, not_testable, percent
from contextcheck.records import Estimate

if TYPE_CHECKING:
    from contextcheck.explain.signs.interface import SignOutcome
    from contextcheck.explain.slices import Floats, Scene, Slice
    from contextcheck.knowledge.signs import Sign

YEAR_DAYS = 364
MIN_PAST_DAYS = 14


class Recurrence:
    """Say whether the metric moved alike in the same weeks a year ago.

    Method: the window moved back by 364 days (same weekdays) against the days of the quiet past moved back likewise,
        from the panel: log ratio of the mean daily levels with a t interval, days as units (spread of the log of the
        quiet days). Present when its lower end lies above half of this year's move; absent when its upper end lies
        below.
    Source: seasonal-naive comparison, Hyndman and Athanasopoulos (2021), Forecasting: Principles and Practice, 3rd ed.
    Blind spots: one year is one occurrence ("seen once"); feasts that follow the moon lie on other days a year ago.

    Example:
        >>> import numpy as np
        >>> value, low, high = log_move(np.array([2.0, 2.0]), np.array([1.0, 1.1, 0.9, 1.0] * 4))[:3]
        >>> round(value, 2), low > 0.5
        (0.69, True)
    """

    def test(self, slice_: Slice, sign: Sign) -> SignOutcome:
        """Test the sign; see `SignTest`."""
        scene = slice_.scene
        if scene.before is None:
            return not_testable(sign, scene.before_reason)
        now, past = _levels(scene, 0)
        then, past_then = _levels(scene, YEAR_DAYS)
        if len(then) < max(1, len(now) // 2) or len(past_then) < MIN_PAST_DAYS or not len(now):
            return not_testable(
                sign,
                f"{len(past_then)} quiet days a year ago are in the data, {MIN_PAST_DAYS} needed",
            )
        return _outcome(sign, float(np.log(now.mean() / past.mean())), then, past_then)


def log_move(window: Floats, past: Floats) -> tuple[float, float, float, float]:
    """Log ratio of the means with its 95 % interval and standard error; days are the units."""
    value = float(np.log(window.mean() / past.mean()))
    error = float(np.log(past).std(ddof=1) * np.sqrt(1 / len(window) + 1 / len(past)))
    margin = float(stdtrit(len(past) - 1, 0.975)) * error
    return value, value - margin, value + margin, error


def _levels(scene: Scene, days_ago: int) -> tuple[Floats, Floats]:
    """Daily levels of the window and of the past, both moved back; days with a level of 0 are left out."""
    assert scene.before is not None
    rows = scene.panel.usable()
    rows = rows[(rows["region"] == scene.region) & (rows["metric"] == scene.metric.id)]
    column = "value_sum" if scene.metric.kind in ("mean", "sum") else "events"
    level = (rows[column] / rows["exposure"]).to_numpy(dtype=np.float64)
    day, shift = rows["day"], timedelta(days=days_ago)
    found = []
    for window in (scene.window, scene.before):
        inside = day.between(pd.Timestamp(window.start - shift), pd.Timestamp(window.end - shift)).to_numpy()
        values = level[inside]
        found.append(values[np.isfinite(values) & (values > 0)])
    return found[0], found[1]


def _outcome(sign: Sign, own: float, then: Floats, past_then: Floats) -> SignOutcome:
    towards = 1.0 if own >= 0 else -1.0
    value, low, high, error = log_move(then, past_then)
    low, high = sorted((towards * low, towards * high))
    half = abs(own) / 2
    present = low > half
    holds: bool | None = None
    if present or high < half:
        holds = present == (sign.text("expect") != "absent")
    distance = (towards * value - half) / error if error > 0 else np.inf * np.sign(towards * value - half)
    p_present = float(stdtr(len(past_then) - 1, -distance))
    shown = "rose" if value >= 0 else "fell"
    return decided(
        sign,
        holds=holds,
        sentence=f"a year ago it {shown} by {percent(abs(float(np.expm1(value))))} in these weeks (seen once); "
        f"this year by {percent(abs(float(np.expm1(own))))}",
        effect=Estimate(value, *sorted((towards * low, towards * high))),
        unit="log ratio to the weeks before",
        n=len(then),
        p_value=p_present if sign.text("expect") != "absent" else 1 - p_present,
        unclear="a year ago it moved somewhat, neither clearly nor clearly not",
    )
