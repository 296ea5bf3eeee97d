"""`contextcheck norms preview`, `coverage`, `due` and `record`: what a change does, what is missing, what is due."""

from __future__ import annotations

import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contextcheck.cli.norms_read import (
    Files,
    FindingsFiles,
    RegionOption,
    entries_for,
    only_rules,
    read_base,
    region_hint,
    settings_here,
)
from contextcheck.cli.options import AsOf, QuarantineFolder, Seed, SettingsPath, as_day, settings_from
from contextcheck.cli.output import give, progress, say
from contextcheck.errors import ExitCode, Problem, SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contextcheck.knowledge.entries import Entry
    from contextcheck.knowledge.figures import Figures
    from contextcheck.knowledge.track import Coverage, Record
    from contextcheck.records import Finding, Investigation
    from contextcheck.rehearse.preview import EntryChange, FlagChange, Preview
    from contextcheck.settings import Settings

OrdersOption = Annotated[
    list[str] | None,
    typer.Option("--orders", help="Orders to explain under both versions. Left out: what contextcheck.yaml names."),
]
Revision = Annotated[str, typer.Option("--against", help="Git revision to compare with, such as HEAD or main.")]


def preview(
    files: Files = None,
    findings: FindingsFiles = None,
    orders: OrdersOption = None,
    against: Revision = "HEAD",
    settings: SettingsPath = None,
    as_of: AsOf = None,
    seed: Seed = 0,
    quarantine: QuarantineFolder = Path("quarantine"),
) -> None:
    """Show which past flags, verdicts, recommendations and money the edited files would change."""
    from contextcheck.rehearse.preview import preview_on_findings, preview_on_orders

    told = settings_here(settings)
    only = _names_of(files or [], told)
    if findings and not orders:
        result = preview_on_findings(told, against, _read_findings(findings), only=only)
    else:
        told = _with_orders(orders, settings)
        with progress(is_quiet=not sys.stderr.isatty()) as step:
            result = preview_on_orders(
                told, against, only=only, as_of=as_day(as_of), seed=seed, quarantine_folder=quarantine, progress=step
            )
    give("\n".join(_preview_lines(result, against)))
    if result.needs_orders:
        say("some verdicts need the orders: contextcheck norms preview --orders FILE")


def coverage(
    context: typer.Context, region: RegionOption = "", findings: FindingsFiles = None, settings: SettingsPath = None
) -> None:
    """Show regions and metrics without a norm, flags nobody explained, and entries that never held."""
    from contextcheck.knowledge.figures import figures_of
    from contextcheck.knowledge.places import resolve_region
    from contextcheck.knowledge.track import coverage_of

    base = read_base(settings)
    code = region.upper() if region.upper() in base.region_files else resolve_region(region)
    if region and not code:
        sentence = f'no country or region "{region}"{region_hint(region, base.region_files)}; write a code such as KR'
        raise SettingsError(Problem("ST124", "--region", sentence))
    regions = [code] if code else sorted(base.region_files)
    watched = [metric.id for metric in base.metrics.values() if "detect" in metric.uses]
    entries = entries_for(context, base)
    found = coverage_of(entries, regions, watched, _read_findings(findings or []))
    figures = figures_of(entries)
    if only_rules(context):
        give("\n".join([*_figure_lines(figures, len(base.region_files)), *_kind_lines(entries, watched)]))
        return
    give(
        "\n".join(
            [*_figure_lines(figures, len(base.region_files)), *_coverage_lines(found, has_findings=bool(findings))]
        )
    )


def due(
    context: typer.Context,
    days: Annotated[int, typer.Option("--days", help="Also what is due within so many days.", min=0)] = 30,
    strict: Annotated[bool, typer.Option("--strict", help="End with exit code 1 when a review is overdue.")] = False,
    today: Annotated[
        datetime | None, typer.Option("--today", formats=["%Y-%m-%d"], help="Judge as of this day.", show_default=False)
    ] = None,
    settings: SettingsPath = None,
) -> None:
    """List what must be reviewed by when, with its owner and place (exit 1 with --strict when overdue)."""
    from contextcheck.knowledge.track import due_entries

    day = today.date() if today else date.today()
    entries = entries_for(context, read_base(settings))
    found = due_entries(entries, day + timedelta(days=days))
    overdue = [each for each in found if each.reviewed.next is None or each.reviewed.next < day]
    lines = [
        f"{str(each.reviewed.next or 'no review'):10}  {'overdue' if each in overdue else 'due':7}  "
        f"{each.owner or 'no owner':16}  {each.id:36}  {each.where}"
        for each in found
    ]
    if lines:
        give("\n".join(lines))
    later = [each.reviewed.next for each in entries if each.reviewed.next and each not in found]
    say(
        f"{len(overdue)} overdue, {len(found) - len(overdue)} due by {day + timedelta(days=days)}"
        + (f"; the next one after that on {min(later)}" if later else "")
    )
    raise typer.Exit(int(ExitCode.ACT if strict and overdue else ExitCode.PASS))


