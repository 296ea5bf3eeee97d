"""A diagnosis becomes a commented contextcheck.yaml."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from contextcheck.load.currencies import UNKNOWN
from contextcheck.settings import COST_DEFAULTS

if TYPE_CHECKING:
    from contextcheck.load.doctor import Diagnosis

_SHOWN_ZONES = 30


def propose_settings(diagnosis: Diagnosis, map_file: str = "") -> str:
    """Give the text of a contextcheck.yaml for what was seen; every value is commented, `read_settings` accepts it.

    Args:
        diagnosis: What was seen.
        map_file: The team's own column map beside the settings; "" for the one that was found to fit.
    """
    blocks = [
        [f"# Written by contextcheck init from a look at {one_line(diagnosis.name)}. Every key may be left out.", ""],
        _orders(diagnosis, map_file),
        _currency(diagnosis),
        _zones(diagnosis),
        _launches(diagnosis),
        _thresholds(diagnosis),
        _costs(diagnosis),
        _decision(),
    ]
    return "\n".join(line for block in blocks for line in block)


def yaml_text(text: str) -> str:
    """A text in quotes that YAML reads back the same, whatever it holds."""
    written = json.dumps(text, ensure_ascii=False)
    return "".join(letter if letter.isprintable() else f"\\U{ord(letter):08x}" for letter in written)


def one_line(text: str) -> str:
    """A text for a comment: one line without signs that cannot be printed."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _orders(diagnosis: Diagnosis, map_file: str) -> list[str]:
    lines = ["orders:"]
    if len(diagnosis.paths) == 1:
        lines.append(f"  path: {yaml_text(diagnosis.paths[0])}")
    elif diagnosis.paths:
        lines.append(f"  paths: [{', '.join(yaml_text(path) for path in diagnosis.paths)}]")
    title = f"   # {one_line(diagnosis.map_title)}" if diagnosis.map_title else ""
    lines.append(f"  map: {yaml_text(map_file) if map_file else diagnosis.map_id or 'auto'}{title}")
    if diagnosis.clock and not diagnosis.time_sentence.endswith("with offset"):
        lines.append(f'  timezone: {diagnosis.clock}   # what times without an offset mean; "local": of each market')
    order = {"day first": "dmy", "month first": "mdy"}
    found = next((code for words, code in order.items() if words in diagnosis.time_sentence), "auto")
    lines.append(f"  date_order: {found}   # auto, ymd, dmy or mdy")
    lines.append("  decimal: auto   # auto, point or comma: the sign before the decimals of numbers in text")
    lines += ["  max_bad_share: 0.05   # more unreadable rows than this share stop the run", ""]
    return lines


def _currency(diagnosis: Diagnosis) -> list[str]:
    codes = diagnosis.currencies
    known = diagnosis.currency if diagnosis.currency not in ("", UNKNOWN) else ""
    if len(codes) > 1:
        target = known or codes[0]
        lines = [f"currency: {target}   # reporting currency: choose one", "# give a rate for every other currency:"]
        lines += ["# rates:", *(f"#   {code}: {{rate: …, on: YYYY-MM-DD}}" for code in codes if code != target)]
        return [*lines, ""]
    chosen = known or (codes[0] if codes else "")
    if chosen:
        return [f"currency: {chosen}   # reporting currency", ""]
    return ["# currency: EUR   # no currency in the data: say it here", ""]


def _zones(diagnosis: Diagnosis) -> list[str]:
    without = [region for region in diagnosis.regions if region not in diagnosis.zones]
    lines = ["# A day is a local day of the market. Zones that are known already need no line here."]
    if not without:
        return [*lines, "# zones: {KR: Asia/Seoul}", ""]
    lines.append("# No single zone is known for these; take the sign away and write one to count their days there:")
    lines.append("# zones:")
    lines += [f"#   {yaml_text(region)}: Area/City" for region in without[:_SHOWN_ZONES]]
    own = [region for region in without if not (len(region) == 2 and region.isupper())]
    if own:
        lines.append("# Markets of your own get the norms of a country when you say which:")
        lines += ["# region_names:", *(f"#   {yaml_text(region)}: KR" for region in own[:_SHOWN_ZONES])]
    return [*lines, ""]


def _launches(diagnosis: Diagnosis) -> list[str]:
    last = diagnosis.quality.last if diagnosis.quality else None
    day = f"{last:%Y-%m-%d}" if last else "2026-03-01"
    region = next(iter(diagnosis.regions), "KR")
    return [
        "# Features that went live, so that the weeks after them can be judged:",
        "# launches:",
        f"#   - {{feature: free-shipping-bar, regions: [{yaml_text(region)}], start: {day}}}",
        "",
    ]


def _thresholds(diagnosis: Diagnosis) -> list[str]:
    currency = diagnosis.currency if diagnosis.currency not in ("", UNKNOWN) else "EUR"
    return [
        "# Lines that baskets may heap at; with a currency where it is not the reporting one:",
        "# thresholds:",
        f"#   free_shipping: {{default: {{amount: 50, currency: {currency}}}}}",
        "",
    ]


def _costs(diagnosis: Diagnosis) -> list[str]:
    currency = diagnosis.currency if diagnosis.currency not in ("", UNKNOWN) else "the reporting currency"
    lines = [
        f"# Unit costs in {currency}. Each value below is an assumption until you take the sign away and write yours.",
        "# costs:",
    ]
    for name, default in COST_DEFAULTS.items():
        lines.append(f"#   {name}: {default.value}   # {default.unit}; {default.basis}")
    return [*lines, ""]


def _decision() -> list[str]:
    return [
        "decision:",
        "  horizon_days: 90   # days over which a decision is weighed, 1 to 730",
        "  alpha: 0.05        # accepted chance of rolling back a harmless feature",
        "",
    ]
