"""What is written in the repository: plain product language, and links that lead somewhere."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
THIS = Path(__file__).relative_to(ROOT).as_posix()
# Parts of words are joined here so that this file itself holds none of them.
WORKPLACE = re.compile(
    "|".join(["/" + "work/", "/" + "tmp/w/", "BRIEF" + r"2?\.md", "issues " + "(show|resolved|blocked|note)"])
)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")


def _tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]
    left_out = {".venv", ".git", ".demo", "dist", "build"}
    files = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
    return [path.as_posix() for path in files if not left_out & set(path.parts)]


def _text(name: str) -> str:
    try:
        return (ROOT / name).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def _pages() -> list[str]:
    return [name for name in _tracked() if name.endswith(".md")]


def test_no_path_of_a_workplace_is_written_anywhere():
    found = {name: hit[0] for name in _tracked() if name != THIS and (hit := WORKPLACE.search(_text(name)))}
    assert found == {}


def anchors_of(text: str) -> set[str]:
    """The anchors that a heading gets where Markdown is shown: small letters, hyphens for blanks, no punctuation."""
    heads = re.findall(r"^#{1,6} +(.+?) *$", FENCE.sub("", text), re.MULTILINE)
    plain = (re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", head) for head in heads)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in plain}


@pytest.mark.parametrize("name", _pages())
def test_links_inside_the_documentation_lead_somewhere(name):
    text = _text(name)
    broken = []
    for found in LINK.finditer(CODE.sub("", FENCE.sub("", text))):
        target = found[1] or found[2]
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = ROOT / name if not path else (ROOT / name).parent / path
        if not file.exists() or (anchor and anchor not in anchors_of(file.read_text(encoding="utf-8"))):
            broken.append(target)
    assert broken == []
