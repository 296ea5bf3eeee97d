"""Pass, hold or roll back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from contextcheck.errors import Problem
from contextcheck.gate.inputs import RegionInput, Stakes
from contextcheck.gate.judge import judge_feature, judge_region
from contextcheck.knowledge.gate_policies import GatePolicy, read_gate_policy
from contextcheck.knowledge.shipped import shipped_folder
from contextcheck.knowledge.source_files import SourceFile
from contextcheck.records import (
    AccountReview,
    DailyEffect,
    Expected,
    Explained,
    ExplanationResult,
    Flag,
    Ledger,
    Observed,
    Recommendation,
    RegionVerdict,
    Run,
    SuspectAccount,
    Window,
)

LAUNCH = date(2026, 3, 2)
RUN = Run("r", "0", LAUNCH, 0, (), (), {})
LEDGER = Ledger("USD", None, None, 0.95, (), None, None, None, None)
KEEP = Recommendation("keep", "KR", "high", "practice-pays", (), ())


def effect_of(mean: float, days: int = 21, noise: float = 300.0, reason: str = "") -> DailyEffect:
    rng = np.random.default_rng(3)
    wobble = rng.normal(size=days) * noise
    effects = tuple(float(each) for each in mean + wobble - wobble.mean())
    dates = tuple(LAUNCH + timedelta(days=number) for number in range(days))
    return DailyEffect("KR", dates, effects, noise, 20_000.0, "USD", reason, days_before=56)


def flag_of(metric: str = "cancel_rate") -> Flag:
    window = Window(LAUNCH, LAUNCH + timedelta(days=13))
    observed, expected = Observed(180, 1000, 0.18), Expected(0.06, 0.05, 0.07)
    return Flag("f1", "rate-rise", metric, "KR", window, window, "up", "high", observed, expected, 120, 3.0, 1e-6)


def explained_by(
    kind: str = "norm", verdict: str = "supported", status: str = "active", accounts: int = 0
) -> Explained:
    result = ExplanationResult("kr-padding", kind, "Padding", status, verdict, (), version="2026-11-20")  # type: ignore[arg-type]
    review = tuple(SuspectAccount(f"c{number}", 0.9, ()) for number in range(accounts))
    return Explained((result,), None, AccountReview(review, 0.3))


def shipped_policy() -> GatePolicy:
    path = shipped_folder("rules") / "gates" / "default.yaml"
    policy = read_gate_policy(SourceFile(path, "rules/gates/default.yaml", "0" * 64), [])
    assert policy is not None
    return policy


POLICY = shipped_policy()


def verdict_of(
    effect: DailyEffect,
    *,
    explained: tuple[Explained, ...] = (),
    flags: tuple[Flag, ...] = (),
    recommendation: Recommendation = KEEP,
    roll_back_cost: int = 5000,
    regions_judged: int = 1,
    is_cost_given: bool = False,
    with_context: bool = True,
    **changed: object,
) -> RegionVerdict:
    region = RegionInput(
        "KR",
        "contribution",
        effect,
        20_000.0,
        "day",
        LEDGER,
        recommendation,
        flags=flags,
        explained=explained,
        **changed,
    )  # type: ignore[arg-type]
    stakes = Stakes(0.05, is_cost_given, roll_back_cost, 90, regions_judged)
    return judge_region(region, POLICY, stakes, with_context=with_context)


def test_a_proven_loss_is_rolled_back_with_its_bound_and_its_day() -> None:
    verdict = verdict_of(effect_of(-1930))
    assert verdict.decision == "roll-back"
    assert verdict.reasons[0].startswith("contribution −$1,930 a day, certainly below 0 (upper bound −$")
    assert "since day" in verdict.reasons[0]


def test_a_gain_passes() -> None:
    verdict = verdict_of(effect_of(4120))
    assert verdict.decision == "pass"
    # 5,000 over 90 days is 55.56 a day.
    assert verdict.reasons[0] == "contribution +$4,120 a day, certainly above −$56 (break-even of a roll-back)"


def test_a_supported_norm_never_turns_a_proven_loss_into_a_pass() -> None:
    verdict = verdict_of(effect_of(-1930), explained=(explained_by(),), flags=(flag_of(),))
    assert verdict.decision == "roll-back"
    assert any("the practice is real" in reason for reason in verdict.reasons)


def test_a_harm_smaller_than_a_roll_back_is_held() -> None:
    # -400 a day over 90 days are 36,000, a roll-back costs 1,000,000: 11,111 a day.
    verdict = verdict_of(effect_of(-400), roll_back_cost=1_000_000)
    assert verdict.decision == "hold"
    assert "not below −$11,111" in verdict.reasons[1]


def test_an_early_alarm_that_the_later_days_do_not_bear_out_does_not_hold_for_ever() -> None:
    good = effect_of(200, days=60)
    late = replace(good, effect=(-1500.0, *good.effect[1:]))
    verdict = verdict_of(late, roll_back_cost=50_000)
    assert verdict.figures is not None and verdict.figures.upper < 0 < verdict.figures.upper_now
    assert verdict.decision == "pass"
    assert "harm looked certain on day 1; the days since then show none" in verdict.reasons


def test_an_uncertain_effect_is_held() -> None:
    verdict = verdict_of(effect_of(-60, noise=600.0))
    assert verdict.decision == "hold"
    assert "not certainly above −$56" in verdict.reasons[0]


def test_a_few_good_days_are_not_enough_to_pass() -> None:
    verdict = verdict_of(effect_of(4120, days=4))
    assert verdict.decision == "hold"
    assert "4 days of data, 7 needed to pass" in verdict.reasons[0]


def test_cancels_up_that_a_tested_norm_explains_pass_with_its_version() -> None:
    verdict = verdict_of(effect_of(4120), explained=(explained_by(),), flags=(flag_of(),))
    assert verdict.decision == "pass"
    assert "cancel_rate up, explained by kr-padding@2026-11-20" in verdict.reasons


@pytest.mark.parametrize(
    ("verdict", "status"), [("contradicted", "active"), ("too_flexible", "active"), ("supported", "draft")]
)
def test_cancels_up_that_nothing_explains_are_held(verdict: str, status: str) -> None:
    found = verdict_of(effect_of(4120), explained=(explained_by("norm", verdict, status),), flags=(flag_of(),))
    assert found.decision == "hold"
    assert any("no tested explanation accounts for it" in reason for reason in found.reasons)


def test_a_higher_order_value_needs_no_explanation() -> None:
    assert (
        verdict_of(effect_of(4120), explained=(explained_by("norm", "contradicted"),), flags=(flag_of("aov"),)).decision
        == "pass"
    )


def test_a_supported_fault_is_held_until_it_is_corrected() -> None:
    found = verdict_of(effect_of(4120), explained=(explained_by("operational"),), flags=(flag_of(),))
    assert found.decision == "hold"


def test_a_loss_that_listed_accounts_carry_is_held_for_them() -> None:
    act = replace(KEEP, action="act-on-accounts", rule="accounts-carry-it")
    found = verdict_of(
        effect_of(-1930), explained=(explained_by("abuse", accounts=31),), flags=(flag_of(),), recommendation=act
    )
    assert found.decision == "hold"
    assert found.reasons[1] == "act on the 31 listed accounts first, then look again: accounts-carry-it"
    assert len(found.accounts.review) == 31


def test_no_matured_day_holds_with_the_reason() -> None:
    nothing = DailyEffect("KR", (), (), 0.0, 0.0, "USD", reason="launched on 2026-03-02, the data end on 2026-03-01")
    verdict = verdict_of(nothing)
    assert verdict.decision == "hold"
    assert verdict.reasons == ("no matured day to judge: launched on 2026-03-02, the data end on 2026-03-01",)


def test_own_past_only_never_decides() -> None:
    for mean in (-5000.0, 5000.0):
        assert verdict_of(effect_of(mean, reason="compared with its own past only")).decision == "hold"


def test_alpha_is_shared_by_the_regions() -> None:
    # A mean that one region alone would be rolled back for, and one of fifty not.
    effect = effect_of(-290)
    assert verdict_of(effect).decision == "roll-back"
    assert verdict_of(effect, regions_judged=50).decision == "hold"


def verdict_named(region: str, decision: str) -> RegionVerdict:
    return RegionVerdict(region, decision, KEEP, LEDGER, (), AccountReview(), ())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("decisions", "overall"),
    [(("pass", "roll-back"), "roll-back"), (("pass", "hold"), "hold"), (("pass", "pass"), "pass"), ((), "hold")],
)
def test_the_feature_is_as_good_as_its_worst_region(decisions: tuple[str, ...], overall: str) -> None:
    verdicts = [verdict_named(f"R{number}", decision) for number, decision in enumerate(decisions)]
    found = judge_feature("bar", verdicts, as_of=LAUNCH, alpha=0.05, run=RUN)
    assert found.decision == overall
    assert [verdict.region for verdict in found.regions] == [f"R{number}" for number in range(len(decisions))]


def test_an_incomplete_run_never_passes() -> None:
    problem = Problem("EX500", "explain", "a sign test failed")
    assert (
        judge_feature(
            "bar", [verdict_named("KR", "pass")], as_of=LAUNCH, alpha=0.05, run=RUN, problems=(problem,)
        ).decision
        == "hold"
    )


def test_a_loss_that_one_look_alone_proves_is_held_with_that_reason() -> None:
    once = replace(KEEP, action="roll-back", rule="loss-of-a-launch")
    found = verdict_of(effect_of(-160), recommendation=once)
    assert found.decision == "hold"
    assert found.reasons[1].startswith("one look alone says roll back (loss-of-a-launch)")
