"""False roll-backs, days to roll back and regret of the gate beside the rules of others: docs/gate-benchmark.md.

    python benchmarks/bench_gate.py [--runs 4000] [--harm-runs 2000] [--customer-runs 2000] [--time-orders 10000000]

28 days are looked at after a launch, once a day or every hour. Regret is counted in days of one arm's contribution over
90 days: what a rule lost compared with knowing the truth, a roll-back costing K days. The generator is
`gate_worlds.py`; the bounds are the gate's own.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import gate_rivals as rivals
import gate_worlds as worlds
import numpy as np
from gate_worlds import DAYS, EFFECTS, HORIZON, effect_per_day

from contextcheck.gate.information import information_table
from contextcheck.gate.sequential import upper_path
from contextcheck.gate.worth import alpha_for, worth_path
from contextcheck.impact.noise import serial_dependence, serial_noise

COSTS = (0.5, 3.0, 10.0)
OURS = "contextcheck"
Alarms = dict[str, np.ndarray]
Rule = Callable[[float], np.ndarray]


def ours(effects: np.ndarray, noise: np.ndarray, days_before: int, cost_days: float, per_day: int = 1) -> np.ndarray:
    """The gate: the upper bound below zero, and the expected cost says roll back."""
    weekdays = (np.arange(effects.shape[1]) // per_day) % 7
    alpha = alpha_for(cost_days, rivals.ALPHA)
    path = upper_path(effects, noise, weekdays, days_before, alpha, looks_per_day=per_day)
    worth = worth_path(
        effects,
        noise,
        weekdays,
        days_before,
        path,
        base_per_day=1.0,
        break_even=cost_days / HORIZON,
        horizon_days=HORIZON * per_day,
        looks_per_day=per_day,
    )
    return (path.upper < 0) & worth.says_roll_back


def _sequence(effects: np.ndarray, noise: np.ndarray, days_before: int, per_day: int = 1) -> np.ndarray:
    looks = effects.shape[1]
    table = information_table((np.arange(looks) // per_day) % 7, days_before, looks)[0]
    known = table[None, :] / noise[:, None] ** 2
    mean = np.cumsum(effects, axis=1) / np.arange(1, looks + 1)
    return rivals.confidence_sequence(mean, known, known[:, [7 * per_day - 1]])


def split_alarms(name: str, runs: int, seed: int, *, hourly: bool) -> tuple[Alarms, Rule]:
    hours = worlds.split(name, runs, seed)
    world, per_day = (hours, 24) if hourly else (hours.daily(), 1)
    orders, others = np.cumsum(world.orders, axis=1), np.cumsum(world.other_orders, axis=1)
    mean = np.cumsum(world.value, axis=1) / np.maximum(orders, 1) - np.cumsum(world.other_value, axis=1) / np.maximum(
        others, 1
    )
    z = mean / (world.order_sd[:, None] * np.sqrt(1 / np.maximum(orders, 1) + 1 / np.maximum(others, 1)))
    effects, noise = _weighted(world)
    points, other_points = (
        hours.value / np.maximum(hours.orders, 1),
        hours.other_value / np.maximum(hours.other_orders, 1),
    )
    few = min(runs, 1000)
    found = {
        "naive test at every look": rivals.naive(z),
        "Mann-Whitney (Kayenta), hourly points": rivals.mann_whitney(points[:few], other_points[:few], 24),
        "Bonferroni over the looks": rivals.bonferroni(z),
        "asymptotic confidence sequence": _sequence(effects, noise, 0, per_day),
        "group sequential (O'Brien-Fleming)": rivals.group_sequential(z),
    }
    return found, lambda cost: ours(effects, noise, 0, cost, per_day)


def _weighted(world: worlds.Split) -> tuple[np.ndarray, np.ndarray]:
    """Effect of each step as value per usual step: the difference per order times the step's share of the orders."""
    share = (world.orders + world.other_orders) / (world.orders + world.other_orders).mean(axis=1, keepdims=True)
    variance = share**2 * (1 / np.maximum(world.orders, 1) + 1 / np.maximum(world.other_orders, 1))
    return world.effects() * share, world.order_sd * np.sqrt(variance.mean(axis=1))


