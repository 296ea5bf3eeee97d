"""verdict.json: what the gate decided, why, and everything that is needed to decide it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contextcheck.report.findings_write import (
    accounts_object,
    explanation_object,
    ledger_lines,
    money_object,
    problem_objects,
    recommendation_object,
    run_object,
)
from contextcheck.report.plain import to_json
from contextcheck.report.privacy import Pseudonym
from contextcheck.report.verdict_words import exit_code_of, summary_sentence

if TYPE_CHECKING:
    from contextcheck.records import GateException, GateFigures, GateVerdict, Guardrail, Reason, RegionVerdict
    from contextcheck.report.interface import ShowOptions

SCHEMA = "contextcheck/verdict/1"
Tree = dict[str, object]


def verdict_json(verdict: GateVerdict, options: ShowOptions) -> str:
    """Give verdict.json: ASCII, days as ISO 8601, money as decimal text, the same bytes for the same verdict."""
    listed = [each.account for region in verdict.regions for each in region.accounts.review]
    plain = options.show_ids and not any(isinstance(account, Pseudonym) for account in listed)
    return to_json(
        {
            "schema": SCHEMA,
            "feature": verdict.feature,
            "decision": verdict.decision,
            "exit_code": exit_code_of(verdict),
            "dry_run": verdict.is_dry_run,
            "would_exit": verdict.would_exit,
            "as_of": verdict.as_of,
            "alpha": verdict.alpha,
            "input": verdict.input_kind,
            "summary": summary_sentence(verdict),
            "regions": [_region_object(each) for each in verdict.regions],
            "off": [each.region for each in verdict.regions if each.decision == "roll-back"],
            "known": [each.region for each in verdict.regions if each.is_known],
            "exceptions": [_exception_object(each, verdict) for each in verdict.exceptions],
            "account_ids": "plain" if plain else "pseudonyms",
            "problems": problem_objects(verdict.problems),
            "evidence_pack": {**run_object(verdict.run), "asked": dict(verdict.asked)},
        }
    )


def _region_object(verdict: RegionVerdict) -> Tree:
    ledger = verdict.ledger
    return {
        "region": verdict.region,
        "decision": verdict.decision,
        "without_context": verdict.without_context,
        "known": verdict.is_known,
        "exception": verdict.exception,
        "recommendation": recommendation_object(verdict.recommendation),
        "figures": _figures_object(verdict.figures),
        "lines": [_reason_object(each) for each in verdict.lines],
        "guardrails": [_guardrail_object(each) for each in verdict.guardrails],
        "impact": {
            "currency": ledger.currency,
            **money_object(ledger.contribution_per_day, "contribution_per_day"),
            "confidence_level": ledger.confidence_level,
            "lines": ledger_lines(ledger),
            "reason": ledger.reason,
        },
        "explanations": [explanation_object(each) for each in verdict.explanations],
        "accounts": accounts_object(verdict.accounts),
        "reasons": list(verdict.reasons),
        "flags": list(verdict.flag_ids),
    }


def _figures_object(found: GateFigures | None) -> Tree | None:
    if found is None:
        return None
    return {
        "metric": found.metric,
        "unit": found.unit,
        "currency": found.currency,
        "days": found.days,
        "mean": found.mean,
        "upper": found.upper,
        "upper_now": found.upper_now,
        "lower": found.lower,
        "recent": found.recent,
        "break_even": found.break_even,
        "alpha": found.alpha,
        "roll_back_days": found.roll_back_days,
        "level_per_day": found.level_per_day,
        "harm_since_day": found.harm_since_day,
    }


def _reason_object(reason: Reason) -> Tree:
    return {
        "kind": reason.kind,
        "text": reason.text,
        "metric": reason.metric,
        "value": reason.value,
        "bound": reason.bound,
        "limit": reason.limit,
        "n": reason.n,
        "unit": reason.unit,
        "flag": reason.flag,
        "speaks_for": reason.speaks_for,
        "entry": reason.entry,
        "evidence": list(reason.evidence),
    }


def _guardrail_object(found: Guardrail) -> Tree:
    return {
        "metric": found.metric,
        "worse": found.direction,
        "margin": found.margin,
        "change": found.change,
        "bound": found.bound,
        "days": found.n,
        "state": found.state,
        "reason": found.reason,
    }


def _exception_object(each: GateException, verdict: GateVerdict) -> Tree:
    return {
        "regions": list(each.regions),
        "metrics": list(each.metrics),
        "owner": each.owner,
        "reason": each.reason,
        "expires": each.expires,
        "is_used": any(each.where in region.exception for region in verdict.regions if region.exception),
        "where": each.where,
    }
