"""How often an effect as large came up where nothing happened."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from unit.impact.money_panels import FIRST_DAY, window

from contextcheck.impact.comparison import Comparison
from contextcheck.impact.placebo import placebo_dates, placebo_rank


def quiet(days: int, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    table = 1_000 * (1 + 0.03 * rng.normal(size=(days, 3)))
    return pd.DataFrame(table, index=pd.date_range(FIRST_DAY, periods=days), columns=["KR", "A", "B"])


def compared(series: pd.DataFrame, after: int = 14) -> Comparison:
    days = series.index
    return Comparison("KR", days[-after - 28 : -after], days[-after:], ("A", "B"), {})


def test_an_effect_larger_than_any_past_date_came_up_nowhere() -> None:
    series = quiet(112)
    found = placebo_dates(series, series > 0, compared(series), window(0, 97), 0.2)
    assert found is not None
    # 98 clean days: every place with 14 days before it and 14 from it on, 98 - 14 - 14 + 1 = 71.
    assert found == (0, 71)


def test_an_effect_of_nothing_came_up_everywhere() -> None:
    series = quiet(112)
    assert placebo_dates(series, series > 0, compared(series), window(0, 97), 0.0) == (71, 71)


def test_a_quiet_region_has_as_many_dates_above_its_own_effect_as_chance_says() -> None:
    """The rank of a real date among placebo dates is even over many quiet worlds."""
    shares = []
    for seed in range(60):
        series = quiet(98, seed)
        comparison = compared(series)
        pre, post = (series.loc[days].mean() for days in (comparison.before, comparison.after))
        effect = post["KR"] / (pre["KR"] * post[["A", "B"]].sum() / pre[["A", "B"]].sum()) - 1
        found = placebo_dates(series, series > 0, comparison, window(0, 83), float(effect))
        assert found is not None
        shares.append(found[0] / found[1])
    assert 0.35 < float(np.mean(shares)) < 0.65


def test_a_short_past_gives_no_placebo_dates() -> None:
    series = quiet(56)
    assert placebo_dates(series, series > 0, compared(series), window(0, 30), 0.1) is None
    assert placebo_dates(series, series > 0, compared(series), None, 0.1) is None


def test_days_that_do_not_count_are_no_placebo_dates() -> None:
    series = quiet(112)
    usable = series > 0
    usable.iloc[:40, 1] = False  # a control has no usable days then
    found = placebo_dates(series, usable, compared(series), window(0, 97), 0.0)
    assert found == (31, 31)


def test_a_rank_of_differences_and_of_ratios_can_differ() -> None:
    days = pd.date_range(FIRST_DAY, periods=21)
    figures = {"KR": (100.0, 110.0), "big": (1_000.0, 1_030.0), "small": (10.0, 10.0), "level": (100.0, 100.0)}
    series = pd.DataFrame({name: [a] * 14 + [b] * 7 for name, (a, b) in figures.items()}, index=days)
    comparison = Comparison("KR", days[:14], days[14:], ("big", "small", "level"), {})
    # Differences: KR 10 - 10 = 0 at its mean of 30 / 3; ratios: KR + 10 % less 2.7 %, the largest of all.
    assert placebo_rank(series, comparison, relative=False)[0] == 3
    assert placebo_rank(series, comparison)[0] == 0
    assert placebo_rank(series, comparison)[1] == pytest.approx(3)
