"""How often the money's 90 % interval holds the true effect, over worlds of orders drawn one by one.

    python benchmarks/bench_coverage.py [--runs 600] [--only NAME ...] [--seed 1] [--write docs/methods.md]

The generator shares no code with contextcheck's simulator: it draws customers' orders per region and day, gives each a
value, and raises the values of one region after its launch. The truth of a run is what the raise added to the orders
that were really placed. Each run builds the day x region table and asks the method that the program would choose.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from page_tables import fill

from contextcheck.impact.comparison import Comparison
from contextcheck.impact.counterfactual import choose_method, effects_of
from contextcheck.impact.split import Split
from contextcheck.impact.together import ErrorParts, control_shares, correlations, joint_reach, quiet_gaps
from contextcheck.panel.arms import EXPOSED, GROUPS, UNEXPOSED, columns_of

LEVEL = 0.90
START = "2026-01-05"
WEEK = np.array([0.95, 0.9, 0.92, 0.98, 1.1, 1.2, 0.95])


@dataclass(frozen=True)
class World:
    """What one scenario draws.

    `own_drift` is the standard deviation of the log change that a region's level makes by itself over four weeks (a
    random walk by day); `own_day` and `dependence` the size and the carry-over of a region's own daily shocks;
    `market_day` the shock that all regions share on a day; `trend` the growth over the whole span; `value_sigma` the
    log spread of order values, or a Pareto tail of index `tail`; `repeat` the mean number of further orders that an
    order brings within two weeks. `later` controls get the feature themselves, with the same effect, halfway through
    the days after; `own_trend` is the spread of the regions' own trends over the whole span. `history` days lie before
    the days before and only tell how regions drift. With `split`, that share of one region's customers sees the
    feature. `launched` regions have the feature, the later half of them `apart` days after the others; then their sum
    is judged.
    """

    controls: int = 7
    days_before: int = 56
    days_after: int = 28
    history: int = 0
    orders: float = 120.0
    own_drift: float = 0.02
    own_day: float = 0.02
    dependence: float = 0.0
    market_day: float = 0.03
    trend: float = 0.0
    value_sigma: float = 0.6
    tail: float = 0.0
    repeat: float = 0.0
    sizes: float = 0.6
    effect: float = 0.05
    later: int = 0
    own_trend: float = 0.0
    split: float = 0.0
    launched: int = 1
    apart: int = 0
    method: str = "ratio-did"


SCENARIOS: dict[str, World] = {
    "stable": World(own_drift=0.0, own_day=0.0),
    "regions drift 2 %": World(),
    "regions drift 5 %": World(own_drift=0.05),
    "trend": World(trend=0.3),
    "heavy tails": World(tail=2.5),
    "dependent days": World(own_day=0.05, dependence=0.5),
    "repeat customers": World(repeat=1.5),
    "3 controls": World(controls=3),
    "5 controls": World(controls=5),
    "10 controls": World(controls=10),
    "20 controls": World(controls=20),
    "5 controls, eight more weeks of past": World(controls=5, history=56),
    "5 controls, drift 5 %, eight more weeks": World(controls=5, history=56, own_drift=0.05),
    "one week after": World(days_after=7),
    "two weeks after": World(days_after=14),
    "three weeks before": World(days_before=21, days_after=14),
    "small region": World(orders=25.0),
    "everything": World(own_day=0.04, dependence=0.4, trend=0.2, tail=3.0, repeat=1.0, days_after=14, own_drift=0.03),
    "large among small": World(orders=400.0, sizes=0.4, own_drift=0.03),
    "no controls": World(controls=0, own_drift=0.01, market_day=0.01, method="own-past"),
    "no controls, drift 5 %": World(controls=0, own_drift=0.05, market_day=0.01, method="own-past"),
    "no controls, eight more weeks of past": World(
        controls=0, own_drift=0.01, market_day=0.01, history=56, method="own-past"
    ),
    "1 control": World(controls=1),
    "2 controls": World(controls=2),
    "weighted: 12 controls": World(controls=12, method="synthetic-did"),
    "weighted: 20 controls drift 5 %": World(controls=20, own_drift=0.05, method="synthetic-did"),
    "weighted: own trends 15 %": World(controls=16, own_trend=0.15, method="synthetic-did"),
    "the same without weights": World(controls=16, own_trend=0.15),
    "weighted: heavy tails": World(controls=12, tail=2.5, days_after=14, method="synthetic-did"),
    "staggered: 3 + 3 later": World(controls=6, later=3, method="staggered"),
    "staggered: 2 + 2 later, drift 5 %": World(controls=4, later=2, own_drift=0.05, method="staggered"),
    "feature: 3 regions at once": World(controls=8, launched=3),
    "feature: 3 regions at once, 2 controls": World(controls=4, launched=3),
    "feature: 2 + 2 regions, two weeks apart": World(controls=8, launched=4, apart=14),
    "split: half of 6,000 customers": World(split=0.5, orders=200, method="exposed-split"),
    "split: a tenth": World(split=0.1, orders=400, method="exposed-split"),
    "split: heavy tails, repeats": World(split=0.5, orders=200, tail=2.5, repeat=1.5, method="exposed-split"),
    "split: 400 customers": World(split=0.5, orders=15, days_after=28, method="exposed-split"),
}


def draw(world: World, rng: np.random.Generator) -> tuple[pd.DataFrame, float]:
    """The day x region table of values and the true effect per day on the first region."""
    regions, past = world.controls + 1, world.history + world.days_before
    days = past + world.days_after
    levels = world.orders * np.exp(world.sizes * rng.normal(size=regions) + 0.8)
    levels[0] = world.orders
    log_rate = np.log(WEEK[np.arange(days) % 7])[:, None] + world.trend * np.linspace(0, 1, days)[:, None]
    log_rate = log_rate + world.market_day * rng.normal(size=(days, 1))
    log_rate = log_rate + np.linspace(0, 1, days)[:, None] * world.own_trend * rng.normal(size=regions)
    log_rate = log_rate + np.cumsum(rng.normal(size=(days, regions)), axis=0) * world.own_drift / np.sqrt(28)
    log_rate = log_rate + own_shocks(world, rng, days, regions)
    counts = rng.poisson(levels * np.exp(log_rate) / (1 + world.repeat))
    table = np.zeros((days, regions))
    for region in range(regions):
        day = np.repeat(np.arange(days), counts[:, region])
        value = order_values(world, rng, len(day))
        table[:, region] = np.bincount(day, weights=value, minlength=days)
        if world.repeat:
            table[:, region] += repeats(world, rng, day, value, days)
    truth = world.effect * table[past:, 0].mean()
    table[past:, 0] *= 1 + world.effect
    names = [f"r{number}" for number in range(regions)]
    return pd.DataFrame(table, index=pd.date_range(START, periods=days), columns=names), truth


def own_shocks(world: World, rng: np.random.Generator, days: int, regions: int) -> np.ndarray:
    shocks = rng.normal(size=(days, regions)) * world.own_day
    for day in range(1, days):
        shocks[day] = world.dependence * shocks[day - 1] + np.sqrt(1 - world.dependence**2) * shocks[day]
    return shocks


def order_values(world: World, rng: np.random.Generator, count: int) -> np.ndarray:
    if world.tail:
        return 20.0 * (1 + rng.pareto(world.tail, size=count))
    return 30.0 * np.exp(world.value_sigma * rng.normal(size=count))


def repeats(world: World, rng: np.random.Generator, day: np.ndarray, value: np.ndarray, days: int) -> np.ndarray:
    """Further orders of the same customers, of a like value, within the next two weeks."""
    again = rng.poisson(world.repeat, size=len(day))
    later = np.repeat(day, again) + rng.integers(0, 14, size=int(again.sum()))
    worth = np.repeat(value, again) * np.exp(0.2 * rng.normal(size=len(later)))
    inside = later < days
    return np.bincount(later[inside], weights=worth[inside], minlength=days)


def draw_regions(world: World, rng: np.random.Generator) -> tuple[pd.DataFrame, Comparison, float]:
    """A launch in one region, a later one in some of the others."""
    table, truth = draw(world, rng)
    history, since = table.index[: world.history], table.index[world.history :]
    before, after = since[: world.days_before], since[world.days_before :]
    names = list(table.columns)
    never, later = names[1 : len(names) - world.later], names[len(names) - world.later :] if world.later else []
    until = after[len(after) // 14 * 7]
    for name in later:
        table.loc[until:, name] *= 1 + world.effect
    stops = dict.fromkeys(later, until)
    compared = Comparison(names[0], before, after, tuple(never), {}, later=stops, method=world.method, history=history)
    return table, compared, truth


def draw_split(world: World, rng: np.random.Generator) -> tuple[pd.DataFrame, Comparison, float]:
    """One region whose customers are in an arm by the toss of a coin; each customer keeps to a value and a pace."""
    days = world.days_after
    customers = int(world.orders * days / (1 + world.repeat))
    orders = 1 + rng.poisson(world.repeat, size=customers)
    worth = order_values(world, rng, customers)
    sees = rng.random(customers) < world.split
    owner = np.repeat(np.arange(customers), orders)
    value = worth[owner] * np.exp(0.3 * rng.normal(size=len(owner)))
    truth = world.effect * float(value[sees[owner]].sum()) / days
    value = np.where(sees[owner], value * (1 + world.effect), value)
    # the program's engine hashes the customer; here the groups are drawn
    column = rng.integers(0, GROUPS, size=customers)[owner] + GROUPS * sees[owner]
    cells = rng.integers(0, days, size=len(owner)) * 2 * GROUPS + column
    sums = np.bincount(cells, weights=value, minlength=days * 2 * GROUPS).reshape(days, 2 * GROUPS)
    index = pd.date_range(START, periods=days)
    table = pd.DataFrame(sums, index=index, columns=[*columns_of(UNEXPOSED), *columns_of(EXPOSED)])
    split = Split(None, world.split, True)
    return table, Comparison("r0", index[:0], index, (), {}, split=split, method="exposed-split"), truth


@dataclass(frozen=True)
class Estimate:
    """One run: the interval, the truth, and the level that both are told beside."""

    value: float
    low: float
    high: float
    expected: float
    truth: float


def one_region(world: World, rng: np.random.Generator, run: int) -> Estimate:
    table, comparison, truth = (draw_split if world.split else draw_regions)(world, rng)
    effect, _ = effects_of([table], comparison, seed=run)
    return Estimate(effect.value, *effect.interval(LEVEL), effect.expected, truth)


def whole_feature(world: World, rng: np.random.Generator, run: int) -> Estimate:
    """The sum over the regions of a launch, each since its own first day; the first region's effect is in the draw."""
    table, truth = draw(world, rng)
    names, days = list(table.columns), table.index
    untouched = tuple(names[world.launched :])
    starts = [
        world.days_before + (world.apart if 2 * number >= world.launched else 0) for number in range(world.launched)
    ]
    for name, start in zip(names[1:], starts[1:], strict=False):
        truth += world.effect * table[name].iloc[start:].mean()
        table.loc[days[start] :, name] *= 1 + world.effect
    effects, parts = [], []
    for name, start in zip(names, starts, strict=False):
        later = {other: days[then] for other, then in zip(names, starts, strict=False) if then > start}
        before = days[max(start - world.days_before, 0) : start]
        compared = choose_method(Comparison(name, before, days[start:], untouched, {}, later=later))
        effect, _ = effects_of([table], compared, seed=run)
        gaps, shares = quiet_gaps(table, compared), control_shares(table, compared)
        effects.append(effect)
        parts.append(ErrorParts(compared.method, shares, gaps, effect.error_of_days, effect.error_between))
    value, expected = sum(each.value for each in effects), sum(each.expected for each in effects)
    reach = joint_reach([each.interval(LEVEL)[1] - each.value for each in effects], correlations(parts))
    return Estimate(value, value - reach, value + reach, expected, truth)


