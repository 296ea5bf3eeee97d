"""What a definition file gets from editors and copying, and what `norms lint --fix` mends without asking.

Codes: KB012 byte-order mark · KB013 line ends with CR · KB014 spaces at the end of a line · KB015 no-break or other
odd space · KB016 tab · KB017 typographic quotes around a value · KB018 no line end at the end of the file
· KB019 text cut off by " #".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from contextcheck.errors import Location, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

BYTE_ORDER_MARK = "\ufeff"
TAB_WIDTH = 2
_ODD_SPACE = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u3000]")
_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff]")
# A value (behind a colon, a dash, a bracket or a comma) that begins and ends with typographic double quotes.
_SMART_VALUE = re.compile(
    '(?P<before>(?::|-|,|\\[|\\{)\\s+|[\\[{])[“”„«»](?P<text>[^“”„«»"\\\\]*)[“”„«»](?=\\s*(?:[,\\]}]|$|#))'
)
_SMART_SINGLE = re.compile(
    "(?P<before>(?::|-|,|\\[|\\{)\\s+|[\\[{])[‘’‚](?P<text>[^‘’‚'\"\\\\]*)[‘’‚](?=\\s*(?:[,\\]}]|$|#))"
)
# Plain text that goes on behind " #" without the space that a comment has: "Baskets #1 of the season".
_CUT_BY_COMMENT = re.compile(r"^\s*(?:- )?\s*[A-Za-z_]+: +(?![\"'>|\[{#&*!])[^#]*?(?P<rest> #[^\s#].*)$")
FIX = "contextcheck norms lint --fix does it"


def mechanical_problems(text: str, name: str) -> list[Problem]:
    """Give what `mended` would change, as warnings; tabs and typographic quotes are errors of the reader already.

    Args:
        text: The file as decoded, its byte-order mark and line ends kept.
        name: Its shown name.
    """
    problems = []
    if text.startswith(BYTE_ORDER_MARK):
        problems.append(_warning("KB012", name, 1, 1, "the file starts with a byte-order mark; save it as plain UTF-8"))
    ends = text.count("\r\n") + text.replace("\r\n", "").count("\r")
    if ends:
        line = text[: text.index("\r")].count("\n") + 1
        sentence = f"{ends} lines end as on Windows (CR LF); save the file with LF line ends"
        problems.append(_warning("KB013", name, line, text.index("\r") + 1 if line == 1 else 1, sentence))
    problems += list(_line_problems(text, name))
    if text and not text.endswith(("\n", "\r")):
        sentence = "the last line has no line end; end the file with one"
        problems.append(_warning("KB018", name, text.count("\n") + 1, 1, sentence))
    return problems


def mended(text: str) -> str:
    """Give a text with byte-order mark, line ends, odd spaces, tabs, typographic quotes and line tails put right.

    Letters are never changed: quotes inside prose stay, only those that stand around a whole value become straight.
    """
    plain = text.removeprefix(BYTE_ORDER_MARK).replace("\r\n", "\n").replace("\r", "\n")
    lines = [_mended_line(line) for line in plain.split("\n")]
    joined = "\n".join(lines).rstrip("\n")
    return joined + "\n" if joined else ""


def _mended_line(line: str) -> str:
    line = _INVISIBLE.sub("", _ODD_SPACE.sub(" ", line))
    indentation = re.match(r"[ \t]*", line)
    head = indentation.group() if indentation else ""
    # In prose and inside quotes a tab stands for a space; in the indentation for two.
    line = head.replace("\t", " " * TAB_WIDTH) + line[len(head) :].replace("\t", " ")
    line = _SMART_VALUE.sub(_straight, line)
    return _SMART_SINGLE.sub(_straight, line).rstrip()


def _straight(found: re.Match[str]) -> str:
    return f'{found["before"]}"{found["text"]}"'


def _line_problems(text: str, name: str) -> Iterator[Problem]:
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        tail = line.rstrip()
        if tail != line.rstrip("\r"):
            yield _warning("KB014", name, number, len(tail) + 1, f"spaces at the end of the line; {FIX}")
        odd = _ODD_SPACE.search(tail) or _INVISIBLE.search(tail.removeprefix(BYTE_ORDER_MARK))
        if odd:
            what = f"U+{ord(odd.group()):04X}"
            sentence = f"an odd space ({what}) that looks like a plain one or like nothing; {FIX}"
            yield _warning("KB015", name, number, odd.start() + 1, sentence)
        if "\t" in tail:
            yield _warning("KB016", name, number, tail.index("\t") + 1, f"a tab; YAML wants spaces; {FIX}")
        cut = _CUT_BY_COMMENT.match(tail)
        if cut:
            sentence = f'YAML takes "{cut["rest"].strip()}" for a comment; put the whole value in "quotes"'
            yield _warning("KB019", name, number, cut.start("rest") + 1, sentence)
        quoted = _SMART_VALUE.search(tail) or _SMART_SINGLE.search(tail)
        if quoted:
            column = quoted.end("before") + 1
            yield _warning("KB017", name, number, column, f"typographic quotes around a value; {FIX}")


def _warning(code: str, name: str, line: int, column: int, sentence: str) -> Problem:
    return Problem(code, str(Location(name, line, column)), sentence, "warning")
