"""Results on standard output and nothing else there; an exit code that a CI job can trust."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from importlib.resources import files
from pathlib import Path

import pandas as pd
import pytest
from e2e.order_files import order_lines, write_orders
from jsonschema import Draft202012Validator

from contextcheck.errors import Problem

SOURCE = Path(__file__).resolve().parents[2] / "src"
DECORATION = re.compile("[\u2500-\u259f●◐○◌✓✗→←\x1b]")
FEATURE = ("--feature", "free-shipping-bar")


def schema(name: str) -> Draft202012Validator:
    text = files("contextcheck.report").joinpath(f"schemas/{name}-1.schema.json").read_text("utf-8")
    return Draft202012Validator(json.loads(text))


def world(folder: Path) -> tuple[str, str]:
    return "-c", str(folder / "contextcheck.yaml")


def process(*arguments: object, folder: Path, **options) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "contextcheck", *(str(each) for each in arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(SOURCE), **options},
    )


# ── standard output ──


def test_a_pipe_gets_the_result_alone_without_decoration_and_with_people_s_words(contextcheck, padding_world):
    ended = contextcheck("scan", *world(padding_world))
    assert ended.code == 0
    assert "… counting 19,9" in ended.err and "findings written to findings.json" in ended.err
    assert "…" not in ended.out.partition("KR South Korea")[0]
    assert not DECORATION.search(ended.out)
    # currency signs, minus signs and middle dots are words, not decoration
    assert "₩50,000" in ended.out and "\N{MINUS SIGN}" in ended.out and " · " in ended.out


def test_words_in_other_scripts_are_kept_in_a_pipe(tmp_path):
    write_orders(tmp_path, order_lines(regions=("서울", "Île-de-Fête", "القاهرة", "NO")))
    running = process("scan", "orders.csv", "-q", folder=tmp_path, PYTHONIOENCODING="ascii", LC_ALL="C")
    out, err = running.communicate(timeout=60)
    assert running.returncode == 0, err
    page = out.decode("utf-8")
    assert "서울" in page and "Île-de-Fête" in page and "القاهرة" in page
    assert "?" not in page


@pytest.mark.parametrize("form", ["terminal", "markdown", "json", "html", "csv"])
def test_every_format_of_a_report_is_the_result_alone(contextcheck, padding_findings, form):
    ended = contextcheck("report", padding_findings, "--format", form)
    assert (ended.code, ended.err, ended.files) == (0, "", frozenset())
    assert "\x1b" not in ended.out
    assert not re.search("[\u2500-\u259f]", ended.out)


def test_a_report_has_the_format_that_its_files_ending_asks_for(contextcheck, padding_findings, tmp_path):
    beginnings = {
        "page.html": "<!DOCTYPE html>", "PAGE.HTM": "<!DOCTYPE html>", "page.md": "# ", "page.json": "{\n",
        "page.csv": "flag,", "page.txt": "What: ", "page": "What: ",
    }  # fmt: skip
    for name, beginning in beginnings.items():
        ended = contextcheck("report", padding_findings, "--out", name)
        assert (ended.code, ended.out) == (0, "")
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(beginning), name
    contextcheck("report", padding_findings, "--fairness", "--out", "fair.html")
    assert (tmp_path / "fair.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    contextcheck("report", padding_findings, "--out", "page.html", "--format", "markdown")
    assert (tmp_path / "page.html").read_text(encoding="utf-8").startswith("# ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("norms", "list"),
        ("rules", "list"),
        ("norms", "show", "kr-free-shipping-padding"),
        ("norms", "lint"),
        ("demo", "--list"),
        ("--version",),
        ("--help",),
    ],
)
def test_every_listing_command_ends_well_and_plain(contextcheck, arguments):
    ended = contextcheck(*arguments)
    assert ended.code == 0, ended.err
    assert not re.search("[\u2500-\u259f\x1b]", ended.out)


def test_scan_in_json_is_the_findings_file_and_keeps_the_schema(contextcheck, padding_world, tmp_path):
    ended = contextcheck("scan", *world(padding_world), "--format", "json")
    assert ended.code == 0
    assert ended.out == (tmp_path / "findings.json").read_text(encoding="utf-8")
    assert ended.out.isascii()
    schema("findings").validate(json.loads(ended.out))
    again = contextcheck("report", "findings.json", "--format", "json")
    assert json.loads(again.out) == json.loads(ended.out)


def test_the_same_seed_gives_the_same_bytes(contextcheck, padding_world):
    quiet = ("-q", "--format", "json", "--out", "-")
    first, second = (contextcheck("scan", *world(padding_world), "--seed", "7", *quiet).out for _ in range(2))
    assert first == second
    assert json.loads(first)["run"]["seed"] == 7


def test_as_of_ends_what_is_judged(contextcheck, padding_world):
    ended = contextcheck("scan", *world(padding_world), "-q", "--as-of", "2026-02-20", "--format", "json")
    found = json.loads(ended.out)
    assert found["run"]["as_of"] == "2026-02-20"
    # the feature was launched on 2 March
    assert found["flags"] == []


@pytest.mark.slow
def test_ids_are_pseudonyms_until_they_are_asked_for(contextcheck, tmp_path):
    from contextcheck.simulate.worlds import simulate, write_world

    write_world(simulate("korea-ring-in-the-crowd", seed=1, orders=120_000), tmp_path)
    assert contextcheck("scan", "-q").code == 0
    ids = set(pd.read_parquet(tmp_path / "orders.parquet", columns=["customer_id"]).customer_id.astype(str))
    hidden = (tmp_path / "findings.json").read_text(encoding="utf-8")
    review = json.loads(hidden)["flags"][0]["accounts"]["review"]
    assert review
    assert not {each["account"] for each in review} & ids
    shown = json.loads(contextcheck("scan", "-q", "--show-ids", "--format", "json").out)
    assert {each["account"] for each in shown["flags"][0]["accounts"]["review"]} <= ids


# ── exit codes ──


def test_fail_on_ends_with_1_only_for_what_it_names(contextcheck, padding_findings):
    # the padding is one flag whose recommendation is to keep the feature
    for wanted, code in (("never", 0), ("flag", 1), ("act", 0), ("roll-back", 0)):
        assert contextcheck("report", padding_findings, "--fail-on", wanted).code == code


def test_the_gate_ends_with_0_or_4_for_the_padding_and_on_hold_decides(contextcheck, padding_world, tmp_path):
    ended = contextcheck("gate", *world(padding_world), *FEATURE, "-q", "--format", "json")
    verdict = json.loads(ended.out)
    schema("verdict").validate(verdict)
    assert ended.out == (tmp_path / "verdict.json").read_text(encoding="utf-8")
    assert ended.code == {"pass": 0, "hold": 4}[verdict["decision"]]
    assert {each["region"] for each in verdict["regions"]} == {"KR", "JP"}


def test_a_gate_with_two_days_of_data_holds_and_on_hold_turns_it(contextcheck, padding_world):
    few = ("gate", *world(padding_world), *FEATURE, "-q", "--as-of", "2026-03-04")
    held = contextcheck(*few)
    assert held.code == 4
    assert "hold in KR and JP (exit 4)" in held.out
    assert contextcheck(*few, "--on-hold", "pass").code == 0
    assert contextcheck(*few, "--on-hold", "fail").code == 1


@pytest.mark.slow
def test_the_gate_rolls_back_a_loss_with_1(contextcheck, tmp_path):
    from contextcheck.simulate.worlds import simulate, write_world

    write_world(simulate("checkout-bug", seed=1, orders=200_000), tmp_path)
    settings = (tmp_path / "contextcheck.yaml").read_text(encoding="utf-8")
    feature = re.search(r"feature: (\S+)", settings)[1]
    ended = contextcheck("gate", "--feature", feature, "-q")
    assert ended.code == 1, ended.out + ended.err
    assert "roll back in " in ended.out and "(exit 1)" in ended.out
    junit = contextcheck("gate", "--feature", feature, "-q", "--format", "junit")
    assert junit.code == 1 and "<failure" in junit.out


@pytest.mark.slow
def test_the_gate_passes_a_harmless_feature_with_0(contextcheck, tmp_path):
    from contextcheck.simulate.worlds import simulate, write_world

    write_world(simulate("korea-padding", seed=1, orders=200_000), tmp_path)
    ended = contextcheck("gate", *FEATURE, "--region", "KR", "-q")
    assert ended.code == 0, ended.out + ended.err


def test_the_gate_of_an_unknown_feature_or_region_is_a_usage_error(contextcheck, padding_world):
    ended = contextcheck("gate", *world(padding_world), "--feature", "free-shiping-bar", "-q")
    assert (ended.code, ended.out, ended.files) == (2, "", frozenset())
    assert 'did you mean "free-shipping-bar"?' in ended.err
    assert contextcheck("gate", *world(padding_world), *FEATURE, "--region", "DE", "-q").code == 2


def test_the_gate_on_bad_data_ends_with_3_and_writes_no_verdict(contextcheck, tmp_path):
    write_orders(tmp_path, b"")
    launch = "launches=[{feature: free-shipping-bar, regions: [KR], start: 2026-03-01}]"
    ended = contextcheck("gate", "orders.csv", *FEATURE, "--set", launch, "-q")
    assert (ended.code, ended.out, ended.files) == (3, "", frozenset())


def test_a_launched_market_without_orders_is_never_a_pass(contextcheck, padding_world):
    launch = "launches=[{feature: free-shipping-bar, regions: [KR, SE], start: 2026-03-02}]"
    ended = contextcheck("gate", *world(padding_world), *FEATURE, "--set", launch, "--region", "SE", "-q")
    assert ended.code == 4, ended.out + ended.err


def test_a_defect_of_ours_ends_with_70_and_a_file_to_report(contextcheck, padding_world, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a slip of ours")

    monkeypatch.setattr("contextcheck.pipeline.find_flags", broken)
    ended = contextcheck("scan", *world(padding_world), "-q")
    assert (ended.code, ended.out, ended.files) == (70, "", frozenset())
    assert "a defect of ours: ZeroDivisionError: a slip of ours" in ended.err
    file = Path(re.search(r"this file: (\S+) ", ended.err)[1])
    assert "in broken" in file.read_text(encoding="utf-8")
    file.unlink()


def test_a_reader_that_leaves_early_is_no_fault(tmp_path):
    running = process("norms", "list", folder=tmp_path)
    running.stdout.read(10)
    running.stdout.close()
    err = running.stderr.read().decode()
    assert running.wait(timeout=60) == 0
    assert "Traceback" not in err and "defect" not in err and "BrokenPipe" not in err


@pytest.fixture
def hears_interrupts():
    """What is started hears interrupts, although the tests may run as a background job, which ignores them."""
    usual = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, usual)


@pytest.mark.usefixtures("hears_interrupts")
def test_ctrl_c_stops_with_130_and_leaves_no_half_written_file(padding_world, tmp_path):
    """Python drops an interrupt that falls into a callback (of an import, a weak reference); then one presses again."""
    for attempt in range(4):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        running = process("scan", *world(padding_world), "--quarantine", folder / "q", folder=folder)
        assert b"reading the knowledge base" in running.stderr.readline()
        time.sleep(0.3 + 0.1 * attempt)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=60)
        assert "Traceback" not in err.decode() and "defect" not in err.decode()
        if running.returncode == 0:
            continue
        assert (running.returncode, out) == (130, b"")
        assert err.decode().splitlines()[-1] == "stopped"
        assert list(folder.iterdir()) == []
        return
    pytest.fail("four interrupts were dropped")


def test_ctrl_c_inside_a_query_is_no_defect(contextcheck, padding_world, monkeypatch):
    """The engine raises an error of its own when it is interrupted while a query runs."""
    from contextcheck import pipeline

    def interrupted(*_, **__):
        raise RuntimeError("Query interrupted")

    monkeypatch.setattr(pipeline, "load_orders", interrupted)
    ended = contextcheck("scan", "-c", padding_world / "contextcheck.yaml", "-q")
    assert (ended.code, ended.out, ended.err.strip()) == (130, "", "stopped")


def test_a_sign_that_fails_never_lets_the_gate_pass(contextcheck, padding_world, monkeypatch):
    """The rest of the run stands, the failure is named, and a pass becomes a hold."""
    from contextcheck import pipeline

    failed = Problem("EX301", "kr-free-shipping-padding", "the sign bunching failed")
    whole = pipeline._problems
    asked = ("gate", "-c", padding_world / "contextcheck.yaml", "--feature", "free-shipping-bar", "-q")
    dear = ("--set", "costs.roll_back=500000")  # so dear a roll-back that nothing short of ruin calls for it
    assert contextcheck(*asked, *dear).code == 0
    monkeypatch.setattr(pipeline, "_problems", lambda done: (*whole(done), failed))
    ended = contextcheck(*asked, *dear)
    assert ended.code == 4
    assert "EX301" in ended.out
