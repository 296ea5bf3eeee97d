"""`contextcheck rules new`: an abuse pattern or a fault as a valid draft in a file of its own."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contextcheck.cli.norms_new import OPEN_PARTS, asked, is_interactive, moves_from, words_of
from contextcheck.cli.norms_read import read_base, settings_here
from contextcheck.cli.options import SettingsPath
from contextcheck.cli.output import say, write_whole
from contextcheck.errors import DefinitionError, Problem, SettingsError

if TYPE_CHECKING:
    from contextcheck.settings import Settings


class Kind(StrEnum):
    """Which folder of rules/explanations the entry belongs to."""

    abuse = "abuse"
    operational = "operational"
    measurement = "measurement"


def new(
    kind: Annotated[Kind, typer.Option("--kind", help="What kind of cause it is.")] = Kind.abuse,
    identity: Annotated[str, typer.Option("--id", help="Id; left out: made from kind and title.")] = "",
    title: Annotated[str, typer.Option("--title", help="One line as a report prints it.")] = "",
    explains: Annotated[
        list[str] | None, typer.Option("--explains", help="Metric and direction, such as orders:up. Repeatable.")
    ] = None,
    when: Annotated[str, typer.Option("--when", help="always, or YAML such as {after_launch: any}.")] = "",
    mechanism: Annotated[str, typer.Option("--mechanism", help="Who does what, and which trace it leaves.")] = "",
    sign: Annotated[
        list[str] | None, typer.Option("--sign", help="A prediction, such as {test: concentration, ...}. Repeatable.")
    ] = None,
    against: Annotated[
        list[str] | None, typer.Option("--contradicted-by", help="A sign that speaks against it. Repeatable.")
    ] = None,
    twin: Annotated[
        list[str] | None,
        typer.Option("--twin", help="Its benign twin, such as {id: us-bracketing, separated_by: ...}. Repeatable."),
    ] = None,
    ask: Annotated[list[str] | None, typer.Option("--ask", help="A question to the team. Repeatable.")] = None,
    advice: Annotated[list[str] | None, typer.Option("--advice", help="What helps. Repeatable.")] = None,
    source: Annotated[
        list[str] | None, typer.Option("--source", help="Such as {title: Report, year: 2025, grade: C}. Repeatable.")
    ] = None,
    example: Annotated[
        list[str] | None,
        typer.Option("--example", help="Such as {name: itself, data: bots, expect: supported}. Repeatable."),
    ] = None,
    owner: Annotated[str, typer.Option("--owner", help="The team that answers for it.")] = "",
    folder: Annotated[Path | None, typer.Option("--folder", help="The rules/ folder.")] = None,
    settings: SettingsPath = None,
) -> None:
    """Write a valid draft into a new rules/explanations/KIND/ID.yaml; asks for what no option gives."""
    from contextcheck.knowledge.drafts import USUAL_AGAINST, USUAL_SIGNS, Draft, rule_file

    told = settings_here(settings)
    base = read_base(settings)
    title = asked(title, "--title", "Title, one line")
    moves = moves_from(explains, base)
    if is_interactive() and not mechanism:
        mechanism = typer.prompt("Who does what, and which trace does it leave (empty: later)", "", err=True)
    name = identity or f"{kind.value}-{words_of(title)}"
    taken = next((entry for entry in base.entries if entry.id == name), None)
    if taken is not None:
        sentence = f'the id "{name}" is already used in {taken.where}; name another'
        raise SettingsError(Problem("ST128", "--id", sentence))
    draft = Draft(
        id=name,
        title=title,
        explains=moves,
        when=when or "always",
        mechanism=mechanism,
        signs=tuple(sign or (USUAL_AGAINST if kind is Kind.abuse else ())),
        against=tuple(against or (USUAL_SIGNS if kind is Kind.abuse else ())),
        ask=tuple(ask or ()),
        advice=tuple(advice or ()),
        sources=tuple(source or ()),
        owner=owner or f"{kind.value}-team",
        examples=tuple(example or ()),
        twins=tuple(twin or ()),
    )
    where = folder or (told.path(told.rules_folder) if told.rules_folder else Path("rules"))
    _write(where, Path("explanations") / kind.value / f"{name}.yaml", rule_file(draft), told)
    say(f"then: contextcheck rules lint; contextcheck rules test {name}")


def _write(rules: Path, inside: Path, text: str, told: Settings) -> None:
    """Try the file beside the others; write it only when nothing is wrong but what was left open."""
    left = _tried(rules, inside, text, told)
    wrong = [each for each in left if each.code not in OPEN_PARTS]
    if wrong:
        raise DefinitionError(*wrong)
    path = rules / inside
    if path.exists():
        raise SettingsError(Problem("ST128", "--id", f"{path.as_posix()} is there already; name another id"))
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, text)
    say(f"written to {path.as_posix()}")
    for problem in left:
        say(f"left to fill: {problem}")


def _tried(rules: Path, inside: Path, text: str, told: Settings) -> list[Problem]:
    """The errors of a text once it stood at a path of a rules folder."""
    from contextcheck.knowledge.overlay import read_as_far_as_it_goes

    with tempfile.TemporaryDirectory(prefix="contextcheck-draft-") as name:
        copy = Path(name) / "rules"
        if rules.is_dir():
            shutil.copytree(rules, copy)
        (copy / inside).parent.mkdir(parents=True, exist_ok=True)
        (copy / inside).write_text(text, encoding="utf-8")
        shown, real = (copy / inside).as_posix(), (rules / inside).as_posix()
        problems = read_as_far_as_it_goes(replace(told, rules_folder=str(copy))).problems
        return [
            replace(each, where=each.where.replace(shown, real))
            for each in problems
            if each.severity == "error" and each.where.startswith(shown)
        ]
