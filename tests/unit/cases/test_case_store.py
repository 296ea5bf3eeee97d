"""Cases: one incident over several runs, decisions that are looked at again, and a file that survives."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from unit.report import report_cases

from contextcheck.cases.case import confirmed_and_overruled
from contextcheck.cases.store import CaseStore
from contextcheck.errors import InputError, SettingsError
from contextcheck.records import Finding, Investigation, RelatedMetric, Window

NOW = {"at": "2026-03-17T09:00:00Z", "by": "mina"}
NAME = "KR-cancel_rate-2026-03-03"
PADDING = "kr-free-shipping-padding"


def run_of(number: int, **changed: object) -> Investigation:
    """A later run of the Korean case: the flag goes on, with whatever else is said."""
    base = report_cases.padding_investigation()
    (finding, *_) = base.findings
    flag = finding.flag
    window = Window(flag.window.start, flag.window.end + timedelta(days=number), True)
    flag = replace(flag, window=window, excess_events=flag.excess_events * window.days / flag.window.days)
    recommendation = replace(finding.recommendation, action=changed.pop("action", finding.recommendation.action))
    explained = changed.pop("explained", finding.explained)
    flag = replace(flag, **changed)
    told = Finding(flag, explained, finding.ledger, recommendation)
    run = replace(base.run, id=f"run-{number}-{flag.id}", as_of=base.run.as_of + timedelta(days=number))
    return replace(base, run=run, findings=(told,))


@pytest.fixture
def store(tmp_path: Path) -> CaseStore:
    return CaseStore(tmp_path / "cases.sqlite")


def take(store: CaseStore, *runs: Investigation) -> None:
    for each in runs:
        store.take_in(each, **NOW)


def test_an_incident_is_one_case_over_many_runs(store: CaseStore) -> None:
    take(store, run_of(0), run_of(1), run_of(2))
    (case,) = store.cases()
    assert (case.id, case.state, case.runs) == (NAME, "new", 3)
    assert case.snapshot.window.end == date(2026, 3, 18)
    assert [each.kind for each in store.history(NAME)] == ["seen"] * 3


def test_it_stays_the_same_case_when_its_start_is_corrected_or_another_metric_leads(store: CaseStore) -> None:
    flag = run_of(0).findings[0].flag
    window = Window(flag.window.start - timedelta(days=1), flag.window.end + timedelta(days=1), True)
    related = (RelatedMetric("cancel_rate", "up", 0.18, 0.06, 1e-9),)
    renamed = run_of(1, id="KR-modify_rate-2026-03-02", metric="modify_rate", window=window, related=related)
    take(store, run_of(0), renamed)
    assert [(case.id, case.snapshot.flag) for case in store.cases()] == [(NAME, "KR-modify_rate-2026-03-02")]


@pytest.mark.parametrize("other", ["region", "metric", "days"])
def test_another_market_metric_or_time_is_another_case(store: CaseStore, other: str) -> None:
    later = Window(date(2026, 3, 25), date(2026, 3, 28))
    changed = {
        "region": {"id": "JP-cancel_rate-2026-03-03", "region": "JP"},
        "metric": {"id": "KR-unpaid_rate-2026-03-03", "metric": "unpaid_rate", "related": ()},
        "days": {"id": "KR-cancel_rate-2026-03-25", "window": later},
    }[other]
    take(store, run_of(0), run_of(1, **changed))
    assert len(store.cases()) == 2


def test_the_same_run_taken_in_twice_changes_nothing(store: CaseStore) -> None:
    take(store, run_of(0), run_of(0))
    assert store.cases()[0].runs == 1
    assert len(store.history(NAME)) == 1


def test_an_older_run_taken_in_late_does_not_turn_the_clock_back(store: CaseStore) -> None:
    take(store, run_of(5), run_of(1))
    assert store.case(NAME).snapshot.window.end == date(2026, 3, 21)


def test_a_decision_is_kept_until_a_run_contradicts_it(store: CaseStore) -> None:
    take(store, run_of(0))
    store.decide(NAME, "norm", PADDING, "keep", "confirmed by kr-market", **NOW)
    take(store, run_of(1))
    assert (store.case(NAME).state, store.case(NAME).changed) == ("decided", "")
    take(store, run_of(2, action="roll-back"))
    assert store.case(NAME).changed == "roll-back is recommended now, it was keep"
    larger = run_of(3)
    grown = replace(larger.findings[0], flag=replace(larger.findings[0].flag, excess_events=10_000.0))
    take(store, replace(larger, findings=(grown,)))
    # 10,000 over 17 days against 2,913.2 over 14 days: 588.2 / 208.1 = 2.8
    assert store.case(NAME).changed == "the excess per day is 2.8 times what was decided on"
    nothing_holds = replace(run_of(4).findings[0].explained, explanations=())
    take(store, run_of(4, explained=nothing_holds))
    assert store.case(NAME).changed == f"{PADDING} no longer holds"
    assert store.cases()[0].changed


def test_reopening_takes_the_decision_back_and_keeps_it_in_the_history(store: CaseStore) -> None:
    take(store, run_of(0))
    store.decide(NAME, "chance", "", "watch", "", **NOW)
    store.note(NAME, "a second look at the payments", **NOW)
    assert store.case(NAME).state == "decided"
    case = store.reopen(NAME, "refunds came in", **NOW)
    assert (case.state, case.decision) == ("working", None)
    assert [each.kind for each in store.history(NAME)] == ["seen", "decided", "note", "reopened"]


def test_assigning_makes_a_new_case_a_worked_on_one(store: CaseStore) -> None:
    take(store, run_of(0))
    assert store.assign(NAME, "jun", **NOW).owner == "jun"
    assert (store.case(NAME).state, store.case(NAME).owner) == ("working", "jun")


def test_what_analysts_decided_is_counted_for_the_entries_that_held(store: CaseStore) -> None:
    take(store, run_of(0))
    assert confirmed_and_overruled(store.cases()) == {}
    store.decide(NAME, "unclear", "", "watch", "", **NOW)
    assert confirmed_and_overruled(store.cases()) == {}
    store.decide(NAME, "norm", PADDING, "keep", "", **NOW)
    assert confirmed_and_overruled(store.cases())[PADDING] == (1, 0)
    store.decide(NAME, "norm", "", "keep", "", **NOW)
    assert confirmed_and_overruled(store.cases())[PADDING] == (1, 0)
    store.decide(NAME, "abuse", "", "act-on-accounts", "", **NOW)
    assert confirmed_and_overruled(store.cases())[PADDING] == (0, 1)


def test_an_unknown_case_is_refused_with_the_nearest_name(store: CaseStore) -> None:
    take(store, run_of(0))
    with pytest.raises(SettingsError, match=f'CS101 no case "KR-cancel_rate-2026-03-04".*"{NAME}"'):
        store.note("KR-cancel_rate-2026-03-04", "hello", **NOW)


def test_another_file_is_not_taken_for_a_store(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("these are no cases, but a text of some length\n" * 40)
    with pytest.raises(InputError, match="CS102 cannot be used as a case store"):
        CaseStore(text)
    assert text.read_text().startswith("these are no cases")
    other = tmp_path / "shop.sqlite"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE orders (id)")
    with pytest.raises(InputError, match="another program's file"):
        CaseStore(other)
    newer = tmp_path / "newer.sqlite"
    CaseStore(newer)
    with sqlite3.connect(newer) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(InputError, match="newer version"):
        CaseStore(newer)


def _write_notes(path: Path, writer: int, count: int) -> None:
    store = CaseStore(path)
    for number in range(count):
        store.note(NAME, f"{writer}-{number}", at=NOW["at"], by=f"writer-{writer}")


def test_several_writers_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "cases.sqlite"
    take(CaseStore(path), run_of(0))
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write_notes, args=(path, writer, 25)) for writer in range(4)]
    for each in writers:
        each.start()
    for each in writers:
        each.join(60)
    assert [each.exitcode for each in writers] == [0] * 4
    notes = [each.text for each in CaseStore(path).history(NAME) if each.kind == "note"]
    assert sorted(notes) == sorted(f"{writer}-{number}" for writer in range(4) for number in range(25))


ENDLESS = """
import sys
from pathlib import Path
from contextcheck.cases.store import CaseStore
store, number = CaseStore(Path(sys.argv[1])), 0
while True:
    store.decide(sys.argv[2], "chance", "", "watch", str(number), at=f"{number:09}", by="endless")
    number += 1
    print(number, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX; Windows ends a process the same way")
@pytest.mark.parametrize("wait_seconds", [0.01, 0.03, 0.08])
def test_killed_at_any_instant_the_file_holds_all_of_a_change_or_nothing(tmp_path: Path, wait_seconds: float) -> None:
    path = tmp_path / "cases.sqlite"
    take(CaseStore(path), run_of(0))
    source = str(Path(__file__).parents[3] / "src")
    process = subprocess.Popen(
        [sys.executable, "-c", ENDLESS, str(path), NAME],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": source},
        text=True,
    )
    assert process.stdout is not None
    told = int(process.stdout.readline())
    time.sleep(wait_seconds)
    process.send_signal(signal.SIGKILL)
    told = int((process.stdout.read().split() or [told])[-1])
    process.wait()
    process.stdout.close()
    store = CaseStore(path)
    decided = [each for each in store.history(NAME) if each.kind == "decided"]
    # what was said to be done is there, at most one more was under way; case and history agree
    assert told <= len(decided) <= told + 1
    decision = store.case(NAME).decision
    assert decision is not None and decision.at == decided[-1].at
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
