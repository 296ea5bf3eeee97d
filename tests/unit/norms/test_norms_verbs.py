"""The verbs of the editing loop, each through the command line."""

import json
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
from broken_files import GOOD

from contextcheck.cli.app import run

ROOT = Path(__file__).resolve().parents[3]
OWN = GOOD.replace("id: kr-padding", "id: kr-free-shipping-padding").replace("active", "trial")
OFF = """\
region: JP
norms:
  - id: jp-konbini-expiry
    off: {reason: the shop takes cards only, on: 2026-01-15}
"""


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "regions").mkdir()
    return tmp_path


def git(*arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)


def out_of(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    capsys.readouterr()
    assert run(["norms", *arguments]) == code
    return capsys.readouterr().out


# ── list, search, show ──


def test_a_region_lists_the_norms_of_its_groups_too(capsys: pytest.CaptureFixture[str]) -> None:
    text = out_of(capsys, "list", "--region", "Portugal")
    assert "EU " in text
    assert " PT " in text


def test_search_finds_words_without_accents_in_any_language(capsys: pytest.CaptureFixture[str]) -> None:
    assert "kr-free-shipping-padding" in out_of(capsys, "search", "무료배송")
    assert "kr-free-shipping-padding" in out_of(capsys, "search", "PADDED", "line", "trimmed")


def test_search_without_a_hit_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["norms", "search", "zzzqqq"]) == 0
    found = capsys.readouterr()
    assert found.out == ""
    assert 'no entry contains "zzzqqq"' in found.err


def test_show_says_which_version_speaks(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("regions/KR.yaml").write_text(OWN)
    Path("regions/JP.yaml").write_text(OFF)
    text = out_of(capsys, "show", "kr-free-shipping-padding")
    assert "own version 2026-01-20, in place of shipped" in text
    assert "written in regions/KR.yaml:9:5" in text
    assert "in place of shipped/regions/KR.yaml:" in text
    text = out_of(capsys, "show", "jp-konbini-expiry")
    assert "switched off" in text
    assert "since 2026-01-15: the shop takes cards only" in text


def test_list_marks_what_a_team_changed(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("regions/KR.yaml").write_text(OWN)
    Path("regions/JP.yaml").write_text(OFF)
    rows = out_of(capsys, "list").splitlines()
    own = [row for row in rows if row.startswith("kr-free-shipping-padding")]
    assert own
    assert own[0].endswith("[own, replaces shipped]  regions/KR.yaml:9:5")
    off = [row for row in rows if row.startswith("jp-konbini-expiry")]
    assert len(off) == 1
    assert "switched off on 2026-01-15: the shop takes cards only" in off[0]


def test_show_of_an_unknown_id_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["norms", "show", "kr-free-shiping-padding"]) == 2
    assert 'did you mean "kr-free-shipping-padding"?' in capsys.readouterr().err


# ── new ──

NEW = ["norms", "new", "--region", "KR", "--title", "Gift wrap is cancelled again", "--explains", "cancel_rate:up"]
FULL = [
    *(
        "--mechanism",
        "Gift wrap is chosen at checkout and taken out within minutes once its price is seen in the total.",
    ),
    *("--source", "{title: Own checkout figures, year: 2026, grade: C}"),
    *("--example", "{name: itself, data: padding, expect: supported}"),
]


def test_a_new_draft_with_every_answer_passes_lint(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*NEW, *FULL]) == 0
    assert run(["norms", "lint", "regions/KR.yaml"]) == 0
    assert "kr-gift-wrap-is-cancelled-again" in out_of(capsys, "list", "--region", "KR")


