"""Generated orders as the panel gets them, without the load step, so that the panel alone is measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
from generate_orders import MARKETS

from contextcheck.panel.orders import Orders

if TYPE_CHECKING:
    from pathlib import Path


def open_orders(path: Path, *, threads: int, memory_limit: str) -> Orders:
    connection = ibis.duckdb.connect(threads=threads, memory_limit=memory_limit)
    table = connection.read_parquet(path)
    edges = table.aggregate(first=table.created_at.min(), last=table.created_at.max(), rows=table.count()).execute()
    first, last, rows = edges.iloc[0]
    return Orders(
        table=table,
        columns=frozenset(table.columns),
        clock="UTC",
        region_words={region: (region,) for region in MARKETS},
        zones={region: zone for region, (zone, _) in MARKETS.items()},
        currency="USD",
        rows=int(rows),
        first_created_at=first.to_pydatetime(),
        last_created_at=last.to_pydatetime(),
    )
