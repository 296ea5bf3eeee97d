"""The words of the region column become region codes, each with its clock."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from contextcheck.errors import Problem
from contextcheck.knowledge.places import only_zone, resolve_region

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from contextcheck.knowledge.entries import RegionFile
    from contextcheck.load.columnmaps import ColumnMap
    from contextcheck.load.tablemaps import TableMap
    from contextcheck.settings import Settings


def region_words(
    words: Iterable[str], settings: Settings, column_map: ColumnMap | TableMap
) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    """Give region code to the source's words for it, and the names that are the team's own.

    The settings' own names come first, then the map's, then ISO codes and country names; any other word stays as it is.
    """
    given = {word.strip().casefold(): code for word, code in column_map.region_words.items()}
    given |= {word.strip().casefold(): code for word, code in settings.region_names.items()}
    found: dict[str, list[str]] = defaultdict(list)
    own: dict[str, str] = {}
    for word in sorted(words):
        key = " ".join(word.split()).casefold()
        code = given.get(word.strip().casefold())
        code = resolve_region(code) or code if code is not None else resolve_region(word)
        if code is None:
            code = own.setdefault(key, " ".join(word.split()))
        elif resolve_region(code) is None:
            own.setdefault(code.casefold(), code)
        found[code].append(word)
    return {code: tuple(found[code]) for code in sorted(found)}, tuple(sorted(own.values()))


def zones_of(
    regions: Iterable[str], settings: Settings, region_files: Mapping[str, RegionFile]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Give region to zone (settings, then its region file, then a country's only clock), and those without one."""
    zones: dict[str, str] = {}
    without = []
    given = {name.upper(): zone for name, zone in settings.zones.items()}
    for region in regions:
        file = region_files.get(region)
        zone = given.get(region.upper()) or (file.timezone if file else "") or only_zone(region)
        if zone:
            zones[region] = zone
        else:
            without.append(region)
    return zones, tuple(without)


def own_market_problem(own: tuple[str, ...], name: str) -> list[Problem]:
    """Say once which regions are the team's own names."""
    if not own:
        return []
    listed = ", ".join(f'"{each}"' for each in own[:8]) + (f" and {len(own) - 8:,} more" if len(own) > 8 else "")
    verb = "is no ISO 3166 code or country" if len(own) == 1 else "are no ISO 3166 codes or countries"
    sentence = (
        f"{listed} {verb}: kept as your own market name, no regional norms apply; map it with "
        f'region_names: {{"{own[0]}": XX}} (XX being an ISO code) if they should'
    )
    return [Problem("IN220", name, sentence, "info")]


def zone_problem(without: tuple[str, ...], clock: str, name: str) -> list[Problem]:
    """Say whose days are counted on the source clock."""
    if not without or clock == "local":
        return []
    listed = ", ".join(without[:8]) + (f" and {len(without) - 8:,} more" if len(without) > 8 else "")
    sentence = (
        f"no single time zone is known for {listed}: days are counted in {clock}; give it with zones: "
        f"{{{without[0]}: Area/City}}"
    )
    return [Problem("IN221", name, sentence, "info")]
