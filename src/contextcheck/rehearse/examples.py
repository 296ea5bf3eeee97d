"""`norms test`: every example of every entry through the real sign tests."""

from __future__ import annotations

import os
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from contextcheck.errors import ContextCheckError, Problem, place_of
from contextcheck.explain.investigate import explain_flag
from contextcheck.knowledge.candidates import candidates
from contextcheck.knowledge.dates import days_of
from contextcheck.knowledge.entries import When
from contextcheck.knowledge.overlay import read_as_far_as_it_goes
from contextcheck.rehearse.garbage import collected_afterwards
from contextcheck.rehearse.incident import flag_of, moves_of
from contextcheck.rehearse.situations import Situation, SituationError, read_situation
from contextcheck.rehearse.worlds import LAUNCHED_DAYS, Stage, WorldKey, build_stage, day_shift, market_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from contextcheck.knowledge.base import KnowledgeBase
    from contextcheck.knowledge.entries import Entry, Example
    from contextcheck.records import ExplanationResult, Flag
    from contextcheck.rehearse.incident import Move
    from contextcheck.settings import Settings

Mark = tuple[str, str, str]
"""Tells one example from all others: its entry's id, its place and its name."""
Job = tuple[WorldKey, list[Mark]]
"""A world, and the examples that play in it."""
NO_MOVE = "nothing_moved"
BROKEN = "broken"
WELL_FORMED = "well-formed"
SEARCH_YEARS = (date(2024, 1, 1), date(2027, 12, 31))
EARLIER_YEARS = (date(2018, 1, 1), date(2023, 12, 31))
"""Where an entry about a law or a sale of the past is looked for when it names no later day."""
MOVED = ("holiday", "dates", "payday")
"""Kinds of windows whose days are moved to where the world plays, the earlier ones with them."""
CHUNK = 6
"""Worlds given to a process at a time."""
LENGTHS = (1, 2, 3, 5, 7, 10)
"""Short windows are played at one of these lengths, so that more examples share a world."""
USUAL_DAYS = 14
CALENDAR_DAYS = 400


