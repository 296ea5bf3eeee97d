"""What an entry must satisfy beyond its form; the same checks run on reading and in `norms lint`.

Codes: KB201 no mechanism · KB202 no source · KB203 no owner · KB204 no review date · KB205 no sign that can fail ·
KB206 calendar alone · KB207 people named as the cause · KB208 grade below status · KB209 window too wide ·
KB210 same id twice · KB211 unknown metric · KB212 review overdue · KB213 nothing could contradict it ·
KB214 wording that judges · KB215 a sign that contradicts itself · KB216 two entries say the same ·
KB217 name and file disagree · KB218 unknown holiday · KB219 switched off without a target · KB220 unknown twin ·
KB222 where and when alone · KB223 no strong sign · KB224 no web address · KB225 a year that is none · KB226 id ·
KB227 two examples of one name · KB228 reviewed in the future · KB229 the same sign twice ·
KB230 head of another country · KB231 a line in another currency.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from contextcheck.errors import Location, Problem, Severity, nearest
from contextcheck.knowledge.day_rules import span_days
from contextcheck.knowledge.lines import LINE_KEYS
from contextcheck.knowledge.places import currency_fault, zone_fault
from contextcheck.knowledge.signs import SIGN_SPECS
from contextcheck.knowledge.wording import judging_words, people_named
from contextcheck.yamlio.document import ListNode

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import date

    from contextcheck.knowledge.entries import Entry, RegionFile
    from contextcheck.knowledge.signs import Sign
    from contextcheck.records import ExplanationKind
    from contextcheck.yamlio.fields import Fields

MIN_MECHANISM_LETTERS = 60
MAX_WINDOW_DAYS = 45
GRADE_OF_STATUS = {"active": "B", "trial": "C", "draft": "D", "retired": "D"}
"""The weakest grade of a mechanism's source that a status may rest on."""


def lint_entry(entry: Entry, fields: Fields, kind: ExplanationKind) -> list[Problem]:
    """Give every problem of sense of one entry, each at the line it concerns."""

    def at(key: str, code: str, sentence: str, severity: Severity = "error") -> Problem:
        return Problem(code, str(fields.place(key)), sentence, severity)

    problems = [at(key, code, sentence) for key, code, sentence in _missing_parts(entry)]
    problems += [at(key, code, sentence) for key, code, sentence in _sign_faults(entry)]
    if not entry.contradicted_by:
        sentence = "nothing is listed under contradicted_by; add the trace that would speak against this entry"
        problems.append(at("contradicted_by", "KB213", sentence, "warning"))
    problems += [at("when", "KB209", sentence, "warning") for sentence in _wide_windows(entry)]
    listed = fields.node.get("signs")
    if isinstance(listed, ListNode) and len(listed.items) == len(entry.signs):
        # signs that could not be read are told already; what is left says nothing about the entry
        problems += [at(key, code, sentence, "warning") for key, code, sentence in _doubts(entry)]
    problems += [at(key, code, sentence, severity) for key, code, sentence, severity in _wording_faults(entry, kind)]
    return problems


def lint_years(entries: Iterable[Entry], today: date) -> list[Problem]:
    """Give a warning for every source whose year lies ahead or is no year."""
    return [
        Problem(
            "KB225",
            _where(entry),
            f'"{entry.id}" names a source of the year "{source.year}"; write the year it was published, or est. 2020',
            "warning",
        )
        for entry in entries
        for source in entry.sources
        if source.year and not _is_past_year(source.year, today.year)
    ]


def _is_past_year(text: str, newest: int) -> bool:
    found = re.fullmatch(r"(?:est\. ?)?(\d{4})(?:[-–/]\d{2,4})?", text.strip())
    return found is not None and 1700 <= int(found[1]) <= newest


def lint_reviews(entries: Collection[Entry], today: date) -> list[Problem]:
    """Give a warning for every entry whose review is overdue on a day, or said to be of a later day."""
    tomorrow = today + timedelta(days=1)  # somewhere it is that day already
    ahead = [
        Problem(
            "KB228",
            _where(entry),
            f'"{entry.id}" is said to be reviewed on {entry.reviewed.on}, which lies ahead; write the day it was read',
            "warning",
        )
        for entry in entries
        if entry.reviewed.on is not None and entry.reviewed.on > tomorrow
    ]
    return ahead + [
        Problem(
            "KB212",
            _where(entry),
            f'"{entry.id}" was to be reviewed by {entry.reviewed.next}; read it again and set reviewed',
            "warning",
        )
        for entry in entries
        if entry.reviewed.next is not None and entry.reviewed.next < today
    ]


def lint_metrics(entries: Iterable[Entry], metrics: Collection[str]) -> list[Problem]:
    """Give an error for every metric that an entry explains and nobody defines."""
    return [
        Problem(
            "KB211", _where(entry), f'"{entry.id}" explains "{each.metric}", no metric{nearest(each.metric, metrics)}'
        )
        for entry in entries
        for each in entry.explains
        if each.metric and each.metric not in metrics
    ]


