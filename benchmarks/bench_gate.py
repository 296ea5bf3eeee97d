"""False roll-backs, time to detect and regret of the gate's rule beside the rules of others.

    python benchmarks/bench_gate.py [--runs 2000] [--harm-runs 500]

One run is a launched region compared with others by day: 56 quiet days, 28 looks (one a day), daily noise of 4 % of the
level with a day-to-day dependence of 0.2; the noise is estimated from the quiet days, as in production. Regret is
counted in days of the region's contribution over 90 days: what a rule lost compared with knowing the truth, with a
roll-back costing K days.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri
from scipy.stats import mannwhitneyu

from contextcheck.gate.sequential import bounds, information, reach, recent_mean
from contextcheck.impact.noise import serial_dependence, serial_noise

if TYPE_CHECKING:
    from collections.abc import Callable

DAYS_BEFORE, LOOKS, HORIZON = 56, 28, 90
NOISE, DEPENDENCE, BASE, ALPHA = 0.04, 0.2, 1.0, 0.05
DAYS = [date(2026, 3, 2) + timedelta(days=number) for number in range(LOOKS)]


@dataclass(frozen=True)
class Look:
    """What a rule sees after some days: quiet days' residuals, effects so far, the noise estimated from the former."""

    before: np.ndarray
    effects: np.ndarray
    noise: float
    break_even: float

    @property
    def z(self) -> float:
        days = len(self.effects)
        return float(self.effects.mean()) / (self.noise * np.sqrt(1 / days + 1 / DAYS_BEFORE))


def naive(look: Look) -> bool:
    return look.z < float(ndtri(ALPHA))


def bonferroni(look: Look) -> bool:
    return look.z < float(ndtri(ALPHA / LOOKS))


def group_sequential(look: Look) -> bool:
    """O'Brien-Fleming: the bound at look k of 28 is c x sqrt(28 / k), c simulated for one-sided 5 %."""
    return look.z < -OBRIEN_FLEMING * np.sqrt(LOOKS / len(look.effects))


def kayenta(look: Look) -> bool:
    """Mann-Whitney at 98 %, as Netflix's judge: the newer days lower than the older ones."""
    if len(look.effects) < 3:
        return False
    return bool(mannwhitneyu(look.effects, look.before, alternative="less").pvalue < 0.01)


def confidence_sequence(look: Look) -> bool:
    """The one-sided asymptotic confidence sequence alone, without restarts and without regard to cost."""
    weekdays = np.bincount([day.weekday() for day in DAYS[: len(look.effects)]], minlength=7).tolist()
    now = information(len(look.effects), weekdays, look.noise, DAYS_BEFORE)
    tuned = information(7, [1] * 7, look.noise, DAYS_BEFORE)
    return float(look.effects.mean()) + reach(now, tuned, ALPHA) < 0


def contextcheck(look: Look) -> bool:
    days = DAYS[: len(look.effects)]
    if bounds(days, look.effects.tolist(), look.noise, DAYS_BEFORE, ALPHA).upper >= 0:
        return False
    recent, _ = recent_mean(days, look.effects.tolist(), look.noise, DAYS_BEFORE, BASE)
    return recent < -look.break_even


RULES: dict[str, Callable[[Look], bool]] = {
    "naive daily t": naive,
    "Mann-Whitney (Kayenta)": kayenta,
    "Bonferroni over 28": bonferroni,
    "group sequential (OBF)": group_sequential,
    "confidence sequence": confidence_sequence,
    "contextcheck": contextcheck,
}

SCENARIOS: dict[str, tuple[float, int, bool]] = {
    "no effect": (0.0, 0, False),
    "-1 %": (-0.01, 0, False),
    "-2 %": (-0.02, 0, False),
    "-5 %": (-0.05, 0, False),
    "-10 %": (-0.10, 0, False),
    "late -10 %": (-0.10, 14, False),
    "ramp to -10 %": (-0.10, 0, True),
}


