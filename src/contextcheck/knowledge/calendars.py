"""Reads regions/_calendars/*.yaml: named lists of commercial and movable days that norms refer to by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from contextcheck.knowledge.day_rules import check_day_text
from contextcheck.knowledge.entries import Certainty
from contextcheck.yamlio.document import MapNode, read_file
from contextcheck.yamlio.fields import Fields

if TYPE_CHECKING:
    from contextcheck.errors import Location, Problem
    from contextcheck.knowledge.source_files import SourceFile

CERTAINTIES: tuple[Certainty, ...] = get_args(Certainty)


@dataclass(frozen=True, slots=True)
class Calendar:
    """A named list of days; `days` are texts as in `contextcheck.knowledge.day_rules`."""

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


def _calendar(fields: Fields) -> Calendar:
    calendar = Calendar(
        id=fields.text("id", required=True),
        title=fields.text("title", required=True),
        days=fields.texts("days", required=True),
        certainty=fields.choice("certainty", CERTAINTIES, "observed"),
        source=fields.text("source", required=True),
        where=fields.where,
    )
    for text in calendar.days:
        fault = check_day_text("dates", text)
        if fault:
            fields.problem("106", fields.place("days"), fault)
    fields.finish()
    return calendar
