"""Tell the encoding of a text from its bytes."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_LINE_END = re.compile(rb"[\r\n]+")
_ENOUGH_BYTES = 200_000
MOSTLY = 0.6
_SCRIPTS = {
    "cp949": (((0xAC00, 0xD7A3),), "euc_kr"),
    "cp932": (((0x3041, 0x30FF), (0x4E00, 0x9FFF)), "shift_jis"),
}
"""Code page to the letters of its script and the older code page that holds the common ones: nearly every byte pair is
some rare syllable of code page 949, so only common syllables speak for it."""


def detect_encoding(blocks: Iterable[bytes]) -> str:
    """Name the encoding of a text.

    Args:
        blocks: The bytes, in order; read to the end unless a byte-order mark settles it.

    Returns:
        "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp949", "cp932", "cp1252", "latin-1" or a name from
        charset-normalizer. A text that is UTF-8 but for single bytes is still "utf-8".

    Method: byte-order mark; NUL bytes at every second place; strict UTF-8; else the lines with bytes above 127 are
        decoded by each candidate and the script that comes out decides.
    Source: Unicode Standard, section 2.6 (encoding schemes); code pages 949, 932 and 1252 as in Python's codecs.
    Blind spots: a few accented letters alone cannot tell cp1252 from other Western code pages.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_first, is_valid = True, True
    high_lines: list[bytes] = []
    size = 0
    for block in blocks:
        if is_first and (named := _from_start(block)):
            return named
        is_first = False
        if is_valid and not block.isascii():
            is_valid = _decodes(decoder, block)
        if size < _ENOUGH_BYTES and not block.isascii():
            found = [line for line in _LINE_END.split(block) if not line.isascii()]
            high_lines.extend(found)
            size += sum(map(len, found))
    return "utf-8" if is_valid else _legacy(b"\n".join(high_lines)[:_ENOUGH_BYTES])


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes) -> bool:
    try:
        decoder.decode(block)
    except UnicodeDecodeError:
        return False
    return True


def _from_start(block: bytes) -> str:
    for mark, name in _BOMS:
        if block.startswith(mark):
            return name
    head = block[:2000]
    zeros_even, zeros_odd = head[0::2].count(0), head[1::2].count(0)
    if len(head) >= 8 and max(zeros_even, zeros_odd) > len(head) / 8:
        return "utf-16-be" if zeros_even > zeros_odd else "utf-16-le"
    return ""


def _legacy(sample: bytes) -> str:
    """The encoding of lines that are not all UTF-8."""
    lines = sample.split(b"\n")
    valid = sum(1 for line in lines if _is_valid(line, "utf-8"))
    if valid > len(lines) / 2:
        return "utf-8"
    runs = _HIGH_RUN.findall(sample)
    in_pairs = sum(len(run) for run in runs if len(run) > 1) / max(1, sum(map(len, runs)))
    if in_pairs >= MOSTLY:
        shares = {name: _share_of_script(sample, name, *script) for name, script in _SCRIPTS.items()}
        best = max(shares, key=lambda name: shares[name])
        return best if shares[best] >= MOSTLY else _by_library(sample)
    return "cp1252" if _is_valid(sample, "cp1252") else "latin-1"


def _is_valid(sample: bytes, name: str) -> bool:
    try:
        sample.decode(name)
    except UnicodeDecodeError:
        return False
    return True


def _share_of_script(sample: bytes, name: str, ranges: tuple[tuple[int, int], ...], common: str) -> float:
    """Share of the foreign letters that are of the code page's own script and of its common set."""
    text = sample.decode(name, errors="replace")
    foreign = [letter for letter in text if ord(letter) > 127]
    fitting = sum(
        1
        for letter in foreign
        if any(low <= ord(letter) <= high for low, high in ranges) and letter.encode(common, errors="ignore")
    )
    return fitting / max(1, len(foreign))


def _by_library(sample: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    return best.encoding if best else "latin-1"