def customer_alarms(name: str, runs: int, seed: int) -> tuple[Alarms, Rule]:
    world = worlds.repeat_customers(name, runs, seed)
    days = np.arange(1, DAYS + 1)
    # variance of a mean over n days = within / n + between; what stays is the level of the customers themselves
    design = np.column_stack([1 / days[6:], np.ones(DAYS - 6)])
    within, between = np.linalg.lstsq(design, (world.cumulative_error[:, 6:] ** 2).mean(axis=0), rcond=None)[0]
    days_before = max(int(within / max(between, 1e-12)), 7)
    scale = np.sqrt(world.cumulative_error[:, -1] ** 2 / (within / DAYS + between))
    noise = scale * np.sqrt(within)
    z = np.cumsum(world.effects, axis=1) / days / world.cumulative_error
    found = {
        "naive test at every look": rivals.naive(z),
        "the same with orders as the unit": rivals.naive(world.order_z),
        "Bonferroni over the looks": rivals.bonferroni(z),
        "asymptotic confidence sequence": _sequence(world.effects, noise, days_before),
        "confidence sequence, orders as the unit": _order_sequence(world.order_z),
        "group sequential (O'Brien-Fleming)": rivals.group_sequential(z),
    }
    return found, lambda cost: ours(world.effects, noise, days_before, cost)


def _order_sequence(z: np.ndarray) -> np.ndarray:
    known = np.arange(1, z.shape[1] + 1, dtype=float)[None, :]
    return rivals.confidence_sequence(z / np.sqrt(known), known, np.array([[7.0]]))


def regional_alarms(name: str, runs: int, seed: int, **world_options: float) -> tuple[Alarms, Rule]:
    world = worlds.regional(name, runs, seed, **world_options)
    before = world.quiet.shape[1]
    noise = np.empty(runs)
    for run in range(runs):
        residuals = [world.quiet[run] * np.sqrt(before / (before - 7)), *world.others[run]]
        noise[run] = serial_noise(residuals[0], serial_dependence(residuals))
    table = information_table(np.arange(DAYS) % 7, before, DAYS)[0]
    z = np.cumsum(world.effects, axis=1) / np.arange(1, DAYS + 1) * np.sqrt(table) / noise[:, None]
    found = {
        "naive test at every look": rivals.naive(z),
        "Mann-Whitney (Kayenta), daily points": rivals.mann_whitney(world.effects, world.quiet, 1),
        "Bonferroni over the looks": rivals.bonferroni(z),
        "asymptotic confidence sequence": _sequence(world.effects, noise, before),
        "group sequential (O'Brien-Fleming)": rivals.group_sequential(z),
    }
    return found, lambda cost: ours(world.effects, noise, before, cost)


