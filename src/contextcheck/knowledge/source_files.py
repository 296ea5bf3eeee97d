"""Finds the definition files, shipped and a team's own, with the names they are shown under and their hashes."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from contextcheck.errors import Problem, SettingsError
from contextcheck.knowledge.shipped import shipped_folder
from contextcheck.records import KnowledgeFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from contextcheck.settings import Settings

EXPLANATION_FOLDERS = ("abuse", "operational", "measurement")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A definition file: its path, the name it is shown under, and the hash of its content."""

    path: Path
    shown: str
    sha256: str

    @property
    def stem(self) -> str:
        return PurePosixPath(self.shown).stem


@dataclass(frozen=True, slots=True)
class Layer:
    """One pair of folders, regions/ and rules/; either may be missing in a team's layer."""

    is_shipped: bool
    regions: Path | None
    rules: Path | None
    regions_shown: str
    rules_shown: str

    def region_files(self, below: str = "") -> list[SourceFile]:
        """The YAML files of regions/ (or of a folder in it), sorted by name; names with a leading "_" are left out."""
        return _files(self.regions, self.regions_shown, below)

    def rule_files(self, below: str) -> list[SourceFile]:
        """The YAML files of one folder of rules/, sorted by name."""
        return _files(self.rules, self.rules_shown, below)


def layers_of(settings: Settings) -> tuple[Layer, ...]:
    """Give the shipped layer, and the team's own when the settings name one.

    Raises:
        SettingsError: When a folder that the settings name does not exist.
    """
    regions, rules = shipped_folder("regions"), shipped_folder("rules")
    own_regions = _team_folder(settings, "regions", settings.regions_folder, regions)
    own_rules = _team_folder(settings, "rules", settings.rules_folder, rules)
    team = Layer(False, own_regions, own_rules, _shown(own_regions), _shown(own_rules))
    taken = {team.regions_shown, team.rules_shown}
    shipped = Layer(True, regions, rules, _free("regions", taken), _free("rules", taken))
    return (shipped, team) if own_regions or own_rules else (shipped,)


def hashes_of(sources: Iterable[SourceFile]) -> tuple[KnowledgeFile, ...]:
    """Give name and hash of each file, for the run's record."""
    return tuple(KnowledgeFile(source.shown, source.sha256) for source in sources)


def as_paths(sources: Iterable[SourceFile]) -> Sequence[tuple[Path, str]]:
    """Give the files as the readers of metrics, rules and policies take them."""
    return [(source.path, source.shown) for source in sources]


def _team_folder(settings: Settings, key: str, given: str, shipped: Path) -> Path | None:
    if not given:
        return None
    folder = settings.path(given)
    if not folder.is_dir():
        sentence = f'knowledge.{key} names the folder "{given}", which does not exist; create it or leave the key out'
        raise SettingsError(Problem("ST113", str(settings.folder / "contextcheck.yaml"), sentence))
    return None if folder.resolve() == shipped.resolve() else folder


def _shown(folder: Path | None) -> str:
    return "" if folder is None else folder.as_posix().rstrip("/")


def _free(name: str, taken: set[str]) -> str:
    """The plain name, or one that a team's folder of the same name does not hide."""
    return name if name not in taken else f"shipped/{name}"


def _files(folder: Path | None, shown: str, below: str) -> list[SourceFile]:
    if folder is None:
        return []
    inside = folder / below if below else folder
    prefix = f"{shown}/{below}" if below else shown
    paths = sorted(inside.glob("*.y*ml")) if inside.is_dir() else []
    return [
        SourceFile(path, f"{prefix}/{path.name}", sha256(path.read_bytes()).hexdigest())
        for path in paths
        if path.suffix in (".yaml", ".yml") and not path.name.startswith((".", "_")) and path.is_file()
    ]


def definition_files(settings: Settings) -> list[SourceFile]:
    """Give the files that a team may edit: its own when it has some, otherwise the shipped ones."""
    return layer_files(layers_of(settings)[-1])


def every_file(settings: Settings) -> list[SourceFile]:
    """Give every file that a run reads: the shipped ones and the team's own."""
    return [source for layer in layers_of(settings) for source in layer_files(layer)]


def layer_files(layer: Layer) -> list[SourceFile]:
    """Give every definition file of a layer."""
    folders = ("metrics", "detection", "decisions", "gates", *(f"explanations/{kind}" for kind in EXPLANATION_FOLDERS))
    found = [*layer.region_files(), *layer.region_files("_groups"), *layer.region_files("_calendars")]
    return [*found, *(source for folder in folders for source in layer.rule_files(folder))]
