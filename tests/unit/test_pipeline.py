"""Flags are explained side by side: what is found does not depend on it, and a failure is not lost in a thread."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contextcheck import pipeline
from contextcheck.pipeline import Study, finding_of, findings_of, study
from contextcheck.records import Finding
from contextcheck.settings import read_settings
from contextcheck.simulate.worlds import simulate, write_world


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Study:
    folder = tmp_path_factory.mktemp("padding")
    path = write_world(simulate("korea-padding", seed=3, orders=60_000), folder)
    return study(read_settings(path), as_of=None, seed=0, quarantine_folder=folder / "quarantine")


def test_flags_explained_side_by_side_are_those_explained_one_by_one(done: Study) -> None:
    flags = [*done.detected.flags, *done.detected.flags, *done.detected.flags]
    assert len(flags) >= 3
    said: list[str] = []
    found = findings_of(done, flags, said.append)
    assert found == [finding_of(done, flag) for flag in flags]
    assert said == [
        f"testing explanations of {flag.id} ({place} of {len(flags)})" for place, flag in enumerate(flags, start=1)
    ]


def test_what_fails_in_one_flag_is_raised_and_the_flags_behind_it_are_not_begun(
    done: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = []

    def failing(_: Study, flag: object) -> None:
        begun.append(flag)
        raise RuntimeError("the engine is gone")

    monkeypatch.setattr(pipeline, "finding_of", failing)
    with pytest.raises(RuntimeError, match="the engine is gone"):
        findings_of(done, [*done.detected.flags[:1]] * 200)
    assert len(begun) < 200


def test_where_what_was_flagged_grows_the_forecast_rests_on_the_newest_week(done: Study) -> None:
    found = finding_of(done, max(done.detected.flags, key=lambda each: each.window.days))
    assert found.ledger is not None and found.flag.course != "worsening"
    newest = {each.id: each for each in found.ledger.stretches}["newest-week"]
    assert not newest.differs and "newest" not in deciding(found)
    grown = finding_of(done, replace(found.flag, course="worsening"))
    assert grown.ledger is not None
    assert {each.id: each for each in grown.ledger.stretches} == {
        **{each.id: each for each in found.ledger.stretches}, "newest-week": replace(newest, differs=True)
    }  # fmt: skip
    assert deciding(grown) == "the newest 7 judged days"


def deciding(found: Finding) -> str:
    assert found.recommendation.outlook is not None
    return found.recommendation.outlook.based_on
