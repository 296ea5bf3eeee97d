"""What must stay true of the repository's shape."""

import ast
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src" / "contextcheck"
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60


def _files() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def test_no_file_grows_past_the_limit():
    long = {
        path.name: n for path in _files() if (n := len(path.read_text(encoding="utf-8").splitlines())) > MAX_FILE_LINES
    }
    assert long == {}


def test_no_function_grows_past_the_limit():
    long = []
    for path in _files():
        is_option_list = path.parent.name == "cli"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not is_option_list:
                lines = (node.end_lineno or 0) - node.lineno + 1
                if lines > MAX_FUNCTION_LINES:
                    long.append(f"{path.name}:{node.name} {lines}")
    assert long == []


def _imports(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


def _importers(package: str) -> set[str]:
    return {path.relative_to(SOURCE).as_posix() for path in _files() if package in _imports(path)}


def test_only_connect_names_an_engine():
    assert _importers("duckdb") <= {"load/connect.py"}
    assert _importers("pyspark") <= {"load/connect.py"}


def test_rich_and_typer_stay_at_the_edge():
    assert {name for name in _importers("rich") if not name.startswith("cli/")} <= {"report/terminal.py"}
    assert {name for name in _importers("typer") if not name.startswith("cli/")} == set()


def test_nothing_is_evaluated_from_text():
    for path in _files():
        calls = [
            node.func.id
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        ]
        assert not {"eval", "exec", "compile"} & set(calls), path
