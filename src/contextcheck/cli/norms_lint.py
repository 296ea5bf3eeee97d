"""`contextcheck norms lint` and `norms schema`: is a file well-formed, and what an editor should offer while typing."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contextcheck import __version__
from contextcheck.cli.norms_files import readings_of
from contextcheck.cli.norms_read import Against, Files, read_base, settings_here, shipped_names
from contextcheck.cli.options import SettingsPath
from contextcheck.cli.output import give, say, write_whole
from contextcheck.errors import ExitCode, Problem, in_reading_order, place_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contextcheck.cli.norms_files import Reading
    from contextcheck.settings import Settings


class LintFormat(StrEnum):
    """How lint lists the problems."""

    text = "text"
    json = "json"
    sarif = "sarif"
    github = "github"


READER_STUMBLES = ("004", "010", "011")
"""What the reader refuses and --fix mends: tabs, typographic quotes, odd spaces."""

LintFormatOption = Annotated[LintFormat, typer.Option("--format", "-f", help="How the problems are listed.")]
FixOption = Annotated[
    bool,
    typer.Option("--fix", help="Mend byte-order marks, line ends, tabs, odd spaces and typographic quotes in place."),
]


def lint(
    files: Files = None,
    settings: SettingsPath = None,
    format: LintFormatOption = LintFormat.text,  # noqa: A002 the option's public name
    fix: FixOption = False,
    against: Against = "",
) -> None:
    """Check definition files; every problem at once, with file, line and column (exit 3 when one is an error)."""
    named, told = files or [], settings_here(settings)
    readings = readings_of(named, told)
    if fix:
        _fix(readings)
    problems = _lint(readings, against, only_named=bool(named))
    errors = sum(each.severity == "error" for each in problems)
    text = _rendered(problems, format)
    if text:
        give(text)
    say(_summary(errors, len(problems) - errors))
    raise typer.Exit(int(ExitCode.BAD_DATA if errors else ExitCode.PASS))


def schema(
    folder: Annotated[
        Path, typer.Argument(help="Where regions/ and rules/ lie; the schemas are written into them.")
    ] = Path(),
    settings: SettingsPath = None,
) -> None:
    """Write the JSON Schemas that give VS Code and JetBrains completion, hover texts and red lines."""
    from contextcheck.knowledge.schema import in_usual_order, schema_files

    watched = [metric.id for metric in read_base(settings).metrics.values() if "detect" in metric.uses]
    for name, content in schema_files(in_usual_order(watched)).items():
        path = folder / name
        if path.parent.is_dir() or name.startswith("regions/"):
            write_whole(path, json.dumps(content, indent=1, ensure_ascii=True) + "\n")
            say(f"written {path.as_posix()}")
    say("first line of a region file:  # yaml-language-server: $schema=_schema/region.json")
    say("JetBrains: Settings, JSON Schema Mappings, add regions/_schema/region.json for regions/*.yaml")


def _rendered(problems: Sequence[Problem], format: LintFormat) -> str:  # noqa: A002 as in the option
    if format is LintFormat.json:
        rows = [
            {"code": each.code, "where": each.where, "message": each.message, "severity": each.severity}
            for each in problems
        ]
        return json.dumps(rows, indent=2, ensure_ascii=True)
    if format is LintFormat.sarif:
        from contextcheck.report.sarif_report import render_sarif

        return render_sarif(problems, __version__)
    if format is LintFormat.github:
        from contextcheck.report.github_report import problem_commands

        return problem_commands(problems)
    return "\n".join(f"{each}{'' if each.severity == 'error' else f' ({each.severity})'}" for each in problems)


def _summary(errors: int, warnings: int) -> str:
    if not errors and not warnings:
        return "no problems"
    return (
        f"{errors} {'problem' if errors == 1 else 'problems'}, {warnings} {'warning' if warnings == 1 else 'warnings'}"
    )


def _lint(readings: Sequence[Reading], against: str, *, only_named: bool) -> tuple[Problem, ...]:
    problems: list[Problem] = []
    for reading in readings:
        problems += reading.problems
        found = _of_settings(reading.settings, against) if reading.sources or not only_named else []
        names = reading.names
        problems += [each for each in found if not only_named or place_of(each.where).path in names]
    return in_reading_order(dict.fromkeys(problems))


def _of_settings(settings: Settings, against: str) -> list[Problem]:
    from contextcheck.knowledge.overlay import lint_knowledge

    problems = _together(_mechanical(settings), lint_knowledge(settings, today=date.today()))
    shipped = shipped_names(settings)
    # a team answers for its own files; what is shipped is spoken of when nothing else is there
    problems = [each for each in problems if place_of(each.where).path not in shipped]
    if against:
        problems += _unreviewed(settings, against)
    return problems


def _together(mechanical: Sequence[Problem], others: Sequence[Problem]) -> list[Problem]:
    """Both without saying one thing twice: where the reader stumbles too, its sentence stays, the remedy is added."""
    fixable = {_line(each) for each in mechanical if each.code != "KB019"}
    stumbles = {_line(each) for each in others if each.code[2:] in READER_STUMBLES} & fixable
    told = [
        replace(each, message=f"{each.message}; contextcheck norms lint --fix does it")
        if each.code[2:] in READER_STUMBLES and _line(each) in stumbles
        else each
        for each in others
    ]
    errors = {each.where for each in others}
    return [*(each for each in mechanical if each.where not in errors and _line(each) not in stumbles), *told]


def _line(problem: Problem) -> str:
    """File and line of a problem, without the column."""
    return problem.where.rpartition(":")[0]


def _unreviewed(settings: Settings, against: str) -> list[Problem]:
    import tempfile

    from contextcheck.knowledge.overlay import read_explanations
    from contextcheck.knowledge.revisions import layers_at, unreviewed_changes
    from contextcheck.knowledge.source_files import layers_of

    with tempfile.TemporaryDirectory(prefix="contextcheck-revision-") as folder:
        before = read_explanations(layers_at(settings, against, Path(folder)), []).entries
        return unreviewed_changes(before, read_explanations(layers_of(settings), []).entries)


def _mechanical(settings: Settings) -> list[Problem]:
    from contextcheck.knowledge.mechanical import mechanical_problems
    from contextcheck.knowledge.source_files import definition_files

    problems: list[Problem] = []
    for source in definition_files(settings):
        text = source.path.read_bytes().decode("utf-8", errors="replace")
        problems += mechanical_problems(text, source.shown)
    return problems


def _fix(readings: Sequence[Reading]) -> None:
    from contextcheck.knowledge.mechanical import mended

    for path in (source.path for reading in readings for source in reading.sources):
        try:
            text = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            continue  # lint says what to do about it
        better = mended(text)
        if better != text:
            write_whole(path, better)
            say(f"mended {path.as_posix()}")
