"""The counterfactual's own functions against published numbers; where the data come from: tests/fixtures/anchors."""

from __future__ import annotations

from math import exp, log
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import pytest
from unit.impact.money_panels import FIRST_DAY

from contextcheck.impact.comparison import Comparison
from contextcheck.impact.least_squares import least_squares
from contextcheck.impact.methods.ratio_did import ratio_did
from contextcheck.impact.methods.staggered import GroupTime, aggregate, att_gt
from contextcheck.impact.methods.synthetic import synthetic
from contextcheck.impact.placebo import placebo_rank
from contextcheck.impact.split import ratio_chance

ANCHORS = Path(__file__).resolve().parents[2] / "fixtures" / "anchors"


def two_periods(figures: dict[str, tuple[float, float]]) -> tuple[pd.DataFrame, Comparison]:
    """Each region stands at its first figure on 14 days and at its second on 7; the first region is under study."""
    days = pd.date_range(FIRST_DAY, periods=21)
    series = pd.DataFrame({name: [before] * 14 + [after] * 7 for name, (before, after) in figures.items()}, index=days)
    names = list(figures)
    return series, Comparison(names[0], days[:14], days[14:], tuple(names[1:]), {})


# ── two groups, two periods ────────────────────────────────────────────────────────────────────────────


KIELMC = {
    (): (-11863.90, 7456.65),
    ("age", "agesq"): (-21920.27, 6359.75),
    ("age", "agesq", "intst", "land", "area", "rooms", "baths"): (-14177.93, 4987.27),
}


@pytest.mark.parametrize("covariates", list(KIELMC))
def test_houses_near_the_incinerator_lost_what_was_published(covariates: tuple[str, ...]) -> None:
    """Wooldridge, Introductory Econometrics, table 13.2."""
    houses = pd.read_csv(ANCHORS / "kielmc.csv")
    near, later = houses["nearinc"].to_numpy(), houses["y81"].to_numpy()
    columns = {"near": near, "later": later, "both": near * later}
    columns |= {name: houses[name].to_numpy() for name in covariates}
    found = least_squares(houses["rprice"].to_numpy(dtype=float), columns)["both"]
    assert (round(found.value, 2), round(found.error, 2)) == KIELMC[covariates]


def test_kentucky_injury_benefits_give_the_published_effect_and_error() -> None:
    """Wooldridge, example 13.4 (Meyer, Viscusi and Durbin 1995): 0.191 (0.069) on log weeks, n = 5,626."""
    counts = pd.read_csv(ANCHORS / "injury_kentucky.csv")
    claims = counts.loc[counts.index.repeat(counts["claims"])]
    assert len(claims) == 5626
    high, after = claims["highearn"].to_numpy(), claims["afchnge"].to_numpy()
    weeks = np.log(claims["durat"].to_numpy())
    found = least_squares(weeks, {"high": high, "after": after, "both": high * after})["both"]
    assert (round(found.value, 3), round(found.error, 3)) == (0.191, 0.069)
    # the same as a ratio of ratios of geometric means, the way of the ledger
    logs = claims.assign(weeks=weeks).groupby(["highearn", "afchnge"])["weeks"].mean()
    series, compared = two_periods({name: (exp(logs[k, 0]), exp(logs[k, 1])) for k, name in ((1, "high"), (0, "low"))})
    effect, _ = ratio_did([series], compared)
    assert log((effect.expected + effect.value) / effect.expected) == pytest.approx(found.value, abs=1e-9)


def test_new_jersey_restaurants_give_the_published_difference() -> None:
    """Card and Krueger (1994), table 3: NJ 20.44 to 21.03, PA 23.33 to 21.17, 2.76; 2.7536 from unrounded means.

    Means of full-time equivalents over all stores that answered, from the authors' public.dat.
    """
    jersey, pennsylvania = np.array([20.439408, 21.027429]), np.array([23.331169, 21.165584])
    assert jersey.round(2).tolist() == [20.44, 21.03]
    assert pennsylvania.round(2).tolist() == [23.33, 21.17]
    assert synthetic(jersey, pennsylvania[None, :], 1, "did").effect == pytest.approx(2.7536, abs=5e-5)


# ── one treated region among many ──────────────────────────────────────────────────────────────────────


def organ_donors() -> tuple[pd.DataFrame, Comparison]:
    rates = pd.read_csv(ANCHORS / "organ_donations.csv", index_col="State")
    before = rates[["Q42010", "Q12011", "Q22011"]].mean(axis=1)
    after = rates[["Q32011", "Q42011", "Q12012"]].mean(axis=1)
    states = ["California", *(state for state in rates.index if state != "California")]
    return two_periods({state: (before[state], after[state]) for state in states})


