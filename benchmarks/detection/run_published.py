"""The published weekly scheme: ours beside R surveillance and PyOD, in one run.

POD: outbreaks of the current period with an alarm in one of their weeks. Sensitivity: weeks with outbreak cases that
are flagged. Specificity: other weeks that are not. F1: of flagged weeks against weeks with outbreak cases. "at 1 %":
the threshold on each method's score is moved until 1 % of the weeks without outbreak cases are flagged, all scenarios
together.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
from published_scheme import CURRENT_FROM, VARIANTS, WEEKS, Series, long_table, simulate, wide_table

import contextcheck

R_METHODS = {
    "farrington": "Farrington 1996 (R)",
    "flexible": "Farrington flexible (R)",
    "c1": "EARS C1 (R)",
    "c2": "EARS C2 (R)",
    "c3": "EARS C3 (R)",
    "glrnb": "GLR-NB (R)",
    "bayes": "Bayes 1 (R)",
}
JUDGED = WEEKS - CURRENT_FROM
FALSE_SHARE = 0.01
Found = tuple[np.ndarray, np.ndarray]


def ours(series: list[Series]) -> Found:
    """Score and flag per series and judged week, from the whole history, any metric upwards."""
    days = contextcheck.detect_frame(long_table(series), direction="up")
    wide = days.pivot_table(index="metric", columns="date", values=["score", "flag"])
    order = [each.name for each in series]
    score, flag = (wide[name].loc[order].to_numpy()[:, CURRENT_FROM:] for name in ("score", "flag"))
    return score, flag > 0.5


def at_level(found: Found) -> Found:
    """Flagged by the nominal chance of each week, as the other methods do, and not by false-discovery control."""
    return found[0], found[0] >= -np.log10(FALSE_SHARE)


def by_r(series: list[Series], method: str, folder: Path) -> Found:
    """One Rscript call over a CSV file."""
    source, target = folder / "series.csv", folder / f"{method}.csv"
    script = Path(__file__).with_name("surveillance.R")
    subprocess.run(["Rscript", script, source, str(CURRENT_FROM + 1), method, target], check=True)
    found = pd.read_csv(target)
    shape = (len(series), JUDGED)
    score = found["score"].to_numpy(dtype=float).reshape(shape)
    alarm = found["alarm"].fillna(0).to_numpy().reshape(shape) > 0
    return np.nan_to_num(score, nan=-np.inf), alarm


def by_pyod(series: list[Series], name: str) -> Found:
    """Each series alone: a model of (count, two-week sum, distance to the last 12 weeks), learned before week 576."""
    from pyod.models.ecod import ECOD
    from pyod.models.iforest import IForest

    scores, alarms = [], []
    for each in series:
        counts = pd.Series(each.counts.astype(float))
        past = counts.shift(1).rolling(12, min_periods=4)
        distance = (counts - past.mean()) / np.sqrt(past.var() + 1)
        rows = pd.concat([counts, counts.rolling(2, min_periods=1).sum(), distance.fillna(0)], axis=1).to_numpy()
        model = (
            ECOD(contamination=FALSE_SHARE) if name == "ECOD" else IForest(contamination=FALSE_SHARE, random_state=0)
        )
        model.fit(rows[:CURRENT_FROM])
        score = model.decision_function(rows[CURRENT_FROM:])
        # only more cases than lately are an outbreak
        score = np.where(distance.to_numpy()[CURRENT_FROM:] > 0, score, -np.inf)
        scores.append(score)
        alarms.append(score > model.threshold_)
    return np.array(scores), np.array(alarms)


def true_mean(series: list[Series]) -> Found:
    """Told the true mean, one week at a time: the standardised square-root distance."""
    seen = np.array([each.counts[CURRENT_FROM:] for each in series], dtype=float)
    mean = np.array([each.mean[CURRENT_FROM:] for each in series])
    from published_scheme import SETS
    from scipy.stats import nbinom, poisson

    phi = np.array([SETS[each.scenario // 6][1] for each in series])[:, None]
    size = mean / np.maximum(phi - 1, 1e-9)
    wide = nbinom.sf(seen, size, 1 / phi) + nbinom.pmf(seen, size, 1 / phi) / 2
    chance = np.where(phi > 1, wide, poisson.sf(seen, mean) + poisson.pmf(seen, mean) / 2)
    score = -np.log10(np.maximum(chance, 1e-300))
    return score, chance < FALSE_SHARE


def judge(series: list[Series], alarm: np.ndarray) -> dict[str, float]:
    """POD, sensitivity, specificity and F1 of a set of flagged weeks."""
    truth = np.array([each.outbreak[CURRENT_FROM:] > 0 for each in series])
    has_outbreak = truth.any(axis=1)
    hit = int((alarm & truth).sum())
    precision = hit / max(int(alarm.sum()), 1)
    sensitivity = hit / max(int(truth.sum()), 1)
    return {
        "POD": float((alarm & truth).any(axis=1)[has_outbreak].mean()),
        "sensitivity": sensitivity,
        "specificity": float((~alarm)[~truth].mean()),
        "F1": 2 * precision * sensitivity / max(precision + sensitivity, 1e-12),
    }


def at_one_percent(series: list[Series], score: np.ndarray) -> np.ndarray:
    truth = np.array([each.outbreak[CURRENT_FROM:] > 0 for each in series])
    return score > np.quantile(score[~truth], 1 - FALSE_SHARE, method="higher")


def run(variant: str, per_scenario: int, seed: int, with_r: bool, workers: int) -> list[dict[str, object]]:
    series = simulate(variant, per_scenario, seed)
    rows = []

    def add(name: str, found: Found, seconds: float) -> None:
        native, moved = judge(series, found[1]), judge(series, at_one_percent(series, found[0]))
        rows.append({"variant": variant, "method": name, "native": native, "moved": moved, "seconds": seconds})
        print(line(rows[-1]), flush=True)

    print(f"{variant}: {len(series)} series", file=sys.stderr)
    began = time.perf_counter()
    searched = ours(series)
    seconds = time.perf_counter() - began
    for name, method in (
        ("told the true mean, one week", true_mean),
        ("contextcheck at a nominal 1 %", lambda _: at_level(searched)),
        ("contextcheck, false-discovery control", lambda _: searched),
        ("PyOD ECOD", lambda each: by_pyod(each, "ECOD")),
        ("PyOD IForest", lambda each: by_pyod(each, "IForest")),
    ):
        began = time.perf_counter()
        found = method(series)
        add(name, found, seconds if name.startswith("contextcheck") else time.perf_counter() - began)
    truth = np.array([each.outbreak[CURRENT_FROM:] > 0 for each in series])
    print(f"nominal 1 % of ours is {100 * at_level(searched)[1][~truth].mean():.2f} %", flush=True)
    if with_r:
        with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(workers) as pool:
            folder = Path(name)
            wide_table(series).to_csv(folder / "series.csv", index=False)

            def timed(method: str) -> tuple[str, Found, float]:
                began = time.perf_counter()
                return method, by_r(series, method, folder), time.perf_counter() - began

            for method, found, seconds in pool.map(timed, R_METHODS):
                add(R_METHODS[method], found, seconds)
    return rows


def line(row: dict) -> str:
    figures = [
        f"{row[when][name]:.3f}" for when in ("native", "moved") for name in ("POD", "sensitivity", "specificity", "F1")
    ]
    return f"| {row['variant']} | {row['method']} | {' | '.join(figures)} | {row['seconds']:.0f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--per-scenario", type=int, default=5)
    parser.add_argument("--seed", type=int, default=101)
    parser.add_argument("--variant", choices=VARIANTS, action="append")
    parser.add_argument("--without-r", action="store_true")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    print("| variant | method | POD | sens | spec | F1 | POD at 1 % | sens | spec | F1 | s |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for variant in given.variant or VARIANTS:
        run(variant, given.per_scenario, given.seed, not given.without_r, given.workers)


if __name__ == "__main__":
    main()
