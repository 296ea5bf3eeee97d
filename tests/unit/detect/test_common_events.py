"""What happens everywhere is said once; what is regional is flagged."""

from __future__ import annotations

from unit.detect.simulated import SHIPPED_LIKE, Shop, day

from contextcheck.detect.interface import find_flags

LARGE = {f"R{index:02d}": 3000.0 for index in range(14)}


def test_a_bad_day_of_a_shared_system_is_one_sentence_and_no_flag() -> None:
    shop = Shop(LARGE, days=100, changes={(region, "cancel_rate"): [(80, 80, 0.072)] for region in LARGE}, spread=0.02)
    found = find_flags(shop.panel(1), SHIPPED_LIKE)
    assert found.flags == ()
    assert [(problem.code, problem.where, problem.severity) for problem in found.problems] == [
        ("DT240", str(day(80)), "info")
    ]
    assert "cancel_rate moved by +1" in found.problems[0].message


def test_a_regional_incident_on_the_same_day_is_still_flagged() -> None:
    changes = {(region, "cancel_rate"): [(80, 80, 0.068)] for region in LARGE}
    changes["R03", "cancel_rate"] = [(80, 85, 0.15)]
    found = find_flags(Shop(LARGE, days=100, changes=changes, spread=0.02).panel(2), SHIPPED_LIKE)
    assert [(flag.region, flag.window.start) for flag in found.flags] == [("R03", day(80))]
