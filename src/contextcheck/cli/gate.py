"""`contextcheck gate`: pass, hold or roll back one feature."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

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
from contextcheck.cli.output import check_place, give, progress, say_when_ahead, show_options, write_whole
from contextcheck.errors import ExitCode


class GateFormat(StrEnum):
    """How the verdict is written to standard output."""

    text = "text"
    json = "json"
    junit = "junit"
    markdown = "markdown"


class OnHold(StrEnum):
    """What a hold ends with."""

    hold = "hold"
    passes = "pass"
    fail = "fail"


def gate(
    orders: OrdersPaths = None,
    feature: Annotated[str, typer.Option("--feature", help="Feature as named under launches.")] = ...,  # type: ignore[assignment]
    region: Annotated[
        list[str] | None, typer.Option("--region", help="Judge only this region. May be repeated.", show_default=False)
    ] = None,
    settings: SettingsPath = None,
    set_values: SetValues = None,
    map_name: MapName = "",
    currency: CurrencyCode = "",
    timezone: TimeZone = "",
    table: TableName = "",
    as_of: AsOf = None,
    seed: Seed = 0,
    out: Annotated[Path, typer.Option("--out", "-o", help="Verdict file.")] = Path("verdict.json"),
    format: Annotated[
        GateFormat, typer.Option("--format", "-f", help="What goes to standard output.")
    ] = GateFormat.text,  # noqa: A002
    on_hold: Annotated[OnHold, typer.Option("--on-hold", help="What a hold ends with: 4, 0 or 1.")] = OnHold.hold,
    quarantine: QuarantineFolder = Path("quarantine"),
    show_ids: ShowIds = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress on standard error.")] = False,
) -> None:
    """Pass, hold or roll back one feature in every launched region (exit 0, 4 or 1); writes verdict.json."""
    told = settings_from(
        orders, settings, set_values, map_name=map_name, currency=currency, timezone=timezone, table=table
    )
    check_place(out)
    with progress(is_quiet=quiet) as step:
        from contextcheck.pipeline import judge_feature
        from contextcheck.report.gate_report import render_gate
        from contextcheck.settings import region_code

        verdict = judge_feature(
            told,
            feature,
            only_regions=tuple(region_code(code) for code in region or ()),
            as_of=as_day(as_of),
            seed=seed,
            quarantine_folder=quarantine,
            progress=step,
        )
    say_when_ahead(verdict.as_of)
    options = show_options(show_ids=show_ids, key_env=told.privacy.pseudonym_key_env)
    write_whole(out, render_gate(verdict, "json", options))
    give(render_gate(verdict, format.value, options))
    raise typer.Exit(exit_code_of(verdict.decision, on_hold))


def exit_code_of(decision: str, on_hold: OnHold) -> int:
    """0 pass, 1 roll back, 4 hold, or what --on-hold makes of a hold."""
    if decision == "hold":
        held = {OnHold.hold: ExitCode.HOLD, OnHold.passes: ExitCode.PASS, OnHold.fail: ExitCode.ACT}
        return int(held[on_hold])
    return int(ExitCode.ACT if decision == "roll-back" else ExitCode.PASS)
