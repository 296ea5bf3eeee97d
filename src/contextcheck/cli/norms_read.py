"""How the `norms` and `rules` commands read the definitions, and the arguments they share."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contextcheck.cli.output import say
from contextcheck.errors import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contextcheck.errors import Problem
    from contextcheck.knowledge.base import KnowledgeBase
    from contextcheck.knowledge.catalogue import Catalogue
    from contextcheck.knowledge.entries import Entry, RegionFile
    from contextcheck.settings import Settings

Files = Annotated[
    list[Path] | None, typer.Argument(help="Only these files and folders. Left out: everything that a run would read.")
]
EntryId = Annotated[str, typer.Argument(help="Id of the entry.")]
RegionOption = Annotated[str, typer.Option("--region", help="Only what applies in this region.", show_default=False)]
FindingsFiles = Annotated[
    list[Path] | None, typer.Option("--findings", help="Findings file of an earlier scan. May be repeated.")
]
Against = Annotated[
    str, typer.Option("--against", help="Git revision to compare with, such as HEAD or main.", show_default=False)
]


def only_rules(context: typer.Context) -> bool:
    """Whether a verb was called as `contextcheck rules …`, which looks at abuse patterns and faults alone."""
    return context.parent is not None and context.parent.info_name == "rules"


def entries_for(context: typer.Context, base: KnowledgeBase) -> tuple[Entry, ...]:
    """The entries that a verb of `norms` (all of them) or of `rules` (those that are no norms) looks at."""
    return tuple(entry for entry in base.entries if entry.kind != "norm" or not only_rules(context))


def region_hint(region: str, files: Mapping[str, RegionFile]) -> str:
    """Markets whose name holds the word, otherwise the nearest code or name."""
    names = {file.name: code for code, file in files.items()}
    word = region.casefold()
    holding = [f"{code} ({name})" for name, code in names.items() if word in name.casefold()]
    return f"; did you mean {' or '.join(holding)}?" if holding else nearest(region, [*names, *files])


def shipped_names(settings: Settings) -> frozenset[str]:
    """Names of the shipped files when a team's own lie over them; a team answers for its own alone."""
    from contextcheck.knowledge.source_files import layer_files, layers_of

    layers = layers_of(settings)
    return frozenset(source.shown for source in layer_files(layers[0])) if len(layers) > 1 else frozenset()


def settings_here(settings_path: Path | None) -> Settings:
    """The settings a run in this folder would use; a team's own regions/ and rules/ folders are found unasked."""
    from contextcheck.settings import FILE_NAME, read_settings

    if settings_path is None and Path(FILE_NAME).is_file():
        settings_path = Path(FILE_NAME)
    if settings_path is not None:
        return read_settings(settings_path)
    regions, rules = ("regions" if Path("regions").is_dir() else ""), ("rules" if Path("rules").is_dir() else "")
    return replace(read_settings(None), regions_folder=regions, rules_folder=rules)


def read_base(settings_path: Path | None) -> KnowledgeBase:
    """Everything that is known, for the settings of this folder; what cannot be read is left out and said."""
    from contextcheck.knowledge.overlay import read_as_far_as_it_goes

    base = read_as_far_as_it_goes(settings_here(settings_path))
    _say_problems(base.problems)
    return base


def read_entries(settings_path: Path | None) -> Catalogue:
    """Every entry with its origin, for the settings of this folder."""
    from contextcheck.knowledge.catalogue import read_catalogue

    catalogue = read_catalogue(settings_here(settings_path))
    _say_problems(catalogue.problems)
    return catalogue


def _say_problems(problems: Sequence[Problem]) -> None:
    errors = sum(each.severity == "error" for each in problems)
    if errors:
        say(f"{errors} {'problem' if errors == 1 else 'problems'} in definition files: contextcheck norms lint")
