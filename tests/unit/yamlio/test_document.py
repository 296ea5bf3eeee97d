# ruff: noqa: E501
"""YAML text becomes nodes that keep what was typed; whatever plain loading would change in silence is kept or refused."""

from pathlib import Path

import pytest

from contextcheck.yamlio.document import MAX_BYTES, MapNode, Scalar, read_file, read_text


def root(text: str) -> MapNode:
    node, problems = read_text(text, "f.yaml", "KB")
    assert [str(problem) for problem in problems] == []
    assert isinstance(node, MapNode)
    return node


# the second item is what YAML 1.1 loading would have made of it
@pytest.mark.parametrize(
    "text", ["NO", "ON", "OFF", "yes", "12:30", "010", "1_000", "1e3", "2026-02-30", ".inf", "0x10"]
)
def test_a_plain_value_stays_as_typed(text: str) -> None:
    node = root(f"a: {text}\n").get("a")
    assert isinstance(node, Scalar)
    assert (node.text, node.is_quoted, str(node.where)) == (text, False, "f.yaml:1:4")


def test_an_empty_value_is_empty_and_a_quoted_one_is_not() -> None:
    node = root('a:\nb: ""\nc: ~\nd: null\ne: "null"\n')
    found = {key: node.get(key).is_empty for key in "abcde"}  # type: ignore[union-attr]
    assert found == {"a": True, "b": False, "c": True, "d": True, "e": False}


def test_windows_line_ends_and_a_byte_order_mark_are_read_past(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    node, problems = read_file(path, "KB")
    assert problems == []
    assert isinstance(node, MapNode)
    assert [(key, place.line) for key, (place, _) in node.entries.items()] == [("a", 1), ("b", 2)]


REFUSED = {
    "a:\n\tb: 1\n": "f.yaml:2:1: KB004 this line is indented with a tab; use spaces",
    "a: x: y\n": 'f.yaml:1:5: KB004 a colon followed by a space inside plain text; put the whole text in "quotes"',
    "id:kr\ntitle: x\n": 'KB004 write "id: kr" with a space after the colon',
    "n:\n  - id: x\n   t: y\n": "f.yaml:3:4: KB004 this line starts after 3 spaces, which fits none of the lines above",
    "n:\n  - id: x\n      t: y\n": "KB004 this line starts after 6 spaces, which fits none of the lines above",
    "a: @x\n": 'f.yaml:1:4: KB004 this line starts a value with a character that YAML keeps for itself; put the value in "quotes"',
    'a: "x\nb: 2\n': "KB004 the quote opened in line 1 is never closed; close it",
    'a: "x" y\n': "KB004 text stands behind a closing quote; put quotes around the whole value",
    "a: 1\nfoo\nb: 2\n": "KB004 a key without a colon; write key: value",
    "a: *x\n": "f.yaml:1:4: KB005 the alias *x is not allowed; write the value out",
    "a: !!python/object x\n": "KB005 the tag tag:yaml.org,2002:python/object is not allowed; write the plain value",
    "a: \x07\n": "f.yaml:1:1: KB004 character U+0007 is not allowed; delete it",
    "a: 1\n---\nb: 2\n": "f.yaml:2:1: KB006 a second document starts here; one file holds one document",
    "? [a, b]\n: c\n": "f.yaml:1:3: KB008 a key must be plain text",
    "a: " + "[" * 40 + "]" * 40: "KB007 nested deeper than 30 levels",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_cannot_be_read_is_refused_with_its_place_and_remedy(text: str) -> None:
    node, problems = read_text(text, "f.yaml", "KB")
    assert node is None
    assert len(problems) == 1
    assert REFUSED[text] in str(problems[0])


REPORTED = {
    "a: 1\nb: 2\na: 3\n": 'f.yaml:3:1: KB009 the key "a" is already given in line 1; keep one of the two',
    "a: “hello”\n": 'f.yaml:1:4: KB010 the value begins with the typographic quote “; write straight quotes (")',
    "a:\n  \u00a0b: 2\n": 'f.yaml:2:3: KB011 a non-breaking space stands in or before "b"; delete it and use plain spaces',
}


@pytest.mark.parametrize("text", REPORTED)
def test_what_can_be_read_past_is_reported_and_the_rest_is_read(text: str) -> None:
    node, problems = read_text(text, "f.yaml", "KB")
    assert isinstance(node, MapNode)
    assert [str(problem) for problem in problems] == [REPORTED[text]]


def test_typographic_quotes_inside_prose_are_fine() -> None:
    assert root('a: >-\n  “Quoted” words\nb: he said “no”\nc: "“x”"\n').get("b") is not None


def test_a_bomb_of_aliases_is_refused_at_its_first_alias() -> None:
    bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
    node, problems = read_text(bomb, "f.yaml", "KB")
    assert node is None
    assert [problem.code for problem in problems] == ["KB005"]


def test_a_file_that_is_too_large_missing_or_no_utf8_is_refused(tmp_path: Path) -> None:
    large = tmp_path / "large.yaml"
    large.write_bytes(b"a: " + b"x" * MAX_BYTES)
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("a: 1\nb: å\n".encode("latin-1"))
    found = {path: read_file(path, "KB", shown_as="f.yaml")[1][0] for path in (large, latin, tmp_path / "none.yaml")}
    assert [problem.code for problem in found.values()] == ["KB002", "KB003", "KB001"]
    assert found[latin].where == "f.yaml:2:1"
