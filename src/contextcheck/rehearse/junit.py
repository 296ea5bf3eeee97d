"""Results of examples as JUnit XML, which CI servers show as a list of tests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from contextcheck.errors import place_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contextcheck.rehearse.examples import Outcome

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_junit(outcomes: Sequence[Outcome]) -> str:
    """Give one test case per example or broken file; what is broken is an error, another verdict a failure."""
    failures = sum(not each.has_passed and each.found != "broken" for each in outcomes)
    errors = sum(each.found == "broken" for each in outcomes)
    head = f'<testsuite name="contextcheck norms" tests="{len(outcomes)}" failures="{failures}" errors="{errors}">'
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', head, *(_case(each) for each in outcomes), "</testsuite>"]
    return "\n".join(lines) + "\n"


def _case(outcome: Outcome) -> str:
    name, group = quoteattr(_clean(outcome.example)), quoteattr(_clean(outcome.entry))
    where = place_of(outcome.where)
    place = f' file={quoteattr(_clean(where.path))} line="{where.line}"'
    start = f'  <testcase classname={group} name={name}{place} time="{outcome.seconds:.2f}"'
    if outcome.has_passed:
        return start + "/>"
    kind = "error" if outcome.found == "broken" else "failure"
    played = f" for {outcome.data}" if outcome.data else ""
    message = quoteattr(_clean(f"{outcome.found} instead of {outcome.expected}{played}"))
    return f"{start}>\n    <{kind} message={message}>{escape(_clean(outcome.reason))}</{kind}>\n  </testcase>"


def _clean(text: str) -> str:
    return _NOT_XML.sub(" ", text)
