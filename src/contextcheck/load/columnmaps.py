"""Column maps: how an export format becomes the orders contract, read from YAML (problem codes MP…)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from contextcheck.errors import DefinitionError, Location, Problem, nearest
from contextcheck.knowledge.columns import COLUMNS, STATUSES
from contextcheck.yamlio.document import ListNode, MapNode, Scalar, read_file
from contextcheck.yamlio.fields import Fields

if TYPE_CHECKING:
    from collections.abc import Mapping

Grain = Literal["order", "line_item"]
Take = Literal["first", "last", "sum", "min", "max"]
MAPS_FOLDER = Path(__file__).parent / "maps"

Condition = tuple[tuple[str, tuple[str, ...]], ...]
"""(source header, patterns): all headers must fit. A pattern is a word (any case; `*` at either end stands for
anything; "*" alone is any value, "" no value), a comparison such as "< 0", or either with "!" in front to deny it."""


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """How one canonical column comes from source columns.

    Attributes:
        kind: copy a column; product or sum_of columns (a term may be "a + b"); date_of year, month, day columns;
            row_number where the format has no key; constant.
        sources: Source headers, in the order of the kind.
        constant: The text of a constant.
        days_before: Source header with days to go back from a date ("" for none).
        factor: What amounts are multiplied with (0.01 for cents, -1 for a sign turned round).
        only_when: The column is empty on other rows.
        unless: The column is empty on these rows.
        take: How the lines of an order become one value.
        is_key: Whether only a digest is kept (for mail addresses used as customer numbers).
    """

    kind: Literal["copy", "product", "sum_of", "date_of", "row_number", "constant"]
    sources: tuple[str, ...] = ()
    constant: str = ""
    days_before: str = ""
    factor: float = 1.0
    only_when: Condition = ()
    unless: Condition = ()
    take: Take = "first"
    is_key: bool = False

    @property
    def headers(self) -> tuple[str, ...]:
        """Every source header that it reads."""
        named = [part.strip() for source in self.sources for part in source.split(" + ")]
        conditions = [header for header, _ in (*self.only_when, *self.unless)]
        return tuple(dict.fromkeys([*named, *filter(None, [self.days_before]), *conditions]))


@dataclass(frozen=True, slots=True)
class StatusRule:
    """Rows that fit `when` have the status `status`; the first rule that fits decides."""

    when: Condition
    status: str


@dataclass(frozen=True, slots=True)
class StatusReading:
    """How the status is told: rules first, then a word of one column, then what stands for the rest."""

    rules: tuple[StatusRule, ...] = ()
    source: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    otherwise: str = ""

    @property
    def headers(self) -> tuple[str, ...]:
        found = [header for rule in self.rules for header, _ in rule.when]
        return tuple(dict.fromkeys([*found, *filter(None, [self.source])]))


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Rows that are no orders by the format's own rules; counted and said."""

    when: Condition
    title: str


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """One export format.

    Attributes:
        id: Name in settings.
        title: Name for people.
        grain: One row per order, or per line item of an order.
        key: Source header that lines of one order share (line_item only).
        columns: Canonical column to its rule, without status.
        status: How the status is told.
        also: Source header to other spellings of it.
        ignored: Headers of the format that are known and not used.
        missing: Words that mean "no value".
        timezone: IANA zone of naive times, or "" for settings.orders.timezone.
        date_order: "auto", "ymd", "dmy" or "mdy".
        decimal: "auto", "point" or "comma": the sign before decimals.
        currency: The format's only currency; "" when a column or the settings tell it.
        region_words: Word of the source to a region code or the team's own market name.
        leave_out: Rows that are no orders.
        notes: What a reader of the results must know.
    """

    id: str
    title: str
    grain: Grain
    key: str
    columns: Mapping[str, ColumnRule]
    status: StatusReading
    also: Mapping[str, tuple[str, ...]]
    ignored: tuple[str, ...]
    missing: tuple[str, ...]
    timezone: str
    date_order: str
    decimal: str
    currency: str
    region_words: Mapping[str, str]
    leave_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]
    where: Location = field(compare=False)

    @property
    def headers(self) -> tuple[str, ...]:
        """Every source header that is read."""
        used = [header for rule in self.columns.values() for header in rule.headers]
        left = [header for entry in self.leave_out for header, _ in entry.when]
        return tuple(dict.fromkeys([*filter(None, [self.key]), *used, *self.status.headers, *left]))

    def needed(self, column: str) -> tuple[str, ...]:
        """The source headers without which a canonical column cannot be had."""
        if column == "status":
            return (self.status.source,) if self.status.source else self.status.headers[:1]
        rule = self.columns.get(column)
        return rule.headers if rule else (column,)


def shipped_maps() -> tuple[ColumnMap, ...]:
    """Every map that comes with contextcheck."""
    return tuple(read_map(path, f"maps/{path.name}") for path in sorted(MAPS_FOLDER.glob("*.yaml")))


def read_map(path: Path, name: str) -> ColumnMap:
    """Read one map.

    Raises:
        DefinitionError: With every problem of the file.
    """
    root, problems = read_file(path, "MP", shown_as=name)
    if root is not None and not isinstance(root, MapNode):
        problems.append(Problem("MP103", str(root.where), 'a column map must be "key: value" lines'))
    if not isinstance(root, MapNode):
        raise DefinitionError(*problems or [Problem("MP101", name, "the map is empty")])
    found = _map_of(Fields(root, problems, "MP"))
    if problems:
        raise DefinitionError(*problems)
    return found


