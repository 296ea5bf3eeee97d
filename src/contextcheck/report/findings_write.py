"""Records as the documented JSON objects; shared by the findings file and the verdict of a gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contextcheck.report.outlook_json import ledger_parts, outlook_object
from contextcheck.report.plain import sorted_mapping

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from contextcheck.errors import Location, Problem
    from contextcheck.records import (
        AccountReview,
        Assumption,
        Counterfactual,
        Estimate,
        Evidence,
        ExplanationResult,
        FeatureOutcome,
        Finding,
        Flag,
        Journeys,
        Launch,
        Ledger,
        LedgerLine,
        MoneyEstimate,
        OrderValue,
        Placebo,
        Recommendation,
        Run,
        VoiceNote,
        Window,
    )

Tree = dict[str, object]


def location(where: Location | None) -> Tree | None:
    """A place in a file; null when there is none."""
    return None if where is None else {"path": where.path, "line": where.line, "column": where.column}


def run_object(run: Run) -> Tree:
    """What was read and with which settings."""
    return {
        "id": run.id,
        "version": run.version,
        "as_of": run.as_of,
        "seed": run.seed,
        "inputs": [{"name": each.name, "sha256": each.sha256, "rows": each.rows} for each in run.inputs],
        "knowledge": [{"path": each.path, "sha256": each.sha256} for each in run.knowledge],
        "settings": sorted_mapping(run.settings),
    }


def problem_objects(problems: Iterable[Problem]) -> list[Tree]:
    """What went wrong or was left out."""
    return [
        {"code": each.code, "where": each.where, "message": each.message, "severity": each.severity}
        for each in problems
    ]


def launch_object(launch: Launch) -> Tree:
    """A feature that went live."""
    return {
        "feature": launch.feature,
        "regions": list(launch.regions),
        "start": launch.start,
        "end": launch.end,
        "where": location(launch.where),
    }


def finding_object(finding: Finding) -> Tree:
    """A flag with everything that was found out about it."""
    explained = finding.explained
    return {
        **flag_object(finding.flag),
        "drivers": [
            {
                "dimension": each.dimension,
                "value": each.value,
                "share_of_excess": each.share_of_excess,
                "mix_share": each.mix_share,
            }
            for each in explained.drivers
        ],
        "composition": explained.composition,
        "explanations": [explanation_object(each) for each in explained.explanations],
        "unexplained_share": estimate_object(explained.unexplained_share),
        "accounts": accounts_object(explained.accounts),
        "journeys": journeys_object(explained.journeys),
        "impact": impact_object(finding.ledger),
        "impact_without_accounts": impact_object(finding.without_accounts) if finding.without_accounts else None,
        "recommendation": recommendation_object(finding.recommendation),
        "problems": problem_objects(explained.problems),
        **({"voice": [voice_object(each) for each in explained.voice]} if explained.voice else {}),
        **({"assumed": [assumption_object(each) for each in finding.assumed]} if finding.assumed else {}),
    }


def voice_object(note: VoiceNote) -> Tree:
    """What customers said that differs from usual."""
    return {
        "source": note.source,
        "topic": note.topic,
        "now": note.now,
        "usual": note.usual,
        "n": note.n,
        "p_value": note.p_value,
        "sentence": note.sentence,
    }


def assumption_object(assumption: Assumption) -> Tree:
    """A documented value of the market that stands in for one that the shop has not given."""
    return {
        "name": assumption.name,
        "title": assumption.title,
        "value": assumption.value,
        "basis": assumption.basis,
        "note": assumption.note,
    }


def window_object(window: Window) -> Tree:
    """Local days, both included."""
    return {"start": window.start, "end": window.end, "days": window.days, "open": window.is_open}


def flag_object(flag: Flag) -> Tree:
    """What is unusual, with the series behind it."""
    return {
        "id": flag.id,
        "rule": flag.rule,
        "metric": flag.metric,
        "region": flag.region,
        "segment": sorted_mapping(dict(flag.segment)),
        "severity": flag.severity,
        "direction": flag.direction,
        "window": window_object(flag.window),
        "course": flag.course,
        "start_between": list(flag.start_between) if flag.start_between else None,
        "reference": window_object(flag.reference),
        "observed": {
            "events": flag.observed.events,
            "exposure": flag.observed.exposure,
            "rate": flag.observed.rate,
        },
        "expected": {"rate": flag.expected.rate, "low": flag.expected.low, "high": flag.expected.high},
        "excess_events": flag.excess_events,
        "relative": flag.relative_ratio,
        "q_value": flag.q_value,
        "related": [
            {
                "metric": each.metric,
                "direction": each.direction,
                "observed_rate": each.observed_rate,
                "expected_rate": each.expected_rate,
                "q_value": each.q_value,
            }
            for each in flag.related
        ],
        "daily": [
            {"day": each.day, "observed": each.observed, "expected": each.expected, "low": each.low, "high": each.high}
            for each in flag.daily
        ],
    }


def estimate_object(estimate: Estimate | None) -> Tree | None:
    """A figure with its interval; null when it was not estimated."""
    return None if estimate is None else {"value": estimate.value, "low": estimate.low, "high": estimate.high}


def explanation_object(result: ExplanationResult) -> Tree:
    """A candidate cause, its verdict and its signs."""
    share = result.share_explained
    return {
        "id": result.id,
        "kind": result.kind,
        "title": result.title,
        "status": result.status,
        "verdict": result.verdict,
        "share_explained": None if share is None else share.value,
        "share_low": None if share is None else share.low,
        "share_high": None if share is None else share.high,
        "share_reason": result.share_reason,
        **({"caution": result.caution} if result.caution else {}),
        "placebo": None if result.placebo is None else placebo_object(result.placebo),
        "signs": [evidence_object(each) for each in result.evidence],
        "sources": [
            {"title": each.title, "url": each.url, "year": each.year, "grade": each.grade} for each in result.sources
        ],
        "owner": result.owner,
        "version": result.version,
        "ask": list(result.ask),
        "advice": list(result.advice),
        "text": sorted_mapping(dict(result.text)),
        "where": location(result.where),
    }


def placebo_object(placebo: Placebo) -> Tree:
    """How often it would have explained quiet weeks and other regions."""
    where = {"where": placebo.where} if placebo.where else {}
    return {"rate": placebo.rate, "n": placebo.n, **where}


def evidence_object(evidence: Evidence) -> Tree:
    """The result of one sign."""
    effect = evidence.effect
    return {
        "test": evidence.test,
        "role": evidence.role,
        "result": evidence.result,
        "weight": evidence.weight,
        "effect": None if effect is None else effect.value,
        "low": None if effect is None else effect.low,
        "high": None if effect is None else effect.high,
        "unit": evidence.unit,
        "n": evidence.n,
        "p_value": evidence.p_value,
        "sentence": evidence.sentence,
        "reason": evidence.reason,
        **({"reference": evidence.reference} if evidence.reference else {}),
    }


def accounts_object(accounts: AccountReview) -> Tree:
    """The accounts worth a review."""
    return {
        "review": [
            {"account": each.account, "score": each.score, "reasons": list(each.reasons), "group": each.group}
            for each in accounts.review
        ],
        "share_of_excess": accounts.share_of_excess,
        "reason": accounts.reason,
    }


def journeys_object(journeys: Journeys) -> Tree:
    """Typical journeys, shared by many, or why none is told."""
    return {
        "told": [
            {
                "name": each.name,
                "steps": list(each.steps),
                "customers": each.customers,
                "share": each.share,
                "suspicious": each.is_suspicious,
            }
            for each in journeys.told
        ],
        "reason": journeys.reason,
    }


def money_object(estimate: MoneyEstimate | None, key: str) -> Tree:
    """An amount with its interval under a key; nulls when it was not measured."""
    if estimate is None:
        return {key: None, "low": None, "high": None}
    return {key: estimate.value, "low": estimate.low, "high": estimate.high}


def impact_object(ledger: Ledger) -> Tree:
    """The money of a flag."""
    return {
        "currency": ledger.currency,
        **money_object(ledger.contribution_per_day, "net_per_day"),
        "confidence_level": ledger.confidence_level,
        "aov": order_value_object(ledger.order_value),
        "lines": ledger_lines(ledger),
        "counterfactual": counterfactual_object(ledger.counterfactual),
        "break_even_abuse_share": ledger.break_even_abuse_share,
        "cost_of_acting": ledger.cost_of_acting,
        "cost_of_waiting": ledger.cost_of_waiting_per_day,
        "reason": ledger.reason,
        **ledger_parts(ledger),
    }


def feature_object(feature: FeatureOutcome) -> Tree:
    """A launched feature over all its regions, flagged or not."""
    return {
        "feature": feature.feature,
        "currency": feature.currency,
        **money_object(feature.contribution_per_day, "net_per_day"),
        "judged_days": feature.judged_days,
        "not_known": list(feature.not_known),
        "lines": line_objects(feature.lines),
        "regions": [
            {
                "region": each.region,
                "impact": impact_object(each.ledger),
                "recommendation": recommendation_object(each.recommendation),
                "flags": list(each.flag_ids),
                "accounts": each.accounts,
            }
            for each in feature.regions
        ],
    }


def ledger_lines(ledger: Ledger) -> list[Tree]:
    """The lines of a ledger, the ones that were not measured included, each per day and over the judged days."""
    days = ledger.judged_days
    return [
        {**tree, "of_period": _of_period(line, days)}
        for tree, line in zip(line_objects(ledger.lines), ledger.lines, strict=True)
    ]


def _of_period(line: LedgerLine, days: int) -> Decimal | None:
    """What a line came to over the judged days; null where it has no amount."""
    if line.per_day is None or not days or not line.per_day.value.is_finite():
        return None
    return line.per_day.value * days


def line_objects(lines: Iterable[LedgerLine]) -> list[Tree]:
    """Lines of money as they stand in a ledger."""
    return [
        {
            "id": each.id,
            "title": each.title,
            **money_object(each.per_day, "per_day"),
            "status": each.status,
            "basis": each.basis,
            "within": each.within,
            "immature": each.immature,
            "to_come_share": each.to_come_share,
            "break_even": each.break_even,
        }
        for each in lines
    ]


def order_value_object(value: OrderValue | None) -> Tree | None:
    """Average order value before and after, as placed and as kept."""
    if value is None:
        return None
    placed, kept = value.placed_change_ratio, value.kept_change_ratio
    return {
        "before": value.placed_before,
        "after": value.placed_after,
        "change": placed.value,
        "low": placed.low,
        "high": placed.high,
        "kept": {
            "before": value.kept_before,
            "after": value.kept_after,
            "change": None if kept is None else kept.value,
            "low": None if kept is None else kept.low,
            "high": None if kept is None else kept.high,
        },
    }


def counterfactual_object(counterfactual: Counterfactual | None) -> Tree | None:
    """What the figures are compared with."""
    if counterfactual is None:
        return None
    return {
        "method": counterfactual.method,
        "controls": list(counterfactual.controls),
        "dropped": sorted_mapping(dict(counterfactual.dropped)),
        "before": window_object(counterfactual.before),
        "after": window_object(counterfactual.after),
        "sentence": counterfactual.sentence,
        "not_used": sorted_mapping(dict(counterfactual.not_used)),
        "placebo_regions": _counted(counterfactual.placebo_regions),
        "placebo_dates": _counted(counterfactual.placebo_dates),
        "exposed_share": counterfactual.exposed_share,
    }


def _counted(placebo: tuple[int, int] | None) -> Tree | None:
    """How many placebos moved as far, and how many there were."""
    return None if placebo is None else {"as_far": placebo[0], "looked_at": placebo[1]}


def recommendation_object(recommendation: Recommendation) -> Tree:
    """What to do, why, and what would change it."""
    return {
        "action": recommendation.action,
        "scope": recommendation.scope,
        "confidence": recommendation.confidence,
        "rule": recommendation.rule,
        "reasons": list(recommendation.reasons),
        "would_change_if": list(recommendation.would_change_if),
        "ask": list(recommendation.ask),
        "advice": list(recommendation.advice),
        "where": location(recommendation.where),
        "outlook": outlook_object(recommendation.outlook),
    }
