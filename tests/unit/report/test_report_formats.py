"""Terminal, Markdown, CSV and the page: the same story, and nothing in it can be obeyed."""

import csv
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from io import StringIO

import pytest
from unit.report import report_cases as cases

from contextcheck.errors import SettingsError
from contextcheck.records import DailyPoint, Explained, Investigation
from contextcheck.report.headline import LABELS, Answer
from contextcheck.report.interface import FORMATS, ShowOptions, find_format, render
from contextcheck.report.money_story import money_story
from contextcheck.report.sparkline import sparkline
from contextcheck.report.story import opening, story_of

OPTIONS = ShowOptions(pseudonym_key="a key of the tests")
TEXT_FORMATS = ["terminal", "markdown", "html"]


def plain(page: str) -> str:
    """The words of a page, whatever its layout."""
    page = re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL)
    return re.sub(r"[\s\xa0]+", " ", page.replace("\\", "").replace("&lt;", "<"))


@cache
def padding_page(format: str) -> str:
    return plain(render(cases.padding_investigation(), format, replace(OPTIONS, width=400)))


@pytest.mark.parametrize("format", TEXT_FORMATS)
@pytest.mark.parametrize(
    "words",
    [
        "South Korea",
        "18.4 % of orders cancelled, 6.1 % (5.4 to 6.9) expected",
        "2,913 more cancels than usual",
        "not chance (q < 0.0001)",
        "Baskets padded to the free-shipping line, then trimmed",
        "71 % of the cancelled baskets stood just above ₩50,000",
        "explains 86 % (79 to 92)",
        "would not have explained other weeks (placebo 1 of 40)",
        "mix not tested: no cancel reasons in the data (column cancel_reason)",
        "Ring of accounts abusing refunds",
        "contradicted",
        "14 % (8 to 21) unexplained",
        "7 of 9 signs tested; not tested or left open: shared keys and mix",
        "verage order value +15.2 % (+13.9 to +16.6), $62.44 instead of $54.20",
        "+$4,120",
        "+2,300 to +5,900",
        "−$940",
        "$1.50 per cancelled order",
        "no column chargeback_at",
        "cting pays only if more than 38 % of these orders are abuse",
        "an extra shipment costs more than $7.90",
        "1 flag · 11 markets quiet · 4 metrics looked at, 2 not available",
    ],
)
def test_every_format_tells_the_same_story(format: str, words: str) -> None:
    assert words.casefold() in padding_page(format).casefold()


def test_a_manager_reads_what_how_sure_how_much_what_to_do_and_what_would_change_it() -> None:
    investigation = cases.padding_investigation()
    told = {each.label: each.text for each in story_of(investigation.findings[0], investigation).aloud}
    assert told == {
        "What": "South Korea: 18.4 % of orders cancelled, 6.1 % expected; since 3 March (started 2 to 3 March), "
        "14 days, ongoing.",
        "How sure": "High confidence; probably baskets padded to the free-shipping line, then trimmed; "
        "explains 86 % (79 to 92); not chance (q < 0.0001).",
        "How much per day": "+$4,120 (+2,300 to +5,900) a day, a gain; "
        "average order value +15.2 % as placed, +6.0 % as kept.",
        "What to do": "Keep: free-shipping-bar in KR; contribution is certainly above the break-even of a roll-back; "
        "86 % of the excess is explained by a supported norm.",
        "What would change our mind": "An extra shipment costs more than $7.90; returns after day 14 exceed 9 %.",
    }


def test_wrong_figures_are_not_told_as_worth() -> None:
    base = cases.padding_investigation()
    (found,) = base.findings
    slip = replace(cases.padding(), kind="measurement", title="Amounts came in another currency or unit")
    mend = replace(found.recommendation, action="fix", scope="data of KR")
    wrong = replace(found, explained=replace(found.explained, explanations=(slip,)), recommendation=mend)
    worth = story_of(wrong, base).aloud[2]
    assert worth.parts[:2] == (
        "not to be judged before the figures are right",
        "as they stand +$4,120 (+2,300 to +5,900) a day, a gain",
    )
    # a fault of the shop is mended as well, and its figures are right
    fault = replace(wrong, explained=replace(found.explained, explanations=(replace(slip, kind="operational"),)))
    assert story_of(fault, base).aloud[2].parts[0].startswith("+$4,120")


