"""The definitions as they stood at a git revision: read from the repository they lie in, without touching its files."""

from __future__ import annotations

import io
import subprocess
import tarfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from contextcheck.errors import Problem, SettingsError
from contextcheck.knowledge.entry_fields import NEVER_REVIEWED
from contextcheck.knowledge.source_files import layers_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from contextcheck.knowledge.entries import Entry, RegionFile
    from contextcheck.knowledge.source_files import Layer
    from contextcheck.settings import Settings

TIMEOUT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Repository:
    """A git work tree and a folder in it."""

    root: Path
    inside: str


def layers_at(settings: Settings, revision: str, folder: Path) -> tuple[Layer, ...]:
    """Give the layers as they stood at a revision.

    Args:
        settings: Name the team's folders.
        revision: Any name git knows: HEAD, main, a tag, a commit.
        folder: Where the old files are written; must stay as long as they are read.

    Returns:
        The same layers, those that lie in a git repository with their old content. Installed definitions that lie in
        none are the same in both.

    Raises:
        SettingsError: Nothing lies in a git repository, or it does not know the revision.
    """
    old = []
    seen = 0
    layers = layers_of(settings)
    own = [_repository_of(each) for layer in layers[1:] for each in (layer.regions, layer.rules) if each]
    roots = {each.root for each in own if each}
    for number, layer in enumerate(layers):
        if layer.is_shipped and len(layers) > 1 and not _lies_in(layer, roots):
            # the revision is one of the team's repository; what is installed is the same before and after
            old.append(layer)
            continue
        regions, known = _at(layer.regions, revision, folder / f"{number}-regions")
        rules, also = _at(layer.rules, revision, folder / f"{number}-rules")
        seen += known + also
        old.append(replace(layer, regions=regions, rules=rules))
    if not seen:
        sentence = "regions/ and rules/ lie in no git repository; run this inside the one that holds them"
        raise SettingsError(Problem("ST126", "--against", sentence))
    return tuple(old)


def unreviewed_changes(before: Iterable[Entry], after: Iterable[Entry]) -> list[Problem]:
    """Give a warning for every entry whose content changed while its review date did not."""
    old = {(entry.id, entry.kind): entry for entry in before}
    problems = []
    for entry in {(each.id, each.kind): each for each in after}.values():
        earlier = old.get((entry.id, entry.kind))
        if earlier is None or _content(earlier) == _content(entry):
            continue
        if entry.reviewed.on is None or earlier.reviewed.on is None or entry.reviewed.on > earlier.reviewed.on:
            continue
        sentence = (
            f'"{entry.id}" has changed, but its review is still that of {earlier.reviewed.on}; '
            "read it again and set reviewed: {on: …, next: …}"
        )
        problems.append(Problem("KB221", str(entry.where or entry.id), sentence, "warning"))
    return problems


def changed_ids(before: Iterable[Entry], after: Iterable[Entry]) -> frozenset[str]:
    """Give the ids of entries that are new, gone or say something else."""
    old, new = _by_id(before), _by_id(after)
    return frozenset(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


def changed_markets(before: Mapping[str, RegionFile], after: Mapping[str, RegionFile]) -> dict[str, tuple[str, ...]]:
    """Give the region codes whose clock, currency or defaults are not the same, each with what differs."""
    found = {}
    for code in sorted(before.keys() | after.keys()):
        old, new = _head(before.get(code)), _head(after.get(code))
        differing = tuple(name for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name))
        if differing:
            found[code] = differing
    return found


def _head(file: RegionFile | None) -> dict[str, object]:
    """What a region file says of the market itself, by key."""
    return {"timezone": file.timezone, "currency": file.currency, **file.defaults} if file else {}


def _by_id(entries: Iterable[Entry]) -> dict[str, list[object]]:
    found: dict[str, list[object]] = {}
    for entry in entries:
        found.setdefault(entry.id, []).append((entry.regions, entry.not_in, _content(entry)))
    return found


def _content(entry: Entry) -> object:
    """What an entry says; its place, its review and the file's other entries do not count."""
    return replace(entry, where=None, reviewed=NEVER_REVIEWED, version="", regions=(), not_in=())


def _lies_in(layer: Layer, roots: Collection[Path]) -> bool:
    found = [_repository_of(each) for each in (layer.regions, layer.rules) if each]
    return any(each is not None and each.root in roots for each in found)


def _at(folder: Path | None, revision: str, to: Path) -> tuple[Path | None, int]:
    """A folder's content at a revision, and 1 when a repository was asked."""
    if folder is None:
        return None, 0
    repository = _repository_of(folder)
    if repository is None:
        return folder, 0
    _check(repository, revision)
    archive = _git(repository.root, ["archive", "--format=tar", f"{revision}:{repository.inside.removeprefix('.')}"])
    if archive.returncode:
        return None, 1  # the folder did not exist then
    to.mkdir(parents=True)
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tar:
        tar.extractall(to, filter="data")
    return to, 1


def _repository_of(folder: Path) -> Repository | None:
    answer = _git(folder, ["rev-parse", "--show-toplevel"])
    if answer.returncode:
        return None
    root = Path(answer.stdout.decode().strip()).resolve()
    inside = folder.resolve().relative_to(root).as_posix()
    is_tracked = _git(root, ["ls-files", "--", inside]).stdout.strip()
    return Repository(root, inside) if is_tracked else None


def _check(repository: Repository, revision: str) -> None:
    answer = _git(repository.root, ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"])
    if answer.returncode:
        sentence = f'git knows no revision "{revision}" in {repository.root}; write one such as HEAD or main'
        raise SettingsError(Problem("ST126", "--against", sentence))


def _git(folder: Path, arguments: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, check=False, timeout=TIMEOUT_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        sentence = "git could not be run; install it, or leave --against out"
        raise SettingsError(Problem("ST126", "--against", sentence)) from error
