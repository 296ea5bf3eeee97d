"""The promise a report format keeps, and the table of formats by name.

A format is a function `(Investigation, ShowOptions) -> str`. It gets an investigation in which account ids are
already pseudonyms (unless they were asked for), and it must treat every text in it as written by a stranger.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from contextcheck.errors import Problem, SettingsError

if TYPE_CHECKING:
    from contextcheck.records import Investigation


@dataclass(frozen=True, slots=True)
class ShowOptions:
    """How a result is shown.

    Attributes:
        show_ids: Account ids as they are in the data instead of pseudonyms.
        pseudonym_key: Secret behind the pseudonyms; the same key gives the same pseudonym in every run.
        width: Columns of a terminal.
        use_colour: Colours and bold for a terminal; never into a pipe.
        use_glyphs: Sparklines, ticks, bullets and arrows beyond ASCII; everything else is UTF-8 in any case.
        most_blocks: Flags that the terminal shows in full; the others get a line each.
    """

    show_ids: bool = False
    pseudonym_key: str = ""
    width: int = 100
    use_colour: bool = False
    use_glyphs: bool = True
    most_blocks: int = 5


class ReportFormat(Protocol):
    """Gives an investigation as text."""

    def __call__(self, investigation: Investigation, options: ShowOptions) -> str: ...


FORMATS: dict[str, str] = {
    "terminal": "contextcheck.report.terminal:render_terminal",
    "detail": "contextcheck.report.terminal:render_detail",
    "markdown": "contextcheck.report.markdown:render_markdown",
    "json": "contextcheck.report.json_report:render_json",
    "html": "contextcheck.report.html:render_html",
    "csv": "contextcheck.report.csv_report:render_csv",
}
"""Name of a format to the place of its function, imported when it is asked for."""


def render(investigation: Investigation, format: str, options: ShowOptions) -> str:
    """Give an investigation in one of the formats of `FORMATS`.

    Raises:
        SettingsError: When there is no such format; names the nearest one.
    """
    from contextcheck.report.privacy import shown_investigation

    return find_format(format)(shown_investigation(investigation, options), options)


def find_format(name: str) -> ReportFormat:
    """Import a format by its name."""
    if name not in FORMATS:
        near = get_close_matches(name, FORMATS, n=1)
        hint = f'did you mean "{near[0]}"?' if near else f"choose one of {', '.join(FORMATS)}"
        raise SettingsError(Problem("RP101", f"--format {name}", f'unknown format "{name}"; {hint}'))
    module, _, function = FORMATS[name].partition(":")
    found: ReportFormat = getattr(import_module(module), function)
    return found
