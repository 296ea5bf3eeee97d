"""Joint oddity with models of PyOD and scikit-learn."""

from __future__ import annotations

import pytest
from unit.detect.simulated import Shop, day, rule

from contextcheck.detect.interface import find_flags, load_detector
from contextcheck.panel.table import Panel

MARKETS = {f"R{index:02d}": 900.0 for index in range(10)}
RATES = {f"rate_{letter}": 0.06 for letter in "abcdef"}


def several_a_little(seed: int) -> Panel:
    """Every rate of one market up by a third on one day: each 1.9 standard deviations, which alone is nothing."""
    shop = Shop(MARKETS, RATES, days=110)
    shop.changes = {("R04", metric): [(100, 100, 0.08)] for metric in RATES}
    return shop.panel(seed)


def joint_rule(model: str) -> object:
    return rule("rate_a", "both", metrics=tuple(RATES), detector=f"joint({model})", min_excess=0.0, min_relative=0.0)


@pytest.mark.slow
@pytest.mark.parametrize("model", ["ecod", "copod", "pca", "sklearn.ensemble:IsolationForest"])
def test_a_combination_is_flagged_where_no_single_metric_is(model: str) -> None:
    panel = several_a_little(3)
    alone = [rule(metric, "both", min_excess=0.0, min_relative=0.0) for metric in RATES]
    assert find_flags(panel, alone).flags == ()
    found = find_flags(panel, [joint_rule(model)])  # type: ignore[list-item]
    assert found.problems == ()
    if model == "ecod":
        (flag,) = found.flags
        assert (flag.region, flag.window.start) == ("R04", day(100))
        assert len(flag.related) >= 2
        assert {each.direction for each in flag.related} == {"up"}
    else:
        # the other models rank the day first without being as sure of it
        assert {flag.region for flag in found.flags} <= {"R04"}


def test_quiet_days_are_not_odd() -> None:
    for seed in range(2):
        assert find_flags(Shop(MARKETS, RATES, days=90).panel(seed), [joint_rule("ecod")]).flags == ()  # type: ignore[list-item]


def test_an_unknown_model_is_a_problem_that_names_the_detector() -> None:
    panel = Shop(MARKETS, RATES, days=90).panel(1)
    (problem,) = find_flags(panel, [joint_rule("nosuch")]).problems  # type: ignore[list-item]
    assert (problem.code, problem.where) == ("DT290", "detector joint(nosuch)")


def test_a_detector_can_be_named_by_its_place() -> None:
    assert type(load_detector("contextcheck.detect.surveillance:Surveillance")).__name__ == "Surveillance"
    with pytest.raises(LookupError, match="known: joint, surveillance"):
        load_detector("nothing")