def test_a_launch_is_told_as_it_is_on_the_day_of_the_data() -> None:
    base = cases.opposite_investigation()
    as_of, (launch, *_) = base.run.as_of, base.launches

    def told(start: date, end: date | None = None) -> str:
        return opening(replace(base, launches=(replace(launch, regions=("KR",), start=start, end=end),)))

    week = timedelta(days=7)
    assert " live in KR since 3 March" in told(date(as_of.year, 3, 3))
    assert " live in KR since 3 March 2025" in told(date(as_of.year - 1, 3, 3))
    assert " was live in KR from " in told(as_of - 2 * week, as_of - week)
    assert " planned in KR for " in told(as_of + week)


def test_keeping_and_rolling_back_are_weighed_only_where_something_can_be_rolled_back() -> None:
    base = cases.opposite_investigation()
    (found,) = base.findings
    weighed = replace(found, recommendation=replace(found.recommendation, outlook=cases.looked_ahead()))
    base = replace(base, findings=(weighed,))
    assert story_of(base.findings[0], base).action.ahead
    (launch, *_) = base.launches
    ended = replace(base, launches=(replace(launch, end=base.run.as_of - timedelta(days=1)),))
    assert not story_of(base.findings[0], ended).action.ahead
    assert not story_of(base.findings[0], replace(base, launches=())).action.ahead


@pytest.mark.parametrize("case", [cases.padding_investigation, cases.ring_investigation, cases.quiet_investigation])
@pytest.mark.parametrize("width", [60, 100])
def test_the_first_five_lines_of_a_terminal_are_the_five_answers(case, width: int) -> None:
    lines = render(case(), "terminal", replace(OPTIONS, width=width)).splitlines()[:6]
    assert [line.partition(":")[0] for line in lines] == [*LABELS, ""]


@pytest.mark.parametrize("case", [cases.padding_investigation, cases.hostile_investigation, cases.quiet_investigation])
def test_the_first_five_lines_of_markdown_are_the_five_answers(case) -> None:
    first, *others = render(case(), "markdown", OPTIONS).splitlines()[:5]
    assert first.startswith("# ")
    assert [line.removeprefix("- **").partition(":")[0] for line in others] == list(LABELS[1:])


def test_the_page_opens_with_the_five_answers() -> None:
    page = plain(render(cases.padding_investigation(), "html", OPTIONS))
    places = [page.index(label) for label in LABELS]
    assert places == sorted(places)
    assert places[-1] < page.index("What could explain it")


@pytest.mark.parametrize("format", TEXT_FORMATS)
def test_what_is_going_on_is_told_before_what_is_over_and_the_file_keeps_its_order(format: str) -> None:
    base = cases.padding_investigation()
    now = base.findings[0]
    over = replace(now, flag=replace(now.flag, id="old", region="US", window=cases.BEFORE))
    slight = replace(now, flag=replace(now.flag, id="slight", region="GB", severity="low"))
    page = plain(render(replace(base, findings=(over, slight, now)), format, OPTIONS))
    places = [page.index(f"{name}") for name in ("South Korea", "United Kingdom", "United States")]
    assert places == sorted(places)


def without_explanations() -> Investigation:
    base = cases.padding_investigation()
    finding = base.findings[0]
    explained = Explained((cases.checkout_bug(),), None, finding.explained.accounts)
    return replace(base, findings=(replace(finding, explained=explained),))


@pytest.mark.parametrize("format", TEXT_FORMATS)
def test_when_nothing_holds_it_is_said_and_nothing_is_called_probable(format: str) -> None:
    page = plain(render(without_explanations(), format, OPTIONS))
    assert "robably" not in page
    assert "explanation holds" in page or "What could explain it" in page


def test_a_ledger_without_amounts_says_why_and_shows_no_zero() -> None:
    verdict = cases.gate_verdict().regions[2]
    money = money_story(verdict.ledger)
    assert money.contribution == "contribution not known: 3 days of data, 7 needed"
    assert money.headline == "What it is worth: contribution not known: 3 days of data, 7 needed"
    assert money.order_value == ("average order value not known",)


@pytest.mark.parametrize("format", FORMATS)
def test_a_quiet_scan_is_told_in_every_format(format: str) -> None:
    page = render(cases.quiet_investigation(), format, OPTIONS)
    assert page.endswith("\n") or format in ("html", "detail")
    if format in TEXT_FORMATS:
        assert "0 flags · 12 markets quiet" in page


