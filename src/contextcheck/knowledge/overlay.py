"""Lays a team's own definitions over the shipped ones by id and gives everything that is known as one record."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from contextcheck.errors import DefinitionError, Problem, in_reading_order, nearest
from contextcheck.knowledge import lint
from contextcheck.knowledge.base import KnowledgeBase
from contextcheck.knowledge.calendars import read_calendars
from contextcheck.knowledge.entries import Entry, SwitchedOff
from contextcheck.knowledge.entry_files import read_explanation_file, read_group_file, read_region_file
from contextcheck.knowledge.gate_policies import read_gate_policies, unknown_guardrails
from contextcheck.knowledge.source_files import as_paths, hashes_of, layers_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from contextcheck.knowledge.entries import GroupFile, RegionFile
    from contextcheck.knowledge.source_files import Layer, SourceFile
    from contextcheck.records import ExplanationKind
    from contextcheck.settings import Settings

EXPLANATION_KINDS: tuple[ExplanationKind, ...] = ("abuse", "operational", "measurement")


def read_knowledge(settings: Settings) -> KnowledgeBase:
    """Give the shipped definitions with the team's own laid over them by id.

    Args:
        settings: Names the team's folders, when there are any.

    Returns:
        Everything that is known before the data is looked at; warnings are in `problems`.

    Raises:
        DefinitionError: With every problem of every file.
        SettingsError: When a folder that the settings name does not exist.
    """
    return read_layers(layers_of(settings))


def read_layers(layers: Sequence[Layer]) -> KnowledgeBase:
    """Give what some layers say together, the later ones laid over the earlier (see `read_knowledge`)."""
    problems: list[Problem] = []
    base = _read_all(layers, problems)
    raise_errors(problems)
    return replace(base, problems=tuple(problems))


def read_as_far_as_it_goes(settings: Settings) -> KnowledgeBase:
    """Give what can be read, for those who edit it: errors are in `problems` beside the warnings, nothing is raised.

    Raises:
        SettingsError: When a folder that the settings name does not exist.
    """
    problems: list[Problem] = []
    base = _read_all(layers_of(settings), problems)
    return replace(base, problems=in_reading_order(problems))


def lint_knowledge(settings: Settings, *, today: date) -> tuple[Problem, ...]:
    """Give every problem and warning of every definition file, without raising; for `norms lint` and `norms due`.

    Args:
        settings: Names the team's folders, when there are any.
        today: Reviews due before this day are overdue; holiday names must be known this year.

    Raises:
        SettingsError: When a folder that the settings name does not exist.
    """
    problems: list[Problem] = []
    base = _read_all(layers_of(settings), problems)
    for policy in read_gate_policies(layers_of(settings), problems).values():
        problems += unknown_guardrails(policy, base.metrics)
    problems += lint.lint_heads(base.region_files.values())
    problems += lint.lint_reviews(base.entries, today)
    problems += lint.lint_years(base.entries, today)
    problems += lint.lint_holidays(base.entries, today.year)
    return in_reading_order(problems)


def _read_all(layers: Sequence[Layer], problems: list[Problem]) -> KnowledgeBase:
    """Read every definition, as far as it can be read; problems are added."""
    from contextcheck.knowledge.metric_files import unknown_metrics
    from contextcheck.knowledge.metrics import read_detection_rules, read_metrics
    from contextcheck.knowledge.policies import read_policies

    files: list[SourceFile] = []
    explanations = read_explanations(layers, problems, files)

    def rule_paths(folder: str) -> Sequence[tuple[Path, str]]:
        found = [source for layer in layers for source in layer.rule_files(folder)]
        files.extend(found)
        return as_paths(found)

    metrics = read_metrics(rule_paths("metrics"), problems)
    rules = read_detection_rules(rule_paths("detection"), problems)
    policies = read_policies(rule_paths("decisions"), problems)
    if metrics:
        problems += unknown_metrics(rules, tuple(metrics))
        problems += lint.lint_metrics(explanations.entries, metrics)
    return KnowledgeBase(
        region_files=explanations.region_files,
        entries=explanations.entries,
        metrics=metrics,
        detection_rules=tuple(rules),
        policies=policies,
        files=hashes_of(files),
        switched_off=explanations.switched_off,
    )


def raise_errors(problems: Iterable[Problem]) -> None:
    """Raise every problem at once when one of them is an error; warnings come along."""
    found = in_reading_order(problems)
    if any(problem.severity == "error" for problem in found):
        raise DefinitionError(*found)


@dataclass(frozen=True, slots=True)
class Explanations:
    """The region files and every entry of every kind that is not retired."""

    region_files: Mapping[str, RegionFile]
    entries: tuple[Entry, ...]
    switched_off: tuple[SwitchedOff, ...]
    groups: tuple[GroupFile, ...]


@dataclass(slots=True)
class _Gathered:
    """What the layers said so far; a later layer replaces what an earlier one said under the same name."""

    region_files: dict[str, RegionFile] = field(default_factory=dict)
    groups: dict[str, GroupFile] = field(default_factory=dict)
    others: dict[str, Entry] = field(default_factory=dict)
    off_in_region: dict[tuple[str, str], SwitchedOff] = field(default_factory=dict)
    off: dict[str, SwitchedOff] = field(default_factory=dict)


def read_explanations(
    layers: Sequence[Layer], problems: list[Problem], files: list[SourceFile] | None = None
) -> Explanations:
    """Give the norms, abuse patterns and faults of all layers, overlay and groups applied.

    Args:
        layers: The shipped layer and perhaps the team's.
        problems: Every problem found is added here.
        files: What was read is added here.
    """
    files = files if files is not None else []
    calendar_files = [source for layer in layers for source in layer.region_files("_calendars")]
    files.extend(calendar_files)
    calendars = {name: each.days for name, each in read_calendars(calendar_files, problems).items()}
    gathered = _Gathered()
    for layer in layers:
        _gather_groups(gathered, layer, calendars, problems, files)
        _gather_regions(gathered, layer, calendars, problems, files)
        _gather_others(gathered, layer, calendars, problems, files)
    norms = [entry for region in gathered.region_files.values() for entry in region.norms]
    entries = (*norms, *_group_norms(gathered), *gathered.others.values())
    kept = tuple(entry for entry in entries if entry.status != "retired")
    problems += lint.lint_collection(kept)
    off = (*gathered.off.values(), *gathered.off_in_region.values())
    return Explanations(gathered.region_files, kept, off, tuple(gathered.groups.values()))


def _gather_groups(
    gathered: _Gathered,
    layer: Layer,
    calendars: Mapping[str, tuple[str, ...]],
    problems: list[Problem],
    files: list[SourceFile],
) -> None:
    for source in layer.region_files("_groups"):
        files.append(source)
        read = read_group_file(source, problems, calendars=calendars)
        if read is None:
            continue
        group, switched_off = read
        before = gathered.groups.get(group.group)
        norms = _laid_over(before.norms if before else (), group.norms, switched_off, problems)
        gathered.groups[group.group] = replace(group, norms=norms)
        gathered.off.update({each.id: each for each in switched_off})


def _gather_regions(
    gathered: _Gathered,
    layer: Layer,
    calendars: Mapping[str, tuple[str, ...]],
    problems: list[Problem],
    files: list[SourceFile],
) -> None:
    inherited = {entry.id for group in gathered.groups.values() for entry in group.norms}
    for source in layer.region_files():
        files.append(source)
        base = gathered.region_files.get(source.stem)
        read = read_region_file(source, problems, calendars=calendars, base=base, is_own=not layer.is_shipped)
        if read is None:
            continue
        region = read.file.region
        here = [each for each in read.switched_off if each.id not in inherited]
        norms = _laid_over(base.norms if base else (), read.file.norms, here, problems)
        gathered.region_files[region] = replace(read.file, norms=norms)
        gathered.off_in_region.update({(each.id, region): each for each in read.switched_off})


def _gather_others(
    gathered: _Gathered,
    layer: Layer,
    calendars: Mapping[str, tuple[str, ...]],
    problems: list[Problem],
    files: list[SourceFile],
) -> None:
    for kind in EXPLANATION_KINDS:
        for source in layer.rule_files(f"explanations/{kind}"):
            files.append(source)
            found = read_explanation_file(source, kind, problems, calendars=calendars)
            if isinstance(found, Entry):
                gathered.others[found.id] = found
            elif found is not None:
                _must_exist(found, gathered.others, problems)
                gathered.others.pop(found.id, None)
                gathered.off[found.id] = found


def _laid_over(
    before: Iterable[Entry], own: Iterable[Entry], switched_off: Iterable[SwitchedOff], problems: list[Problem]
) -> tuple[Entry, ...]:
    """The earlier entries with the later ones in their place (or behind them), without those switched off."""
    by_id = {entry.id: entry for entry in before}
    by_id.update({entry.id: entry for entry in own})
    for each in switched_off:
        _must_exist(each, by_id, problems)
        by_id.pop(each.id, None)
    return tuple(by_id.values())


def _must_exist(off: SwitchedOff, known: Mapping[str, Entry], problems: list[Problem]) -> None:
    if off.id not in known:
        sentence = f'"{off.id}" is switched off, but no entry has this id{nearest(off.id, known)}'
        problems.append(Problem("KB219", str(off.where or off.id), sentence))


def _group_norms(gathered: _Gathered) -> list[Entry]:
    """Norms of groups for the members that neither override them nor switch them off."""
    own = {(entry.id, region.region) for region in gathered.region_files.values() for entry in region.norms}
    left_out = own | set(gathered.off_in_region)
    norms = []
    for group in gathered.groups.values():
        for entry in group.norms:
            regions = tuple(member for member in group.members if (entry.id, member) not in left_out)
            not_in = tuple(sorted(region for identity, region in left_out if identity == entry.id))
            if regions:
                norms.append(replace(entry, regions=regions, not_in=not_in))
    return norms
