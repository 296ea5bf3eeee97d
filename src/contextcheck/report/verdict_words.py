"""The decision of a gate in words: a region's sentence, the summary, and the exit code that goes with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contextcheck.errors import ExitCode
from contextcheck.report import words
from contextcheck.report.words import clean

if TYPE_CHECKING:
    from contextcheck.records import Decision, ExplanationResult, GateVerdict, Ledger, Reason, RegionVerdict

EXIT_CODES: dict[Decision, ExitCode] = {"pass": ExitCode.PASS, "hold": ExitCode.HOLD, "roll-back": ExitCode.ACT}
DECISION_WORDS: dict[Decision, str] = {"pass": "pass", "hold": "hold", "roll-back": "roll back"}
DECISION_MARKS: dict[Decision, str] = {"pass": "✓", "hold": "–", "roll-back": "✗"}


def exit_code_of(verdict: GateVerdict) -> int:
    """The exit code of a verdict: what the command line made of it, or what goes with its decision."""
    return int(EXIT_CODES[verdict.decision]) if verdict.exit_code is None else verdict.exit_code


def region_sentence(verdict: RegionVerdict) -> str:
    """The decision's figures and reasons in one line."""
    reasons = [clean(each) for each in verdict.reasons]
    parts = (
        reasons if any("contribution" in each for each in reasons) else [contribution_words(verdict.ledger), *reasons]
    )
    holding = explained_words(verdict.explanations)
    if holding and not any(holding in each for each in reasons):
        parts.append(holding)
    if verdict.accounts.review:
        parts.append(f"{words.counted(len(verdict.accounts.review), 'account')} worth a review")
    return "; ".join(dict.fromkeys(parts))


def contribution_words(ledger: Ledger) -> str:
    """What the feature is worth per day; or why that is not known."""
    estimate = ledger.contribution_per_day
    if estimate is None or not estimate.value.is_finite():
        reason = clean(ledger.reason)
        return "contribution not known" + (f" ({reason})" if reason else "")
    return f"contribution {words.money_between(estimate, ledger.currency)} a day"


def explained_words(explanations: tuple[ExplanationResult, ...]) -> str:
    """Which entry explains it, in which version; says it when none of the tested ones holds."""
    holding = [each for each in explanations if each.verdict in ("supported", "partly")]
    if holding:
        names = [clean(each.id) + (f"@{clean(each.version)}" if each.version else "") for each in holding]
        return f"explained by {words.listed(names, 3)}"
    return f"no explanation holds ({words.number(len(explanations))} tested)" if explanations else ""


def summary_sentence(verdict: GateVerdict) -> str:
    """The decision on the feature, in which regions, and the exit code."""
    code = f"exit {exit_code_of(verdict)}"
    if verdict.is_dry_run:
        code = f"dry run: would exit {verdict.would_exit}, exit {exit_code_of(verdict)}"
    rolled = [clean(each.region) for each in verdict.regions if each.decision == "roll-back"]
    held = [clean(each.region) for each in verdict.regions if each.decision == "hold"]
    decision = DECISION_WORDS[verdict.decision]
    if rolled:
        only = " only" if len(rolled) < len(verdict.regions) else ""
        decision = f"roll back in {words.listed(rolled)}{only}"
        if held:
            decision += f", hold in {words.listed(held)}"
    elif held:
        decision = f"hold in {words.listed(held)}"
    known = sum(each.is_known for each in verdict.regions)
    used = sum(bool(each.exception) for each in verdict.regions)
    aside = [f"{known} known from the baseline"] if known else []
    aside += [f"{words.counted(used, 'exception')} used"] if used else []
    decision += f", {', '.join(aside)}" if aside else ""
    regions = words.counted(len(verdict.regions), "market")
    risk = f"chance of rolling back a harmless feature at most {words.percent(verdict.alpha)}"
    day = words.day_text(verdict.as_of, with_year=True)
    return f"{clean(verdict.feature)}: {decision} ({code}) · {regions} judged as of {day} · {risk}"


def figures_words(reason: Reason) -> str:
    """The figures behind a reason that its sentence does not give, in square brackets; empty when there are none."""
    told = []
    if reason.value is not None:
        told.append(f"value {_figure(reason.value)}")
    if reason.bound is not None:
        told.append(f"bound {_figure(reason.bound)}")
    if reason.limit is not None:
        told.append(f"limit {_figure(reason.limit)}")
    if reason.n:
        told.append(f"n {words.number(reason.n)}")
    if reason.flag and reason.flag not in reason.text:
        told.append(f"flag {clean(reason.flag)}")
    return f"  [{', '.join(told)}]" if told else ""


def _figure(value: float) -> str:
    size = abs(value)
    text = f"{size:,.0f}" if size >= 100 else f"{size:.3g}"
    return f"−{text}" if value < 0 and text != "0" else text