# ── the terminal ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("case", [cases.padding_investigation, cases.hostile_investigation])
@pytest.mark.parametrize("width", [40, 80, 100])
def test_no_line_is_wider_than_the_terminal(case, width: int) -> None:
    page = render(case(), "terminal", replace(OPTIONS, width=width))
    assert max(len(line) for line in page.splitlines()) <= width


def test_a_pipe_gets_no_colour_and_no_box_glyphs() -> None:
    page = render(cases.hostile_investigation(), "terminal", OPTIONS)
    assert "\x1b" not in page
    assert not re.search("[\u2500-\u257f]", page)


def test_colours_come_only_when_asked_for_and_only_ours() -> None:
    page = render(cases.hostile_investigation(), "terminal", replace(OPTIONS, use_colour=True, width=400))
    assert "\x1b[1m" in page
    # What is left without our own style codes is the plain page: nothing of the hostile text became a style.
    stripped = re.sub(r"\x1b\[[0-9;]*m", "", page)
    assert stripped == render(cases.hostile_investigation(), "terminal", replace(OPTIONS, width=400))
    assert "[red]x[/red]" in page


@pytest.mark.parametrize("case", [cases.padding_investigation, cases.hostile_investigation])
def test_without_glyphs_no_decoration_is_left(case) -> None:
    page = render(case(), "terminal", replace(OPTIONS, use_glyphs=False))
    assert not re.search("[●◐○◌✓✗→▁-█]", page)


def test_without_glyphs_people_and_amounts_are_still_written_as_they_are() -> None:
    page = render(cases.padding_investigation(), "terminal", replace(OPTIONS, use_glyphs=False))
    assert "₩50,000" in page and "\N{MINUS SIGN}$940" in page and "-> KEEP" in page


def test_a_number_and_its_percent_sign_stay_on_one_line() -> None:
    for width in range(40, 120):
        page = render(cases.padding_investigation(), "terminal", replace(OPTIONS, width=width))
        assert not re.search(r"^\s*%", page, flags=re.MULTILINE)


def points(values: list[float | None]) -> list[DailyPoint]:
    return [DailyPoint(cases.AS_OF, value, 1, 0, 2) for value in values]


def test_a_sparkline_rises_with_the_values_and_shows_a_missing_day_as_a_gap() -> None:
    # Eight steps from 0 to 8: 0, 1, 4 and 8 stand on steps 0, 1, 4 and 7 (the top one takes the maximum).
    assert sparkline(points([0, 1, None, 4, 8]), use_glyphs=True) == "▁▂ ▅█"
    assert sparkline(points([0, 8]), use_glyphs=False) == "_#"
    assert sparkline(points([5, 5]), use_glyphs=True) == "██"
    assert sparkline(points([0, 0]), use_glyphs=True) == "▁▁"
    assert sparkline(points([None, float("nan")]), use_glyphs=True) == ""


def test_a_long_series_is_joined_so_that_the_newest_days_stand_on_the_right() -> None:
    assert len(sparkline(points([1.0] * 100), use_glyphs=True)) <= 28
    assert sparkline(points([0.0] * 53 + [9.0] * 3), use_glyphs=True)[-2:] == "▅█"


# ── hostile texts ──────────────────────────────────────────────────────────────────────────────────────


def test_no_text_becomes_an_element_of_the_page() -> None:
    page = render(cases.hostile_investigation(), "html", OPTIONS)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert 'href="javascript' not in page
    assert "\x1b" not in page and "\u202e" not in page


def test_no_text_becomes_markup_in_markdown() -> None:
    page = render(cases.hostile_investigation(), "markdown", OPTIONS)
    assert "<script" not in page
    assert not re.search(r"^\s*# heading", page, flags=re.MULTILINE)
    assert all(line.count(" | ") == 4 for line in page.splitlines() if line.startswith("| "))


def test_no_cell_becomes_a_formula() -> None:
    base = cases.hostile_investigation()
    for start in ("=cmd()|'/c calc'!A1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", " =1", "|x", "\u200b=1"):
        finding = base.findings[0]
        renamed = replace(finding, flag=replace(finding.flag, id=start, segment={}))
        page = render(replace(base, findings=(renamed,)), "csv", OPTIONS)
        cell = list(csv.DictReader(StringIO(page)))[0]["flag"]
        assert cell.startswith("'"), start