def test_one_treated_state_among_twenty_seven_has_the_published_placebo_chance() -> None:
    """Kessler and Roth (2014), read in Huntington-Klein, The Effect, chapter 18.

    A difference of -0.022 with a clustered t of -3.3 would be called certain; four of 26 other states moved as far by
    themselves, a placebo p of 5/27 = 0.185.
    """
    series, compared = organ_donors()
    moved_as_far, controls = placebo_rank(series, compared, relative=False)
    assert (moved_as_far + 1) / (controls + 1) == pytest.approx(5 / 27)
    cells = series.iloc[[0, -1]].to_numpy().T
    assert synthetic(cells[0], cells[1:], 1, "did").effect == pytest.approx(-0.022, abs=0.0005)
    # relative to each state's own level, the ledger's way, one more state moved as far: not certain either
    assert placebo_rank(series, compared) == (5, 26)
    low, high = ratio_did([series], compared)[0].interval(0.95)
    assert low < 0 < high


@pytest.mark.parametrize(
    ("kind", "published"), [("synthetic-did", -15.60383), ("synthetic-control", -19.61966), ("did", -27.34911)]
)
def test_proposition_99_gives_the_published_effects(kind: str, published: float) -> None:
    """Arkhangelsky et al. (2021), table 1: -15.6, -19.6 and -27.3; more digits from the R package synthdid."""
    packs = pd.read_csv(ANCHORS / "california_prop99.csv", index_col="Year")
    california, others = packs["California"].to_numpy(), packs.drop(columns="California").to_numpy().T
    found = synthetic(california, others, 19, kind)  # type: ignore[arg-type]
    assert found.effect == pytest.approx(published, abs=5e-6)
    assert found.units.sum() == pytest.approx(1.0)
    assert found.units.min() >= 0


# ── staggered ──────────────────────────────────────────────────────────────────────────────────────────


MPDTA = {
    (2004, 2004): -0.0105,
    (2004, 2005): -0.0704,
    (2004, 2006): -0.1373,
    (2004, 2007): -0.1008,
    (2006, 2006): -0.0046,
    (2006, 2007): -0.0412,
    (2007, 2007): -0.0261,
}


def minimum_wages(controls: Literal["never", "not-yet"] = "never") -> tuple[GroupTime, ...]:
    counties = pd.read_csv(ANCHORS / "mpdta.csv", index_col="countyreal")
    years = [2003, 2004, 2005, 2006, 2007]
    outcomes = counties[[str(year) for year in years]].to_numpy()
    return att_gt(outcomes, years, counties["first_treated"].tolist(), controls=controls)


def test_minimum_wages_give_the_published_effects_by_group_and_year() -> None:
    """Callaway and Sant'Anna, README of the R package did: never treated controls, no covariates."""
    found = {(each.group, each.period): round(each.effect, 4) for each in minimum_wages() if each.period >= each.group}
    assert found == MPDTA


def test_minimum_wages_give_the_published_averages() -> None:
    """The same page: one average, one per group, one per number of years since."""
    effects = minimum_wages()
    assert aggregate(effects, "simple")[0].effect == pytest.approx(-0.039951, abs=5e-7)
    assert {group: round(each.effect, 4) for group, each in aggregate(effects, "group").items()} == {
        2004: -0.0797,
        2006: -0.0229,
        2007: -0.0261,
    }
    events = [round(each.effect, 4) for each in aggregate(effects, "event").values()]
    assert events == [-0.0199, -0.0510, -0.1373, -0.1008]


MPDTA_ERRORS = {
    "never": (
        [0.0232510, 0.0309848, 0.0364357, 0.0343592, 0.0177552, 0.0202292, 0.0166554],
        {"simple": [0.0120340], "group": [0.0263678, 0.0167033, 0.0166554]},
        [0.0118264, 0.0168935, 0.0364357, 0.0343592],
    ),
    "not-yet": (
        [0.0223101, 0.0303902, 0.0354034, 0.0343592, 0.0163356, 0.0202292, 0.0166554],
        {"simple": [0.0120524], "group": [0.0257016, 0.0159222, 0.0166554]},
        [0.0120446, 0.0169464, 0.0354034, 0.0343592],
    ),
}


@pytest.mark.parametrize("controls", list(MPDTA_ERRORS))
def test_minimum_wages_give_another_packages_standard_errors(controls: Literal["never", "not-yet"]) -> None:
    """Analytical errors of `CallawaySantAnna` in the Python package diff-diff 3.13.0 on the same file.

    The R package did prints 0.0118 to 0.0120 for the simple average, by a bootstrap whose draws differ; 0.0120340 is
    what it converges to.
    """
    effects = minimum_wages(controls)
    by_year, averages, events = MPDTA_ERRORS[controls]
    assert [round(each.error, 7) for each in effects if each.period >= each.group] == by_year
    for how, errors in averages.items():
        found = aggregate(effects, how)  # type: ignore[arg-type]
        assert [round(each.error, 7) for each in found.values()] == errors
    assert [round(each.error, 7) for each in aggregate(effects, "event").values()] == events


# ── a split ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_broken_split_has_the_published_chance() -> None:
    """Kohavi, Tang and Xu (2020), chapter 21: 821,588 against 815,482 users planned half and half, p = 1.8e-6."""
    assert ratio_chance(821_588, 815_482, 0.5) == pytest.approx(1.8e-6, abs=0.05e-6)
