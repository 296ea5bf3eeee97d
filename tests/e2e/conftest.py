"""The real command line, in this process, in an empty folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from contextcheck.cli.app import run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass(frozen=True)
class Ended:
    """What a command left behind."""

    code: int
    out: str
    err: str
    files: frozenset[str]


@pytest.fixture
def contextcheck(tmp_path: Path, monkeypatch, capsys) -> Callable[..., Ended]:
    """Run a command as a user does; `files` are the ones it wrote, relative to the folder it ran in."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> Ended:
        before = listing(tmp_path)
        capsys.readouterr()
        code = run([str(each) for each in arguments])
        said = capsys.readouterr()
        return Ended(code, said.out, said.err, frozenset(listing(tmp_path) - before))

    return call


@pytest.fixture(scope="session")
def padding_world(tmp_path_factory) -> Path:
    """A folder with the orders and settings of the Korean case, small; read it, write nothing there."""
    from contextcheck.simulate.worlds import simulate, write_world

    folder = tmp_path_factory.mktemp("padding")
    write_world(simulate("korea-padding", seed=1, orders=20_000), folder)
    return folder


@pytest.fixture(scope="session")
def padding_findings(padding_world, tmp_path_factory) -> Path:
    """The findings file of that world."""
    findings = tmp_path_factory.mktemp("found") / "findings.json"
    quarantine = findings.parent / "quarantine"
    arguments = ["scan", "-c", padding_world / "contextcheck.yaml", "-o", findings, "-q", "--quarantine", quarantine]
    assert run([str(each) for each in arguments]) == 0
    return findings


def listing(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
