"""Panels that break what a detector likes to assume: false flags where nothing happens, and share of false alerts."""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from page_tables import fill

from contextcheck.detect.general_rules import general_rule
from contextcheck.detect.search import examine
from contextcheck.panel.long_table import panel_of_table

REGIONS = 30
CLOSED = -30.0
NOMINAL = 0.1
# an alarm so long after the end of an incident still belongs to it; one in the other direction within a month is what
# the return to normal looks like from a level that had followed, and counts as neither
AFTER, RETURN = {1: 3, 7: 1}, {1: 30, 7: 5}


@dataclass(frozen=True)
class Hard:
    """One kind of panel.

    Attributes:
        kind: rate (6 %, of 100 to 40,000 orders) or count (50 to 20,000 a day or week).
        spread: Standard deviation of the daily or weekly noise on the log scale.
        tail: Degrees of freedom of the noise; 0: normal.
        likeness: Correlation of the noise of successive days.
        size: Of a negative binomial in place of noise.
        wave: Height of a yearly wave that all regions share.
        closed: Regions × weekdays (Monday 0) that are lowered, and by how much on the log scale.
        change: Smallest and largest incident, log scale.
        drift: Standard deviation with which a level wanders per day or week.
        mean: Of a count in every region; 0: regions differ.
    """

    label: str
    kind: str = "count"
    spread: float = 0.05
    tail: int = 0
    likeness: float = 0.0
    size: float = 0.0
    wave: float = 0.0
    closed: tuple[tuple[int, ...], tuple[int, ...], float] | None = None
    change: tuple[float, float] = (0.25, 0.6)
    drift: float = 0.004
    mean: float = 0.0
    regions: int = REGIONS
    days: int = 400
    step: int = 1


WEEKEND, ALL = (5, 6), tuple(range(REGIONS))
WILD, WILDER = (0.4, 0.9), (0.8, 1.6)


def weekly(label: str, kind: str = "count", **more: object) -> Hard:
    return Hard(label, kind, days=208, step=7, drift=0.01, **more)  # type: ignore[arg-type]


PANELS = (
    Hard("a wave of 15 % over the year in all regions", wave=0.15, days=760),
    Hard("a wave of 30 %", wave=0.3, days=760),
    Hard("a wave of 30 %, rates", "rate", wave=0.3, days=760),
    Hard("closed at weekends", closed=(ALL, WEEKEND, CLOSED)),
    Hard("closed at weekends, one region alone", closed=((0,), WEEKEND, CLOSED), mean=800, regions=1),
    Hard("weekends at 5 % of weekdays", closed=(ALL, WEEKEND, -3.0)),
    Hard("every second region closed on Sundays", closed=(ALL[::2], (6,), CLOSED)),
    Hard("three of thirty closed on Fridays", closed=(ALL[:3], (4,), CLOSED)),
    Hard("rates that are 0 at weekends", "rate", closed=(ALL, WEEKEND, CLOSED)),
    Hard("rates at 5 % of themselves at weekends", "rate", closed=(ALL, WEEKEND, -3.0)),
    Hard("weekends twice as high", closed=(ALL, WEEKEND, float(np.log(2)))),
    Hard("days off by 30 %", spread=0.3, change=WILDER),
    Hard("days off by 30 %, rates", "rate", spread=0.3, change=WILDER),
    Hard("negative binomial, mean 2,000, size 3", size=3, mean=2000, change=(1.2, 2.2)),
    Hard("days off by 8 %, correlated by 0.5", spread=0.08, likeness=0.5, change=WILD),
    Hard("days off by 15 %, correlated by 0.3", spread=0.15, likeness=0.3, change=WILDER),
    Hard("days off by 15 %, correlated by 0.5, rates", "rate", spread=0.15, likeness=0.5, change=WILDER),
    Hard("days off by 15 %, correlated by 0.7, rates", "rate", spread=0.15, likeness=0.7, change=WILDER),
    Hard("days off by 10 %, Student with 4 degrees of freedom", spread=0.1, tail=4, change=WILD),
    Hard("days off by 10 %, Student with 3", spread=0.1, tail=3, change=WILD),
    weekly("weeks, Poisson, mean 500", spread=0.0, mean=500, change=(0.2, 0.4)),
    weekly("weeks, negative binomial, mean 500, size 20", size=20, mean=500, change=(0.7, 1.4)),
    weekly("weeks, negative binomial, mean 500, size 5", size=5, mean=500, change=(1.0, 1.8)),
    weekly("weeks off by 12 %", spread=0.12, change=(0.5, 1.2)),
    weekly("weeks off by 12 %, rates", "rate", spread=0.12, change=(0.5, 1.2)),
    weekly("weeks off by 12 %, Student with 4", spread=0.12, tail=4, change=(0.5, 1.2)),
    weekly("weeks off by 12 %, Student with 4, rates", "rate", spread=0.12, tail=4, change=(0.5, 1.2)),
)


@dataclass(frozen=True)
class Incident:
    region: int
    start: int
    end: int
    sign: int


@dataclass(frozen=True)
class Outcome:
    alerts: int
    true: int
    returns: int
    found: int
    incidents: int


