"""Problems of definition files as SARIF 2.1.0, which code hosts show beside the line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contextcheck.errors import place_of
from contextcheck.report.plain import to_json
from contextcheck.report.words import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contextcheck.errors import Problem, Severity

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "note"}


def render_sarif(problems: Sequence[Problem], version: str) -> str:
    """Give problems as one SARIF run.

    Args:
        problems: What was found; `where` is "path:line:column", "path:line" or "path".
        version: Version of contextcheck.
    """
    codes = sorted({each.code for each in problems})
    driver = {
        "name": "contextcheck",
        "semanticVersion": version,
        "rules": [{"id": code, "shortDescription": {"text": code}} for code in codes],
    }
    results = [_result(each, codes.index(each.code)) for each in problems]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    text = to_json({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})
    # SARIF allows no further keys at the top.
    return text.replace(',\n "not_known": []\n}', "\n}")


def _result(problem: Problem, rule_index: int) -> dict[str, object]:
    return {
        "ruleId": problem.code,
        "ruleIndex": rule_index,
        "level": LEVELS[problem.severity],
        "message": {"text": clean(problem.message)},
        "locations": [{"physicalLocation": _place(problem.where)}],
    }


def _place(where: str) -> dict[str, object]:
    found = place_of(where)
    place: dict[str, object] = {"artifactLocation": {"uri": _uri(found.path)}}
    if found.line:
        place["region"] = {"startLine": found.line, "startColumn": found.column or 1}
    return place


def _uri(path: str) -> str:
    from urllib.parse import quote

    return quote(path.replace("\\", "/"), safe="/:", errors="surrogateescape")
