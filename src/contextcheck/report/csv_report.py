"""One row per flag, for a spreadsheet; nothing in a cell can run as a formula."""

from __future__ import annotations

import csv
from decimal import Decimal
from io import StringIO
from typing import TYPE_CHECKING

from contextcheck.report.features import ACTION_WORDS
from contextcheck.report.plain import money_text
from contextcheck.report.story import story_of
from contextcheck.report.words import clean, is_known

if TYPE_CHECKING:
    from contextcheck.records import Finding, Investigation
    from contextcheck.report.interface import ShowOptions

COLUMNS = (
    "flag",
    "region",
    "region_name",
    "metric",
    "segment",
    "severity",
    "start",
    "end",
    "days",
    "open",
    "course",
    "start_earliest",
    "start_latest",
    "observed_rate",
    "expected_rate",
    "expected_low",
    "expected_high",
    "excess_events",
    "relative",
    "q_value",
    "best_explanation",
    "verdict",
    "share_explained",
    "unexplained_share",
    "currency",
    "net_per_day",
    "net_low",
    "net_high",
    "aov_change",
    "accounts_to_review",
    "action",
    "scope",
    "confidence",
    "reasons",
    "would_change_if",
)

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "|", "%")


def render_csv(investigation: Investigation, options: ShowOptions) -> str:  # noqa: ARG001
    """Give a table with one row per flag; figures as plain numbers, shares from 0 to 1, empty where not known."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for finding in investigation.findings:
        writer.writerow([_cell(each) for each in _row(finding, investigation)])
    return out.getvalue()


def _row(finding: Finding, investigation: Investigation) -> list[object]:
    story = story_of(finding, investigation)
    best = story.causes[0] if story.causes and story.causes[0].holds else None
    return [
        *_flag_cells(finding, story.region_name, story.segment),
        best.title if best else "",
        best.verdict_words if best else "no explanation holds",
        best.share_value if best else None,
        finding.explained.unexplained_share.value if finding.explained.unexplained_share else None,
        *_money_cells(finding),
        len(finding.explained.accounts.review),
        ACTION_WORDS[finding.recommendation.action],
        story.action.scope,
        finding.recommendation.confidence,
        "; ".join(story.action.reasons),
        "; ".join(story.action.would_change_if),
    ]


def _flag_cells(finding: Finding, region_name: str, segment: str) -> list[object]:
    flag = finding.flag
    return [
        clean(flag.id),
        clean(flag.region),
        region_name,
        clean(flag.metric),
        segment,
        flag.severity,
        flag.window.start.isoformat(),
        flag.window.end.isoformat(),
        flag.window.days,
        "yes" if flag.window.is_open else "no",
        flag.course,
        *(day.isoformat() for day in flag.start_between or (flag.window.start, flag.window.start)),
        flag.observed.rate,
        flag.expected.rate,
        flag.expected.low,
        flag.expected.high,
        flag.excess_events,
        flag.relative_ratio,
        flag.q_value,
    ]


def _money_cells(finding: Finding) -> list[object]:
    ledger = finding.ledger
    estimate, value = ledger.contribution_per_day, ledger.order_value
    amounts: list[Decimal | None] = [estimate.value, estimate.low, estimate.high] if estimate else [None] * 3
    return [clean(ledger.currency), *amounts, value.placed_change_ratio.value if value else None]


def _cell(value: object) -> str:
    """A cell's text; a text that a spreadsheet would read as a formula gets an apostrophe in front."""
    if value is None:
        return ""
    if isinstance(value, str):
        text = clean(value)
        return f"'{text}" if text.startswith(FORMULA_STARTS) else text
    if isinstance(value, Decimal):
        return money_text(value) if is_known(value) else ""
    if isinstance(value, float):
        return f"{value:.10g}" if is_known(value) else ""
    return str(value)
