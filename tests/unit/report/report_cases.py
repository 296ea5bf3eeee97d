"""Handmade investigations: the Korean case as it is told in the documentation, a ring, and hostile texts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from contextcheck.errors import Location, Problem
from contextcheck.records import (
    AccountReview,
    Counterfactual,
    DailyPoint,
    Driver,
    Estimate,
    Evidence,
    Expected,
    Explained,
    ExplanationResult,
    FeatureOutcome,
    Finding,
    Flag,
    GateVerdict,
    InputFile,
    Investigation,
    KnowledgeFile,
    Launch,
    Ledger,
    LedgerLine,
    MetricInfo,
    MoneyEstimate,
    Observed,
    OrderValue,
    Outlook,
    Placebo,
    Recommendation,
    RegionOutcome,
    RegionVerdict,
    RelatedMetric,
    Run,
    Source,
    SuspectAccount,
    Unavailable,
    Waiting,
    Window,
)

LAUNCH_DAY = date(2026, 3, 2)
AS_OF = date(2026, 3, 16)
WINDOW = Window(date(2026, 3, 3), AS_OF, is_open=True)
BEFORE = Window(date(2026, 1, 5), date(2026, 3, 1))


def dollars(value: str, low: str, high: str) -> MoneyEstimate:
    return MoneyEstimate(Decimal(value), Decimal(low), Decimal(high))


def daily() -> tuple[DailyPoint, ...]:
    """Six weeks before the launch near 6.1 %, then 18.4 %, with a weekday shape and one missing day."""
    points = []
    for index in range(56):
        day = LAUNCH_DAY - timedelta(days=41) + timedelta(days=index)
        expected = 0.061 + (0.006 if day.weekday() >= 5 else 0.0)
        observed = expected + ((index * 7) % 5 - 2) * 0.002
        if day >= WINDOW.start:
            observed += 0.123 if day > date(2026, 3, 4) else 0.08
        missing = day == date(2026, 2, 17)
        points.append(
            DailyPoint(
                day,
                None if missing else round(observed, 4),
                round(expected, 4),
                round(expected - 0.014, 4),
                round(expected + 0.016, 4),
            )
        )
    return tuple(points)


def padding() -> ExplanationResult:
    return ExplanationResult(
        id="kr-free-shipping-padding",
        kind="norm",
        title="Baskets padded to the free-shipping line, then trimmed",
        status="active",
        verdict="supported",
        evidence=(
            Evidence(
                "bunching",
                "supports",
                "71 % of the cancelled baskets stood just above ₩50,000; 22 % is usual",
                "strong",
                effect=Estimate(0.49, 0.45, 0.53),
                unit="share",
                n=2913,
                p_value=1e-9,
            ),
            Evidence("kept_share", "supports", "83 % kept part of the basket", "strong", n=2913, p_value=0.00031),
            Evidence("spread", "supports", "9,412 customers, the top 1 % made 3 % of it", "strong", n=9412),
            Evidence("mix", "not_testable", "", "weak", reason="no cancel reasons in the data (column cancel_reason)"),
        ),
        share_explained=Estimate(0.86, 0.79, 0.92),
        placebo=Placebo(0.025, 40),
        sources=(Source("Consumer survey on free-shipping lines", "https://example.org/survey", "2021", "C"),),
        owner="kr-market",
        version="2026-11-20",
        ask=("Does checkout show progress to free shipping?", "Is the fee charged back after a partial cancel?"),
        advice=("Charge the fee back when the kept basket falls under the line.",),
        text={"ko": "무료배송 기준을 맞추려고 담았다가 일부를 취소합니다."},
        where=Location("regions/KR.yaml", 12, 5),
    )


def ring(verdict: str = "contradicted") -> ExplanationResult:
    holds = verdict in ("supported", "partly")
    result = "supports" if holds else "contradicts"
    return ExplanationResult(
        id="refund-ring",
        kind="abuse",
        title="Ring of accounts abusing refunds",
        status="active",
        verdict=verdict,  # type: ignore[arg-type]
        evidence=(
            Evidence(
                "concentration",
                result,  # type: ignore[arg-type]
                "41 accounts share 3 devices" if holds else "no concentration on few accounts",
                "strong",
                n=9412,
            ),
            Evidence("shared_keys", "not_testable", "", "strong", reason="no device column (device_id)"),
        ),
        share_explained=Estimate(0.21, 0.17, 0.26) if holds else None,
        share_reason="" if holds else "the explanation does not hold",
        placebo=Placebo(0.0, 40),
        owner="fraud-team",
    )


def checkout_bug() -> ExplanationResult:
    return ExplanationResult(
        id="checkout-fault",
        kind="operational",
        title="Checkout fault",
        status="active",
        verdict="contradicted",
        evidence=(
            Evidence("duplicates", "contradicts", "no duplicate orders", "weak"),
            Evidence("peers", "contradicts", "nothing moved in markets without the launch", "strong", n=10),
        ),
        owner="platform",
    )


def vague() -> ExplanationResult:
    return ExplanationResult(
        id="spring-mood",
        kind="norm",
        title="Spring cleaning of wish lists",
        status="trial",
        verdict="too_flexible",
        evidence=(Evidence("calendar", "supports", "the named days moved", "weak", n=14),),
        placebo=Placebo(0.45, 40),
        owner="kr-market",
    )


def ledger() -> Ledger:
    """The bridge adds up: 5880 - 310 - 940 - 510 = 4120."""
    return Ledger(
        currency="USD",
        counterfactual=Counterfactual(
            method="ratio-did",
            controls=("TW", "SG", "US", "DE", "FR"),
            dropped={"JP": "launched too"},
            before=BEFORE,
            after=WINDOW,
            sentence="against the same days before and five markets without the launch (TW, SG, US, DE, FR)",
        ),
        contribution_per_day=dollars("4120", "2300", "5900"),
        confidence_level=0.9,
        lines=(
            LedgerLine(
                "kept_margin", "margin on kept sales", dollars("5880", "4100", "7650"), "measured", "column margin"
            ),
            LedgerLine("shipping", "shipping given away", dollars("-310", "-380", "-240"), "measured", "shipping_cost"),
            LedgerLine(
                "cancel_handling",
                "cancel handling",
                dollars("-940", "-1100", "-790"),
                "assumed",
                "$1.50 per cancelled order",
            ),
            LedgerLine(
                "waived",
                "on trimmed baskets that fell under the line",
                dollars("-250", "-300", "-200"),
                "measured",
                "line at 50,000 KRW",
                within="shipping",
            ),
            LedgerLine(
                "payment", "payment cost", dollars("-510", "-560", "-460"), "assumed", "2.9 % and $0.30, list price"
            ),
            LedgerLine("chargebacks", "chargebacks", None, "not_measured", "no column chargeback_at"),
        ),
        order_value=OrderValue(
            placed_before=Decimal("54.20"),
            placed_after=Decimal("62.44"),
            placed_change_ratio=Estimate(1.152, 1.139, 1.166),
            kept_before=Decimal("52.90"),
            kept_after=Decimal("56.10"),
            kept_change_ratio=Estimate(1.0605, 1.048, 1.073),
        ),
        break_even_abuse_share=0.38,
        cost_of_acting=Decimal("5000"),
        cost_of_waiting_per_day=Decimal("0"),
    )


def flag() -> Flag:
    return Flag(
        id="KR-cancel_rate-2026-03-03",
        rule="buy-and-cancel",
        metric="cancel_rate",
        region="KR",
        window=WINDOW,
        reference=BEFORE,
        direction="up",
        severity="high",
        observed=Observed(4358, 23685, 0.184),
        expected=Expected(0.061, 0.054, 0.069),
        excess_events=2913.2,
        relative_ratio=3.016,
        q_value=3.1e-12,
        related=(
            RelatedMetric("modify_rate", "up", 0.151, 0.042, 1e-8),
            RelatedMetric("aov", "up", 62.44, 54.20, 2e-5),
        ),
        daily=daily(),
        course="ongoing",
        start_between=(date(2026, 3, 2), date(2026, 3, 3)),
    )


def recommendation() -> Recommendation:
    return Recommendation(
        action="keep",
        scope="free-shipping-bar in KR",
        confidence="high",
        rule="explained-and-gaining",
        reasons=(
            "contribution is certainly above the break-even of a roll-back",
            "86 % of the excess is explained by a supported norm",
        ),
        would_change_if=("an extra shipment costs more than $7.90", "returns after day 14 exceed 9 %"),
        ask=("Does checkout show progress to free shipping?", "Is the fee charged back after a partial cancel?"),
        advice=("Charge the fee back when the kept basket falls under the line: about +$310 a day.",),
        where=Location("rules/decisions/default.yaml", 31, 5),
    )


def finding() -> Finding:
    explained = Explained(
        explanations=(ring(), checkout_bug(), padding(), vague()),
        unexplained_share=Estimate(0.14, 0.08, 0.21),
        accounts=AccountReview(reason="no account stands out"),
        drivers=(Driver("channel", "app", 0.82),),
    )
    return Finding(flag(), explained, ledger(), recommendation())


def run() -> Run:
    return Run(
        id="run-2f60c1",
        version="0.1.0",
        as_of=AS_OF,
        seed=7,
        inputs=(InputFile("orders.parquet", "ab" * 32, 214380),),
        knowledge=(KnowledgeFile("regions/KR.yaml", "cd" * 32),),
        settings={
            "currency": "USD",
            "decision": {"horizon_days": 90, "alpha": 0.05},
            "launches": ["free-shipping-bar"],
        },
    )


def padding_investigation() -> Investigation:
    """KR padded baskets, everything else quiet: the numbers of the documentation."""
    return Investigation(
        run=run(),
        findings=(finding(),),
        problems=(),
        regions=("BR", "CN", "DE", "FR", "GB", "IN", "JP", "KR", "NO", "SG", "TW", "US"),
        orders=214380,
        launches=(Launch("free-shipping-bar", ("KR", "JP"), LAUNCH_DAY, where=Location("contextcheck.yaml", 8, 5)),),
        metrics={
            "cancel_rate": MetricInfo("cancel_rate", "Cancel rate", "rate", "share of orders"),
            "modify_rate": MetricInfo("modify_rate", "Change rate", "rate", "share of orders"),
            "aov": MetricInfo("aov", "Average order value", "mean", "money"),
            "orders": MetricInfo("orders", "Orders", "count", "orders"),
        },
        unavailable=(
            Unavailable("chargeback_rate", "Chargeback rate", ("chargeback_at",)),
            Unavailable("refund_share", "Refund share", ("refund_total",)),
        ),
    )


def ring_investigation() -> Investigation:
    """A ring hides in the harmless crowd; eight accounts are listed."""
    base = padding_investigation()
    suspects = tuple(
        SuspectAccount(
            account=f"customer-{number:04d}",
            score=round(0.99 - number * 0.01, 4),
            reasons=("kept nothing of 9 orders", f"shares a device with customer-{(number + 1) % 8:04d}"),
            group="device-77f1" if number < 6 else "address-2c",
        )
        for number in range(8)
    )
    explained = Explained(
        explanations=(padding(), ring("supported"), checkout_bug()),
        unexplained_share=Estimate(0.06, 0.02, 0.11),
        accounts=AccountReview(suspects, 0.21),
        drivers=(Driver("device_id", "device-77f1", 0.11),),
    )
    act = Recommendation(
        action="act-on-accounts",
        scope="8 accounts in KR; the feature stays",
        confidence="medium",
        rule="few-accounts-carry-it",
        reasons=("8 linked accounts carry 21 % of the excess", "the rest is explained and gains"),
        would_change_if=("fewer than 3 of the 8 accounts turn out to be abusive",),
    )
    return replace(base, findings=(Finding(flag(), explained, ledger(), act),))


HOSTILE = "<script>alert(1)</script> [red]x[/red] \x1b[31mred\x1b[0m =cmd()|'/c calc'!A1 \u202egnp.exe\r\n# heading"


def hostile_investigation() -> Investigation:
    """Every text that a customer or a file can set is out to be obeyed."""
    base = ring_investigation()
    first = base.findings[0]
    bad = replace(
        padding(),
        title=HOSTILE,
        owner=HOSTILE,
        text={"ko": HOSTILE},
        evidence=(
            Evidence("mix", "supports", HOSTILE, "strong"),
            Evidence("mix", "not_testable", "", "weak", reason=HOSTILE),
        ),
        sources=(Source(HOSTILE, "javascript:alert(1)", "2021", "D"),),
    )
    explained = Explained(
        explanations=(bad,),
        unexplained_share=None,
        accounts=AccountReview((SuspectAccount(HOSTILE, 0.9, (HOSTILE,), HOSTILE),), 0.2),
        drivers=(Driver("category", HOSTILE, 0.5),),
        problems=(Problem("EX101", HOSTILE, HOSTILE),),
    )
    hostile_flag = replace(first.flag, id=HOSTILE, segment={"category": HOSTILE})
    hostile_line = LedgerLine("x", HOSTILE, None, "not_measured", HOSTILE)
    hostile_ledger = replace(ledger(), lines=(hostile_line,), counterfactual=None)
    hostile_action = replace(recommendation(), scope=HOSTILE, reasons=(HOSTILE,), ask=(HOSTILE,))
    return replace(
        base,
        findings=(Finding(hostile_flag, explained, hostile_ledger, hostile_action),),
        problems=(Problem("IN301", HOSTILE, HOSTILE),),
        launches=(Launch(HOSTILE, ("KR",), LAUNCH_DAY),),
        region_names={"KR": HOSTILE},
    )


def quiet_investigation() -> Investigation:
    return replace(padding_investigation(), findings=())


def at_a_loss() -> Ledger:
    return replace(ledger(), contribution_per_day=dollars("-1930", "-3460", "-410"), lines=())


def looked_ahead() -> Outlook:
    """A month of a loss: the figures of the German market."""
    return Outlook(
        horizon_days=90,
        alpha=0.05,
        roll_back_cost=Decimal("5000"),
        forecast_per_day=Decimal("-1400"),
        forecast_error=Decimal("700"),
        based_on="all 14 judged days",
        break_even_per_day=Decimal("-55.56"),
        chance_of_loss=0.98,
        chance_worth_roll_back=0.97,
        cost_of_keeping=Decimal("126535"),
        cost_of_rolling_back=Decimal("5535"),
        waiting=(Waiting(1, Decimal("120"), Decimal("1400")), Waiting(7, Decimal("600"), Decimal("9800"))),
        choice="roll-back",
        minimax="roll-back",
        regret_of_keeping=Decimal("224600"),
        regret_of_rolling_back=Decimal("0"),
        answer_on=AS_OF,
        answer="the days so far answer it",
    )


def opposite_investigation() -> Investigation:
    """The same feature gains in KR, where it is flagged, and loses in DE, where no metric moved."""
    base = padding_investigation()
    roll_back = Recommendation(
        "roll-back",
        "free-shipping-bar in DE",
        "high",
        "clear-loss",
        ("a loss beyond doubt",),
        ("margin above 60 %",),
        outlook=looked_ahead(),
    )
    gain, loss = replace(ledger(), judged_days=14), replace(at_a_loss(), judged_days=14)
    feature = FeatureOutcome(
        feature="free-shipping-bar",
        regions=(
            RegionOutcome("KR", gain, recommendation(), (flag().id,)),
            RegionOutcome("DE", loss, roll_back),
        ),
        currency="USD",
        contribution_per_day=dollars("2190", "-1160", "5490"),
        lines=(),
        judged_days=14,
    )
    return replace(base, features=(feature,))


def gate_verdict() -> GateVerdict:
    """KR passes, DE loses money, JP has too little data."""
    roll_back = Recommendation(
        "roll-back", "free-shipping-bar in DE", "high", "clear-loss", ("a loss beyond doubt",), ("margin above 60 %",)
    )
    unknown = Ledger("USD", None, None, 0.9, (), None, None, None, None, "3 days of data, 7 needed")
    watch = Recommendation("watch", "JP", "low", "too-early", ("too little data",), ("4 more days",))
    return GateVerdict(
        feature="free-shipping-bar",
        decision="roll-back",
        as_of=AS_OF,
        alpha=0.05,
        regions=(
            RegionVerdict(
                "KR",
                "pass",
                recommendation(),
                ledger(),
                (padding(), ring()),
                AccountReview(),
                ("certainly above −$55 a day, the break-even of a roll-back",),
                (flag().id,),
            ),
            RegionVerdict(
                "DE",
                "roll-back",
                roll_back,
                at_a_loss(),
                (checkout_bug(),),
                AccountReview((SuspectAccount("customer-0001", 0.9, ("kept nothing",)),), 0.1),
                ("certainly below 0 since day 6",),
            ),
            RegionVerdict("JP", "hold", watch, unknown, (), AccountReview(), ("3 of 7 days",)),
        ),
        run=run(),
        problems=(),
    )
