"""`contextcheck cases`: what analysts made of the flags, over time."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contextcheck.cli.output import give, give_lines, say

if TYPE_CHECKING:
    from contextcheck.cases.case import Case
    from contextcheck.cases.store import CaseStore

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Flags as analysts work on them: take in, list, show, note, assign, decide, reopen, export.",
)


class CauseWord(StrEnum):
    """What an incident turned out to be."""

    norm = "norm"
    abuse = "abuse"
    operational = "operational"
    measurement = "measurement"
    chance = "chance"
    unclear = "unclear"


class ActionWord(StrEnum):
    """What is done about it."""

    keep = "keep"
    watch = "watch"
    ask_local_team = "ask-local-team"
    act_on_accounts = "act-on-accounts"
    fix = "fix"
    roll_back = "roll-back"


class StateWord(StrEnum):
    """Which cases are listed."""

    open = "open"
    new = "new"
    working = "working"
    decided = "decided"
    changed = "changed"
    all = "all"


StorePath = Annotated[
    Path, typer.Option("--store", help="The file that holds the cases; on a local disk.", envvar="CONTEXTCHECK_CASES")
]
STORE = Path("cases.sqlite")
CaseId = Annotated[str, typer.Argument(help="Id of the case, such as KR-cancel_rate-2026-03-02.")]
By = Annotated[str, typer.Option("--by", help="Who says it.", show_default="the user of this machine")]
Text = Annotated[str, typer.Option("--note", help="Why; part of the history.", show_default=False)]


@app.command("take")
def take(
    findings: Annotated[list[Path] | None, typer.Argument(help="Findings files that scan wrote, oldest first.")] = None,
    store: StorePath = STORE,
    by: By = "",
) -> None:
    """Make or renew a case for every flag of a findings file; taking in the same run again changes nothing."""
    from contextcheck.cli.report import load_findings

    kept = _store(store)
    for path in findings or [Path("findings.json")]:
        new, again = kept.take_in(load_findings(path), at=_now(), by=by or _user())
        say(f"{path}: {len(new)} new, {len(again)} seen again")
        changed = [case for case in again if case.changed]
        give_lines(line for case in (*new, *changed) for line in _lines([case]))


@app.command("list")
def list_cases(
    state: Annotated[StateWord, typer.Option("--state", help="Which; open: new, working or changed.")] = StateWord.open,
    region: Annotated[str, typer.Option("--region", help="Only this market.", show_default=False)] = "",
    owner: Annotated[str, typer.Option("--owner", help="Only this owner's.", show_default=False)] = "",
    store: StorePath = STORE,
) -> None:
    """List cases, those that wait for somebody first."""
    every = _store(store).cases()
    shown = [
        case
        for case in every
        if _is_in(case, state) and region in ("", case.snapshot.region) and owner in ("", case.owner)
    ]
    give_lines(_lines(shown))
    say(f"{len(shown)} of {len(every)} cases")


@app.command("show")
def show(case: CaseId, store: StorePath = STORE) -> None:
    """Show a case with its whole history."""
    from contextcheck.cases.text import show_lines

    kept = _store(store)
    give_lines(show_lines(kept.case(case), kept.history(case)))


@app.command("note")
def note(
    case: CaseId,
    text: Annotated[str, typer.Argument(help="The note.")],
    store: StorePath = STORE,
    by: By = "",
) -> None:
    """Add a note to a case."""
    _store(store).note(case, _told(text, "TEXT"), at=_now(), by=by or _user())
    say(f"noted at {case}")


@app.command("assign")
def assign(
    case: CaseId,
    owner: Annotated[str, typer.Argument(help='Who works on it; "" for nobody.')],
    store: StorePath = STORE,
    by: By = "",
) -> None:
    """Say who works on a case."""
    _store(store).assign(case, _told(owner, ""), at=_now(), by=by or _user())
    say(f"{case} is {owner}'s" if owner else f"{case} is nobody's")


@app.command("decide")
def decide(
    case: CaseId,
    cause: Annotated[CauseWord, typer.Option("--cause", help="What it was.")],
    action: Annotated[ActionWord, typer.Option("--action", help="What is done about it.")],
    entry: Annotated[
        str, typer.Option("--entry", help="The entry of the knowledge base that says so.", show_default=False)
    ] = "",
    text: Text = "",
    store: StorePath = STORE,
    by: By = "",
) -> None:
    """Decide a case: what it was and what is done; a later run that contradicts it says so."""
    kept = _store(store)
    _check_entry(entry, kept.case(case))
    kept.decide(case, cause.value, entry, action.value, _told(text, ""), at=_now(), by=by or _user())
    say(f"{case} decided: {cause.value}, {action.value}")


@app.command("reopen")
def reopen(case: CaseId, text: Text = "", store: StorePath = STORE, by: By = "") -> None:
    """Take a decision back; it stays in the history."""
    _store(store).reopen(case, _told(text, ""), at=_now(), by=by or _user())
    say(f"{case} is open again")


@app.command("export")
def export(store: StorePath = STORE) -> None:
    """Give every case with its history as JSON."""
    from contextcheck.cases.text import as_json

    kept = _store(store)
    every = kept.cases()
    give(as_json(every, [kept.history(case.id) for case in every]))


def _store(path: Path) -> CaseStore:
    from contextcheck.cases.store import CaseStore

    return CaseStore(path)


def _lines(cases: list[Case]) -> list[str]:
    from contextcheck.cases.text import list_lines

    return list(list_lines(cases))


def _is_in(case: Case, state: StateWord) -> bool:
    if state is StateWord.all:
        return True
    if state is StateWord.open:
        return case.state != "decided" or bool(case.changed)
    return bool(case.changed) if state is StateWord.changed else case.state == state.value


def _check_entry(entry: str, case: Case) -> None:
    """An entry that was never tried on the case cannot be what explains it: most often a slip of the pen."""
    from contextcheck.errors import Problem, SettingsError, nearest

    held = [each.id for each in case.snapshot.held]
    if entry and entry not in held:
        message = f'"{entry}" is none of the explanations that held here{nearest(entry, held)}; leave --entry out'
        raise SettingsError(Problem("CS103", "--entry", message))


def _told(text: str, needed_as: str) -> str:
    """A text in one line without anything a terminal would obey; refused when it is needed and empty."""
    from contextcheck.errors import Problem, SettingsError
    from contextcheck.report.words import clean

    told = clean(text)
    if needed_as and not told:
        raise SettingsError(Problem("CS104", needed_as, "is empty; say something"))
    return told


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