def plant(rng: np.random.Generator, hard: Hard) -> tuple[np.ndarray, list[Incident]]:
    """Changes of 2 to 24 days, or 1 to 5 weeks, up or down; 25 of them, 3 where there is one region."""
    effect = np.zeros((hard.regions, hard.days))
    busy = np.zeros(effect.shape, dtype=bool)
    planted: list[Incident] = []
    first = 120 if hard.step == 1 else 110
    for _ in range(25 if hard.regions > 1 else 3):
        for _ in range(100):
            region = int(rng.integers(hard.regions))
            length = int(rng.integers(2, 25)) if hard.step == 1 else int(rng.integers(1, 6))
            start = int(rng.integers(first, hard.days - length - 2))
            around = slice(max(start - 35 // hard.step, 0), start + length + 35 // hard.step)
            if not busy[region, around].any():
                break
        else:
            continue
        busy[region, start : start + length] = True
        sign = int(rng.choice([-1, 1]))
        effect[region, start : start + length] += sign * rng.uniform(*hard.change)
        planted.append(Incident(region, start, start + length - 1, sign))
    return effect, planted


def noise_of(rng: np.random.Generator, hard: Hard) -> np.ndarray:
    shape = (hard.regions, hard.days)
    if hard.tail:
        return hard.spread * rng.standard_t(hard.tail, shape) / np.sqrt(hard.tail / (hard.tail - 2))
    noise = rng.normal(0, 1, shape)
    for day in range(1, hard.days):
        noise[:, day] = hard.likeness * noise[:, day - 1] + np.sqrt(1 - hard.likeness**2) * noise[:, day]
    return hard.spread * noise


def draw(hard: Hard, seed: int, *, with_incidents: bool) -> tuple[pd.DataFrame, list[Incident]]:
    """A long table and what was planted into it."""
    rng = np.random.default_rng([seed, PANELS.index(hard), int(with_incidents)])
    shape, day = (hard.regions, hard.days), np.arange(hard.days)
    size = np.exp(rng.uniform(np.log(50), np.log(20_000), hard.regions))
    if hard.mean:
        size[:] = hard.mean
    log = np.cumsum(rng.normal(0, hard.drift, shape), axis=1) + np.log1p(hard.wave * np.sin(2 * np.pi * day / 365))
    if hard.step == 1:
        log = log + rng.normal(0, 0.12, 7)[day % 7]
    if hard.closed is not None:
        where, weekdays, lowered = hard.closed
        log[list(where)] += np.where(np.isin(day % 7, weekdays), lowered, 0.0)
    log += np.log(rng.gamma(hard.size, 1 / hard.size, shape)) if hard.size else noise_of(rng, hard)
    effect, planted = plant(rng, hard) if with_incidents else (0.0, [])
    log = log + effect
    table = {
        "date": np.tile(pd.date_range("2024-01-01", periods=hard.days, freq=f"{hard.step}D"), hard.regions),
        "region": np.repeat([f"R{region:02d}" for region in range(hard.regions)], hard.days),
        "metric": "measured",
    }
    if hard.kind == "rate":
        exposure = rng.poisson(2 * size[:, None] * np.ones(shape))
        rate = np.exp(np.log(0.06) + rng.normal(0, 0.3, hard.regions)[:, None] + log)
        table |= {"events": rng.binomial(exposure, np.clip(rate, 0, 0.95)).ravel(), "exposure": exposure.ravel()}
    else:
        table |= {"events": rng.poisson(size[:, None] * np.exp(log)).ravel()}
    return pd.DataFrame(table), planted


def run(job: tuple[Hard, int, bool]) -> Outcome:
    hard, seed, with_incidents = job
    table, planted = draw(hard, seed, with_incidents=with_incidents)
    panel = panel_of_table(table, {}, name="table", as_of=None)
    # without materiality where the share of false alerts is asked, so that the statistics alone must keep it
    bare = {"false_discovery_rate": NOMINAL, "min_relative": 0.0, "min_excess": 0.0} if with_incidents else {}
    found = examine(panel, [general_rule(panel, "measured", "both", **bare)], seed=0)
    assert found is not None
    hits: set[int] = set()
    true = returns = 0
    for episode in found.selection.episodes:
        region = int(found.baseline.grid.series[episode.row][0][1:])
        mine = [(index, each) for index, each in enumerate(planted) if each.region == region]
        inside = [i for i, each in mine if each.start <= episode.alarm <= each.end + AFTER[hard.step]]
        hits.update(inside)
        true += bool(inside)
        returns += not inside and any(
            each.end < episode.alarm <= each.end + RETURN[hard.step] and each.sign != episode.sign for _, each in mine
        )
    return Outcome(len(found.selection.episodes), true, returns, len(hits), len(planted))


def row(hard: Hard, quiet: list[Outcome], busy: list[Outcome]) -> str:
    alerts, true, returns, found, planted = (
        sum(getattr(each, name) for each in busy) for name in ("alerts", "true", "returns", "found", "incidents")
    )
    counted = alerts - returns
    share = 100 * (counted - true) / max(counted, 1)
    flags = float(np.mean([each.alerts for each in quiet]))
    return f"| {hard.label} | {flags:.1f} | {share:.1f} % of {counted} | {found} of {planted} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--write", type=Path, help="page that holds the table")
    options = parser.parse_args()
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    jobs = [(hard, seed, with_incidents) for hard in PANELS for with_incidents in (False, True) for seed in seeds]
    with ProcessPoolExecutor(options.workers) as pool:
        results = dict(zip(jobs, pool.map(run, jobs), strict=True))
    lines = [
        "| panel | false flags of a quiet world | false at a nominal 10 % | incidents found |",
        "|---|---|---|---|",
    ]
    for hard in PANELS:
        quiet, busy = ([results[hard, seed, with_incidents] for seed in seeds] for with_incidents in (False, True))
        lines.append(row(hard, quiet, busy))
        print(lines[-1], flush=True)
    if options.write:
        fill(options.write, "hard panels", "\n".join(lines))


if __name__ == "__main__":
    main()
