"""`contextcheck norms new`: a few questions, one valid draft."""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contextcheck.cli.norms_read import read_base, settings_here
from contextcheck.cli.options import SettingsPath
from contextcheck.cli.output import say, write_whole
from contextcheck.errors import DefinitionError, Problem, SettingsError, nearest

if TYPE_CHECKING:
    from contextcheck.knowledge.base import KnowledgeBase
    from contextcheck.knowledge.drafts import Draft, RegionHead
    from contextcheck.settings import Settings

OPEN_PARTS = {"KB201": "mechanism", "KB202": "sources", "KB203": "owner", "KB204": "reviewed"}
"""What may honestly be left to fill: the reader's code and the key."""


def new(
    region: Annotated[str, typer.Option("--region", help="Market: a code such as KR, or its name.")] = "",
    identity: Annotated[str, typer.Option("--id", help="Id; left out: made from region and title.")] = "",
    title: Annotated[str, typer.Option("--title", help="One line as a report prints it.")] = "",
    explains: Annotated[
        list[str] | None, typer.Option("--explains", help="Metric and direction, such as cancel_rate:up. Repeatable.")
    ] = None,
    when: Annotated[str, typer.Option("--when", help="always, or YAML such as {after_launch: any}.")] = "",
    mechanism: Annotated[str, typer.Option("--mechanism", help="Who does what, and which trace it leaves.")] = "",
    sign: Annotated[
        list[str] | None, typer.Option("--sign", help="A prediction, such as {test: spread, ...}. Repeatable.")
    ] = None,
    against: Annotated[
        list[str] | None, typer.Option("--contradicted-by", help="A sign that speaks against it. Repeatable.")
    ] = None,
    ask: Annotated[list[str] | None, typer.Option("--ask", help="A question to the local team. Repeatable.")] = None,
    advice: Annotated[list[str] | None, typer.Option("--advice", help="What helps. Repeatable.")] = None,
    source: Annotated[
        list[str] | None,
        typer.Option("--source", help="Such as {title: Return terms, year: 2025, grade: C}. Repeatable."),
    ] = None,
    example: Annotated[
        list[str] | None,
        typer.Option("--example", help="Such as {name: itself, data: padding, expect: supported}. Repeatable."),
    ] = None,
    owner: Annotated[str, typer.Option("--owner", help="The team that answers for it.")] = "",
    name: Annotated[str, typer.Option("--name", help="Market name, for a market without a file.")] = "",
    timezone: Annotated[str, typer.Option("--timezone", help="IANA zone, likewise.")] = "",
    currency: Annotated[str, typer.Option("--currency", help="Three letters, likewise.")] = "",
    folder: Annotated[Path | None, typer.Option("--folder", help="Folder of the region files.")] = None,
    settings: SettingsPath = None,
) -> None:
    """Write a valid draft into a new or existing regions/XX.yaml; asks for what no option gives."""
    from contextcheck.knowledge.drafts import Draft

    told = settings_here(settings)
    base = read_base(settings)
    code = _region_code(asked(region, "--region", "Which market (code or name)"), base)
    title = asked(title, "--title", "Title, one line")
    moves = moves_from(explains, base)
    interactive = is_interactive()
    if interactive and not mechanism:
        mechanism = typer.prompt("Who does what, and which trace does it leave (empty: later)", "", err=True)
    usual_owner = f"{code.lower()}-market"
    if not owner:
        owner = typer.prompt("Owner", usual_owner, err=True) if interactive else usual_owner
    draft = Draft(
        id=identity or _id_of(code, title),
        title=title,
        explains=moves,
        when=when or "always",
        mechanism=mechanism,
        signs=tuple(sign or ()),
        against=tuple(against or ()),
        ask=tuple(ask or ()),
        advice=tuple(advice or ()),
        sources=tuple(source or ()),
        owner=owner,
        examples=tuple(example or ()),
    )
    where = folder or (told.path(told.regions_folder) if told.regions_folder else Path("regions"))
    _write(where / f"{code}.yaml", draft, _head(code, base, name, timezone, currency), told, base)


def _write(path: Path, draft: Draft, head: RegionHead, told: Settings, base: KnowledgeBase) -> None:
    """Try the draft beside the other files; write it only when nothing is wrong but what was left open."""
    from contextcheck.knowledge.drafts import new_file, with_entry
    from contextcheck.yamlio.document import read_file

    taken = next((entry for entry in base.entries if entry.id == draft.id), None)
    if taken is not None:
        raise SettingsError(
            Problem("ST128", "--id", f'the id "{draft.id}" is already used in {taken.where}; name another')
        )
    if path.is_file():
        _, unread = read_file(path, "KB")
        if unread:
            raise DefinitionError(*unread)
        text = with_entry(path.read_text(encoding="utf-8"), path.as_posix(), draft)
    else:
        text = new_file(head, draft)
    left = _problems_of_entry(path, text, draft, told)
    wrong = [each for each in left if each.code not in OPEN_PARTS]
    if wrong:
        raise DefinitionError(*wrong)
    write_whole(path, text)
    say(f"written to {path.as_posix()}: {draft.id}")
    for problem in left:
        say(f"left to fill: {problem}")
    say(f"then: contextcheck norms lint {path.as_posix()}; contextcheck norms test {draft.id}")


