"""Typical journeys as sentences, the same for every format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contextcheck.records import Journey, Journeys
from contextcheck.report import words
from contextcheck.report.words import clean

if TYPE_CHECKING:
    from contextcheck.report.json_node import JsonNode

TITLE = "Typical journeys"


@dataclass(frozen=True, slots=True)
class JourneysStory:
    """The journeys around a flag; `reason` says why there are none."""

    told: tuple[JourneyLine, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class JourneyLine:
    """One journey: how many share it, and what they do."""

    who: str
    what: str
    is_suspicious: bool


def journeys_story(journeys: Journeys) -> JourneysStory:
    """Tell the journeys; how many customers share each stands beside it."""
    return JourneysStory(tuple(_line(each) for each in journeys.told), clean(journeys.reason))


def _line(journey: Journey) -> JourneyLine:
    of_whom = "of the accounts worth a review" if journey.is_suspicious else "of the customers"
    share = f", {words.share(journey.share)} {of_whom}" if journey.share >= 0.05 else ""
    name = clean(journey.name)
    return JourneyLine(
        who=f"{name[:1].upper()}{name[1:]} ({words.number(journey.customers)} or more alike{share})",
        what=", ".join(clean(step) for step in journey.steps),
        is_suspicious=journey.is_suspicious,
    )


def journeys_from(node: JsonNode | None) -> Journeys:
    """The journeys of a findings file; none when it was written before they were told."""
    if node is None:
        return Journeys()
    told = tuple(
        Journey(
            name=each.text("name"),
            steps=each.texts("steps"),
            customers=each.whole("customers"),
            share=each.number("share"),
            is_suspicious=each.child("suspicious").tree is True,
        )
        for each in node.items("told")
    )
    return Journeys(told, node.text("reason", ""))
