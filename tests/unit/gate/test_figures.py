"""Alpha, break-even and bounds of a region, from days and from one look."""

from __future__ import annotations

import pytest
from unit.gate.test_judge import (
    KEEP,
    LEDGER,
    POLICY,
    effect_of,
    explained_by,
    flag_of,
    verdict_of,
)

from contextcheck.gate.figures import judged_figures, region_alpha
from contextcheck.gate.inputs import OneLook, RegionInput, Stakes
from contextcheck.gate.judge import judge_region
from contextcheck.records import DailyEffect, Estimate, Explained


def stakes(cost: float = 5000.0, *, is_given: bool = True, shared_by: int = 1) -> Stakes:
    return Stakes(0.05, is_given, cost, 90, shared_by)


def test_an_assumed_cost_never_makes_evidence_cheaper() -> None:
    assert region_alpha("contribution", 20_000.0, POLICY, stakes(is_given=False)) == 0.05
    assert region_alpha("contribution", 20_000.0, POLICY, stakes()) == 0.2  # a quarter of a day
    assert region_alpha("contribution", 0.0, POLICY, stakes()) == 0.05  # earns nothing: no roll-back is cheap
    assert region_alpha("orders", 200.0, POLICY, stakes()) == 0.05  # three days, by the policy


def test_the_break_even_is_the_cost_over_the_horizon() -> None:
    region = RegionInput("KR", "contribution", effect_of(0), 20_000.0, "day", LEDGER, KEEP)
    assert judged_figures(region, POLICY, stakes(), None).figures.break_even == pytest.approx(5000 / 90)
    orders = RegionInput("KR", "orders", effect_of(0), 300.0, "day", LEDGER, KEEP)
    # three days of 300 orders over 90 days
    assert judged_figures(orders, POLICY, stakes(), None).figures.break_even == pytest.approx(10.0)


def one_look(mean: float, error: float) -> RegionInput:
    nothing = DailyEffect("KR", (), (), 0.0, 20_000.0, "USD")
    look = OneLook(mean, error, 21, 20_000.0)
    return RegionInput("KR", "contribution", nothing, 20_000.0, "day", LEDGER, KEEP, one_look=look)


def test_one_look_needs_as_much_as_any_day_of_the_watch() -> None:
    found = judged_figures(one_look(-1000.0, 100.0), POLICY, stakes(is_given=False), None).figures
    # the constant of 5 % with a past of 56 days is 2.57 standard errors
    assert found.upper == pytest.approx(-1000 + 2.57 * 100, abs=3)
    assert judge_region(one_look(-1000.0, 100.0), POLICY, stakes()).decision == "roll-back"
    assert judge_region(one_look(-200.0, 100.0), POLICY, stakes(is_given=False)).decision == "hold"
    assert judge_region(one_look(500.0, 100.0), POLICY, stakes()).decision == "pass"


def test_one_look_is_shrunk_like_a_week() -> None:
    # prior sd 3 % of 20,000 = 600: -1000 x 360,000 / (360,000 + 10,000) = -972.97
    found = judged_figures(one_look(-1000.0, 100.0), POLICY, stakes(), None).figures
    assert found.recent == pytest.approx(-972.97, abs=0.01)


def explained_share(share: float) -> Explained:
    from dataclasses import replace

    one = explained_by()
    result = replace(one.explanations[0], share_explained=Estimate(share, share - 0.1, share + 0.1))
    return Explained((result,), None, one.accounts)


def test_an_explanation_of_too_little_of_it_does_not_pass() -> None:
    flags = (flag_of(),)
    assert verdict_of(effect_of(4120), explained=(explained_share(0.86),), flags=flags).decision == "pass"
    found = verdict_of(effect_of(4120), explained=(explained_share(0.3),), flags=flags)
    assert found.decision == "hold"
    assert "holds but explains only 30% of it, 50% needed" in " ".join(found.reasons)


def test_context_is_named_with_its_version_and_share_and_can_be_left_aside() -> None:
    flags = (flag_of(),)
    found = verdict_of(effect_of(4120), explained=(explained_share(0.86),), flags=flags)
    assert "cancel_rate up, explained by kr-padding@2026-11-20 (86% of it)" in found.reasons
    assert found.without_context == "hold"
    bare = verdict_of(effect_of(4120), explained=(explained_share(0.86),), flags=flags, with_context=False)
    assert bare.decision == bare.without_context == "hold"
    assert "cancel_rate up, context left aside (f1)" in bare.reasons


def test_without_context_a_proven_loss_is_rolled_back_although_accounts_are_listed() -> None:
    from dataclasses import replace

    act = replace(KEEP, action="act-on-accounts", rule="accounts-carry-it")
    explained = (explained_by("abuse", accounts=31),)
    found = verdict_of(effect_of(-1930), explained=explained, flags=(flag_of(),), recommendation=act)
    assert (found.decision, found.without_context) == ("hold", "roll-back")