def _problems_of_entry(path: Path, text: str, draft: Draft, told: Settings) -> list[Problem]:
    """The errors in the lines of the new entry, or anywhere in a file that is new."""
    from contextcheck.knowledge.drafts import entry_lines

    problems = _tried(path, text, told)
    if not path.is_file():
        return problems
    lines = text.splitlines()
    first = next(number for number, line in enumerate(lines, start=1) if line.strip() == f"- id: {draft.id}")
    last = first + len(entry_lines(draft, 0)) - 1
    found = []
    for each in problems:
        place = each.where.rpartition(f"{path.name}:")[2].partition(":")[0]
        if place.isdecimal() and first <= int(place) <= last:
            found.append(each)
    return found


def _tried(path: Path, text: str, told: Settings) -> list[Problem]:
    """The errors of a text once it stood at a path, beside the other files there."""
    from contextcheck.knowledge.overlay import read_as_far_as_it_goes

    with tempfile.TemporaryDirectory(prefix="contextcheck-draft-") as name:
        copy = Path(name) / "regions"
        if path.parent.is_dir():
            shutil.copytree(path.parent, copy)
        copy.mkdir(exist_ok=True)
        (copy / path.name).write_text(text, encoding="utf-8")
        shown, real = f"{copy.as_posix()}/{path.name}", path.as_posix()
        problems = read_as_far_as_it_goes(replace(told, regions_folder=str(copy))).problems
        return [
            replace(each, where=each.where.replace(shown, real))
            for each in problems
            if each.severity == "error" and each.where.startswith(shown)
        ]


def _head(code: str, base: KnowledgeBase, name: str, timezone: str, currency: str) -> RegionHead:
    """The head of a new file: nothing where the shipped file says it, otherwise what is told or commonly known."""
    from contextcheck.knowledge.drafts import RegionHead
    from contextcheck.knowledge.places import usual_head

    if code in base.region_files:
        return RegionHead(code, name, timezone, currency)
    usual = usual_head(code)
    head = RegionHead(code, name or usual[0], timezone or usual[1], currency or usual[2])
    for key in ("name", "timezone", "currency"):
        if not getattr(head, key):
            sentence = f"{code} has no file yet and no single {key} is known; give it as an option"
            raise SettingsError(Problem("ST128", f"--{key}", sentence))
    return head


def is_interactive() -> bool:
    """Whether questions can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def asked(given: str, option: str, question: str) -> str:
    """What an option gives, or the answer to a question."""
    if given:
        return given
    if not is_interactive():
        raise SettingsError(Problem("ST128", option, "is needed where no question can be asked; give it as an option"))
    return str(typer.prompt(question, err=True))


def _region_code(text: str, base: KnowledgeBase) -> str:
    from contextcheck.knowledge.places import resolve_region

    if text.upper() in base.region_files:
        return text.upper()
    code = resolve_region(text)
    if code is None:
        sentence = f'"{text}" is no country or region{nearest(text.upper(), base.region_files)}'
        raise SettingsError(Problem("ST128", "--region", f"{sentence}; write a code such as KR"))
    return code


def moves_from(given: list[str] | None, base: KnowledgeBase) -> tuple[tuple[str, str], ...]:
    """The metrics and directions of `--explains`, checked."""
    texts = given or [asked("", "--explains", "Which metric moves, and where to (such as cancel_rate:up)")]
    moves = []
    for text in texts:
        metric, _, direction = text.partition(":")
        if metric not in base.metrics:
            raise SettingsError(
                Problem(
                    "ST128",
                    "--explains",
                    f'no metric "{metric}"{nearest(metric, base.metrics)} (write it as cancel_rate:up)',
                )
            )
        if (direction or "up") not in ("up", "down"):
            raise SettingsError(Problem("ST128", "--explains", f'"{direction}" must be up or down'))
        moves.append((metric, direction or "up"))
    return tuple(moves)


def _id_of(code: str, title: str) -> str:
    return f"{code.lower()}-{words_of(title)}"


def words_of(title: str) -> str:
    """The first words of a title as they stand in an id."""
    from contextcheck.knowledge.catalogue import folded

    words = re.findall(r"[a-z0-9]+", folded(title))[:6]
    return "-".join(words or ["entry"])
