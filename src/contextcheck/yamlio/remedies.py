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
    """Give "; write 750m" for a duration written as a clock time; empty for anything else."""
    found = re.fullmatch(r"(\d{1,3}):([0-5]\d)", text.strip())
    return f"; write {int(found[1]) * 60 + int(found[2])}m for {text.strip()}" if found else ""


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
    names = {"\u00a0": "non-breaking space", "\u200b": "zero-width space", "\u3000": "ideographic space"}
    names["\ufeff"] = "byte order mark"
    return next((name for character, name in names.items() if character in key), "")


def missing_space(line: str) -> str:
    """Give 'write "id: kr-x" with a space' for a line without a space after its colon; empty otherwise."""
    found = _NO_SPACE_AFTER_COLON.match(line)
    return f'write "{found[1]}: {found[2].strip()}" with a space after the colon' if found else ""


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
    if "mapping values are not allowed" in problem:
        close = missing_space(line) or missing_space(before)
        if not close and _is_key_line(line) and _column_of_text(line) > _column_of_text(before) > 0:
            return _indentation_sentence(line)
        return close or 'a colon followed by a space inside plain text; put the whole text in "quotes"'
    if "could not find expected ':'" in problem:
        return f"a key without a colon; {missing_space(before) or 'write key: value'}"
    if re.search(r":\s+([\"']).*\1\s+[^\s#,}\]]", line):
        return "text stands behind a closing quote; put quotes around the whole value"
    if "expected <block end>" in problem or "did not find expected" in problem:
        return _indentation_sentence(line)
    what = " ".join(part for part in (context, problem) if part)
    return f"not valid YAML: {what}; compare the indentation and quotes with the lines above"


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
