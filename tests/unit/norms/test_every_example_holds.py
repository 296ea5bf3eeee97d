"""The whole of `norms test` for what ships, one slice of the worlds at a time so that it spreads over the cores."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from contextcheck.knowledge.overlay import read_knowledge
from contextcheck.rehearse.examples import examples_of, jobs_of, problems_of, run_job
from contextcheck.settings import Settings

SLICES = 24


@cache
def shipped():
    base = read_knowledge(Settings(folder=Path()))
    unique = {entry.id: entry for entry in base.entries}
    tasks, broken = examples_of(unique.values())
    return base, jobs_of(tasks), broken


def test_every_example_names_a_situation():
    assert not problems_of(shipped()[2])


@pytest.mark.parametrize("number", range(SLICES))
def test_every_example_gives_the_verdict_that_its_entry_expects(number):
    base, jobs, _ = shipped()
    own = jobs[number * len(jobs) // SLICES : (number + 1) * len(jobs) // SLICES]
    outcomes = [outcome for job in own for outcome in run_job(base, job)]
    assert outcomes
    assert "\n".join(str(problem) for problem in problems_of(outcomes)) == ""
