"""Where cases are kept: one SQLite file that several analysts and jobs may write at once."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import asdict, replace
from datetime import date
from typing import TYPE_CHECKING, Any, cast

from contextcheck.cases.case import Case, Decision, Event, Held, Snapshot, case_for, seen_again, snapshot_of
from contextcheck.errors import InputError, Problem, SettingsError, nearest
from contextcheck.records import Window

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from contextcheck.cases.case import CaseState, Cause, EventKind
    from contextcheck.records import Action, Investigation

SCHEMA = 1
WAIT_SECONDS = 30.0
APPLICATION = 0x63436365
"""Written into the file's header, so that another SQLite file is not taken for a store."""

TABLES = """
CREATE TABLE cases (id TEXT PRIMARY KEY, state TEXT NOT NULL, body TEXT NOT NULL) STRICT;
CREATE TABLE events (
    number INTEGER PRIMARY KEY, case_id TEXT NOT NULL REFERENCES cases (id), at TEXT NOT NULL, by TEXT NOT NULL,
    kind TEXT NOT NULL, text TEXT NOT NULL
) STRICT;
CREATE TABLE runs (run TEXT NOT NULL, flag TEXT NOT NULL, case_id TEXT NOT NULL, PRIMARY KEY (run, flag)) STRICT;
CREATE INDEX events_of_case ON events (case_id, number);
"""


