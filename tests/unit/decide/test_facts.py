"""Facts from verdicts and money, and the assumptions that would flip the answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from contextcheck.decide.facts import facts_of
from contextcheck.decide.flips import find_flips
from contextcheck.decide.wording import fact_text, filled
from contextcheck.knowledge.policies import FACTS
from contextcheck.records import (
    AccountReview,
    Counterfactual,
    Estimate,
    Expected,
    Explained,
    ExplanationResult,
    Flag,
    Launch,
    Ledger,
    LedgerLine,
    LineStatus,
    MoneyEstimate,
    Observed,
    Outlook,
    Stretch,
    SuspectAccount,
    Window,
)
from contextcheck.settings import default_costs

BEFORE = Window(date(2026, 1, 5), date(2026, 3, 1))
AFTER = Window(date(2026, 3, 2), date(2026, 3, 15))
LAUNCH = Launch("bar", ("KR",), date(2026, 3, 2))


def line(line_id: str, amount: str | None, status: LineStatus = "assumed") -> LedgerLine:
    money = None if amount is None else MoneyEstimate(Decimal(amount), Decimal(amount), Decimal(amount))
    return LedgerLine(line_id, line_id.replace("_", " ").capitalize(), money, status, "")


def goods(amount: str) -> LedgerLine:
    return replace(line("goods", amount), basis=default_costs().basis("gross_margin"))


def ledger(value: str, low: str, high: str, *lines: LedgerLine, method: str = "ratio-did") -> Ledger:
    compared = Counterfactual(method, ("JP", "TW", "SG"), {}, BEFORE, AFTER, "")  # type: ignore[arg-type]
    contribution = MoneyEstimate(Decimal(value), Decimal(low), Decimal(high))
    return Ledger("USD", compared, contribution, 0.95, lines, None, 0.9, Decimal(5000), Decimal(0))


def explanation(kind: str, verdict: str, share: float | None = None, status: str = "active") -> ExplanationResult:
    estimate = None if share is None else Estimate(share, share, share)
    return ExplanationResult(f"{kind}-{verdict}", kind, f"{kind} {verdict}", status, verdict, (), estimate)  # type: ignore[arg-type]


def facts(
    found: Ledger,
    *explanations: ExplanationResult,
    accounts: int = 0,
    share: float = 0.0,
    rest: Ledger | None = None,
    looked_ahead: Outlook | None = None,
) -> dict[str, object]:
    review = tuple(SuspectAccount(f"c{number}", 0.9, ()) for number in range(accounts))
    explained = Explained(explanations, Estimate(0.14, 0.1, 0.2), AccountReview(review, share))
    return dict(
        facts_of(
            None,
            explained,
            found,
            region="KR",
            launches=(LAUNCH,),
            costs=default_costs(),
            horizon_days=90,
            without_accounts=rest,
            looked_ahead=looked_ahead,
        )
    )


def test_every_fact_is_there_and_no_other() -> None:
    assert set(facts(ledger("1", "0.5", "2"))) == set(FACTS)


@pytest.mark.parametrize(
    ("low", "high", "sign"),
    [("10", "20", "gain"), ("-20", "-10", "loss"), ("-5", "20", "unclear"), ("0", "20", "unclear")],
)
def test_a_sign_is_told_only_when_the_whole_interval_has_it(low: str, high: str, sign: str) -> None:
    assert facts(ledger("5", low, high))["contribution_sign"] == sign


def test_only_active_explanations_count() -> None:
    found = facts(
        ledger("1", "0.5", "2"), explanation("norm", "supported", 0.8, "draft"), explanation("norm", "partly", 0.3)
    )
    assert found["norm_verdict"] == "partly"
    assert found["idle_norm_title"] == "norm supported"
    assert found["leading_kind"] == "none"


def test_the_leading_kind_has_the_largest_supported_share() -> None:
    found = facts(
        ledger("1", "0.5", "2"), explanation("measurement", "supported", 0.1), explanation("norm", "supported", 0.8)
    )
    assert found["leading_kind"] == "norm"


def test_a_loss_is_compared_with_a_roll_back_over_the_horizon() -> None:
    # 100 a day over 90 days are 9,000, a roll-back costs 5,000; 40 a day are 3,600.
    assert facts(ledger("-100", "-150", "-50"))["is_loss_above_roll_back"] is True
    small = facts(ledger("-40", "-60", "-20"))
    assert small["is_loss_above_roll_back"] is False
    assert small["is_worst_case_above_roll_back"] is True  # 60 x 90 = 5,400
    assert small["loss_over_horizon"] == 3600.0


def test_the_rest_is_the_money_counted_without_the_listed_accounts() -> None:
    # 31 accounts take 150 a day: over 90 days 13,500, 435 each; (5 + 60) / (435 + 60) = 13 % must be abuse.
    found = facts(ledger("-100", "-150", "-50"), accounts=31, rest=ledger("50", "10", "90"))
    assert (found["contribution_rest"], found["rest_sign"]) == (50.0, "gain")
    assert found["accounts_take"] == -150.0
    assert found["accounts_pay_share"] == pytest.approx(65 / (13_500 / 31 + 60))


def test_accounts_that_take_nothing_are_never_worth_acting_on() -> None:
    found = facts(ledger("-100", "-150", "-50"), accounts=31, rest=ledger("-101", "-150", "-50"))
    assert found["accounts_pay_share"] == 1.0


def test_listed_accounts_that_were_not_left_out_leave_the_rest_unknown() -> None:
    found = facts(ledger("-100", "-150", "-50"), accounts=31)
    assert (found["rest_sign"], found["contribution_rest"]) == ("not_measurable", None)


def test_a_feature_that_has_ended_is_no_longer_there_to_be_rolled_back() -> None:
    def told(end: date | None) -> dict[str, object]:
        return dict(
            facts_of(
                None,
                None,
                ledger("-100", "-150", "-50"),
                region="KR",
                launches=(replace(LAUNCH, end=end),),
                costs=default_costs(),
                horizon_days=90,
                as_of=AFTER.end,
            )
        )

    assert told(None)["is_launched"] is True
    assert told(AFTER.end)["feature"] == LAUNCH.feature
    assert told(AFTER.end - timedelta(days=1))["is_launched"] is False


def test_own_past_is_no_control() -> None:
    assert facts(ledger("1", "0.5", "2", method="own-past"))["has_controls"] is False


def test_money_that_cannot_be_measured_has_a_reason_and_no_number() -> None:
    nothing = Ledger("USD", None, None, 0.95, (), None, None, None, None, reason="3 quiet days, 14 needed")
    found = facts(nothing)
    assert found["contribution"] is None
    assert found["contribution_sign"] == "not_measurable"
    assert found["why_not_measurable"] == "3 quiet days, 14 needed"


def test_the_cost_at_which_the_sign_flips_is_found() -> None:
    # Shipping at 5.00 costs 500 a day and 290 are left: at 5 x (1 + 290/500) = 7.90 nothing is left.
    found = find_flips(
        ledger("290", "100", "480", line("shipping_cost", "-500"), line("cancel_handling", "-29")), default_costs()
    )
    assert found["flip"] == "an extra shipment costs more than $7.90 (assumed $5.00)"
    # Handling at 1.50 costs 29: it would have to be eleven times as dear, which is beyond what is told.
    assert found["flip_second"] is None


def test_a_loss_flips_when_a_cost_is_lower() -> None:
    # -100 with handling of 300 at 1.50 each: at 1.00 nothing is lost.
    found = find_flips(ledger("-100", "-150", "-50", line("cancel_handling", "-300")), default_costs())
    assert found["flip"] == "handling a cancelled or changed order costs less than $1.00 (assumed $1.50)"


def test_a_cost_counted_in_the_orders_flips_in_percent() -> None:
    # Shipping costs 500 a day more and 290 are left: 58 % more than that and nothing is left.
    found = find_flips(ledger("290", "100", "480", line("shipping_cost", "-500", "measured")), default_costs())
    assert found["flip"] == "an extra shipment costs 58 % more than in your orders"


def test_assumed_costs_come_before_given_ones() -> None:
    costs = replace(default_costs(), given=frozenset({"cancel_handling"}))
    found = find_flips(
        ledger("30", "10", "50", line("cancel_handling", "-300", "measured"), line("return_handling", "-100")), costs
    )
    # 7.00 x (1 + 30/100) = 9.10; 1.50 x (1 + 30/300) = 1.65.
    assert found["flip"] == "handling a return costs more than $9.10 (assumed $7.00)"
    assert found["flip_second"] == "handling a cancelled or changed order costs more than $1.65 (set to $1.50)"


def test_the_margin_at_which_the_sign_flips_is_found() -> None:
    # Kept sales +1,000, goods -650 at 35 %, other costs -250: +100. At 25 % goods cost 750 and nothing is left.
    found = find_flips(
        ledger("100", "50", "150", line("kept_sales", "1000", "measured"), goods("-650")), default_costs()
    )
    assert found["flip"] == "the gross margin is under 25 % (assumed 35 %)"


def test_a_sign_that_hangs_on_the_margin_is_marked() -> None:
    lines = (line("kept_sales", "1000", "measured"), goods("-650"))
    # At 20 % the goods cost 800: 100 - 150 = -50.
    assert facts(ledger("100", "50", "150", *lines))["sign_holds_at_margins"] is False
    # 300 - 150 = 150 at 20 %, 300 + 250 = 550 at 60 %.
    assert facts(ledger("300", "50", "550", *lines))["sign_holds_at_margins"] is True


def test_what_is_not_measured_is_told_with_its_break_even() -> None:
    found = find_flips(ledger("290", "100", "480", line("chargeback_fees", None, "not_measured")), default_costs())
    assert found["flip_not_measured"] == "chargeback fees (not measured) grew by more than $290 a day"


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("contribution", 4120.4, "+$4,120 a day"),
        ("contribution", -1930.0, "−$1,930 a day"),
        ("norm_share", 0.86, "86 %"),
        ("order_value_change", 1.152, "+15.2 %"),
        ("order_value_change", 0.98, "−2.0 %"),
        ("accounts_to_review", 31.0, "31"),
        ("roll_back_cost", 5000.0, "$5,000"),
    ],
)
def test_facts_read_like_a_sentence(name: str, value: float, text: str) -> None:
    assert fact_text(name, value, "USD") == text


def test_braces_in_a_title_are_only_text() -> None:
    assert filled(["{norm_title}: real"], {"norm_title": "{contribution}"}, "USD") == ("{contribution}: real",)


@pytest.mark.parametrize(("number", "told"), [(1.0, "1 account carries it"), (31.0, "31 accounts carry it")])
def test_a_number_brings_its_noun(number: float, told: str) -> None:
    template = "{accounts_to_review:account carries|accounts carry} it"
    assert filled([template], {"accounts_to_review": number}, "USD") == (told,)


def test_the_regrets_of_both_choices_are_worked_out() -> None:
    # Kept at the low end: 90 x 150 = 13,500 less the 5,000 that a roll-back costs; rolled back at the high end:
    # 5,000 and 90 x 20 = 1,800 of gain that is gone.
    found = facts(ledger("-60", "-150", "20"))
    assert found["regret_of_keeping"] == 8500.0
    assert found["regret_of_rolling_back"] == 6800.0


@pytest.mark.parametrize(("calm_days", "is_over"), [(0, False), (2, False), (7, True)])
def test_a_flag_is_over_for_a_decision_once_a_week_of_ordinary_days_lies_behind_it(
    calm_days: int, is_over: bool
) -> None:
    day = date(2026, 3, 1)
    flag = Flag(
        "KR-cancel_rate-2026-03-01",
        "any",
        "cancel_rate",
        "KR",
        Window(day, day),
        Window(day, day),
        "up",
        "high",
        Observed(9.0, 100.0, 0.09),
        Expected(0.03, 0.02, 0.04),
        6.0,
        3.0,
        0.001,
    )
    told = facts_of(
        flag,
        None,
        replace(ledger("-5", "-9", "-1"), counterfactual=None),
        region="KR",
        launches=(),
        costs=default_costs(),
        horizon_days=90,
        calm_days=calm_days,
    )
    assert told["is_over"] is is_over


def test_returns_to_come_leave_an_answer_open_until_some_days_have_shown_them() -> None:
    """Counted: seven days old enough tell how the others will go. Not counted: half of the judged days must be in."""
    old = Stretch("all-in", "the 7 oldest days", AFTER, 7, MoneyEstimate(*[Decimal(10)] * 3), 1.0, False)
    late = replace(line("return_handling", "-5"), immature="not all returns are in")
    for share, stretches, is_open in (
        (0.03, (old,), False),
        (0.03, (), True),
        (None, (old,), True),
        (None, (replace(old, days=15),), False),
    ):
        found = replace(
            ledger("10", "5", "15", replace(late, to_come_share=share)), stretches=stretches, judged_days=28
        )  # fmt: skip
        known = facts(found)
        assert known["is_immature"] is is_open
        assert known["immature"] == ("not all returns are in" if is_open else None)


def test_verdicts_are_told_in_words() -> None:
    assert fact_text("norm_verdict", "not_testable", "USD") == "not testable"
    assert fact_text("norm_title", "my_own title", "USD") == "my_own title"
