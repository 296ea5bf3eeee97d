"""Metrics and detection rules: what ships can be read, and every slip of a file is told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from contextcheck.errors import Problem
from contextcheck.knowledge.metrics import Metric, read_detection_rules, read_metrics
from contextcheck.knowledge.shipped import shipped_folder

PROMISED = {
    *("orders", "aov", "cancel_rate", "rapid_cancel_rate", "modify_rate", "return_rate", "refund_share"),
    *("unpaid_rate", "refused_rate", "discount_rate", "items_per_order", "chargeback_rate"),
    "new_account_discount_rate",
    *("placed_value", "kept_value", "shipping_fee", "shipping_cost", "discount_value", "refund_value"),
    *("margin_value", "paid_orders", "cancelled_orders", "returned_orders", "delivered_orders"),
    *("chargeback_orders", "waived_orders", "returned_value", "lost_goods_value", "held_stock"),
    *("sent_back_7d", "sent_back_10d", "sent_back_14d", "sent_back_21d", "sent_back_35d"),
    *("not_taken_7d", "not_taken_10d", "not_taken_14d", "not_taken_21d", "not_taken_35d"),
}
RULE = """\
rules:
  - id: cancels
    title: Cancels
    metrics: [cancel_rate]
    direction: up
    detector: surveillance
    min_exposure: 50
    min_excess: 10
    min_relative: 0.2
    false_discovery_rate: 0.05
    severity: {medium_from_relative: 0.5, high_from_relative: 1.0}
"""


def read(folder: Path, text: str) -> tuple[dict[str, Metric], list[str]]:
    path = folder / "own.yaml"
    path.write_text(text, encoding="utf-8")
    problems: list[Problem] = []
    found = read_metrics([(path, "own.yaml")], problems)
    return found, [str(problem) for problem in problems]


def test_the_shipped_metrics_are_the_promised_ones_without_a_problem() -> None:
    problems: list[Problem] = []
    files = sorted(shipped_folder("rules").glob("metrics/*.yaml"))
    metrics = read_metrics([(file, file.name) for file in files], problems)
    assert not problems
    assert set(metrics) == PROMISED


def test_a_metric_is_read_with_its_horizon_and_place(tmp_path: Path) -> None:
    text = """\
metrics:
  - id: late_cancel
    title: Late cancels
    kind: rate
    unit: share of orders
    numerator: status = 'cancelled'
    happens_at: cancelled_at
    horizon: 3d
    uses: [detect, ledger]
"""
    found, problems = read(tmp_path, text)
    assert not problems
    metric = found["late_cancel"]
    assert (metric.horizon_hours, metric.uses, str(metric.where)) == (72.0, ("detect", "ledger"), "own.yaml:2:5")


def test_every_slip_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    text = """\
metrics:
  - id: Bad Id
    title: x
    kind: rate
    unit: share
    numerater: status = 'cancelled'
  - id: half
    title: x
    kind: mean
    unit: money
    numerator: status = 'canceled'
    horizont: 3d
  - id: two
    title: x
    kind: rats
    unit: x
"""
    found, problems = read(tmp_path, text)
    assert not found
    assert any('own.yaml:6:5: RL102 unknown key "numerater"; did you mean "numerator"?' in line for line in problems)
    assert any("own.yaml:2:9: RL302" in line for line in problems)
    assert any("own.yaml:11:25" not in line and "RL206" in line for line in problems)
    assert any('"values" is missing; a mean needs the value of one order' in line for line in problems)
    assert any('unknown kind "rats"; did you mean "rate"?' in line for line in problems)


def test_the_same_metric_twice_is_refused_with_both_places(tmp_path: Path) -> None:
    one = "  - {id: again, title: x, kind: count, unit: orders}\n"
    _, problems = read(tmp_path, f"metrics:\n{one}{one}")
    assert problems == ['own.yaml:3:10: RL301 "again" is already defined at own.yaml:2:5; keep one of the two']


@pytest.mark.parametrize("text", ["- a", "metrics: 3", "rules: []", "just text"])
def test_a_file_of_another_shape_is_refused(tmp_path: Path, text: str) -> None:
    found, problems = read(tmp_path, text)
    assert not found and problems


def test_a_number_where_a_condition_is_wanted_is_refused(tmp_path: Path) -> None:
    text = "metrics:\n  - {id: a, title: x, kind: rate, unit: x, numerator: order_total}\n"
    _, problems = read(tmp_path, text)
    assert len(problems) == 1 and "RL205" in problems[0] and "true or false per order" in problems[0]


def test_a_rule_names_regions_that_are_looked_at_together(tmp_path: Path) -> None:
    path, problems = tmp_path / "rule.yaml", []
    path.write_text(RULE + "    groups: {provider: [KR, NO], nordics: [SE]}\n", encoding="utf-8")
    read_detection_rules([(path, "rule.yaml")], problems)
    assert [str(each) for each in problems] == [
        "rule.yaml:12:43: RL104 nordics needs two regions or more, such as [AT, CH, DE]"
    ]
    path.write_text(RULE + "    groups: {provider: [KR, NO]}\n", encoding="utf-8")
    (rule,) = read_detection_rules([(path, "rule.yaml")], [])
    assert rule.groups == {"provider": ("KR", "NO")}


def test_a_detection_rule_is_read(tmp_path: Path) -> None:
    path = tmp_path / "rule.yaml"
    path.write_text(RULE, encoding="utf-8")
    problems: list[Problem] = []
    (rule,) = read_detection_rules([(path, "rule.yaml")], problems)
    assert not problems
    assert (rule.metrics, rule.direction, rule.min_relative, rule.high_from_relative) == (
        ("cancel_rate",),
        "up",
        0.2,
        1,
    )


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("direction: up", "direction: upp", 'rule.yaml:5:16: RL105 unknown direction "upp"'),
        ("0.05", "5", "rule.yaml:10:27: RL104 false_discovery_rate is 5"),
        ("high_from_relative: 1.0", "high_from_relative: 0.1", "RL104 high_from_relative 0.1 is below"),
        ("    detector: surveillance\n", "", 'RL101 "detector" is missing'),
    ],
)
def test_a_slip_in_a_detection_rule_is_told_with_its_place(tmp_path: Path, old: str, new: str, problem: str) -> None:
    path = tmp_path / "rule.yaml"
    path.write_text(RULE.replace(old, new), encoding="utf-8")
    problems: list[Problem] = []
    assert read_detection_rules([(path, "rule.yaml")], problems) == ()
    assert len(problems) == 1 and problem in str(problems[0]), problems