def first_days(alarms: np.ndarray) -> np.ndarray:
    """Day of the first alarm, 0 for never; looks are spread evenly over the days."""
    per_day = alarms.shape[1] // DAYS
    return np.where(alarms.any(axis=1), alarms.argmax(axis=1) // per_day + 1, 0)


def regrets(name: str, days: np.ndarray, cost_days: float) -> np.ndarray:
    """Days of contribution lost against knowing the truth."""
    lost = np.concatenate([[0.0], -np.cumsum(effect_per_day(name))])
    cost = np.where(days > 0, lost[days] + cost_days, lost[HORIZON])
    return cost - min(lost[HORIZON], cost_days)


def table(
    title: str,
    make: Callable[[str, int, int], tuple[Alarms, Rule]],
    arguments: argparse.Namespace,
    runs: tuple[int, int],
) -> None:
    """One family of worlds: share rolled back and median day, then the regrets at each cost of a roll-back."""
    cells: dict[str, list[str]] = {}
    regret: dict[tuple[str, float], list[float]] = {}
    for number, name in enumerate(EFFECTS):
        size = runs[0] if name == "no effect" else runs[1]
        found, rule = make(name, size, arguments.seed + number)
        rows = {rival: first_days(alarms) for rival, alarms in found.items()}
        mine = {cost: first_days(rule(cost)) for cost in COSTS}
        for cost in COSTS:
            for rival, days in {**rows, OURS: mine[cost]}.items():
                regret.setdefault((rival, cost), []).append(float(regrets(name, days, cost).mean()))
        shown = {**rows, **{f"{OURS}, K = {cost:g}": mine[cost] for cost in COSTS}}
        for rival, days in shown.items():
            rolled = days[days > 0]
            median = f" / {np.median(rolled):.0f}" if len(rolled) and name != "no effect" else ""
            cells.setdefault(rival, []).append(f"{100 * len(rolled) / len(days):.1f}{median}")
    print(
        f"\n### {title}\n\n{runs[0]:,} launches without effect, {runs[1]:,} of each other kind. "
        "Rolled back in % / median day.\n"
    )
    print("| rule | " + " | ".join(EFFECTS) + " |\n|---|" + "---:|" * len(EFFECTS))
    for rival, row in cells.items():
        print(f"| {rival} | " + " | ".join(row) + " |")
    harms = len(EFFECTS) - 1
    print("\nMean regret over the first seven kinds (largest of their means), in days:\n")
    print("| rule | " + " | ".join(f"K = {cost:g}" for cost in COSTS) + " |\n|---|" + "---:|" * len(COSTS))
    for rival in dict.fromkeys(rival for rival, _ in regret):
        told = [regret[rival, cost][:harms] for cost in COSTS]
        print(f"| {rival} | " + " | ".join(f"{np.mean(each):.3f} ({max(each):.2f})" for each in told) + " |")
    sys.stdout.flush()


def padding(runs: int, seed: int) -> None:
    """A feature that is worth +14 % although its cancel rate triples: judged by money, and by the cancel rate."""
    world = worlds.split("no effect", runs, seed)
    days = world.daily()
    better = worlds.Split(days.orders, days.other_orders, days.value * 1.14, days.other_value, days.order_sd)
    effects, noise = _weighted(better)
    rng = np.random.default_rng([seed, 4])
    cancels, usual = rng.binomial(days.orders, 0.18), rng.binomial(days.other_orders, 0.06)
    mine, theirs = np.cumsum(cancels, axis=1), np.cumsum(usual, axis=1)
    orders, others = np.cumsum(days.orders, axis=1), np.cumsum(days.other_orders, axis=1)
    pooled = (mine + theirs) / (orders + others)
    z = -(mine / orders - theirs / others) / np.sqrt(pooled * (1 - pooled) * (1 / orders + 1 / others))
    print(
        f"\n### A +14 % padding feature whose cancel rate triples ({runs:,} runs)\n\n"
        "| rule | rolled back in % |\n|---|---:|"
    )
    for cost in COSTS:
        print(f"| {OURS}, K = {cost:g} | {100 * ours(effects, noise, 0, cost).any(axis=1).mean():.2f} |")
    print(f"| naive test on the cancel rate | {100 * rivals.naive(z).any(axis=1).mean():.1f} |")
    print(f"| Bonferroni on the cancel rate | {100 * rivals.bonferroni(z).any(axis=1).mean():.1f} |")


def time_of_one_gate(orders: int) -> None:
    """Processor seconds of one `contextcheck gate` on a large Parquet file."""
    import resource

    from generate_orders import write_orders

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "orders.parquet"
        write_orders(path, orders)
        launches = "launches=[{feature: bar, regions: [KR, DE], start: 2025-11-01}]"
        command = [sys.executable, "-m", "contextcheck", "gate", str(path), "--feature", "bar", "--set", launches]
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run(
            [*command, "-q", "-o", f"{folder}/verdict.json"], capture_output=True, text=True, check=False
        )
        wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(
            f"\n### One gate on {orders:,} orders\n\n"
            f"exit {done.returncode}, {used:.1f} s processor, {wall:.1f} s wall, ",
            end="",
        )
        print(f"peak {after.ru_maxrss / 1024:,.0f} MiB\n\n    {(done.stdout or done.stderr).strip().splitlines()[-1]}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=4000)
    parser.add_argument("--harm-runs", type=int, default=2000)
    parser.add_argument("--customer-runs", type=int, default=2000)
    parser.add_argument("--hourly-runs", type=int, default=2000)
    parser.add_argument("--time-orders", type=int, default=10_000_000)
    parser.add_argument("--seed", type=int, default=700)
    given = parser.parse_args()
    sizes = (given.runs, given.harm_runs)
    table("Split, 28 daily looks", lambda *each: split_alarms(*each, hourly=False), given, sizes)
    hourly = (given.hourly_runs, max(given.hourly_runs // 4, 1))
    table(
        "Split, looked at and computed anew every hour", lambda *each: split_alarms(*each, hourly=True), given, hourly
    )
    few = (given.customer_runs, max(given.customer_runs // 4, 1))
    table("Repeat customers, customers as the unit", customer_alarms, given, few)
    table("Region against regions by day", regional_alarms, given, sizes)
    padding(given.harm_runs, given.seed)
    if given.time_orders:
        time_of_one_gate(given.time_orders)


if __name__ == "__main__":
    main()
