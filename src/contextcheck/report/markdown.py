"""A Markdown page for a ticket or a pull request; its text cannot become markup, a mention or a table of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from contextcheck.report.features import feature_stories
from contextcheck.report.headline import run_answers
from contextcheck.report.journeys import TITLE
from contextcheck.report.marks import SIGN_MARKS, VERDICT_MARKS
from contextcheck.report.sparkline import sparkline
from contextcheck.report.story import LISTED_ACCOUNTS, footer_of, in_order_of_telling, opening, story_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contextcheck.records import Investigation
    from contextcheck.report.causes import CauseStory
    from contextcheck.report.features import FeatureStory
    from contextcheck.report.headline import Answer
    from contextcheck.report.interface import ShowOptions
    from contextcheck.report.money_story import MoneyStory
    from contextcheck.report.story import AccountsStory, ActionStory, Story

_MARKUP = re.compile(r"([\\`*_\[\]<>|~#])")
_MENTION = re.compile(r"@(?=\w)")


def markdown_text(text: str) -> str:
    """A text as itself: what Markdown would read as markup is escaped, HTML and mentions are defused."""
    escaped = _MARKUP.sub(r"\\\1", text.replace("&", "&amp;")).replace("\\<", "&lt;").replace("\\>", "&gt;")
    return _MENTION.sub("@\N{ZERO WIDTH NON-JOINER}", escaped)


def render_markdown(investigation: Investigation, options: ShowOptions) -> str:
    """Give the page: per flag what a manager reads aloud, then the rivals, the money, the recommendation."""
    stories = [story_of(finding, investigation) for finding in in_order_of_telling(investigation)]
    lines = [*answer_lines(run_answers(investigation, stories)), "", markdown_text(opening(investigation)), ""]
    for feature in feature_stories(investigation):
        lines += feature_markdown(feature)
    for story in stories:
        lines += _flag(story, options, is_only=len(stories) == 1)
    footer = footer_of(investigation)
    lines += ["---", "", f"**{markdown_text(footer.counts)}**", ""]
    told = [footer.quiet] if footer.quiet else []
    told += [f"not available: {each}" for each in footer.unavailable]
    lines += _bullets([*told, *footer.problems])
    return "\n".join(lines).rstrip("\n") + "\n"


def answer_lines(answers: Iterable[Answer]) -> list[str]:
    """The five answers: the first is the title, each of the others one line."""
    first, *others = answers
    return [
        f"# {markdown_text(first.text)}",
        *(f"- **{markdown_text(each.label)}:** {markdown_text(each.text)}" for each in others),
    ]


def feature_markdown(feature: FeatureStory) -> list[str]:
    """A launch market by market, as a table."""
    lines = [f"## {markdown_text(feature.feature)}, since its launch", ""]
    lines += ["| market | per day | judged days | advice | confidence | flags |", "|---|---:|---:|---|---|---|"]
    for row in feature.rows:
        cells = (f"{row.region} {row.name}", row.worth, row.of_period or "–", row.verb, row.confidence, row.flags)
        lines.append(f"| {' | '.join(markdown_text(each) for each in cells)} |")
    return [*lines, "", *_bullets([each for each in (feature.differ, feature.total) if each])]


def _flag(story: Story, options: ShowOptions, *, is_only: bool) -> list[str]:
    days = sparkline(story.daily, use_glyphs=options.use_glyphs)
    if days and not options.use_glyphs:
        # The plain bars hold stars and underscores, which Markdown would obey.
        days = f"`{days}`"
    segment = f" ({story.segment})" if story.segment else ""
    lines = [f"## {markdown_text(f'{story.region} {story.region_name}: {story.title}{segment}')}", ""]
    lines += [f"{days}  {markdown_text(story.period)}".strip(), ""]
    if not is_only:
        lines += [*(f"> **{each.label}:** {markdown_text(each.text)}  " for each in story.aloud), ""]
    lines += _bullets([*story.unusual, *([story.drivers] if story.drivers else [])])
    lines += _causes(story)
    lines += _accounts(story.accounts)
    lines += _journeys(story)
    lines += money_markdown(story.money)
    lines += action_markdown(story.action)
    if story.problems:
        lines += ["### Not complete", "", *_bullets(story.problems)]
    return lines


def _bullets(texts: Iterable[str]) -> list[str]:
    bullets = [f"- {markdown_text(each)}" for each in texts]
    return [*bullets, ""] if bullets else []


def _causes(story: Story) -> list[str]:
    lines = ["### Why", ""]
    if not story.causes:
        return [*lines, "No explanation is known for this metric here.", ""]
    for cause in story.causes:
        lines += _cause(cause)
    rest = [each for each in (story.unexplained, story.signs_tested) if each]
    return [*lines, "", *(f"{markdown_text(each)}  " for each in rest), ""]


def _cause(cause: CauseStory) -> list[str]:
    told = [cause.kind, cause.verdict_words, cause.share, cause.status_note, "" if cause.holds else cause.short]
    parts = " · ".join(markdown_text(part) for part in told if part)
    lines = [f"- {VERDICT_MARKS[cause.verdict]} **{markdown_text(cause.title)}** · {parts}"]
    if cause.holds:
        lines += [f"  - {SIGN_MARKS[sign.mark]} {markdown_text(sign.text)}" for sign in cause.signs]
    return lines


def _accounts(story: AccountsStory) -> list[str]:
    if not story.sentence:
        return []
    lines = ["### Accounts", "", markdown_text(story.sentence), ""]
    told = [
        f"{each.account}{f' ({each.group})' if each.group else ''}: {each.reasons}"
        for each in story.accounts[:LISTED_ACCOUNTS]
    ]
    rest = len(story.accounts) - LISTED_ACCOUNTS
    return [*lines, *_bullets([*told, *([f"and {rest} more"] if rest > 0 else [])])]


def _journeys(story: Story) -> list[str]:
    journeys = story.journeys
    if not journeys.told:
        return []
    told = [f"- **{markdown_text(each.who)}**: {markdown_text(each.what)}" for each in journeys.told]
    return [f"### {TITLE}", "", *told, ""]


def money_markdown(money: MoneyStory) -> list[str]:
    """The money as a table in which every line carries its status."""
    told = (*money.order_value, money.contribution, money.period, money.without_accounts, *money.stretches)
    lines = [f"### {markdown_text(money.against)}", "", *_bullets([each for each in told if each])]
    if money.lines:
        lines += ["| per day | amount | status | basis | the sign turns if |", "|---|---:|---|---|---|"]
        for line in money.lines:
            title = f"{line.lead}{line.title}"
            amount = f"{line.amount} ({line.limits})" if line.limits else line.amount or "–"
            cells = (title, amount, line.status_words, line.basis, line.turns or "–")
            lines.append(f"| {' | '.join(markdown_text(each) for each in cells)} |")
        lines.append("")
    return [*lines, *_bullets([each for each in (money.bridge, *money.immature, *money.decision) if each])]


def action_markdown(action: ActionStory) -> list[str]:
    """What to do, with its reasons and what would change it."""
    scope = f" · {action.scope}" if action.scope else ""
    lines = [f"### → {action.verb.upper()}{markdown_text(scope)} · {action.confidence}", "", *_bullets(action.reasons)]
    if action.ahead:
        lines += ["**Looking ahead**", "", *_bullets(action.ahead)]
    for title, texts in (
        ("Advice", action.advice),
        ("Ask the local team", action.ask),
        ("Would change our mind", action.would_change_if),
    ):
        if texts:
            lines += [f"**{title}**", "", *_bullets(texts)]
    return lines
