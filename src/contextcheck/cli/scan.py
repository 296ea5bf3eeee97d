"""`contextcheck scan`: flags with explanations, money and a recommendation."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contextcheck.cli.options import (
    AsOf,
    CurrencyCode,
    MapName,
    OrdersPaths,
    QuarantineFolder,
    Seed,
    SettingsPath,
    SetValues,
    ShowIds,
    TableName,
    TimeZone,
    as_day,
    settings_from,
)
from contextcheck.cli.output import check_place, give, progress, say, say_when_ahead, show_options, write_whole
from contextcheck.errors import ExitCode

if TYPE_CHECKING:
    from contextcheck.records import Investigation


class Format(StrEnum):
    """How results are written."""

    terminal = "terminal"
    json = "json"
    markdown = "markdown"
    html = "html"
    csv = "csv"


class FailOn(StrEnum):
    """What makes scan and report end with exit code 1."""

    never = "never"
    flag = "flag"
    act = "act"
    roll_back = "roll-back"


FormatOption = Annotated[Format, typer.Option("--format", "-f", help="How the result is written to standard output.")]
FailOnOption = Annotated[FailOn, typer.Option("--fail-on", help="End with exit code 1 when this is found.")]


def scan(
    orders: OrdersPaths = None,
    settings: SettingsPath = None,
    set_values: SetValues = None,
    map_name: MapName = "",
    currency: CurrencyCode = "",
    timezone: TimeZone = "",
    table: TableName = "",
    as_of: AsOf = None,
    seed: Seed = 0,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Findings file; - for none.")] = Path("findings.json"),
    format: FormatOption = Format.terminal,  # noqa: A002 the option's public name
    fail_on: FailOnOption = FailOn.never,
    quarantine: QuarantineFolder = Path("quarantine"),
    show_ids: ShowIds = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress on standard error.")] = False,
) -> None:
    """Search orders for unusual behaviour; test what could explain it; weigh the money; recommend.

    The result goes to standard output and, as findings JSON, to the file that --out names.
    """
    told = settings_from(
        orders, settings, set_values, map_name=map_name, currency=currency, timezone=timezone, table=table
    )
    if out is not None and str(out) != "-":
        check_place(out)
    with progress(is_quiet=quiet) as step:
        from contextcheck.pipeline import investigate
        from contextcheck.report.interface import render

        investigation = investigate(told, as_of=as_day(as_of), seed=seed, quarantine_folder=quarantine, progress=step)
    say_when_ahead(investigation.run.as_of)
    options = show_options(show_ids=show_ids, key_env=told.privacy.pseudonym_key_env)
    give(render(investigation, format.value, options))
    if out is not None and str(out) != "-":
        write_whole(out, render(investigation, "json", options))
        if format is Format.terminal and not quiet:
            say(f"findings written to {out}; full story: contextcheck report {out} --format html --out report.html")
    raise typer.Exit(exit_code_of(investigation, fail_on))


def exit_code_of(investigation: Investigation, fail_on: FailOn) -> int:
    """0, or 1 when what --fail-on names was found."""
    actions = {finding.recommendation.action for finding in investigation.findings}
    wanted = {
        FailOn.never: False,
        FailOn.flag: bool(actions),
        FailOn.act: bool(actions & {"act-on-accounts", "fix", "roll-back"}),
        FailOn.roll_back: "roll-back" in actions,
    }
    return int(ExitCode.ACT if wanted[fail_on] else ExitCode.PASS)
