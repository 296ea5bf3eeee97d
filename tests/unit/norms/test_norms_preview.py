"""`norms preview` and `record`: what an edit would have changed, on findings and on orders."""

import shutil
import subprocess
from pathlib import Path

import pytest

from contextcheck.cli.app import run
from contextcheck.simulate.worlds import simulate, write_world

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = ROOT / "tests" / "unit" / "report" / "golden"
PADDING = "kr-free-shipping-padding"


def git(*arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose KR.yaml is the shipped one, committed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "regions").mkdir()
    shutil.copy(ROOT / "regions" / "KR.yaml", "regions/KR.yaml")
    git("init", "-q", ".")
    git("add", "regions")
    git("commit", "-qm", "first")
    return tmp_path


def edit(old: str, new: str) -> None:
    path = Path("regions/KR.yaml")
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def preview(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    assert run(["norms", "preview", *arguments]) == 0
    return capsys.readouterr().out


def test_nothing_edited_changes_nothing(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = preview(capsys, "--findings", str(GOLDEN / "padding.json"))
    assert text == "Against HEAD, on 1 flag:\n  no entry says anything else; nothing changes\n"


def test_a_norm_made_a_draft_loses_its_verdict_and_its_recommendation(
    team: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit("status: active", "status: draft")
    text = preview(capsys, "regions/KR.yaml", "--findings", str(GOLDEN / "padding.json"))
    assert f"changed entries: {PADDING}" in text
    assert "supported → not a candidate, share 86%" in text
    assert "recommendation  keep → " in text


def test_a_changed_sign_is_said_to_need_the_orders(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit("expect: {at_least: 0.5}", "expect: {at_least: 0.9}")
    assert run(["norms", "preview", "--findings", str(GOLDEN / "padding.json")]) == 0
    captured = capsys.readouterr()
    assert "supported → to be tested on the orders" in captured.out
    assert "norms preview --orders" in captured.err


LINE = "free_shipping_threshold: {amount: 50000, currency: KRW"


def test_a_changed_default_is_told_and_needs_the_orders(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(LINE, LINE.replace("50000", "30000"))
    for named in ((), ("regions/KR.yaml",)):
        text = preview(capsys, *named, "--findings", str(GOLDEN / "padding.json"))
        assert "  changed in KR: free_shipping_threshold\n" in text
        assert f"{PADDING:36}  supported → to be tested on the orders" in text
        assert text.endswith("  what else changes needs the orders\n")


def test_a_changed_clock_is_told(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit("timezone: Asia/Seoul", "timezone: Asia/Tokyo")
    assert "  changed in KR: timezone\n" in preview(capsys, "--findings", str(GOLDEN / "padding.json"))


def test_a_named_file_that_switches_an_entry_off_is_told(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    off = "region: KR\nnorms:\n  - id: kr-free-shipping-padding\n    off: {reason: no such bar, on: 2026-01-15}\n"
    Path("regions/KR.yaml").write_text(off, encoding="utf-8")
    text = preview(capsys, str(team / "regions/KR.yaml"), "--findings", str(GOLDEN / "padding.json"))
    assert f"changed entries: {PADDING}" in text
    assert "supported → not a candidate" in text


def test_only_what_stands_in_the_named_file_counts(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(ROOT / "regions" / "JP.yaml", "regions/JP.yaml")
    git("add", "regions")
    git("commit", "-qm", "second")
    edit("status: active", "status: draft")
    text = preview(capsys, "regions/JP.yaml", "--findings", str(GOLDEN / "padding.json"))
    assert text.endswith("nothing changes\n")


def test_a_file_that_is_misspelt_is_refused(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit("status: active", "status: draft")
    arguments = ["norms", "preview", "regions/KRR.yaml", "--findings", str(GOLDEN / "padding.json")]
    assert run(arguments) == 2
    assert "regions/KRR.yaml: ST125 is read by no scan, neither now nor at HEAD" in capsys.readouterr().err


def test_a_file_that_is_gone_can_still_be_named(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit("status: active", "status: draft")
    git("add", "regions")
    git("commit", "-qm", "second")
    Path("regions/KR.yaml").unlink()
    text = preview(capsys, "regions/KR.yaml", "--findings", str(GOLDEN / "padding.json"))
    assert f"changed entries: {PADDING}" in text


def test_outside_a_repository_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["norms", "preview", "--findings", str(GOLDEN / "padding.json"), "--against", "no-such-name"]) == 2
    assert "ST126" in capsys.readouterr().err


@pytest.mark.slow
def test_on_orders_both_versions_are_tested(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_world(simulate("korea-padding", seed=3, orders=60_000), team)
    settings = Path("contextcheck.yaml")
    settings.write_text(settings.read_text() + "knowledge: {regions: regions}\n")
    edit("expect: {at_least: 0.5}", "expect: {at_least: 0.99}")
    text = preview(capsys, "regions/KR.yaml")
    assert f"changed entries: {PADDING}" in text
    assert f"{PADDING}" in text.split("changed entries")[1].partition("\n")[2]
    assert "supported → " in text


@pytest.mark.slow
def test_on_orders_a_changed_default_is_tested(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_world(simulate("korea-padding", seed=1, orders=60_000), team)
    settings = Path("contextcheck.yaml")
    text = settings.read_text().replace("    KR: {amount: 50000, currency: KRW}\n", "")
    settings.write_text(text + "knowledge: {regions: regions}\n")
    edit(LINE, LINE.replace("50000", "30000"))
    told = preview(capsys, "regions/KR.yaml")
    assert "  changed in KR: free_shipping_threshold\n" in told
    assert f"{PADDING:36}  supported → supported, share 78% → 85%" in told


def test_the_record_counts_every_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["norms", "record", str(GOLDEN / "padding.json"), "--id", PADDING]) == 0
    head, row = capsys.readouterr().out.splitlines()
    assert head.split()[:3] == ["entry", "tried", "supported"]
    assert row.split() == [PADDING, "1", "1", "0", "0", "0", "0", "86%", "keep", "1"]
