"""`contextcheck norms test`: the examples of the entries through the real sign tests."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contextcheck.cli.norms_read import entries_for, read_base, settings_here, shipped_names
from contextcheck.cli.options import SettingsPath
from contextcheck.cli.output import give, progress, say, write_whole
from contextcheck.errors import ExitCode, Problem, SettingsError, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contextcheck.knowledge.entries import Entry
    from contextcheck.rehearse.examples import Outcome

Names = Annotated[
    list[str] | None,
    typer.Argument(
        help="Ids, files (regions/KR.yaml) or regions (KR). Left out: every entry, or your own when you have some.",
        show_default=False,
    ),
]


def test(
    context: typer.Context,
    names: Names = None,
    junit: Annotated[Path | None, typer.Option("--junit", help="Also write the results as JUnit XML.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Shipped entries as well as your own.")] = False,
    workers: Annotated[int, typer.Option("--workers", help="Processes; 0 for one per core.", min=0)] = 0,
    settings: SettingsPath = None,
) -> None:
    """Run each entry's examples through the real sign tests (exit 3 when one gives another verdict)."""
    from contextcheck.rehearse.examples import problems_of, run_examples
    from contextcheck.rehearse.junit import render_junit

    told = settings_here(settings)
    entries: Sequence[Entry] = entries_for(context, read_base(settings))
    if not names and not every:
        shipped = shipped_names(told)
        entries = [each for each in entries if each.where is None or each.where.path not in shipped]
    entries = _chosen(entries, names or [])
    with progress(is_quiet=not sys.stderr.isatty()) as step:
        outcomes = run_examples(told, [each for each in entries if each.examples], workers=workers, progress=step)
    give("\n".join(_table(outcomes)))
    for problem in problems_of(outcomes):
        say(str(problem))
    if junit is not None:
        write_whole(junit, render_junit(outcomes))
    failed = sum(not each.has_passed for each in outcomes)
    without = sum(not each.examples for each in entries)
    say(f"{len(outcomes) - failed} of {len(outcomes)} examples hold; {without} of {len(entries)} entries have none")
    raise typer.Exit(int(ExitCode.BAD_DATA if failed else ExitCode.PASS))


def _chosen(entries: Sequence[Entry], names: Sequence[str]) -> list[Entry]:
    """The entries that were named, each once; all of them when nothing was."""
    unique = list({(entry.id, str(entry.where)): entry for entry in entries}.values())
    if not names:
        return unique
    chosen = []
    for name in names:
        path = Path(name).as_posix()
        found = [each for each in unique if _is_named(each, name, path)]
        if not found and not Path(name).is_file():
            known = {each.id for each in unique}
            raise SettingsError(Problem("ST125", "test", f'no entry, file or region "{name}"{nearest(name, known)}'))
        chosen += found
    return list({(each.id, str(each.where)): each for each in chosen}.values())


def _is_named(entry: Entry, name: str, path: str) -> bool:
    written = entry.where.path if entry.where else ""
    return name == entry.id or name in entry.regions or written == path or path.endswith(f"/{written}")


def _table(outcomes: Sequence[Outcome]) -> list[str]:
    rows = [("", "entry", "example", "data", "expected", "found")]
    rows += [
        (
            "ok" if each.has_passed else "FAILED",
            each.entry,
            each.example,
            each.data,
            each.expected,
            each.found.replace("_", " "),
        )
        for each in outcomes
    ]
    widths = [max(len(row[place]) for row in rows) for place in range(6)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
