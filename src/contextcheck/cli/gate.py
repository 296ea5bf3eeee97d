"""`contextcheck gate`: pass, hold or roll back one feature; `gate init` and `gate verify` beside it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

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
    ShowIds,
    TableName,
    TimeZone,
    as_day,
    input_files,
    panel_path,
    settings_from,
)
from contextcheck.cli.output import check_places, give, progress, say, say_when_ahead, show_options, write_whole
from contextcheck.errors import ExitCode, Problem, SettingsError, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contextcheck.records import GateVerdict
    from contextcheck.report.interface import ShowOptions


class GateFormat(StrEnum):
    """How the verdict is written."""

    text = "text"
    json = "json"
    junit = "junit"
    markdown = "markdown"
    github = "github"
    github_outputs = "github-outputs"
    gitlab = "gitlab"
    prometheus = "prometheus"


class OnHold(StrEnum):
    """What a hold ends with."""

    hold = "hold"
    passes = "pass"
    fail = "fail"


FeatureName = Annotated[str, typer.Option("--feature", help="Feature as named under launches.")]
PolicyName = Annotated[str, typer.Option("--policy", help="Gate policy by name, from rules/gates/.")]
FrozenPath = Annotated[
    Path | None,
    typer.Option("--frozen", help="What gate init wrote.", show_default="gates/FEATURE.yaml beside the settings"),
]
FindingsPath = Annotated[
    str, typer.Option("--findings", help="Instead of orders: a findings file of an earlier scan.", show_default=False)
]
EXPIRED = "GX301"


class WithSubcommands(TyperCommand):
    """A command that has commands below it; anything but their names goes to the command itself."""

    @property
    def commands(self) -> Mapping[str, Any]:
        from contextcheck.cli.gate_tools import tools

        return tools()

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Hand over to the command below when its name comes first."""
        if args and args[0] in self.commands:
            return self.commands[args[0]].make_context(f"gate {args[0]}", args[1:], parent=parent, **extra)
        return super().make_context(info_name, args, parent=parent, **extra)


app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command("gate", cls=WithSubcommands, epilog="Beside it: contextcheck gate init, contextcheck gate verify.")
def gate(
    orders: OrdersPaths = None,
    feature: FeatureName = ...,  # type: ignore[assignment]
    region: Annotated[
        list[str] | None, typer.Option("--region", help="Judge only this region. May be repeated.", show_default=False)
    ] = None,
    policy: PolicyName = "default",
    settings: SettingsPath = None,
    set_values: SetValues = None,
    map_name: MapName = "",
    currency: CurrencyCode = "",
    timezone: TimeZone = "",
    table: TableName = "",
    panel: PanelPath = "",
    findings: FindingsPath = "",
    as_of: AsOf = None,
    seed: Seed = 0,
    out: Annotated[Path, typer.Option("--out", "-o", help="Verdict file.")] = Path("verdict.json"),
    format: Annotated[
        GateFormat, typer.Option("--format", "-f", help="What goes to standard output.")
    ] = GateFormat.text,  # noqa: A002
    write: Annotated[
        list[str] | None,
        typer.Option(
            "--write", help="Also write FORMAT=FILE, such as junit=gate.xml. May be repeated.", show_default=False
        ),
    ] = None,
    on_hold: Annotated[OnHold, typer.Option("--on-hold", help="What a hold ends with: 4, 0 or 1.")] = OnHold.hold,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what it would end with, end with 0, switch nothing off.")
    ] = False,
    regions_off_file: Annotated[
        Path | None,
        typer.Option(
            "--regions-off-file",
            help="Write the regions to switch off, one a line (.json: as JSON).",
            show_default=False,
        ),
    ] = None,
    no_context: Annotated[bool, typer.Option("--no-context", help="Judge as if no explanation were known.")] = False,
    frozen: FrozenPath = None,
    baseline: Annotated[
        Path | None,
        typer.Option("--baseline", help="An earlier verdict: only new or worse counts.", show_default=False),
    ] = None,
    exceptions: Annotated[
        Path | None, typer.Option("--exceptions", help="YAML with exceptions that run out.", show_default=False)
    ] = None,
    quarantine: QuarantineFolder = Path("quarantine"),
    show_ids: ShowIds = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress on standard error.")] = False,
) -> None:
    """Pass, hold or roll back one feature in every launched region (exit 0, 4 or 1); writes verdict.json."""
    from contextcheck.gate.frozen import default_path

    places = [(GateFormat.json, out), *_places(write)]
    _one_input(orders, panel, findings)
    told = settings_from(
        orders,
        settings,
        set_values,
        map_name=map_name,
        currency=currency,
        timezone=timezone,
        table=table,
        needs_orders=not (panel or findings),
    )
    written = [*(path for _, path in places), *([regions_off_file] if regions_off_file else [])]
    fixed = frozen or default_path(told.folder, feature)
    _check_files(written, baseline, input_files(told, settings, panel, findings, fixed, exceptions))
    with progress(is_quiet=quiet) as step:
        from contextcheck.gating.asked import Asked
        from contextcheck.gating.run import judge_launch
        from contextcheck.settings import region_code

        asked = Asked(
            feature=feature,
            only_regions=tuple(region_code(code) for code in region or ()),
            policy=policy,
            panel=panel_path(panel, told.folder) if panel else "",
            findings=findings,
            as_of=as_day(as_of),
            seed=seed,
            with_context=not no_context,
            frozen=frozen,
            exceptions=exceptions,
            baseline=baseline,
        )
        verdict = judge_launch(told, asked, quarantine_folder=quarantine, progress=step)
    say_when_ahead(verdict.as_of)
    verdict = ended(verdict, on_hold, is_dry_run=dry_run)
    options = show_options(show_ids=show_ids, key_env=told.privacy.pseudonym_key_env)
    _write_all(verdict, places, regions_off_file, options)
    give(_rendered(verdict, format, options))
    raise typer.Exit(verdict.exit_code or 0)