def test_a_new_draft_says_what_is_left_to_fill(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(NEW) == 0
    left = capsys.readouterr().err
    assert "KB201" in left
    assert "KB202" in left
    assert left.count("left to fill") == 2


def test_new_keeps_comments_order_and_every_other_character(team: Path) -> None:
    before = GOOD.replace("norms:\n", "norms:\n  # what we know\n") + "# the end\n"
    path = Path("regions/KR.yaml")
    path.write_text(before)
    assert run([*NEW, *FULL]) == 0
    after = path.read_text()
    start = after.index("  - id: kr-gift-wrap")
    assert after.startswith(before.removesuffix("# the end\n"))
    assert after[start:].count("- id:") == 1
    assert after.endswith("# the end\n")


def test_new_refuses_what_lint_would_refuse_and_writes_nothing(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = Path("regions/KR.yaml")
    path.write_text(GOOD)
    assert run([*NEW, *FULL, "--sign", "{test: sprad, over: customer_id}"]) == 3
    assert 'did you mean "spread"?' in capsys.readouterr().err
    assert path.read_text() == GOOD


def test_new_says_of_a_file_that_is_not_utf_8_what_lint_says(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = Path("regions/KR.yaml")
    path.write_text(GOOD, encoding="utf-16")
    before = path.read_bytes()
    assert run([*NEW, *FULL]) == 3
    assert "regions/KR.yaml:1:1: KB003 not UTF-8; save the file as UTF-8" in capsys.readouterr().err
    assert path.read_bytes() == before


def test_new_writes_the_head_of_a_market_without_a_file(team: Path) -> None:
    arguments = ["norms", "new", "--region", "Mauritius", "--title", "Sale week", "--explains", "orders:up", *FULL]
    assert run(arguments) == 0
    text = Path("regions/MU.yaml").read_text()
    assert "region: MU\nname: Mauritius\ntimezone: Indian/Mauritius\n" in text
    assert "currency: MUR\n" in text


def test_new_without_a_terminal_asks_for_the_option(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["norms", "new", "--region", "KR"]) == 2
    assert "--title: ST128" in capsys.readouterr().err


def test_an_id_is_used_once(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*NEW, "--id", "kr-free-shipping-padding"]) == 2
    assert "already used" in capsys.readouterr().err


# ── schema ──


def test_schema_writes_the_shipped_schemas(team: Path) -> None:
    assert run(["norms", "schema"]) == 0
    for name in ("region.json", "group.json"):
        own = json.loads(Path("regions/_schema", name).read_text())
        assert own == json.loads((ROOT / "regions" / "_schema" / name).read_text())


# ── test ──


def test_examples_run_and_a_wrong_one_ends_with_3(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = "      - {name: wrong on purpose, data: padding, expect: contradicted}\n"
    unknown = "      - {name: misspelt, data: pading, expect: supported}\n"
    Path("regions/KR.yaml").write_text(GOOD + wrong + unknown)
    assert run(["norms", "test", "kr-padding", "--workers", "1", "--junit", "results.xml"]) == 3
    captured = capsys.readouterr()
    rows = captured.out.splitlines()
    assert rows[1].startswith("ok ")
    assert rows[2].startswith("FAILED")
    assert 'no behaviour or case "pading"; did you mean "padding"?' in captured.err
    assert "regions/KR.yaml:28:9: KB301" in captured.err
    suite = ElementTree.parse("results.xml").getroot()
    assert {key: suite.get(key) for key in ("tests", "failures", "errors")} == {
        "tests": "3",
        "failures": "1",
        "errors": "1",
    }


@pytest.mark.parametrize("names", [(), ("regions/KR.yaml",), ("KR",), ("kr-free-shipping-padding",), ("./regions/",)])
@pytest.mark.parametrize("spoiled", [("status: trial", "status:trial"), ("expect: broad", "expect: brod")])
def test_a_broken_file_is_not_a_passed_test(
    team: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    names: tuple[str, ...],
    spoiled: tuple[str, str],
) -> None:
    monkeypatch.setattr("contextcheck.rehearse.examples.run_examples", lambda *_, **__: ())
    Path("regions/KR.yaml").write_text(OWN.replace(*spoiled))
    assert run(["norms", "test", *names, "--junit", "results.xml"]) == 3
    captured = capsys.readouterr()
    assert captured.out.splitlines()[1].startswith("FAILED  regions/KR.yaml  KB")
    assert "regions/KR.yaml:1" in captured.err
    suite = ElementTree.parse("results.xml").getroot()
    assert (suite.get("tests"), suite.get("errors")) == ("1", "1")
    assert suite[0].get("file") == "regions/KR.yaml"


def test_a_file_that_no_run_reads_cannot_be_tried(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("regions/apac").mkdir()
    Path("regions/apac/KR.yaml").write_text(OWN)
    assert run(["norms", "test", "regions/apac/KR.yaml"]) == 2
    assert "a run reads no such file: contextcheck norms lint says why" in capsys.readouterr().err
    Path("regions/JP.yaml").write_text(OFF)
    assert run(["norms", "test", "regions/JP.yaml"]) == 0
    assert "regions/JP.yaml holds no entry that can be tried" in capsys.readouterr().err


def test_two_examples_of_one_name_are_both_tried_and_refused(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = GOOD.replace("expect: supported}", "expect: contradicted}")
    Path("regions/KR.yaml").write_text(text + "      - {name: the practice, data: pading, expect: supported}\n")
    assert run(["norms", "test", "kr-padding", "--workers", "1"]) == 3
    captured = capsys.readouterr()
    assert [row.split()[0] for row in captured.out.splitlines()[1:]] == ["FAILED"] * 3
    told = 'regions/KR.yaml:28:9: KB227 the example "the practice" is already given in line 27; give it another name'
    assert told in captured.err


def test_an_example_may_be_a_small_file(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # 56 quiet days with 40 orders and 2 cancels a day; then 7 days with 20 cancels a day, none kept; then 12 quiet
    # days, so that late cancels of the window are counted to the end.
    lines = ["order_id,region,created_at,status,customer_id,order_total,retained_total,cancelled_at,currency"]
    for day in range(75):
        stamp = f"2026-{1 + day // 28:02}-{1 + day % 28:02}"
        cancels = 20 if 56 <= day < 63 else 2
        for number in range(40):
            is_cancelled = number < cancels
            status = "cancelled" if is_cancelled else "delivered"
            cancelled_at = f"{stamp}T13:00:00Z" if is_cancelled else ""
            customer = f"c{(day * 40 + number) % 900}"
            total = 60000 if is_cancelled else 30000 + 500 * number
            kept = 0 if is_cancelled else total
            lines.append(f"o{day}-{number},KR,{stamp}T12:00:00Z,{status},{customer},{total},{kept},{cancelled_at},KRW")
    Path("regions/kept-nothing.csv").write_text("\n".join(lines) + "\n")
    data = "kept-nothing.csv from=2026-03-01 to=2026-03-07 in=KR currency=KRW"
    text = GOOD.replace("when: {after_launch: any, after_days: 30}", "when: always").replace(
        "data: padding, expect: supported", f"data: {data}, expect: contradicted"
    )
    Path("regions/KR.yaml").write_text(text)
    assert run(["norms", "test", "kr-padding", "--workers", "1"]) == 0, capsys.readouterr()


# ── due, coverage, record, preview ──


def test_due_lists_what_is_overdue_and_strict_ends_with_1(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("regions/KR.yaml").write_text(GOOD.replace("next: 2099-07-20", "next: 2026-02-20"))
    assert run(["norms", "due", "--today", "2026-02-21"]) == 0
    assert "2026-02-20  overdue  kr-market" in capsys.readouterr().out
    assert run(["norms", "due", "--today", "2026-02-21", "--strict"]) == 1
    assert run(["norms", "due", "--today", "2026-02-19", "--strict"]) == 0


def test_coverage_names_the_metrics_without_a_norm(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["norms", "new", "--region", "MU", "--title", "Sale week", "--explains", "orders:up", *FULL]
    assert run(arguments) == 0
    row = next(line for line in out_of(capsys, "coverage", "--region", "MU").splitlines() if line.startswith("  MU"))
    missing = row.partition("missing: ")[2].split(", ")
    assert "chargeback_rate" in missing
    assert "orders" not in missing


def test_coverage_of_a_misspelt_market_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["norms", "coverage", "--region", "Kore"]) == 2
    assert 'no country or region "Kore"; did you mean KR (South Korea)?' in capsys.readouterr().err
    assert run(["norms", "coverage", "--region", "Atlantis"]) == 2
    assert 'no country or region "Atlantis"; write a code such as KR' in capsys.readouterr().err


def test_new_asks_what_no_option_gives(team: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import typer

    from contextcheck.cli import norms_new

    asked = []
    answers = {"Which market": "Korea", "Title": "Gift wrap", "Which metric": "modify_rate:up", "Owner": "gift-team"}

    def prompt(question: str, default: object = None, **_: object) -> object:
        asked.append(question)
        return next((answer for start, answer in answers.items() if question.startswith(start)), default)

    monkeypatch.setattr(norms_new, "is_interactive", lambda: True)
    monkeypatch.setattr(typer, "prompt", prompt)
    assert run(["norms", "new", "--region", "KR"]) == 0
    text = Path("regions/KR.yaml").read_text()
    assert "id: kr-gift-wrap\n" in text
    assert "owner: gift-team\n" in text
    assert "{metric: modify_rate, direction: up}" in text
    assert [question.split()[0] for question in asked] == ["Title,", "Which", "Who", "Owner"]


def test_a_new_rule_is_a_file_of_its_own_that_lint_takes(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["rules", "new", "--kind", "abuse", "--title", "Gift cards bought with stolen cards"]
    words += ["--explains", "orders:up", "--source", "{title: Our own cases, year: 2026, grade: D}"]
    words += [
        "--mechanism",
        "Gift cards are bought with stolen cards, a few per account, and used up elsewhere.",
    ]
    words += ["--twin", "{id: kr-holiday-gift-rush, separated_by: many payers}"]
    assert run(words) == 0
    path = Path("rules/explanations/abuse/abuse-gift-cards-bought-with-stolen-cards.yaml")
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=../_schema.json\nid: abuse-gift-cards")
    assert "test: concentration" in text.partition("contradicted_by")[0]
    assert run(["rules", "lint", str(path)]) == 0
    capsys.readouterr()
    assert run(words) == 2
    assert "already used in" in capsys.readouterr().err


def test_verbs_of_rules_look_at_rules_alone(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "due", "--today", "2030-01-01"]) == 0
    told = capsys.readouterr().out
    assert "abuse-card-testing" in told and "kr-" not in told
    assert run(["rules", "coverage"]) == 0
    told = capsys.readouterr().out
    assert "0 norms" in told and "measurement " in told


def test_what_is_switched_off_elsewhere_is_not_listed(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["norms", "list", "--region", "JP"]) == 0
    told = capsys.readouterr().out
    off = [line for line in told.splitlines() if " off " in line[:46]]
    assert off and all("regions/JP.yaml" in line or "regions/_groups" in line for line in off)
    assert "free shipping threshold: ¥3,980; default of the market:" in told


def test_a_market_is_found_by_a_word_of_its_name(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["norms", "list", "--region", "Korea"]) == 2
    assert "did you mean KR (South Korea)?" in capsys.readouterr().err
