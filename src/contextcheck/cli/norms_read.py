"""How the `norms` and `rules` commands read the definitions, and the arguments they share."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from contextcheck.knowledge.base import KnowledgeBase
    from contextcheck.knowledge.catalogue import Catalogue
    from contextcheck.settings import Settings

Files = Annotated[
    list[Path] | None, typer.Argument(help="Only these files. Left out: everything that a run would read.")
]
EntryId = Annotated[str, typer.Argument(help="Id of the entry.")]
RegionOption = Annotated[str, typer.Option("--region", help="Only what applies in this region.", show_default=False)]
FindingsFiles = Annotated[
    list[Path] | None, typer.Option("--findings", help="Findings file of an earlier scan. May be repeated.")
]
Against = Annotated[
    str, typer.Option("--against", help="Git revision to compare with, such as HEAD or main.", show_default=False)
]


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
    """Everything that is known, for the settings of this folder."""
    from contextcheck.knowledge.overlay import read_knowledge

    return read_knowledge(settings_here(settings_path))


def read_entries(settings_path: Path | None) -> Catalogue:
    """Every entry with its origin, for the settings of this folder."""
    from contextcheck.knowledge.catalogue import read_catalogue

    return read_catalogue(settings_here(settings_path))
