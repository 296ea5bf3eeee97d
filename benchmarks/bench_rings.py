"""Planted rings among thousands to hundreds of thousands of customers: how many of them are listed, and who else.

    python benchmarks/bench_rings.py [--seeds 5] [--largest 500000] [--write docs/methods.md]

The generator is numpy alone and shares nothing with the simulator or the steps: customers with their own rates of
ordering and of cancelling, households, offices on one address, a harmless crowd that trims baskets, and one ring:
careless (shares devices, addresses and payment in cells of eight), careful (each account shares one thing with one or
two others), lone (shares nothing); every account orders `orders` times in the flagged four weeks.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from page_tables import fill

FIRST = date(2026, 1, 5)
PAST, WINDOW = 56, 28
RINGS = (5, 20, 60, 200)
STYLES = ("careless", "careful", "lone")
ORDERS_PER_RING_ACCOUNT = 6
LARGE = 500_000  # one seed is enough there


def world(seed: int, customers: int, ring: int, style: str, orders: int = ORDERS_PER_RING_ACCOUNT) -> pd.DataFrame:
    """Orders of twelve weeks, one row each; customer ids from `customers` on are the ring."""
    rng = np.random.default_rng([seed, customers, ring, STYLES.index(style), orders])
    rate = rng.gamma(0.8, 1.0 / 0.8, customers) * 1.2  # orders in twelve weeks; many order never, a few very often
    count = rng.poisson(rate)
    customer = np.repeat(np.arange(customers), count)
    habit = rng.beta(1.2, 18.0, customers)  # everybody's own share of cancels, 6 % on average
    day = rng.integers(0, PAST + WINDOW, customer.size)
    total = np.round(rng.lognormal(3.6, 0.6, customer.size), 2)
    cancelled = rng.random(customer.size) < habit[customer]
    pads = (day >= PAST) & ~cancelled & (rng.random(customer.size) < 0.10)
    kept = np.where(cancelled, 0.0, np.where(pads, total * rng.uniform(0.5, 0.95, customer.size), total))
    hours = np.where(
        cancelled, rng.exponential(30, customer.size), np.where(pads, rng.exponential(5, customer.size), np.nan)
    )
    opened = rng.uniform(-900, 0, customers)
    opened = np.where(rng.random(customers) < 0.25, rng.uniform(-60, PAST + WINDOW, customers), opened)
    frame = pd.DataFrame(
        {
            "customer": customer, "day": day, "total": total, "kept": kept, "hours": hours,
            "status": np.where(cancelled, "cancelled", np.where(pads, "partially_cancelled", "delivered")),
            "opened": np.minimum(opened[customer], day), "product": (rng.random(customer.size) ** 2 * 2000).astype(int),
        }
    )  # fmt: skip
    households = rng.random(customers // 2 + 1) < 0.15
    home = np.where(households[np.arange(customers) // 2], np.arange(customers) // 2 * 2, np.arange(customers))
    office = rng.random(customers) < 0.01
    home = np.where(office, customers + 10_000_000 + np.arange(customers) % max(customers // 4_000, 1), home)
    keys = pd.DataFrame({"device": np.arange(customers), "address": home, "payment": np.arange(customers)})
    frame = pd.concat([frame, keys.iloc[customer].reset_index(drop=True)], axis=1)
    return pd.concat([frame, _ring(rng, customers, ring, style, orders)], ignore_index=True)


def _ring(rng: np.random.Generator, customers: int, ring: int, style: str, orders: int) -> pd.DataFrame:
    """The ring's orders in the window: six of seven cancelled whole, three products, opened in the weeks before."""
    member = np.repeat(np.arange(ring), orders)
    size = member.size
    own = 50_000_000 + member
    cell = 60_000_000 + member // 8
    pair = 70_000_000 + member // 2
    if style == "careless":
        device, address, payment = cell, cell, cell
    elif style == "careful":
        device, address, payment = (np.where(member // 2 % 3 == place, pair, own) for place in range(3))
    else:
        device, address, payment = own, own, own
    cancelled = rng.random(size) < 0.85
    total = np.round(rng.lognormal(4.0, 0.3, size), 2)
    day = rng.integers(PAST, PAST + WINDOW, size)
    age = {"careless": 6.0, "careful": 45.0, "lone": 45.0}[style]
    return pd.DataFrame(
        {
            "customer": customers + member, "day": day, "total": total, "kept": np.where(cancelled, 0.0, total),
            "hours": np.where(cancelled, rng.exponential(3, size), np.nan),
            "status": np.where(cancelled, "cancelled", "delivered"), "opened": PAST - age * (0.3 + member % 7 / 5),
            "product": rng.choice([3001, 3002, 3003], size), "device": device, "address": address, "payment": payment,
        }
    )  # fmt: skip


def orders_of(frame: pd.DataFrame) -> pd.DataFrame:
    """Under the canonical names, as an orders file has them."""
    base = pd.Timestamp(FIRST)
    rng = np.random.default_rng(0)
    created = base + pd.to_timedelta(frame["day"] * 86_400 + rng.integers(0, 86_400, len(frame)), unit="s")
    cancelled_at = created + pd.to_timedelta(np.round(frame["hours"] * 3600), unit="s")

    def text(prefix: str, name: str) -> pd.Series:
        return prefix + frame[name].astype(str)

    return pd.DataFrame(
        {
            "order_id": "o" + pd.Series(np.arange(len(frame))).astype(str), "region": "KR", "created_at": created,
            "status": frame["status"], "customer_id": text("c", "customer"), "order_total": frame["total"],
            "retained_total": frame["kept"], "cancelled_at": cancelled_at, "product_id": text("p", "product"),
            "account_created_at": base + pd.to_timedelta(np.round(frame["opened"] * 86_400), unit="s"),
            "device_id": text("d", "device"), "address_id": text("a", "address"), "payment_id": text("y", "payment"),
        }
    )  # fmt: skip


def listed(frame: pd.DataFrame, seed: int) -> tuple[set[str], float]:
    """What the account review lists, and the processor seconds it took, read as `explain` reads a flag."""
    import ibis

    from contextcheck.explain.accounts import review_accounts
    from contextcheck.explain.reading import read_slices
    from contextcheck.explain.slices import Scene
    from contextcheck.knowledge.metrics import Metric
    from contextcheck.panel.orders import Orders
    from contextcheck.panel.table import PANEL_COLUMNS, Panel
    from contextcheck.records import Window

    table = orders_of(frame)
    connection = ibis.duckdb.connect()
    with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
        table.to_parquet(file.name, index=False)
        connection.create_table("orders", connection.read_parquet(file.name))
    made = connection.table("orders")
    created = table["created_at"]
    orders = Orders(
        made, frozenset(table.columns), "UTC", {"KR": ("KR",)}, {"KR": "UTC"}, "USD", len(table),
        created.min().to_pydatetime(), created.max().to_pydatetime(),
    )  # fmt: skip
    metric = Metric(
        "cancel_rate", "Orders cancelled", "rate", "share", numerator="status in ('cancelled', 'partially_cancelled')"
    )
    days = created.dt.normalize().value_counts()
    rows = pd.DataFrame({"day": days.index, "events": days.to_numpy(dtype=float)})
    rows = rows.assign(region="KR", metric="orders", exposure=1.0, value_sum=np.nan, value_sumsq=np.nan)
    rows = rows.assign(is_complete=True, is_mature=True)
    start = FIRST + timedelta(days=PAST)
    panel = Panel(rows[list(PANEL_COLUMNS)], {}, (), start + timedelta(days=WINDOW - 1), {})
    window, before = Window(start, panel.as_of), Window(FIRST, start - timedelta(days=1))
    scene = Scene("KR", metric, "up", window, before, "", {}, panel, seed=seed, columns=orders.columns)
    slices, _ = read_slices({"cancel_rate": scene}, orders, (), {})
    begun = time.process_time()
    review = review_accounts(slices["cancel_rate"])
    return {each.account for each in review.review}, time.process_time() - begun


def table(sizes: list[int], seeds: int) -> str:
    lines = [
        "| customers | ring | careless: precision, recall | careful | lone | processor s |",
        "|---|---|---|---|---|---|",
    ]
    for customers in sizes:
        for ring in RINGS:
            cells, seconds = [], []
            for style in STYLES:
                caught = named = 0
                for seed in range(seeds if customers < LARGE else 1):
                    found, took = listed(world(2_000 + seed, customers, ring, style), seed)
                    true = {f"c{customers + member}" for member in range(ring)}
                    caught, named = caught + len(found & true), named + len(found)
                    seconds.append(took)
                precision = f"{caught / named:.2f}" if named else "–"
                cells.append(f"{precision}, {caught / (ring * (seeds if customers < LARGE else 1)):.2f}")
            lines.append(f"| {customers:,} | {ring} | {' | '.join(cells)} | {np.median(seconds):.1f} |")
            print(lines[-1], flush=True)
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--largest", type=int, default=500_000)
    parser.add_argument("--write", type=Path, help="Markdown page whose marked part is replaced")
    given = parser.parse_args()
    sizes = [size for size in (5_000, 50_000, 500_000) if size <= given.largest]
    text = f"{given.seeds} seeds each (one from {LARGE:,} customers on), "
    text += f"{ORDERS_PER_RING_ACCOUNT} orders per ring account in four weeks.\n\n"
    text += table(sizes, given.seeds)
    if given.write:
        fill(given.write, "rings", text)


if __name__ == "__main__":
    main()
