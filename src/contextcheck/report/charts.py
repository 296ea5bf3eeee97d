"""Pictures as inline SVG: drawn here, so that the page needs no script and no network."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import altair as alt
import vl_convert

from contextcheck.report.words import is_known

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from contextcheck.records import DailyPoint, Window

# Stand-ins that become the page's own colours, so that a picture follows light and dark.
COLOURS = {
    "#010101": "var(--ink)",
    "#020202": "var(--muted)",
    "#030303": "var(--accent)",
    "#040404": "var(--band)",
    "#050505": "var(--shade)",
    "#060606": "var(--grid)",
    "#070707": "var(--launch)",
}
INK, MUTED, ACCENT, BAND, SHADE, GRID, LAUNCH = COLOURS
FONT = "system-ui, sans-serif"


@dataclass(frozen=True, slots=True)
class Picture:
    """What the picture of a flag shows."""

    daily: Sequence[DailyPoint]
    window: Window
    launch: date | None
    launch_name: str
    is_share: bool


def observed_expected_svg(picture: Picture, *, width: int, height: int, id_prefix: str) -> str:
    """Give observed against expected per day: the expected band, the flagged days shaded, the launch marked.

    Args:
        picture: The series and what to mark.
        width: Width of the plot, in pixels.
        height: Height of the plot, in pixels.
        id_prefix: Put in front of every id, so that several pictures live on one page.
    """
    chart = alt.layer(*_layers(picture)).properties(width=width, height=height, background="transparent")
    chart = chart.configure_view(stroke=None).configure_axis(
        labelColor=MUTED,
        titleColor=MUTED,
        domainColor=GRID,
        tickColor=GRID,
        gridColor=GRID,
        labelFont=FONT,
        titleFont=FONT,
        labelFontSize=12,
        titleFontSize=12,
        titleFontWeight="normal",
    )
    svg: str = vl_convert.vegalite_to_svg(chart.to_dict(), allowed_base_urls=[])
    return _for_page(svg, id_prefix)


def _layers(picture: Picture) -> list[Any]:
    rows = [_row(each) for each in picture.daily]
    days = _data([row for row in rows if row["low"] is not None])
    x = alt.X(
        "day:T",
        scale=alt.Scale(type="utc"),
        axis=alt.Axis(title=None, format="%-d %b", grid=False, tickCount=6, labelOverlap=True),
    )
    label = "format(datum.value * 100, '~g') + ' %'" if picture.is_share else "format(datum.value, ',~g')"
    axis = alt.Axis(title=None, labelExpr=label, tickCount=5)
    band = alt.Chart(days).mark_area(color=BAND, opacity=1).encode(x=x, y=alt.Y("low:Q", axis=axis), y2="high:Q")
    expected = alt.Chart(days).mark_line(color=MUTED, strokeDash=[5, 4], strokeWidth=1.5).encode(x=x, y="expected:Q")
    observed = alt.Chart(_data(rows)).mark_line(
        color=ACCENT,
        strokeWidth=2.5,
        point=alt.OverlayMarkDef(color=ACCENT, filled=True, size=22),
        invalid="break-paths-show-domains",
    )
    layers = [_shade(picture, x), band, expected, observed.encode(x=x, y="observed:Q")]
    return layers + (_launch_layers(picture, x) if picture.launch else [])


def _data(rows: Sequence[Mapping[str, object]]) -> Any:
    return alt.Data(values=list(rows))  # type: ignore[no-untyped-call]


def _row(point: DailyPoint) -> dict[str, object]:
    """One day; a figure that is not known is left open, never 0."""
    figures = {"observed": point.observed, "expected": point.expected, "low": point.low, "high": point.high}
    known = {name: float(value) if value is not None and is_known(value) else None for name, value in figures.items()}
    return {"day": _utc(point.day), **known}


def _utc(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def _shade(picture: Picture, x: alt.X) -> Any:
    # Half a day on either side, so that the first and the last flagged day lie inside.
    edges = {
        "day": f"{picture.window.start.isoformat()}T00:00:00Z",
        "end": f"{picture.window.end.isoformat()}T12:00:00Z",
    }
    return alt.Chart(_data([edges])).mark_rect(color=SHADE, opacity=1).encode(x=x, x2="end:T")


def _launch_layers(picture: Picture, x: alt.X) -> list[Any]:
    assert picture.launch is not None
    data = _data([{"day": _utc(picture.launch), "name": f"{picture.launch_name} "}])
    rule = alt.Chart(data).mark_rule(color=LAUNCH, strokeWidth=1.5).encode(x=x)
    name = alt.Chart(data).mark_text(color=LAUNCH, align="right", baseline="top", font=FONT, fontSize=12, dx=-4)
    return [rule, name.encode(x=x, y=alt.value(2), text="name:N")]


def _for_page(svg: str, id_prefix: str) -> str:
    """The SVG without fixed size and with the page's colours and ids of its own; hidden from screen readers.

    The figure around it carries the words.
    """
    for stand_in, colour in COLOURS.items():
        svg = svg.replace(stand_in, colour)
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{id_prefix}\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{id_prefix}\1)", svg)
    svg = re.sub(r'\s(?:aria-\w+|role|tabindex|aria-roledescription)="[^"]*"', "", svg)
    head, rest = svg.split(">", 1)
    head = re.sub(r'\s(?:width|height|class)="[^"]*"', "", head)
    return f'{head} aria-hidden="true" focusable="false">{rest}'
