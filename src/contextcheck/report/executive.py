"""One page for those who decide: the five answers, the markets, the money in a few steps, what is open.

The same page in a terminal, as Markdown and as HTML that prints on one A4 sheet.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from contextcheck.errors import Problem, SettingsError
from contextcheck.report import words
from contextcheck.report.features import FeatureStory, feature_lines, feature_stories
from contextcheck.report.headline import Answer, run_answers
from contextcheck.report.story import footer_of, in_order_of_telling, opening, story_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from contextcheck.records import Finding, Investigation
    from contextcheck.report.interface import ShowOptions
    from contextcheck.report.money_story import MoneyLine, MoneyStory
    from contextcheck.report.story import Story

MOST_STEPS = 6
MOST_OTHERS = 5
MOST_MARKETS = 6
MOST_QUESTIONS = 3
MOST_LETTERS = 230
"""Letters of one paragraph; what is longer ends in "…": the page is one sheet, the report has it all."""


@dataclass(frozen=True, slots=True)
class Step:
    """One bar of the money: words, amount, value."""

    title: str
    amount: str
    value: float


@dataclass(frozen=True, slots=True)
class Executive:
    """The page, in the order in which it is read."""

    looked_at: str
    answers: tuple[Answer, ...]
    answers_in_full: tuple[Answer, ...]
    features: tuple[FeatureStory, ...]
    more_markets: str
    finding: Finding | None
    story: Story | None
    causes: tuple[str, ...]
    steps: tuple[Step, ...]
    ahead: tuple[str, ...]
    open_points: tuple[str, ...]
    next_steps: tuple[str, ...]
    others: tuple[str, ...]
    counts: str


def executive_of(investigation: Investigation) -> Executive:
    """Choose what one page has room for; what is left out is counted."""
    findings = in_order_of_telling(investigation)
    stories = [story_of(each, investigation) for each in findings]
    first = stories[0] if stories else None
    features, more = _features(investigation)
    answers = run_answers(investigation, stories)
    return Executive(
        looked_at=opening(investigation),
        answers=tuple(_short_answer(each) for each in answers),
        answers_in_full=answers,
        features=features,
        more_markets=more,
        finding=findings[0] if findings else None,
        story=first,
        causes=_causes(first) if first else (),
        steps=money_steps(first.money) if first else (),
        ahead=_ahead(first) if first else (),
        open_points=_open_points(first, investigation),
        next_steps=_next_steps(first) if first else (),
        others=_others(stories[1:]),
        counts=footer_of(investigation).counts,
    )


def _short(text: str) -> str:
    return text if len(text) <= MOST_LETTERS else f"{text[: MOST_LETTERS - 1].rstrip()}…"


def _short_answer(answer: Answer) -> Answer:
    return replace(answer, parts=(_short("; ".join(answer.parts)),))


def _features(investigation: Investigation) -> tuple[tuple[FeatureStory, ...], str]:
    """As many markets as there is room for: those that call for something first."""
    calm = {"keep": 2, "watch": 1}
    left, kept, hidden = MOST_MARKETS, [], 0
    for feature in feature_stories(investigation):
        rows = sorted(feature.rows, key=lambda row: calm.get(row.action, 0))
        shown = tuple(rows[:left])
        hidden += len(rows) - len(shown)
        left -= len(shown)
        if shown:
            kept.append(replace(feature, rows=shown))
    return tuple(kept), f"{words.counted(hidden, 'more market')} in the report" if hidden else ""


def _causes(story: Story) -> tuple[str, ...]:
    holding = [each for each in story.causes if each.holds]
    told = [
        _short(" · ".join(part for part in (each.title, each.kind, each.verdict_words, each.share) if part))
        for each in holding[:3]
    ]
    rivals = [each for each in story.causes if not each.holds]
    if rivals:
        names = words.listed([each.title for each in rivals], 3)
        told.append(_short(f"{words.counted(len(rivals), 'other')} tested and not holding: {names}"))
    return (*told, *([story.unexplained] if story.unexplained else []))


def money_steps(money: MoneyStory) -> tuple[Step, ...]:
    """The largest lines that add up to the contribution, the rest as one step; none when money is not known."""
    lines = [each for each in money.lines if each.value is not None and not each.is_part]
    if money.value is None or not money.adds_up:
        return ()
    largest = sorted(lines, key=lambda each: -abs(each.value or 0.0))[: MOST_STEPS - 1]
    kept = [each for each in lines if each in largest]
    rest = [each for each in lines if each not in largest]
    steps = [Step(each.title, each.amount, each.value or 0.0) for each in kept]
    if rest:
        steps.append(_rest_step(rest, money.currency))
    return tuple(steps)


def _rest_step(rest: Sequence[MoneyLine], currency: str) -> Step:
    from decimal import Decimal

    total = sum(each.value or 0.0 for each in rest)
    amount = words.money(Decimal(repr(round(total, 2))), currency, signed=True)
    return Step(words.counted(len(rest), "smaller line"), amount, total)


def _ahead(story: Story) -> tuple[str, ...]:
    told = (story.money.without_accounts, *story.money.stretches, *story.action.ahead[:2], *story.action.ahead[-1:])
    return tuple(_short(each) for each in told if each)


def _open_points(story: Story | None, investigation: Investigation) -> tuple[str, ...]:
    """What was not measured, not tested or is not in yet."""
    points = []
    if story is not None:
        missing = [each.title for each in story.money.lines if not each.amount and not each.is_part]
        assumed = [each.title for each in story.money.lines if each.status == "assumed" and not each.is_part]
        points += [f"not measured: {words.listed([words.lowered(each) for each in missing], 5)}"] if missing else []
        points += [f"assumed: {words.listed([words.lowered(each) for each in assumed], 5)}"] if assumed else []
        points += [*story.money.immature[:1], *([story.signs_tested] if story.signs_tested else [])]
        points += [f"not complete: {each}" for each in story.problems[:1]]
    gaps = footer_of(investigation).unavailable
    points += [f"not available: {'; '.join(gaps)}"] if gaps else []
    return tuple(_short(each) for each in points)


def _next_steps(story: Story) -> tuple[str, ...]:
    asks = [f"ask the local team: {each}" for each in story.action.ask]
    return tuple(_short(each) for each in (*story.action.advice[:MOST_QUESTIONS], *asks[:MOST_QUESTIONS]))


def _others(stories: Sequence[Story]) -> tuple[str, ...]:
    told = [
        _short(f"{each.region_name}: {each.title}, {each.period}; {each.money.worth[0]}; {each.action.verb.lower()}")
        for each in stories[:MOST_OTHERS]
    ]
    rest = len(stories) - MOST_OTHERS
    return (*told, f"and {words.counted(rest, 'more flag')} in the report") if rest > 0 else tuple(told)


# ── the three layouts ──────────────────────────────────────────────────────────────────────────────────

SECTIONS: tuple[tuple[str, str], ...] = (
    ("Why", "causes"),
    ("Looking ahead", "ahead"),
    ("Next", "next_steps"),
    ("Open", "open_points"),
    ("Other flags", "others"),
)
"""Heading to the field that it is about, in the order of the page."""


def _sections(page: Executive) -> Iterable[tuple[str, tuple[str, ...]]]:
    found = ((title, getattr(page, name)) for title, name in SECTIONS)
    return [(title, texts) for title, texts in found if texts]


def _terminal(investigation: Investigation, options: ShowOptions) -> str:
    from contextcheck.report.terminal import Page

    page, told = Page(options), executive_of(investigation)
    for answer in told.answers_in_full:
        page.line(answer.fitted(page.width, cut="…" if options.use_glyphs else " ..."))
    page.line()
    for feature in told.features:
        page.line(f"{feature.feature}, since its launch", style="bold")
        for line in feature_lines(feature):
            page.line(line, indent=2)
    if told.steps and told.story:
        page.line("Money per day", style="bold")
        steps = " · ".join(f"{words.lowered(each.title)} {each.amount}" for each in told.steps)
        page.line(f"{steps} = {told.story.money.total}", indent=2)
    for title, texts in _sections(told):
        page.line(title, style="bold")
        for text in texts:
            page.line(text, indent=2)
    page.line()
    page.line(f"{told.looked_at} · {told.counts}", style="dim")
    return page.text()


def _markdown(investigation: Investigation, options: ShowOptions) -> str:  # noqa: ARG001
    from contextcheck.report.markdown import answer_lines, feature_markdown, markdown_text

    told = executive_of(investigation)
    lines = [*answer_lines(told.answers), ""]
    for feature in told.features:
        lines += feature_markdown(feature)
    if told.steps and told.story:
        lines += ["## Money per day", "", "| | |", "|---|---:|"]
        lines += [f"| {markdown_text(each.title)} | {markdown_text(each.amount)} |" for each in told.steps]
        lines += [f"| **contribution** | **{markdown_text(told.story.money.total)}** |", ""]
    for title, texts in _sections(told):
        lines += [f"## {title}", "", *(f"- {markdown_text(each)}" for each in texts), ""]
    lines += ["---", "", markdown_text(f"{told.looked_at} · {told.counts}")]
    return "\n".join(lines).rstrip("\n") + "\n"


def _html(investigation: Investigation, options: ShowOptions) -> str:  # noqa: ARG001
    from contextcheck.report.html import executive_page

    page = executive_of(investigation)
    return executive_page(page, _sections(page), investigation)


LAYOUTS: dict[str, Callable[[Investigation, ShowOptions], str]] = {
    "terminal": _terminal,
    "markdown": _markdown,
    "html": _html,
}


def render_executive(investigation: Investigation, format: str, options: ShowOptions) -> str:
    """Give the page for those who decide.

    Raises:
        SettingsError: The format has no such page.
    """
    from contextcheck.report.privacy import shown_investigation

    if format not in LAYOUTS:
        message = f'"{format}" has no executive page; choose one of {", ".join(LAYOUTS)}'
        raise SettingsError(Problem("RP102", f"--executive --format {format}", message))
    return LAYOUTS[format](shown_investigation(investigation, options), options)
