"""How often each active norm that ships would be "supported" on ordinary weeks.

    python benchmarks/bench_norms.py [--seeds 2] [--orders 120000] [--write docs/norm-calibration.md]

Quiet worlds of the simulator, no launch, nothing unusual. Every market is read once per world; windows of 14 days, each
with 56 days before it, are cut from that read. A norm is tried on every window of every market, whatever its own region
is: its lines are the market's, its named days are moved so that they fall into the window, a norm about launches gets a
launch on the window's first day. Norms with the same predictions are tried once and listed together. As in a scan, a
norm's p-values are corrected for all of its predictions (in a scan for those of every other candidate as well).
"""

from __future__ import annotations

import argparse
import collections
import sys
import tempfile
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.explain.reading import read_slices
from contextcheck.explain.scoring import corrected, score
from contextcheck.explain.slices import Scene
from contextcheck.knowledge.dates import days_of
from contextcheck.knowledge.overlay import read_knowledge
from contextcheck.pipeline import study
from contextcheck.records import Launch, Window
from contextcheck.settings import Settings, read_settings
from contextcheck.simulate.worlds import simulate, write_world

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contextcheck.explain.slices import Slice
    from contextcheck.knowledge.entries import Entry

FIRST_SEED = 5_001
PAST_DAYS, WINDOW_DAYS, STEP_DAYS = 56, 14, 15
DRAWS = 200
GOAL = 0.05


def active_norms() -> list[Entry]:
    entries = read_knowledge(Settings()).entries
    return [entry for entry in entries if entry.kind == "norm" and entry.status == "active"]


def predictions(entry: Entry) -> tuple[object, ...]:
    """What two norms must share to give the same result on the same orders."""
    signs = [(sign.test, sign.weight, sign.role, tuple(sorted((k, str(v)) for k, v in sign.options.items())))
             for sign in (*entry.signs, *entry.contradicted_by)]  # fmt: skip
    first = entry.explains[0]
    return (first.metric, first.direction, entry.when.kind == "always", named_length(entry), *signs)


def named_length(entry: Entry) -> int:
    """Days of the first stretch that the entry names in a year; 0 when it can hold on any day or after a launch."""
    if entry.when.kind in ("always", "after_launch"):
        return 0
    region = next((each for each in entry.regions if each != "*"), "US")
    days = sorted(days_of(entry.when, region, date(2026, 1, 1), date(2026, 12, 31), ()))
    length = 0
    while length < len(days) and days[length] == days[0] + timedelta(days=length):
        length += 1
    return min(length, WINDOW_DAYS - 2)


def slices_of(seed: int, orders: int, norms: Sequence[Entry]) -> Iterator[dict[str, Slice]]:
    """Metric to slice, for every window of every market of one quiet world."""
    with tempfile.TemporaryDirectory() as folder:
        world = simulate("quiet", seed=seed, orders=orders)
        settings = replace(read_settings(write_world(world, Path(folder))), launches=())
        done = study(settings, as_of=None, seed=seed, quarantine_folder=Path(folder) / "quarantine")
        metrics = {each.metric: each.direction for entry in norms for each in entry.explains[:1]}
        complete = done.panel.series(done.panel.regions[0], "orders")["is_complete"]
        days = [day.date() for day in complete.index[complete.to_numpy(dtype=bool)]]
        for region in done.panel.regions:
            whole = Window(days[0] + timedelta(days=PAST_DAYS), days[-1])
            lines = {line: each[region] for line, each in done.lines.items() if region in each}
            before = Window(days[0], whole.start - timedelta(days=1))
            base = Scene(region, done.base.metrics["cancel_rate"], "up", whole, before, "", lines, done.panel, (), seed,
                         done.loaded.orders.columns)  # fmt: skip
            scenes = {
                name: replace(base, metric=done.base.metrics[name], direction=way) for name, way in metrics.items()
            }
            read, _ = read_slices(scenes, done.loaded.orders, norms, {})
            for start in range(PAST_DAYS, len(days) - WINDOW_DAYS, STEP_DAYS):
                yield {name: window_of(each, days[0], start) for name, each in read.items()}


