"""The day-by-day filter behind the baseline: predict, compare, learn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.panel.baseline_common import Wobble
from contextcheck.panel.baseline_grid import WEEK
from contextcheck.panel.baseline_holidays import Holidays
from contextcheck.panel.baseline_level import LEARNING_DAYS, Levels
from contextcheck.panel.baseline_pool import (
    MIN_EXTRA_VARIANCE,
    SPREAD_CLIP,
    SPREAD_FROM_DAYS,
    SPREAD_SHARE,
    ExtraVariance,
    Likeness,
    Weekdays,
)

if TYPE_CHECKING:
    from contextcheck.panel.baseline_grid import Bools, Floats, Grid
    from contextcheck.panel.baseline_known import Known

# per kind, on the log scale
START_EXTRA_VARIANCE = {"rate": 0.05**2, "count": 0.12**2, "mean": 0.04**2}
WEEKDAY_SD = {"rate": 0.08, "count": 0.4, "mean": 0.08}
REGION_WEEKDAY_SD = {"rate": 0.05, "count": 0.15, "mean": 0.05}
WOBBLE_LIMIT = {"rate": 0.15, "count": 0.4, "mean": 0.15}
HOT_WINDOW_DAYS = (1, 3, 7, 14, 28)
HOT_Z = 4.0
HOT_LEARNING = 0.02
# of what all regions share on a day, taken to stay: a tenth, and at most so much that the whole limit takes a month
STAYING_SHARE = 0.1
STAYING_DAYS = 30
# an incident goes on while the last week stands so far off
GOING_ON_DAYS = 7
GOING_ON_Z = 2.0
NEW_LEVEL_AFTER_DAYS = 28
RELEARN_DAYS = 14
RELEARN_VARIANCE = 0.25


KEPT_ARRAYS = (
    "level",
    "level_variance",
    "offset",
    "extra_variance",
    "value_variance",
    "history",
    "drift",
    "common",
    "offset_variance",
    "likeness",
)
# the longest window, the guard before it and the level before that
FEWEST_COLUMNS = max(HOT_WINDOW_DAYS) + 4


@dataclass(slots=True)
class State:
    """Arrays series × columns, filled column by column; of many series only the newest columns are kept, in a ring."""

    level: Floats
    level_variance: Floats
    offset: Floats
    extra_variance: Floats
    value_variance: Floats
    history: Floats
    drift: Floats
    common: Floats
    offset_variance: Floats
    likeness: Floats
    amount_sum: Floats
    base_sum: Floats
    counting_sum: Floats
    base_square_sum: Floats


@dataclass(slots=True)
class _Now:
    """What is carried from day to day, one value per series."""

    level: Floats
    variance: Floats
    drift: Floats
    seen: Floats
    hot_days: Floats
    relearn: Floats
    value_sumsq_ratio: Floats
    values: Floats
    moved: Floats
    departure_before: Floats
    likeness: Floats


@dataclass(frozen=True, slots=True)
class _Today:
    """A day against what was expected, without what all regions share.

    `weight` is 0 on holidays: what they do is neither weekday nor spread.
    """

    departure: Floats
    log_departure: Floats
    counting: Floats
    phi: Floats
    weight: Floats
    is_hot: Bools


def run_filter(grid: Grid, known: Known, kept: int) -> State:
    """Run the filter over all columns of a grid; column t of the result knows only the columns before t.

    Args:
        grid: The series.
        known: What is known of each column beforehand; the filter follows what departs from it.
        kept: How many of the newest columns are wanted; at least `FEWEST_COLUMNS`.

    Returns:
        Arrays of that many columns, the newest last; the running sums are of use to the filter only.
    """
    state = _empty_state(grid, kept)
    now = _Now(*(np.zeros(len(grid.series)) for _ in range(11)))
    count = len(grid.metrics)
    levels = Levels.of(grid)
    weekdays = Weekdays(grid.metric_of, count, _per_kind(grid, WEEKDAY_SD), _per_kind(grid, REGION_WEEKDAY_SD))
    extra = ExtraVariance(grid.metric_of, count, _per_kind(grid, START_EXTRA_VARIANCE))
    wobble = Wobble(grid.metric_of, count, _per_kind(grid, WOBBLE_LIMIT))
    likeness = Likeness(grid.metric_of, count)
    holidays = Holidays(grid)
    for day, weekday in enumerate(grid.weekdays):
        _begin_new_series(grid, levels, now, day)
        levels.move(known.movement[:, day])
        now.level, now.variance, now.drift = levels.expect()
        now.moved = now.moved + levels.moved
        now.level, now.variance = now.level + known.level[:, day], now.variance + known.variance[:, day]
        holiday, holiday_variance, is_named = holidays.expect(day)
        shape = np.zeros(len(now.level)) if grid.is_weekly else weekdays.effects()[:, weekday]
        effect = known.effect[:, day] + holiday + shape
        # weekly sums carry their extra variance as a dispersion
        phi = np.full(len(now.level), MIN_EXTRA_VARIANCE) if grid.is_weekly else extra.estimate()
        is_seen = grid.exposure[:, day] > 0
        expected = grid.exposure[:, day] * np.exp(now.level + effect)
        value_variance = _value_variance(grid, now) * known.dispersion[:, day]
        counting = counting_variance(grid.kinds, expected, grid.exposure[:, day], value_variance)
        ratio = np.where(is_seen, grid.amount[:, day] / np.maximum(expected, 1e-12), 1.0)
        now.likeness = likeness.estimate()
        is_hot, goes_on = _is_hot(grid, state, now, phi, day)
        is_trusted = is_seen & ~is_hot & (now.seen >= LEARNING_DAYS)
        noise = counting + phi + holiday_variance
        # what holidays do is no movement of all regions, unless all have one
        common = wobble.of_day(ratio - 1, noise + now.variance, is_trusted & ~is_named)
        _record(state, grid, now, day, (effect + common, phi, value_variance, counting + holiday_variance))
        state.common[:, day % kept], state.offset_variance[:, day % kept] = common, holiday_variance
        ratio = np.where(is_seen, ratio * np.exp(-common), 1.0)
        weight = _weights(grid, levels, now, ratio - 1, noise + now.variance, is_seen, is_hot, goes_on)
        log_departure = _log_departure(grid, ratio, expected * np.exp(common))
        unsure = _log_variance(grid, log_departure, counting) + phi + now.variance
        holidays.learn(day, log_departure + holiday, unsure, is_trusted)
        today = _Today(ratio - 1, log_departure, counting, phi, np.where(is_named, 0.0, weight), is_hot)
        _learn_weekday(weekdays, now, today, int(weekday), shape)
        _learn_spread(extra, now, today)
        likeness.learn((ratio - 1) / np.sqrt(noise + now.variance), is_trusted & (weight >= 1) & ~is_named)
        is_early = (now.seen < LEARNING_DAYS) | (now.relearn > 0)
        levels.learn(ratio, now.level - known.level[:, day], noise + known.variance[:, day], weight, is_early, is_named)
        # what stays in all regions is no wobble: it moves their levels
        now.moved = now.moved + levels.follow(np.where(is_named, 0.0, staying(common, wobble.limit)))
        _learn_values(grid, now, day, weight)
    return _in_order(state, len(grid.days), kept)


def staying(common: Floats, limit: Floats | float) -> Floats:
    """How far what all regions share on a day moves their levels until the next."""
    return np.clip(STAYING_SHARE * common, -limit / STAYING_DAYS, limit / STAYING_DAYS)


def counting_variance(kinds: np.ndarray, expected: Floats, exposure: Floats, value_variance: Floats) -> Floats:
    """Relative variance of an amount from counting alone: binomial, Poisson, or spread of single values.

    `value_variance` is, for rates and counts, the dispersion that multiplies it.
    """
    shape = kinds if expected.ndim == 1 else kinds[:, None]
    positive = np.maximum(expected, 1e-9)
    share = np.clip(expected / np.maximum(exposure, 1e-9), 0, 0.98)
    rate = value_variance * (1 - share) / positive
    mean = value_variance / np.maximum(exposure, 1e-9)
    return np.where(shape == "rate", rate, np.where(shape == "mean", mean, value_variance / positive))


def _per_kind(grid: Grid, table: dict[str, float]) -> Floats:
    return np.array([table[str(kind)] for kind in grid.kinds])


def _empty_state(grid: Grid, kept: int) -> State:
    rows = len(grid.series)
    # a day is written and read at once, so its series lie side by side
    wanted = (np.zeros((rows, kept), order="F") for _ in range(10))
    return State(*wanted, *(np.zeros((rows, kept + 1), order="F") for _ in range(4)))


def _in_order(state: State, columns: int, kept: int) -> State:
    """Turn the ring so that the newest column is the last."""
    order = np.arange(columns - kept, columns) % kept
    if (np.diff(order) == 1).all():
        return state
    return replace(state, **{name: getattr(state, name)[:, order] for name in KEPT_ARRAYS})


def _begin_new_series(grid: Grid, levels: Levels, now: _Now, day: int) -> None:
    """Give a series that appears today the pooled level of its metric, with a wide uncertainty."""
    is_new = ~levels.is_started & (grid.exposure[:, day] > 0)
    if not is_new.any():
        return
    if grid.is_weekly:
        levels.begin(is_new, np.zeros(int(is_new.sum())))
        return
    first = np.array(now.level)
    for metric in np.unique(grid.metric_of[is_new]):
        members = grid.metric_of == metric
        fresh = members & is_new
        own = np.log(np.maximum(grid.amount[fresh, day], 0.5) / grid.exposure[fresh, day])
        known = members & (now.seen >= LEARNING_DAYS)
        if grid.kinds[np.flatnonzero(fresh)[0]] == "count":
            first[fresh] = own
        elif known.any():
            first[fresh] = np.median(now.level[known])
        else:
            pooled = (grid.amount[fresh, day].sum() + 0.5) / (grid.exposure[fresh, day].sum() + 1)
            first[fresh] = np.log(np.maximum(pooled, 1e-9))
    levels.begin(is_new, first[is_new])


def _value_variance(grid: Grid, now: _Now) -> Floats:
    """Squared coefficient of variation of single values, with a mild prior of 0.5 worth 20 values."""
    learned = (now.value_sumsq_ratio + 0.5 * 20) / (now.values + 20)
    return np.where(grid.kinds == "mean", np.maximum(learned, 0.01), 1.0)


def _is_hot(grid: Grid, state: State, now: _Now, phi: Floats, day: int) -> tuple[Bools, Bools]:
    """Whether the days just before today stand far off the level before them (approximate test), and still do."""
    hot, goes_on = (np.zeros(len(now.level), dtype=np.bool_) for _ in range(2))
    width = state.level.shape[1]
    for window in sorted({grid.columns(each) for each in HOT_WINDOW_DAYS}):
        if day - window < 1:
            continue
        before, first, last = (day - window - 1) % width, (day - window) % (width + 1), day % (width + 1)
        level = state.level[:, before]
        expected = (state.base_sum[:, last] - state.base_sum[:, first]) * np.exp(level)
        seen = state.amount_sum[:, last] - state.amount_sum[:, first]
        square = (state.base_square_sum[:, last] - state.base_square_sum[:, first]) * np.exp(2 * level)
        counting = state.counting_sum[:, last] - state.counting_sum[:, first]
        ahead = state.level_variance[:, before] + now.drift * (1 + window / 3)
        variance = counting + phi * square + expected**2 * ahead
        z = (seen - expected) / np.sqrt(np.maximum(variance, 1e-9))
        hot |= (np.abs(z) > HOT_Z) & (state.history[:, before] >= LEARNING_DAYS)
        if window == grid.columns(GOING_ON_DAYS):
            goes_on = np.abs(z) > GOING_ON_Z
    return hot, hot & goes_on


def _record(state: State, grid: Grid, now: _Now, day: int, known: tuple[Floats, Floats, Floats, Floats]) -> None:
    offset, phi, value_variance, counting = known
    width = state.level.shape[1]
    at, last, after = day % width, day % (width + 1), (day + 1) % (width + 1)
    # what the season has moved so far belongs to the day, so that a window is judged by the season of its own days
    offset = offset + now.moved
    state.level[:, at] = now.level - now.moved
    state.level_variance[:, at] = now.variance
    state.offset[:, at] = offset
    state.extra_variance[:, at] = phi
    state.value_variance[:, at] = value_variance
    state.history[:, at] = now.seen
    state.drift[:, at] = now.drift
    state.likeness[:, at] = now.likeness
    base = grid.exposure[:, day] * np.exp(offset)
    expected = base * np.exp(state.level[:, at])
    state.amount_sum[:, after] = state.amount_sum[:, last] + grid.amount[:, day]
    state.base_sum[:, after] = state.base_sum[:, last] + base
    state.base_square_sum[:, after] = state.base_square_sum[:, last] + base**2
    state.counting_sum[:, after] = state.counting_sum[:, last] + counting * expected**2


def _log_departure(grid: Grid, ratio: Floats, expected: Floats) -> Floats:
    """Log of observed over expected; half an event is added to both, so that none of two expected is no huge fall."""
    half = np.where(grid.kinds == "mean", 0.0, 0.5)
    return np.asarray(np.log(np.maximum((ratio * expected + half) / np.maximum(expected + half, 1e-12), 1e-4)))


def _log_variance(grid: Grid, log_departure: Floats, counting: Floats) -> Floats:
    """Counting variance on the log scale: none of four expected is a long way down there, and no rare thing.

    Method:
        The variance with which the departure is as many standard deviations as the signed root of its Poisson deviance.
    """
    is_fall = (grid.kinds != "mean") & (log_departure < -0.01)
    fall = np.where(is_fall, log_departure, -0.01)
    deviance = 2 * (np.exp(fall) * (fall - 1) + 1)
    return np.where(is_fall, counting * fall**2 / deviance, counting)


def _weights(
    grid: Grid,
    levels: Levels,
    now: _Now,
    departure: Floats,
    variance: Floats,
    is_seen: Bools,
    is_hot: Bools,
    goes_on: Bools,
) -> Floats:
    """How much today may teach: little inside an incident, fully again once it is taken as the new level."""
    z = departure / np.sqrt(variance)
    is_incident = is_hot & (np.abs(z) > 1) & (now.seen >= LEARNING_DAYS) & (now.relearn <= 0)
    step = np.where(goes_on | is_incident, 1.0, -2.0)
    now.hot_days = np.where(is_seen, np.maximum(now.hot_days + step, 0), now.hot_days)
    is_accepted = now.hot_days >= grid.columns(NEW_LEVEL_AFTER_DAYS)
    now.relearn = np.where(is_accepted, grid.columns(RELEARN_DAYS), np.maximum(now.relearn - is_seen, 0))
    levels.widen(is_accepted, RELEARN_VARIANCE)
    now.hot_days = np.where(is_accepted, 0, now.hot_days)
    return np.where(is_seen, np.where(is_incident & ~is_accepted, HOT_LEARNING, 1.0), 0.0)


def _learn_weekday(weekdays: Weekdays, now: _Now, today: _Today, weekday: int, effect: Floats) -> None:
    """A far departure is told whole, on the log scale, for the weekday that shows it again."""
    variance = today.counting + today.phi + now.variance
    spread = np.sqrt(variance)
    clipped = np.clip(today.departure, -SPREAD_CLIP * spread, SPREAD_CLIP * spread)
    is_settled = (today.weight >= 1) & (now.seen >= WEEK) & (now.relearn <= 0)
    is_far = np.abs(today.departure) > SPREAD_CLIP * spread
    whole = np.where(today.weight > 0, np.where(is_far, today.log_departure, clipped), np.nan)
    weekdays.learn(weekday, effect, (clipped, whole), np.where(today.weight > 0, 1 / variance, 0.0), is_settled)


def _learn_spread(extra: ExtraVariance, now: _Now, today: _Today) -> None:
    """Inside an incident all days lie off the level; how far a day lies from the one before still shows the spread."""
    is_beside = today.is_hot & ~np.isnan(now.departure_before)
    apart = np.where(is_beside, (today.log_departure - now.departure_before) / np.sqrt(2), today.departure)
    now.departure_before = np.where(today.weight > 0, today.log_departure, np.nan)
    is_counted = (today.weight > 0) & (now.relearn <= 0) & (now.seen >= SPREAD_FROM_DAYS) & (is_beside | ~today.is_hot)
    known = today.counting + np.where(is_beside, 0.0, now.variance)
    limited = extra.limited(apart, known + today.phi, is_counted) ** 2 / SPREAD_SHARE
    extra.learn(limited - known, known, is_counted)


def _learn_values(grid: Grid, now: _Now, day: int, weight: Floats) -> None:
    """Count the day: days with data, and the spread of single values of means."""
    is_seen = weight > 0
    now.seen = now.seen + is_seen
    is_value = is_seen & (grid.kinds == "mean")
    mean = np.exp(now.level)
    around = grid.sumsq[:, day] - 2 * mean * grid.amount[:, day] + grid.exposure[:, day] * mean**2
    ratio = np.where(is_value, np.maximum(around, 0) / np.maximum(mean, 1e-12) ** 2, 0.0)
    now.value_sumsq_ratio = now.value_sumsq_ratio * 0.99 + weight * ratio
    now.values = now.values * 0.99 + weight * np.where(is_value, grid.exposure[:, day], 0.0)
