"""How much one who is told the distribution of quiet weeks finds with other weights of a week and the two before it."""

from __future__ import annotations

import argparse
from itertools import product

import numpy as np
from published_scheme import CURRENT_FROM, VARIANTS, Series, simulate
from run_published import at_one_percent, judge, quiet_chance, true_mean
from scipy.special import ndtri

LAST_WEEK = (0.0, 0.3, 0.5, 0.7, 1.0, 1.4)
WEEK_BEFORE = (0.0, 0.3, 0.6, 1.0)


def found(series: list[Series], score: np.ndarray) -> float:
    """POD at 1 % false weeks."""
    return judge(series, at_one_percent(series, score))["POD"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--variant", choices=VARIANTS, default="aeddo")
    parser.add_argument("--first-seed", type=int, default=4001)
    parser.add_argument("--seeds", type=int, default=8)
    given = parser.parse_args()
    by_weight: dict[tuple[float, float], list[float]] = {each: [] for each in product(LAST_WEEK, WEEK_BEFORE)}
    two_weeks = []
    for seed in range(given.first_seed, given.first_seed + given.seeds):
        series = simulate(given.variant, 3, seed)
        normal = -ndtri(np.clip(quiet_chance(series, given.variant, CURRENT_FROM - 2), 1e-300, 1 - 1e-16))
        loud = np.maximum(normal, 0)
        for (last, before), pods in by_weight.items():
            pods.append(found(series, normal[:, 2:] + last * loud[:, 1:-1] + before * loud[:, :-2]))
        two_weeks.append(found(series, true_mean(series, given.variant, 2)[0]))
    print(f"two weeks as contextcheck adds them up: POD at 1 % {np.mean(two_weeks):.3f}")
    for (last, before), pods in sorted(by_weight.items(), key=lambda each: -np.mean(each[1])):
        print(f"last week x {last:g}, the week before it x {before:g}: {np.mean(pods):.3f}")


if __name__ == "__main__":
    main()
