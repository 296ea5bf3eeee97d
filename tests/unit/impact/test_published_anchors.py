"""The counterfactual against published numbers; the few figures needed stand here with their source."""

from __future__ import annotations

from math import exp, log

import pandas as pd
import pytest
from unit.impact.money_panels import FIRST_DAY

from contextcheck.impact.comparison import Comparison
from contextcheck.impact.methods.ratio_did import ratio_did
from contextcheck.impact.placebo import placebo_rank


def two_periods(figures: dict[str, tuple[float, float]]) -> tuple[pd.DataFrame, Comparison]:
    """Each region stands at its first figure on 14 days and at its second on 7; the first region is under study."""
    days = pd.date_range(FIRST_DAY, periods=21)
    series = pd.DataFrame({name: [before] * 14 + [after] * 7 for name, (before, after) in figures.items()}, index=days)
    names = list(figures)
    return series, Comparison(names[0], days[:14], days[14:], tuple(names[1:]), {})


def test_kentucky_injury_benefits_give_the_published_effect() -> None:
    """Wooldridge, Introductory Econometrics, example 13.4 (Meyer, Viscusi, Durbin 1995): 0.191 on log duration.

    Mean log duration of benefits in Kentucky (data set `injury`, n = 5,626), before and after the change: high earners
    1.382094 and 1.580352, low earners 1.125615 and 1.133273. A ratio of ratios of geometric means is a difference of
    differences of mean logs.
    """
    series, compared = two_periods(
        {"high earners": (exp(1.382094), exp(1.580352)), "low earners": (exp(1.125615), exp(1.133273))}
    )
    effect, _ = ratio_did([series], compared)
    assert log((effect.expected + effect.value) / effect.expected) == pytest.approx(0.191, abs=0.0005)


ORGAN_DONORS = {
    "California": (0.271333, 0.262800),
    "Alaska": (0.763333, 0.783333),
    "Arizona": (0.232900, 0.248033),
    "Colorado": (0.668767, 0.666933),
    "Connecticut": (0.390333, 0.395967),
    "District of Columbia": (0.304533, 0.382033),
    "Florida": (0.383167, 0.409600),
    "Hawaii": (0.418200, 0.423633),
    "Louisiana": (0.548367, 0.564833),
    "Maryland": (0.461433, 0.470000),
    "Michigan": (0.165900, 0.299033),
    "Minnesota": (0.524433, 0.530800),
    "Missouri": (0.402500, 0.412200),
    "Montana": (0.647100, 0.662667),
    "Nebraska": (0.441267, 0.443767),
    "New Hampshire": (0.560433, 0.527833),
    "New Jersey": (0.306167, 0.319000),
    "New York": (0.127667, 0.131900),
    "North Carolina": (0.524967, 0.525000),
    "Ohio": (0.561300, 0.569900),
    "Pennsylvania": (0.454000, 0.454567),
    "South Carolina": (0.275200, 0.262900),
    "Tennessee": (0.329967, 0.340433),
    "Virginia": (0.324100, 0.357800),
    "Washington": (0.586200, 0.587833),
    "Wisconsin": (0.572167, 0.572067),
    "Wyoming": (0.593800, 0.588200),
}
"""Share of organ donors before and after July 2011, means of three quarters each (Kessler and Roth 2014)."""


def test_one_treated_state_among_twenty_seven_is_not_called_certain() -> None:
    """Kessler and Roth (2014), data from The Effect, chapter 18: a clustered t of -3.3 says certain.

    The placebo over states says p = 5/27 = 0.185 for differences; relative to each state's own level one more state
    moved as far: 6/27. The interval must therefore hold 0.
    """
    series, compared = two_periods(ORGAN_DONORS)
    moved_as_far, controls = placebo_rank(series, compared)
    assert (moved_as_far + 1, controls + 1) == (6, 27)
    effect, _ = ratio_did([series], compared)
    others = [figures for state, figures in ORGAN_DONORS.items() if state != "California"]
    ratio = sum(after for _, after in others) / sum(before for before, _ in others)
    assert effect.value == pytest.approx(0.2628 - 0.271333 * ratio, abs=1e-6)
    low, high = effect.interval(0.95)
    assert low < 0 < high
