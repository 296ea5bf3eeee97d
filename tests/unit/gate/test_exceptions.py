"""Exceptions that run out, and baselines that only new or worse counts against."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from unit.gate.test_guards import DAY, GUARDS
from unit.gate.test_judge import effect_of, verdict_of

from contextcheck.gate.exceptions import against_baseline, excepted, expired, unmatched
from contextcheck.gate.guards import stale_data
from contextcheck.records import GateException, Guardrail

UNTIL = date(2026, 6, 30)
EXCEPTION = GateException("bar", ("KR",), (), "kr-market", "agreed", UNTIL, "e.yaml:2:5")
BROKEN = Guardrail("orders", "down", 0.1, -0.3, -0.2, 28, "broken")


def test_an_exception_sets_a_verdict_aside_until_its_last_day() -> None:
    harm = verdict_of(effect_of(-1930))
    kept = excepted(harm, [EXCEPTION], "bar", UNTIL)
    assert kept.decision == "pass"
    assert (
        kept.exception == kept.reasons[-1] == ("roll back set aside until 2026-06-30 by kr-market: agreed (e.yaml:2:5)")
    )
    assert excepted(harm, [EXCEPTION], "bar", UNTIL + timedelta(days=1)) == harm
    assert excepted(harm, [EXCEPTION], "another", UNTIL) == harm
    assert excepted(harm, [replace(EXCEPTION, regions=("DE",))], "bar", UNTIL) == harm


def test_one_metric_that_is_excepted_leaves_the_others() -> None:
    held = verdict_of(effect_of(4120), guardrails=(BROKEN,))
    assert held.decision == "hold"
    assert excepted(held, [replace(EXCEPTION, metrics=("orders",))], "bar", UNTIL).decision == "pass"
    assert excepted(held, [replace(EXCEPTION, metrics=("return_rate",))], "bar", UNTIL).decision == "hold"


def test_doubts_about_the_data_are_never_set_aside() -> None:
    doubted = verdict_of(effect_of(4120), doubts=stale_data(DAY, DAY + timedelta(days=9), GUARDS))
    assert excepted(doubted, [EXCEPTION], "bar", UNTIL).decision == "hold"


def test_an_exception_that_ran_out_is_an_error_with_its_place() -> None:
    (problem,) = expired([EXCEPTION], "bar", UNTIL + timedelta(days=1))
    assert (problem.where, problem.severity) == ("e.yaml:2:5", "error")
    assert expired([EXCEPTION], "bar", UNTIL) == ()


def test_an_exception_that_can_never_match_is_told_with_the_nearest_name() -> None:
    launched = {"bar": {"KR", "DE"}, "other": {"FR"}}

    def told(**changed: object) -> list[str]:
        found = unmatched([replace(EXCEPTION, **changed)], "bar", launched, {"contribution", "orders"})  # type: ignore[arg-type]
        assert all((each.code, each.where, each.severity) == ("GX302", "e.yaml:2:5", "warning") for each in found)
        return [each.message for each in found]

    assert told() == told(metrics=("orders",)) == told(feature="other", regions=("XX",)) == []
    assert told(feature="barr") == [
        '"barr" in the exception of kr-market matches nothing: no launched feature is called so; did you mean "bar"?'
    ]
    assert told(regions=("KRR",))[0].endswith('no region of bar is called so; did you mean "KR"?')
    assert told(regions=("Korea", "KR"))[0].endswith("is called so; known are DE, KR")
    assert told(metrics=("contribuition",))[0].endswith('no metric is called so; did you mean "contribution"?')


def before(decision: str, mean: float, *keys: tuple[str, str]) -> dict:
    lines = [{"kind": kind, "metric": metric, "speaks_for": decision} for kind, metric in keys]
    region = {"region": "KR", "decision": decision, "lines": lines, "figures": {"mean": mean}}
    return {"as_of": "2026-03-15", "regions": [region]}


HARM = ("harm", "contribution")


def test_what_was_known_and_is_no_worse_is_not_counted() -> None:
    found = against_baseline(verdict_of(effect_of(-1930)), before("roll-back", -1900.0, HARM))
    assert (found.decision, found.is_known) == ("pass", True)
    assert found.reasons[-1] == "roll back known since 2026-03-15: no worse, not counted"


def test_what_is_known_stays_known_against_a_verdict_that_knew_it() -> None:
    tree = before("roll-back", -1900.0, HARM)
    region = tree["regions"][0]
    region["lines"].append({"kind": "known", "metric": "", "speaks_for": ""})
    region["decision"] = "pass"
    assert against_baseline(verdict_of(effect_of(-1930)), tree).is_known
    region["lines"][0]["speaks_for"] = "hold"
    assert not against_baseline(verdict_of(effect_of(-1930)), tree).is_known  # it was a hold that was known


def test_a_larger_loss_a_new_reason_or_a_worse_decision_counts() -> None:
    harm = verdict_of(effect_of(-1930))
    assert not against_baseline(harm, before("roll-back", -1000.0, HARM)).is_known
    assert not against_baseline(harm, before("hold", -1930.0, ("benefit", "contribution"))).is_known
    held = verdict_of(effect_of(4120), guardrails=(BROKEN,))
    assert not against_baseline(held, before("hold", 4120.0, ("benefit", "contribution"))).is_known
    assert against_baseline(held, before("hold", 4120.0, ("guardrail", "orders"))).is_known
    assert not against_baseline(harm, {"regions": []}).is_known


def test_doubtful_data_always_count() -> None:
    doubted = verdict_of(effect_of(4120), doubts=stale_data(DAY, DAY + timedelta(days=9), GUARDS))
    assert not against_baseline(doubted, before("hold", 4120.0, ("data", "orders"))).is_known
