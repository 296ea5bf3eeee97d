"""`contextcheck gate init` and `contextcheck gate verify`."""

from __future__ import annotations

import json
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from contextcheck.cli.options import (
    AsOf,
    CurrencyCode,
    MapName,
    OrdersPaths,
    PanelPath,
    QuarantineFolder,
    Seed,
    SettingsPath,
    SetValues,
    TableName,
    TimeZone,
    as_day,
    input_files,
    panel_path,
    settings_from,
)
from contextcheck.cli.output import check_places, give, progress, say, show_options, write_whole
from contextcheck.errors import ExitCode, InputError, Problem, SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping


class Unit(StrEnum):
    """What is independent of what."""

    day = "day"
    customer = "customer"


VerdictPath = Annotated[Path, typer.Argument(help="A verdict.json that the gate wrote.")]


@lru_cache(maxsize=1)
def tools() -> Mapping[str, Any]:
    """The commands below `gate`, by name."""
    from typer.main import get_command

    found = {}
    for name, function in (("init", init), ("verify", verify)):
        single = typer.Typer(add_completion=False, rich_markup_mode=None)
        single.command(name)(function)
        found[name] = get_command(single)
    return found


def init(
    orders: OrdersPaths = None,
    feature: Annotated[str, typer.Option("--feature", help="Feature as named under launches.")] = ...,  # type: ignore[assignment]
    policy: Annotated[str, typer.Option("--policy", help="Gate policy by name, from rules/gates/.")] = "default",
    settings: SettingsPath = None,
    set_values: SetValues = None,
    map_name: MapName = "",
    currency: CurrencyCode = "",
    timezone: TimeZone = "",
    table: TableName = "",
    panel: PanelPath = "",
    as_of: AsOf = None,
    seed: Seed = 0,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="File to write.", show_default="gates/FEATURE.yaml beside the settings"),
    ] = None,
    unit: Annotated[
        Unit | None, typer.Option("--unit", help="What is independent.", show_default="what the data are compared by")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file when it is there.")] = False,
    quarantine: QuarantineFolder = Path("quarantine"),
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress on standard error.")] = False,
) -> None:
    """Fix what a launch will be judged by (metric, unit, margin, alpha, horizon) in a file to commit."""
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
    from contextcheck.gate.frozen import default_path

    path = out or default_path(told.folder, feature)
    check_places([path], input_files(told, settings, panel))
    if path.exists() and not force:
        message = "is there already: a launch is fixed once; --force replaces it, and the change shows in review"
        raise SettingsError(Problem("ST153", path.as_posix(), message))
    with progress(is_quiet=quiet) as step:
        from contextcheck.gating.asked import Asked
        from contextcheck.gating.freeze import fix_launch

        there = panel_path(panel, told.folder) if panel else ""
        asked = Asked(feature, policy=policy, panel=there, as_of=as_day(as_of), seed=seed, frozen=path)
        fixed = fix_launch(told, asked, unit=unit.value if unit else "", quarantine_folder=quarantine, progress=step)
    write_whole(path, fixed.text)
    give("\n".join(fixed.told))
    say(f"written to {path}; commit it: contextcheck gate refuses to judge by anything else")


def verify(
    verdict: VerdictPath,
    orders: OrdersPaths = None,
    settings: SettingsPath = None,
    set_values: SetValues = None,
    map_name: MapName = "",
    currency: CurrencyCode = "",
    timezone: TimeZone = "",
    table: TableName = "",
    panel: PanelPath = "",
    findings: Annotated[
        str, typer.Option("--findings", help="The findings file that was judged.", show_default=False)
    ] = "",
    quarantine: QuarantineFolder = Path("quarantine"),
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress on standard error.")] = False,
) -> None:
    """Decide a verdict again from its evidence pack; exit 0 the same, 1 another verdict, 3 other evidence."""
    from contextcheck.gating.run import read_baseline

    before = read_baseline(verdict)
    kind = before.get("input", "orders")
    if kind != "orders" and not (panel or findings):
        raise SettingsError(Problem("ST154", str(verdict), f"was given a {kind}; name it again with --{kind}"))
    told = settings_from(
        orders,
        settings,
        set_values,
        map_name=map_name,
        currency=currency,
        timezone=timezone,
        table=table,
        needs_orders=kind == "orders",
    )
    with progress(is_quiet=quiet) as step:
        from contextcheck.gating.run import judge_launch
        from contextcheck.gating.verify import asked_again, compare_verdicts
        from contextcheck.report.gate_report import render_gate

        there = panel_path(panel, told.folder) if panel else ""
        try:
            asked = asked_again(before, panel=there, findings=findings)
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            message = "its evidence pack does not say what was asked; it was changed, or written by another version"
            raise InputError(Problem("GB203", str(verdict), message)) from error
        now = judge_launch(told, asked, quarantine_folder=quarantine, progress=step)
        options = show_options(show_ids=before.get("account_ids") == "plain", key_env=told.privacy.pseudonym_key_env)
        found = compare_verdicts(before, json.loads(render_gate(now, "json", options)))
    lines = [*found.evidence, *found.verdict]
    if found.evidence:
        lines.append("the evidence is not the same: the verdict cannot be confirmed (exit 3)")
        code = ExitCode.BAD_DATA
    elif found.verdict:
        lines.append("the same evidence gives another verdict (exit 1)")
        code = ExitCode.ACT
    else:
        lines.append(f"{before['feature']}: {before['decision']}, confirmed from the same evidence (exit 0)")
        code = ExitCode.PASS
    give("\n".join(lines))
    raise typer.Exit(int(code))