@dataclass(frozen=True, slots=True)
class Task:
    """One example of one entry and the world it needs."""

    entry: Entry
    example: Example
    key: WorldKey


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one example gave.

    Attributes:
        found: A verdict; `nothing_moved` when the data moves no metric of the entry; `broken` when it cannot be run.
        reason: Why, in a sentence; the signs that decided.
        seconds: Of the sign tests, without the building of the world.
    """

    entry: str
    region: str
    example: str
    data: str
    expected: str
    found: str
    reason: str
    where: str
    seconds: float = 0.0

    @property
    def has_passed(self) -> bool:
        return self.found == self.expected


def examples_of(entries: Iterable[Entry]) -> tuple[list[Task], list[Outcome]]:
    """Give the examples that can be run, and those that name no situation (as outcomes that say what to write)."""
    tasks: list[Task] = []
    broken: list[Outcome] = []
    for entry in entries:
        for example in entry.examples:
            try:
                situation = read_situation(example.data)
                tasks.append(Task(entry, example, _key(entry, example, situation)))
            except SituationError as error:
                broken.append(_outcome(entry, example, "", BROKEN, str(error)))
    return tasks, broken


def run_examples(
    settings: Settings,
    entries: Sequence[Entry],
    *,
    workers: int = 0,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[Outcome, ...]:
    """Run the examples of some entries.

    Args:
        settings: Name the folders from which every worker reads the definitions.
        entries: Whose examples are run.
        workers: Processes; 0 for one per core, 1 for none beside this one.
        progress: Told about each world that is done.

    Returns:
        Outcomes in the order of the entries.
    """
    tasks, outcomes = examples_of(entries)
    jobs = jobs_of(tasks)
    workers = min(workers or os.cpu_count() or 1, len(jobs))
    if workers <= 1:
        base = read_as_far_as_it_goes(settings)
        done = (run_job(base, job) for job in jobs)
        outcomes += _gathered(done, len(jobs), progress)
    else:
        with ProcessPoolExecutor(workers, get_context("spawn"), _start_worker, (settings,)) as pool:
            outcomes += _gathered(pool.map(_run_in_worker, jobs, chunksize=CHUNK), len(jobs), progress)
    order = {_mark(entry, example): place for place, (entry, example) in enumerate(_pairs(entries))}
    return tuple(sorted(outcomes, key=lambda each: order[each.entry, each.where, each.example]))


def broken_files(problems: Iterable[Problem]) -> tuple[Outcome, ...]:
    """Give every error in the files under test as an outcome: what cannot be read was not tried."""
    return tuple(
        Outcome(place_of(each.where).path, "", each.code, "", WELL_FORMED, BROKEN, each.message, each.where)
        for each in problems
        if each.severity == "error"
    )


def jobs_of(tasks: Iterable[Task]) -> list[Job]:
    """Give each distinct world with the examples that play in it, so that it is made once.

    Worlds of one market come one after the other: each process keeps the quiet shop that it has just made.
    """
    worlds: dict[WorldKey, list[Mark]] = {}
    for task in tasks:
        worlds.setdefault(task.key, []).append(_mark(task.entry, task.example))
    return sorted(worlds.items(), key=lambda item: (item[0].market, -len(item[1])))


def _pairs(entries: Iterable[Entry]) -> list[tuple[Entry, Example]]:
    return [(entry, example) for entry in entries for example in entry.examples]


def _gathered(done: Iterable[list[Outcome]], worlds: int, progress: Callable[[str], None]) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for number, each in enumerate(done, start=1):
        outcomes += each
        progress(f"{number} of {worlds} worlds, {len(outcomes)} examples")
    return outcomes


_worker_base: list[KnowledgeBase] = []


def _start_worker(settings: Settings) -> None:
    _worker_base.append(read_as_far_as_it_goes(settings))


def _run_in_worker(job: Job) -> list[Outcome]:
    return run_job(_worker_base[0], job)


def run_job(base: KnowledgeBase, job: Job) -> list[Outcome]:
    """Run all examples that play in one world; a job of `jobs_of`."""
    key, wanted = job
    marked = {_mark(entry, example): (entry, example) for entry, example in _pairs(base.entries)}
    pairs = [marked[mark] for mark in dict.fromkeys(wanted) if mark in marked]
    with tempfile.TemporaryDirectory(prefix="contextcheck-example-") as folder, collected_afterwards():
        try:
            stage = build_stage(key, base, Path(folder))
        except (ContextCheckError, OSError) as error:
            reason = str(error).splitlines()[0]
            return [_outcome(entry, example, key.market, BROKEN, reason) for entry, example in pairs]
        moves = moves_of(stage)
        return [_run_example(base, stage, key.situation, moves, entry, example) for entry, example in pairs]


def _run_example(
    base: KnowledgeBase,
    stage: Stage,
    situation: Situation,
    moves: tuple[Move, ...],
    entry: Entry,
    example: Example,
) -> Outcome:
    started = time.perf_counter()
    flag = flag_of(stage, entry, moves)
    if flag is None:
        moved = ", ".join(f"{each.metric} {each.direction}" for each in moves) or "nothing"
        reason = f"the data moves {moved}, nothing that the entry explains; choose other data"
        if situation.kind == "file":
            reason += ", or let the file go on after the window until late events are counted"
        return _outcome(entry, example, stage.region, NO_MOVE, reason)
    told = in_world(entry) if situation.kind == "behaviours" else entry
    tested = [told]
    if situation.has_several_causes(stage.region):
        all_moves = {(flag.metric, flag.direction), *((each.metric, each.direction) for each in flag.related)}
        rivals = candidates(base, stage.region, all_moves, stage.window, stage.launches)
        tested += [each for each in rivals if each.id != entry.id]
    explained = explain_flag(
        flag,
        stage.orders,
        stage.panel,
        tested,
        metrics=base.metrics,
        lines=stage.lines,
        launches=stage.launches,
        flags=_flags_of(flag, situation),
        is_brief=True,
    )
    result = next(each for each in explained.explanations if each.id == entry.id)
    seconds = time.perf_counter() - started
    return _outcome(entry, example, stage.region, result.verdict, _told(result), seconds)


def _flags_of(flag: Flag, situation: Situation) -> tuple[Flag, ...]:
    """The flag, and its like in the other markets where the same goes on: none of them is quiet to compare with."""
    others = {market for part in situation.parts for market in part.markets} - {flag.region}
    return (flag, *(replace(flag, id=f"{flag.id}-{market}", region=market) for market in sorted(others)))


def _told(result: ExplanationResult) -> str:
    """The signs that decided, strongest objection first."""
    if result.verdict == "too_flexible" and result.placebo:
        return f"it would have explained {result.placebo.rate:.0%} of {result.placebo.n} quiet windows as well"
    marks = {"supports": "+", "contradicts": "-", "not_testable": "?"}
    order = {"contradicts": 0, "not_testable": 1, "supports": 2}
    evidence = sorted(result.evidence, key=lambda each: (order[each.result], each.weight != "strong"))
    return "; ".join(f"{marks[each.result]} {each.test}: {each.reason or each.sentence}" for each in evidence)


def _mark(entry: Entry, example: Example) -> Mark:
    return entry.id, str(example.where or entry.where or entry.id), example.name


def _outcome(entry: Entry, example: Example, region: str, found: str, reason: str, seconds: float = 0.0) -> Outcome:
    _, where, name = _mark(entry, example)
    return Outcome(entry.id, region, name, example.data, example.expect, found, reason, where, seconds)


def _key(entry: Entry, example: Example, situation: Situation) -> WorldKey:
    market = market_of(situation, entry.regions)
    if situation.kind == "file":
        folder = Path(example.where.path).parent if example.where else Path()
        return WorldKey(situation, market, 0, is_launched=False, folder=str(folder))
    if situation.kind == "case":
        return WorldKey(situation, market, 0, is_launched=False)
    is_launched = entry.when.kind == "after_launch"
    days = int(situation.parts[0].option("days") or 0) or (LAUNCHED_DAYS if is_launched else _days(entry))
    return WorldKey(situation, market, days, is_launched)


def _days(entry: Entry) -> int:
    """How many days in a row the entry's first dated window lasts, at most two weeks."""
    if entry.when.kind not in MOVED:
        return USUAL_DAYS
    days = len(_first_run(entry))
    if not 0 < days < USUAL_DAYS:
        return USUAL_DAYS
    return max(length for length in LENGTHS if length <= days)


