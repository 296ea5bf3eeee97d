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
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from kept import ask
from page_tables import fill
from published_scheme import CURRENT_FROM, SETS, VARIANTS, WEEKS, Series, long_table, simulate, wide_table
from scipy.stats import nbinom, poisson

import contextcheck
from contextcheck.detect.surveillance import WEEKLY_TRIES
from contextcheck.detect.two_weeks import two_week_chance

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
OURS = "contextcheck, nominal 1 % (score of 2)"
OUR_FLAGS = "contextcheck, false-discovery control (its flags)"
TRUE_MEAN = "told the true distribution, one week at a time"
TRUE_TWO = "told the true distribution, two weeks together"
TOLD_OR_OURS = (OURS, OUR_FLAGS, TRUE_MEAN, TRUE_TWO)
Found = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Row:
    """One method on one draw: natively, with the threshold moved to 1 %, and the share of quiet weeks it flags."""

    variant: str
    seed: int
    method: str
    native: dict[str, float]
    moved: dict[str, float]
    false_share: float


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


def by_r(series: list[Series], method: str, kept: Path | None) -> Found:
    """One Rscript call over a CSV file; asked once for the same series."""
    script = Path(__file__).with_name("surveillance.R")
    counts = np.array([each.counts for each in series])
    shape = (len(series), JUDGED)

    def call() -> Found:
        with tempfile.TemporaryDirectory() as name:
            source, target = Path(name) / "series.csv", Path(name) / "found.csv"
            wide_table(series).to_csv(source, index=False)
            subprocess.run(["Rscript", script, source, str(CURRENT_FROM + 1), method, target], check=True)
            found = pd.read_csv(target)
        score = found["score"].to_numpy(dtype=float).reshape(shape)
        return np.nan_to_num(score, nan=-np.inf), found["alarm"].fillna(0).to_numpy().reshape(shape) > 0

    score, alarm = ask(kept, R_METHODS[method], (counts, _part_of(script, method)), call).arrays
    return score, alarm


def _part_of(script: Path, method: str) -> str:
    """The function of a method and what all share, so that changing one method asks for that one again."""
    functions = {"farrington": "original", "flexible": "flexible", "glrnb": "glr", "bayes": "bayes1"}
    text = script.read_text(encoding="utf-8")
    names = {functions.get(method, "ears"), "farrington_result"}
    parts = text.split("\n}\n")
    return "\n".join(each for each in parts if any(f"{name} <- function" in each for name in names)) + parts[-1]


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


def true_mean(series: list[Series], variant: str, weeks: int) -> Found:
    """Told the distribution of quiet weeks: the tail of one week, or of it and the week before as ours adds them up."""
    chance = quiet_chance(series, variant, CURRENT_FROM - 1)
    if weeks == 2:
        chance = np.minimum(chance * WEEKLY_TRIES[0], two_week_chance(chance) * WEEKLY_TRIES[1])
    score = -np.log10(np.clip(chance, 1e-300, 1.0))[:, 1:]
    return score, score > -np.log10(FALSE_SHARE)


