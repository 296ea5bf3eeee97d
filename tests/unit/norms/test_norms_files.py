"""Which files `norms lint` reads when they are named: colons, capitals, folders, and what is refused."""

import os
from pathlib import Path
from xml.etree import ElementTree

import pytest
from broken_files import GOOD

from contextcheck.cli.app import run
from contextcheck.errors import Location, Problem, in_reading_order, place_of
from contextcheck.rehearse.examples import Outcome
from contextcheck.rehearse.junit import render_junit

BAD = GOOD.replace("status: active", "status: ON")
TOLD = ':11:13: KB105 unknown status "ON"'


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: str, text: str = BAD) -> str:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, encoding="utf-8")
    return path


def lint(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 3) -> str:
    capsys.readouterr()
    assert run(["norms", "lint", *arguments]) == code, capsys.readouterr()
    return capsys.readouterr().out


def test_a_place_keeps_the_colons_of_its_path() -> None:
    assert place_of("C:/team/KR.yaml:9:5") == Location("C:/team/KR.yaml", 9, 5)
    assert place_of("a:b/KR.yml:12") == Location("a:b/KR.yml", 12)
    assert place_of("kr-padding") == Location("kr-padding")
    told = [Problem("KB101", f"C:/KR.yaml:{line}:1", "") for line in (10, 9)]
    assert [each.where for each in in_reading_order(told)] == ["C:/KR.yaml:9:1", "C:/KR.yaml:10:1"]


def test_junit_names_the_file_of_a_path_with_a_colon() -> None:
    outcome = Outcome("kr-padding", "KR", "it", "padding", "supported", "broken", "", "C:/team/KR.yaml:9:5")
    case = ElementTree.fromstring(render_junit([outcome]).split("\n", 1)[1])[0]
    assert (case.get("file"), case.get("line")) == ("C:/team/KR.yaml", "9")


@pytest.mark.parametrize("is_absolute", [False, True])
def test_a_path_with_a_colon_is_read(here: Path, capsys: pytest.CaptureFixture[str], is_absolute: bool) -> None:
    path = write("a:b/regions/KR.yaml")
    name = str(here / path) if is_absolute else path
    assert lint(capsys, name).startswith(name + TOLD)


def test_the_nearest_folder_of_the_definitions_counts(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write("rules/regions/KR.yaml")
    assert TOLD in lint(capsys, path)
    rule = write("regions/rules/explanations/abuse/x.yaml", "id: y\n")
    assert "KB217" in lint(capsys, rule)


def test_a_file_is_found_from_inside_its_folder(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write("regions/KR.yaml")
    write("rules/explanations/abuse/x.yaml", "id: y\n")
    monkeypatch.chdir(here / "regions")
    assert TOLD in lint(capsys, "KR.yaml")
    monkeypatch.chdir(here / "rules" / "explanations" / "abuse")
    assert "KB217" in lint(capsys, "x.yaml")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("regions/KR.YAML", "the name must end in .yaml; rename it to KR.yaml"),
        ("regions/KR.yaml.txt", "the name must end in .yaml; rename it to KR.yaml"),
        ("regions/_KR.yaml", 'names that begin with "_" are left out; rename it to KR.yaml'),
        ("regions/apac/KR.yaml", "only files that lie directly in regions/"),
        ("rules/abuse/x.yaml", "only files that lie directly in rules/metrics/"),
    ],
)
def test_a_named_file_that_no_run_reads_is_an_error(
    here: Path, capsys: pytest.CaptureFixture[str], name: str, reason: str
) -> None:
    if name.endswith(".YAML") and os.path.exists(here.as_posix().upper()):
        pytest.skip("this file system does not tell capitals apart")
    write(name, GOOD)
    assert f"{name}: KB020 not read: {reason}" in lint(capsys, name)


def test_lint_of_everything_warns_of_what_it_leaves_out(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write("regions/KR.yaml", GOOD)
    write("regions/apac/JP.yaml")
    write("regions/_ideas/JP.yaml")
    told = lint(capsys, code=0).splitlines()
    assert len(told) == 1
    assert told[0].startswith("regions/apac/JP.yaml: KB020 not read")
    assert told[0].endswith("(warning)")


@pytest.mark.parametrize("folder", ["regions", ".", "regions/", "elsewhere"])
def test_a_folder_means_its_files(here: Path, capsys: pytest.CaptureFixture[str], folder: str) -> None:
    if folder == "elsewhere":
        write("elsewhere/rules/explanations/abuse/x.yaml", "id: y\n")
        assert "KB217" in lint(capsys, folder)
        write("elsewhere/regions/KR.yaml")
    else:
        write("regions/KR.yaml")
    assert TOLD in lint(capsys, folder)


def test_a_folder_without_a_definition_is_an_error(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write("regions/KR.yaml", GOOD)
    (here / "regions" / "_groups").mkdir()
    assert "regions/_groups: KB020 not read" in lint(capsys, "regions/_groups")
    assert "nowhere: KB001 No such file" in lint(capsys, "nowhere")


def test_a_folder_of_another_name_that_the_settings_give(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write("contextcheck.yaml", "knowledge: {regions: markets}\n")
    path = write("markets/KR.yaml")
    for named in (path, "markets", "."):
        assert TOLD in lint(capsys, named)
    assert "KB020" in lint(capsys, write("markets/apac/KR.yaml"))


def test_fix_mends_only_what_is_read(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write("regions/KR.yaml", GOOD + "\n\n")
    write("notes.txt", "spaces  \n")
    lint(capsys, "--fix", "regions", code=0)
    assert Path("regions/KR.yaml").read_text() == GOOD
    lint(capsys, "--fix", "notes.txt")
    assert Path("notes.txt").read_text() == "spaces  \n"
