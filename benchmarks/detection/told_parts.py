"""What the detector lacks on the nasty panel: told the spread, the holidays, the day effects or the level alone.

And how well the level can be known at all.
"""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import numpy as np
from page_tables import fill
from retail import draw, panel_of
from run_retail import OURS, RATES, Prepared, at_rate, grid_of, merged, rows_of, rules, run, show, told

from contextcheck.detect.budget import Budget
from contextcheck.detect.evidence import weigh
from contextcheck.detect.surveillance import Surveillance
from contextcheck.panel import baseline_filter
from contextcheck.panel.baseline import Baseline, baseline_of

if TYPE_CHECKING:
    from retail import World

    from contextcheck.panel.baseline_grid import Grid

CASES = {
    "nothing (contextcheck)": (),
    "holidays": ("holidays",),
    "spread": ("spread",),
    "weekdays and wobble": ("shape",),
    "all of these: only the level is to be found": ("holidays", "spread", "shape"),
    "everything but the spread": ("level",),
    "everything": ("level", "spread"),
}


def baseline_told(world: World, grid: Grid, parts: tuple[str, ...]) -> Baseline:
    """The baseline of a grid, some of its parts not estimated but told; the `orders` count is never judged here."""
    ours = baseline_of(grid)
    if "level" in parts:
        true = told(world, ours)
        if "spread" in parts:
            return true
        return replace(true, extra_variance=ours.extra_variance, history=ours.history)
    at = np.array(rows_of(world, ours))
    is_rate = at >= 0
    shape, holiday = (np.where(is_rate[:, None], each[at], 0.0) for each in (world.shape, world.holiday))
    days = iter(range(len(grid.days)))
    nothing = np.zeros(len(at))
    spread = np.where(is_rate, world.extra_variance[at], 0.01)
    put = {
        "holidays": ("Holidays.expect", lambda _, day: (holiday[:, day], nothing, holiday[:, day] != 0)),
        "spread": ("ExtraVariance.estimate", lambda _: spread),
        "shape": ("Weekdays.effects", lambda _: np.repeat(shape[:, [next(days)]], 7, axis=1)),
        "wobble": ("Wobble.of_day", lambda *_: nothing),
    }
    with ExitStack() as stack:
        for part in (*parts, *(["wobble"] if "shape" in parts else [])):
            owner, method = put[part][0].split(".")
            stack.enter_context(patch.object(getattr(baseline_filter, owner), method, put[part][1]))
        return baseline_of(grid)


def prepared(world: World, grid: Grid, parts: tuple[str, ...]) -> Prepared:
    """A world with the baseline that was told these parts."""
    baseline = baseline_told(world, grid, parts)
    given = Surveillance().score(baseline, launches=world.launches, seed=0)
    evidence = weigh(baseline, rules(), {"surveillance": given})
    return Prepared(world, {OURS: baseline}, {OURS: evidence}, {OURS: rows_of(world, baseline)}, 0.0)


def table(seeds: list[int]) -> str:
    """Found in time at each rate and at the detector's own threshold, by what was told."""
    worlds = []
    for seed in seeds:
        world = draw(seed, nasty=True)
        worlds.append((world, grid_of(panel_of(world))))
    lines = [
        "| told | found at 1 per 1,000 | found at 0.2 | limit at 0.2 | at its own threshold: found | false share |"
    ]
    lines.append("|---|---|---|---|---|---|")
    for name, parts in CASES.items():
        cases = [prepared(*each, parts) for each in worlds]
        (loose, _), (strict, limit) = (at_rate(cases, OURS, rate) for rate in RATES)
        own = merged([run(each, OURS, Budget(0.05)) for each in cases])
        show(name, own)
        lines.append(
            f"| {name} | {loose.share_found:.3f} | {strict.share_found:.3f} | {limit:.1e} | "
            f"{own.share_found:.3f} | {own.false_share:.3f} |"
        )
    return "\n".join(lines)


def level_errors(seeds: list[int]) -> str:
    """How far off the level of the next day is: ours, ours told all but the level, and the best linear filter told all.

    Quiet worlds, ordinary days from the 60th on, series whose counting noise is smaller than 5 % a day.
    """
    errors: dict[str, list[np.ndarray]] = {}
    for seed in seeds:
        world = draw(seed, nasty=True, incidents=False)
        grid = grid_of(panel_of(world))
        ours, knowing = (baseline_of(grid), baseline_told(world, grid, ("holidays", "spread", "shape")))
        at = np.array(rows_of(world, ours))
        rows = np.flatnonzero(at >= 0)
        log_rate = world.log_rate[at[rows]]
        level = log_rate - (world.shape + world.holiday)[at[rows]]
        is_seen = grid.exposure[rows] > 0
        events = grid.exposure[rows] * np.exp(log_rate)
        noise = 1 / np.maximum(events, 1) + world.extra_variance[at[rows], None]
        departure = np.log((grid.amount[rows] + 0.5) / (events + 0.5))
        usual = np.nanmedian(np.where(is_seen, events, np.nan), axis=1) > 1 / 0.05**2
        judged = (is_seen & (world.holiday[at[rows]] == 0) & usual[:, None])[:, 60:]
        for name, off in (
            ("contextcheck", (ours.level + ours.offset)[rows] - log_rate),
            ("told spread, holidays, weekdays and wobble", (knowing.level + knowing.offset)[rows] - log_rate),
            ("the best linear filter, told all of it", _kalman(level + departure, noise, is_seen) - level),
        ):
            errors.setdefault(name, []).append(off[:, 60:][judged] ** 2)
    lines = [f"| {name} | {np.sqrt(np.concatenate(each).mean()):.4f} |" for name, each in errors.items()]
    return "\n".join(["| | next day's level is off by (log scale) |", "|---|---|", *lines])


def _kalman(seen: np.ndarray, noise: np.ndarray, is_seen: np.ndarray) -> np.ndarray:
    """One-day-ahead levels of a random walk of 0.5 % a day under known noise."""
    level, variance = seen[:, :14].mean(axis=1), np.full(len(seen), 0.01)
    ahead = np.empty_like(seen)
    for day in range(seen.shape[1]):
        ahead[:, day] = level
        gain = np.where(is_seen[:, day], variance / (variance + noise[:, day]), 0.0)
        level = level + gain * (seen[:, day] - level)
        variance = variance * (1 - gain) + 0.005**2
    return ahead


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 21, 22, 23, 24])
    parser.add_argument("--write", type=Path, help="page that holds the table")
    given = parser.parse_args()
    found = table(given.seeds) + "\n\n" + level_errors(given.seeds)
    print(found)
    if given.write:
        fill(given.write, "told parts", found)


if __name__ == "__main__":
    main()
