"""How often each sign says "yes" when nothing is there, and how often when something is.

    python benchmarks/bench_signs.py                 1,000 worlds per cell, the table of docs/methods.md
    python benchmarks/bench_signs.py --sims 100 --only spread,mix

Worlds come from sign_worlds.py, which shares nothing with the signs. A cell without effect holds the worst case that
the prediction must still reject: where a prediction is "at least half", the truth is exactly half. A run may be broken
off: with --save it is gone on with, with --seconds it stops by itself.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from sign_worlds import (
    FIRST,
    KINDS,
    LINE,
    NAMED,
    PAST_DAYS,
    WINDOW_DAYS,
    Effect,
    daily_rates,
    market,
    said,
    share_again,
    share_twins,
)

from contextcheck.explain.signs.interface import load_sign_test
from contextcheck.explain.slices import Scene, Slice, make_slice
from contextcheck.explain.voices import Voice
from contextcheck.knowledge.lines import Line
from contextcheck.knowledge.metrics import Metric, ValueChoice
from contextcheck.knowledge.signs import SIGN_SPECS, Sign
from contextcheck.panel.table import PANEL_COLUMNS, Panel
from contextcheck.records import Money, Window

if TYPE_CHECKING:
    from collections.abc import Callable

START = date.fromisoformat(str(FIRST))
WINDOW = Window(START + timedelta(days=PAST_DAYS), START + timedelta(days=PAST_DAYS + WINDOW_DAYS - 1))
BEFORE = Window(START, START + timedelta(days=PAST_DAYS - 1))
DAYS = frozenset(START + timedelta(days=int(each)) for each in NAMED)
CANCEL = Metric("cancel_rate", "Orders cancelled", "rate", "share", "status in ('cancelled', 'partially_cancelled')")
ORDERS = Metric("orders", "Orders", "count", "orders")
VALUE = Metric("aov", "Order value", "mean", "money", values=(ValueChoice("order_total"),))
SHARED = {"orders": CANCEL, "count": ORDERS}
LIMIT = 0.05
BATCH = 100


@dataclass(frozen=True, eq=False)
class Cell:
    """One prediction, the worlds in which it is false, and those in which it is true.

    Attributes:
        name: Sign test.
        says: The prediction in words.
        options: Of the sign.
        null: What happens in the window although the prediction is false.
        effects: Effect sizes in words to what happens.
        source: orders (their cancels), count (the orders themselves) or panel: what is simulated.
        kinds: Kinds of market for the null.
    """

    name: str
    says: str
    options: dict[str, object]
    null: Effect
    effects: dict[str, Effect] = field(default_factory=dict)
    source: str = "orders"
    kinds: tuple[str, ...] = tuple(KINDS)


SPIKE = Effect(spike=2.5)
CELLS = (
    Cell("bunching", "heap above the line",
         {"at": "free_shipping_threshold", "expect": "above", "among": "cancelled_or_changed"}, SPIKE,
         {"3 % padded": Effect(padded=0.03), "10 % padded": Effect(padded=0.10)}),
    Cell("kept_share", "at least half keep part", {"expect": {"at_least": 0.5}, "among": "cancelled_or_changed"},
         Effect(spike=2.5, kept=0.5), {"60 %": Effect(spike=2.5, kept=0.6), "75 %": Effect(spike=2.5, kept=0.75)},
         kinds=("plain", "weekday")),
    Cell("kept_share", "at most a tenth keep part", {"expect": {"at_most": 0.1}, "among": "cancelled_or_changed"},
         Effect(spike=2.5, kept=0.1), {"2 %": Effect(spike=2.5, kept=0.02)}, kinds=("plain", "weekday")),
    Cell("delay", "half within 24 h",
         {"to": "cancelled_at", "expect": {"within": 24.0}, "among": "cancelled_or_changed"},
         Effect(spike=2.5, quick=0.5), {"60 %": Effect(spike=2.5, quick=0.6), "75 %": Effect(spike=2.5, quick=0.75)}),
    Cell("spread", "broad", {}, Effect(bulk=60), {"everybody": SPIKE}, kinds=("plain", "few", "weekday")),
    Cell("concentration", "linked groups carry half", {"over": ("device_id",), "share": 0.5},
         SPIKE, {"ring of 24, 48 orders": Effect(linked=48), "ring of 24, 120 orders": Effect(linked=120)}),
    Cell("concentration", "single customers carry half", {"over": ("customer_id",), "share": 0.5},
         SPIKE, {"one buyer, 40 orders": Effect(bulk=40), "one buyer, 90 orders": Effect(bulk=90)}),
    Cell("spread", "a rise in orders is broad", {}, Effect(bulk=120), {"orders times 1.8": Effect(volume=1.8)},
         source="count", kinds=("plain", "few", "weekday")),
    Cell("concentration", "single customers carry half of a rise in orders", {"over": ("customer_id",), "share": 0.5},
         Effect(volume=1.8), {"one buyer, 60 orders": Effect(bulk=60), "one buyer, 200 orders": Effect(bulk=200)},
         source="count"),
    Cell("repeats", "single accounts carry a tenth", {"share": 0.1},
         SPIKE, {"12 accounts, 48 orders": Effect(lone=48), "12 accounts, 96 orders": Effect(lone=96)}),
    Cell("calendar", "moved on the named days", {"expect": "moved"}, Effect(),
         {"times 1.5": Effect(named=1.5), "times 2.5": Effect(named=2.5)}),
    Cell("recurrence", "present a year ago", {"expect": "present"}, Effect(spike=2.5), {"the same": Effect(spike=2.0)},
         source="panel", kinds=("plain",)),
    Cell("mix", "bank transfers carry half", {"column": "payment_method", "values": ("bank",), "at_least": 0.5},
         Effect(spike=2.5, segment=2.8), {"times 3": Effect(segment=3.0), "times 5": Effect(segment=5.0)}),
    Cell("composition", "the mix changed", {"column": "payment_method", "expect": "composition", "at_least": 0.5},
         SPIKE, {}),
    Cell("peers", "alone", {"expect": "alone"}, Effect(),
         {"times 1.3": Effect(spike=1.3), "times 1.6": Effect(spike=1.6)},
         source="panel", kinds=("plain",)),
    Cell("peers", "together", {"expect": "together"}, Effect(spike=1.6), {"all times 1.6": Effect(spike=1.6)},
         source="panel", kinds=("plain",)),
    Cell("rebuy", "more than usual", {"among": "all", "within": 24.0}, Effect(),
         {"+2 %": Effect(again=0.02), "+5 %": Effect(again=0.05)}),
    Cell("duplicates", "more than usual", {"among": "all"}, Effect(twin=0.02),
         {"+2 %": Effect(twin=0.04), "+4 %": Effect(twin=0.06)}),
    Cell("new_accounts", "carry 30 %", {"at_least": 0.3}, Effect(spike=2.5, young=2.7),
         {"times 5": Effect(young=5.0), "times 10": Effect(young=10.0)}),
    Cell("discount_use", "carry half", {"at_least": 0.5}, Effect(spike=2.5, discounted=2.2),
         {"times 3": Effect(discounted=3.0), "times 5": Effect(discounted=5.0)}),
    Cell("product_concentration", "single products carry half", {"share": 0.5}, SPIKE,
         {"times 6": Effect(product=6.0), "times 11": Effect(product=11.0)}),
    Cell("exposed_only", "only exposed moved", {"expect": "exposed"}, SPIKE,
         {"times 2": Effect(exposed=2.0), "times 3": Effect(exposed=3.0)}),
    Cell("value_kept", "up", {"expect": "up"}, Effect(), {"+10 %": Effect(value=1.1), "+20 %": Effect(value=1.2)}),
    Cell("unit_jump", "more than 3 times", {}, Effect(value=3.0),
         {"times 3.5": Effect(value=3.5), "times 100": Effect(value=100.0)}),
    Cell("volume", "beyond the orders", {"expect": "beyond"}, Effect(volume=1.8),
         {"times 1.5": Effect(spike=1.5), "times 2": Effect(spike=2.0)}),
    Cell("volume", "only more orders", {"expect": "only", "margin": 0.5}, Effect(spike=1.5),
         {"orders times 1.8": Effect(volume=1.8)}),
    Cell("shared_keys", "linked accounts carry half", {"over": ("device_id",), "at_least": 0.5}, SPIKE,
         {"48 orders": Effect(linked=48), "120 orders": Effect(linked=120)}),
    Cell("voice", "more contacts", {"expect": "up", "among": "all"}, Effect(),
         {"+3 points": Effect(contact=0.03), "+6 points": Effect(contact=0.06)}),
    Cell("voice", "lower scores", {"source": "surveys", "expect": "down", "among": "all"}, Effect(),
         {"-0.3": Effect(score=-0.3), "-0.6": Effect(score=-0.6)}),
)  # fmt: skip
"""`composition` has no row of power: a pure change of the mix needs two segments with unlike rates (see the tests)."""


Results = dict[tuple[Cell, str], list[str]]
SAID = {effect for cell in CELLS if cell.name == "voice" for effect in (cell.null, *cell.effects.values())}
ANY_ORDERS = market(np.random.default_rng(1), KINDS["plain"], Effect())


@cache
def true_share(cell: Cell, kind: str) -> float:
    """Share of the orders that are followed by another one, or have a twin, in the long run: counted in 60 worlds."""
    count = share_again if cell.name == "rebuy" else share_twins
    frames = [market(np.random.default_rng([9, seed]), KINDS[kind], cell.null) for seed in range(60)]
    return float(np.mean([count(frame) for frame in frames]))


def sign_of(cell: Cell, kind: str) -> Sign:
    options = {name: option.default for name, option in SIGN_SPECS[cell.name].options.items()}
    own = {} if cell.name not in ("rebuy", "duplicates") else {"expect": {"at_least": true_share(cell, kind)}}
    return Sign(cell.name, options | cell.options | own, "strong", "sign")  # type: ignore[arg-type]


def order_slice(kind: str, effect: Effect, seed: int, metric: Metric = CANCEL) -> Slice:
    """One world, the same for every sign that is tried on it."""
    rng = np.random.default_rng([seed, sum(map(ord, f"{kind} {effect}"))])
    frame = market(rng, KINDS[kind], effect)
    amount = (frame["status"].cat.codes.to_numpy() > 0).astype(float) if metric is CANCEL else np.ones(len(frame))
    end = pd.Timestamp(WINDOW.end) + pd.Timedelta(days=16)
    voices = {}
    if effect in SAID:
        for name, usual in (("contacts", 0.05), ("surveys", 0.15)):
            rows = said(rng, frame, effect, usual, scored=name == "surveys")
            rows["day"] = rows["created_at"].dt.floor("D")
            voices[name] = Voice(name, rows, True, (1.0, 5.0), pd.Timestamp(BEFORE.start), end)
    day = frame["created_at"].to_numpy().astype("datetime64[D]")
    return make_slice(scene(empty_panel(), seed, voices, metric), frame, day, amount, np.ones(len(frame))).named(DAYS)


def panel_slice(cell: Cell, effect: Effect, seed: int, *, is_null: bool) -> Slice:
    """Regions day by day; the first is the flagged one. For recurrence a year ago stands in front."""
    rng = np.random.default_rng([seed, sum(map(ord, cell.name + cell.says))])
    if cell.name == "recurrence":
        rates = daily_rates(rng, 1, np.array([effect.spike]), days=364 + 70)
        if not is_null:
            then = rates["day"].between(pd.Timestamp(WINDOW.start), pd.Timestamp(WINDOW.end))
            counts = rates.loc[then, "exposure"].astype(int)
            rates.loc[then, "events"] = rng.binomial(counts, 0.08 * effect.spike)
        rates["day"] -= pd.Timedelta(days=364)
    else:
        is_alone = cell.options["expect"] == "alone"
        others = 1.0 if is_alone or is_null else effect.spike
        rates = daily_rates(rng, 9, np.array([effect.spike, *[others] * 8]))
    rows = rates.assign(metric="cancel_rate", value_sum=np.nan, value_sumsq=np.nan, is_complete=True, is_mature=True)
    panel = Panel(rows[list(PANEL_COLUMNS)], {"cancel_rate": CANCEL}, (), WINDOW.end, {})
    frame = ANY_ORDERS
    amount = (frame["status"].cat.codes.to_numpy() > 0).astype(float)
    day = frame["created_at"].to_numpy().astype("datetime64[D]")
    return make_slice(scene(panel, 0, {}), frame, day, amount, np.ones(len(frame)))


def scene(panel: Panel, seed: int, voices: dict[str, Voice], metric: Metric = CANCEL) -> Scene:
    lines = {"free_shipping_threshold": Line(LINE, Money(Decimal(50), "USD"), "given")}
    return Scene("R00", metric, "up", WINDOW, BEFORE, "", lines, panel, seed=seed, voices=voices)


def empty_panel() -> Panel:
    return Panel(pd.DataFrame(columns=list(PANEL_COLUMNS)), {}, (), WINDOW.end, {})


def results_of(cells: list[Cell], kind: str, effect: Effect, seeds: range, *, is_null: bool) -> dict[Cell, list[str]]:
    """What every sign says on the same worlds."""
    found: dict[Cell, list[str]] = {cell: [] for cell in cells}
    for seed in seeds:
        sources = {cell.source for cell in cells}
        shared = {name: order_slice(kind, effect, seed, metric) for name, metric in SHARED.items() if name in sources}
        for cell in cells:
            world = shared.get(cell.source) or panel_slice(cell, effect, seed, is_null=is_null)
            found[cell].append(load_sign_test(cell.name).test(world, sign_of(cell, kind)).evidence.result)
    return found


Job = tuple[str, Effect, bool]


def jobs_of(cells: list[Cell], kinds: set[str]) -> dict[Job, list[tuple[Cell, str]]]:
    """Which predictions are tried on the same worlds."""
    jobs: dict[Job, list[tuple[Cell, str]]] = {}
    for cell in cells:
        for kind in filter(kinds.__contains__, cell.kinds):
            jobs.setdefault((kind, cell.null, True), []).append((cell, kind))
        for size, effect in cell.effects.items() if "plain" in kinds else ():
            jobs.setdefault(("plain", effect, False), []).append((cell, size))
    return jobs


def tried(
    cells: list[Cell], given: argparse.Namespace, known: Results, done: Callable[[str, Results], None]
) -> Results:
    """Results by cell and column: a kind of market without effect, or a size of effect; known ones are gone on with."""
    found = {place: list(results) for place, results in known.items()}
    for start in range(0, max(given.sims, given.power_sims), BATCH):
        for (kind, effect, is_null), places in jobs_of(cells, set(given.kinds.split(","))).items():
            wanted = min(start + BATCH, given.sims if is_null else given.power_sims)
            open_places = [place for place in places if len(found.get(place, [])) < wanted]
            if not open_places:
                continue
            if time.process_time() > given.seconds:
                return found
            begin = min(len(found.get(place, [])) for place in open_places)
            results = results_of([cell for cell, _ in open_places], kind, effect, range(begin, wanted), is_null=is_null)
            for cell, column in open_places:
                kept = found.get((cell, column), [])[:begin]
                found[cell, column] = kept + results[cell]
            named = ", ".join(f"{cell.name} {column}" for cell, column in open_places)
            done(f"{wanted} {kind}: {named}: {time.process_time():.0f} s processor so far", found)
    return found


def table(cells: list[Cell], found: dict[tuple[Cell, str], list[str]]) -> tuple[str, list[str]]:
    """The Markdown table, and the cells above the nominal level by more than chance."""
    head = ["sign", "prediction", "worlds", *KINDS, "power", "contradicted although true"]
    lines = [f"| {' | '.join(head)} |", "|" + " --- |" * len(head)]
    above = []
    for cell in cells:
        shown = []
        worlds = min((len(found[cell, kind]) for kind in cell.kinds if (cell, kind) in found), default=0)
        for kind in KINDS:
            results = found.get((cell, kind))
            if results is None:
                shown.append("")
                continue
            sims = len(results)
            supported = results.count("supports") / sims
            shown.append(f"{100 * supported:.1f} ({100 * results.count('not_testable') / sims:.0f})")
            if supported > LIMIT + 2.33 * np.sqrt(LIMIT * (1 - LIMIT) / sims):
                above.append(f"{cell.name} ({cell.says}) in {kind}: {100 * supported:.1f} %")
        power = [(size, found[cell, size]) for size in cell.effects if (cell, size) in found]
        said_power = "; ".join(f"{size}: {100 * each.count('supports') / len(each):.0f} %" for size, each in power)
        refuted = f"{100 * power[-1][1].count('contradicts') / len(power[-1][1]):.1f}" if power else ""
        lines.append(f"| `{cell.name}` | {cell.says} | {worlds} | {' | '.join(shown)} | {said_power} | {refuted} |")
    return "\n".join(lines), above


def saved(path: Path | None) -> Results:
    """What a file of an earlier run holds."""
    kept = json.loads(path.read_text(encoding="utf-8")) if path and path.exists() else {}
    places = [(cell, column) for cell in CELLS for column in (*cell.kinds, *cell.effects)]
    return {(c, column): kept[key] for c, column in places if (key := f"{c.name}|{c.says}|{column}") in kept}


def save(path: Path | None, found: Results) -> None:
    if path:
        plain = {f"{cell.name}|{cell.says}|{column}": results for (cell, column), results in found.items()}
        path.write_text(json.dumps(plain), encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sims", type=int, default=1000, help="worlds per cell without effect")
    parser.add_argument("--power-sims", type=int, default=200, help="worlds per effect size")
    parser.add_argument("--only", default="", help="signs, separated by commas")
    parser.add_argument("--kinds", default=",".join(KINDS), help="kinds of market, separated by commas")
    parser.add_argument(
        "--save", type=Path, help="a JSON file; what it holds is not run again, so a run may be broken off"
    )
    parser.add_argument("--seconds", type=float, default=float("inf"), help="processor seconds after which it stops")
    parser.add_argument("--write", type=Path, help="a page to put the table into, between its two marks")
    given = parser.parse_args()
    wanted = set(filter(None, given.only.split(",")))
    cells = [cell for cell in CELLS if not wanted or cell.name in wanted]

    def done(line: str, found: Results) -> None:
        print(line, file=sys.stderr, flush=True)
        save(given.save, found)

    found = tried(cells, given, saved(given.save), done)
    text, above = table(list(CELLS) if given.save else cells, found)
    print(text)
    if given.write:
        page = given.write.read_text(encoding="utf-8")
        head, _, rest = page.partition("<!-- table -->\n")
        given.write.write_text(
            f"{head}<!-- table -->\n{text}\n<!-- end -->{rest.partition('<!-- end -->')[2]}", encoding="utf-8"
        )
    for line in above:
        print(f"above {LIMIT:.0%}: {line}", file=sys.stderr)
    return 1 if above else 0


if __name__ == "__main__":
    sys.exit(main())
