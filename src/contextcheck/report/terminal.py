"""The calm terminal page: one block per flag, the conclusion first, what could not be seen beside what was."""

from __future__ import annotations

import textwrap
from io import StringIO
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from contextcheck.report.features import feature_lines, feature_stories
from contextcheck.report.headline import LABELS, run_answers
from contextcheck.report.journeys import TITLE
from contextcheck.report.marks import ACTION_MARK, SIGN_MARKS, VERDICT_MARKS, shown_mark
from contextcheck.report.sparkline import sparkline
from contextcheck.report.story import LISTED_ACCOUNTS, footer_of, in_order_of_telling, opening, story_of
from contextcheck.report.words import counted, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contextcheck.records import Investigation
    from contextcheck.report.causes import CauseStory, Mark, SignLine
    from contextcheck.report.features import FeatureStory
    from contextcheck.report.interface import ShowOptions
    from contextcheck.report.story import AccountsStory, ActionStory, Story

SIGN_STYLES: dict[Mark, str] = {"yes": "green", "no": "red", "open": "dim"}
ACTION_STYLES = {"keep": "bold green", "watch": "bold", "roll-back": "bold red"}

MOST_RIVALS = 4
"""Rivals that do not hold which are named one by one."""

MOST_PROBLEMS = 8
"""Problems and notes shown under the flags, the gravest first; the findings file has them all."""

MOST_LINES = 20
"""Further flags that get a line of their own."""

NARROWEST = 40


class Page:
    """Lines with a hanging indent, in a style, wrapped to the width."""

    def __init__(self, options: ShowOptions) -> None:
        self.options = options
        self.width = max(options.width, NARROWEST)
        self.out = StringIO()
        self.console = Console(
            file=self.out,
            width=self.width,
            force_terminal=options.use_colour,
            color_system="standard" if options.use_colour else None,
            no_color=not options.use_colour,
            markup=False,
            highlight=False,
            emoji=False,
            legacy_windows=False,
        )

    def line(self, text: str = "", *, indent: int = 0, mark: str = "", style: str = "", mark_style: str = "") -> None:
        """One paragraph: an indent, a mark, the text wrapped beside the mark."""
        mark = shown_mark(mark, use_glyphs=self.options.use_glyphs)
        lead = " " * indent + (f"{mark} " if mark else "")
        # A number and its unit stay on one line.
        kept = text.replace(" %", "\N{NO-BREAK SPACE}%")
        room = max(self.width - len(lead), 20)
        wrapped = textwrap.wrap(kept, room, break_on_hyphens=False) or [""]
        for position, row in enumerate(wrapped):
            told = Text()
            told.append(lead if position == 0 else " " * len(lead), style=mark_style)
            told.append(row.replace("\N{NO-BREAK SPACE}%", " %"), style=style)
            told.rstrip()
            self.console.print(told, soft_wrap=True)

    def text(self) -> str:
        return self.out.getvalue()


def render_terminal(investigation: Investigation, options: ShowOptions) -> str:
    """Give the page as text; colours only when they were asked for."""
    page = Page(options)
    stories = [story_of(finding, investigation) for finding in in_order_of_telling(investigation)]
    for answer in run_answers(investigation, stories):
        page.line(
            answer.fitted(page.width, cut="…" if options.use_glyphs else " ..."),
            style="bold" if answer.label == LABELS[3] else "",
        )
    page.line()
    page.line(opening(investigation), style="dim")
    page.line()
    for feature in feature_stories(investigation):
        _feature(page, feature)
    for story in stories[: options.most_blocks]:
        _block(page, story)
        page.line()
    _others(page, stories[options.most_blocks :])
    _footer(page, investigation)
    return page.text()


