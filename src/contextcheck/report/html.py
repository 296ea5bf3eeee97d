"""One self-contained page: no script, no network, nothing a text in it could start; good on paper and on a phone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from contextcheck.report import words
from contextcheck.report.bridge import bridge_rows, step_bars
from contextcheck.report.charts import Picture, observed_expected_svg
from contextcheck.report.executive import Step
from contextcheck.report.features import feature_stories
from contextcheck.report.headline import run_answers
from contextcheck.report.marks import SIGN_MARKS, VERDICT_MARKS
from contextcheck.report.story import footer_of, in_order_of_telling, opening, story_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contextcheck.records import Finding, Investigation, Launch
    from contextcheck.report.executive import Executive
    from contextcheck.report.interface import ShowOptions
    from contextcheck.report.story import Story

TEMPLATES = Path(__file__).parent / "templates"
WIDE, NARROW = 820, 330
_MINUS_BEFORE_SYMBOL = re.compile(rf"{words.MINUS}(?=\D)")
LANGUAGE = re.compile(r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
MOST_RIVALS = 6
"""Candidates that get a card at once; the others are folded."""

MOST_PICTURES = 40
"""Flags that get a picture; beyond them the page would be too heavy to open."""


@dataclass(frozen=True, slots=True)
class Figure:
    """The picture of a flag in two widths, with its words for those who do not see it."""

    wide: Markup
    narrow: Markup
    caption: str
    description: str


def environment() -> Environment:
    """The templates, with everything that they print escaped."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(kept=_kept_together, web=_web_address, language=_language, sentence=words.sentence)
    return made


def render_html(investigation: Investigation, options: ShowOptions) -> str:  # noqa: ARG001
    """Give the page as text."""
    findings = in_order_of_telling(investigation)
    stories = [story_of(each, investigation) for each in findings]
    figures = [
        _figure(finding, story, investigation, position) if position < MOST_PICTURES else None
        for position, (finding, story) in enumerate(zip(findings, stories, strict=True))
    ]
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            title=_title(stories),
            opening=opening(investigation),
            flags=list(zip(stories, figures, [bridge_rows(each.money) for each in stories], strict=True)),
            overall=run_answers(investigation, stories),
            features=feature_stories(investigation),
            footer=footer_of(investigation),
            run=investigation.run,
            sign_marks=SIGN_MARKS,
            sign_words={"yes": "holds:", "no": "does not hold:", "open": "open:"},
            verdict_marks=VERDICT_MARKS,
            most_rivals=MOST_RIVALS,
        )
    )


def _title(stories: list[Story]) -> str:
    if not stories:
        return "contextcheck: no flag"
    first = f"{stories[0].region_name}: {stories[0].title}"
    return f"{first} and {words.counted(len(stories) - 1, 'more flag')}" if len(stories) > 1 else first


def _kept_together(text: str) -> str:
    """A number stays on one line with its percent sign, an amount with its minus."""
    return _MINUS_BEFORE_SYMBOL.sub(f"{words.MINUS}\N{WORD JOINER}", text.replace(" %", "\N{NO-BREAK SPACE}%"))


def _web_address(url: str) -> str:
    """An address that may be followed; anything but http and https is none."""
    return url if re.match(r"^https?://[^\s]+$", url) else ""


def _language(code: str) -> str:
    return code if LANGUAGE.match(code) else ""


def _figure(finding: Finding, story: Story, investigation: Investigation, position: int) -> Figure | None:
    flag = finding.flag
    if not flag.daily:
        return None
    launch = _launch(finding, investigation.launches)
    info = investigation.metrics.get(flag.metric)
    picture = Picture(
        daily=flag.daily,
        window=flag.window,
        launch=launch.start if launch else None,
        launch_name=_short(words.clean(launch.feature)) if launch else "",
        is_share=info is None or info.kind == "rate" or info.unit.startswith("share"),
    )
    marked = f"; the line marks the launch of {words.clean(launch.feature)}" if launch else ""
    return Figure(
        wide=Markup(observed_expected_svg(picture, width=WIDE, height=250, id_prefix=f"w{position}-")),
        narrow=Markup(observed_expected_svg(picture, width=NARROW, height=230, id_prefix=f"n{position}-")),
        caption=f"{story.title} per day",
        description=f"{words.sentence(story.unusual[0])} The flagged days are shaded ({story.period}){marked}.",
    )


def _short(name: str, most: int = 28) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"


def _launch(finding: Finding, launches: tuple[Launch, ...]) -> Launch | None:
    """The last launch in this region that lies inside the picture and not after the flag's end."""
    flag = finding.flag
    first = flag.daily[0].day
    inside = [each for each in launches if flag.region in each.regions and first <= each.start <= flag.window.end]
    return max(inside, key=lambda each: each.start) if inside else None


def executive_page(
    page: Executive, sections: Iterable[tuple[str, tuple[str, ...]]], investigation: Investigation
) -> str:
    """Give the page for those who decide as text."""
    figure = _figure(page.finding, page.story, investigation, 0) if page.finding and page.story else None
    amounts = [step.value for step in page.steps]
    total = (Step("contribution", page.story.money.total, sum(amounts)),) if page.steps and page.story else ()
    return (
        environment()
        .get_template("executive.html.j2")
        .render(
            title=page.answers[0].text,
            page=page,
            figure=figure,
            steps=list(zip((*page.steps, *total), step_bars(amounts), strict=True)) if total else [],
            sections=list(sections),
        )
    )