def record(
    context: typer.Context,
    findings: Annotated[list[Path], typer.Argument(help="Findings files of earlier scans.")],
    entry: Annotated[str, typer.Option("--id", help="Only this entry.")] = "",
    cases: Annotated[
        Path | None,
        typer.Option(
            "--cases",
            help="Case store: also what analysts then decided. Left out: cases.sqlite of this folder, if there.",
            envvar="CONTEXTCHECK_CASES",
            show_default=False,
        ),
    ] = None,
    settings: SettingsPath = None,
) -> None:
    """Show the track record of the entries: tried, supported, contradicted, recommended, and what was decided."""
    from contextcheck.knowledge.track import records_of

    base = read_base(settings)
    known = {each.id for each in base.entries}
    norms = {each.id for each in base.entries if each.kind == "norm"} if only_rules(context) else set()
    found = [each for each in records_of(_read_findings(findings)) if each.id not in norms]
    records = [each for each in found if not entry or each.id == entry]
    if not records:
        say(f"no flag in these findings called {f'the entry {entry}' if entry else 'any entry'}")
        return
    decided = _decided(cases)
    give("\n".join(_record_rows(records, known, decided)))
    if decided is None:
        say("what analysts decided is not known here: no case store (contextcheck cases take, or --cases FILE)")


def _decided(path: Path | None) -> dict[str, tuple[int, int]] | None:
    """Per entry, how often analysts agreed and how often they found another cause; None without a case store."""
    from contextcheck.cases.case import confirmed_and_overruled
    from contextcheck.cases.store import CaseStore
    from contextcheck.cli.cases import STORE

    path = path or STORE
    if not path.is_file():
        return None
    return confirmed_and_overruled(CaseStore(path).cases())


def _with_orders(orders: list[str] | None, settings_path: Path | None):  # type: ignore[no-untyped-def]
    from dataclasses import replace

    told = settings_from(orders, settings_path, None)
    here = settings_here(settings_path)
    return replace(told, regions_folder=here.regions_folder, rules_folder=here.rules_folder)


def _read_findings(paths: Sequence[Path]) -> list[Investigation]:
    from contextcheck.cli.report import load_findings

    return [load_findings(path) for path in paths]


def _names_of(files: Sequence[Path], told: Settings) -> frozenset[str]:
    """The names under which some files are shown; that of a file which is gone is its path."""
    from contextcheck.cli.norms_files import files_meant
    from contextcheck.knowledge.source_files import every_file

    sources = every_file(told) if files else []
    return frozenset(name for path in files for name in files_meant(str(path), sources) or (path.as_posix(),))


def _preview_lines(result: Preview, against: str) -> list[str]:
    head = f"Against {against}, on {result.flags_seen} {'flag' if result.flags_seen == 1 else 'flags'}:"
    if not result.changed and not result.markets and not result.changes:
        return [head, "  no entry says anything else; nothing changes"]
    lines = [head, f"  changed entries: {', '.join(result.changed) or 'none'}"]
    lines += [f"  changed in {code}: {', '.join(names)}" for code, names in result.markets.items()]
    for change in result.changes:
        lines += _flag_lines(change)
    return [*lines, "  what else changes needs the orders" if result.needs_orders else "  nothing else changes"]


def _flag_lines(change: FlagChange) -> list[str]:
    lines = [f"  {change.flag}  (since {change.start})", *(f"    {_entry_words(each)}" for each in change.entries)]
    if change.action_before != change.action_after:
        actions = f"{change.action_before or 'no flag'} → {change.action_after or 'no flag'}"
        lines.append(f"    recommendation  {actions}{_money(change)}")
    elif change.money_before != change.money_after:
        lines.append(f"    money{_money(change)}")
    return lines


def _entry_words(each: EntryChange) -> str:
    shares = [f"{share:.0%}" for share in (each.share_before, each.share_after) if share is not None]
    told = f", share {' → '.join(shares)}" if shares else ""
    return f"{each.id:36}  {each.before} → {each.after}{told}"


