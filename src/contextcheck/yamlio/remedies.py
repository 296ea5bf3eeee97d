"""The exact remedy for what YAML and people get wrong together: numbers, yes and no, quotes, spaces, indentation."""

from __future__ import annotations

import re

_THOUSANDS = re.compile(r"^[+-]?\d{1,3}([,_ '.]\d{3})+$")
_TRUE_WORDS = ("true", "yes", "on", "y", "1")
_FALSE_WORDS = ("false", "no", "off", "n", "0")
_SMART_QUOTES = "“”„«»‘’‚"
_NO_SPACE_AFTER_COLON = re.compile(r"^\s*(?:- )?\s*([A-Za-z_]+):([^\s/].*)$")


def number_remedy(text: str) -> str:
    """Give "; write 50000" for a number in a form that is not read; empty when there is no sure remedy."""
    plain = text.strip()
    if _THOUSANDS.match(plain):
        return f"; write {re.sub(r'[,_ .]', '', plain).replace(chr(39), '')} without separators"
    if re.fullmatch(r"0\d+", plain):
        return f"; write {plain.lstrip('0') or '0'} without the leading 0"
    if re.fullmatch(r"\d+(\.\d+)?\s*%", plain):
        return f"; write {float(plain.rstrip('% ')) / 100:g} for {plain}"
    if re.fullmatch(r"\d+,\d+", plain):
        return f"; write {plain.replace(',', '.')} with a point"
    if re.fullmatch(r"\.\d+", plain):
        return f"; write 0{plain}"
    return ""


def clock_remedy(text: str) -> str:
    """Give "; write 750m" for a duration written as a clock time or in words; empty when there is no sure remedy."""
    found = re.fullmatch(r"(\d{1,3}):([0-5]\d)", text.strip())
    if found:
        return f"; write {int(found[1]) * 60 + int(found[2])}m for {text.strip()}"
    plain = text.strip().casefold()
    if re.fullmatch(r"\d+", plain):
        return f"; write {plain}h for hours or {plain}d for days"
    found = re.fullmatch(r"(\d+)\s*(hour|day|minute|min|hr)s?", plain)
    return f"; write {found[1]}{found[2][0]}" if found else ""


def truth_remedy(text: str) -> str:
    """Give "; write true" for the other words that mean it; empty when the text means neither."""
    word = text.strip().casefold()
    if word in _TRUE_WORDS:
        return "; write true"
    return "; write false" if word in _FALSE_WORDS else ""


def smart_quote(text: str) -> str:
    """Give the typographic quote that an unquoted value begins with; empty when it begins with none."""
    return text[0] if text and text[0] in _SMART_QUOTES else ""


def odd_space(key: str) -> str:
    """Give the name of a space in a key that looks like a plain one but is not; empty when there is none."""
    if key.isascii():
        return ""
    names = {"\u00a0": "non-breaking space", "\u200b": "zero-width space", "\u3000": "ideographic space"}
    names["\ufeff"] = "byte order mark"
    return next((name for character, name in names.items() if character in key), "")


def missing_space(line: str) -> str:
    """Give 'write "id: kr-x" with a space' for a line without a space after its colon; empty otherwise."""
    found = _NO_SPACE_AFTER_COLON.match(line)
    return f'write "{found[1]}: {found[2].strip()}" with a space after the colon' if found else ""


def key_remedy(line: str) -> str:
    """Say what is wrong with a line that should have been a key with its value."""
    found = re.match(r"^\s*(?:- )?\s*([A-Za-z_]+)\s*([：=])\s*(.*)$", line)
    if found:
        name = "a full-width colon" if found[2] == "：" else "an equals sign"
        return f'{name} stands behind the key; write "{found[1]}: {found[3]}" with a plain colon'
    found = re.match(r"^\s*(?:- )?\s*([A-Za-z_]+):([\u00a0\u2000-\u200b\u202f\u3000])(.*)$", line)
    if found:
        name = odd_space(found[2]) or f"space U+{ord(found[2]):04X}"
        return f'{_a(name)} stands behind the colon; write "{found[1]}: {found[3].strip()}" with a plain space'
    return f"a key without a colon; {missing_space(line) or 'write key: value'}"


def _a(name: str) -> str:
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"


