"""What there is to read: every entry with where it comes from, what it replaces, and what a team switched off."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contextcheck.knowledge.dates import is_in_region
from contextcheck.knowledge.overlay import read_explanations
from contextcheck.knowledge.source_files import layers_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from contextcheck.errors import Problem
    from contextcheck.knowledge.entries import Entry, GroupFile, RegionFile, SwitchedOff
    from contextcheck.settings import Settings

SEARCHED_LINES = ("id", "title", "mechanism", "note")


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry as a reader meets it.

    Attributes:
        entry: As it applies, overlay done.
        origin: "shipped", "own" or "overridden" (the team's version stands, the shipped one does not).
        replaced: The shipped entry that an override replaced.
        group: Name of the group that hands it down; empty when it stands in a region file.
    """

    entry: Entry
    origin: str
    replaced: Entry | None = None
    group: str = ""

    @property
    def spoken_by(self) -> str:
        """Which version speaks, for one line."""
        if self.origin == "overridden" and self.replaced is not None:
            return f"own version {self.entry.version}, in place of shipped {self.replaced.version}"
        return f"{self.origin} version {self.entry.version}"


@dataclass(frozen=True, slots=True)
class Off:
    """An entry that a team switched off."""

    off: SwitchedOff
    entry: Entry | None

    @property
    def place(self) -> str:
        """The market, group or rule in whose file it is switched off."""
        path = self.off.where.path if self.off.where else ""
        return path.rpartition("/")[2].partition(".")[0]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every entry that applies and every one that is switched off, as far as the files can be read."""

    entries: tuple[Listed, ...]
    switched_off: tuple[Off, ...]
    region_files: Mapping[str, RegionFile]
    problems: tuple[Problem, ...] = ()

    def of_id(self, identity: str) -> tuple[Listed, ...]:
        return tuple(each for each in self.entries if each.entry.id == identity)

    def off(self, identity: str) -> tuple[Off, ...]:
        return tuple(each for each in self.switched_off if each.off.id == identity)

    def in_region(self, region: str) -> tuple[Listed, ...]:
        """The norms that apply in a region, those of its groups among them."""
        return tuple(each for each in self.entries if each.entry.kind == "norm" and applies(each.entry, region))


def read_catalogue(settings: Settings) -> Catalogue:
    """Give every explanation with its origin.

    Raises:
        SettingsError: When a folder that the settings name does not exist.
    """
    layers = layers_of(settings)
    problems: list[Problem] = []
    read = read_explanations(layers, problems)
    shipped = read if len(layers) == 1 else read_explanations(layers[:1], [])
    before = {(entry.id, region): entry for entry in shipped.entries for region in entry.regions}
    by_id = {entry.id: entry for entry in shipped.entries}
    groups = _groups(read.groups)
    entries = tuple(_listed(entry, before, groups) for entry in read.entries)
    off = tuple(Off(each, by_id.get(each.id)) for each in read.switched_off)
    return Catalogue(entries, off, read.region_files, tuple(problems))


def applies(entry: Entry, region: str) -> bool:
    """Say whether an entry applies in a region, by its own list and by what overrides it there."""
    here = any(is_in_region(region, code) for code in entry.regions)
    return here and not any(is_in_region(region, code) for code in entry.not_in)


def search(listed: Iterable[Listed], text: str) -> tuple[Listed, ...]:
    """Give the entries that contain every word of a text, in any case and with or without accents, best first.

    A word in the id or the title counts more than one in the mechanism, questions, advice or sources.
    """
    words = folded(text).split()
    scored = []
    for place, each in enumerate(listed):
        head, body = _texts(each.entry)
        if all(word in head or word in body for word in words):
            scored.append((-sum(word in head for word in words), place, each))
    return tuple(each for _, _, each in sorted(scored, key=lambda row: row[:2]))


def folded(text: str) -> str:
    """Small letters without accents, for comparing words."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _texts(entry: Entry) -> tuple[str, str]:
    head = [entry.id, entry.title, *entry.text.values(), *entry.regions]
    body = [entry.mechanism, entry.note, *entry.ask, *entry.advice, *(each.title for each in entry.sources)]
    body += [each.metric for each in entry.explains] + [sign.test for sign in entry.signs] + list(entry.when.names)
    return folded(" ".join(head)), folded(" ".join(body))


def _groups(groups: Iterable[GroupFile]) -> dict[str, str]:
    """File of a group to its name."""
    return {group.where.path: group.group for group in groups}


def _listed(entry: Entry, before: Mapping[tuple[str, str], Entry], groups: Mapping[str, str]) -> Listed:
    path = entry.where.path if entry.where else ""
    group = groups.get(path, path.rpartition("/")[2].partition(".")[0] if "/_groups/" in path else "")
    old = next((before[entry.id, region] for region in entry.regions if (entry.id, region) in before), None)
    if old is None:
        return Listed(entry, "own", None, group)
    is_same_place = old.where is not None and entry.where is not None and old.where == entry.where
    return Listed(entry, "shipped", None, group) if is_same_place else Listed(entry, "overridden", old, group)
