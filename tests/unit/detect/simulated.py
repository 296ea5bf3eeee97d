"""Panels with known rates, drawn with numpy alone; nothing of contextcheck's statistics is used."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import pandas as pd

from contextcheck.knowledge.metrics import DetectionRule, Metric
from contextcheck.panel.table import Panel

FIRST = date(2026, 1, 5)  # a Monday


@dataclass
class Shop:
    """A shop whose true rates are known.

    `rates` maps a metric to its usual rate; `changes` maps (region, metric) to a list of (first day, last day, new
    rate); `volume_changes` maps a region (or "*") to (first, last, factor).
    """

    orders: dict[str, float]
    rates: dict[str, float] = field(default_factory=lambda: {"cancel_rate": 0.06})
    days: int = 120
    changes: dict[tuple[str, str], list[tuple[int, int, float]]] = field(default_factory=dict)
    volume_changes: dict[str, list[tuple[int, int, float]]] = field(default_factory=dict)
    starts: dict[str, int] = field(default_factory=dict)
    spread: float = 0.05
    value: float | None = None
    value_changes: dict[str, list[tuple[int, int, float]]] = field(default_factory=dict)

    def panel(self, seed: int) -> Panel:
        rng = np.random.default_rng(seed)
        frames = []
        for region, per_day in self.orders.items():
            volume = self._volume(rng, region, per_day)
            first = self.starts.get(region, 0)
            frames.append(rows(region, "orders", volume, np.ones(self.days), first))
            for metric, usual in self.rates.items():
                rate = np.full(self.days, usual)
                for start, end, new in self.changes.get((region, metric), []):
                    rate[start : end + 1] = new
                rate = np.clip(rate * rng.lognormal(0, self.spread, self.days), 0, 1)
                frames.append(rows(region, metric, rng.binomial(volume, rate), volume, first))
            if self.value is not None:
                frames.append(self._values(rng, region, volume, first))
        return panel_of(frames)

    def _volume(self, rng: np.random.Generator, region: str, per_day: float) -> np.ndarray:
        weekday = np.array([1.0, 1.0, 1.0, 1.0, 1.1, 1.25, 1.2])[np.arange(self.days) % 7]
        mean = per_day * weekday * rng.lognormal(0, 0.08, self.days)
        for where in (region, "*"):
            for start, end, factor in self.volume_changes.get(where, []):
                mean[start : end + 1] *= factor
        return rng.poisson(mean)

    def _values(self, rng: np.random.Generator, region: str, volume: np.ndarray, first: int) -> pd.DataFrame:
        assert self.value is not None
        mean = np.full(self.days, self.value)
        for start, end, factor in self.value_changes.get(region, []):
            mean[start : end + 1] *= factor
        sums, squares = np.zeros(self.days), np.zeros(self.days)
        for day in range(self.days):
            # log-normal baskets: standard deviation about 60 % of the mean
            baskets = mean[day] * rng.lognormal(-0.15, 0.55, volume[day])
            sums[day], squares[day] = baskets.sum(), (baskets**2).sum()
        frame = rows(region, "aov", volume, volume, first)
        frame["value_sum"], frame["value_sumsq"] = sums[first:], squares[first:]
        return frame


def rows(region: str, metric: str, events: np.ndarray, exposure: np.ndarray, first: int = 0) -> pd.DataFrame:
    days = pd.date_range(FIRST, periods=len(events), freq="D")
    frame = pd.DataFrame(
        {
            "region": region,
            "day": days,
            "metric": metric,
            "events": np.asarray(events, dtype=float),
            "exposure": np.asarray(exposure, dtype=float),
            "value_sum": np.nan,
            "value_sumsq": np.nan,
            "is_complete": True,
            "is_mature": True,
        }
    )
    return frame.iloc[first:]


KINDS = {"orders": "count", "aov": "mean"}


def panel_of(frames: list[pd.DataFrame]) -> Panel:
    daily = pd.concat(frames, ignore_index=True).sort_values(["region", "metric", "day"], ignore_index=True)
    names = daily["metric"].unique()
    metrics = {each: Metric(each, each, KINDS.get(each, "rate"), "") for each in names}  # type: ignore[arg-type]
    zones = dict.fromkeys(daily["region"].unique(), "UTC")
    return Panel(daily, metrics, (), daily["day"].max().date(), zones)


def cut(panel: Panel, last: date) -> Panel:
    """The panel as it was at the end of a day."""
    daily = panel.daily[panel.daily["day"] <= pd.Timestamp(last)].reset_index(drop=True)
    return Panel(daily, panel.metrics, (), last, panel.zones)


def day(index: int) -> date:
    return FIRST + timedelta(days=index)


def rule(metric: str, direction: str = "up", **changed: object) -> DetectionRule:
    """A rule like the shipped ones."""
    given = {
        "id": f"{metric}-{direction}",
        "title": metric,
        "metrics": (metric,),
        "direction": direction,
        "detector": "surveillance",
        "min_exposure": 30.0,
        "min_excess": 8.0,
        "min_relative": 0.25,
        "false_discovery_rate": 0.02,
        "medium_from_relative": 0.5,
        "high_from_relative": 1.0,
    }
    return DetectionRule(**{**given, **changed})  # type: ignore[arg-type]


TWELVE = {
    "US": 4000.0, "KR": 1500.0, "JP": 1200.0, "DE": 900.0, "GB": 800.0, "FR": 500.0,
    "BR": 300.0, "IN": 250.0, "MX": 120.0, "SE": 60.0, "NZ": 30.0, "IS": 12.0,
}  # fmt: skip

SHIPPED_LIKE = (
    rule("cancel_rate"),
    rule("modify_rate", min_relative=0.3),
    rule("chargeback_rate", min_exposure=100.0, min_excess=5.0, min_relative=0.5),
    rule("aov", "both", min_exposure=100.0, min_excess=10.0, min_relative=0.08),
    rule("orders", "up", min_exposure=100.0, min_excess=100.0, min_relative=3.0),
    rule("orders", "down", min_exposure=50.0, min_excess=30.0, min_relative=0.5),
)