def lint_collection(entries: Collection[Entry]) -> list[Problem]:
    """Give the problems between entries: ids given twice, twins that do not exist, two that say the same."""
    problems: list[Problem] = []
    seen: dict[tuple[str, str], Entry] = {}
    alike: dict[object, Entry] = {}
    for entry in entries:
        for region in entry.regions:
            first = seen.setdefault((entry.id, region), entry)
            if first is not entry:
                sentence = f'the id "{entry.id}" is already used in {_where(first)}; ids name one entry'
                problems.append(Problem("KB210", _where(entry), sentence))
                break
        same = alike.setdefault(_content_key(entry), entry)
        if same.id != entry.id:
            sentence = f'"{entry.id}" predicts the same as "{same.id}" ({_where(same)}); keep one or tell them apart'
            problems.append(Problem("KB216", _where(entry), sentence, "warning"))
    ids = {entry.id for entry in entries}
    for entry in entries:
        for twin in entry.twins:
            if twin.id not in ids or twin.id == entry.id:
                what = "itself; name another entry" if twin.id == entry.id else f"no entry{nearest(twin.id, ids)}"
                sentence = f'"{entry.id}" names the twin "{twin.id}", which is {what}'
                problems.append(Problem("KB220", _where(entry), sentence, "warning"))
    return problems


def lint_heads(files: Iterable[RegionFile]) -> list[Problem]:
    """Give a warning for a clock or a currency that no part of the country has, and for lines in another currency."""
    problems = []
    for file in files:
        for key, fault in (
            ("timezone", zone_fault(file.region, file.timezone)),
            ("currency", currency_fault(file.region, file.currency)),
        ):
            if fault:
                problems.append(Problem("KB230", str(file.places.get(key, file.where)), fault, "warning"))
        for name in LINE_KEYS:
            line = file.defaults.get(name)
            if line is not None and file.currency and line.currency not in ("", file.currency):
                sentence = (
                    f"{name} is in {line.currency}, but {file.region} counts in {file.currency}; write one currency"
                )
                problems.append(Problem("KB231", str(line.where or file.where), sentence, "warning"))
    return problems


def lint_holidays(entries: Iterable[Entry], year: int) -> list[Problem]:
    """Give an error for every holiday name that a region's calendar does not know (loads the holidays package)."""
    from contextcheck.knowledge.dates import holiday_problem

    problems: list[Problem] = []
    for entry in entries:
        if entry.when.kind != "holiday":
            continue
        for region in entry.regions:
            faults = (holiday_problem(name, region, year) for name in entry.when.names)
            problems += [Problem("KB218", _where(entry), f'"{entry.id}": {fault}') for fault in faults if fault]
    return problems


def _where(entry: Entry) -> str:
    return str(entry.where or Location(entry.id))


def _content_key(entry: Entry) -> object:
    """What an entry predicts, apart from its words."""
    signs = tuple((sign.test, tuple(sorted((k, str(v)) for k, v in sign.options.items()))) for sign in entry.signs)
    return entry.kind, entry.regions, entry.explains, entry.when, frozenset(signs)


def _missing_parts(entry: Entry) -> Iterator[tuple[str, str, str]]:
    if len(entry.mechanism) < MIN_MECHANISM_LETTERS:
        sentence = (
            "mechanism is missing or very short; write in a few sentences who does what and which trace it leaves"
        )
        yield "mechanism", "KB201", sentence
    if not entry.sources:
        yield (
            "sources",
            "KB202",
            "no source; name where this is known from, with title, year and grade (D for none yet)",
        )
    elif entry.mechanism_grade > GRADE_OF_STATUS[entry.status] or not entry.mechanism_grade:
        allowed = "draft" if entry.mechanism_grade in ("D", "") else "trial"
        known = f"its best source for the mechanism has grade {entry.mechanism_grade or 'none'}"
        needed = GRADE_OF_STATUS[entry.status]
        sentence = f"status {entry.status} needs a source of grade {needed} or better for the mechanism, {known}"
        yield "status", "KB208", f"{sentence}; set status to {allowed} or add a source"
    if not entry.owner:
        yield "owner", "KB203", "no owner; set owner to the team that answers for this entry"
    review = entry.reviewed
    if not review.by or review.on is None or review.next is None:
        remedy = "write reviewed: {by: kr-market, on: 2026-11-20, next: 2027-05-20}"
        yield "reviewed", "KB204", f"the review is not complete; {remedy}"
    elif review.next <= review.on:
        yield "reviewed", "KB204", f"the next review {review.next} is not after the last {review.on}; set a later day"


