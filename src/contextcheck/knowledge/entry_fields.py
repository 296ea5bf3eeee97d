"""Reads one entry (a norm, an abuse pattern, a fault) from its YAML mapping into a record."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from contextcheck.errors import nearest
from contextcheck.knowledge.columns import COLUMNS
from contextcheck.knowledge.day_rules import check_day_text, margin_of
from contextcheck.knowledge.entries import (
    Certainty,
    Entry,
    Example,
    Explains,
    Review,
    SwitchedOff,
    Twin,
    When,
    WhenKind,
)
from contextcheck.knowledge.lint import lint_entry
from contextcheck.knowledge.sign_fields import columns_needed, read_signs
from contextcheck.records import EntryStatus, ExplanationKind, Source, Verdict
from contextcheck.table_settings import TABLES
from contextcheck.yamlio.document import Scalar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contextcheck.records import Direction
    from contextcheck.yamlio.fields import Fields

STATUSES: tuple[EntryStatus, ...] = get_args(EntryStatus)
CERTAINTIES: tuple[Certainty, ...] = get_args(Certainty)
WHEN_KINDS: tuple[WhenKind, ...] = get_args(WhenKind)
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
GRADES = ("A", "B", "C", "D")
SOURCE_ROLES = ("mechanism", "local", "both")
DIRECTIONS: tuple[Direction, ...] = ("up", "down")
MAX_MARGIN_DAYS = 120
USUAL_MARGIN_DAYS = 1
"""By how many days a date may be off that an entry itself calls estimated."""
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
NEVER_REVIEWED = Review("", None, None)


@dataclass(frozen=True, slots=True)
class EntryContext:
    """What an entry takes over from the file it stands in."""

    kind: ExplanationKind
    regions: tuple[str, ...]
    owner: str
    content_hash: str
    reviewed: Review
    calendars: Mapping[str, tuple[str, ...]]


def read_entry(fields: Fields, context: EntryContext) -> Entry | SwitchedOff | None:
    """Give the entry (or the switch-off) of one mapping; None when it has no id.

    Every problem of form and of sense (see `contextcheck.knowledge.lint`) is collected in `fields.problems`.
    """
    identity = fields.text("id", required=True)
    if not identity:
        return None
    if fields.has("off"):
        return _switched_off(fields, identity)
    if not _ID.fullmatch(identity):
        sentence = f'the id "{identity}" must be small letters and digits joined by "-", such as kr-padding'
        fields.problem("226", fields.place("id"), sentence)
    entry = _entry(fields, identity, context)
    fields.finish()
    fields.problems.extend(lint_entry(entry, fields, context.kind))
    return entry


def _switched_off(fields: Fields, identity: str) -> SwitchedOff:
    reason, on = "", None
    inner = fields.mapping("off")
    if inner is not None:
        reason, on = inner.text("reason", required=True), inner.day("on", required=True)
        inner.finish()
    fields.finish()
    return SwitchedOff(identity, reason, on, fields.where)


def _entry(fields: Fields, identity: str, context: EntryContext) -> Entry:
    signs = read_signs(fields, "signs", "sign")
    reviewed = read_review(fields, context.reviewed)
    graded = [_source(each) for each in fields.mappings("sources")]
    return Entry(
        id=identity,
        kind=context.kind,
        regions=_regions(fields, context),
        title=fields.text("title", required=True),
        status=fields.choice("status", STATUSES, "draft"),
        mechanism=fields.text("mechanism"),
        explains=_movements(fields),
        when=_when(fields, context.calendars),
        needs=_needs(fields) or columns_needed(signs),
        signs=signs,
        contradicted_by=read_signs(fields, "contradicted_by", "contradicted_by"),
        ask=fields.texts("ask"),
        advice=fields.texts("advice"),
        sources=tuple(source for source, _ in graded),
        owner=fields.text("owner", context.owner),
        reviewed=reviewed,
        text=_texts(fields),
        examples=_examples(fields),
        version=reviewed.on.isoformat() if reviewed.on else context.content_hash[:12],
        note=fields.text("note"),
        mechanism_grade=min((s.grade for s, role in graded if role != "local"), default=""),
        local_grade=min((s.grade for s, role in graded if role != "mechanism"), default=""),
        twins=tuple(_twin(each) for each in fields.mappings("twins")),
        where=fields.where,
    )


def _regions(fields: Fields, context: EntryContext) -> tuple[str, ...]:
    if context.kind == "norm":
        return context.regions
    return fields.texts("regions") or context.regions


def _movements(fields: Fields) -> tuple[Explains, ...]:
    fields.refuse_empty("explains", "name at least one movement, such as {metric: cancel_rate, direction: up}")
    return tuple(_explains(each) for each in fields.mappings("explains", required=True))


def _explains(fields: Fields) -> Explains:
    explains = Explains(fields.text("metric", required=True), fields.choice("direction", DIRECTIONS))
    fields.finish()
    return explains


def _needs(fields: Fields) -> tuple[str, ...]:
    needs = fields.texts("needs")
    for column in needs:
        if column not in (*COLUMNS, *TABLES):
            fields.problem("105", fields.place("needs"), f'unknown column "{column}"{nearest(column, COLUMNS)}')
    return needs


def read_review(fields: Fields, default: Review = NEVER_REVIEWED) -> Review:
    """Give who read it when; the file's own review when the entry names none."""
    inner = fields.mapping("reviewed")
    if inner is None:
        return default
    review = Review(inner.text("by", default.by), inner.day("on"), inner.day("next"))
    inner.finish()
    return review


