"""A simulated retail panel with known incidents: 40 regions × 3 rates × 400 days.

Drawn with numpy alone. Regions have 20 to 50,000 orders a day; rates drift, have weekdays, wobble together over the
platform and vary more than counting noise, by region. Everything a detector could be told is in `Truth`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from contextcheck.knowledge.metrics import Metric
from contextcheck.panel.table import Panel
from contextcheck.records import Launch

FIRST = date(2025, 1, 6)
METRICS = {"cancel_rate": 0.06, "return_rate": 0.09, "chargeback_rate": 0.006}
WARM_UP = 60
BREAK_DAYS = 42


@dataclass(frozen=True)
class Incident:
    """A planted departure; for a group several regions, one incident."""

    kind: str
    rows: tuple[int, ...]
    start: int
    end: int
    in_time: int


@dataclass(frozen=True)
class World:
    """Series are rows, metric by metric, region by region.

    `shape` (weekday and wobble) and `holiday` are parts of `log_rate`; the rest of it is the level.
    """

    volume: np.ndarray
    events: np.ndarray
    log_rate: np.ndarray
    shape: np.ndarray
    holiday: np.ndarray
    extra_variance: np.ndarray
    incidents: tuple[Incident, ...]
    launches: tuple[Launch, ...]
    partial_days: tuple[int, ...]
    nasty: bool

    @property
    def regions(self) -> int:
        return self.volume.shape[0]


# of the nasty panel: markets whose public holidays can be looked up
MARKETS = (
    "AT",
    "AU",
    "BE",
    "BG",
    "BR",
    "CA",
    "CH",
    "CL",
    "CO",
    "CZ",
    "DE",
    "DK",
    "EE",
    "ES",
    "FI",
    "FR",
    "GB",
    "GR",
    "HR",
    "HU",
    "ID",
    "IE",
    "IN",
    "IT",
    "JP",
    "KR",
    "LT",
    "LV",
    "MX",
    "MY",
    "NL",
    "NO",
    "NZ",
    "PE",
    "PL",
    "PT",
    "RO",
    "SE",
    "SG",
    "SI",
    "SK",
    "TH",
    "TR",
    "TW",
    "UA",
    "US",
    "VN",
    "ZA",
)


def name(region: int, *, nasty: bool = False) -> str:
    return MARKETS[region] if nasty else f"R{region:02d}"


def draw(seed: int, *, regions: int = 40, days: int = 400, nasty: bool = False, incidents: bool = True) -> World:
    """Draw a world; `nasty` adds heavier tails, holidays on the rates, breaks of the level and missing weeks."""
    rng = np.random.default_rng(seed)
    size = np.exp(rng.uniform(np.log(20), np.log(50_000), regions))
    size.sort()
    weekday = rng.normal(0, 0.12, 7)
    volume_mean = size[:, None] * np.exp(weekday[np.arange(days) % 7] + rng.normal(0, 0.1, (regions, days)))
    for region in range(regions):
        for start in rng.integers(WARM_UP, days - 8, 2):
            volume_mean[region, start : start + rng.integers(2, 8)] *= rng.uniform(2, 4)
    level, shape, holiday, extra = _log_rates(rng, regions, days, nasty=nasty)
    log_rate = level + shape + holiday
    effect, planted, launches = _plant(rng, size, log_rate.shape, nasty=nasty) if incidents else (0 * log_rate, [], [])
    if nasty and incidents:
        _breaks(rng, planted, log_rate, effect, regions)
    partial = tuple(sorted(rng.choice(np.arange(WARM_UP + 40, days - 1), 4, replace=False).tolist()))
    noise = _noise(rng, log_rate.shape, extra, nasty=nasty)
    volume = rng.poisson(volume_mean)
    for day in partial:
        volume[:, day] = rng.binomial(volume[:, day], rng.uniform(0.3, 0.5))
    rate = np.clip(np.exp(log_rate + effect + noise), 0, 0.95)
    late = np.ones(rate.shape)
    late[:, list(partial)] = 0.6
    stacked = np.tile(volume, (len(METRICS), 1))
    if nasty:
        _lose_weeks(rng, volume, stacked)
    events = rng.binomial(stacked, rate * late)
    return World(volume, events, log_rate, shape, holiday, extra, tuple(planted), tuple(launches), partial, nasty)


def _log_rates(rng: np.random.Generator, regions: int, days: int, *, nasty: bool) -> tuple[np.ndarray, ...]:
    """Level, weekday and wobble, and holidays, series × days; the extra variance of each series."""
    parts = []
    extra = []
    for usual in METRICS.values():
        level = np.log(usual) + rng.normal(0, 0.35, regions)[:, None]
        drift = np.cumsum(rng.normal(0, 0.005, (regions, days)), axis=1)
        common = rng.normal(0, 0.04, days)
        shape = rng.normal(0, 0.08, 7) + rng.normal(0, 0.03, (regions, 7))
        holiday = _holidays(rng, regions, days) if nasty else np.zeros((regions, days))
        parts.append((level + drift, common + shape[:, np.arange(days) % 7], holiday))
        extra.append(rng.lognormal(np.log(0.05), 0.35, regions) ** 2)
    return (*(np.concatenate(each) for each in zip(*parts, strict=True)), np.concatenate(extra))


def _holidays(rng: np.random.Generator, regions: int, days: int) -> np.ndarray:
    """Public holidays move the rate from their eve to the day after, by 5 to 20 % that differ by region and holiday."""
    import holidays

    added = np.zeros((regions, days))
    for region in range(regions):
        usual: dict[str, float] = {}
        known = holidays.country_holidays(MARKETS[region], years=[2024, 2025, 2026], language="en_US")
        for day, title in sorted(known.items()):
            at = (day - FIRST).days
            effect = usual.setdefault(title, rng.uniform(0.05, 0.2))
            span = slice(max(at - 1, 0), max(min(at + 2, days), 0))
            added[region, span] = np.maximum(added[region, span], effect)
    return added


def _breaks(
    rng: np.random.Generator, planted: list[Incident], log_rate: np.ndarray, effect: np.ndarray, regions: int
) -> None:
    """Three series change for good: an incident for six weeks, the new level after that."""
    rows, days = log_rate.shape
    taken = {row for incident in planted for row in incident.rows if incident.end > days - 190}
    free = [row for row in range(rows) if row not in taken and row % regions >= regions // 3]
    for row in rng.choice(free, 3, replace=False).tolist():
        start = int(rng.integers(days - 150, days - 60))
        change = np.log(rng.uniform(1.25, 1.6))
        effect[row, start : start + BREAK_DAYS] += change
        log_rate[row, start + BREAK_DAYS :] += change
        planted.append(Incident("break", (row,), start, start + BREAK_DAYS - 1, 7))


def _noise(rng: np.random.Generator, shape: tuple[int, int], extra: np.ndarray, *, nasty: bool) -> np.ndarray:
    spread = np.sqrt(extra)[:, None]
    if not nasty:
        return rng.normal(0, 1, shape) * spread - spread**2 / 2
    return np.clip(rng.standard_t(4, shape) / np.sqrt(2), -6, 6) * spread


def _lose_weeks(rng: np.random.Generator, volume: np.ndarray, stacked: np.ndarray) -> None:
    for region in rng.choice(volume.shape[0], 5, replace=False):
        start = int(rng.integers(WARM_UP, volume.shape[1] - 8))
        volume[region, start : start + 7] = 0
        stacked[region :: volume.shape[0], start : start + 7] = 0


def _plant(
    rng: np.random.Generator, size: np.ndarray, shape: tuple[int, int], *, nasty: bool
) -> tuple[np.ndarray, list[Incident], list[Launch]]:
    rows, days = shape
    regions = len(size)
    effect = np.zeros(shape)
    busy = np.zeros(shape, dtype=bool)
    busy[:, :WARM_UP] = True
    found: list[Incident] = []
    launches: list[Launch] = []
    plan = ["group"] * 6 + ["spike"] * 36 + ["shift"] * 36 + ["ramp"] * 24 + ["burst"] * 24
    for kind in plan:
        for _ in range(200):
            incident, change = _one(rng, kind, size, days, rows)
            span = slice(max(incident.start - 20, 0), min(incident.end + 15, days))
            if not busy[list(incident.rows), span].any():
                break
        else:
            continue
        busy[list(incident.rows), incident.start : incident.end + 1] = True
        effect[list(incident.rows), incident.start : incident.end + 1] += change
        found.append(incident)
        if kind == "group":
            where = tuple(name(row % regions, nasty=nasty) for row in incident.rows)
            launches.append(Launch(f"feature-{len(launches)}", where, _date(incident.start)))
    return effect, found, launches


def _date(day: int) -> date:
    return date.fromordinal(FIRST.toordinal() + day)


def _one(rng: np.random.Generator, kind: str, size: np.ndarray, days: int, rows: int) -> tuple[Incident, np.ndarray]:
    regions = len(size)
    metric = int(rng.integers(rows // regions))
    small = np.flatnonzero(size < 400)
    region = int(rng.choice(small)) if kind == "burst" else int(rng.integers(regions))
    length = {
        "spike": int(rng.integers(1, 4)),
        "shift": int(rng.integers(10, 36)),
        "ramp": 24,
        "burst": int(rng.integers(2, 6)),
        "group": 14,
    }[kind]
    start = int(rng.integers(WARM_UP, days - length - 1))
    row = metric * regions + region
    # enough excess that someone who knew the baseline would nearly always see it in time
    yearly = size[region] * list(METRICS.values())[metric]
    base = np.sqrt(1 / yearly + 0.05**2)
    if kind == "group":
        members = rng.choice(np.flatnonzero(size < 5000), 6, replace=False)
        change = np.full(length, np.log(rng.uniform(1.3, 1.5)))
        return Incident(
            kind, tuple(int(metric * regions + each) for each in members), start, start + length - 1, 7
        ), change
    if kind == "ramp":
        top = np.log1p(base * rng.uniform(3.0, 6.0))
        change = np.minimum(np.arange(1, length + 1) / 14, 1) * top
        return Incident(kind, (row,), start, start + length - 1, 14), change
    factor = {"spike": (4.5, 9.0), "shift": (2.2, 5.0), "burst": (4.0, 9.0)}[kind]
    change = np.full(length, np.log1p(base * rng.uniform(*factor)))
    in_time = min(length - 1, 6)
    return Incident(kind, (row,), start, start + length - 1, in_time), change


def panel_of(world: World) -> Panel:
    """The world as a panel, nothing told about incidents or partial days."""
    days = pd.date_range(FIRST, periods=world.volume.shape[1], freq="D")
    regions = world.regions
    frames = []
    for region in range(regions):
        market = name(region, nasty=world.nasty)
        frames.append(_rows(market, "orders", days, world.volume[region], np.ones(len(days))))
        for index, metric in enumerate(METRICS):
            frames.append(_rows(market, metric, days, world.events[index * regions + region], world.volume[region]))
    daily = pd.concat(frames, ignore_index=True)
    kinds = {"orders": "count"}
    metrics = {each: Metric(each, each, kinds.get(each, "rate"), "") for each in ("orders", *METRICS)}
    return Panel(
        daily, metrics, (), days[-1].date(), {name(region, nasty=world.nasty): "UTC" for region in range(regions)}
    )


def _rows(region: str, metric: str, days: pd.DatetimeIndex, events: np.ndarray, exposure: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "region": region,
            "day": days,
            "metric": metric,
            "events": events.astype(float),
            "exposure": exposure.astype(float),
            "value_sum": np.nan,
            "value_sumsq": np.nan,
            "is_complete": True,
            "is_mature": True,
        }
    )
