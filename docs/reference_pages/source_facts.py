"""What the source says about itself, read without importing it: problem codes and the keys of the settings."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = Path(__file__).resolve().parents[2] / "src" / "contextcheck"
OR = " *or* "
ANY = "··"
"""Stands for the letters of the file kind, where one reader serves every kind of YAML file."""

_FULL = re.compile(r"[A-Z]{2}\d{3}")
_NUMBER = re.compile(r"\d{3}")
_REPORTERS = ("problem", "report", "_refuse", "_refusal")
_SEVERITIES = ("error", "warning", "info")


Names = dict[str, list[ast.expr]]
"""A name of a function to the values that are assigned to it."""


@dataclass(frozen=True, order=True)
class CodeUse:
    """One place that reports a problem: its code, its sentence with ‹blanks›, its severity and its file."""

    code: str
    sentence: str
    severity: str
    file: str


def source_files() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


@lru_cache(maxsize=256)
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


# ── problem codes ──


def problem_codes() -> list[CodeUse]:
    """Give every problem code that the source reports, with its sentence and file, in the order of the codes."""
    return sorted({use for path in source_files() for use in _codes_of(path)})


def _codes_of(path: Path) -> Iterator[CodeUse]:
    name = path.relative_to(SOURCE).as_posix()
    for function in _scopes(tree_of(path)):
        every = _assignments(function)
        reported_until: dict[str, int] = {}
        for node in sorted(_own_nodes(function), key=lambda each: getattr(each, "lineno", 0)):
            if isinstance(node, ast.Call):
                values = [*node.args, *(each.value for each in node.keywords)]
            elif isinstance(node, (ast.Yield, ast.Return)) and isinstance(node.value, ast.Tuple):
                values = list(node.value.elts)
            else:
                continue
            assigned = _at_hand(every, reported_until, node.end_lineno or 0)
            for use in _use(node, values, name, assigned):
                reported_until |= {each.id: node.lineno for each in ast.walk(node) if isinstance(each, ast.Name)}
                yield use


def _at_hand(every: Names, reported_until: dict[str, int], line: int) -> Names:
    """What each name may stand for at a line: what was assigned since it was last reported, or the last before."""
    found = {}
    for name, values in every.items():
        before = [each for each in values if each.lineno <= line]
        fresh = [each for each in before if each.lineno > reported_until.get(name, 0)]
        found[name] = fresh or before[-1:]
    return found


def _use(
    node: ast.Call | ast.Yield | ast.Return, values: list[ast.expr], name: str, assigned: Names
) -> Iterator[CodeUse]:
    for position, value in enumerate(values):
        code = _code(value, _prefix(name), is_reporter=_is_reporter(node))
        if code is None:
            continue
        rest = [each for each in values[position + 1 :] if not _is_severity(each)]
        usual = "error" if _is_reporter(node) or (isinstance(node, ast.Call) and _word(node.func) == "problem") else ""
        severity = next((each.value for each in values if _is_severity(each)), usual)
        sentence = next((text for each in reversed(rest) if (text := sentence_of(each, assigned))), "")
        yield CodeUse(code, sentence, str(severity), name)
        return


def _code(value: ast.expr, prefix: str, *, is_reporter: bool) -> str | None:
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        if _FULL.fullmatch(value.value):
            return value.value
        if is_reporter and _NUMBER.fullmatch(value.value):
            return prefix + value.value
    if isinstance(value, ast.JoinedStr) and len(value.values) == 2:
        number = value.values[1]
        if isinstance(number, ast.Constant) and isinstance(number.value, str) and _NUMBER.fullmatch(number.value):
            return prefix + number.value
    return None


def _is_reporter(node: ast.AST) -> bool:
    """Whether a call hands a bare number to a method that reports: `fields.problem("105", …)`."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _REPORTERS


def _is_severity(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value in _SEVERITIES


def _prefix(name: str) -> str:
    """The letters of the file kind that a module reads."""
    if name.startswith("yamlio/"):
        return ANY
    if name in ("settings.py", "table_settings.py"):
        return "ST"
    if name == "load/tablemaps.py":
        return "TM"
    if name == "load/columnmaps.py":
        return "MP"
    rules = ("policy", "metric", "expression")
    return "RL" if any(name.startswith(f"knowledge/{word}") for word in rules) else "KB"


def _scopes(tree: ast.Module) -> Iterator[ast.AST]:
    yield tree
    yield from (node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))


