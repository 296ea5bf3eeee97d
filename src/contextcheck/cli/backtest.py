"""`contextcheck backtest`: what the rules would have done with the team's own history."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contextcheck.cli.options import (
    AsOf,
    CurrencyCode,
    DirectionOption,
    MapName,
    OrdersPaths,
    PanelPath,
    QuarantineFolder,
    Seed,
    SettingsPath,
    SetValues,
    TableName,
    TimeZone,
    as_day,
    as_direction,
    check_panel_options,
    panel_path,
    settings_from,
)
from contextcheck.cli.output import give, progress, say, show_options, write_whole

if TYPE_CHECKING:
    from contextcheck.backtest.records import Backtest, Tuning
    from contextcheck.knowledge.metrics import DetectionRule


class BacktestFormat(StrEnum):
    """How a backtest is written."""

    terminal = "terminal"
    markdown = "markdown"
    json = "json"
    html = "html"


def backtest(
    orders: OrdersPaths = None,
    settings: SettingsPath = None,
    set_values: SetValues = None,
    map_name: MapName = "",
    currency: CurrencyCode = "",
    timezone: TimeZone = "",
    table: TableName = "",
    panel: PanelPath = "",
    direction: DirectionOption = None,
    as_of: AsOf = None,
    seed: Seed = 0,
    rule: Annotated[list[str] | None, typer.Option("--rule", help="Only this detection rule. May be repeated.")] = None,
    starts: Annotated[
        int, typer.Option("--starts", help="Quiet days per series from which each size is planted.", min=3, max=200)
    ] = 12,
    tune: Annotated[bool, typer.Option("--tune", help="Also try other thresholds and propose some.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="Folder for backtest.json, .md, .html and (--tune) rules/detection. Left out: writes nothing.",
            show_default=False,
        ),
    ] = None,
    format: Annotated[BacktestFormat, typer.Option("--format", "-f", help="To standard output.")] = (  # noqa: A002
        BacktestFormat.terminal
    ),
    quarantine: QuarantineFolder = Path("quarantine"),
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress on standard error.")] = False,
) -> None:
    """Replay a history: alerts per month, and the smallest change that each market would have caught.

    Incidents of known size are planted into the history itself. Nothing is changed unless --out is given.
    """
    check_panel_options(panel, orders, direction)
    told = settings_from(
        orders,
        settings,
        set_values,
        map_name=map_name,
        currency=currency,
        timezone=timezone,
        table=table,
        needs_orders=not panel,
    )
    with progress(is_quiet=quiet) as step:
        from contextcheck import panel_scan, pipeline
        from contextcheck.backtest.run import backtest as run_backtest

        day = as_day(as_of)
        done: pipeline.Study | panel_scan.PanelStudy
        if panel:
            wanted = as_direction(direction)
            done = panel_scan.study_panel(
                told, panel_path(panel, told.folder), direction=wanted, as_of=day, seed=seed, progress=step
            )
            rules = done.rules
        else:
            done = pipeline.study(told, as_of=day, seed=seed, quarantine_folder=quarantine, progress=step)
            rules = done.base.detection_rules
        chosen = _chosen(rules, rule)
        result = run_backtest(
            done.panel, chosen, launches=told.launches, seed=seed, starts=starts, is_tuned=tune, progress=step
        )
    give(_text(result, format))
    if out is not None:
        _write(out, result, chosen)


def _chosen(rules: tuple[DetectionRule, ...], wanted: list[str] | None) -> tuple[DetectionRule, ...]:
    from contextcheck.errors import Problem, SettingsError, nearest

    known = [each.id for each in rules]
    for name in wanted or []:
        if name not in known:
            raise SettingsError(Problem("ST133", "--rule", f'unknown rule "{name}"{nearest(name, known)}'))
    return tuple(each for each in rules if not wanted or each.id in wanted)


def _text(result: Backtest, format: BacktestFormat) -> str:  # noqa: A002
    from contextcheck.backtest import page, text

    if format is BacktestFormat.html:
        return page.as_html(result)
    if format is BacktestFormat.json:
        return text.as_json(result)
    if format is BacktestFormat.markdown:
        return text.as_markdown(result)
    return text.as_text(result, use_unicode=show_options(show_ids=False).use_glyphs)


def _write(folder: Path, result: Backtest, rules: tuple[DetectionRule, ...]) -> None:
    """Write the result and each rule whose thresholds a proposal changes."""
    from contextcheck.backtest import page, text

    write_whole(folder / "backtest.html", page.as_html(result))
    write_whole(folder / "backtest.json", text.as_json(result))
    write_whole(folder / "backtest.md", text.as_markdown(result))
    by_id = {each.id: each for each in rules}
    changed = [each for each in result.tunings if each.proposed != each.current]
    for tuning in changed:
        path = folder / "rules" / "detection" / f"{tuning.rule}.yaml"
        write_whole(path, _rule_text(by_id[tuning.rule], tuning))
    rules_too = f", {len(changed)} rule file(s)" if changed else ""
    say(f"written to {folder}: backtest.json, backtest.md, backtest.html{rules_too}")


def _rule_text(rule: DetectionRule, tuning: Tuning) -> str:
    import json

    new = tuning.proposed
    groups = ", ".join(f"{name}: [{', '.join(regions)}]" for name, regions in rule.groups.items())
    return "\n".join(
        (
            f"# proposed by contextcheck backtest --tune, before: false_discovery_rate {rule.false_discovery_rate:g}, "
            f"min_relative {rule.min_relative:g}, min_excess {rule.min_excess:g}",
            f"id: {rule.id}",
            f"title: {json.dumps(rule.title, ensure_ascii=False)}",
            f"metrics: [{', '.join(json.dumps(each, ensure_ascii=False) for each in rule.metrics)}]",
            f"direction: {rule.direction}",
            f"detector: {rule.detector}",
            f"min_exposure: {rule.min_exposure:g}",
            f"min_excess: {new.min_excess:g}",
            f"min_relative: {new.min_relative:g}",
            f"false_discovery_rate: {new.false_discovery_rate:g}",
            f"severity: {{medium_from_relative: {rule.medium_from_relative:g}, "
            f"high_from_relative: {rule.high_from_relative:g}}}",
            *([f"groups: {{{groups}}}"] if groups else []),
            "",
        )
    )
