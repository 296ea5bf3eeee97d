"""The 42 weekly scenarios of the surveillance literature, with seeds of our own.

mu(t) = exp(theta + beta t [trend] + sum over j <= m of gamma1 cos(2 pi j t / 52) + gamma2 sin(2 pi j t / 52)), seven
sets of parameters × trend or none × m = 0, 1, 2 (Noufaily et al. 2013, doi 10.1002/sim.5595; Bedubourg and Le Strat
2017, doi 10.1371/journal.pone.0181227). 624 weeks: 1 to 312 training, 313 to 575 baseline with four past outbreaks of
size k1, 576 to 624 current with one outbreak of size k2. An outbreak has Poisson(k SD) cases in weeks start +
floor(LogNormal(0, 0.5)).

Two readings of the text are in use, so there are two variants:
  exact  negative binomial with variance phi mu; SD is that of the outbreak's first week
  aeddo  negative binomial of size (mu + mu²) / (phi mu), as in telkamp7/AEDDO; SD is that of the whole series
The level m = 2 is from memory (the count of 42 fits).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

WEEKS = 624
BASELINE_FROM = 312
CURRENT_FROM = 575
PAST_OUTBREAKS = 4
PAST_SIZES = (0, 2, 3, 5, 10)
CURRENT_SIZES = tuple(range(1, 11))
FIRST_WEEK = "2014-01-06"
# theta, phi, beta, gamma1, gamma2
SETS = (
    (0.10, 1.5, 0.0025, 0.60, 0.60),
    (-2.00, 2.0, 0.0050, 0.10, 0.30),
    (1.50, 1.0, 0.0030, 0.20, -0.40),
    (0.50, 5.0, 0.0020, 0.50, 0.50),
    (2.50, 3.0, 0.0010, 1.00, 0.10),
    (3.75, 1.1, 0.0010, 0.10, -0.10),
    (5.00, 1.2, 0.0001, 0.05, 0.01),
)
VARIANTS = ("exact", "aeddo")


@dataclass(frozen=True)
class Series:
    """One simulated series; `outbreak` counts the cases that were added per week."""

    scenario: int
    number: int
    past_size: int
    current_size: int
    counts: np.ndarray
    outbreak: np.ndarray
    mean: np.ndarray

    @property
    def name(self) -> str:
        return f"s{self.scenario:02d}n{self.number:02d}"


def mean_of(scenario: int) -> np.ndarray:
    """Expected cases per week without outbreaks."""
    (theta, _, beta, gamma1, gamma2), has_trend, harmonics = list(product(SETS, (0, 1), (0, 1, 2)))[scenario]
    week = np.arange(1, WEEKS + 1)
    log_mean = theta + beta * week * has_trend
    for j in range(1, harmonics + 1):
        log_mean = log_mean + gamma1 * np.cos(2 * np.pi * j * week / 52) + gamma2 * np.sin(2 * np.pi * j * week / 52)
    return np.exp(log_mean)


def simulate(variant: str, per_scenario: int, seed: int) -> list[Series]:
    """Draw every scenario `per_scenario` times, current and past sizes in turn."""
    result = []
    for scenario, number in product(range(42), range(per_scenario)):
        random = np.random.default_rng([seed, VARIANTS.index(variant), scenario, number])
        turn = scenario * per_scenario + number
        past, current = PAST_SIZES[turn % 5], CURRENT_SIZES[(turn * 7 + turn // 10) % 10]
        mean = mean_of(scenario)
        phi = SETS[scenario // 6][1]
        counts = _draw(variant, mean, phi, random)
        outbreak = np.zeros(WEEKS, dtype=np.int64)
        for first, last, count, size in (
            (BASELINE_FROM, CURRENT_FROM, PAST_OUTBREAKS, past),
            (CURRENT_FROM, WEEKS, 1, current),
        ):
            for start in random.integers(first, last - 3, size=count):
                deviation = np.sqrt(phi * mean[start]) if variant == "exact" else counts.std()
                cases = random.poisson(size * deviation)
                weeks = start + np.floor(random.lognormal(0, 0.5, cases)).astype(int)
                np.add.at(outbreak, weeks[weeks < last], 1)
        result.append(Series(scenario, number, past, current, counts + outbreak, outbreak, mean))
    return result


def _draw(variant: str, mean: np.ndarray, phi: float, random: np.random.Generator) -> np.ndarray:
    if variant == "aeddo":
        size = (mean + mean**2) / (phi * mean)
        return random.negative_binomial(size, size / (size + mean))
    if phi == 1.0:
        return random.poisson(mean)
    size = mean / (phi - 1)
    return random.negative_binomial(size, 1 / phi)


def long_table(series: list[Series]) -> pd.DataFrame:
    """The series as a panel, each a metric of its own: like the other methods ours sees one series at a time."""
    weeks = pd.date_range(FIRST_WEEK, periods=WEEKS, freq="7D")
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "date": weeks,
                    "region": "everywhere",
                    "metric": each.name,
                    "events": each.counts,
                }
            )
            for each in series
        ],
        ignore_index=True,
    )


def wide_table(series: list[Series]) -> pd.DataFrame:
    """One column per series, one row per week, for R."""
    return pd.DataFrame({each.name: each.counts for each in series})