def true_effect(scenario: str, days: int) -> np.ndarray:
    size, start, is_ramp = SCENARIOS[scenario]
    effect = np.where(np.arange(days) >= start, size, 0.0)
    return effect * np.minimum(1.0, (np.arange(days) + 1) / LOOKS) if is_ramp else effect


def noise_series(rng: np.random.Generator) -> np.ndarray:
    shocks = rng.normal(size=DAYS_BEFORE + LOOKS) * NOISE * np.sqrt(1 - DEPENDENCE**2)
    series = np.empty(DAYS_BEFORE + LOOKS)
    series[0] = rng.normal() * NOISE
    for number in range(1, len(series)):
        series[number] = DEPENDENCE * series[number - 1] + shocks[number]
    return series


def first_alarms(scenario: str, runs: int, seed: int, cost_days: float) -> dict[str, np.ndarray]:
    """First look at which each rule rolls back, 0 for never."""
    rng = np.random.default_rng(seed)
    found = {name: np.zeros(runs, dtype=int) for name in RULES}
    for run in range(runs):
        series = noise_series(rng)
        before = series[:DAYS_BEFORE] - series[:DAYS_BEFORE].mean()
        scaled = before * np.sqrt(DAYS_BEFORE / (DAYS_BEFORE - 1))
        noise = serial_noise(scaled, serial_dependence([scaled]))
        effects = series[DAYS_BEFORE:] - series[:DAYS_BEFORE].mean() + true_effect(scenario, LOOKS)
        for name, rule in RULES.items():
            for days in range(1, LOOKS + 1):
                if rule(Look(before, effects[:days], noise, cost_days / HORIZON)):
                    found[name][run] = days
                    break
    return found


def regrets(scenario: str, alarms: np.ndarray, cost_days: float) -> np.ndarray:
    """Days of contribution lost against knowing the truth."""
    lost = np.concatenate([[0.0], -np.cumsum(true_effect(scenario, HORIZON))])
    cost = np.where(alarms > 0, lost[alarms] + cost_days, lost[HORIZON])
    return cost - min(lost[HORIZON], cost_days)


def calibrated_obrien_fleming(runs: int = 20000) -> float:
    """The constant c for 28 equal looks at one-sided 5 %, with a past that is noisy as well."""
    rng = np.random.default_rng(99)
    looks = np.arange(1, LOOKS + 1)
    past = rng.normal(size=(runs, 1)) / np.sqrt(DAYS_BEFORE)
    means = np.cumsum(rng.normal(size=(runs, LOOKS)), axis=1) / looks - past
    z = means / np.sqrt(1 / looks + 1 / DAYS_BEFORE)
    return float(-np.quantile((z / np.sqrt(LOOKS / looks)).min(axis=1), ALPHA))


OBRIEN_FLEMING = calibrated_obrien_fleming()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--harm-runs", type=int, default=500)
    arguments = parser.parse_args()
    for cost_days in (0.5, 3.0, 10.0):
        table: dict[str, list[str]] = {name: [] for name in RULES}
        all_regrets: dict[str, list[np.ndarray]] = {name: [] for name in RULES}
        for number, scenario in enumerate(SCENARIOS):
            runs = arguments.runs if scenario == "no effect" else arguments.harm_runs
            for name, alarms in first_alarms(scenario, runs, number, cost_days).items():
                rolled = alarms[alarms > 0]
                median = f" / {np.median(rolled):.0f}" if len(rolled) and scenario != "no effect" else ""
                table[name].append(f"{len(rolled) / runs:.1%}{median}")
                all_regrets[name].append(regrets(scenario, alarms, cost_days))
        print(f"\nK = {cost_days:g} days of contribution; share rolled back / median day")
        print("| rule | " + " | ".join(SCENARIOS) + " | mean regret | largest mean |")
        for name, cells in table.items():
            means = [float(regret.mean()) for regret in all_regrets[name]]
            print(f"| {name} | " + " | ".join(cells) + f" | {np.mean(means):.2f} | {max(means):.2f} |")


if __name__ == "__main__":
    main()