@dataclass(frozen=True)
class Tally:
    """What the intervals of one scenario did."""

    held: float
    below: float
    above: float
    width: float
    error: float


def tally(world: World, runs: int, seed: int) -> Tally:
    rng = np.random.default_rng(seed)
    below = above = 0
    widths, errors = [], []
    for run in range(runs):
        found = (whole_feature if world.launched > 1 else one_region)(world, rng, run)
        below += found.truth < found.low
        above += found.truth > found.high
        widths.append((found.high - found.low) / found.expected)
        errors.append((found.value - found.truth) / found.expected)
    return Tally(
        1 - (below + above) / runs, below / runs, above / runs, float(np.median(widths)), float(np.std(errors))
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--write", type=Path, help="Markdown page whose marked part is replaced")
    arguments = parser.parse_args()
    rows = [
        "| world | held | truth below | truth above | median width | spread of the estimate x 3.29 |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    print("\n".join(rows))
    started = time.process_time()
    for number, (name, world) in enumerate(SCENARIOS.items()):
        if arguments.only and name not in arguments.only:
            continue
        found = tally(world, arguments.runs, arguments.seed * 1000 + number)
        shares = (found.held, found.below, found.above, found.width, 3.29 * found.error)
        rows.append(f"| {name} | {' | '.join(f'{100 * share:.1f} %' for share in shares)} |")
        print(rows[-1], flush=True)
    print(f"{arguments.runs} runs each, {time.process_time() - started:.0f} s of processor")
    if arguments.write:
        fill(arguments.write, "coverage", "\n".join(rows))


if __name__ == "__main__":
    main()
