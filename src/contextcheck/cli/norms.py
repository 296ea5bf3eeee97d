"""`contextcheck norms` and `contextcheck rules`: list, show and check the definitions."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contextcheck.cli.options import SettingsPath
from contextcheck.cli.output import give, say
from contextcheck.errors import DefinitionError, ExitCode, Problem, SettingsError, in_reading_order
from contextcheck.yamlio.fields import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from contextcheck.knowledge.base import KnowledgeBase
    from contextcheck.knowledge.entries import Entry
    from contextcheck.knowledge.signs import Sign
    from contextcheck.settings import Settings

app = typer.Typer(no_args_is_help=True, help="What is normal where: list, show and check regions/*.yaml.")
rules_app = typer.Typer(no_args_is_help=True, help="Abuse patterns, faults, metrics, detection and decision rules.")


class LintFormat(StrEnum):
    """How lint lists the problems."""

    text = "text"
    json = "json"


Files = Annotated[
    list[Path] | None, typer.Argument(help="Only these files. Left out: everything that a run would read.")
]
LintFormatOption = Annotated[LintFormat, typer.Option("--format", "-f", help="How the problems are listed.")]
EntryId = Annotated[str, typer.Argument(help="Id of the entry.")]


@app.command("list")
def list_norms(
    region: Annotated[str, typer.Option("--region", help="Only what applies in this region.", show_default=False)] = "",
    settings: SettingsPath = None,
) -> None:
    """List the norms: id, status, region, title."""
    base = _base(settings)
    wanted = region.upper()
    entries = [each for each in base.entries if each.kind == "norm" and (not wanted or wanted in each.regions)]
    if wanted and not entries:
        raise SettingsError(
            Problem("ST124", "--region", f'no norms for "{region}"{nearest(wanted, base.region_files)}')
        )
    give("\n".join(_row(each) for each in entries))


@rules_app.command("list")
def list_rules(settings: SettingsPath = None) -> None:
    """List abuse patterns, faults, metrics, detection rules and decision rules."""
    base = _base(settings)
    lines = [_row(each) for each in base.entries if each.kind != "norm"]
    lines += [f"{each.id:36} metric       {each.title}" for each in base.metrics.values()]
    lines += [f"{each.id:36} detection    {each.title}" for each in base.detection_rules]
    lines += [f"{rule.id:36} decision     {rule.action}" for each in base.policies.values() for rule in each.rules]
    give("\n".join(lines))


@app.command("show")
@rules_app.command("show")
def show(entry: EntryId, settings: SettingsPath = None) -> None:
    """Show one entry: mechanism, predictions, questions, sources, and where it is written."""
    entries = {each.id: each for each in _base(settings).entries}
    if entry not in entries:
        raise SettingsError(Problem("ST125", "show", f'no entry "{entry}"{nearest(entry, entries)}'))
    give("\n".join(_described(entries[entry])))


@app.command("lint")
@rules_app.command("lint")
def lint(
    files: Files = None,
    settings: SettingsPath = None,
    format: LintFormatOption = LintFormat.text,  # noqa: A002 the option's public name
) -> None:
    """Check definition files; every problem at once, with file, line and column (exit 3 when one is an error)."""
    problems = _lint(files or [], settings)
    errors = [each for each in problems if each.severity == "error"]
    if format is LintFormat.json:
        rows = [
            {"code": each.code, "where": each.where, "message": each.message, "severity": each.severity}
            for each in problems
        ]
        give(json.dumps(rows, indent=2, ensure_ascii=True))
    elif problems:
        give("\n".join(f"{each}{'' if each.severity == 'error' else ' (warning)'}" for each in problems))
    say(_lint_summary(len(errors), len(problems) - len(errors)))
    raise typer.Exit(int(ExitCode.BAD_DATA if errors else ExitCode.PASS))


def _lint_summary(errors: int, warnings: int) -> str:
    if not errors and not warnings:
        return "no problems"
    return (
        f"{errors} {'problem' if errors == 1 else 'problems'}, {warnings} {'warning' if warnings == 1 else 'warnings'}"
    )


def _lint(files: Sequence[Path], settings_path: Path | None) -> tuple[Problem, ...]:
    from contextcheck.knowledge.lint import lint_reviews

    missing = [Problem("KB001", str(path), "No such file; check the path") for path in files if not path.is_file()]
    problems: list[Problem] = list(missing)
    for settings in _settings_for(files, _settings(settings_path)):
        try:
            base = _read(settings)
            problems += [*base.problems, *lint_reviews(base.entries, date.today())]
        except DefinitionError as error:
            problems += error.problems
    unique = in_reading_order(dict.fromkeys(problems))
    if not files:
        return unique
    names = tuple(path.as_posix() for path in files)
    return tuple(each for each in unique if each in missing or each.where.partition(":")[0] in names)


def _settings_for(files: Iterable[Path], settings: Settings) -> list[Settings]:
    """The settings under which the named files are read: as they are, or with the files' own folder laid over."""
    chosen: dict[tuple[str, str], Settings] = {}
    for path in files:
        parents = [parent.name for parent in path.parents]
        if "rules" in parents:
            folder = path.parents[parents.index("rules")]
            chosen["rules", folder.as_posix()] = replace(settings, rules_folder=folder.as_posix(), folder=Path())
        else:
            folder = path.parent.parent if path.parent.name.startswith("_") else path.parent
            chosen["regions", folder.as_posix()] = replace(settings, regions_folder=folder.as_posix(), folder=Path())
    return list(chosen.values()) or [settings]


def _settings(settings_path: Path | None) -> Settings:
    from contextcheck.settings import FILE_NAME, read_settings

    if settings_path is None and Path(FILE_NAME).is_file():
        settings_path = Path(FILE_NAME)
    return read_settings(settings_path)


def _base(settings_path: Path | None) -> KnowledgeBase:
    return _read(_settings(settings_path))


def _read(settings: Settings) -> KnowledgeBase:
    from contextcheck.knowledge.overlay import read_knowledge

    return read_knowledge(settings)


def _row(entry: Entry) -> str:
    return f"{entry.id:36} {entry.status:8} {entry.kind:12} {','.join(entry.regions)[:14]:14} {entry.title}"


def _described(entry: Entry) -> list[str]:
    moves = ", ".join(f"{each.metric} {each.direction}" for each in entry.explains)
    return [
        f"{entry.id}  ({entry.kind}, {entry.status}, {', '.join(entry.regions)})",
        f"  {entry.title}",
        *(f"  {language}: {text}" for language, text in entry.text.items()),
        "",
        f"  {entry.mechanism}",
        "",
        f"  explains   {moves}",
        *(_sign_line("must show", sign) for sign in entry.signs),
        *(_sign_line("speaks against", sign) for sign in entry.contradicted_by),
        *(f"  ask        {question}" for question in entry.ask),
        *(f"  advice     {each}" for each in entry.advice),
        *(f"  source     [{each.grade}] {each.title} ({each.year}) {each.url}" for each in entry.sources),
        f"  owner      {entry.owner or 'none'}; reviewed {entry.reviewed.on or 'never'}, next {entry.reviewed.next}",
        f"  written in {entry.where}",
    ]


def _sign_line(label: str, sign: Sign) -> str:
    options = ", ".join(f"{name} {value}" for name, value in sign.options.items() if value not in (None, "", ()))
    return f"  {label}: {sign.test} ({sign.weight}): {options}"
