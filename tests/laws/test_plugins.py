"""Plug-in folders, their tables and the knowledge that names them agree."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from contextcheck.detect.interface import DETECTORS, load_detector
from contextcheck.explain.signs.interface import SIGN_TESTS, load_sign_test
from contextcheck.knowledge.metric_files import unknown_metrics
from contextcheck.knowledge.overlay import read_knowledge
from contextcheck.knowledge.signs import SIGN_SPECS
from contextcheck.report.interface import FORMATS, find_format
from contextcheck.settings import Settings

SIGNS = Path(importlib.import_module("contextcheck.explain.signs").__file__).parent
NO_SIGN = {"__init__", "interface", "outcome"}
HEADINGS = ("Method", "Source", "Blind spots")


def test_every_file_of_signs_is_in_the_table_and_back():
    assert {path.stem for path in SIGNS.glob("*.py")} - NO_SIGN == set(SIGN_TESTS)


def test_every_sign_that_yaml_may_name_is_tested_by_a_class_of_that_name():
    assert set(SIGN_SPECS) == set(SIGN_TESTS)
    for name, place in SIGN_TESTS.items():
        assert place.startswith(f"contextcheck.explain.signs.{name}:")
        assert callable(load_sign_test(name).test)


def test_every_detector_of_the_table_loads():
    for name in DETECTORS:
        assert callable(load_detector(name).score)


def test_every_report_format_of_the_table_loads():
    for name in FORMATS:
        assert callable(find_format(name))


@pytest.mark.parametrize("part", [*(load_sign_test(name) for name in SIGN_TESTS), *map(load_detector, DETECTORS)])
def test_every_method_says_how_it_works_whence_it_comes_and_what_it_misses(part):
    text = type(part).__doc__ or ""
    places = [text.find(f"{heading}:") for heading in HEADINGS]
    assert -1 not in places
    assert places == sorted(places)


def test_every_rule_names_metrics_and_detectors_that_exist():
    base = read_knowledge(Settings())
    assert unknown_metrics(base.detection_rules, tuple(base.metrics)) == []
    assert {each.detector for each in base.detection_rules} <= set(DETECTORS)


def test_every_entry_explains_metrics_and_uses_signs_that_exist():
    base = read_knowledge(Settings())
    for entry in base.entries:
        assert {each.metric for each in entry.explains if each.metric} <= set(base.metrics), entry.id
        assert {sign.test for sign in (*entry.signs, *entry.contradicted_by)} <= set(SIGN_TESTS), entry.id
