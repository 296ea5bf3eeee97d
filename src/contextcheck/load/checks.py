"""Judge every staged row: which can be read, which cannot and why; nothing is dropped in silence."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import ibis

from contextcheck.errors import InputError, Problem
from contextcheck.knowledge.columns import STATUSES
from contextcheck.load.profile import FIRST_MOMENT, LAST_MOMENT, is_beyond, is_possible
from contextcheck.load.textfiles import lines_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contextcheck.load.columnmaps import ColumnMap
    from contextcheck.load.currencies import Conversion
    from contextcheck.load.profile import Duplicates, Group
    from contextcheck.load.sources import Source
    from contextcheck.load.stage import Staged

MAX_DUPLICATE_SHARE = 0.05
EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class BadPlace:
    """Where one unreadable row stands, and why it is unreadable."""

    file: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Judged:
    """Rows told apart.

    Attributes:
        table: The staged table with `_reason`: why a row is unreadable, empty when it is fine; None when no row is
            unreadable.
        statuses: Status word of the source to canonical status.
        unknown_statuses: Words that no rule covers, with their rows.
        counts: Reason to source rows, most frequent first, rows that could not be split included.
        examples: The first unreadable rows.
        source_rows: All rows of the source, readable or not.
    """

    table: Any
    statuses: Mapping[str, str]
    unknown_statuses: Mapping[str, int]
    counts: Mapping[str, int]
    examples: tuple[BadPlace, ...]
    source_rows: int

    @property
    def bad_rows(self) -> int:
        return sum(self.counts.values())

    @property
    def bad_share(self) -> float:
        return self.bad_rows / max(1, self.source_rows)


def read_statuses(groups: Sequence[Group], column_map: ColumnMap) -> tuple[dict[str, str], dict[str, int]]:
    """Give status word to canonical status, and the words that nothing covers with their rows."""
    words = {word.casefold(): status for word, status in column_map.status.words.items()}
    words = {**{status: status for status in STATUSES}, **words}
    known: dict[str, str] = {}
    unknown: Counter[str] = Counter()
    for group in groups:
        if group.status is None or not group.status.strip():
            continue
        status = words.get(" ".join(group.status.split()).casefold()) or column_map.status.otherwise
        if status:
            known[group.status] = status
        else:
            unknown[group.status] += group.rows
    return known, dict(unknown.most_common())


def judge(
    source: Source,
    staged: Staged,
    groups: Sequence[Group],
    duplicates: Duplicates,
    conversion: Conversion | None,
    column_map: ColumnMap,
) -> Judged:
    """Tell readable rows from unreadable ones; row by row only where the counts say that there are any."""
    statuses, unknown = read_statuses(groups, column_map)
    counts: Counter[str] = Counter()
    table = None
    if _any_bad(groups, duplicates, unknown, conversion):
        beyond = sorted(frozenset().union(*(group.beyond for group in groups)))
        table = staged.table.mutate(_reason=_reason(staged, tuple(unknown), conversion, beyond))
        bad = table.filter(table._reason.notnull())
        weight = bad._lines.sum() if "_lines" in bad.columns else bad.count()
        kinds = bad.group_by(kind=bad._reason.re_replace(r': ".*$', "")).aggregate(n=weight)
        counts.update({row["kind"]: int(row["n"]) for row in kinds.to_pyarrow().to_pylist()})
    if staged.unreadable_lines is not None:
        lines = staged.unreadable_lines
        kinds = lines.group_by(kind=lines._unreadable.re_replace(r': ".*$', "")).aggregate(n=lines.count())
        counts.update({row["kind"]: int(row["n"]) for row in kinds.to_pyarrow().to_pylist()})
    if source.broken_rows:
        rows = source.engine.run("SELECT reason, count(*) FROM broken_rows GROUP BY 1")
        counts.update({str(text): int(n) for text, n in rows})
    examples = _examples(source, staged, table) if counts else ()
    return Judged(table, statuses, unknown, dict(counts.most_common()), examples, source.rows + source.broken_rows)


def _any_bad(
    groups: Sequence[Group], duplicates: Duplicates, unknown: Mapping[str, int], conversion: Conversion | None
) -> bool:
    if unknown or duplicates.without_id:
        return True
    needs_currency = conversion is not None and conversion.assumed is None
    return any(
        group.without_time
        or group.negative
        or group.unreadable
        or group.beyond
        or _is_blank(group.region)
        or _is_blank(group.status)
        or (needs_currency and _is_blank(group.currency))
        for group in groups
    )


def _is_blank(text: str | None) -> bool:
    return text is None or not text.strip()


def _reason(staged: Staged, unknown: Sequence[str], conversion: Conversion | None, beyond: Sequence[str]) -> Any:
    """Why a row cannot be used; the first reason that holds."""
    table = staged.table
    branches: list[tuple[Any, Any]] = []
    if not staged.is_in_place:
        branches.append((table._unreadable.notnull(), table._unreadable))
    branches.append((_blank(table.order_id), ibis.literal("no order_id")))
    branches.append((table.created_at.isnull(), ibis.literal("no created_at")))
    span = f"{FIRST_MOMENT.year} to {LAST_MOMENT.year - 1}"
    shown = ibis.literal(f'created_at lies outside {span}: "').concat(table.created_at.cast("string"), '"')
    branches.append((~is_possible(table.created_at), shown))
    branches.append((_blank(table.region), ibis.literal("no region")))
    branches.append((_blank(table.status), ibis.literal("no status")))
    if unknown:
        shown = ibis.literal('unknown status: "').concat(table.status, '"')
        branches.append((table.status.isin(list(unknown)), shown))
    if "order_total" in staged.columns:
        shown = ibis.literal('negative order_total: "').concat(table.order_total.cast("string"), '"')
        branches.append(((table.order_total < 0).fill_null(False), shown))
    for name in beyond:
        shown = ibis.literal(f'{name} is too large for one order: "').concat(table[name].cast("string"), '"')
        branches.append((is_beyond(table[name]), shown))
    if conversion is not None and conversion.assumed is None and "currency" in staged.columns:
        branches.append((_blank(table.currency), ibis.literal("no currency")))
    return ibis.cases(*branches, else_=ibis.null("string"))


def _blank(text: Any) -> Any:
    return text.isnull() | (text.strip() == "").fill_null(False)


def _examples(source: Source, staged: Staged, judged: Any) -> tuple[BadPlace, ...]:
    """The first unreadable rows of the source with their places."""
    found: list[tuple[str, int | None, int | None, str]] = []
    tables = []
    if judged is not None:
        bad = judged.filter(judged._reason.notnull())
        tables.append((bad, bad._reason))
    if staged.unreadable_lines is not None:
        tables.append((staged.unreadable_lines, staged.unreadable_lines._unreadable))
    for table, why in tables:
        rows = table.select(file=table._file, row=table._row, line=table._line, reason=why)
        first = rows.order_by(["file", "row"]).limit(EXAMPLES).to_pyarrow().to_pylist()
        found.extend((row["file"], row["row"], row["line"], row["reason"]) for row in first)
    if source.broken_rows:
        rows = source.engine.run(f"SELECT file, line, reason FROM broken_rows ORDER BY 1, 2 LIMIT {EXAMPLES}")
        found.extend((file, None, line, why) for file, line, why in rows)
    places = [
        BadPlace(file, line if line is not None else physical_line(source, file, row or 0), why)
        for file, row, line, why in found
    ]
    order = {part.name: index for index, part in enumerate(source.parts)}
    return tuple(sorted(places, key=lambda place: (order.get(place.file, 0), place.line))[:EXAMPLES])


def physical_line(source: Source, file: str, row: int) -> int:
    """The physical line of a row that the engine read in place."""
    part = next(part for part in source.parts if part.name == file)
    return lines_of(part.path, [row]).get(row, row + 2) if part.path is not None else row + 1


def status_problems(judged: Judged, name: str) -> list[Problem]:
    """One problem per unknown status word, with the nearest known one."""
    problems = []
    for word, rows in list(judged.unknown_statuses.items())[:10]:
        close = get_close_matches(word.casefold(), STATUSES, n=1, cutoff=0.6)
        hint = f'the nearest known is "{close[0]}"' if close else f"known are {', '.join(STATUSES)}"
        sentence = (
            f'unknown status "{word}" in {rows:,} rows ({hint}); they are set aside until a column map says what the '
            f"word means: status: {{words: {{{word}: ...}}}}"
        )
        problems.append(Problem("IN203", name, sentence, "warning"))
    return problems


def bad_row_problem(judged: Judged, source: Source, quarantine: str) -> list[Problem]:
    """Say how many rows were set aside, why, and where they are."""
    if not judged.bad_rows:
        return []
    first = judged.examples[0] if judged.examples else BadPlace(source.name, 0, "")
    where = f"{first.file}:{first.line}"
    sentence = (
        f"{judged.bad_rows:,} of {judged.source_rows:,} rows cannot be read ({listed(judged.counts)}; first: "
        f"{first_places(judged, source)}); they are in {quarantine} with their reasons, the others are used"
    )
    return [Problem("IN201", where, sentence, "warning")]


def listed(counts: Mapping[str, int]) -> str:
    """Reasons with their rows, such as "no region 400, 5 columns, 12 expected 12"."""
    shown = [f"{reason}: {rows:,}" for reason, rows in list(counts.items())[:5]]
    more = len(counts) - 5
    return ", ".join(shown) + (f" and {more} more reasons" if more > 0 else "")


def first_places(judged: Judged, source: Source) -> str:
    """The first unreadable rows in words."""
    word = source.place_word
    return "; ".join(f"{word} {place.line} {place.reason}" for place in judged.examples)


def refuse_bad_share(judged: Judged, source: Source, quarantine: str, max_share: float) -> None:
    """Stop the run when too many rows cannot be read.

    Raises:
        InputError: IN202 with the first examples.
    """
    if judged.bad_share <= max_share:
        return
    first = judged.examples[0]
    sentence = (
        f"{judged.bad_rows:,} of {judged.source_rows:,} rows ({100 * judged.bad_share:.1f} %) cannot be read, "
        f"{100 * max_share:g} % are accepted ({listed(judged.counts)}; first: {first_places(judged, source)}); "
        f"all are in {quarantine}: repair the export, or accept more with orders: {{max_bad_share: ...}}"
    )
    status = status_problems(judged, source.name)
    raise InputError(Problem("IN202", f"{first.file}:{first.line}", sentence), *status)


def duplicate_problems(duplicates: Duplicates, rows: int, source: Source, *, is_order_grain: bool) -> list[Problem]:
    """Say which order ids stand more than once.

    Raises:
        InputError: IN205 more than 5 % of the rows repeat an order id.
    """
    if not duplicates.rows:
        return []
    share = duplicates.rows / max(1, rows)
    about = "about " if duplicates.is_sampled else ""
    what = (
        f'{about}{duplicates.rows:,} of {rows:,} rows repeat an order_id (such as "{duplicates.example}", '
        f"{duplicates.example_rows} times)"
    )
    if share > MAX_DUPLICATE_SHARE:
        hint = (
            "one row per line item? then give a column map with grain: line_item and its key" if is_order_grain else ""
        )
        raise InputError(Problem("IN205", source.name, f"{what}; {hint or 'export each order once'}"))
    return [Problem("IN204", source.name, f"{what}; the last row of each is used", "warning")]