def _check_files(written: list[Path], baseline: Path | None, inputs: list[Path]) -> None:
    """A verdict may take the place of its baseline (what is known stays known); nothing else may replace an input."""
    check_places(written, inputs)
    if baseline:
        check_places(written[1:], [baseline])


def ended(verdict: GateVerdict, on_hold: OnHold, *, is_dry_run: bool) -> GateVerdict:
    """The verdict with its exit code; a dry run ends with 0 and says what it would have ended with."""
    from dataclasses import replace

    code = exit_code_of(verdict.decision, on_hold)
    if verdict.decision != "roll-back" and any(problem.code == EXPIRED for problem in verdict.problems):
        code = int(ExitCode.BAD_DATA)
    return replace(
        verdict, exit_code=0 if is_dry_run else code, would_exit=code if is_dry_run else None, is_dry_run=is_dry_run
    )


def exit_code_of(decision: str, on_hold: OnHold) -> int:
    """0 pass, 1 roll back, 4 hold, or what --on-hold makes of a hold."""
    if decision == "hold":
        held = {OnHold.hold: ExitCode.HOLD, OnHold.passes: ExitCode.PASS, OnHold.fail: ExitCode.ACT}
        return int(held[on_hold])
    return int(ExitCode.ACT if decision == "roll-back" else ExitCode.PASS)


def _one_input(orders: list[str] | None, panel: str, findings: str) -> None:
    given = [name for name, value in (("orders", orders), ("--panel", panel), ("--findings", findings)) if value]
    if len(given) > 1:
        raise SettingsError(Problem("ST131", " and ".join(given), "stand instead of each other; give one"))


def _places(write: list[str] | None) -> list[tuple[GateFormat, Path]]:
    """The files of --write FORMAT=FILE."""
    found = []
    for each in write or ():
        name, equals, path = each.partition("=")
        names = [format.value for format in GateFormat]
        if not equals or not path:
            raise SettingsError(Problem("ST152", f"--write {each}", "write FORMAT=FILE, such as junit=gate.xml"))
        if name not in names:
            raise SettingsError(Problem("ST152", f"--write {each}", f'unknown format "{name}"{nearest(name, names)}'))
        found.append((GateFormat(name), Path(path)))
    return found


def _write_all(
    verdict: GateVerdict, places: list[tuple[GateFormat, Path]], off_file: Path | None, options: ShowOptions
) -> None:
    from contextcheck.report.gate_files import regions_off

    for format, path in places:
        write_whole(path, _rendered(verdict, format, options))
    if off_file is None:
        return
    if verdict.is_dry_run:
        say(f"dry run: {off_file} is left as it is")
    else:
        write_whole(off_file, regions_off(verdict, off_file))


def _rendered(verdict: GateVerdict, format: GateFormat, options: ShowOptions) -> str:
    from contextcheck.report.gate_report import render_gate

    return render_gate(verdict, format.value, options)
