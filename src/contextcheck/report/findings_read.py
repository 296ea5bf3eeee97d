"""The documented JSON objects as records again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

from contextcheck.errors import Problem, Severity
from contextcheck.records import (
    AccountReview,
    Action,
    Assumption,
    Confidence,
    Counterfactual,
    CounterfactualMethod,
    Course,
    DailyPoint,
    Direction,
    Driver,
    EntryStatus,
    Estimate,
    Evidence,
    Expected,
    Explained,
    ExplanationKind,
    ExplanationResult,
    FeatureOutcome,
    Finding,
    Flag,
    InputFile,
    Investigation,
    KnowledgeFile,
    Launch,
    Ledger,
    LedgerLine,
    LineStatus,
    MetricInfo,
    MoneyEstimate,
    Observed,
    OrderValue,
    Placebo,
    Recommendation,
    RegionOutcome,
    RelatedMetric,
    Run,
    SeverityLevel,
    SignResult,
    Source,
    SuspectAccount,
    Unavailable,
    Verdict,
    VoiceNote,
    Weight,
    Window,
)
from contextcheck.report.journeys import journeys_from
from contextcheck.report.json_node import with_not_known
from contextcheck.report.outlook_json import market_from, outlook_from, with_ledger_parts
from contextcheck.report.privacy import PERSONAL_DIMENSIONS, Pseudonym

if TYPE_CHECKING:
    from datetime import date

    from contextcheck.report.json_node import JsonNode

MetricKind = Literal["rate", "count", "mean", "sum"]

# The casts below repeat what `choice` has just checked against the same Literal.


def investigation_from(root: JsonNode) -> Investigation:
    """Give the investigation of a findings file; raises InputError at the first value that is not what it must be."""
    root = with_not_known(root)
    are_pseudonyms = root.text("account_ids", "pseudonyms") == "pseudonyms"
    metrics = [_metric(each) for each in root.items("metrics")]
    return Investigation(
        run=_run(root.child("run")),
        findings=tuple(_finding(each, are_pseudonyms=are_pseudonyms) for each in root.items("flags")),
        problems=_problems(root),
        regions=root.texts("regions"),
        orders=root.whole("orders", 0),
        launches=tuple(_launch(each) for each in root.items("launches")),
        metrics={each.id: each for each in metrics},
        unavailable=tuple(_unavailable(each) for each in root.items("unavailable")),
        region_names=root.text_map("region_names"),
        features=tuple(_feature(each) for each in root.items("features")),
        markets=tuple(market_from(each) for each in root.items("markets")),
    )


def _feature(node: JsonNode) -> FeatureOutcome:
    return FeatureOutcome(
        feature=node.text("feature"),
        regions=tuple(_region_outcome(each) for each in node.items("regions")),
        currency=node.text("currency"),
        contribution_per_day=_money_estimate(node, "net_per_day"),
        lines=tuple(_ledger_line(each) for each in node.items("lines")),
        not_known=node.texts("not_known"),
        judged_days=node.whole("judged_days", 0),
    )


def _region_outcome(node: JsonNode) -> RegionOutcome:
    recommendation = _recommendation(node.child("recommendation"))
    ledger = _ledger(node.child("impact"))
    return RegionOutcome(node.text("region"), ledger, recommendation, node.texts("flags"), node.whole("accounts", 0))


def _run(node: JsonNode) -> Run:
    settings = node.child("settings").tree
    return Run(
        id=node.text("id"),
        version=node.text("version"),
        as_of=node.day("as_of"),
        seed=node.whole("seed", 0),
        inputs=tuple(
            InputFile(each.text("name"), each.text("sha256"), each.whole("rows")) for each in node.items("inputs")
        ),
        knowledge=tuple(KnowledgeFile(each.text("path"), each.text("sha256")) for each in node.items("knowledge")),
        settings=settings if isinstance(settings, dict) else {},
    )


def _problems(node: JsonNode) -> tuple[Problem, ...]:
    return tuple(
        Problem(
            each.text("code"),
            each.text("where"),
            each.text("message"),
            cast("Severity", each.choice("severity", Severity)) if each.has_figure("severity") else "error",
        )
        for each in node.items("problems")
    )


def _launch(node: JsonNode) -> Launch:
    end = node.day("end") if node.has_figure("end") else None
    return Launch(node.text("feature"), node.texts("regions"), node.day("start"), end, node.location("where"))


def _metric(node: JsonNode) -> MetricInfo:
    kind = cast("MetricKind", node.choice("kind", MetricKind))
    return MetricInfo(node.text("id"), node.text("title"), kind, node.text("unit", ""))


def _unavailable(node: JsonNode) -> Unavailable:
    return Unavailable(node.text("name"), node.text("title"), node.texts("missing_columns"), node.text("reason", ""))


def _window(node: JsonNode) -> Window:
    return Window(node.day("start"), node.day("end"), node.child("open").tree is True)


def _estimate(node: JsonNode, key: str = "value", low: str = "low", high: str = "high") -> Estimate | None:
    if not node.has_figure(key):
        return None
    return Estimate(node.number(key), node.number(low), node.number(high))


def _finding(node: JsonNode, *, are_pseudonyms: bool) -> Finding:
    unexplained = node.optional("unexplained_share")
    explained = Explained(
        explanations=tuple(explanation_from(each) for each in node.items("explanations")),
        unexplained_share=_estimate(unexplained) if unexplained else None,
        accounts=_accounts(node.child("accounts"), are_pseudonyms=are_pseudonyms),
        drivers=tuple(_driver(each, are_pseudonyms=are_pseudonyms) for each in node.items("drivers")),
        problems=_problems(node),
        journeys=journeys_from(node.optional("journeys")),
        composition=node.text("composition", ""),
        voice=tuple(_voice(each) for each in node.items("voice")),
    )
    flag = _flag(node, are_pseudonyms=are_pseudonyms)
    names = Assumption.__dataclass_fields__
    assumed = tuple(Assumption(**{name: each.text(name, "") for name in names}) for each in node.items("assumed"))
    rest = node.optional("impact_without_accounts")
    return Finding(
        flag,
        explained,
        _ledger(node.child("impact")),
        _recommendation(node.child("recommendation")),
        _ledger(rest) if rest else None,
        assumed,
    )


def _voice(node: JsonNode) -> VoiceNote:
    words = node.text("source"), node.text("topic")
    rates = node.number("now"), node.number("usual")
    return VoiceNote(*words, *rates, node.whole("n"), node.number("p_value"), node.text("sentence"))


def _flag(node: JsonNode, *, are_pseudonyms: bool) -> Flag:
    seen, usual = node.child("observed"), node.child("expected")
    segment = {key: _personal(key, value, are_pseudonyms) for key, value in node.text_map("segment").items()}
    return Flag(
        id=node.text("id"),
        rule=node.text("rule"),
        metric=node.text("metric"),
        region=node.text("region"),
        window=_window(node.child("window")),
        reference=_window(node.child("reference")),
        direction=cast("Direction", node.choice("direction", Direction)),
        severity=cast("SeverityLevel", node.choice("severity", SeverityLevel)),
        observed=Observed(seen.number("events"), seen.number("exposure"), seen.number("rate")),
        expected=Expected(usual.number("rate"), usual.number("low"), usual.number("high")),
        excess_events=node.number("excess_events"),
        relative_ratio=node.number("relative"),
        q_value=node.number("q_value"),
        segment=segment,
        related=tuple(_related(each) for each in node.items("related")),
        daily=tuple(_daily(each) for each in node.items("daily")),
        course=_course(node),
        start_between=_start_between(node),
    )


def _course(node: JsonNode) -> Course:
    """Where the incident stood; files of earlier versions tell open or not."""
    if node.child("course").tree is None:
        return "ongoing" if node.child("window").child("open").tree is True else "over"
    return cast("Course", node.choice("course", Course))


def _start_between(node: JsonNode) -> tuple[date, date] | None:
    """The days between which it began; None where the file does not say."""
    days = node.items("start_between")
    if not days:
        return None
    if len(days) != 2:
        node.child("start_between").refuse(f"two days are expected, found {len(days)}")
    return days[0].as_day(), days[1].as_day()


def _personal(dimension: str, value: str, are_pseudonyms: bool) -> str:
    return Pseudonym(value) if are_pseudonyms and dimension in PERSONAL_DIMENSIONS else value


def _driver(node: JsonNode, *, are_pseudonyms: bool) -> Driver:
    dimension = node.text("dimension")
    value = _personal(dimension, node.text("value"), are_pseudonyms)
    return Driver(dimension, value, node.number("share_of_excess"), node.optional_number("mix_share"))


def _related(node: JsonNode) -> RelatedMetric:
    direction = cast("Direction", node.choice("direction", Direction))
    rates = node.number("observed_rate"), node.number("expected_rate")
    return RelatedMetric(node.text("metric"), direction, *rates, node.number("q_value"))


def _daily(node: JsonNode) -> DailyPoint:
    limits = node.number("low"), node.number("high")
    return DailyPoint(node.day("day"), node.optional_number("observed"), node.number("expected"), *limits)


def explanation_from(node: JsonNode) -> ExplanationResult:
    """One candidate cause with the results of its signs."""
    placebo = node.optional("placebo")
    return ExplanationResult(
        id=node.text("id"),
        kind=cast("ExplanationKind", node.choice("kind", ExplanationKind)),
        title=node.text("title"),
        status=cast("EntryStatus", node.choice("status", EntryStatus)),
        verdict=cast("Verdict", node.choice("verdict", Verdict)),
        evidence=tuple(_evidence(each) for each in node.items("signs")),
        share_explained=_estimate(node, "share_explained", "share_low", "share_high"),
        share_reason=node.text("share_reason", ""),
        caution=node.text("caution", ""),
        placebo=Placebo(placebo.number("rate"), placebo.whole("n"), placebo.text("where", "")) if placebo else None,
        sources=tuple(
            Source(each.text("title"), each.text("url", ""), each.text("year", ""), each.text("grade", ""))
            for each in node.items("sources")
        ),
        owner=node.text("owner", ""),
        version=node.text("version", ""),
        ask=node.texts("ask"),
        advice=node.texts("advice"),
        text=node.text_map("text"),
        where=node.location("where"),
    )


def _evidence(node: JsonNode) -> Evidence:
    role = node.text("role", "sign")
    return Evidence(
        test=node.text("test"),
        result=cast("SignResult", node.choice("result", SignResult)),
        sentence=node.text("sentence", ""),
        weight=cast("Weight", node.choice("weight", Weight)),
        role="contradicted_by" if role == "contradicted_by" else "sign",
        effect=_estimate(node, "effect"),
        unit=node.text("unit", ""),
        n=node.whole("n", 0),
        p_value=node.optional_number("p_value"),
        reason=node.text("reason", ""),
        reference=node.text("reference", ""),
    )


def _accounts(node: JsonNode, *, are_pseudonyms: bool) -> AccountReview:
    if node.tree is None:
        return AccountReview()
    review = tuple(
        SuspectAccount(
            account=Pseudonym(each.text("account")) if are_pseudonyms else each.text("account"),
            score=each.number("score"),
            reasons=each.texts("reasons"),
            group=each.text("group", ""),
        )
        for each in node.items("review")
    )
    return AccountReview(review, node.number("share_of_excess"), node.text("reason", ""))


def _money_estimate(node: JsonNode, key: str) -> MoneyEstimate | None:
    if not node.has_figure(key):
        return None
    return MoneyEstimate(node.money(key), node.money("low"), node.money("high"))


def _ledger(node: JsonNode) -> Ledger:
    value, compared = node.optional("aov"), node.optional("counterfactual")
    ledger = Ledger(
        currency=node.text("currency"),
        counterfactual=_counterfactual(compared) if compared else None,
        contribution_per_day=_money_estimate(node, "net_per_day"),
        confidence_level=node.number("confidence_level"),
        lines=tuple(_ledger_line(each) for each in node.items("lines")),
        order_value=_order_value(value) if value else None,
        break_even_abuse_share=node.optional_number("break_even_abuse_share"),
        cost_of_acting=node.optional_money("cost_of_acting"),
        cost_of_waiting_per_day=node.optional_money("cost_of_waiting"),
        reason=node.text("reason", ""),
    )
    return with_ledger_parts(ledger, node)


def _ledger_line(node: JsonNode) -> LedgerLine:
    status = cast("LineStatus", node.choice("status", LineStatus))
    amount = _money_estimate(node, "per_day")
    basis, within = node.text("basis", ""), node.text("within", "")
    late, turn = node.text("immature", ""), node.text("break_even", "")
    to_come = node.optional_number("to_come_share")
    return LedgerLine(node.text("id"), node.text("title"), amount, status, basis, within, late, turn, to_come)


def _order_value(node: JsonNode) -> OrderValue:
    kept = node.child("kept")
    has_kept = kept.tree is not None
    change = Estimate(node.number("change"), node.number("low"), node.number("high"))
    return OrderValue(
        placed_before=node.money("before"),
        placed_after=node.money("after"),
        placed_change_ratio=change,
        kept_before=kept.optional_money("before") if has_kept else None,
        kept_after=kept.optional_money("after") if has_kept else None,
        kept_change_ratio=_estimate(kept, "change") if has_kept else None,
    )


def _counterfactual(node: JsonNode) -> Counterfactual:
    return Counterfactual(
        method=cast("CounterfactualMethod", node.choice("method", CounterfactualMethod)),
        controls=node.texts("controls"),
        dropped=node.text_map("dropped"),
        before=_window(node.child("before")),
        after=_window(node.child("after")),
        sentence=node.text("sentence", ""),
        not_used=node.text_map("not_used"),
        placebo_regions=node.counted("placebo_regions", "as_far", "looked_at"),
        placebo_dates=node.counted("placebo_dates", "as_far", "looked_at"),
        exposed_share=node.optional_number("exposed_share"),
    )


def _recommendation(node: JsonNode) -> Recommendation:
    looked_ahead = node.optional("outlook")
    return Recommendation(
        action=cast("Action", node.choice("action", Action)),
        scope=node.text("scope", ""),
        confidence=cast("Confidence", node.choice("confidence", Confidence)),
        rule=node.text("rule", ""),
        reasons=node.texts("reasons"),
        would_change_if=node.texts("would_change_if"),
        ask=node.texts("ask"),
        advice=node.texts("advice"),
        where=node.location("where"),
        outlook=outlook_from(looked_ahead) if looked_ahead else None,
    )
