"""Flags are explained in several threads on one engine connection, so whatever they ask goes through the one lock."""

import ast
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src" / "contextcheck"
STEPS = ("explain", "impact", "decide", "panel")
ASKING = {"execute", "to_pandas", "to_pyarrow", "to_pyarrow_batches", "to_polars", "cache"}
LOCKED = "frames.py"


def questions(path: Path) -> list[str]:
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    named = [(node.lineno, node.func.attr) for node in calls if isinstance(node.func, ast.Attribute)]
    return [f"{path.relative_to(SOURCE)}:{line} .{name}()" for line, name in named if name in ASKING]


def test_the_steps_of_a_flag_ask_the_engine_in_one_place_only():
    files = [path for step in STEPS for path in (SOURCE / step).rglob("*.py")]
    files += [SOURCE / "weighing.py", SOURCE / "pipeline.py"]
    assert len(files) > 60
    assert [each for path in files if path.name != LOCKED for each in questions(path)] == []
    assert questions(SOURCE / "panel" / LOCKED)
