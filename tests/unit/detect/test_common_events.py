"""What happens everywhere is said once, with its days and its whole size; what is regional is flagged."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from unit.detect.simulated import SHIPPED_LIKE, Shop, day, panel_of, rows, rule

from contextcheck.detect.interface import Detected, find_flags
from contextcheck.knowledge.metrics import Metric
from contextcheck.panel.table import Panel

PAYMENTS = (rule("payments", "both"),)
LARGE = {f"R{index:02d}": 3000.0 for index in range(14)}


def _shop(first: int, last: int, times: float, spread: float = 0.02) -> Shop:
    changes = {(region, "cancel_rate"): [(first, last, 0.06 * times)] for region in LARGE}
    return Shop(LARGE, days=100, changes=changes, spread=spread)


def _payments(changes: list[tuple[int, int, float]], seed: int) -> Panel:
    """Counts of which no orders are known: what all orders do at once is a fault of the day."""
    rng = np.random.default_rng(seed)
    mean = np.full(100, 300.0)
    for first, last, times in changes:
        mean[first : last + 1] *= times
    drawn = {region: rng.poisson(mean * rng.lognormal(0, 0.08, 100)) for region in LARGE}
    panel = panel_of([rows(region, "payments", events, np.ones(100)) for region, events in drawn.items()])
    return replace(panel, metrics={"payments": Metric("payments", "payments", "count", "")})


def _said(found: Detected) -> list[tuple[str, str]]:
    return [(each.where, each.message) for each in found.problems if each.code == "DT240"]


def _size(message: str) -> float:
    return float(re.findall(r"moved by ([+-]\d+) %", message)[0])


def test_a_bad_day_of_a_shared_system_is_one_sentence_and_no_flag() -> None:
    found = find_flags(_shop(80, 80, 1.2).panel(1), SHIPPED_LIKE)
    assert found.flags == ()
    assert [(problem.code, problem.where, problem.severity) for problem in found.problems] == [
        ("DT240", str(day(80)), "info")
    ]
    assert found.problems[0].message.startswith("cancel_rate moved by +")
    assert " from " not in found.problems[0].message


@pytest.mark.parametrize("times", [0.6, 1.12, 1.3, 1.8])
def test_the_whole_movement_is_said_though_only_a_part_is_taken_out(times: float) -> None:
    ((_, message),) = _said(find_flags(_shop(80, 81, times).panel(3), SHIPPED_LIKE))
    # the median of fourteen regions that each count a few hundred events
    assert 1 + _size(message) / 100 == pytest.approx(times, rel=0.07)
    beyond = {0.6: "-14 %", 1.12: "it", 1.3: "+16 %", 1.8: "+16 %"}[times]
    assert message.endswith(f"; only what goes beyond {beyond} is flagged")


def test_a_movement_that_lasts_is_one_sentence_with_its_days() -> None:
    ((where, message),) = _said(find_flags(_shop(70, 89, 1.2).panel(4), SHIPPED_LIKE))
    assert where == str(day(70))
    assert f"in all regions together from {day(70)} to {day(89)};" in message
    assert _size(message) == pytest.approx(20, abs=3)


def test_a_fall_after_a_rise_is_a_movement_of_its_own() -> None:
    changes = {(region, "cancel_rate"): [(70, 71, 0.072), (72, 73, 0.048)] for region in LARGE}
    found = _said(find_flags(Shop(LARGE, days=100, changes=changes, spread=0.02).panel(5), SHIPPED_LIKE))
    assert [where for where, _ in found] == [str(day(70)), str(day(72))]
    assert [_size(message) > 0 for _, message in found] == [True, False]


def test_only_what_reaches_into_the_judged_days_is_said() -> None:
    panel = _shop(70, 75, 1.2).panel(6)
    assert _said(find_flags(panel, SHIPPED_LIKE, since=day(76))) == []
    ((where, message),) = _said(find_flags(panel, SHIPPED_LIKE, since=day(74)))
    assert where == str(day(70))
    assert f"to {day(75)};" in message


@pytest.mark.parametrize("times", [0.55, 1.5])
def test_counts_that_move_in_all_regions_far_beyond_the_usual_are_said(times: float) -> None:
    found = find_flags(_payments([(80, 82, times)], seed=7), PAYMENTS)
    assert found.flags == ()
    ((where, message),) = _said(found)
    assert where == str(day(80))
    assert _size(message) == pytest.approx(100 * (times - 1), abs=6)


def test_counts_that_move_as_promotions_do_are_not_said() -> None:
    promotions = [(start, start + 2, 1.4) for start in range(10, 100, 14)]
    for changes in ([(80, 82, 1.2)], promotions):
        assert _said(find_flags(_payments(changes, seed=8), PAYMENTS)) == []


def test_a_regional_incident_on_the_same_day_is_still_flagged() -> None:
    changes = {(region, "cancel_rate"): [(80, 80, 0.068)] for region in LARGE}
    changes["R03", "cancel_rate"] = [(80, 85, 0.15)]
    found = find_flags(Shop(LARGE, days=100, changes=changes, spread=0.02).panel(2), SHIPPED_LIKE)
    assert [(flag.region, flag.window.start) for flag in found.flags] == [("R03", day(80))]