def _money(change: FlagChange) -> str:
    before, after = change.money_before, change.money_after
    if before is None or after is None:
        return ""
    if before == after:
        return f"  (contribution {after.value:+,.0f} {change.currency} a day)"
    return f"  (contribution {before.value:+,.0f} → {after.value:+,.0f} {change.currency} a day)"


def _figure_lines(figures: Figures, regions: int) -> list[str]:
    statuses = ", ".join(f"{count} {status}" for status, count in figures.statuses.items())
    grades = ", ".join(f"{grade or 'none'} {share:.0%}" for grade, share in figures.grades.items())
    return [
        f"{regions} regions, {figures.norms} norms, {figures.others} abuse patterns and faults ({statuses})",
        f"  best source of the mechanism: {grades}",
        f"  with two examples or more: {figures.with_two_examples:.0%}; "
        f"one that must hold and one that must not: {figures.with_both_kinds:.0%}",
        "  entries whose strong signs can all be tested, and entries that can hold, with",
        *(f"    {each.columns:66} {each.wholly:4.0%}  {each.enough:4.0%}" for each in figures.testable),
    ]


def _kind_lines(entries: Sequence[Entry], metrics: Sequence[str]) -> list[str]:
    """Which metric and direction no abuse pattern, operational or measurement fault says anything about."""
    lines = ["Metrics and directions without an entry, by kind"]
    for kind in ("abuse", "operational", "measurement"):
        told = {(each.metric, each.direction) for entry in entries if entry.kind == kind for each in entry.explains}
        cells = [(metric, direction) for metric in metrics for direction in ("up", "down")]
        missing = [f"{metric} {direction}" for metric, direction in cells if (metric, direction) not in told]
        count = f"{len(cells) - len(missing)} of {len(cells)}"
        lines.append(f"  {kind:12} {count:9} missing: {', '.join(missing) or 'none'}")
    return lines


def _coverage_lines(found: Coverage, *, has_findings: bool) -> list[str]:
    width = max(len(metric) for metric in found.metrics)
    lines = ["Metrics without a norm, by region"]
    for region, metrics in found.cells.items():
        missing = [metric for metric in found.metrics if metric not in metrics]
        count = f"{len(found.metrics) - len(missing)} of {len(found.metrics)}"
        lines.append(f"  {region:6} {count:9} missing: {', '.join(missing) or 'none'}")
    lines.append("Regions without a norm, by metric")
    for metric in found.metrics:
        without = [region for region, metrics in found.cells.items() if metric not in metrics]
        lines.append(f"  {metric:{width}}  {len(without)} of {len(found.cells)}")
    if not has_findings:
        return [*lines, "Flags and track records: name findings files with --findings"]
    lines.append(f"Flags that no explanation holds for: {len(found.unexplained)}")
    lines += [f"  {_finding_words(each)}" for each in found.unexplained]
    lines.append(f"Entries tried at least 3 times that never held: {len(found.never_held)}")
    lines += [f"  {each.id}  (tried {each.tried} times)" for each in found.never_held]
    lines.append(f"Entries that would have explained quiet weeks as well: {len(found.too_flexible)}")
    lines += [f"  {each.id}  ({each.verdicts['too_flexible']} of {each.tried})" for each in found.too_flexible]
    lines.append(f"Active and trial entries that no flag called: {len(found.never_tried)}")
    return [*lines, *(f"  {name}" for name in found.never_tried)]


def _finding_words(finding: Finding) -> str:
    flag = finding.flag
    days = f"{flag.window.start} to {flag.window.end}"
    return f"{flag.id}  {flag.metric} {flag.direction}, {days}: {finding.recommendation.action}"


def _record_rows(
    records: Sequence[Record], known: set[str], decided: Mapping[str, tuple[int, int]] | None
) -> list[str]:
    from contextcheck.knowledge.track import VERDICT_ORDER

    head = ("entry", "tried", *(name.replace("_", " ") for name in VERDICT_ORDER), "mean share", "then recommended")
    head = head if decided is None else (*head, "confirmed", "overruled")
    rows = [head]
    for each in records:
        shares = f"{sum(each.shares) / len(each.shares):.0%}" if each.shares else ""
        actions = ", ".join(f"{action} {count}" for action, count in sorted(each.actions.items()))
        name = each.id if each.id in known else f"{each.id} (gone)"
        verdicts = (str(each.verdicts.get(verdict, 0)) for verdict in VERDICT_ORDER)
        judged = () if decided is None else tuple(str(count) for count in decided.get(each.id, (0, 0)))
        rows.append((name, str(each.tried), *verdicts, shares, actions, *judged))
    widths = [max(len(row[place]) for row in rows) for place in range(len(head))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
