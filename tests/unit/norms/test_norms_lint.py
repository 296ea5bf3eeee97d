"""`norms lint` on broken files: code, place and sentence of each; fixes; formats; the page made from the table."""

import json
import os
import subprocess
from datetime import date
from pathlib import Path

import pytest
from broken_files import BROKEN, GOOD, Broken, page

from contextcheck.cli.app import run
from contextcheck.knowledge.mechanical import mechanical_problems, mended

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "regions").mkdir()
    return tmp_path


def write(name: str, text: str) -> None:
    Path("regions", name).write_bytes(text.encode())


def test_the_file_that_all_others_are_broken_from_is_good(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write("KR.yaml", GOOD)
    assert run(["norms", "lint", "regions/KR.yaml"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("broken", BROKEN, ids=lambda each: each.what.replace(" ", "-"))
def test_a_broken_file_is_told_with_place_and_remedy(
    broken: Broken, team: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write("KR.yaml", broken.text())
    code = run(["norms", "lint", "regions/KR.yaml", "--format", "json"])
    found = json.loads(capsys.readouterr().out)
    sentence = broken.sentence.replace("YEAR", str(date.today().year))
    expected = {
        "code": broken.code,
        "where": f"regions/KR.yaml:{broken.place}",
        "message": sentence,
        "severity": broken.severity,
    }
    assert expected in found
    assert code == (3 if any(each["severity"] == "error" for each in found) else 0)


def test_at_least_forty_broken_files_are_told_apart() -> None:
    assert len({each.what for each in BROKEN}) >= 40


def test_the_page_of_messages_is_made_from_the_table() -> None:
    assert (ROOT / "docs" / "lint-messages.md").read_text(encoding="utf-8") == page()


def test_norway_namibia_and_other_traps_are_read_as_typed(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write("NO.yaml", GOOD.replace("region: KR", "region: NO").replace("id: kr-padding", "id: on"))
    assert run(["norms", "lint", "regions/NO.yaml"]) == 0
    assert run(["norms", "list", "--region", "NO"]) == 0
    assert "\non   " in capsys.readouterr().out


def test_fix_mends_what_is_mechanical_and_nothing_else(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    title = "title: “Baskets padded to the free-shipping line”"
    spoiled = GOOD.replace("title: Baskets padded to the free-shipping line", title)
    spoiled = "\ufeff" + spoiled.replace("owner: kr-market", "owner:\u00a0kr-market  ").replace("\n", "\r\n")
    write("KR.yaml", spoiled.replace("    status: active", "\t\tstatus: active"))
    assert run(["norms", "lint", "regions/KR.yaml"]) == 3
    assert run(["norms", "lint", "--fix", "regions/KR.yaml"]) == 0
    text = Path("regions/KR.yaml").read_bytes().decode()
    assert text == GOOD.replace(
        "Baskets padded to the free-shipping line", '"Baskets padded to the free-shipping line"'
    )
    assert "mended regions/KR.yaml" in capsys.readouterr().err


def test_fix_leaves_letters_and_quotes_inside_prose_alone() -> None:
    prose = "note: >-\n  It’s called “padding” – and the “line” too.\n"
    assert mended(prose) == prose
    assert mechanical_problems(prose, "a.yaml") == []


def test_mending_twice_changes_nothing_more() -> None:
    for each in BROKEN:
        once = mended(each.text())
        assert mended(once) == once, each.what


def test_the_shipped_files_need_no_mending(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    assert run(["norms", "lint", "--format", "json"]) == 0
    codes = {each["code"] for each in json.loads(capsys.readouterr().out)}
    assert not any(code.startswith("KB01") for code in codes)


def test_sarif_and_github_name_file_line_and_code(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write("KR.yaml", GOOD.replace("test: spread", "test: sprad"))
    run(["norms", "lint", "--format", "sarif"])
    result = json.loads(capsys.readouterr().out)["runs"][0]["results"][0]
    place = result["locations"][0]["physicalLocation"]
    assert (result["ruleId"], place["artifactLocation"]["uri"]) == ("KB105", "regions/KR.yaml")
    assert place["region"] == {"startLine": 18, "startColumn": 16}
    run(["norms", "lint", "--format", "github"])
    expected = (
        '::error file=regions/KR.yaml,line=18,col=16,title=KB105::unknown sign test "sprad"; did you mean "spread"?'
    )
    assert capsys.readouterr().out.splitlines() == [expected]


def test_a_file_name_that_is_no_utf_8_is_escaped(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = os.fsdecode(b"regions/K\xff.yaml")
    try:
        Path(name).write_text(GOOD)
    except OSError:
        pytest.skip("this file system takes no such name")
    assert run(["norms", "lint", "--format", "sarif"]) == 3
    result = json.loads(capsys.readouterr().out)["runs"][0]["results"][0]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "regions/K%FF.yaml"


def test_fix_keeps_links_and_permissions(team: Path) -> None:
    kept = team / "kept.yaml"
    kept.write_text(GOOD.replace("owner: kr-market", "owner: kr-market  "))
    kept.chmod(0o444)
    Path("regions/KR.yaml").symlink_to(kept)
    assert run(["norms", "lint", "--fix", "regions/KR.yaml"]) == 0
    assert Path("regions/KR.yaml").is_symlink()
    assert kept.read_text() == GOOD
    assert kept.stat().st_mode & 0o777 == 0o444


def git(*arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)


def test_a_changed_entry_without_a_new_review_is_a_warning(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write("KR.yaml", GOOD)
    git("init", "-q", ".")
    git("add", ".")
    git("commit", "-qm", "first")
    assert run(["norms", "lint", "--against", "HEAD"]) == 0
    assert capsys.readouterr().out == ""
    write("KR.yaml", GOOD.replace("at_least: 0.5", "at_least: 0.6"))
    assert run(["norms", "lint", "--against", "HEAD"]) == 0
    assert "regions/KR.yaml:9:5: KB221" in capsys.readouterr().out
    changed = GOOD.replace("at_least: 0.5", "at_least: 0.6").replace("on: 2026-01-20", "on: 2026-02-20")
    write("KR.yaml", changed)
    assert run(["norms", "lint", "--against", "HEAD"]) == 0
    assert "KB221" not in capsys.readouterr().out


def test_an_unknown_revision_is_told(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write("KR.yaml", GOOD)
    git("init", "-q", ".")
    git("add", ".")
    git("commit", "-qm", "first")
    assert run(["norms", "lint", "--against", "nowhere"]) == 2
    assert 'git knows no revision "nowhere"' in capsys.readouterr().err