def quiet_chance(series: list[Series], variant: str, first: int) -> np.ndarray:
    """Mid-p tail of each week from `first` on in the true distribution of quiet weeks: series × weeks."""
    seen = np.array([each.counts[first:] for each in series], dtype=float)
    mean = np.array([each.mean[first:] for each in series])
    phi = np.array([SETS[each.scenario // 6][1] for each in series])[:, None]
    if variant == "aeddo":
        size = (1 + mean) / phi
        share = size / (size + mean)
        return nbinom.sf(seen, size, share) + nbinom.pmf(seen, size, share) / 2
    size = mean / np.maximum(phi - 1, 1e-9)
    wide = nbinom.sf(seen, size, 1 / phi) + nbinom.pmf(seen, size, 1 / phi) / 2
    return np.where(phi > 1, wide, poisson.sf(seen, mean) + poisson.pmf(seen, mean) / 2)


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


def run(variant: str, per_scenario: int, seed: int, with_r: bool, kept: Path | None) -> list[Row]:
    """Every method on one draw; the rows in the order in which they were measured."""
    series = simulate(variant, per_scenario, seed)
    truth = np.array([each.outbreak[CURRENT_FROM:] > 0 for each in series])
    rows = []

    def add(name: str, found: Found) -> None:
        native, moved = judge(series, found[1]), judge(series, at_one_percent(series, found[0]))
        rows.append(Row(variant, seed, name, native, moved, float(found[1][~truth].mean())))
        print(variant, seed, line(rows[-1]), flush=True)

    print(f"{variant}: {len(series)} series", file=sys.stderr)
    searched = ours(series)
    add(TRUE_MEAN, true_mean(series, variant, 1))
    add(TRUE_TWO, true_mean(series, variant, 2))
    add(OURS, at_level(searched))
    add(OUR_FLAGS, searched)
    if with_r:
        add("PyOD ECOD", by_pyod(series, "ECOD"))
        add("PyOD IForest", by_pyod(series, "IForest"))
    for method in R_METHODS if with_r else ():
        add(R_METHODS[method], by_r(series, method, kept))
    return rows


def line(row: Row) -> str:
    """A row of the table: native, then moved to 1 %."""
    names = ("POD", "sensitivity", "specificity", "F1")
    native = [f"{row.native[name]:.3f}" for name in names]
    moved = [f"{row.moved[name]:.3f}" for name in ("POD", "sensitivity", "F1")]
    return f"| {row.method} | {' | '.join(native + moved)} |"


def beside_peers(rows: list[Row]) -> str:
    """Every method, best F1 at 1 % first."""
    lines = [
        "| method | POD | sensitivity | specificity | F1 | POD at 1 % | sensitivity at 1 % | F1 at 1 % |",
        "|---|" + "---|" * 7,
    ]
    lines += [line(each) for each in sorted(rows, key=lambda each: -each.moved["F1"])]
    best = {name: max(each.moved[name] for each in rows if each.method not in TOLD_OR_OURS) for name in ("POD", "F1")}
    mine = next(each for each in rows if each.method == OURS)
    ratios = " and ".join(f"{name} {mine.moved[name] / best[name]:.2f}" for name in ("POD", "F1"))
    return "\n".join(
        [
            *lines,
            "",
            f"Ours over the best peer at 1 %: {ratios} times. A nominal 1 % of ours is {100 * mine.false_share:.2f} %.",
        ]
    )


def over_draws(rows: list[Row]) -> str:
    """Ours and what the true mean gives, draw by draw, and their means."""
    lines = [
        "| draw | variant | POD at 1 % | F1 at 1 % | told the true distribution, two weeks: POD, F1 | nominal 1 % is |",
        "|---|---|---|---|---|---|",
    ]
    for variant in VARIANTS:
        mine = [each for each in rows if each.variant == variant and each.method == OURS]
        told = [each for each in rows if each.variant == variant and each.method == TRUE_TWO]
        lines += [
            f"| {one.seed} | {variant} | {one.moved['POD']:.3f} | {one.moved['F1']:.3f} | "
            f"{other.moved['POD']:.3f}, {other.moved['F1']:.3f} | {100 * one.false_share:.2f} % |"
            for one, other in zip(mine, told, strict=True)
        ]
        mean = [
            float(np.mean([each.moved[name] for each in group])) for group in (mine, told) for name in ("POD", "F1")
        ]
        share = f"{100 * float(np.mean([each.false_share for each in mine])):.2f} %"
        lines.append(
            f"| mean | {variant} | **{mean[0]:.3f}** | **{mean[1]:.3f}** | {mean[2]:.3f}, {mean[3]:.3f} | {share} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--per-scenario", type=int, default=3)
    parser.add_argument("--seed", type=int, default=101, help="the draw that the peers see")
    parser.add_argument("--more-seeds", type=int, nargs="*", default=[], help="draws that only ours sees")
    parser.add_argument("--variant", choices=VARIANTS, action="append")
    parser.add_argument("--without-r", action="store_true")
    parser.add_argument("--kept", type=Path, help="folder for the answers of R")
    parser.add_argument("--write", type=Path, help="page that holds the tables")
    given = parser.parse_args()
    rows = []
    for variant in given.variant or VARIANTS:
        found = run(variant, given.per_scenario, given.seed, not given.without_r, given.kept)
        table = beside_peers(found) if not given.without_r else ""
        print(table)
        if given.write and table:
            fill(given.write, f"published {variant}", table)
        rows += found
        for seed in given.more_seeds:
            rows += run(variant, given.per_scenario, seed, False, None)
    if not given.variant:
        print(over_draws(rows))
        if given.write:
            fill(given.write, "published draws", over_draws(rows))


if __name__ == "__main__":
    main()