def _own_nodes(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a scope without those of functions inside it."""
    for child in ast.iter_child_nodes(scope):
        if not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield child
            yield from _own_nodes(child)


def _assignments(scope: ast.AST) -> Names:
    found: Names = {}
    for node in _own_nodes(scope):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found.setdefault(node.targets[0].id, []).append(node.value)
    return found


def sentence_of(value: ast.expr, assigned: Names, depth: int = 0) -> str:
    """Give a sentence with its blanks in ‹›; a name is followed to what was assigned to it in the same function."""
    if isinstance(value, ast.Constant):
        return value.value if isinstance(value.value, str) else ""
    if isinstance(value, ast.JoinedStr):
        return "".join(_part(each, assigned, depth) for each in value.values)
    if isinstance(value, ast.BinOp):
        return sentence_of(value.left, assigned, depth) + sentence_of(value.right, assigned, depth)
    if isinstance(value, ast.IfExp):
        return OR.join(filter(None, (sentence_of(each, assigned, depth) for each in (value.body, value.orelse))))
    if isinstance(value, ast.Starred):
        return f"‹{_word(value.value)}›"
    if isinstance(value, ast.Name) and assigned.get(value.id) and depth < 3:
        texts = dict.fromkeys(sentence_of(each, assigned, depth + 1) for each in assigned[value.id])
        return OR.join(filter(None, texts))
    return f"‹{_word(value)}›" if isinstance(value, (ast.Name, ast.Call, ast.Attribute)) else ""


def _part(value: ast.expr, assigned: Names, depth: int) -> str:
    if not isinstance(value, ast.FormattedValue):
        return sentence_of(value, assigned, depth)
    inner = value.value
    if isinstance(inner, ast.Name) and len(assigned.get(inner.id, ())) == 1 and depth < 3:
        text = sentence_of(assigned[inner.id][0], assigned, depth + 1)
        if " " in text and OR not in text:
            return text
    return f"‹{_word(inner)}›"


def _word(value: ast.expr) -> str:
    """One word for what fills a blank."""
    if isinstance(value, ast.Name):
        return value.id.strip("_").replace("_", " ").lower()
    if isinstance(value, ast.Attribute):
        return value.attr.strip("_").replace("_", " ").lower()
    if isinstance(value, ast.Subscript):
        return _word(value.value)
    if isinstance(value, ast.Call):
        name = _word(value.func)
        if name == "nearest":
            return "the nearest known name"
        if name == "len" and value.args:
            return f"number of {_word(value.args[0])}"
        return _word(value.args[0]) if name in ("str", "sorted") and value.args else name
    return "…"


# ── settings ──


@dataclass(frozen=True)
class SettingsKey:
    """One key that the reader of contextcheck.yaml asks for."""

    name: str
    kind: str
    default: str = ""
    values: str = ""


_SECTIONS = {
    "_orders": "orders.",
    "_decision": "decision.",
    "_privacy": "privacy.",
    "_launch": "launches[].",
    "_costs": "costs.",
}
_KINDS = {
    "text": "text",
    "texts": "text or list of texts",
    "choice": "one of",
    "share": "share",
    "number": "number",
    "whole": "whole number",
    "decimal": "number",
    "money": "amount with currency",
    "day": "day",
    "mapping": "mapping",
    "mappings": "list of mappings",
}


def settings_keys() -> list[SettingsKey]:
    """Give every key that settings.py reads by a literal name, in its own order; repeated keys are given once."""
    found: dict[str, SettingsKey] = {}
    for function in tree_of(SOURCE / "settings.py").body:
        if isinstance(function, ast.FunctionDef) and function.name.startswith("_"):
            for key in _keys_of(function):
                found.setdefault(key.name, key)
    return list(found.values())


def _keys_of(function: ast.FunctionDef) -> Iterator[SettingsKey]:
    sections = _mapping_names(function)
    for node in ast.walk(function):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        if isinstance(node.func, ast.Name) and node.func.id == "_texts_by_key" and len(node.args) == 2:
            yield SettingsKey(str(ast.literal_eval(node.args[1])), "mapping")
        reader = node.func
        if not isinstance(reader, ast.Attribute) or reader.attr not in _KINDS or not isinstance(reader.value, ast.Name):
            continue
        first = node.args[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str) and reader.value.id in sections:
            yield _key(sections[reader.value.id] + first.value, reader.attr, node)


def _mapping_names(function: ast.FunctionDef) -> dict[str, str]:
    """The variables of a function that stand for a mapping of the file, with the path of each."""
    here = _SECTIONS.get(function.name, "")
    names = {argument.arg: here if argument.arg == "entry" else "" for argument in function.args.args}
    for node in ast.walk(function):
        value, target = (node.value, node.targets[0]) if isinstance(node, ast.Assign) else (None, None)
        if isinstance(node, ast.NamedExpr):
            value, target = node.value, node.target
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "mapping":
            key = value.args[0]
            path = (
                key.value + "."
                if isinstance(key, ast.Constant)
                else f"{function.name.strip('_')}.‹{ast.unparse(key)}›."
            )
            if isinstance(target, ast.Name):
                names[target.id] = path
    return names


def _key(name: str, kind: str, call: ast.Call) -> SettingsKey:
    options = {each.arg: each.value for each in call.keywords}
    texts = [ast.unparse(each) for each in call.args[1:]]
    if kind == "choice":
        return SettingsKey(name, _KINDS[kind], _unquoted(texts[1]), ", ".join(ast.literal_eval(call.args[1])))
    low, high = (ast.unparse(options[each]) if each in options else "" for each in ("low", "high"))
    values = "0 to 1" if kind == "share" else f"{low} to {high}" if high else f"{low} or more" if low else ""
    return SettingsKey(name, _KINDS[kind], _unquoted(texts[0]) if texts and kind != "money" else "", values)


def _unquoted(text: str) -> str:
    return text.strip("'\"")
