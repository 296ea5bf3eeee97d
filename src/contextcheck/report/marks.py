"""The marks of verdicts and signs, the same in every format."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contextcheck.records import Verdict
    from contextcheck.report.causes import Mark

VERDICT_MARKS: dict[Verdict, str] = {
    "supported": "●",
    "partly": "◐",
    "contradicted": "○",
    "not_testable": "◌",
    "too_flexible": "○",
}
SIGN_MARKS: dict[Mark, str] = {"yes": "✓", "no": "✗", "open": "–"}