def _source(fields: Fields) -> tuple[Source, str]:
    source = Source(
        title=fields.text("title", required=True),
        url=fields.text("url"),
        year=fields.text("year"),
        grade=fields.choice("grade", GRADES),
    )
    role = fields.choice("for", SOURCE_ROLES, "both")
    fields.finish()
    return source, role


def _examples(fields: Fields) -> tuple[Example, ...]:
    examples = tuple(_example(each) for each in fields.mappings("examples"))
    first: dict[str, Example] = {}
    for each in examples:
        known = first.setdefault(each.name, each)
        if each.name and known is not each and known.where and each.where:
            sentence = f'the example "{each.name}" is already given in line {known.where.line}; give it another name'
            fields.problem("227", each.where, sentence)
    return examples


def _example(fields: Fields) -> Example:
    example = Example(
        fields.text("name", required=True),
        fields.text("data", required=True),
        fields.choice("expect", VERDICTS),
        fields.where,
    )
    fields.finish()
    return example


def _twin(fields: Fields) -> Twin:
    twin = Twin(fields.text("id", required=True), fields.text("separated_by", required=True))
    fields.finish()
    return twin


def _texts(fields: Fields) -> dict[str, str]:
    inner = fields.mapping("text")
    return {language: inner.text(language) for language in inner.names()} if inner else {}


def _when(fields: Fields, calendars: Mapping[str, tuple[str, ...]]) -> When:
    node = fields.child("when")
    if isinstance(node, Scalar):
        if node.text.strip() != "always":
            sentence = f'when is "{node.text}", but must be always or a mapping such as {{after_launch: any}}'
            fields.problem("105", node.where, sentence)
        return When("always")
    inner = fields.mapping("when")
    if inner is None:
        return When("always")
    kinds = [kind for kind in WHEN_KINDS if inner.has(kind)]
    if len(kinds) != 1:
        sentence = f"when must name one of {', '.join(WHEN_KINDS)}; it names {len(kinds)}"
        inner.problem("101" if not kinds else "103", inner.where, sentence)
    kind: WhenKind = kinds[0] if kinds else "always"
    when = When(
        kind=kind,
        names=_day_names(inner, kind, calendars),
        before_days=inner.whole("before_days", 0, low=0, high=MAX_MARGIN_DAYS),
        after_days=inner.whole("after_days", 0, low=0, high=MAX_MARGIN_DAYS),
        certainty=inner.choice("certainty", CERTAINTIES, "observed"),
    )
    inner.finish()
    return when


def _day_names(inner: Fields, kind: WhenKind, calendars: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The names of a `when`; names of calendars are replaced by their days."""
    if kind == "always":
        if inner.has(kind) and not inner.boolean(kind, default=True):
            inner.problem("105", inner.place(kind), "always is false; write when: always, or name the days instead")
        return ()
    inner.refuse_empty(kind, "name at least one, or write when: always")
    names: list[str] = []
    is_estimated = kind == "dates" and inner.text("certainty") == "estimated"
    for text in inner.texts(kind):
        written = f"{text} ±{USUAL_MARGIN_DAYS}" if is_estimated and not margin_of(text) else text
        resolved = calendars.get(text, (written,)) if kind == "dates" else (text,)
        for name in resolved:
            fault = check_day_text(kind, name, tuple(calendars))
            if fault:
                inner.problem("106", inner.place(kind), fault)
            else:
                names.append(name)
    return tuple(names)
