"""Reads regions/_calendars/*.yaml: named lists of commercial and movable days that norms refer to by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from contextcheck.knowledge.day_rules import check_day_text, without_margin
from contextcheck.knowledge.entries import Certainty
from contextcheck.yamlio.document import MapNode, read_file
from contextcheck.yamlio.fields import Fields

if TYPE_CHECKING:
    from contextcheck.errors import Location, Problem
    from contextcheck.knowledge.source_files import SourceFile

CERTAINTIES: tuple[Certainty, ...] = get_args(Certainty)


@dataclass(frozen=True, slots=True)
class Calendar:
    """A named list of days.

    Attributes:
        days: Texts as in `contextcheck.knowledge.day_rules`, estimated ones with their margin.
        certainty: Of the least certain of its days.
    """

    id: str
    title: str
    days: tuple[str, ...]
    certainty: Certainty
    source: str
    where: Location


def read_calendars(sources: list[SourceFile], problems: list[Problem]) -> dict[str, Calendar]:
    """Give every calendar by name; a later file overrides an earlier one."""
    calendars: dict[str, Calendar] = {}
    for source in sources:
        root, found = read_file(source.path, "KB", shown_as=source.shown)
        problems.extend(found)
        if not isinstance(root, MapNode):
            continue
        top = Fields(root, problems, "KB")
        for fields in top.mappings("calendars", required=True):
            calendar = _calendar(fields)
            calendars[calendar.id] = calendar
        top.finish()
    return calendars


DATED = ("days", "announced", "estimated")
"""Keys that list days: known from the past or by rule, announced by whoever sets them, or estimated."""
USUAL_MARGIN_DAYS = 1
MAX_MARGIN_DAYS = 14


def _days(fields: Fields) -> tuple[str, ...]:
    """All days of a calendar; estimated ones carry by how much they may be off."""
    if not any(fields.has(key) for key in DATED):
        fields.problem("101", fields.where, '"days" is missing; list days, announced or estimated ones')
    margin = fields.whole("margin_days", USUAL_MARGIN_DAYS, low=1, high=MAX_MARGIN_DAYS)
    estimated = tuple(f"{text} ±{margin}" for text in fields.texts("estimated"))
    return (*fields.texts("days"), *fields.texts("announced"), *estimated)


def _certainty(fields: Fields) -> Certainty:
    given = fields.choice("certainty", CERTAINTIES, "observed")
    if fields.has("estimated"):
        return "estimated"
    return "announced" if fields.has("announced") and given == "observed" else given


def _calendar(fields: Fields) -> Calendar:
    calendar = Calendar(
        id=fields.text("id", required=True),
        title=fields.text("title", required=True),
        days=_days(fields),
        certainty=_certainty(fields),
        source=fields.text("source", required=True),
        where=fields.where,
    )
    for text in calendar.days:
        fault = check_day_text("dates", text)
        if fault:
            fields.problem("106", _place(fields, text), fault)
    fields.finish()
    return calendar


def _place(fields: Fields, text: str) -> Location:
    """Where a day text stands."""
    wanted = without_margin(text)
    return next((fields.place(key) for key in DATED if wanted in fields.texts(key)), fields.where)
