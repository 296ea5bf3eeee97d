"""`contextcheck explain`: one flag with every candidate cause and every sign."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from contextcheck.cli.options import ShowIds
from contextcheck.cli.output import give, show_options
from contextcheck.cli.report import load_findings


def explain(
    flag: Annotated[str, typer.Argument(help="Id of the flag, such as KR-cancel_rate-2026-03-03.")],
    findings: Annotated[Path, typer.Option("--findings", help="Findings file that scan wrote.")] = Path(
        "findings.json"
    ),
    show_ids: ShowIds = False,
) -> None:
    """Show everything that was tested about one flag: every explanation, sign, reference and source."""
    from contextcheck.report.interface import render

    investigation = load_findings(findings, flag)
    give(render(investigation, "detail", show_options(show_ids=show_ids)))