def _map_of(top: Fields) -> ColumnMap:
    columns = _columns(top)
    found = ColumnMap(
        id=top.text("id", required=True),
        title=top.text("title", required=True),
        grain=top.choice("grain", get_args(Grain), "order"),
        key=top.text("key"),
        columns=columns,
        status=_status(top),
        also=_spellings(top),
        ignored=top.texts("ignored"),
        missing=top.texts("missing"),
        timezone=top.text("timezone"),
        date_order=top.choice("date_order", ("auto", "ymd", "dmy", "mdy"), "auto"),
        decimal=top.choice("decimal", ("auto", "point", "comma"), "auto"),
        currency=top.text("currency").upper(),
        region_words=_words(top, "region_words"),
        leave_out=tuple(_left_out(each) for each in top.mappings("leave_out")),
        notes=top.texts("notes"),
        where=top.where,
    )
    if found.grain == "line_item" and not found.key:
        top.problem("101", top.where, '"key" is missing: the header that the lines of one order share')
    for name in ("order_id", "region", "created_at"):
        if name not in columns:
            top.problem("101", top.place("columns"), f'"columns" must say where {name} comes from')
    top.finish()
    return found


def _columns(top: Fields) -> dict[str, ColumnRule]:
    table = top.mapping("columns", required=True)
    rules: dict[str, ColumnRule] = {}
    for name in table.names() if table else ():
        assert table is not None
        if name not in COLUMNS or name == "status":
            remedy = 'write it under "status"' if name == "status" else nearest(name, COLUMNS).lstrip("; ")
            table.problem("102", table.node.entries[name][0], f'unknown column "{name}"; {remedy}')
            table.has(name)
        elif isinstance(table.child(name), Scalar):
            rules[name] = ColumnRule("copy", (table.text(name),))
        elif (entry := table.mapping(name)) is not None:
            rules[name] = _rule(entry)
    return rules


def _rule(entry: Fields) -> ColumnRule:
    kinds = {"from": "copy", "product": "product", "sum_of": "sum_of", "date_of": "date_of"}
    given = [key for key in (*kinds, "row_number", "constant") if entry.has(key)]
    if len(given) != 1:
        entry.problem("101", entry.where, f"give exactly one of {', '.join((*kinds, 'row_number', 'constant'))}")
    key = given[0] if given else "from"
    rule = ColumnRule(
        kind=kinds.get(key, key),  # type: ignore[arg-type]
        sources=entry.texts(key) if key in kinds else (),
        constant=entry.text("constant"),
        days_before=entry.text("days_before"),
        factor=entry.number("factor", 1.0),
        only_when=_condition(entry, "only_when"),
        unless=_condition(entry, "unless"),
        take=entry.choice("take", get_args(Take), "first"),
        is_key=entry.boolean("digest", default=False),
    )
    if rule.kind == "date_of" and len(rule.sources) != 3:
        entry.problem("104", entry.place("date_of"), "date_of needs the headers of year, month and day")
    entry.has("row_number")
    entry.finish()
    return rule


def _condition(entry: Fields, key: str) -> Condition:
    table = entry.mapping(key)
    if table is None:
        return ()
    return tuple((name, table.texts(name)) for name in table.names() if _is_given(table, name))


def _is_given(table: Fields, name: str) -> bool:
    """Whether a pattern is there; an empty quoted text is one, an empty value is a slip."""
    node = table.node.get(name)
    if isinstance(node, (ListNode, Scalar)) and table.has(name):
        return True
    table.problem("103", table.place(name), f'"{name}" needs a pattern, such as [paid, "*"] or "" for no value')
    return False


def _status(top: Fields) -> StatusReading:
    entry = top.mapping("status", required=True)
    if entry is None:
        return StatusReading()
    rules = []
    for each in entry.mappings("rules"):
        rules.append(StatusRule(_condition(each, "when"), each.choice("is", STATUSES)))
        each.finish()
    words = _words(entry, "words")
    for word, status in words.items():
        if status not in STATUSES:
            entry.problem(
                "105", entry.place("words"), f'unknown status "{status}" for "{word}"{nearest(status, STATUSES)}'
            )
    otherwise = entry.choice("otherwise", ("", *STATUSES), "")
    reading = StatusReading(tuple(rules), entry.text("from"), words, otherwise)
    if not (reading.rules or reading.source):
        entry.problem("101", entry.where, 'the status needs "from" with "words", or "rules"')
    entry.finish()
    return reading


def _words(top: Fields, key: str) -> dict[str, str]:
    table = top.mapping(key)
    return {name: table.text(name) for name in table.names()} if table else {}


def _spellings(top: Fields) -> dict[str, tuple[str, ...]]:
    table = top.mapping("also")
    return {name: table.texts(name) for name in table.names()} if table else {}


def _left_out(entry: Fields) -> LeftOut:
    found = LeftOut(_condition(entry, "when"), entry.text("title", required=True))
    if not found.when:
        entry.problem("101", entry.where, '"when" is missing: which rows are no orders')
    entry.finish()
    return found
