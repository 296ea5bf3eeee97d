"""What a sign compared the flagged orders with, in words: chosen by the code, named in every output."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contextcheck.explain.slices import Scene
    from contextcheck.knowledge.signs import Sign
    from contextcheck.records import Window

SHOWN_REGIONS = 6

AMONG_THEMSELVES = {
    "spread": "the same orders with the events dealt out at random, every customer keeping the own number of orders",
    "concentration": "the same orders dealt out at random among customers of like volume",
    "product_concentration": "the same orders with the events dealt out at random over the products sold",
    "repeats": "such accounts in windows of the quiet past as long as the flag",
    "exposed_only": "orders of the same days that did not see the feature",
    "calendar": "days that the entry does not name",
    "recurrence": "the same weeks a year ago",
}


def reference_words(scene: Scene, sign: Sign) -> str:
    """Name the reference of a sign: the market's own quiet days, and what stands beside them for some signs."""
    past = f"{scene.region} {days_words(scene.before)}" if scene.before else ""
    beside = AMONG_THEMSELVES.get(sign.test, "")
    if sign.test in ("spread", "concentration", "product_concentration"):
        return beside
    return " and ".join(part for part in (beside, past) if part)


def days_words(window: Window) -> str:
    """A stretch of days."""
    return f"{window.start} to {window.end}"


def regions_words(names: tuple[str, ...]) -> str:
    """Some regions by name, the rest by number."""
    shown = ", ".join(names[:SHOWN_REGIONS])
    return shown + (f" and {len(names) - SHOWN_REGIONS} more" if len(names) > SHOWN_REGIONS else "")