def window_of(whole: Slice, first: date, start: int) -> Slice:
    """Fourteen days against the 56 before them."""
    window = Window(first + timedelta(days=start), first + timedelta(days=start + WINDOW_DAYS - 1))
    before = Window(window.start - timedelta(days=PAST_DAYS), window.start - timedelta(days=1))
    launch = Launch("any", (whole.scene.region,), window.start)
    scene = replace(whole.scene, window=window, before=before, launches=(launch,))
    rows = (whole.day >= np.datetime64(before.start)) & (whole.day <= np.datetime64(window.end))
    return whole.relabelled(rows, whole.day >= np.datetime64(window.start), scene, DRAWS)


def named_days(entry: Entry, window: Window) -> frozenset[date] | None:
    if entry.when.kind == "always":
        return None
    if entry.when.kind == "after_launch":
        return frozenset(window.start + timedelta(days=each) for each in range(window.days))
    return frozenset(window.start + timedelta(days=1 + each) for each in range(named_length(entry)))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--orders", type=int, default=120_000)
    parser.add_argument("--write", type=Path, help="a page to put the table into, between its two marks")
    given = parser.parse_args()
    norms = active_norms()
    alike: dict[tuple[object, ...], list[Entry]] = collections.defaultdict(list)
    for entry in norms:
        alike[predictions(entry)].append(entry)
    counts: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    began = time.process_time()
    for seed in range(FIRST_SEED, FIRST_SEED + given.seeds):
        for slices in slices_of(seed, given.orders, norms):
            for group in alike.values():
                first = group[0]
                slice_ = slices[first.explains[0].metric]
                slice_ = replace(slice_, scene=replace(slice_.scene, direction=first.explains[0].direction))
                scored = score(slice_.named(named_days(first, slice_.scene.window)), first)
                counts[first.id][corrected([scored])[0].verdict] += 1
        print(f"seed {seed}: {time.process_time() - began:.0f} s processor so far", file=sys.stderr, flush=True)
    text, above = table(alike, counts)
    print(text)
    if given.write:
        page = given.write.read_text(encoding="utf-8")
        head, _, rest = page.partition("<!-- norms -->\n")
        text = f"{head}<!-- norms -->\n{text}\n<!-- end of norms -->{rest.partition('<!-- end of norms -->')[2]}"
        given.write.write_text(text, encoding="utf-8")
    return 1 if above else 0


def table(
    alike: dict[tuple[object, ...], list[Entry]], counts: dict[str, collections.Counter[str]]
) -> tuple[str, list[str]]:
    """How often each is supported; those never supported are one line."""
    lines = [
        "| norms (those with the same predictions together) | metric | supported | partly | windows |",
        "|" + " --- |" * 5,
    ]
    never, above = 0, []
    for group in sorted(alike.values(), key=lambda each: -counts[each[0].id]["supported"]):
        found = counts[group[0].id]
        total = sum(found.values())
        if not found["supported"] and not found["partly"]:
            never += len(group)
            continue
        names = ", ".join(f"`{entry.id}`" for entry in group)
        explains = group[0].explains[0]
        share, partly = found["supported"] / total, found["partly"] / total
        lines.append(
            f"| {names} | {explains.metric} {explains.direction} | {100 * share:.1f} % | {100 * partly:.1f} % | "
            f"{total} |"
        )
        if share > GOAL:
            above += [entry.id for entry in group]
    total = sum(sum(found.values()) for found in counts.values())
    supported = sum(found["supported"] for found in counts.values())
    lines += ["", f"{never} of {sum(map(len, alike.values()))} active norms were never supported, not even partly.",
              f"Over all {total:,} trials {100 * supported / total:.2f} % ended in supported.",
              f"Above {GOAL:.0%}: {', '.join(above) or 'none'}."]  # fmt: skip
    return "\n".join(lines), above


if __name__ == "__main__":
    sys.exit(main())
