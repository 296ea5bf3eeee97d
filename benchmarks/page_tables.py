"""Puts a measured table into a page, between two marks; the words around it stay."""

from pathlib import Path

START, END = "<!-- measured: {} -->", "<!-- end of {} -->"


def fill(path: Path, name: str, text: str) -> None:
    """Replace what stands between the marks of a table; a page without both marks is left as it is, and that is said."""
    start, end = START.format(name), END.format(name)
    page = path.read_text(encoding="utf-8")
    if page.count(start) != 1 or page.count(end) != 1:
        raise SystemExit(f"{path}: {start} and {end} must stand there once each; nothing was written")
    before, _, rest = page.partition(start)
    _, _, after = rest.partition(end)
    path.write_text(f"{before}{start}\n\n{text.strip()}\n\n{end}{after}", encoding="utf-8")
