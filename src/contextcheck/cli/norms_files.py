"""Which definition files the paths on a command line stand for, and why a file is none that a run would read.

Codes: KB001 no such file · KB020 not read.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from contextcheck.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from contextcheck.knowledge.source_files import SourceFile
    from contextcheck.settings import Settings

SIDE_FOLDERS = ("_groups", "_calendars")
PLACES = {
    "regions": "regions/, regions/_groups/ and regions/_calendars/",
    "rules": "rules/metrics/, detection/, decisions/, gates/ and explanations/abuse/, operational/ or measurement/",
}
"""The folders whose files are read, in words."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The settings under which some files are read, those files, and the paths that they do not answer."""

    settings: Settings
    sources: tuple[SourceFile, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The names that the files are shown under."""
        return frozenset(source.shown for source in self.sources)


def readings_of(paths: Sequence[Path], told: Settings) -> list[Reading]:
    """Give what some paths stand for; a folder stands for the files in it that a run would read.

    Args:
        paths: Files and folders; none for everything that is read under the settings.
        told: The settings as they are; where a file lies elsewhere, its own folder is laid over instead.

    Returns:
        One reading for each pair of folders; a path that is not read is an error in it.
    """
    if not paths:
        sources = _own_files(told)
        return [Reading(told, tuple(sources), tuple(_left_out(_own_folders(told), sources)))]
    groups: dict[tuple[str, str], list[Path]] = {}
    for path in (inner for each in paths for inner in _below(each, told)):
        kind, folder = _folder_of(path, told)
        groups.setdefault((kind, folder.as_posix()), []).append(path)
    return [_reading(kind, folder, group, told) for (kind, folder), group in groups.items()]


def files_meant(name: str, sources: Iterable[SourceFile]) -> frozenset[str]:
    """Give the shown names of the files that a path stands for, or that are called as a region or a rule is."""
    path = Path(name).resolve()
    return frozenset(
        source.shown
        for source in sources
        if name in (source.shown, source.stem) or path in (place := source.path.resolve(), *place.parents)
    )


def _reading(kind: str, folder: str, paths: Sequence[Path], told: Settings) -> Reading:
    there = Path(folder).is_dir()
    settings = _laid_over(told, kind, folder) if there else told
    known = {source.path.resolve(): source for source in (_own_files(settings) if there else ())}
    found: dict[str, SourceFile] = {}
    problems: list[Problem] = []
    for path in paths:
        place = path.resolve()
        if path.is_dir():
            inside = [source for resolved, source in known.items() if place in resolved.parents]
            found.update({source.shown: source for source in inside})
            problems += _left_out([(kind, path)], known.values())
            if not inside:
                sentence = f"not read: no definition file lies in this folder; they lie directly in {PLACES[kind]}"
                problems.append(Problem("KB020", path.as_posix(), sentence))
        elif place in known:
            found[known[place].shown] = known[place]
        elif path.is_file():
            problems.append(_not_read(path, kind))
        else:
            problems.append(Problem("KB001", path.as_posix(), "No such file; check the path"))
    return Reading(settings, tuple(found.values()), tuple(problems))


def _own_files(settings: Settings) -> list[SourceFile]:
    from contextcheck.knowledge.source_files import definition_files

    return definition_files(settings)


def _own_folders(settings: Settings) -> list[tuple[str, Path]]:
    from contextcheck.knowledge.source_files import layers_of

    layer = layers_of(settings)[-1]
    return [(kind, path) for kind, path in (("regions", layer.regions), ("rules", layer.rules)) if path]


def _laid_over(told: Settings, kind: str, folder: str) -> Settings:
    """The settings with one folder in place of theirs."""
    own = {"regions": told.regions_folder, "rules": told.rules_folder}
    own = {name: given and str(told.path(given)) for name, given in own.items()} | {kind: folder}
    return replace(told, regions_folder=own["regions"], rules_folder=own["rules"], folder=Path())


def _below(path: Path, told: Settings) -> list[Path]:
    """A path itself; of a folder that holds those of the definitions, these."""
    if not path.is_dir() or Path(os.path.abspath(path)).name in PLACES:
        return [path]
    own = [folder for _, folder in _own_folders(told) if path.resolve() in folder.resolve().parents]
    return own or [path / kind for kind in PLACES if (path / kind).is_dir()] or [path]


def _folder_of(path: Path, told: Settings) -> tuple[str, Path]:
    """The folder of regions or rules that a path lies in: the settings' own, or the nearest one of that name."""
    whole = Path(os.path.abspath(path))
    above = [*([whole] if path.is_dir() else []), *whole.parents]
    own = {folder.resolve(): kind for kind, folder in _own_folders(told)}
    for place in above:
        kind = own.get(place.resolve()) or (place.name if place.name in PLACES else "")
        if kind:
            return kind, _as_typed(place, path)
    folder = above[1] if above[0].name in SIDE_FOLDERS else above[0]
    return "regions", _as_typed(folder, path)


def _as_typed(folder: Path, path: Path) -> Path:
    """A folder above a path, written as the path was."""
    written = (path, *path.parents)
    return next((each for each in written if Path(os.path.abspath(each)) == folder), Path(os.path.relpath(folder)))


def _left_out(folders: Iterable[tuple[str, Path]], read: Iterable[SourceFile]) -> list[Problem]:
    """The files in some folders that look like definitions and are not read; "_" at the front says: leave me out."""
    known = {source.path.resolve() for source in read}
    problems = []
    for kind, folder in folders:
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder).parts
            is_aside = any(part[0] in "_." for part in inside if part not in SIDE_FOLDERS)
            if not is_aside and _looks_like_one(path) and path.resolve() not in known:
                problems.append(replace(_not_read(path, kind), severity="warning"))
    return problems


def _looks_like_one(path: Path) -> bool:
    name = path.name.lower().removesuffix(".txt")
    return name.endswith((".yaml", ".yml")) and path.is_file()


def _not_read(path: Path, kind: str) -> Problem:
    """Say why a file that exists is not among those that a run reads."""
    bare = path.name.lstrip("_.")
    stem = bare[: bare.lower().index(".y")] if _looks_like_one(path) else Path(bare).stem
    if path.suffix not in (".yaml", ".yml"):
        reason = f"the name must end in .yaml; rename it to {stem}.yaml"
    elif path.name != bare:
        reason = f'names that begin with "{path.name[0]}" are left out; rename it to {stem}.yaml'
    else:
        reason = f"only files that lie directly in {PLACES[kind]} are; move it there"
    return Problem("KB020", path.as_posix(), f"not read: {reason}")
