"""The findings file: everything a scan found, as versioned JSON that can be read back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from contextcheck.errors import InputError, Problem
from contextcheck.report.findings_read import investigation_from
from contextcheck.report.findings_write import (
    feature_object,
    finding_object,
    launch_object,
    problem_objects,
    run_object,
)
from contextcheck.report.json_node import JsonNode
from contextcheck.report.outlook_json import market_object
from contextcheck.report.plain import to_json
from contextcheck.report.privacy import Pseudonym

if TYPE_CHECKING:
    from contextcheck.records import Investigation
    from contextcheck.report.interface import ShowOptions

SCHEMA = "contextcheck/findings/1"


def render_json(investigation: Investigation, options: ShowOptions) -> str:
    """Give the findings file: ASCII, days as ISO 8601, money as decimal text, the same bytes for the same findings."""
    return to_json(
        {
            "schema": SCHEMA,
            "run": run_object(investigation.run),
            "orders": investigation.orders,
            "regions": list(investigation.regions),
            "region_names": dict(sorted(investigation.region_names.items())),
            "launches": [launch_object(each) for each in investigation.launches],
            "metrics": [
                {"id": each.id, "title": each.title, "kind": each.kind, "unit": each.unit}
                for _, each in sorted(investigation.metrics.items())
            ],
            "unavailable": [
                {
                    "name": each.name,
                    "title": each.title,
                    "missing_columns": list(each.missing_columns),
                    "reason": each.reason,
                }
                for each in investigation.unavailable
            ],
            "account_ids": _account_ids(investigation, options),
            "problems": problem_objects(investigation.problems),
            "flags": [finding_object(each) for each in investigation.findings],
            "features": [feature_object(each) for each in investigation.features],
            "markets": [market_object(each) for each in investigation.markets],
        }
    )


def _account_ids(investigation: Investigation, options: ShowOptions) -> str:
    listed = [each.account for finding in investigation.findings for each in finding.explained.accounts.review]
    plain = options.show_ids and not any(isinstance(account, Pseudonym) for account in listed)
    return "plain" if plain else "pseudonyms"


def read_findings(text: str, name: str) -> Investigation:
    """Read back a findings file, so that it can be shown in another format.

    Args:
        text: What `render_json` wrote; further keys are ignored.
        name: How the file is called in messages.

    Raises:
        InputError: When the text is no findings file of this version; names the place and what to do.
    """
    try:
        tree = json.loads(text)
    except json.JSONDecodeError as error:
        place = f"{name}:{error.lineno}:{error.colno}"
        raise InputError(Problem("RP201", place, f"{_broken(text, error)}; write the findings again")) from error
    except RecursionError as error:
        raise InputError(Problem("RP201", name, "this is nested too deeply for a findings file")) from error
    _check_schema(tree, name)
    return investigation_from(JsonNode(tree, name))


def _broken(text: str, error: json.JSONDecodeError) -> str:
    if not text.strip():
        return "the file is empty"
    if error.pos >= len(text.rstrip()) - 1 or error.msg.startswith("Unterminated"):
        return "the file ends in the middle: it was cut off while it was written or copied"
    return f"this is not JSON ({error.msg})"


def _check_schema(tree: object, name: str) -> None:
    found = tree.get("schema") if isinstance(tree, dict) else None
    if found == SCHEMA:
        return
    if isinstance(found, str) and found.startswith("contextcheck/findings/"):
        message = f'the file is written as "{found}", this version reads "{SCHEMA}"; scan again with this version'
    elif found == "contextcheck/verdict/1":
        message = "this is the verdict of a gate, not a findings file; give the file that scan wrote"
    else:
        message = f'there is no "schema": "{SCHEMA}" in it; give the file that scan wrote with --format json'
    raise InputError(Problem("RP202", name, message))
