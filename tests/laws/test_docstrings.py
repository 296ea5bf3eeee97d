"""Docstrings: every public function and class has one, its headings stand in one order, methods name their source."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "contextcheck"
HEADINGS = ("Attributes", "Args", "Returns", "Raises", "Method", "Source", "Blind spots", "Example")
METHOD = ("Method", "Source", "Blind spots")
HEADING = re.compile(rf"^({'|'.join(HEADINGS)}):")
TABLES = {
    "detect": SOURCE / "detect" / "interface.py",
    "explain": SOURCE / "explain" / "signs" / "interface.py",
}
Documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _definitions() -> dict[str, Documented]:
    """Public functions and classes of every module, and the public methods of the classes, by path:name."""
    found: dict[str, Documented] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        module = path.relative_to(SOURCE).as_posix()
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, Documented) and not node.name.startswith("_"):
                found[f"{module}:{node.name}"] = node
                for inner in node.body if isinstance(node, ast.ClassDef) else ():
                    if isinstance(inner, Documented) and not inner.name.startswith("_"):
                        found[f"{module}:{node.name}.{inner.name}"] = inner
    return found


def headings_of(node: Documented) -> list[str]:
    text = ast.get_docstring(node) or ""
    return [found[1] for line in text.splitlines() if (found := HEADING.match(line))]


def _members(table: Path) -> list[str]:
    """The `module:member` texts of a table of plug-ins, as path:name."""
    texts = re.findall(r"\"contextcheck\.([\w.]+):(\w+)\"", table.read_text(encoding="utf-8"))
    return [f"{module.replace('.', '/')}.py:{member}" for module, member in texts]


def test_every_public_function_and_class_says_what_it_gives():
    silent = [name for name, node in _definitions().items() if name.count(".") < 2 and not ast.get_docstring(node)]
    assert silent == []


def test_headings_stand_in_one_order_and_once():
    wrong = {}
    for name, node in _definitions().items():
        found = headings_of(node)
        if found != sorted(set(found), key=HEADINGS.index):
            wrong[name] = found
    assert wrong == {}


@pytest.mark.parametrize("table", TABLES)
def test_detectors_and_sign_tests_name_method_source_and_blind_spots(table):
    members = _members(TABLES[table])
    assert members
    definitions = _definitions()
    assert {name: headings_of(definitions[name]) for name in members if missing(definitions[name])} == {}


@pytest.mark.parametrize("module", ["counterfactual", "effect", "ledger", "noise", "order_value", "value"])
def test_every_module_of_money_has_a_method_with_source_and_blind_spots(module):
    stated = [node for name, node in _definitions().items() if name.startswith(f"impact/{module}.py:")]
    assert any(not missing(node) for node in stated)


def test_methods_of_money_and_of_the_gate_name_method_source_and_blind_spots():
    stated = {
        name: headings_of(node)
        for name, node in _definitions().items()
        if name.startswith(("impact/", "gate/")) and "Method" in headings_of(node)
    }
    assert len(stated) >= 6
    assert {name: headings for name, headings in stated.items() if set(METHOD) - set(headings)} == {}


def missing(node: Documented) -> list[str]:
    return [heading for heading in METHOD if heading not in headings_of(node)]
