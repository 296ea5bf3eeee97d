"""`contextcheck scan`: flags with explanations, money and a recommendation."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contextcheck.cli.options import (
    AsOf,
    CurrencyCode,
    DirectionOption,
    MapName,
    OrdersPaths,
    PanelPath,
    QuarantineFolder,
    Seed,
    SettingsPath,
    SetValues,
    ShowIds,
    Since,
    TableName,
    TimeZone,
    as_day,
    as_direction,
    as_since,
    check_panel_options,
    input_files,
    panel_path,
    settings_from,
)
from contextcheck.cli.output import check_places, give, progress, say, say_when_ahead, show_options, write_whole
from contextcheck.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from contextcheck.knowledge.metrics import DetectionRule
    from contextcheck.panel.table import Panel
    from contextcheck.records import Investigation
    from contextcheck.settings import Settings


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
    panel: PanelPath = "",
    direction: DirectionOption = None,
    as_of: AsOf = None,
    since: Since = "",
    seed: Seed = 0,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Findings file; - for none.")] = Path("findings.json"),
    flags_csv: Annotated[
        Path | None,
        typer.Option(
            "--flags-csv",
            help="Also write region, metric, date, flag, score for every day and series.",
            show_default=False,
        ),
    ] = None,
    format: FormatOption = Format.terminal,  # noqa: A002 the option's public name
    fail_on: FailOnOption = FailOn.never,
    quarantine: QuarantineFolder = Path("quarantine"),
    show_ids: ShowIds = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress on standard error.")] = False,
) -> None:
    """Search orders for unusual behaviour; test what could explain it; weigh the money; recommend.

    With --panel, sums that were counted elsewhere are searched; explanations and money need orders.
    The result goes to standard output and, as findings JSON, to the file that --out names.
    """
    check_panel_options(panel, orders, direction, since)
    judged_from = as_since(since)
    told = settings_from(
        orders,
        settings,
        set_values,
        map_name=map_name,
        currency=currency,
        timezone=timezone,
        table=table,
        needs_orders=not panel,
    )
    written = [path for path in (out if str(out) != "-" else None, flags_csv) if path is not None]
    check_places(written, input_files(told, settings, panel))
    with progress(is_quiet=quiet) as step:
        from contextcheck import panel_scan, pipeline
        from contextcheck.report.interface import render

        day = as_day(as_of)
        if panel:
            path = panel_path(panel, told.folder)
            wanted = as_direction(direction)
            counted = panel_scan.study_panel(
                told, path, direction=wanted, as_of=day, since=judged_from, seed=seed, progress=step
            )
            investigation = panel_scan.investigation_of_panel(counted)
            searched = (counted.panel, counted.rules, counted.since)
        else:
            done = pipeline.study(told, as_of=day, seed=seed, quarantine_folder=quarantine, progress=step)
            investigation = pipeline.investigation_of(done, progress=step)
            searched = (done.panel, done.base.detection_rules, None)
        if flags_csv is not None:
            step("writing every day of every series")
            write_whole(flags_csv, _flags_text(*searched, told, seed))
    say_when_ahead(investigation.run.as_of)
    options = show_options(show_ids=show_ids, key_env=told.privacy.pseudonym_key_env)
    give(render(investigation, format.value, options))
    if out is not None and str(out) != "-":
        write_whole(out, render(investigation, "json", options))
        if format is Format.terminal and not quiet:
            say(f"findings written to {out}; full story: contextcheck report {out} --format html --out report.html")
    raise typer.Exit(exit_code_of(investigation, fail_on))


def _flags_text(panel: Panel, rules: Sequence[DetectionRule], since: date | None, told: Settings, seed: int) -> str:
    from contextcheck.detect.daily import daily_table, day_by_day

    found = day_by_day(panel, rules, launches=told.launches, seed=seed, since=since)
    return str(daily_table(found).to_csv(index=False, lineterminator="\n"))


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