def _sign_faults(entry: Entry) -> Iterator[tuple[str, str, str]]:
    if not any(can_fail(sign) for sign in entry.signs):
        yield "signs", "KB205", "no sign that could fail; add one about baskets, customers or payment"
    elif all(SIGN_SPECS[sign.test].is_calendar_only for sign in entry.signs):
        sentence = 'no sign but "calendar", which holds in any busy week; add one about baskets, customers or payment'
        yield "signs", "KB206", sentence
    elif _is_calendar_and_spread(entry):
        sentence = "no sign but the calendar and a broad spread, which any busy week shows"
        yield "signs", "KB206", f"{sentence}; add one about baskets, customers or payment"
    claims = {_claim(sign) for sign in entry.signs}
    for key, signs in (("signs", entry.signs), ("contradicted_by", entry.contradicted_by)):
        counts = Counter(_claim(sign) for sign in signs)
        for test in dict.fromkeys(test for (test, _), count in counts.items() if count > 1):
            yield key, "KB229", f'"{test}" with the same options stands twice under {key}; keep one'
    for sign in entry.contradicted_by:
        if _claim(sign) in claims:
            sentence = f'"{sign.test}" with the same options stands under signs and under contradicted_by; keep one'
            yield "contradicted_by", "KB215", sentence


def _claim(sign: Sign) -> tuple[str, str]:
    return sign.test, str(sorted(sign.options.items(), key=str))


UNSPECIFIC = frozenset({"spread"})
"""Signs that rule a ring out and say nothing else: what they predict, every other cause predicts too."""


TESTED = ("trial", "active")
"""Statuses of entries that are tested on flags; drafts are questions."""


def _is_specific(sign: Sign) -> bool:
    return not SIGN_SPECS[sign.test].is_calendar_only and sign.test not in UNSPECIFIC


def _is_calendar_and_spread(entry: Entry) -> bool:
    is_dated = any(SIGN_SPECS[sign.test].is_calendar_only for sign in entry.signs)
    return is_dated and not any(_is_specific(sign) for sign in entry.signs)


def _is_coincidental(sign: Sign) -> bool:
    """Whether a week that is busy everywhere, or the weight given to it, makes a sign about regions worth nothing."""
    return sign.test == "peers" and (sign.text("expect") == "together" or sign.weight == "weak")


def _doubts(entry: Entry) -> Iterator[tuple[str, str, str]]:
    """What is allowed and still worth a thought."""
    specific = [sign for sign in entry.signs if _is_specific(sign)]
    is_dated, is_tested = entry.when.kind in ("dates", "holiday", "weekday", "payday"), entry.status in TESTED
    if is_tested and is_dated and specific and all(_is_coincidental(sign) for sign in specific):
        sentence = "any busy week shows these signs; add one about baskets, customers or payment"
        yield "signs", "KB222", sentence
    elif (
        is_tested
        and entry.signs
        and not _is_calendar_and_spread(entry)
        and not any(sign.weight == "strong" for sign in specific)
    ):
        sentence = "no strong sign but a broad spread, which every cause shows: this can never be supported"
        yield "signs", "KB223", f"{sentence}; set weight: strong where a failure would refute it"
    for source in entry.sources:
        if source.url and not source.url.startswith(("http://", "https://")):
            yield "sources", "KB224", f'the address "{source.url}" is no web address; write https://… or leave url out'


def _wide_windows(entry: Entry) -> Iterator[str]:
    """Windows that are so wide that nearly anything falls into them."""
    margins = entry.when.before_days + entry.when.after_days
    if margins > MAX_WINDOW_DAYS:
        sound = f"{MAX_WINDOW_DAYS} or fewer are sound"
        yield f"margins of {margins} days around each date explain almost anything; {sound}"
        return
    # spans of full dates come once: a law's first weeks; what comes back every year must not fill the year
    yearly = [name for name in entry.when.names if entry.when.kind == "dates" and not name[:4].isdecimal()]
    longest = max((span_days(name) for name in yearly), default=0)
    if longest + margins > MAX_WINDOW_DAYS:
        yield f"a window of {longest + margins} days explains almost anything; {MAX_WINDOW_DAYS} or fewer are sound"


def can_fail(sign: Sign) -> bool:
    """Say whether data exists that would contradict a sign: bounds that every share satisfies cannot."""
    bounds = sign.bounds()
    if SIGN_SPECS[sign.test].name == "kept_share":
        return bounds.get("at_least", 0.0) > 0 or bounds.get("at_most", 1.0) < 1
    if "at_least" in sign.options:
        return sign.number("at_least") > 0
    return True


def _wording_faults(entry: Entry, kind: ExplanationKind) -> Iterator[tuple[str, str, str, Severity]]:
    """People named as the cause, and words that judge."""
    parts = {
        "title": (entry.title,),
        "mechanism": (entry.mechanism,),
        "note": (entry.note,),
        "ask": entry.ask,
        "advice": entry.advice,
        "twins": tuple(each.separated_by for each in entry.twins),
        "examples": tuple(each.name for each in entry.examples),
    }
    for key, texts in parts.items():
        for text in texts:
            for words in people_named(text):
                sentence = f'"{words}" names people by nationality, origin, language or religion as the cause'
                yield key, "KB207", f"{sentence}; name the practice, law, payment method or date instead", "error"
            for word in judging_words(text) if kind == "norm" else ():
                yield key, "KB214", f'"{word}" judges; say what is done and which trace it leaves', "warning"