class CaseStore:
    """Cases in one file.

    Args:
        path: The file; made when it is missing.

    Raises:
        InputError: The file is something else, or of a newer version.

    Every change is one transaction with a write-ahead log: killed at any instant, the file holds all of it or
    nothing. Several writers wait for each other for up to half a minute. The file must lie on a disk of this machine:
    SQLite's locks do not hold on most network drives.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with closing(self._connect()) as connection:
                self._prepare(connection)
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(str(error)) from error

    def take_in(self, investigation: Investigation, *, at: str, by: str) -> tuple[tuple[Case, ...], tuple[Case, ...]]:
        """Make or renew a case for every flag of a run; a run that was taken in before changes nothing.

        Returns:
            The cases that are new, and those that were seen again.
        """
        new: list[Case] = []
        again: list[Case] = []
        with self._writing() as connection:
            query = "SELECT flag FROM runs WHERE run = ?"
            known = {flag for (flag,) in connection.execute(query, (investigation.run.id,))}
            cases = _cases(connection)
            for finding in investigation.findings:
                if finding.flag.id in known:
                    continue
                snapshot = snapshot_of(finding, investigation.run)
                before = case_for(snapshot, list(cases.values()))
                case = seen_again(before, snapshot) if before else _new_case(snapshot, cases)
                cases[case.id] = case
                (again if before else new).append(case)
                _keep(connection, case)
                connection.execute("INSERT INTO runs VALUES (?, ?, ?)", (snapshot.run, snapshot.flag, case.id))
                _add(connection, case.id, Event(at, by, "seen", _seen_text(snapshot)))
        return tuple(new), tuple(again)

    def note(self, case_id: str, text: str, *, at: str, by: str) -> Case:
        """Add a note."""
        return self._change(case_id, at, by, "note", text)

    def assign(self, case_id: str, owner: str, *, at: str, by: str) -> Case:
        """Say who works on it."""
        return self._change(case_id, at, by, "assigned", owner or "nobody", owner=owner)

    def decide(self, case_id: str, cause: Cause, entry: str, action: Action, text: str, *, at: str, by: str) -> Case:
        """Say what it was, by which entry of the knowledge base where there is one, and what is done."""
        with self._writing() as connection:
            case = self._case(connection, case_id)
            now = case.snapshot
            decision = Decision(cause, entry, action, by, at, now.excess_per_day, now.action)
            decided = replace(case, state="decided", decision=decision, changed="")
            _keep(connection, decided)
            told = f"{cause}{f' ({entry})' if entry else ''}, {action}"
            _add(connection, case_id, Event(at, by, "decided", f"{told}: {text}" if text else told))
        return decided

    def reopen(self, case_id: str, text: str, *, at: str, by: str) -> Case:
        """Take a decision back; it stays in the history."""
        return self._change(case_id, at, by, "reopened", text)

    def cases(self) -> tuple[Case, ...]:
        """Every case, those that wait for somebody first, then the newest days."""
        with closing(self._connect()) as connection:
            found = _cases(connection).values()
        return tuple(sorted(found, key=_in_order_of_need))

    def case(self, case_id: str) -> Case:
        """One case."""
        with closing(self._connect()) as connection:
            return self._case(connection, case_id)

    def history(self, case_id: str) -> tuple[Event, ...]:
        """Everything that happened to a case, oldest first."""
        query = "SELECT at, by, kind, text FROM events WHERE case_id = ? ORDER BY number"
        with closing(self._connect()) as connection:
            self._case(connection, case_id)
            return tuple(Event(*row) for row in connection.execute(query, (case_id,)))

    # ── the file ───────────────────────────────────────────────────────────────────────────────────────

    def _change(self, case_id: str, at: str, by: str, kind: EventKind, text: str, **changed: Any) -> Case:
        """Add an event; a case that somebody touches is being worked on, unless it is decided and only noted."""
        with self._writing() as connection:
            case = self._case(connection, case_id)
            is_decided = case.state == "decided" and kind != "reopened"
            state: CaseState = "decided" if is_decided else "working"
            decision = case.decision if is_decided else None
            case = replace(case, state=state, decision=decision, changed=case.changed if is_decided else "", **changed)
            _keep(connection, case)
            _add(connection, case_id, Event(at, by, kind, text))
        return case

    def _case(self, connection: sqlite3.Connection, case_id: str) -> Case:
        row = connection.execute("SELECT body FROM cases WHERE id = ?", (case_id,)).fetchone()
        if row is None:
            known = [name for (name,) in connection.execute("SELECT id FROM cases")]
            message = f'no case "{case_id}"{nearest(case_id, known)}; contextcheck cases lists them'
            raise SettingsError(Problem("CS101", str(self.path), message))
        return _read(row[0])

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, timeout=WAIT_SECONDS, isolation_level=None)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: read and write under the same lock, all or nothing."""
        with closing(self._connect()) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            except sqlite3.Error as error:
                raise self._unusable(str(error)) from error

    def _prepare(self, connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN IMMEDIATE")
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        is_empty = not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if is_empty:
            for statement in filter(str.strip, TABLES.split(";")):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
            connection.execute(f"PRAGMA user_version = {SCHEMA}")
        elif application != APPLICATION:
            raise self._unusable("it is another program's file")
        elif version > SCHEMA:
            raise self._unusable(f"it was written by a newer version (layout {version}, this one knows {SCHEMA})")
        connection.execute("COMMIT")

    def _unusable(self, reason: str) -> InputError:
        message = f"cannot be used as a case store: {reason}; name another file with --store"
        return InputError(Problem("CS102", str(self.path), message))


def _in_order_of_need(case: Case) -> tuple[int, int, str]:
    """Those that wait for somebody first, then the newest days."""
    place = {"new": 0, "working": 2, "decided": 3}[case.state]
    return 1 if case.changed else place, -case.snapshot.window.end.toordinal(), case.id


def _new_case(snapshot: Snapshot, cases: dict[str, Case]) -> Case:
    """A case under the flag's id; a second incident of the same name gets a number."""
    name, number = snapshot.flag, 2
    while name in cases:
        name, number = f"{snapshot.flag}-{number}", number + 1
    return Case(name, "new", "", snapshot, 1)


def _seen_text(snapshot: Snapshot) -> str:
    held = ", ".join(f"{each.id} {each.verdict}" for each in snapshot.held) or "no explanation holds"
    money = f", contribution {snapshot.contribution} a day" if snapshot.contribution else ""
    days = f"{snapshot.window.start} to {snapshot.window.end}, {snapshot.course.replace('_', ' ')}"
    return f"{days}: {held}{money}; recommended {snapshot.action}"


def _cases(connection: sqlite3.Connection) -> dict[str, Case]:
    return {case.id: case for case in (_read(body) for (body,) in connection.execute("SELECT body FROM cases"))}


def _keep(connection: sqlite3.Connection, case: Case) -> None:
    body = json.dumps(asdict(case), default=str, sort_keys=True)
    connection.execute("INSERT OR REPLACE INTO cases VALUES (?, ?, ?)", (case.id, case.state, body))


def _add(connection: sqlite3.Connection, case_id: str, event: Event) -> None:
    values = (case_id, event.at, event.by, event.kind, event.text)
    connection.execute("INSERT INTO events (case_id, at, by, kind, text) VALUES (?, ?, ?, ?, ?)", values)


def _read(body: str) -> Case:
    """A case from its row, which only this file writes."""
    tree = cast("dict[str, Any]", json.loads(body))
    seen = tree["snapshot"]
    window = seen["window"]
    days = Window(date.fromisoformat(window["start"]), date.fromisoformat(window["end"]), window["is_open"])
    told = {
        **seen,
        "as_of": date.fromisoformat(seen["as_of"]),
        "metrics": tuple(seen["metrics"]),
        "window": days,
        "held": tuple(Held(**each) for each in seen["held"]),
    }
    decision = Decision(**tree["decision"]) if tree["decision"] else None
    return Case(**{**tree, "snapshot": Snapshot(**told), "decision": decision})
