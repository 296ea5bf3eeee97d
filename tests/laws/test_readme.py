"""The commands that README.md shows do what it says."""

from pathlib import Path

import pytest
from laws.readme_blocks import plain, run_page, steps_of

README = Path(__file__).resolve().parents[2] / "README.md"
SAMPLE = """
```console
$ contextcheck --version
contextcheck 0.1.0
$ contextcheck demo --list
korea-padding … the shop earns more
$ make demo
```
"""


def test_commands_are_read_with_what_is_quoted_from_them():
    steps = steps_of(SAMPLE + "```console\n$ contextcheck gate --feature bar  # exit 4\n```\n")
    assert [step.words[0] for step in steps] == ["contextcheck", "contextcheck", "make", "contextcheck"]
    assert steps[0].quoted == ["contextcheck 0.1.0"]
    assert steps[3].exit_codes == (4,)


def test_numbers_and_line_breaks_may_differ_and_words_may_not():
    assert plain("16.4 % of\n   1,450 orders") == plain("17 % of 9 orders")
    assert plain("keep") != plain("watch")


def test_a_page_that_tells_the_truth_passes(tmp_path):
    assert run_page(SAMPLE, tmp_path) == []


def test_a_page_that_does_not_is_noticed(tmp_path):
    wrong = run_page(SAMPLE.replace("the shop earns more", "the shop goes under"), tmp_path)
    assert len(wrong) == 1
    assert "goes under" in wrong[0]
    assert len(run_page("```console\n$ contextcheck demo nowhere\n```\n", tmp_path)) == 1


@pytest.mark.skipif(not README.is_file(), reason="no README yet")
def test_the_readme_shows_the_demo_and_the_gate():
    commands = [" ".join(step.words) for step in steps_of(README.read_text(encoding="utf-8"))]
    for name in ("demo", "doctor", "scan", "gate", "norms"):
        assert any(command.startswith(f"contextcheck {name}") for command in commands), name


@pytest.mark.slow
@pytest.mark.skipif(not README.is_file(), reason="no README yet")
def test_the_commands_of_the_readme_do_what_it_says(tmp_path):
    assert run_page(README.read_text(encoding="utf-8"), tmp_path) == []
