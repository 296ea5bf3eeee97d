"""Explanations on estimated dates: less weight for what they say about the calendar, and a sentence that says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from explain_worlds import WINDOW, quiet, sign, with_padding
from test_investigate import PADDING, explained

from contextcheck.explain.uncertain_dates import weakened
from contextcheck.knowledge.entries import When
from contextcheck.report.causes import cause_stories
from contextcheck.report.findings_read import explanation_from
from contextcheck.report.findings_write import explanation_object
from contextcheck.report.json_node import JsonNode


@pytest.fixture(scope="module")
def frame():
    return with_padding(quiet(1), 1)


def on(text: str):
    return replace(PADDING, when=When("dates", (text,)))


def result_on(frame, text: str):
    (found,) = explained(frame, (on(text),)).explanations
    return found


def test_a_known_date_has_no_caution(frame):
    found = result_on(frame, f"{WINDOW.start}..{WINDOW.end}")
    assert (found.verdict, found.caution) == ("supported", "")


def test_an_estimated_date_inside_the_flag_is_said(frame):
    found = result_on(frame, f"{WINDOW.start}..{WINDOW.end} ±2")
    assert found.verdict == "supported"
    assert "estimated and were widened by 2 days on each side" in found.caution and "weak" in found.caution


def test_a_flag_that_meets_the_days_only_by_the_margin_holds_in_part_at_most(frame):
    day_after = WINDOW.end + timedelta(days=2)
    found = result_on(frame, f"{day_after} ±2")
    assert found.verdict == "partly" and "holds in part at most" in found.caution
    # the report says it beside the signs, and the findings file keeps it
    (story,) = cause_stories((found,))
    assert any("widened by 2 days" in line.text and line.mark == "open" for line in story.signs)
    assert explanation_from(JsonNode(explanation_object(found), "x")).caution == found.caution


def test_signs_about_the_calendar_count_as_weak_and_others_stay():
    entry = replace(PADDING, signs=(sign("calendar"), sign("recurrence"), sign("kept_share")))
    assert [each.weight for each in weakened(entry).signs] == ["weak", "weak", "strong"]