def syntax_remedy(problem: str, context: str, lines: list[str], line_number: int) -> str:
    """Say what is wrong with the syntax of a line and what to do, in plain words.

    Args:
        problem: The parser's own words for the problem.
        context: The parser's own words for what it was reading.
        lines: The text's lines.
        line_number: Index of the line that the parser points at, from 0.
    """
    line = lines[line_number] if line_number < len(lines) else ""
    before = lines[line_number - 1] if 0 < line_number <= len(lines) else ""
    indentation = re.match(r"\s*", line)
    if indentation and "\t" in indentation.group():
        return "this line is indented with a tab; use spaces"
    if "cannot start any token" in problem and "\t" in line:
        return "a tab stands in this line; use spaces"
    if "cannot start any token" in problem:
        return 'this line starts a value with a character that YAML keeps for itself; put the value in "quotes"'
    if re.match(r"^\s*-[^\s-]", line):
        return f'a list item without a space after its dash; write "- {line.strip()[1:]}"'
    if "while parsing a flow" in context:
        return _flow_sentence(line)
    if "mapping values are not allowed" in problem:
        close = missing_space(line) or missing_space(before)
        if not close and _is_key_line(line) and _column_of_text(line) > _column_of_text(before) > 0:
            return _indentation_sentence(line)
        return close or 'a colon followed by a space inside plain text; put the whole text in "quotes"'
    if "could not find expected ':'" in problem:
        return f"a key without a colon; {missing_space(before) or 'write key: value'}"
    if shown := next((text for text in (line, before) if _TEXT_BEHIND.search(text)), ""):
        return _behind_sentence(shown)
    if "expected <block end>" in problem or "did not find expected" in problem:
        return _indentation_sentence(line)
    what = " ".join(part for part in (context, problem) if part)
    return f"not valid YAML: {what}; compare the indentation and quotes with the lines above"


_TEXT_BEHIND = re.compile(r":\s+(?:([\"']).*?\1[^\s,}\]]|([\"']).*\2\s+[^\s#,}\]]|[\[{].*[\]}]\s*[^\s#,}\]]|\*\S)")
"""A value that begins with a quote, a bracket or a star and goes on behind its end."""


def _behind_sentence(line: str) -> str:
    value = line.partition(": ")[2].strip()
    if value.startswith("*"):
        return 'the value begins with *, which YAML keeps for itself; put the value in "quotes"'
    if value.startswith(("[", "{")):
        return 'text stands behind a closing bracket; put the whole value in "quotes"'
    if value.startswith("'") and "'" in value[1:-1]:
        return 'an apostrophe ends the value that begins with \'; put the whole value in "quotes"'
    return "text stands behind a closing quote; put quotes around the whole value"


def _flow_sentence(line: str) -> str:
    """What is wrong between brackets."""
    inside = re.search(r"[{\[].*", line)
    if inside and ";" in inside.group():
        return "a semicolon stands between brackets; separate with commas, as in {metric: cancel_rate, direction: up}"
    for opening, closing in ("[]", "{}"):
        if inside and inside.group().count(opening) > inside.group().count(closing):
            return f'the bracket "{opening}" is not closed in this line; close it with "{closing}"'
    missing = re.search(r"(\w+: [\w.]+) (\w+: )", inside.group()) if inside else None
    if missing:
        return f'a comma is missing between "{missing[1]}" and "{missing[2].strip()}"'
    if inside and inside.group().count("{") == inside.group().count("}"):
        return "a comma or a bracket is missing in this line; write lists as [a, b] and mappings as {a: 1, b: 2}"
    return _indentation_sentence(line)


def _indentation_sentence(line: str) -> str:
    spaces = len(line) - len(line.lstrip(" "))
    return (
        f"this line starts after {spaces} {'space' if spaces == 1 else 'spaces'}, which fits none of the lines above; "
        "align it with the lines that it belongs to, and close every bracket and quote before it"
    )


def _is_key_line(line: str) -> bool:
    return re.match(r"^\s*[A-Za-z_]+:(\s|$)", line) is not None


def _column_of_text(line: str) -> int:
    """Where the text of a line begins, behind the dash of a list item."""
    found = re.match(r"^\s*(?:- +)?", line)
    return found.end() if found else 0
