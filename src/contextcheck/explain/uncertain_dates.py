"""Explanations that rest on estimated dates: they are tested with less weight, and the result says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contextcheck.knowledge.dates import Uncertain
    from contextcheck.knowledge.entries import Entry
    from contextcheck.records import Explained, ExplanationResult, Window

ABOUT_DATES = frozenset({"calendar", "recurrence"})


def weakened(entry: Entry) -> Entry:
    """Give an entry whose signs about the calendar count as weak: the days they compare are not certain."""
    signs = tuple(replace(sign, weight="weak") if sign.test in ABOUT_DATES else sign for sign in entry.signs)
    return replace(entry, signs=signs)


def with_cautions(explained: Explained, unsure: Mapping[str, Uncertain], window: Window) -> Explained:
    """Give the same with a sentence for each explanation that rests on estimated dates.

    Where the flag meets the named days only because they were widened, an explanation holds in part at most.
    """
    results = tuple(
        _cautious(each, unsure[each.id], window) if each.id in unsure else each for each in explained.explanations
    )
    return replace(explained, explanations=results)


def _cautious(result: ExplanationResult, unsure: Uncertain, window: Window) -> ExplanationResult:
    count = unsure.margin_days
    widened = f"its dates are estimated and were widened by {count} {'day' if count == 1 else 'days'} on each side"
    days = {window.start + timedelta(days=number) for number in range(window.days)}
    meets_only_the_margin = not (days & unsure.days) - unsure.only_by_margin
    caution = f"{widened}, so what it says about the calendar counts as weak"
    if meets_only_the_margin and result.verdict in ("supported", "partly"):
        caution = f"{widened}, and the flag meets them only so: it holds in part at most"
        return replace(result, verdict="partly", caution=caution)
    return replace(result, caution=caution)