def test_the_table_has_one_row_per_flag_with_plain_figures() -> None:
    page = render(cases.padding_investigation(), "csv", OPTIONS)
    (row,) = csv.DictReader(StringIO(page))
    assert row["observed_rate"] == "0.184" and row["net_per_day"] == "4120" and row["net_low"] == "2300"
    assert row["best_explanation"].startswith("Baskets padded") and row["share_explained"] == "0.86"
    assert row["action"] == "Keep" and row["open"] == "yes"


# ── the page ───────────────────────────────────────────────────────────────────────────────────────────


def test_the_page_needs_no_script_and_no_network() -> None:
    page = render(cases.padding_investigation(), "html", OPTIONS)
    assert "default-src 'none'" in page
    assert not re.search(r"<script|<link(?! rel=\"icon\" href=\"data:)|@import|url\((?!#)|<img|<iframe", page)
    # Every address in it is a link that a reader follows, a source of an entry, or a name space of SVG.
    addresses = set(re.findall(r"https?://[^\"' <)]+", page))
    assert addresses == {"https://example.org/survey", "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"} & (
        addresses | {"https://example.org/survey"}
    )


def test_ids_on_the_page_are_its_own() -> None:
    page = render(cases.padding_investigation(), "html", OPTIONS)
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    for referred in re.findall(r'aria-labelledby="([^"]+)"', page):
        assert referred in ids


def test_the_bridge_ends_where_the_contribution_ends() -> None:
    from contextcheck.report.bridge import bridge_rows

    rows = bridge_rows(money_story(cases.ledger()))
    amounts = [row for row in rows if row.width]
    # 5880 is the full width; the shipping ends at 5570, handling at 4630, payment at 4120: 4120 / 5880 = 70.07 %.
    assert round(amounts[0].width, 2) == 100.0
    assert round(amounts[-2].left, 2) == round(100 * 4120 / 5880, 2)
    assert round(amounts[-1].width, 2) == round(100 * 4120 / 5880, 2)
    assert rows[-1].side == "total" and rows[-1].line is None


def test_lines_that_do_not_add_up_are_not_drawn_as_a_bridge() -> None:
    from contextcheck.report.bridge import bridge_rows

    money = money_story(replace(cases.ledger(), lines=cases.ledger().lines[:2]))
    assert not money.adds_up
    starts = {round(row.left + (row.width if row.side == "loss" else 0), 6) for row in bridge_rows(money) if row.width}
    assert len(starts) == 1


# ── the table of formats ───────────────────────────────────────────────────────────────────────────────


def test_every_format_of_the_table_is_there() -> None:
    for name in FORMATS:
        assert callable(find_format(name))


def test_an_unknown_format_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(SettingsError, match='did you mean "markdown"'):
        render(cases.quiet_investigation(), "markdwn", OPTIONS)


def test_text_formats_load_no_heavy_library() -> None:
    code = (
        "import sys; from contextcheck.report.interface import find_format\n"
        "for name in ('terminal', 'markdown', 'json', 'csv'): find_format(name)\n"
        "import contextcheck.report.gate_report\n"
        "print([m for m in ('pandas', 'numpy', 'scipy', 'sklearn', 'altair', 'duckdb', 'ibis') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": "src"}
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("label", "parts", "width", "line"),
    [
        (LABELS[0], ("IS: 4 %", "since 2 March, 34 days, ongoing"), 30, "What: IS: 4 %; since 2 March"),
        (LABELS[0], ("Iceland: 14.1 %", "2 more flags (KR, JP)"), 30, "What: Iceland: 14.1 %"),
        (LABELS[0], ("IS: 4 %", "2 more flags (KR, JP, TW)"), 30, "What: IS: 4 %; 2 more flags…"),
        (LABELS[3], ("roll back: bar in DE", "keep it in KR, JP", "the same in FR"), 80, "; the same in FR"),
        (LABELS[3], ("roll back: bar in DE", "keep it in KR, JP", "the same in FR"), 50, "in DE; 2 more below"),
        (
            LABELS[4],
            ("handling costs more than $5", "fees grow"),
            50,
            "What would change our mind: handling costs more…",
        ),
    ],
)
def test_a_headline_is_told_in_whole_parts_and_what_has_no_room_is_counted(label, parts, width, line) -> None:
    told = Answer(label, parts).fitted(width)
    assert told.endswith(line)
    assert len(told) <= width
