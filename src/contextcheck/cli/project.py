"""`contextcheck demo`, `init` and `doctor`: the first minutes with the tool."""

from __future__ import annotations

import sys
from dataclasses import replace
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
    """Look at the orders and write a commented contextcheck.yaml.

    Where no column map fits, a draft of one is written beside it, from the headers.
    """
    is_file = str(out) != "-"
    if is_file and out.exists() and not force:
        raise SettingsError(Problem("ST141", str(out), "is there already; --force replaces it, --out names another"))
    from contextcheck.load.propose import propose_settings

    told = settings_from(orders, None, set_values, map_name=map_name, currency=currency, timezone=timezone, table=table)
    found = _diagnosis(told, Path("quarantine"))
    if not is_file:
        give(propose_settings(found))
        return
    if found.map_id or told.orders.map != "auto":
        write_whole(out, propose_settings(found))
        say(f"written to {out}; read it once, then: contextcheck scan")
        return
    _init_with_draft(told, found, out, force=force)


def _init_with_draft(told: Settings, found: Diagnosis, out: Path, *, force: bool) -> None:
    """No map fits: write a draft of one beside the settings, and say what has to be filled in."""
    from contextcheck.load.draft_map import draft_map
    from contextcheck.load.propose import propose_settings

    map_file = out.with_name("orders-map.yaml")
    if map_file.exists() and not force:
        raise SettingsError(Problem("ST141", str(map_file), "is there already; --force replaces it, --map uses it"))
    draft = draft_map(told)
    write_whole(map_file, draft.text)
    if not draft.missing:
        found = _diagnosis(replace(told, orders=replace(told.orders, map=str(map_file.absolute()))), Path("quarantine"))
    write_whole(out, propose_settings(found, map_file.name))
    say(f"no known format: {map_file} is a draft of a column map, from the headers; {out} names it")
    if draft.missing:
        say(f"still to be filled in: {', '.join(draft.missing)}")
    say("check the map line by line with: contextcheck doctor; then: contextcheck scan")


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
