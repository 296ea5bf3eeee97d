"""A backtest as one self-contained page: the heat map of what each market would have caught, and the trade-off."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from contextcheck.backtest import text
from contextcheck.report.html import TEMPLATES as REPORT_TEMPLATES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contextcheck.backtest.records import Backtest, Sensitivity, Step

TEMPLATES = Path(__file__).parent / "templates"
DARKEST = 4


def as_html(done: Backtest) -> str:
    """Give the page as text; it needs no network and no script."""
    environment = Environment(
        loader=FileSystemLoader([TEMPLATES, REPORT_TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    groups = text.groups_of(done.sensitivities)
    loud = [row for row in text.alert_rows(done) if row[2] != "0"]
    total = sum(each.alerts for each in done.alerts)
    problems = [each for each in done.problems if each.severity != "info"]
    return environment.get_template("backtest.html.j2").render(
        done=done,
        title=f"What {len({each.region for each in done.alerts})} markets would have caught",
        sentences=[sentence for group in groups for sentence in text.sentences(group)],
        map_days=text.MAP_DAYS,
        maps=[_map(group) for group in groups],
        tunings=[
            {
                "rule": each.rule,
                "proposal": text.proposal(each),
                "head": text.TUNING_HEAD,
                "rows": list(text.tuning_rows(each)),
            }
            for each in done.tunings
        ],
        alert_head=text.ALERT_HEAD,
        loud=loud,
        quiet=f"{total} in all; {len(done.alerts) - len(loud)} of {len(done.alerts)} series without any",
        notes=[*done.notes[1:], text.cuts_sentence(done), *(f"not complete: {each}" for each in problems)],
    )


def _map(group: Sequence[Sensitivity]) -> dict[str, Any]:
    """One rule and metric: regions by sizes, each cell with its shade."""
    unit, direction = group[0].unit, group[0].direction
    sizes = text.sizes_of(group)
    return {
        "title": text.title_of(group),
        "unit": " in points" if unit == "points" else "",
        "sizes": [text.size_text(size, unit, direction) for size in sizes],
        "days": text.DAYS_HEAD,
        "rows": [
            {
                "region": each.region,
                "cells": [_cell(text.step_of(each, size)) for size in sizes],
                "smallest": text.smallest_of(each),
            }
            for each in group
            if each.steps
        ],
        "reasons": [f"{each.region}: {each.reason}" for each in group if each.reason],
    }


def _cell(step: Step | None) -> dict[str, str]:
    shade = 0 if step is None else min(int(step.caught[text.MAP_DAYS] * DARKEST + 0.5), DARKEST)
    return {"text": text.percent(step), "shade": f"h{shade}"}
