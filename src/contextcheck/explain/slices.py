"""What a sign sees: the flagged region's orders from its quiet past to the end of the flag, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd

from contextcheck.explain.resampling import DRAWS, Draws, Resampler, customer_groups, minus, ratio, times
from contextcheck.knowledge.signs import GROUPS as STATUS_GROUPS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime

    import ibis
    from numpy.typing import NDArray

    from contextcheck.explain.voices import Voice
    from contextcheck.knowledge.lines import Line
    from contextcheck.knowledge.metrics import Metric
    from contextcheck.panel.table import Panel
    from contextcheck.records import Direction, Launch, Window

    Mask = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Codes = NDArray[np.int64]

Result = TypeVar("Result")

HOUR = "_hour"
"""Column of a slice's frame: hour of the region's local day, 0 to 23."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Where and when: what does not change while the signs of a flag are tested.

    Attributes:
        region: Region of the flag.
        metric: The metric whose excess is explained.
        direction: Which way it moved.
        window: The flagged days.
        before: The quiet days it is compared with; None when there are none.
        before_reason: Why there are none.
        lines: Line name to this region's line.
        panel: Daily sums of every region, for the signs that look at others.
        launches: Every launch of the run.
        seed: Of the draws.
        columns: Canonical columns that the orders have.
        voices: Contacts, surveys and disputes around the flag, as far as they are given.
    """

    region: str
    metric: Metric
    direction: Direction
    window: Window
    before: Window | None
    before_reason: str
    lines: Mapping[str, Line]
    panel: Panel
    launches: tuple[Launch, ...] = ()
    seed: int = 0
    columns: frozenset[str] = frozenset()
    voices: Mapping[str, Voice] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Everyone:
    """All orders of a flag in the engine, where only some customers were read.

    Attributes:
        table: Orders of the region from the quiet past to the end of the flag, with what each adds to the metric
            (`_flagged`) and whether it counts (`_exposed`).
        bounds: First instant of a window and first instant after it, on the clock of the orders.
    """

    table: ibis.Table
    bounds: Callable[[Window], tuple[datetime, datetime]]


@dataclass(frozen=True, slots=True)
class Slice:
    """The orders of one flag, one row each, with what each adds to the flagged metric.

    Attributes:
        scene: Where and when.
        frame: One row per order; text columns are categories, times are on the source clock.
        day: Local day of each order, datetime64[D].
        in_window: Whether the order belongs to the flagged days; the others belong to the quiet past.
        amount: What the order adds to the metric: 1 or 0 for rates and counts, its value for means.
        exposure: Whether the order counts in the denominator, 1 or 0.
        cluster: Customer code, 0 upwards; an order without a customer is a customer of its own.
        group: Resampling group of the customer.
        scale: What the past is multiplied with: exposure in the window / exposure in the past (days for counts).
        focus: Orders that are looked at; the others are already explained by something else.
        named_days: Local days on which the entry under test can hold; None when it can on any.
        draws: Bootstrap draws per test.
        sample_share: Share of the customers that were read, 1 for all.
        everyone: All orders in the engine when only some customers were read; None when all were.
    """

    scene: Scene
    frame: pd.DataFrame
    day: NDArray[np.datetime64]
    in_window: Mask
    amount: Floats
    exposure: Floats
    cluster: Codes
    group: Codes
    scale: float
    focus: Mask
    named_days: frozenset[date] | None = None
    draws: int = DRAWS
    sample_share: float = 1.0
    everyone: Everyone | None = None
    _cache: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def has_past(self) -> bool:
        """Whether there is a quiet past with any exposure."""
        return bool(np.isfinite(self.scale))

    @property
    def flagged(self) -> Mask:
        """Orders of the window that count as events of the metric, whatever is in focus."""
        return np.asarray(self.in_window & (self.amount != 0), dtype=bool)

    def has(self, *columns: str) -> bool:
        """Whether the orders carry these canonical columns."""
        return all(column in self.frame for column in columns)

    def numbers(self, column: str) -> Floats:
        """A numeric column as floats, NaN where missing."""
        return self.frame[column].to_numpy(dtype=np.float64, na_value=np.nan)

    def among(self, name: str) -> Mask:
        """Orders of a group by name (see `GROUPS` of the signs) that are in focus, of both periods."""
        if name in ("flagged", "all", ""):
            chosen = self.amount != 0 if name != "all" and self.scene.metric.kind != "mean" else self.exposure > 0
            return chosen & self.focus
        statuses = self.kept(name, lambda: np.asarray(self.frame["status"].isin(STATUS_GROUPS[name]), dtype=bool))
        return statuses & self.focus

    def kept(self, name: str, compute: Callable[[], Result]) -> Result:
        """Compute something about all orders once, whatever is in focus."""
        if name not in self._cache:
            self._cache[name] = compute()
        found: Result = self._cache[name]
        return found

    def resampler(self, salt: int = 0) -> Resampler:
        """Draws of whole customers; the same slice and salt give the same draws."""
        return Resampler(self.group, self.scene.seed + 7919 * salt, self.draws)

    def excess(self, resampler: Resampler, members: Mask | None = None) -> Draws:
        """Give the amount of some orders in the window beyond what the past makes usual.

        Args:
            resampler: From `resampler()`.
            members: Orders of both periods; None for all, whether in focus or not.
        """
        amount = self.amount if members is None else np.where(members, self.amount, 0.0)
        window = resampler.totals(np.where(self.in_window, amount, 0.0))
        past = resampler.totals(np.where(self.in_window, 0.0, amount))
        return minus(window, times(past, self.scale_draws(resampler)))

    def scale_draws(self, resampler: Resampler) -> Draws:
        """The factor of the past on the data and on each draw."""
        if self.scene.metric.kind == "count" or not self.has_past:
            return Draws(self.scale, np.full(self.draws, self.scale))
        window = resampler.totals(np.where(self.in_window, self.exposure, 0.0))
        past = resampler.totals(np.where(self.in_window, 0.0, self.exposure))
        return ratio(window, past)

    def focused(self, focus: Mask) -> Slice:
        """The same slice with only some orders looked at."""
        return replace(self, focus=focus)

    def named(self, days: frozenset[date] | None) -> Slice:
        """The same slice for an entry that can hold on these days."""
        return replace(self, named_days=days)

    def relabelled(self, rows: Mask, in_window: Mask, scene: Scene, draws: int) -> Slice:
        """Part of the slice with another division into past and window, for a placebo."""
        chosen = np.flatnonzero(rows)
        inside = in_window[chosen]
        exposure = self.exposure[chosen]
        return Slice(
            scene=scene,
            frame=self.frame.iloc[chosen],
            day=self.day[chosen],
            in_window=inside,
            amount=self.amount[chosen],
            exposure=exposure,
            cluster=self.cluster[chosen],
            group=self.group[chosen],
            scale=scale_of(scene, exposure, inside, self.day[chosen]),
            focus=np.ones(len(chosen), dtype=bool),
            named_days=self.named_days,
            draws=draws,
            sample_share=self.sample_share,
            # who is linked with whom does not change with the days that are looked at
            _cache={name: value for name, value in self._cache.items() if name.startswith("groups ")},
        )


def scale_of(scene: Scene, exposure: Floats, in_window: Mask, day: NDArray[np.datetime64]) -> float:
    """Give exposure in the window over exposure in the past; NaN when there is no past."""
    if scene.metric.kind == "count":
        past_days = len(np.unique(day[~in_window]))
        return len(np.unique(day[in_window])) / past_days if past_days else float("nan")
    past = float(exposure[~in_window].sum())
    return float(exposure[in_window].sum()) / past if past else float("nan")


def known_by_day(*columns: pd.Series[Any]) -> bool:
    """Whether one of these columns knows the day only: none of its times has a time of day, so hours mean nothing."""
    moments = (pd.to_datetime(each.dropna()) for each in columns)
    return any(len(each) > 0 and bool((each == each.dt.normalize()).all()) for each in moments)


def make_slice(
    scene: Scene,
    frame: pd.DataFrame,
    day: NDArray[np.datetime64],
    amount: Floats,
    exposure: Floats,
    *,
    sample_share: float = 1.0,
    everyone: Everyone | None = None,
) -> Slice:
    """Give the slice of orders that were read: customers coded, periods marked, resampling groups set."""
    cluster = customer_codes(frame)
    in_window = (day >= np.datetime64(scene.window.start)) & (day <= np.datetime64(scene.window.end))
    return Slice(
        scene=scene,
        frame=frame,
        day=day,
        in_window=in_window,
        amount=amount,
        exposure=exposure,
        cluster=cluster,
        group=customer_groups(cluster),
        scale=scale_of(scene, exposure, in_window, day),
        focus=np.ones(len(frame), dtype=bool),
        sample_share=sample_share,
        everyone=everyone,
    )


def customer_codes(frame: pd.DataFrame) -> Codes:
    """Give each order the code of its customer; without one, a code of its own."""
    own = np.arange(len(frame), dtype=np.int64)
    if "customer_id" not in frame:
        return own
    known = frame["customer_id"].astype("category").cat.codes.to_numpy().astype(np.int64)
    codes = np.where(known >= 0, known, own + len(frame))
    return np.unique(codes, return_inverse=True)[1].astype(np.int64)
