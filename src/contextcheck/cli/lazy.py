"""The table of commands: name, where it is, and the line that help shows; a command is built when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

COMMANDS: dict[str, tuple[str, str]] = {
    "scan": (
        "contextcheck.cli.scan:scan",
        "Search orders for unusual behaviour; test what could explain it; weigh the money; recommend.",
    ),
    "report": (
        "contextcheck.cli.report:report",
        "Show a findings file as terminal text, Markdown, JSON, CSV or a self-contained HTML page.",
    ),
    "explain": (
        "contextcheck.cli.explain:explain",
        "Show everything that was tested about one flag: every explanation, sign, reference and source.",
    ),
    "cases": (
        "contextcheck.cli.cases:app",
        "Flags as analysts work on them: take in, list, show, note, assign, decide, reopen, export.",
    ),
    "gate": (
        "contextcheck.cli.gate:app",
        "Pass, hold or roll back one feature in every launched region (exit 0, 4 or 1); writes verdict.json.",
    ),
    "backtest": (
        "contextcheck.cli.backtest:backtest",
        "Replay a history: alerts per month, and the smallest change that each market would have caught.",
    ),
    "norms": (
        "contextcheck.cli.norms:app",
        "What is normal where: read, write, check and try regions/*.yaml.",
    ),
    "rules": (
        "contextcheck.cli.norms:rules_app",
        "Abuse patterns, faults, metrics, detection and decision rules.",
    ),
    "demo": ("contextcheck.cli.project:demo", "Simulate a shop with a known truth, scan it and report."),
    "init": ("contextcheck.cli.project:init", "Look at the orders and write a commented contextcheck.yaml."),
    "doctor": (
        "contextcheck.cli.project:doctor",
        "Say what an orders file is, how it would be read, and what can and cannot be tested with it.",
    ),
}


class _Commands(Mapping[str, Any]):
    """Name to command, in the order of the table; kept once built."""

    def __init__(self) -> None:
        self._built: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._built:
            self._built[name] = _built(name, COMMANDS[name][0])
        return self._built[name]

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


def _built(name: str, place: str) -> Any:
    """Import a command and make it what typer runs."""
    module, _, attribute = place.partition(":")
    found = getattr(import_module(module), attribute)
    if not isinstance(found, typer.Typer):
        single = typer.Typer(add_completion=False, rich_markup_mode=None)
        single.command(name)(found)
        found = single
    command = get_command(found)
    command.name = name
    return command


class LazyGroup(TyperGroup):
    """A group whose help names its commands without loading them."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = _Commands()  # type: ignore[assignment]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the table of commands."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])