def _first_run(entry: Entry) -> list[date]:
    """The first run of days on which a dated entry can hold."""
    region = entry.regions[0]
    days = days_of(entry.when, region, *SEARCH_YEARS, ())
    if not days or SEARCH_YEARS[0] in days:
        # nothing later, or the very first run is the end of an older one: go back to where it began
        days |= days_of(entry.when, region, *EARLIER_YEARS, ())
    if not days:
        return []
    later = [day for day in sorted(days) if day >= SEARCH_YEARS[0] and day - timedelta(days=1) not in days]
    start = later[0] if later else _start_of(max(days), days)
    run = [start]
    while run[-1] + timedelta(days=1) in days:
        run.append(run[-1] + timedelta(days=1))
    return run


def _start_of(day: date, days: frozenset[date]) -> date:
    """The first day of the run of named days that a day belongs to."""
    while day - timedelta(days=1) in days:
        day -= timedelta(days=1)
    return day


def in_world(entry: Entry) -> Entry:
    """The entry with its named days moved to where the world plays, as plain dates; others are left as they are."""
    if entry.when.kind not in MOVED:
        return entry
    run = _first_run(entry)
    if not run:
        return entry
    shift = day_shift(run[0])
    first, last = run[0] - timedelta(days=CALENDAR_DAYS), run[0] + timedelta(days=CALENDAR_DAYS)
    days = days_of(entry.when, entry.regions[0], first, last, ())
    names = tuple(sorted((day + shift).isoformat() for day in days))
    return replace(entry, when=When("dates", names))


def problems_of(outcomes: Iterable[Outcome]) -> tuple[Problem, ...]:
    """Every example that gave something else than the entry says, as a problem at its line."""
    return tuple(
        Problem(
            "KB301",
            each.where,
            f'example "{each.example}" of {each.entry} gave {each.found.replace("_", " ")}, not {each.expected}: '
            f"{each.reason}",
        )
        for each in outcomes
        if not each.has_passed
    )