def render_detail(investigation: Investigation, options: ShowOptions) -> str:
    """Give every candidate cause of every flag with all of its signs, references and sources."""
    page = Page(options)
    for finding in in_order_of_telling(investigation):
        story = story_of(finding, investigation)
        _block(page, story, in_full=True)
        page.line()
        _journeys(page, story)
        page.line("Everything that was tested", indent=4, style="bold")
        for cause in story.causes:
            _cause(page, cause)
            for sign in cause.signs:
                if sign.detail:
                    page.line(sign.detail, indent=12, style="dim")
            for title, url in cause.sources:
                page.line(f"source: {title} {url}".rstrip(), indent=8, style="dim")
            told = " · ".join(part for part in (cause.id, cause.owner, cause.origin) if part)
            page.line(told, indent=8, style="dim")
        page.line()
    return page.text()


def _feature(page: Page, feature: FeatureStory) -> None:
    """A launch market by market."""
    page.line(f"{feature.feature}, since its launch", style="bold")
    for line in feature_lines(feature):
        page.line(line, indent=4)
    page.line()


def _others(page: Page, stories: list[Story]) -> None:
    """A line for each flag that is not shown in full."""
    if not stories:
        return
    page.line(
        f"{counted(len(stories), 'more flag')}, a line each (contextcheck explain ID shows one in full)", style="bold"
    )
    for story in stories[:MOST_LINES]:
        page.line(f"{story.id} · {story.period} · {story.action.verb.lower()}", indent=2)
    if len(stories) > MOST_LINES:
        page.line(f"and {counted(len(stories) - MOST_LINES, 'more flag')} in the findings file", indent=2)
    page.line()


def _block(page: Page, story: Story, *, in_full: bool = False) -> None:
    days = sparkline(story.daily, use_glyphs=page.options.use_glyphs)
    segment = f" ({story.segment})" if story.segment else ""
    header = [f"{story.region} {story.region_name}" if story.region != story.region_name else story.region]
    header += [f"{story.title}{segment}", *([days] if days else []), story.period]
    page.line("  ".join(header), style="bold")
    for sentence in story.unusual:
        page.line(sentence, indent=4)
    if story.drivers:
        page.line(story.drivers, indent=4)
    _why(page, story)
    _accounts(page, story.accounts)
    _money(page, story, in_full=in_full)
    _action(page, story.action)
    page.line(f"all that was tested: contextcheck explain {story.id}", indent=4, style="dim")
    for problem in story.problems:
        page.line(f"not complete: {problem}", indent=4, style="yellow")


def _why(page: Page, story: Story) -> None:
    page.line()
    if not story.causes:
        why = "nothing could be tested" if story.problems else "no explanation is known for this metric here"
        page.line(f"Why: {why}", indent=4, style="bold")
        return
    holding = [each for each in story.causes if each.holds]
    rivals = [each for each in story.causes if not each.holds]
    page.line("Why, probably" if holding else "Why: no known explanation holds", indent=4, style="bold")
    for cause in holding:
        _cause(page, cause)
    for cause in rivals[:MOST_RIVALS]:
        told = f"{cause.title} · {cause.verdict_words}" + (f" · {cause.short}" if cause.short else "")
        page.line(told, indent=4, mark=VERDICT_MARKS[cause.verdict])
    if len(rivals) > MOST_RIVALS:
        names = listed([each.title for each in rivals[MOST_RIVALS:]], 4)
        page.line(f"{len(rivals) - MOST_RIVALS} more do not hold: {names}", indent=4, mark="○")
    for told in (story.unexplained, story.signs_tested):
        if told:
            page.line(told, indent=4)


def _cause(page: Page, cause: CauseStory) -> None:
    parts = [cause.title, cause.verdict_words, cause.share, cause.status_note]
    mark = VERDICT_MARKS[cause.verdict]
    page.line(" · ".join(part for part in parts if part), indent=4, mark=mark, mark_style="green")
    for sign in cause.signs:
        _sign(page, sign)


def _sign(page: Page, sign: SignLine) -> None:
    page.line(sign.text, indent=8, mark=SIGN_MARKS[sign.mark], mark_style=SIGN_STYLES[sign.mark])


