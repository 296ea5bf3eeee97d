"""The numbers inside the methods: every constant of the statistical steps, with its value and what is said about it."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from reference_pages import source_facts
from reference_pages.layout import code, table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STEPS = ("panel", "detect", "explain", "impact", "decide", "gate")
_MAX_VALUE = 130


def constants_page() -> list[str]:
    lines = [
        "# Constants of the methods",
        "",
        "The fixed numbers of the statistical steps as they stand in the source; [methods.md](../methods.md) says what",
        "they are for. What a team may set is in [settings.md](settings.md) and [detection.md](detection.md).",
        "",
    ]
    for step in STEPS:
        rows = [row for path in sorted((source_facts.SOURCE / step).rglob("*.py")) for row in _rows(path)]
        lines += [f"## {step}", "", *table(("File", "Name", "Value", "Note"), rows)]
    return lines


def _rows(path: Path) -> Iterator[tuple[str, str, str, str]]:
    texts = path.read_text(encoding="utf-8").splitlines()
    body = source_facts.tree_of(path).body
    for position, node in enumerate(body):
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        value = getattr(node, "value", None)
        if not isinstance(node, (ast.Assign, ast.AnnAssign)) or value is None or not _is_plain(value):
            continue
        names = [each.id for each in getattr(target, "elts", [target]) if isinstance(each, ast.Name)]
        written = ast.unparse(value)
        if names and all(re.fullmatch(r"[A-Z][A-Z0-9_]+", name) for name in names) and len(written) <= _MAX_VALUE:
            after = body[position + 1] if position + 1 < len(body) else None
            name = path.relative_to(source_facts.SOURCE).as_posix()
            yield code(name), ", ".join(map(code, names)), code(written), _said(texts, node.lineno, after)


def _is_plain(value: ast.expr) -> bool:
    """Whether a value is made of numbers and the words that name them, with at least one number in it."""
    nodes = list(ast.walk(value))
    allowed = (ast.Constant, ast.Tuple, ast.Dict, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.expr_context)
    has_number = any(
        isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool)
        for node in nodes
    )
    return has_number and all(isinstance(node, allowed) for node in nodes)


def _said(texts: list[str], line: int, after: ast.stmt | None) -> str:
    """The comment lines above a constant, or the text below it."""
    if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and isinstance(after.value.value, str):
        return after.value.value
    above: list[str] = []
    for text in reversed(texts[: line - 1]):
        if not text.startswith("# ") or "──" in text:
            break
        above.insert(0, text[2:])
    return " ".join(above)
