"""Which column map fits the headers of a source, and what each one would read."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from contextcheck.errors import InputError, Problem, SettingsError, nearest
from contextcheck.knowledge.columns import COLUMNS, REQUIRED_COLUMNS
from contextcheck.load.columnmaps import ColumnMap, read_map, shipped_maps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contextcheck.load.columnmaps import Condition
    from contextcheck.settings import Settings


MANY_MISSING = 2
"""With so many required columns missing, a map is no longer the one to name."""


@dataclass(frozen=True, slots=True)
class MapFit:
    """One map against the headers of one source.

    Attributes:
        map: The map.
        headers: Header of the map to the header of the source that stands for it.
        columns: Canonical columns that it gives here, without those whose headers are missing.
        missing: Required canonical columns to the headers that are not there.
        unmapped: Source headers that it does not know.
        known: Source headers that it knows (read or knowingly left).
    """

    map: ColumnMap
    headers: Mapping[str, str]
    columns: tuple[str, ...]
    missing: Mapping[str, tuple[str, ...]]
    unmapped: tuple[str, ...]
    known: int

    def has(self, headers: Sequence[str]) -> bool:
        return all(header in self.headers for header in headers)

    def can_test(self, condition: Condition) -> bool:
        return self.has([header for header, _ in condition])


def fit(column_map: ColumnMap, found: Sequence[str]) -> MapFit:
    """Lay one map over the headers of a source; headers are compared without case and outer blanks."""
    by_key = {header.strip().casefold(): header for header in reversed(found)}
    headers: dict[str, str] = {}
    for header in (*column_map.headers, *column_map.ignored):
        for spelling in (header, *column_map.also.get(header, ())):
            actual = by_key.get(spelling.strip().casefold())
            if actual is not None:
                headers[header] = actual
                break
    columns = [name for name, rule in column_map.columns.items() if all(h in headers for h in rule.headers)]
    status = column_map.status
    rules = [rule for rule in status.rules if all(header in headers for header, _ in rule.when)]
    if status.source in headers or (rules and not status.source):
        columns.append("status")
    missing = {
        name: tuple(header for header in column_map.needed(name) if header not in headers)
        for name in REQUIRED_COLUMNS
        if name not in columns
    }
    known = set(headers.values())
    unmapped = tuple(header for header in found if header not in known)
    ordered = tuple(name for name in COLUMNS if name in columns)
    return MapFit(column_map, headers, ordered, missing, unmapped, len(known))


def choose_map(settings: Settings, found: Sequence[str], name: str) -> MapFit:
    """Give the map that the settings name, or the best that fits.

    Raises:
        SettingsError: ST120 the settings name a map that is not there.
        DefinitionError: The team's own map has problems.
        InputError: IN110 a required column cannot be had.
    """
    given = settings.orders.map
    if given == "auto":
        fits = sorted((fit(each, found) for each in shipped_maps()), key=_quality, reverse=True)
        # a few headers in common with another shop system say nothing: then the plain names are asked for
        canonical = next(each for each in fits if each.map.id == "canonical")
        best = fits[0] if not fits[0].missing or len(fits[0].missing) < MANY_MISSING else canonical
    else:
        best = fit(_named(settings, given), found)
    if best.missing:
        raise InputError(*_missing_problems(best, found, name, is_auto=given == "auto"))
    return best


def _quality(candidate: MapFit) -> tuple[int, int, int]:
    required = len(REQUIRED_COLUMNS) - len(candidate.missing)
    return (int(not candidate.missing), required * 100 + candidate.known, len(candidate.columns))


def _named(settings: Settings, given: str) -> ColumnMap:
    if given.endswith((".yaml", ".yml")):
        return read_map(settings.path(given), given)
    known = {path.stem: path for path in sorted((Path(__file__).parent / "maps").glob("*.yaml"))}
    if given not in known:
        hint = f"{nearest(given, known)} or give the path of your own map (.yaml)"
        raise SettingsError(Problem("ST120", "orders.map", f'unknown column map "{given}"{hint}'))
    return read_map(known[given], f"maps/{given}.yaml")


def _missing_problems(best: MapFit, found: Sequence[str], name: str, *, is_auto: bool) -> list[Problem]:
    """One problem per required column, each with the nearest header."""
    title = f'the nearest map is "{best.map.id}"' if is_auto else f'by the map "{best.map.id}"'
    problems = []
    for column, headers in best.missing.items():
        wanted = headers[0] if headers else column
        folded = {header.casefold(): header for header in found}
        close = get_close_matches(wanted.casefold(), folded, n=1, cutoff=0.5)
        hint = f'nearest header: "{folded[close[0]]}"' if close else f"headers are {', '.join(list(found)[:8])}"
        sentence = f'no column "{wanted}" for the required {column} ({title}; {hint})'
        problems.append(
            Problem("IN110", name, f"{sentence}; rename it, or write a column map: orders: {{map: my.yaml}}")
        )
    return problems
