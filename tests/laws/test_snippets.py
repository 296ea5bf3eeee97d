"""The snippets in the documentation: their syntax holds, and the commands in them exist."""

import ast
import re
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^( *)```(\w+)[^\n]*\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
KNOWN = {"yaml", "bash", "sh", "python", "groovy", "bat", "powershell", "text", "console", "json", "sql"}
CALL = re.compile(r"(?:^|[\s\\/;&|(])contextcheck(?:\.exe)? ((?:--|[a-z]).*)")
LEFT_OUT = ("docs/reference/",)


@dataclass(frozen=True)
class Snippet:
    page: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def _pages() -> list[Path]:
    top = [path for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md") if path.is_file()]
    return [*top, *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "examples").rglob("*.md"))]


def _snippets(*languages: str) -> list[Snippet]:
    found = []
    for path in _pages():
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith(LEFT_OUT):
            text = path.read_text(encoding="utf-8")
            for fence in FENCE.finditer(text):
                line = text[: fence.start()].count("\n") + 1
                found.append(Snippet(name, line, fence[2], fence[3]))
    return [each for each in found if not languages or each.language in languages]


def _documents(text: str) -> list[object]:
    # the C parser, where there is one, as the program does
    return list(yaml.load_all(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))


def _bash(text: str) -> str:
    done = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False)
    return done.stderr


def _scripts_in(node: object) -> list[str]:
    """What a workflow hands to a shell: `run:` texts and `script:` lines."""
    if isinstance(node, dict):
        own = [node["run"]] if isinstance(node.get("run"), str) else []
        own += ["\n".join(node["script"])] if isinstance(node.get("script"), list) else []
        return own + [script for value in node.values() for script in _scripts_in(value)]
    return [script for value in node for script in _scripts_in(value)] if isinstance(node, list) else []


def _shell_texts(snippet: Snippet) -> list[str]:
    if snippet.language == "yaml":
        return _scripts_in(_documents(snippet.text))
    if snippet.language == "groovy":
        return re.findall(r"'''(.*?)'''", snippet.text, re.DOTALL)
    return [snippet.text] if snippet.language in ("bash", "sh") else []


def test_every_snippet_names_a_language_that_is_checked_or_known():
    assert {str(each): each.language for each in _snippets() if each.language not in KNOWN} == {}


@pytest.mark.parametrize("snippet", _snippets("yaml"), ids=str)
def test_yaml_snippets_are_yaml(snippet):
    assert any(part is not None for part in _documents(snippet.text))


@pytest.mark.parametrize("snippet", _snippets("bash", "sh", "yaml", "groovy"), ids=str)
def test_shell_snippets_are_shell(snippet):
    for text in _shell_texts(snippet):
        # what a workflow engine fills in is a word to the shell
        assert _bash(re.sub(r"\$\{\{.*?\}\}", "value", text)) == "", text


@pytest.mark.parametrize("snippet", _snippets("python"), ids=str)
def test_python_snippets_are_python(snippet):
    assert ast.parse(snippet.text).body


@pytest.mark.parametrize("snippet", _snippets("groovy", "powershell"), ids=str)
def test_brackets_are_closed(snippet):
    text = re.sub(r"'''.*?'''|'[^'\n]*'|\"[^\"\n]*\"", "", snippet.text, flags=re.DOTALL)
    assert [text.count(each) for each in "({["] == [text.count(each) for each in ")}]"]


# ── the composite action ──

ACTION = ROOT / ".github" / "actions" / "gate" / "action.yaml"


def test_the_composite_action_uses_the_inputs_and_options_there_are():
    action = yaml.safe_load(ACTION.read_text(encoding="utf-8"))
    (script,) = _scripts_in(action["runs"])
    assert _bash(script) == ""
    used = set(re.findall(r"inputs\.([\w-]+)", str(action["runs"])))
    assert used == set(action["inputs"])
    assert set(re.findall(r"(--[a-z][\w-]*)", script)) <= _commands()["gate"]
    assert {each.replace("${{ steps.gate.outputs.", "").replace(" }}", "") for each in _values(action)} == set(
        action["outputs"]
    )


def _values(action: dict) -> list[str]:
    return [each["value"] for each in action["outputs"].values()]


# ── the commands in the snippets exist ──


@lru_cache(maxsize=1)
def _commands() -> dict[str, set[str]]:
    from typer.main import get_command

    from contextcheck.cli.app import app

    found: dict[str, set[str]] = {}

    def walk(path: str, command) -> None:
        found[path] = {option for each in command.params for option in (*each.opts, *each.secondary_opts)} | {"--help"}
        for name, below in getattr(command, "commands", {}).items():
            walk(f"{path} {name}".strip(), below)

    walk("", get_command(app))
    return found


def _calls() -> list[tuple[str, str]]:
    calls = []
    for snippet in _snippets("bash", "sh", "console", "yaml", "groovy", "bat", "powershell", "python"):
        joined = snippet.text.replace("\\\n", " ").replace('"\n            "', "")
        found = (CALL.search(line) for line in joined.splitlines())
        calls += [(f"{snippet.page}:{snippet.line}", call[1]) for call in found if call]
        if snippet.language == "yaml" and "command: [contextcheck, gate]" in snippet.text:
            options = " ".join(re.findall(r"- (--[\w-]+)", snippet.text))
            calls.append((f"{snippet.page}:{snippet.line}", f"gate {options}"))
    return calls


def _unknown(call: str) -> list[str]:
    """The command and options of a call that do not exist."""
    text = re.split(r"[|;&]| \d?>", re.sub(r"\{\{.*?\}\}|\$\([^)]*\)", "value", call))[0]
    words = [word.strip("\"'(),") for word in text.split(" #")[0].split()]
    commands = _commands()
    path = ""
    for word in words:
        if f"{path} {word}".strip() not in commands:
            break
        path = f"{path} {word}".strip()
    given = {word.split("=")[0] for word in words if re.match(r"--?[a-z]", word)}
    return sorted(given - commands[path]) if path or words[0].startswith("-") else [words[0]]


def test_commands_and_options_in_the_snippets_exist():
    calls = _calls()
    assert len(calls) >= 8
    assert {place: wrong for place, call in calls if (wrong := _unknown(call))} == {}


def test_a_wrong_option_would_be_noticed():
    assert _unknown("gate orders.parquet --on-hlod pass") == ["--on-hlod"]
    assert _unknown("gaet --feature x") == ["gaet"]
