"""Every counterfactual method: which one is chosen, and what each gives on figures made by hand."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
import pytest
from unit.impact.money_panels import FIRST_DAY, day, make_panel, window

from contextcheck.impact.comparison import Comparison, compare_days
from contextcheck.impact.counterfactual import choose_method, effects_of, with_launch
from contextcheck.impact.described import described
from contextcheck.impact.methods import interface
from contextcheck.impact.methods.interface import METHODS, load_method
from contextcheck.impact.methods.ratio_did import ratio_did
from contextcheck.impact.methods.staggered import att_gt
from contextcheck.impact.methods.synthetic import _fitted, synthetic
from contextcheck.impact.split import Split
from contextcheck.panel.reference import Reference, choose_reference
from contextcheck.records import CounterfactualMethod, Launch

WEEK = np.array([1.0, 0.9, 0.95, 1.0, 1.1, 1.3, 0.8])


def regions(names: str, days: int = 84, after: float = 1.0, seed: int = 0) -> pd.DataFrame:
    """Daily amounts with a weekday pattern; the first region is multiplied by `after` from day 56 on."""
    rng = np.random.default_rng(seed)
    shape = np.tile(WEEK, days // 7)[:, None] * (1 + 0.02 * rng.normal(size=(days, 1)))
    levels = np.linspace(500, 2_000, len(names.split()))
    table = shape * levels * (1 + 0.02 * rng.normal(size=(days, len(levels))))
    table[56:, 0] *= after
    return pd.DataFrame(table, index=pd.date_range(FIRST_DAY, periods=days), columns=names.split())


def compared(series: pd.DataFrame, **more: object) -> Comparison:
    names = list(series.columns)
    return Comparison(names[0], series.index[:56], series.index[56:], tuple(names[1:]), {}, **more)  # type: ignore[arg-type]


TWELVE = " ".join(["KR", *(f"r{number}" for number in range(11))])


# ── which one ──────────────────────────────────────────────────────────────────────────────────────────


def test_every_method_of_the_records_is_in_the_table_and_back() -> None:
    assert set(METHODS) == set(get_args(CounterfactualMethod))
    folder = Path(interface.__file__).parent
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__", "interface"}
    assert {re.sub(r".*\.|:.*", "", target) for target in METHODS.values()} == modules


def test_ten_controls_are_weighted_and_nine_are_not() -> None:
    many, few = compared(regions(TWELVE)), compared(regions(TWELVE).iloc[:, :10])
    assert choose_method(many).method == "synthetic-did"
    chosen = choose_method(few)
    assert chosen.method == "ratio-did"
    assert dict(chosen.not_used) == {
        "exposed-split": "no launch whose exposed customers could be told apart",
        "staggered": "the launch did not come to other regions on later days",
        "synthetic-did": "9 comparable regions, 10 needed",
    }


def test_with_three_weeks_before_regions_are_not_weighted() -> None:
    short = replace(compared(regions(TWELVE)), before=regions(TWELVE).index[35:56])
    chosen = choose_method(short)
    assert (chosen.method, dict(chosen.not_used)["synthetic-did"]) == ("ratio-did", "21 quiet days before, 28 needed")


def test_without_any_region_the_own_past_is_left() -> None:
    chosen = choose_method(compared(regions("KR")))
    assert chosen.method == "own-past"
    assert dict(chosen.not_used)["ratio-did"] == "no comparable region was untouched"


def test_a_good_split_comes_before_everything_and_a_broken_one_is_told() -> None:
    panel = make_panel({"KR": {"placed_value": [1.0]}})
    launch = Launch("bar", ("KR",), day(56))
    base = compared(regions(TWELVE))
    assert with_launch(base, launch, Split(panel)).method == "exposed-split"
    refused = with_launch(base, launch, Split(None, reason="every customer saw the feature"))
    assert (refused.method, refused.not_used[0]) == (
        "synthetic-did",
        ("exposed-split", "every customer saw the feature"),
    )


def test_without_a_launch_neither_exposure_nor_later_launches_count() -> None:
    panel = make_panel({"KR": {"placed_value": [1.0]}})
    base = compared(regions("KR A B"), later={"B": pd.Timestamp(day(70))})
    assert with_launch(base, None, Split(panel)).method == "ratio-did"


# ── what each gives ────────────────────────────────────────────────────────────────────────────────────


CASES = {
    "ratio-did": compared(regions("KR A B C D", after=1.1)),
    "own-past": replace(compared(regions("KR A B C D", after=1.1)), controls=()),
    "synthetic-did": compared(regions(TWELVE, after=1.1)),
    "staggered": replace(
        compared(regions("KR A B C D", after=1.1)), controls=("A", "B"), later={"C": pd.Timestamp(day(63))}
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_lines_add_up_to_their_sum(name: CounterfactualMethod) -> None:
    names = TWELVE if name == "synthetic-did" else "KR A B C D"
    lines = [regions(names, after=1.1, seed=seed) for seed in (1, 2)]
    lines.append(-0.4 * regions(names, seed=3))
    total, parts = effects_of(lines, replace(CASES[name], method=name), seed=0)
    assert total.value == pytest.approx(sum(part.value for part in parts))
    assert total.expected == pytest.approx(sum(part.expected for part in parts))
    assert parts[2].before < 0


@pytest.mark.parametrize("name", CASES)
def test_a_rise_of_a_tenth_is_found_and_held_by_the_interval(name: CounterfactualMethod) -> None:
    names = TWELVE if name == "synthetic-did" else "KR A B C D"
    series = regions(names, after=1.1, seed=4)
    effect, _ = effects_of([series], replace(CASES[name], method=name), seed=0)
    truth = float(series["KR"].iloc[56:].mean()) * (0.1 / 1.1)
    low, high = effect.interval(0.98)
    assert low < truth < high
    assert effect.interval(0.9)[0] > 0
    # scaling all money scales everything
    scaled, _ = effects_of([series * 1_000], replace(CASES[name], method=name), seed=0)
    assert scaled.value == pytest.approx(1_000 * effect.value)
    assert scaled.error == pytest.approx(1_000 * effect.error, rel=1e-6)


@pytest.mark.parametrize("name", CASES)
def test_days_of_the_gate_average_to_the_ledgers_effect(name: CounterfactualMethod) -> None:
    names = TWELVE if name == "synthetic-did" else "KR A B C D"
    series = regions(names, after=1.1, seed=4)
    comparison = replace(CASES[name], method=name)
    effect, _ = effects_of([series], comparison, seed=0)
    days, level, noise = load_method(name).by_day(series, comparison)
    assert len(days) == 28
    assert days.mean() == pytest.approx(effect.value, rel=0.02)
    assert level == pytest.approx(effect.expected, rel=0.02)
    assert noise / np.sqrt(28) < effect.error * 2


def test_a_region_with_a_trend_of_its_own_is_matched_by_those_that_share_it() -> None:
    """Half of the controls grow by 1 % a week as the region does, half shrink; only weights can tell them apart."""
    series = regions(TWELVE, seed=5)
    weeks = np.arange(84)[:, None] / 7
    growth = np.where(np.arange(12) % 2 == 0, 1.01, 0.99)[None, :] ** weeks
    series = series * growth
    comparison = compared(series)
    weighted, _ = effects_of([series], replace(comparison, method="synthetic-did"), seed=0)
    plain, _ = ratio_did([series], comparison)
    assert abs(weighted.value) / weighted.expected < 0.025
    assert abs(plain.value) / plain.expected > 0.04


def test_what_a_ridge_regression_fits_of_the_noise_follows_the_textbook() -> None:
    """Orthogonal columns of squared size d = 4 over 4 rows, penalty 4 x ridge^2: 2 x d / (d + 4 x 1) = 1 for two."""
    donors = np.array([[1.0, 1.0], [-1.0, 1.0], [1.0, -1.0], [-1.0, -1.0]])
    assert _fitted(donors, np.ones(2)) == pytest.approx(1.0)
    assert _fitted(donors, np.full(2, 1e-9)) == pytest.approx(2.0)  # without a ridge every column is fitted


def test_placebos_are_not_smaller_because_period_weights_were_made_for_them() -> None:
    """Regions drift by 8 % each: twelve worlds must see the region's own and the mean of eleven others', 8.4 %."""
    rng = np.random.default_rng(21)
    found, unseen = [], []
    for run in range(12):
        series = regions(TWELVE, seed=30 + run)
        series.iloc[56:] *= np.exp(0.08 * rng.normal(size=12))
        comparison = replace(compared(series), method="synthetic-did")
        effect, _ = effects_of([series], comparison, seed=0)
        found.append(effect.error_between / effect.before)
        shares = series / series.iloc[:56].mean()
        weeks = shares.iloc[:56, 1:].to_numpy().reshape(8, 7, 11).mean(axis=1).T
        others = np.concatenate([weeks, np.repeat(shares.iloc[56:, 1:].mean().to_numpy()[:, None], 4, axis=1)], axis=1)
        noise = np.diff(weeks, axis=1).std(axis=1)
        unseen.append(synthetic(others[0], others, 8, noise_of_units=noise).fitted_times)
    assert np.mean(found) == pytest.approx(0.084, rel=0.1)
    assert 0 < min(unseen) <= max(unseen) < 8


def test_a_later_region_serves_until_its_launch() -> None:
    """By hand: KR 100 to 130; A never, 100 to 110; B later: 300 to 330 in week one, then 600 by its own launch.

    Week one: controls 400 to 440, x 1.1, effect 20. Week two: A alone, 100 to 110, x 1.1, effect 20; B's 600 is out.
    """
    days = pd.date_range(FIRST_DAY, periods=28)
    series = pd.DataFrame(
        {
            "KR": [100.0] * 14 + [130.0] * 14,
            "A": [100.0] * 14 + [110.0] * 14,
            "B": [300.0] * 14 + [330.0] * 7 + [600.0] * 7,
        },
        index=days,
    )
    comparison = Comparison("KR", days[:14], days[14:], ("A",), {}, later={"B": days[21]}, method="staggered")
    effect, _ = effects_of([series], comparison)
    assert effect.value == pytest.approx(20.0)
    assert effect.expected == pytest.approx(110.0)
    # B alone as a control would end after week one; its own launch must not be taken for the market
    only_later = replace(comparison, controls=(), after=days[14:21])
    assert effects_of([series], only_later)[0].value == pytest.approx(20.0)


def test_not_yet_treated_units_are_no_controls_once_they_are_treated() -> None:
    # Units: first treated in period 2, in period 3, never. Period 2: 5 - mean(1, 1) = 4; period 3: 6 - 1 = 5.
    outcomes = np.array([[0.0, 5.0, 6.0], [0.0, 1.0, 9.0], [0.0, 1.0, 1.0]])
    found = {(each.group, each.period): each.effect for each in att_gt(outcomes, [1, 2, 3], [2, 3, 0])}
    assert found[2, 2] == pytest.approx(4.0)
    assert found[2, 3] == pytest.approx(5.0)
    assert found[3, 3] == pytest.approx(8.0)


# ── from the reference ─────────────────────────────────────────────────────────────────────────────────


def reference_of(launches: tuple[Launch, ...]) -> tuple[Reference, Comparison]:
    values = {name: {"placed_value": [1_000.0] * 84} for name in ("KR", "JP", "TW", "SG")}
    panel = make_panel(values)
    reference = choose_reference(panel, "KR", window(56, 83), (), launches)
    usable = pd.DataFrame(True, index=pd.date_range(FIRST_DAY, periods=84), columns=list(values))
    return reference, compare_days(usable, ~usable, ~usable, "KR", window(56, 83), reference)


def test_a_region_launched_two_weeks_later_is_kept_till_then() -> None:
    launches = (Launch("bar", ("KR",), day(56)), Launch("bar", ("JP",), day(70)), Launch("bar", ("SG",), day(58)))
    reference, comparison = reference_of(launches)
    assert dict(reference.later) == {"JP": day(70)}
    assert comparison.controls == ("TW",)
    assert "JP" not in comparison.dropped
    assert comparison.dropped["SG"] == "bar is live there"  # two days are no comparison
    chosen = with_launch(comparison, launches[0], None)
    assert (chosen.method, chosen.all_controls) == ("staggered", ("TW", "JP"))


def test_the_clean_past_is_all_there_is_before_the_launch() -> None:
    reference, _ = reference_of((Launch("bar", ("KR",), day(56)),))
    assert reference.clean is not None
    assert (reference.clean.start, reference.clean.end) == (FIRST_DAY, day(54))
    assert isinstance(FIRST_DAY, date)


def test_the_sentence_names_controls_dropped_regions_and_placebos() -> None:
    series = regions("KR A B C D", after=1.2, seed=6)
    comparison = replace(
        compared(series),
        controls=("A", "B", "C"),
        dropped={"D": "has a flag of its own (cancel_rate since 2026-03-02)"},
        left_out=("4 days are too young to judge and left out",),
    )
    chosen = choose_method(comparison)
    effect, _ = effects_of([series], chosen)
    told = described(chosen, effect, series, None, usable=series > 0, clean=window(0, 55))
    assert told.sentence.startswith("28 days on the flagged days (2026-03-02 to 2026-03-29), against 56 quiet days")
    early, late = Launch("bar", ("KR",), date(2026, 3, 2)), Launch("bar", ("KR",), date(2026, 3, 3))
    since, before = (described(chosen, effect, series, each, usable=series > 0, clean=None) for each in (early, late))
    assert since.sentence.startswith("28 days since the launch of bar (2026-03-02 to")
    # the flagged days begin before the launch: they are not the days since it
    assert before.sentence.startswith("28 days on the flagged days (2026-03-02 to")
    assert "and against A, B, C, which moved by" in told.sentence
    assert "not compared: D (has a flag of its own (cancel_rate since 2026-03-02))" in told.sentence
    assert "an effect this large came up on 0 of 15 placebo dates and in 0 of 3 untouched regions" in told.sentence
    assert told.placebo_dates == (0, 15)  # 56 clean days: 14 before and 28 from the date on leave 15 dates
    assert told.placebo_regions == (0, 3)
    assert dict(told.not_used)["synthetic-did"] == "3 comparable regions, 10 needed"
