"""Write docs/reference/ from the program itself: commands, settings, columns, rules, knowledge, problem codes, formats.

    python docs/generate_reference.py            rewrites the pages
    python docs/generate_reference.py --check    says which pages are out of date, exit 1 when one is

Nothing heavy is imported: no data frame, no statistics, no engine. A test compares the pages with what this gives.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "docs" / "reference"
for _folder in (ROOT / "src", ROOT / "docs"):
    if str(_folder) not in sys.path:
        sys.path.insert(0, str(_folder))


def pages() -> dict[str, str]:
    """Give every page of the reference by file name."""
    from reference_pages import knowledge, program
    from reference_pages.constants import constants_page
    from reference_pages.layout import contents, page

    base = knowledge.shipped_knowledge()
    texts: dict[str, Callable[[], list[str]]] = {
        "commands.md": program.commands_page,
        "settings.md": program.settings_page,
        "columns.md": program.columns_page,
        "maps.md": program.maps_page,
        "metrics.md": lambda: knowledge.metrics_page(base),
        "detection.md": lambda: knowledge.detection_page(base),
        "signs.md": knowledge.signs_page,
        "decisions.md": lambda: knowledge.decisions_page(base),
        "knowledge.md": lambda: knowledge.knowledge_page(base),
        "constants.md": constants_page,
        "problem-codes.md": program.problem_codes_page,
        "findings.md": lambda: program.format_page("findings-1"),
        "verdict.md": lambda: program.format_page("verdict-1"),
    }
    written = {name: page(text()) for name, text in texts.items()}
    return {"README.md": page(contents(written)), **written}


def main(arguments: Sequence[str]) -> int:
    """Write the pages, or check them."""
    wanted = pages()
    there = {path.name: path.read_text(encoding="utf-8") for path in REFERENCE.glob("*.md")}
    stale = sorted(name for name in {*wanted, *there} if wanted.get(name) != there.get(name))
    if "--check" in arguments:
        print("\n".join(f"docs/reference/{name} is out of date" for name in stale) or "the reference is up to date")
        return 1 if stale else 0
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name in stale:
        if name in wanted:
            (REFERENCE / name).write_text(wanted[name], encoding="utf-8", newline="\n")
        else:
            (REFERENCE / name).unlink()
    print(f"{len(stale)} of {len(wanted)} pages written")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
