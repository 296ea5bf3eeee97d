"""`contextcheck norms test`: the examples of the entries through the real sign tests."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contextcheck.cli.norms_files import files_meant
from contextcheck.cli.norms_read import entries_for, only_rules, read_base, settings_here
from contextcheck.cli.options import SettingsPath
from contextcheck.cli.output import give, progress, say, write_whole
from contextcheck.errors import ExitCode, Problem, SettingsError, nearest, place_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from contextcheck.knowledge.base import KnowledgeBase
    from contextcheck.knowledge.entries import Entry
    from contextcheck.rehearse.examples import Outcome
    from contextcheck.settings import Settings

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
    """Run each entry's examples through the real sign tests (exit 3: another verdict, or a broken file)."""
    from contextcheck.rehearse.examples import broken_files, problems_of, run_examples
    from contextcheck.rehearse.junit import render_junit

    told = settings_here(settings)
    base = read_base(settings)
    if names:
        entries, files = _chosen(entries_for(context, base), names, told)
    else:
        entries, files = _all_of(context, base, told, every=every)
    wrong = [each for each in base.problems if each.severity == "error" and place_of(each.where).path in files]
    with progress(is_quiet=not sys.stderr.isatty()) as step:
        outcomes = run_examples(told, [each for each in entries if each.examples], workers=workers, progress=step)
    broken = broken_files(wrong)
    give("\n".join(_table([*broken, *outcomes])))
    for problem in (*wrong, *problems_of(outcomes)):
        say(str(problem))
    if junit is not None:
        write_whole(junit, render_junit([*broken, *outcomes]))
    failed = sum(not each.has_passed for each in outcomes)
    without = sum(not each.examples for each in entries)
    say(f"{len(outcomes) - failed} of {len(outcomes)} examples hold; {without} of {len(entries)} entries have none")
    raise typer.Exit(int(ExitCode.BAD_DATA if failed or broken else ExitCode.PASS))


def _all_of(
    context: typer.Context, base: KnowledgeBase, told: Settings, *, every: bool
) -> tuple[list[Entry], frozenset[str]]:
    """What is tried when nothing is named, and the files that it may stand in."""
    from contextcheck.knowledge.source_files import layer_files, layers_of

    layers = layers_of(told)
    files = frozenset(
        source.shown
        for layer in (layers if every else layers[-1:])
        for source in layer_files(layer)
        if not (only_rules(context) and source.shown.startswith(f"{layer.regions_shown}/"))
    )
    return [each for each in _once(entries_for(context, base)) if each.where and each.where.path in files], files


def _chosen(entries: Sequence[Entry], names: Sequence[str], told: Settings) -> tuple[list[Entry], frozenset[str]]:
    """The entries that were named, each once, and the files in which they stand, or would if these could be read."""
    from contextcheck.knowledge.source_files import every_file

    sources = every_file(told)
    chosen: list[Entry] = []
    files: set[str] = set()
    for name in names:
        meant = files_meant(name, sources)
        found = [each for each in entries if _is_named(each, name, meant)]
        if not found and not meant:
            known = {each.id for each in entries}
            is_there = "; a run reads no such file: contextcheck norms lint says why"
            hint = is_there if Path(name).exists() else nearest(name, known)
            raise SettingsError(Problem("ST125", "test", f'no entry, file or region "{name}"{hint}'))
        if not found:
            say(f"{name} holds no entry that can be tried")
        chosen += found
        files |= meant | {each.where.path for each in found if each.where}
    # an entry may stand in a shipped file and, unread, in the team's own of the same name
    stems = {source.stem for source in sources if source.shown in files}
    return _once(chosen), frozenset(source.shown for source in sources if source.stem in stems)


def _once(entries: Sequence[Entry]) -> list[Entry]:
    return list({(each.id, str(each.where)): each for each in entries}.values())


def _is_named(entry: Entry, name: str, files: Collection[str]) -> bool:
    return name == entry.id or name in entry.regions or (entry.where is not None and entry.where.path in files)


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
