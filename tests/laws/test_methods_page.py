"""docs/methods.md speaks of every method there is."""

from pathlib import Path

import pytest

from contextcheck.detect.interface import DETECTORS
from contextcheck.explain.signs.interface import SIGN_TESTS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "methods.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [*DETECTORS, *SIGN_TESTS])
def test_every_detector_and_sign_test_is_on_the_methods_page(name):
    assert f"`{name}`" in PAGE


@pytest.mark.parametrize("word", ["Maturity", "False discoveries", "Placebo", "Share explained", "Confidence sequence"])
def test_every_step_is_on_the_methods_page(word):
    assert word in PAGE


def test_every_step_says_what_it_misses_and_what_is_not_done():
    assert PAGE.count("*Blind spot") >= 8
    assert PAGE.count("*Not done") >= 5
