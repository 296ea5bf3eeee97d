"""`contextcheck demo`, `init` and `doctor`: the first minutes with the tool."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contextcheck.cli.options import (
    CurrencyCode,
    MapName,
    OrdersPaths,
    QuarantineFolder,
    SettingsPath,
    SetValues,
    TableName,
    TimeZone,
    settings_from,
)
from contextcheck.cli.output import give, give_lines, progress, say, show_options, write_whole
from contextcheck.errors import Problem, SettingsError, nearest

if TYPE_CHECKING:
    from contextcheck.load.doctor import Diagnosis
    from contextcheck.settings import Settings


def demo(
    scenario: Annotated[str, typer.Argument(help="Which simulated shop; --list shows them.")] = "korea-padding",
    folder: Annotated[
        Path | None, typer.Option("--folder", help="Where its files go.", show_default="contextcheck-demo/SCENARIO")
    ] = None,
    orders: Annotated[int, typer.Option("--orders", help="About how many orders.", min=20_000)] = 200_000,
    seed: Annotated[int, typer.Option("--seed", help="Another seed gives another shop.")] = 1,
    list_scenarios: Annotated[bool, typer.Option("--list", help="List the scenarios and end.")] = False,
) -> None:
    """Simulate a shop with a known truth, scan it and report."""
    from contextcheck.simulate.worlds import SCENARIOS

    if list_scenarios:
        give("\n".join(f"{name:28}{each.title}" for name, each in SCENARIOS.items()))
        return
    if scenario not in SCENARIOS:
        raise SettingsError(Problem("ST123", "demo", f'unknown scenario "{scenario}"{nearest(scenario, SCENARIOS)}'))
    folder = folder or Path("contextcheck-demo") / scenario
    with progress() as step:
        from contextcheck.pipeline import investigate
        from contextcheck.report.interface import render
        from contextcheck.settings import read_settings
        from contextcheck.simulate.worlds import simulate, write_world

        step(f"simulating {scenario}")
        world = simulate(scenario, seed=seed, orders=orders)
        settings = read_settings(write_world(world, folder))
        investigation = investigate(settings, seed=seed, quarantine_folder=folder / "quarantine", progress=step)
        step("drawing the report")
        options = show_options(show_ids=False)
        write_whole(folder / "findings.json", render(investigation, "json", options))
        write_whole(folder / "report.html", render(investigation, "html", options))
    launches = len(settings.launches)
    give(
        f"contextcheck demo: a simulated shop, {len(investigation.regions)} markets, {investigation.orders:,} orders, "
        f"{launches} {'launch' if launches == 1 else 'launches'}\n"
    )
    give(render(investigation, "terminal", options))
    say(f"orders, settings, findings and the page are in {folder}; open {folder / 'report.html'}")


def init(
    orders: OrdersPaths = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="Settings file to write; - for standard output.")] = Path(
        "contextcheck.yaml"
    ),
    force: Annotated[bool, typer.Option("--force", help="Replace the file when it is there.")] = False,
    set_values: SetValues = None,
    map_name: MapName = "",
    currency: CurrencyCode = "",
    timezone: TimeZone = "",
    table: TableName = "",
) -> None:
    """Look at the orders and write a commented contextcheck.yaml."""
    is_file = str(out) != "-"
    if is_file and out.exists() and not force:
        raise SettingsError(Problem("ST141", str(out), "is there already; --force replaces it, --out names another"))
    from contextcheck.load.propose import propose_settings

    told = settings_from(orders, None, set_values, map_name=map_name, currency=currency, timezone=timezone, table=table)
    text = propose_settings(_diagnosis(told, Path("quarantine")))
    if is_file:
        write_whole(out, text)
        say(f"written to {out}; read it once, then: contextcheck scan")
    else:
        give(text)


def doctor(
    orders: OrdersPaths = None,
    settings: SettingsPath = None,
    set_values: SetValues = None,
    map_name: MapName = "",
    currency: CurrencyCode = "",
    timezone: TimeZone = "",
    table: TableName = "",
    quarantine: QuarantineFolder = Path("quarantine"),
) -> None:
    """Say what an orders file is, how it would be read, and what can and cannot be tested with it."""
    told = settings_from(
        orders, settings, set_values, map_name=map_name, currency=currency, timezone=timezone, table=table
    )
    give_lines(_diagnosis(told, quarantine).lines())


def _diagnosis(told: Settings, quarantine: Path) -> Diagnosis:
    from contextcheck.knowledge.overlay import read_knowledge
    from contextcheck.load.doctor import examine

    base = read_knowledge(told)
    with progress(is_quiet=not sys.stderr.isatty()) as step:
        return examine(told, base.region_files, base.metrics, quarantine_folder=quarantine, progress=step)