def _accounts(page: Page, story: AccountsStory) -> None:
    if not story.sentence:
        return
    page.line()
    page.line("Accounts", indent=4, style="bold")
    page.line(story.sentence, indent=4)
    for account in story.accounts[:LISTED_ACCOUNTS]:
        group = f" ({account.group})" if account.group else ""
        reasons = f": {account.reasons}" if account.reasons else ""
        page.line(f"{account.account}{group}{reasons}", indent=8)
    rest = len(story.accounts) - LISTED_ACCOUNTS
    if rest > 0:
        page.line(f"and {counted(rest, 'more account')} (all of them in the findings file)", indent=8)


def _journeys(page: Page, story: Story) -> None:
    """Typical journeys, each shared by many; the suspicious one is marked."""
    journeys = story.journeys
    if not journeys.told and not journeys.reason:
        return
    page.line(TITLE, indent=4, style="bold")
    for each in journeys.told:
        page.line(f"{each.who}: {each.what}", indent=4, mark="!" if each.is_suspicious else "·")
    if journeys.reason:
        page.line(f"none told: {journeys.reason}", indent=4)
    page.line()


def _money(page: Page, story: Story, *, in_full: bool = False) -> None:
    """The amounts in a paragraph; line by line, with bases and break-evens, where everything is asked for."""
    money = story.money
    page.line()
    page.line(money.against, indent=4, style="bold")
    for told in (*money.order_value, money.contribution, money.period, money.without_accounts, *money.stretches):
        if told:
            page.line(told, indent=4)
    if money.value is not None:
        _money_lines(page, story, in_full=in_full)
    _ahead(page, story, in_full=in_full)


def _money_lines(page: Page, story: Story, *, in_full: bool) -> None:
    money = story.money
    if in_full:
        for line in money.lines:
            page.line(line.told, indent=12 if line.is_part else 8)
        if money.bridge:
            page.line(money.bridge, indent=4)
    else:
        page.line(" · ".join(line.brief for line in money.lines if line.brief), indent=8)
        missing = [line.told for line in money.lines if not line.amount and line.id != "future_value"]
        for told in missing:
            page.line(told, indent=8)
    for told in money.immature:
        page.line(told, indent=4)


def _ahead(page: Page, story: Story, *, in_full: bool) -> None:
    """What is expected from now on, and what acting and waiting cost."""
    told = [*story.action.ahead, *story.money.decision] if in_full else story.money.in_short(story.action.ahead)
    for sentence in told:
        page.line(sentence, indent=4)


def _action(page: Page, action: ActionStory) -> None:
    page.line()
    scope = f" · {action.scope}" if action.scope else ""
    style = ACTION_STYLES.get(action.action, "bold yellow")
    page.line(
        f"{action.verb.upper()}{scope} · {action.confidence}", indent=4, mark=ACTION_MARK, style=style, mark_style=style
    )
    for reason in action.reasons:
        page.line(reason, indent=6)
    for advice in action.advice:
        page.line(f"Advice: {advice}", indent=6)
    for question in _questions(action):
        page.line(question, indent=6)
    if action.would_change_if:
        page.line(f"Would change our mind: {'; '.join(action.would_change_if)}", indent=6)


def _questions(action: ActionStory) -> Iterator[str]:
    if not action.ask:
        return
    yield f"Ask the local team ({counted(len(action.ask), 'question')}):"
    for question in action.ask:
        yield f"  {question}"


def _footer(page: Page, investigation: Investigation) -> None:
    footer = footer_of(investigation)
    page.line(footer.counts, style="bold")
    if footer.quiet:
        page.line(footer.quiet, indent=2)
    if footer.unavailable:
        page.line(f"not available: {'; '.join(footer.unavailable)}", indent=2)
    for problem in footer.problems[:MOST_PROBLEMS]:
        page.line(problem, indent=2, style="yellow")
    rest = len(footer.problems) - MOST_PROBLEMS
    if rest > 0:
        page.line(f"{counted(rest, 'more note')} in the findings file", indent=2)
